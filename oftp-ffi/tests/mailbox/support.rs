//! Two mailboxes, what they tell, and a loop that runs both.

use std::ffi::{CStr, CString, c_char, c_void};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};

use oftp::*;

/// A file of the keys that the process tests use.
pub(crate) fn key(name: &str) -> CString {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../oftp-station/tests/data/keys/"
    );
    CString::new(format!("{folder}{name}")).unwrap()
}

/// A structure of the library with its size, and zeros behind it.
pub(crate) fn sized<T>() -> T {
    // SAFETY: all structures of the header may be all zero, and begin with their size.
    unsafe {
        let mut value = std::mem::zeroed::<T>();
        (&raw mut value).cast::<usize>().write(size_of::<T>());
        value
    }
}

pub(crate) fn text(pointer: *const c_char) -> String {
    // SAFETY: strings of the library are never NULL.
    unsafe { CStr::from_ptr(pointer) }
        .to_string_lossy()
        .into_owned()
}

pub(crate) fn field<const N: usize>(array: &[c_char; N]) -> String {
    text(array.as_ptr())
}

pub(crate) fn fill<const N: usize>(array: &mut [c_char; N], text: &str) {
    for (to, from) in array.iter_mut().zip(text.bytes()) {
        *to = from as c_char;
    }
}

pub(crate) fn last_error() -> String {
    text(oftp_last_error())
}

/// What a mailbox has told, and how its host answers.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) lines: Vec<String>,
    /// Octets and record ends that came by `data`.
    pub(crate) octets: Vec<u8>,
    pub(crate) ends: Vec<usize>,
    /// Called in place of the events' answer: by the name of the event.
    #[expect(clippy::type_complexity, reason = "the only place of it")]
    pub(crate) answer: Option<Box<dyn FnMut(*mut oftp_mailbox, &str) -> i32>>,
}

/// # Safety
/// `user_data` is a log.
unsafe fn log(
    mailbox: *mut oftp_mailbox,
    user_data: *mut c_void,
    event: &str,
    line: String,
) -> i32 {
    let user_data = user_data.cast::<Log>();
    // SAFETY: by the caller; the reference ends before the answer is asked for.
    let answer = unsafe {
        (*user_data)
            .lines
            .push(format!("{event} {line}").trim_end().to_owned());
        (*user_data).answer.take()
    };
    let Some(mut answer) = answer else {
        return match event {
            "offered" | "complete" => oftp_code::OFTP_PASSTHROUGH as i32,
            _ => 0,
        };
    };
    let result = answer(mailbox, event);
    // SAFETY: as above.
    unsafe { (*user_data).answer = Some(answer) };
    result
}

macro_rules! callback {
    ($name:ident, $event:literal, ($($arg:ident: $type:ty),*), $line:expr) => {
        unsafe extern "C" fn $name(mailbox: *mut oftp_mailbox, $($arg: $type,)* user_data: *mut c_void) -> i32 {
            // SAFETY: user_data is the log, what the library gives is valid.
            #[allow(unused_unsafe, reason = "not every line looks at a structure")]
            unsafe { log(mailbox, user_data, $event, $line) }
        }
    };
}

callback!(up, "up", (partner: *const c_char, _agreed: *const oftp_agreed), text(partner));
callback!(offered, "offered", (file: *const oftp_virtual_file), field(&(*file).dsn));
callback!(complete, "complete", (file: *const oftp_virtual_file), field(&(*file).dsn));
callback!(received, "received", (file: *const oftp_virtual_file, _path: *const c_char), field(&(*file).dsn));
callback!(turned_away, "turned_away", (file: *const oftp_virtual_file, answer: *const c_char, reason: i32, _text: *const c_char),
    format!("{} {} {reason}", field(&(*file).dsn), text(answer)));
callback!(sent, "sent", (id: u64), id.to_string());
callback!(refused, "refused", (id: u64, answer: *const c_char, reason: i32, retry: i32, _text: *const c_char),
    format!("{id} {} {reason} {retry}", text(answer)));
callback!(response, "response", (id: u64, response: *const oftp_end_response, negative: i32, proof: i32, _text: *const c_char),
    format!("{id} {} {negative} {} {proof}", field(&(*response).dsn), (*response).reason));
callback!(response_sent, "response_sent", (response: *const oftp_end_response, negative: i32), format!("{} {negative}", field(&(*response).dsn)));
callback!(ended, "ended", (result: *const oftp_result), (*result).ending.to_string());
callback!(warning, "warning", (line: *const c_char), text(line));

unsafe extern "C" fn data(
    mailbox: *mut oftp_mailbox,
    data: *const oftp_data,
    user_data: *mut c_void,
) -> i32 {
    // SAFETY: user_data is the log, what the library gives is valid.
    unsafe {
        let (data, to) = (&*data, &mut *user_data.cast::<Log>());
        let before = to.octets.len();
        let octets = std::slice::from_raw_parts(data.octets, data.len);
        to.octets.extend_from_slice(octets);
        let ends = std::slice::from_raw_parts(data.record_ends, data.record_count);
        to.ends.extend(ends.iter().map(|end| before + end));
        log(mailbox, user_data, "data", String::new())
    }
}

/// All events go to the log.
pub(crate) fn events() -> oftp_mailbox_events {
    oftp_mailbox_events {
        up: Some(up),
        file_offered: Some(offered),
        data: Some(data),
        file_complete: Some(complete),
        file_received: Some(received),
        file_turned_away: Some(turned_away),
        file_sent: Some(sent),
        file_refused: Some(refused),
        response_received: Some(response),
        response_sent: Some(response_sent),
        ended: Some(ended),
        warning: Some(warning),
        ..sized()
    }
}

/// A mailbox, its log and its folder.
pub(crate) struct Station {
    pub(crate) handle: *mut oftp_mailbox,
    pub(crate) log: Box<Log>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) code: &'static str,
}

impl Drop for Station {
    fn drop(&mut self) {
        // SAFETY: a handle.
        unsafe { oftp_mailbox_free(self.handle) };
    }
}

impl Station {
    /// A station by this code that receives into its folder.
    pub(crate) fn new(code: &'static str, change: impl FnOnce(&mut oftp_mailbox_config)) -> Self {
        let name = CString::new(code).unwrap();
        let mut config = oftp_mailbox_config {
            code: name.as_ptr(),
            password: c"SECRET".as_ptr(),
            ..sized()
        };
        change(&mut config);
        let mut log = Box::new(Log::default());
        let mut handle = null_mut();
        // SAFETY: all are valid.
        let made = unsafe {
            let log = (&raw mut *log).cast();
            oftp_mailbox_new(&raw mut handle, &raw const config, &events(), log)
        };
        assert_eq!(made, 0, "{}", last_error());
        let folder = tempfile::tempdir().unwrap();
        let station = Self {
            handle,
            log,
            folder,
            code,
        };
        station.receive_into();
        station
    }

    pub(crate) fn receive_into(&self) {
        let path = CString::new(self.folder.path().to_str().unwrap()).unwrap();
        // SAFETY: a string.
        let done = unsafe { oftp_mailbox_receive_into(self.handle, path.as_ptr()) };
        assert_eq!(done, 0, "{}", last_error());
    }

    /// Knows the partner by this code.
    pub(crate) fn knows(&self, code: &str, change: impl FnOnce(&mut oftp_partner)) {
        let code = CString::new(code).unwrap();
        let mut partner = oftp_partner {
            code: code.as_ptr(),
            password: c"SECRET".as_ptr(),
            ..sized()
        };
        change(&mut partner);
        // SAFETY: a valid structure.
        let done = unsafe { oftp_mailbox_add_partner(self.handle, &raw const partner) };
        assert_eq!(done, 0, "{}", last_error());
    }

    /// A file for a partner, as its SFID.
    pub(crate) fn file(
        &self,
        dsn: &str,
        to: &str,
        format: oftp_format,
        record: u32,
    ) -> oftp_virtual_file {
        let mut file = oftp_virtual_file {
            format: format as i32,
            record_length: record,
            ..sized()
        };
        fill(&mut file.dsn, dsn);
        fill(&mut file.date, "20260131");
        fill(&mut file.time, "1204550001");
        fill(&mut file.originator, self.code);
        fill(&mut file.destination, to);
        file
    }

    pub(crate) fn try_send(&self, file: &oftp_virtual_file, octets: &[u8]) -> Result<u64, i32> {
        let mut id = 0;
        // SAFETY: all are valid.
        let status = unsafe {
            let (from, len) = (octets.as_ptr(), octets.len());
            oftp_mailbox_send_memory(self.handle, null(), file, from, len, &raw mut id)
        };
        if status == 0 { Ok(id) } else { Err(status) }
    }

    pub(crate) fn send(&self, file: &oftp_virtual_file, octets: &[u8]) -> u64 {
        let sent = self.try_send(file, octets);
        sent.unwrap_or_else(|status| panic!("{status}: {}", last_error()))
    }

    pub(crate) fn answers(&self) {
        // SAFETY: a handle.
        let done = unsafe { oftp_mailbox_answer(self.handle) };
        assert_eq!(done, 0, "{}", last_error());
    }

    pub(crate) fn calls(&self, code: &str) {
        let code = CString::new(code).unwrap();
        // SAFETY: a string.
        let done = unsafe { oftp_mailbox_call(self.handle, code.as_ptr()) };
        assert_eq!(done, 0, "{}", last_error());
    }

    pub(crate) fn attach(&self, fd: RawFd, tls: Option<&oftp_tls>) {
        let tls = tls.map_or(null(), std::ptr::from_ref);
        // SAFETY: valid structures.
        let done = unsafe { oftp_mailbox_attach_fd(self.handle, fd, tls) };
        assert_eq!(done, 0, "{}", last_error());
    }

    pub(crate) fn result(&self) -> oftp_result {
        let mut result = sized();
        // SAFETY: a valid structure.
        let done = unsafe { oftp_mailbox_result(self.handle, &raw mut result) };
        assert_eq!(done, 0, "{}", last_error());
        result
    }

    /// Files in the folder, by name.
    pub(crate) fn stored(&self) -> Vec<PathBuf> {
        let all = std::fs::read_dir(self.folder.path()).unwrap();
        let mut files: Vec<_> = all
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        files
    }

    /// The only file in the folder.
    pub(crate) fn only_stored(&self) -> Vec<u8> {
        let files = self.stored();
        assert_eq!(files.len(), 1, "{files:?}, {:?}", self.log.lines);
        std::fs::read(&files[0]).unwrap()
    }

    pub(crate) fn told(&self, line: &str) -> bool {
        self.log.lines.iter().any(|told| told == line)
    }

    #[track_caller]
    pub(crate) fn assert_told(&self, line: &str) {
        assert!(self.told(line), "{line}: {:?}", self.log.lines);
    }

    /// One round of the event loop: whether the session has ended.
    pub(crate) fn ready(&self) -> bool {
        // SAFETY: a handle.
        match unsafe { oftp_mailbox_ready(self.handle) } {
            0 => false,
            1 => true,
            status => panic!("{status}: {}", last_error()),
        }
    }

    fn poll_set(&self, fd: RawFd) -> (libc::pollfd, i32) {
        let (mut events, mut timeout) = (0, 0);
        // SAFETY: valid places.
        let done = unsafe { oftp_mailbox_poll_set(self.handle, &raw mut events, &raw mut timeout) };
        assert_eq!(done, 0, "{}", last_error());
        let set = libc::pollfd {
            fd: if events == 0 { -1 } else { fd },
            events,
            revents: 0,
        };
        (set, timeout)
    }
}

pub(crate) fn sockets() -> (UnixStream, UnixStream) {
    UnixStream::pair().unwrap()
}

/// Runs what is attached until both have ended.
pub(crate) fn run(one: (&Station, &UnixStream), two: (&Station, &UnixStream)) {
    let mut open = vec![one, two];
    while !open.is_empty() {
        let mut timeout = -1;
        let mut sets = Vec::new();
        for (station, stream) in &open {
            let (set, limit) = station.poll_set(stream.as_raw_fd());
            sets.push(set);
            timeout = match (timeout, limit) {
                (-1, limit) => limit,
                (timeout, -1) => timeout,
                (timeout, limit) => timeout.min(limit),
            };
        }
        // SAFETY: the sets live.
        unsafe { libc::poll(sets.as_mut_ptr(), sets.len() as libc::nfds_t, timeout) };
        open.retain(|(station, stream)| {
            let over = station.ready();
            if over {
                // The host closes when the session has ended.
                let _ = stream.shutdown(std::net::Shutdown::Both);
            }
            !over
        });
    }
}

/// One session: `caller` calls `called`.
pub(crate) fn session(caller: &Station, called: &Station) {
    let (one, two) = sockets();
    caller.calls(called.code);
    called.answers();
    caller.attach(one.as_raw_fd(), None);
    called.attach(two.as_raw_fd(), None);
    run((caller, &one), (called, &two));
}

/// Two stations that know each other.
pub(crate) fn pair() -> (Station, Station) {
    let (alpha, beta) = (
        Station::new("OALPHA", |_| {}),
        Station::new("OBETA", |_| {}),
    );
    alpha.knows("OBETA", |_| {});
    beta.knows("OALPHA", |_| {});
    (alpha, beta)
}

/// Octets that compress badly, the same each time.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// Records as V files lie.
pub(crate) fn records(records: &[&[u8]]) -> Vec<u8> {
    let with_length = records.iter().flat_map(|record| {
        let length = (record.len() as u16).to_be_bytes();
        [length.as_slice(), record].concat()
    });
    with_length.collect()
}

pub(crate) fn write(folder: &Path, name: &str, octets: &[u8]) -> CString {
    let path = folder.join(name);
    std::fs::write(&path, octets).unwrap();
    CString::new(path.to_str().unwrap()).unwrap()
}

/// A blocking run on a thread of its own, over this end of a socket.
pub(crate) fn blocking(station: &Station, stream: UnixStream) -> std::thread::JoinHandle<i32> {
    let handle = station.handle as usize;
    std::thread::spawn(move || {
        // SAFETY: a handle; no result is wanted.
        unsafe {
            let handle = std::ptr::with_exposed_provenance_mut(handle);
            oftp_run_fd(handle, stream.as_raw_fd(), null(), null_mut())
        }
    })
}

/// Runs what is attached until it has ended, and closes.
pub(crate) fn run_alone(station: &Station, stream: UnixStream) {
    while !station.ready() {
        let (mut set, timeout) = station.poll_set(stream.as_raw_fd());
        // SAFETY: the set lives.
        unsafe { libc::poll(&raw mut set, 1, timeout) };
    }
    drop(stream);
}
