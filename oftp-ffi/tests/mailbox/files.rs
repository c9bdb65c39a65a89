//! Plain files of every format and from every kind of source, both ways.

use std::ffi::c_void;
use std::os::fd::AsRawFd;
use std::ptr::null;

use oftp::*;

use super::support::{Station, last_error, noise, pair, records, session, sized, sockets, write};

#[test]
fn files_of_every_format_arrive_and_are_answered() {
    let long = noise(60_000);
    let many: Vec<_> = (0..300).map(|n| noise(n * 7 % 400)).collect();
    let mut all: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    all.extend([long.as_slice(), b"", b"x"]);
    let variable = records(&all);
    let cases: [(&str, oftp_format, u32, Vec<u8>); 7] = [
        ("U", oftp_format::OFTP_FORMAT_U, 0, noise(700_000)),
        ("U-EMPTY", oftp_format::OFTP_FORMAT_U, 0, Vec::new()),
        (
            "T",
            oftp_format::OFTP_FORMAT_T,
            0,
            b"one\r\ntwo\r\n".to_vec(),
        ),
        ("F", oftp_format::OFTP_FORMAT_F, 80, noise(80 * 5000)),
        ("F-EMPTY", oftp_format::OFTP_FORMAT_F, 80, Vec::new()),
        ("V", oftp_format::OFTP_FORMAT_V, 0, variable),
        ("V-EMPTY", oftp_format::OFTP_FORMAT_V, 10, Vec::new()),
    ];
    let (alpha, beta) = pair();
    for (name, format, record, octets) in &cases {
        let format = match format {
            oftp_format::OFTP_FORMAT_F => oftp_format::OFTP_FORMAT_F,
            oftp_format::OFTP_FORMAT_V => oftp_format::OFTP_FORMAT_V,
            oftp_format::OFTP_FORMAT_T => oftp_format::OFTP_FORMAT_T,
            oftp_format::OFTP_FORMAT_U => oftp_format::OFTP_FORMAT_U,
        };
        alpha.send(&alpha.file(name, "OBETA", format, *record), octets);
    }
    session(&alpha, &beta);
    let result = alpha.result();
    assert_eq!(result.ending, oftp_ending::OFTP_ENDING_NORMAL as i32);
    assert_eq!((result.files_sent, result.files_delivered), (7, 7));
    assert_eq!((result.files_open, result.files_waiting), (0, 0));
    assert_eq!(beta.result().responses_sent, 7);
    let stored = beta.stored();
    for (name, _, _, octets) in cases {
        let escaped = name.to_owned();
        let file = stored.iter().find(|path| {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            file.split('.').nth(2) == Some(&escaped)
        });
        assert!(std::fs::read(file.unwrap()).unwrap() == octets, "{name}");
    }
}

#[test]
fn both_sides_send_in_one_session() {
    let (alpha, beta) = pair();
    let (to, fro) = (noise(5000), noise(300_000));
    let u = || oftp_format::OFTP_FORMAT_U;
    alpha.send(&alpha.file("TO", "OBETA", u(), 0), &to);
    beta.send(&beta.file("FRO", "OALPHA", u(), 0), &fro);
    session(&alpha, &beta);
    assert!(beta.only_stored() == to && alpha.only_stored() == fro);
    for station in [&alpha, &beta] {
        let result = station.result();
        assert_eq!(
            (result.ending, result.files_delivered, result.responses_sent),
            (oftp_ending::OFTP_ENDING_NORMAL as i32, 1, 1),
            "{:?}",
            station.log.lines
        );
    }
    assert_eq!(
        alpha.log.lines,
        [
            "up OBETA",
            "sent 1",
            "response 1 TO 0 0 0",
            "offered FRO",
            "received FRO",
            "response_sent FRO 0",
            "ended 1"
        ]
        .map(str::to_owned)
    );
}

/// What a callback source reads from, and how often its finalizer was called.
struct Octets(Vec<u8>, u32);

unsafe extern "C" fn read_at(out: *mut u8, len: usize, at: u64, user_data: *mut c_void) -> isize {
    // SAFETY: user_data is the octets; the room is there.
    unsafe {
        let source = &*user_data.cast::<Octets>();
        let octets = &source.0[at as usize..];
        // Fewer than asked for: the library asks again.
        let taken = len.min(octets.len()).min(1000);
        out.copy_from_nonoverlapping(octets.as_ptr(), taken);
        taken as isize
    }
}

unsafe extern "C" fn finalizer(user_data: *mut c_void) {
    // SAFETY: as above.
    unsafe { (*user_data.cast::<Octets>()).1 += 1 };
}

#[test]
fn files_come_from_paths_descriptors_and_callbacks() {
    let (alpha, beta) = pair();
    let octets = noise(123_457);
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "file", &octets);
    let opened = std::fs::File::open(folder.path().join("file")).unwrap();
    let mut source = Octets(octets.clone(), 0);
    let callback = oftp_source {
        size: octets.len() as u64,
        read_at: Some(read_at),
        finalizer: Some(finalizer),
        user_data: (&raw mut source).cast(),
        ..sized()
    };
    let file = |name| alpha.file(name, "OBETA", oftp_format::OFTP_FORMAT_U, 0);
    let mut ids = [0; 3];
    // SAFETY: all are valid.
    unsafe {
        let handle = alpha.handle;
        let file_of = [file("PATH"), file("FD"), file("CALLBACK")];
        let sent = [
            oftp_mailbox_send_file(
                handle,
                c"OBETA".as_ptr(),
                &raw const file_of[0],
                path.as_ptr(),
                &raw mut ids[0],
            ),
            oftp_mailbox_send_fd(
                handle,
                null(),
                &raw const file_of[1],
                opened.as_raw_fd(),
                &raw mut ids[1],
            ),
            oftp_mailbox_send_source(
                handle,
                null(),
                &raw const file_of[2],
                &raw const callback,
                &raw mut ids[2],
            ),
        ];
        assert_eq!(sent, [0; 3], "{}", last_error());
    }
    drop(opened);
    assert_eq!(ids, [1, 2, 3]);
    session(&alpha, &beta);
    assert_eq!(alpha.result().files_delivered, 3, "{:?}", alpha.log.lines);
    for path in beta.stored() {
        assert!(std::fs::read(path).unwrap() == octets);
    }
    // Once it is sent, nothing reads it any more.
    assert_eq!(source.1, 1);
}

#[test]
fn the_blocking_form_runs_until_the_end() {
    let (alpha, beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        &noise(2_000_000),
    );
    let (one, two) = sockets();
    alpha.calls("OBETA");
    beta.answers();
    let run = |station: &Station, fd| {
        let handle = station.handle as usize;
        std::thread::spawn(move || {
            let mut result: oftp_result = sized();
            // SAFETY: a handle and a structure.
            let done = unsafe {
                let handle = std::ptr::with_exposed_provenance_mut(handle);
                oftp_run_fd(handle, fd, null(), &raw mut result)
            };
            (
                done,
                result.ending,
                result.files_delivered,
                result.files_received,
            )
        })
    };
    let threads = [run(&alpha, one.as_raw_fd()), run(&beta, two.as_raw_fd())];
    let done = threads.map(|thread| thread.join().unwrap());
    assert_eq!(done, [(0, 1, 1, 0), (0, 1, 0, 1)]);
    // The descriptor is open still, and as it was.
    assert!(one.peer_addr().is_ok());
    // SAFETY: a descriptor.
    let flags = unsafe { libc::fcntl(one.as_raw_fd(), libc::F_GETFL) };
    assert_eq!(flags & libc::O_NONBLOCK, 0);
}

#[test]
fn a_file_without_whole_records_is_refused_here() {
    let (alpha, _beta) = pair();
    let fixed = alpha.file("F", "OBETA", oftp_format::OFTP_FORMAT_F, 80);
    let variable = alpha.file("V", "OBETA", oftp_format::OFTP_FORMAT_V, 5);
    let value = oftp_code::OFTP_E_VALUE as i32;
    assert_eq!(alpha.try_send(&fixed, &[0; 81]), Err(value));
    assert_eq!(alpha.try_send(&variable, &[0, 3, 1, 2]), Err(value));
    assert!(last_error().contains("whole records"), "{}", last_error());
    assert_eq!(alpha.try_send(&variable, &[0]), Err(value));
    assert_eq!(
        alpha.try_send(&variable, &records(&[b"123456"])),
        Err(value)
    );
    assert!(last_error().contains("6 octets"), "{}", last_error());
    assert_eq!(alpha.result().files_waiting, 0);
}

#[test]
fn a_restart_lies_in_the_file() {
    let (alpha, _beta) = pair();
    let value = oftp_code::OFTP_E_VALUE as i32;
    for (format, record, octets, end) in [
        (oftp_format::OFTP_FORMAT_U, 0, noise(5000), 4),
        (oftp_format::OFTP_FORMAT_F, 10, noise(50), 5),
        (oftp_format::OFTP_FORMAT_V, 0, records(&[b"a", b"b"]), 2),
    ] {
        let mut file = alpha.file("A", "OBETA", format, record);
        file.restart_position = end;
        alpha.send(&file, &octets);
        file.restart_position = end + 1;
        assert_eq!(alpha.try_send(&file, &octets), Err(value));
        let words = format!("the file ends at {end}");
        assert!(last_error().contains(&words), "{}", last_error());
    }
}
