//! A session of the C library, driven through its C functions from Rust: sends one file or takes
//! one, and answers it with an EERP.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use oftp::*;

/// What a side has seen and is to do. Its address is the `user_data` of its session.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) caller: bool,
    pub(crate) level: i32,
    pub(crate) format: i32,
    pub(crate) authenticate: bool,
    /// To be sent, if this side calls; records by their lengths.
    pub(crate) content: Vec<u8>,
    pub(crate) record_length: usize,
    pub(crate) given: usize,
    pub(crate) received: Vec<u8>,
    pub(crate) record_ends: Vec<usize>,
    pub(crate) file: Option<oftp_virtual_file>,
    pub(crate) eerp_sent: bool,
    pub(crate) eerp_received: bool,
    pub(crate) released: bool,
    pub(crate) abort: Option<String>,
    pub(crate) finalized: Option<*mut u32>,
    pub(crate) keys: Option<Keys>,
    /// What the signed EERP proves: a status.
    pub(crate) proof: Option<i32>,
    pub(crate) owes: bool,
}

/// Keys of a side, for sessions with everything that OFTP 2 adds.
#[derive(Clone, Copy)]
pub(crate) struct Keys {
    /// Our private key with its certificate.
    pub(crate) own: *mut oftp_keystore,
    /// The partner's certificate.
    pub(crate) partner: *mut oftp_trust,
}

impl Keys {
    /// Our keys from these files, and a trust that pins the partner's certificate.
    pub(crate) fn load(own: &str, partner: &str) -> Self {
        let path = |name: &str| {
            let path = super::root()
                .join("oftp-station/tests/data/keys")
                .join(name);
            std::ffi::CString::new(path.to_str().expect("text")).expect("no 0")
        };
        let (mut keystore, mut other, mut trust) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: all of it is valid.
        unsafe {
            oftp_keystore_new(&raw mut keystore);
            for file in [format!("{own}.key"), format!("{own}.pem")] {
                let added = oftp_keystore_add_file(keystore, path(&file).as_ptr(), ptr::null());
                assert!(added >= 0, "{}", last_error());
            }
            oftp_keystore_new(&raw mut other);
            let pem = path(&format!("{partner}.pem"));
            assert!(oftp_keystore_add_file(other, pem.as_ptr(), ptr::null()) >= 0);
            oftp_trust_new(&raw mut trust, ptr::null());
            assert!(oftp_trust_pin(trust, other) >= 0, "{}", last_error());
            oftp_keystore_free(other);
        }
        Self {
            own: keystore,
            partner: trust,
        }
    }

    /// A content signed by us and encrypted for the partner, suite 04.
    pub(crate) fn seal(&self, content: &[u8]) -> Vec<u8> {
        let mut plan: oftp_cms_seal_plan = zeroed();
        plan.struct_size = size_of::<oftp_cms_seal_plan>();
        plan.signer = self.own;
        plan.partner = self.partner;
        let mut out = ptr::null_mut();
        // SAFETY: all of it is valid.
        let sealed = unsafe {
            oftp_cms_seal_memory(
                &raw const plan,
                content.as_ptr(),
                content.len(),
                None,
                ptr::null_mut(),
                &raw mut out,
            )
        };
        assert!(sealed >= 0, "{}", last_error());
        taken(out)
    }

    /// What was signed by the partner and encrypted for us.
    pub(crate) fn open(&self, sealed: &[u8]) -> Vec<u8> {
        let mut plan: oftp_cms_open_plan = zeroed();
        plan.struct_size = size_of::<oftp_cms_open_plan>();
        plan.security = 3;
        plan.keystore = self.own;
        plan.trust = self.partner;
        let mut out = ptr::null_mut();
        // SAFETY: all of it is valid.
        let opened = unsafe {
            oftp_cms_open_memory(
                &raw const plan,
                sealed.as_ptr(),
                sealed.len(),
                None,
                ptr::null_mut(),
                &raw mut out,
                ptr::null_mut(),
            )
        };
        assert!(opened >= 0, "{}", last_error());
        taken(out)
    }
}

/// The octets of a result, which is freed.
pub(crate) fn taken(octets: *mut oftp_octets) -> Vec<u8> {
    let (mut data, mut len) = (ptr::null(), 0);
    // SAFETY: the handle is alive until it is freed, and the octets are copied before.
    unsafe {
        assert!(oftp_octets_get(octets, &raw mut data, &raw mut len) >= 0);
        let copy = std::slice::from_raw_parts(data, len).to_vec();
        oftp_octets_free(octets);
        copy
    }
}

/// The hash of a transmitted file, suite 04.
pub(crate) fn hash(octets: &[u8]) -> [u8; 32] {
    let (mut hash, mut len) = ([0; 32], 0);
    // SAFETY: all of it is valid.
    let hashed = unsafe {
        oftp_hash_memory(
            4,
            octets.as_ptr(),
            octets.len(),
            hash.as_mut_ptr(),
            32,
            &raw mut len,
        )
    };
    assert!(hashed >= 0 && len == 32, "{}", last_error());
    hash
}

/// A session and what it has seen.
pub(crate) struct CSide {
    pub(crate) session: *mut oftp_session,
    pub(crate) seen: Box<Seen>,
    pub(crate) wants: i32,
}

// SAFETY: the session is a token, and everything that it points to is in `seen`.
unsafe impl Send for CSide {}

pub(crate) fn array<const N: usize>(text: &str) -> [c_char; N] {
    let mut array = [0; N];
    for (to, from) in array[..N - 1].iter_mut().zip(text.bytes()) {
        *to = from.cast_signed();
    }
    array
}

fn zeroed<T>() -> T {
    // SAFETY: only for structures of the header, of which all bits zero is a value.
    unsafe { std::mem::zeroed() }
}

pub(crate) fn connect(caller: bool, authenticate: bool) -> oftp_connect {
    oftp_connect {
        struct_size: size_of::<oftp_connect>(),
        code: array(if caller { "O0177CALLER" } else { "O0177CALLED" }),
        password: array(if caller { "HELLO" } else { "WELCOME" }),
        authentication: 1 + i32::from(!authenticate),
        partner_code: array(if caller { "O0177CALLED" } else { "" }),
        ..zeroed()
    }
}

fn seen<'a>(user_data: *mut c_void) -> &'a mut Seen {
    // SAFETY: it is the address given to oftp_session_new, and callbacks do not nest.
    unsafe { &mut *user_data.cast::<Seen>() }
}

unsafe extern "C" fn finalizer(user_data: *mut c_void) {
    if let Some(count) = seen(user_data).finalized {
        // SAFETY: the test keeps its counter.
        unsafe { *count += 1 };
    }
}

unsafe extern "C" fn connect_ind(
    session: *mut oftp_session,
    _: *const oftp_ssid,
    user_data: *mut c_void,
) -> i32 {
    let own = connect(false, seen(user_data).authenticate);
    // SAFETY: valid.
    unsafe { oftp_connect_rs(session, &raw const own, ptr::null()) }
}

unsafe extern "C" fn connect_cf(
    session: *mut oftp_session,
    _: *const oftp_ssid,
    agreed: *const oftp_agreed,
    user_data: *mut c_void,
) -> i32 {
    let seen = seen(user_data);
    // SAFETY: borrowed until this returns.
    seen.level = unsafe { (*agreed).level };
    let long = seen.level >= 4;
    let records = seen.format == i32::from(b'F') || seen.format == i32::from(b'V');
    let file = oftp_virtual_file {
        struct_size: size_of::<oftp_virtual_file>(),
        dsn: array("CALL-OFF"),
        date: array(if long { "20261126" } else { "261126" }),
        time: array(if long { "1200000001" } else { "120000" }),
        destination: array("O0177CALLED"),
        originator: array("O0177CALLER"),
        format: seen.format,
        record_length: if records { 80 } else { 0 },
        size: seen.content.len() as u64 / 1024 + 1,
        security: if seen.keys.is_some() { 3 } else { 0 },
        cipher_suite: if seen.keys.is_some() { 4 } else { 0 },
        envelope: seen.keys.is_some().into(),
        signed_response: seen.keys.is_some().into(),
        ..zeroed()
    };
    // SAFETY: valid.
    unsafe { oftp_start_file_rq(session, &raw const file) }
}

unsafe extern "C" fn start_file_cf(
    _: *mut oftp_session,
    answer: *const oftp_start_file_answer,
    _: *mut c_void,
) -> i32 {
    // SAFETY: borrowed until this returns.
    unsafe { (*answer).positive - 1 }
}

unsafe extern "C" fn data_space(
    _: *mut oftp_session,
    space: *mut oftp_space,
    user_data: *mut c_void,
) -> i32 {
    let seen = seen(user_data);
    // SAFETY: borrowed until this returns.
    let space = unsafe { &mut *space };
    let rest = &seen.content[seen.given..];
    let now = &rest[..rest.len().min(space.room)];
    // SAFETY: there is so much room.
    unsafe { ptr::copy_nonoverlapping(now.as_ptr(), space.octets, now.len()) };
    if seen.format == i32::from(b'V') {
        let length = seen.record_length;
        let first = length - seen.given % length;
        for end in (first..=now.len()).step_by(length).take(space.record_room) {
            // SAFETY: there is room for `record_room`.
            unsafe { *space.record_ends.add(space.record_count) = end };
            space.record_count += 1;
        }
    }
    space.len = now.len();
    seen.given += now.len();
    space.end_of_file = i32::from(seen.given == seen.content.len());
    0
}

unsafe extern "C" fn close_file_cf(
    session: *mut oftp_session,
    answer: *const oftp_close_file_answer,
    _: *mut c_void,
) -> i32 {
    // SAFETY: borrowed until this returns; the session is alive.
    unsafe {
        if (*answer).positive == 0 {
            return -1;
        }
        oftp_cd_rq(session)
    }
}

unsafe extern "C" fn start_file_ind(
    session: *mut oftp_session,
    file: *const oftp_virtual_file,
    user_data: *mut c_void,
) -> i32 {
    // SAFETY: borrowed until this returns.
    seen(user_data).file = Some(unsafe { *file });
    // SAFETY: the session is alive.
    unsafe { oftp_start_file_rs(session, 0, 0) }
}

unsafe extern "C" fn data_ind(
    _: *mut oftp_session,
    data: *const oftp_data,
    user_data: *mut c_void,
) -> i32 {
    let seen = seen(user_data);
    // SAFETY: borrowed until this returns.
    let (data, octets, ends) = unsafe {
        let data = &*data;
        let ends = std::slice::from_raw_parts(data.record_ends, data.record_count);
        (
            data,
            std::slice::from_raw_parts(data.octets, data.len),
            ends,
        )
    };
    let base = seen.received.len();
    seen.received.extend_from_slice(octets);
    seen.record_ends.extend(ends.iter().map(|end| base + end));
    i32::from(data.struct_size != size_of::<oftp_data>())
}

unsafe extern "C" fn close_file_ind(
    session: *mut oftp_session,
    end: *const oftp_file_end,
    user_data: *mut c_void,
) -> i32 {
    // SAFETY: borrowed until this returns; the session is alive.
    unsafe {
        if (*end).reason != 0 {
            return -1;
        }
        seen(user_data).owes = true;
        oftp_close_file_rs(session, 0)
    }
}

unsafe extern "C" fn cd_ind(session: *mut oftp_session, user_data: *mut c_void) -> i32 {
    let seen = seen(user_data);
    // SAFETY: the structures are valid, the session is alive.
    unsafe {
        match (&seen.file, seen.owes) {
            (Some(file), true) => {
                let mut response: oftp_end_response = zeroed();
                response.struct_size = size_of::<oftp_end_response>();
                oftp_end_response_for(file, &raw mut response);
                seen.owes = false;
                let Some(keys) = seen.keys else {
                    return oftp_eerp_rq(session, &raw const response);
                };
                let hash = hash(&seen.received);
                (response.hash, response.hash_len) = (hash.as_ptr(), hash.len());
                let mut out = ptr::null_mut();
                let nobody = ptr::null();
                oftp_response_sign_eerp(&raw const response, 4, keys.own, nobody, 0, &raw mut out);
                let signature = taken(out);
                response.signature = signature.as_ptr();
                response.signature_len = signature.len();
                oftp_eerp_rq(session, &raw const response)
            }
            _ => {
                seen.released = true;
                oftp_release_rq(session, 0, ptr::null())
            }
        }
    }
}

unsafe extern "C" fn eerp_ind(
    session: *mut oftp_session,
    response: *const oftp_end_response,
    user_data: *mut c_void,
) -> i32 {
    let seen = seen(user_data);
    seen.eerp_received = true;
    if let Some(keys) = seen.keys {
        let hash = hash(&seen.content);
        let (trust, signer) = (keys.partner, ptr::null_mut());
        // SAFETY: all of it is valid.
        let proof =
            unsafe { oftp_response_verify_eerp(response, trust, hash.as_ptr(), 32, 0, 0, signer) };
        seen.proof = Some(proof);
    }
    // SAFETY: the session is alive.
    unsafe { oftp_rtr_rs(session) }
}

unsafe extern "C" fn rtr_cf(session: *mut oftp_session, user_data: *mut c_void) -> i32 {
    seen(user_data).eerp_sent = true;
    // SAFETY: the session is alive.
    unsafe { oftp_cd_rq(session) }
}

unsafe extern "C" fn release_ind(
    _: *mut oftp_session,
    _: *const c_char,
    user_data: *mut c_void,
) -> i32 {
    seen(user_data).released = true;
    0
}

unsafe extern "C" fn abort_ind(
    _: *mut oftp_session,
    abort: *const oftp_abort,
    user_data: *mut c_void,
) -> i32 {
    // SAFETY: borrowed until this returns.
    let text = unsafe { CStr::from_ptr((*abort).text) };
    seen(user_data).abort = Some(text.to_string_lossy().into_owned());
    0
}

unsafe extern "C" fn seal_challenge_ind(
    session: *mut oftp_session,
    _: *const c_char,
    user_data: *mut c_void,
) -> i32 {
    if let Some(keys) = seen(user_data).keys {
        let (mut plain, mut out) = ([0; 20], ptr::null_mut());
        // SAFETY: all of it is valid.
        return unsafe {
            let sealed = oftp_challenge_seal(keys.partner, 0, 0, plain.as_mut_ptr(), &raw mut out);
            assert!(sealed >= 0, "{}", last_error());
            let sealed = taken(out);
            oftp_seal_challenge_rs(session, plain.as_ptr(), sealed.as_ptr(), sealed.len())
        };
    }
    let (plain, sealed) = ([7; 20], [!7; 20]);
    // SAFETY: valid.
    unsafe { oftp_seal_challenge_rs(session, plain.as_ptr(), sealed.as_ptr(), 20) }
}

unsafe extern "C" fn open_challenge_ind(
    session: *mut oftp_session,
    sealed: *const u8,
    len: usize,
    user_data: *mut c_void,
) -> i32 {
    if let Some(keys) = seen(user_data).keys {
        let mut plain = [0; 20];
        // SAFETY: all of it is valid.
        return unsafe {
            let opened = oftp_challenge_open(keys.own, sealed, len, plain.as_mut_ptr());
            assert!(opened >= 0, "{}", last_error());
            oftp_open_challenge_rs(session, plain.as_ptr())
        };
    }
    // SAFETY: borrowed until this returns.
    let sealed = unsafe { std::slice::from_raw_parts(sealed, len) };
    let plain: Vec<u8> = sealed.iter().map(|octet| !octet).collect();
    // SAFETY: valid for 20 octets.
    unsafe { oftp_open_challenge_rs(session, plain.as_ptr()) }
}

pub(crate) fn monitor() -> oftp_user_monitor {
    oftp_user_monitor {
        struct_size: size_of::<oftp_user_monitor>(),
        finalizer: Some(finalizer),
        connect_ind: Some(connect_ind),
        connect_cf: Some(connect_cf),
        start_file_ind: Some(start_file_ind),
        start_file_cf: Some(start_file_cf),
        data_ind: Some(data_ind),
        data_space: Some(data_space),
        close_file_ind: Some(close_file_ind),
        close_file_cf: Some(close_file_cf),
        cd_ind: Some(cd_ind),
        eerp_ind: Some(eerp_ind),
        rtr_cf: Some(rtr_cf),
        release_ind: Some(release_ind),
        abort_ind: Some(abort_ind),
        seal_challenge_ind: Some(seal_challenge_ind),
        open_challenge_ind: Some(open_challenge_ind),
        ..zeroed()
    }
}

impl CSide {
    pub(crate) fn new(seen: Seen, config: &oftp_config) -> Self {
        let mut seen = Box::new(seen);
        let mut session = ptr::null_mut();
        let monitor = monitor();
        let user_data = ptr::from_mut(&mut *seen).cast();
        // SAFETY: all of it is valid, and `seen` lives in its box.
        let made = unsafe {
            oftp_session_new(
                &raw mut session,
                config,
                &raw const monitor,
                ptr::null(),
                user_data,
            )
        };
        assert_eq!(made, 0, "{}", last_error());
        // SAFETY: the session is alive.
        unsafe { oftp_tick(session, 1) };
        Self {
            session,
            seen,
            wants: 0,
        }
    }

    pub(crate) fn call(&self) {
        let own = connect(true, self.seen.authenticate);
        // SAFETY: valid.
        let called = unsafe { oftp_connect_rq(self.session, &raw const own) };
        assert_eq!(called, 0, "{}", last_error());
    }

    /// Dispatches; octets to send.
    pub(crate) fn turn(&mut self) -> Vec<u8> {
        let mut sent = Vec::new();
        loop {
            // SAFETY: the session is alive; the octets are borrowed until the next call.
            unsafe {
                self.wants = oftp_dispatch(self.session);
                assert!(self.wants >= 0, "{}", last_error());
                let (mut octets, mut len) = (ptr::null(), 0);
                oftp_pending(self.session, &raw mut octets, &raw mut len);
                if len == 0 {
                    return sent;
                }
                sent.extend_from_slice(std::slice::from_raw_parts(octets, len));
                oftp_sent(self.session, len);
            }
        }
    }

    pub(crate) fn feed(&self, octets: &[u8]) {
        // SAFETY: valid.
        unsafe { oftp_n_data_ind(self.session, octets.as_ptr(), octets.len()) };
    }
}

impl Drop for CSide {
    fn drop(&mut self) {
        // SAFETY: a bad handle is an error.
        unsafe { oftp_session_free(self.session) };
    }
}

pub(crate) fn last_error() -> String {
    // SAFETY: never NULL, borrowed until the next call.
    unsafe { CStr::from_ptr(oftp_last_error()) }
        .to_string_lossy()
        .into_owned()
}

/// A configuration with this ceiling.
pub(crate) fn config(level: i32) -> oftp_config {
    oftp_config {
        struct_size: size_of::<oftp_config>(),
        level,
        ..zeroed()
    }
}

/// Runs two sessions against each other until nothing moves.
pub(crate) fn exchange(caller: &mut CSide, called: &mut CSide) {
    caller.call();
    let (mut up, mut closed) = (false, [false; 2]);
    loop {
        let there = caller.turn();
        if caller.wants & 1 != 0 && !up {
            up = true;
            // SAFETY: the sessions are alive.
            unsafe {
                oftp_n_con_ind(called.session, ptr::null(), ptr::null());
                oftp_n_con_cf(caller.session);
            }
            continue;
        }
        called.feed(&there);
        let back = called.turn();
        caller.feed(&back);
        let mut moved = !there.is_empty() || !back.is_empty();
        for (at, wants) in [caller.wants, called.wants].into_iter().enumerate() {
            if wants & 8 != 0 && !closed[at] {
                closed[at] = true;
                moved = true;
                let other = if at == 0 {
                    called.session
                } else {
                    caller.session
                };
                // SAFETY: the session is alive.
                unsafe { oftp_n_disc_ind(other) };
            }
        }
        if !moved {
            return;
        }
    }
}
