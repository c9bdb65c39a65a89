//! The same over descriptors: files, pipes, sockets.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::AsRawFd;
use std::ptr::{null, null_mut};

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;

fn file(octets: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("file");
    file.write_all(octets).expect("written");
    file.rewind().expect("rewound");
    file
}

fn read(mut file: &File) -> Vec<u8> {
    let mut octets = Vec::new();
    file.rewind().expect("rewound");
    file.read_to_end(&mut octets).expect("read");
    octets
}

fn seal_fd(plan: &oftp_cms_seal_plan, from: i32, to: i32, notes: &mut Notes) -> oftp_status {
    // SAFETY: the notes outlive the call.
    unsafe { oftp_cms_seal_fd(plan, from, to, Some(note), notes.pointer()) }
}

fn open_fd(plan: &oftp_cms_open_plan, from: i32, to: i32) -> (oftp_status, oftp_cms_opened) {
    let mut opened = result();
    // SAFETY: places for results.
    let status = unsafe { oftp_cms_open_fd(plan, from, to, NOBODY, null_mut(), &raw mut opened) };
    (status, opened)
}

#[test]
fn files_and_memory_give_the_same() {
    let content = content(300_000);
    for layers in [4, 2, 7] {
        let plan = seal_plan(layers);
        let (from, message) = (file(&content), file(&[]));
        let mut notes = Notes::default();
        ok(seal_fd(
            &plan,
            from.as_raw_fd(),
            message.as_raw_fd(),
            &mut notes,
        ));
        assert_eq!(notes.told.last(), Some(&(300_000, 300_000)));
        let octets = read(&message);
        if layers != 7 {
            // PKCS#1 signatures and zlib are the same each time, content keys are not.
            assert_eq!(octets, seal(&plan, &content), "layers {layers}");
        }
        (&message).rewind().expect("rewound");
        let out = file(&[]);
        let (status, known) = open_fd(&open_plan(layers), message.as_raw_fd(), out.as_raw_fd());
        ok(status);
        assert_eq!(read(&out), content);
        let (_, in_memory, known_in_memory) = open(&open_plan(layers), &octets);
        assert_eq!(in_memory, content);
        assert_eq!(known.octets, known_in_memory.octets);
        assert_eq!(known.signer_fingerprint, known_in_memory.signer_fingerprint);
        // They are still the host's, and open.
        assert!((&from).stream_position().is_ok() && (&out).stream_position().is_ok());
    }
}

#[test]
fn a_file_is_read_from_where_it_stands() {
    let mut from = file(b"before, content");
    from.seek(SeekFrom::Start(8)).expect("sought");
    let message = file(&[]);
    let mut notes = Notes::default();
    ok(seal_fd(
        &seal_plan(4),
        from.as_raw_fd(),
        message.as_raw_fd(),
        &mut notes,
    ));
    assert_eq!(notes.told, [(7, 7)]);
    let (_, opened, _) = open(&open_plan(4), &read(&message));
    assert_eq!(opened, b"content");
}

#[test]
fn a_pipe_has_no_total_and_may_be_non_blocking() {
    let (from, mut to) = std::io::pipe().expect("pipe");
    // SAFETY: only sets a flag of a descriptor of ours.
    let set = unsafe { libc::fcntl(from.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    assert_eq!(set, 0);
    let writer = std::thread::spawn(move || to.write_all(&content(200_000)));
    let out = file(&[]);
    let mut notes = Notes::default();
    let plan = seal_plan(4);
    ok(seal_fd(
        &plan,
        from.as_raw_fd(),
        out.as_raw_fd(),
        &mut notes,
    ));
    writer.join().expect("ends").expect("written");
    assert!(notes.told.iter().all(|(_, total)| *total == 0));
    assert_eq!(notes.told.last(), Some(&(200_000, 0)));
    let (_, opened, _) = open(&open_plan(4), &read(&out));
    assert_eq!(opened, content(200_000));
}

#[test]
fn a_reader_that_has_gone_is_an_error_and_no_signal() {
    static CAME: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    extern "C" fn came(_: i32) {
        CAME.store(true, std::sync::atomic::Ordering::Relaxed);
    }
    // SAFETY: the handler only sets a flag. Rust's own tests ignore the signal, hosts do not.
    unsafe {
        libc::signal(
            libc::SIGPIPE,
            came as extern "C" fn(i32) as libc::sighandler_t,
        );
    }
    let (reader, writer) = std::io::pipe().expect("pipe");
    drop(reader);
    let from = file(&content(1000));
    let mut notes = Notes::default();
    let status = seal_fd(
        &seal_plan(4),
        from.as_raw_fd(),
        writer.as_raw_fd(),
        &mut notes,
    );
    fails(status, OFTP_E_IO, "writing descriptor");
    assert!(!CAME.load(std::sync::atomic::Ordering::Relaxed));
    // And it is not held back for later either.
    let mut blocked = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: places for results.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, null(), blocked.as_mut_ptr());
        assert_eq!(libc::sigismember(blocked.as_ptr(), libc::SIGPIPE), 0);
    }
}

#[test]
fn bad_descriptors_are_errors() {
    let plan = seal_plan(4);
    let mut notes = Notes::default();
    let good = file(b"x");
    let fd = good.as_raw_fd();
    fails(seal_fd(&plan, -1, fd, &mut notes), OFTP_E_VALUE, "in_fd");
    fails(seal_fd(&plan, fd, -3, &mut notes), OFTP_E_VALUE, "out_fd");
    fails(
        seal_fd(&plan, 1_000_000, fd, &mut notes),
        OFTP_E_IO,
        "reading descriptor 1000000",
    );
    let (status, _) = open_fd(&open_plan(4), -1, fd);
    fails(status, OFTP_E_VALUE, "in_fd");
}

#[test]
fn a_cancel_stops_at_once_and_a_wrong_message_is_told_with_its_reason() {
    let from = file(&content(300_000));
    let out = file(&[]);
    let mut notes = Notes {
        cancel_after: Some(1),
        ..Notes::default()
    };
    let status = seal_fd(&seal_plan(3), from.as_raw_fd(), out.as_raw_fd(), &mut notes);
    fails(status, OFTP_E_CALLBACK, "after 65536 octets");
    assert_eq!((&from).stream_position().expect("position"), 65_536);

    let mut message = seal(&seal_plan(3), b"content");
    let last = message.len() / 2;
    message[last] ^= 1;
    let (status, known) = open_fd(
        &open_plan(3),
        file(&message).as_raw_fd(),
        file(&[]).as_raw_fd(),
    );
    fails(status, OFTP_E_CMS, "");
    assert!([31, 33].contains(&known.nerp_reason));
}

/// (threat model X7)
#[test]
fn errno_stays_the_hosts() {
    // SAFETY: the address is valid for this thread.
    unsafe {
        *libc::__errno_location() = 1234;
        let mut notes = Notes::default();
        assert!(seal_fd(&seal_plan(4), 1_000_000, 1_000_000, &mut notes) < 0);
        assert_eq!(*libc::__errno_location(), 1234);
    }
}
