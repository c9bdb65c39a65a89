//! Misuse: a code and a text that says what is wrong, and the mailbox survives.

use std::os::fd::AsRawFd;
use std::ptr::{null, null_mut};

use oftp::*;

use super::support::{Station, last_error, noise, pair, session, sized, sockets};

const NULL: i32 = oftp_code::OFTP_E_NULL as i32;
const VALUE: i32 = oftp_code::OFTP_E_VALUE as i32;
const USER: i32 = oftp_code::OFTP_E_USER as i32;
const SIZE: i32 = oftp_code::OFTP_E_STRUCT_SIZE as i32;
const IO: i32 = oftp_code::OFTP_E_IO as i32;
const REENTERED: i32 = oftp_code::OFTP_E_REENTERED as i32;

#[track_caller]
fn fails(status: i32, code: i32, words: &str) {
    assert_eq!(status, code, "{}", last_error());
    assert!(last_error().contains(words), "{}", last_error());
}

#[test]
fn null_is_an_error_everywhere() {
    let alpha = Station::new("OALPHA", |_| {});
    let config: oftp_mailbox_config = sized();
    let mut handle = null_mut();
    // SAFETY: NULL is looked at.
    unsafe {
        fails(
            oftp_mailbox_new(null_mut(), &raw const config, null(), null_mut()),
            NULL,
            "out",
        );
        fails(
            oftp_mailbox_new(&raw mut handle, null(), null(), null_mut()),
            NULL,
            "config",
        );
        fails(
            oftp_mailbox_new(&raw mut handle, &raw const config, null(), null_mut()),
            NULL,
            "code",
        );
        assert!(handle.is_null());
        assert_eq!(oftp_mailbox_free(null_mut()), 0);
        let none = null_mut::<oftp_mailbox>();
        let all = [
            oftp_mailbox_add_partner(none, &sized()),
            oftp_mailbox_call(none, c"OB".as_ptr()),
            oftp_mailbox_answer(none),
            oftp_run_fd(none, 0, null(), null_mut()),
            oftp_mailbox_attach_fd(none, 0, null()),
            oftp_mailbox_ready(none),
            oftp_mailbox_result(none, &mut sized()),
            oftp_mailbox_receive_into(none, null()),
            oftp_mailbox_accept_file(none, 0, 0),
            oftp_mailbox_refuse_file(none, 1, 0, null()),
            oftp_mailbox_file_stored(none, 0, 0, null()),
            oftp_mailbox_file_not_stored(none, 1, null()),
            oftp_mailbox_release(none, 5, null()),
            oftp_mailbox_poll_set(none, &mut 0, &mut 0),
        ];
        assert_eq!(all, [NULL; 14]);
        let handle = alpha.handle;
        fails(
            oftp_mailbox_add_partner(handle, null()),
            NULL,
            "oftp_partner",
        );
        fails(oftp_mailbox_add_partner(handle, &sized()), NULL, "code");
        fails(oftp_mailbox_call(handle, null()), NULL, "partner");
        fails(oftp_mailbox_result(handle, null_mut()), NULL, "oftp_result");
        fails(
            oftp_mailbox_poll_set(handle, null_mut(), &mut 0),
            NULL,
            "events",
        );
        fails(
            oftp_mailbox_poll_set(handle, &mut 0, null_mut()),
            NULL,
            "timeout_ms",
        );
        alpha.knows("OBETA", |_| {});
        let file = alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0);
        let (file, id) = (&raw const file, null_mut());
        fails(
            oftp_mailbox_send_file(handle, null(), null(), c"x".as_ptr(), id),
            NULL,
            "file",
        );
        fails(
            oftp_mailbox_send_file(handle, null(), file, null(), id),
            NULL,
            "path",
        );
        fails(
            oftp_mailbox_send_memory(handle, null(), file, null(), 1, id),
            NULL,
            "octets",
        );
        fails(
            oftp_mailbox_send_source(handle, null(), file, null(), id),
            NULL,
            "oftp_source",
        );
        fails(
            oftp_mailbox_send_source(handle, null(), file, &sized(), id),
            NULL,
            "read_at",
        );
        fails(
            oftp_mailbox_send_eerp(handle, c"OBETA".as_ptr(), null()),
            NULL,
            "response",
        );
        let names = oftp_partner {
            code: c"OC".as_ptr(),
            destination_count: 1,
            ..sized()
        };
        fails(
            oftp_mailbox_add_partner(handle, &raw const names),
            NULL,
            "destinations",
        );
    }
}

#[test]
fn wrong_values_are_named() {
    let alpha = Station::new("OALPHA", |_| {});
    alpha.knows("OBETA", |_| {});
    alpha.knows("OGAMMA", |_| {});
    let mut handle = null_mut();
    let config = |change: &dyn Fn(&mut oftp_mailbox_config)| {
        let mut config = oftp_mailbox_config {
            code: c"OA".as_ptr(),
            ..sized()
        };
        change(&mut config);
        config
    };
    // SAFETY: valid structures.
    unsafe {
        let mut make = |change: &dyn Fn(&mut oftp_mailbox_config)| {
            oftp_mailbox_new(&raw mut handle, &config(change), null(), null_mut())
        };
        fails(make(&|c| c.struct_size = 8), SIZE, "oftp_mailbox_config");
        fails(make(&|c| c.code = c"".as_ptr()), VALUE, "code is empty");
        fails(make(&|c| c.code = c"lower".as_ptr()), VALUE, "code");
        fails(
            make(&|c| c.password = c"123456789".as_ptr()),
            VALUE,
            "password",
        );
        fails(make(&|c| c.ask_for_turn = 3), VALUE, "ask_for_turn");
        fails(make(&|c| c.spool = c"/nowhere".as_ptr()), IO, "/nowhere");
        let nowhere = oftp_code::OFTP_E_KEY as i32;
        fails(
            make(&|c| c.own_keys = c"/nowhere".as_ptr()),
            nowhere,
            "/nowhere",
        );
        let handle = alpha.handle;
        let add = |change: &dyn Fn(&mut oftp_partner)| {
            let mut partner = oftp_partner {
                code: c"ODELTA".as_ptr(),
                ..sized()
            };
            change(&mut partner);
            oftp_mailbox_add_partner(handle, &raw const partner)
        };
        fails(add(&|p| p.code = c"OALPHA".as_ptr()), VALUE, "our own");
        fails(add(&|p| p.signing = 3), VALUE, "signing is 3");
        fails(add(&|p| p.formats = c"FX".as_ptr()), VALUE, "formats");
        fails(add(&|p| p.struct_size = 0), SIZE, "oftp_partner");
        fails(
            oftp_mailbox_call(handle, c"ODELTA".as_ptr()),
            VALUE,
            "ODELTA is not known",
        );
        let nowhere = c"/nowhere".as_ptr();
        fails(oftp_mailbox_receive_into(handle, nowhere), IO, "/nowhere");
        let send = |file: &oftp_virtual_file, partner| {
            oftp_mailbox_send_memory(handle, partner, file, null(), 0, null_mut())
        };
        let file = |to| alpha.file("A", to, oftp_format::OFTP_FORMAT_U, 0);
        fails(send(&file("OTHER"), null()), VALUE, "OTHER is no partner");
        fails(
            send(&file("OBETA"), c"OTHER".as_ptr()),
            VALUE,
            "OTHER is not known",
        );
        assert_eq!(send(&file("OTHER"), c"OBETA".as_ptr()), 0);
        let wrong = oftp_virtual_file {
            envelope: 1,
            ..file("OBETA")
        };
        fails(send(&wrong, null()), VALUE, "envelope");
        let wrong = oftp_virtual_file {
            security: 1,
            cipher_suite: 55,
            ..file("OBETA")
        };
        fails(send(&wrong, null()), VALUE, "cipher_suite 55");
        let wrong = alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_F, 0);
        fails(send(&wrong, null()), VALUE, "record_length");
        let one = &raw const wrong;
        let ok = file("OBETA");
        let id = null_mut();
        fails(
            oftp_mailbox_send_file(handle, null(), &raw const ok, nowhere, id),
            IO,
            "/nowhere",
        );
        fails(
            oftp_mailbox_send_fd(handle, null(), one, -1, id),
            VALUE,
            "fd",
        );
        let (pipe, _other) = sockets();
        fails(
            oftp_mailbox_send_fd(handle, null(), one, pipe.as_raw_fd(), id),
            IO,
            "regular",
        );
        fails(
            oftp_mailbox_refuse_file(handle, 0, 0, null()),
            VALUE,
            "reason is 0",
        );
        fails(
            oftp_mailbox_release(handle, 0, null()),
            VALUE,
            "reason is 0",
        );
    }
    assert_eq!(alpha.result().files_waiting, 1);
}

#[test]
fn a_socket_that_is_not_connected_is_an_error() {
    let (alpha, _beta) = pair();
    alpha.calls("OBETA");
    // SAFETY: it makes a descriptor, which is closed below.
    let fd = unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) };
    // SAFETY: valid.
    let attached = unsafe { oftp_mailbox_attach_fd(alpha.handle, fd, null()) };
    assert_eq!(attached, oftp_code::OFTP_E_IO as i32, "{}", last_error());
    // SAFETY: the descriptor is ours, and still open: the library closes none.
    assert_eq!(unsafe { libc::close(fd) }, 0);
}

#[test]
fn the_order_of_calls_is_checked() {
    let (alpha, beta) = pair();
    let (one, two) = sockets();
    let fd = one.as_raw_fd();
    // SAFETY: a handle.
    unsafe {
        let handle = alpha.handle;
        fails(
            oftp_mailbox_attach_fd(handle, fd, null()),
            USER,
            "oftp_mailbox_call",
        );
        fails(
            oftp_run_fd(handle, fd, null(), null_mut()),
            USER,
            "oftp_mailbox_call",
        );
        fails(oftp_mailbox_ready(handle), USER, "no session runs");
        fails(
            oftp_mailbox_poll_set(handle, &mut 0, &mut 0),
            USER,
            "no session runs",
        );
        fails(
            oftp_mailbox_accept_file(handle, 0, 0),
            USER,
            "no session runs",
        );
        fails(
            oftp_mailbox_refuse_file(handle, 1, 0, null()),
            USER,
            "no session runs",
        );
        fails(
            oftp_mailbox_file_stored(handle, 0, 0, null()),
            USER,
            "no file",
        );
        fails(
            oftp_mailbox_release(handle, 5, null()),
            USER,
            "no session runs",
        );
        alpha.calls("OBETA");
        fails(oftp_mailbox_attach_fd(handle, -1, null()), IO, "fd -1");
        let file = std::fs::File::open("/dev/null").unwrap();
        fails(
            oftp_mailbox_attach_fd(handle, file.as_raw_fd(), null()),
            IO,
            "fd",
        );
        let datagrams = std::os::unix::net::UnixDatagram::unbound().unwrap();
        let datagrams = datagrams.as_raw_fd();
        fails(
            oftp_mailbox_attach_fd(handle, datagrams, null()),
            IO,
            "stream",
        );
        let mut result = oftp_result {
            struct_size: 1,
            ..sized()
        };
        fails(
            oftp_run_fd(handle, fd, null(), &raw mut result),
            SIZE,
            "oftp_result",
        );
        // TLS without keys.
        let key = oftp_code::OFTP_E_KEY as i32;
        fails(
            oftp_mailbox_attach_fd(handle, fd, &sized()),
            key,
            "certificate of the partner",
        );
        alpha.attach(fd, None);
        fails(oftp_mailbox_attach_fd(handle, fd, null()), USER, "already");
        fails(oftp_run_fd(handle, fd, null(), null_mut()), USER, "already");
        fails(oftp_mailbox_answer(handle), USER, "a session runs");
        fails(
            oftp_mailbox_receive_into(handle, null()),
            USER,
            "a session runs",
        );
        fails(oftp_mailbox_accept_file(handle, 0, 0), USER, "no file");
    }
    // It runs none the less.
    beta.answers();
    beta.attach(two.as_raw_fd(), None);
    super::support::run((&alpha, &one), (&beta, &two));
    assert_eq!(
        alpha.result().ending,
        oftp_ending::OFTP_ENDING_NORMAL as i32
    );
}

#[test]
fn running_and_freeing_inside_callbacks_is_an_error() {
    let (mut alpha, beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    alpha.log.answer = Some(Box::new(|mailbox, _| {
        // SAFETY: a handle.
        unsafe {
            fails(oftp_mailbox_ready(mailbox), REENTERED, "callback");
            fails(
                oftp_run_fd(mailbox, 0, null(), null_mut()),
                REENTERED,
                "callback",
            );
            fails(
                oftp_mailbox_attach_fd(mailbox, 0, null()),
                REENTERED,
                "callback",
            );
            fails(oftp_mailbox_free(mailbox), REENTERED, "callback");
            assert_eq!(oftp_mailbox_result(mailbox, &mut sized()), 0);
        }
        0
    }));
    session(&alpha, &beta);
    assert_eq!(alpha.result().files_delivered, 1);
}

#[test]
fn a_source_that_fails_ends_the_session_and_not_the_mailbox() {
    unsafe extern "C" fn fail(_: *mut u8, _: usize, _: u64, _: *mut std::ffi::c_void) -> isize {
        -1
    }
    let (alpha, beta) = pair();
    let source = oftp_source {
        size: 100,
        read_at: Some(fail),
        ..sized()
    };
    let file = alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0);
    // SAFETY: valid structures.
    unsafe {
        let (handle, id) = (alpha.handle, null_mut());
        let (file, source) = (&raw const file, &raw const source);
        assert_eq!(
            oftp_mailbox_send_source(handle, null(), file, source, id),
            0
        );
    }
    session(&alpha, &beta);
    alpha.assert_told("refused 1  -1 0");
    assert_eq!(alpha.result().ending, oftp_ending::OFTP_ENDING_BY_US as i32);
    assert!(beta.stored().is_empty());
    alpha.send(
        &alpha.file("B", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    session(&alpha, &beta);
    assert_eq!(beta.only_stored(), b"octets");
}

#[test]
fn who_frees_in_mid_file_loses_nothing_that_came() {
    let (alpha, beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        &noise(30_000_000),
    );
    let (one, two) = sockets();
    alpha.calls("OBETA");
    beta.answers();
    alpha.attach(one.as_raw_fd(), None);
    beta.attach(two.as_raw_fd(), None);
    let partial = beta.folder.path().join(".partial");
    let held = || {
        let files = std::fs::read_dir(&partial).unwrap();
        let held = files.map(|entry| entry.unwrap().metadata().unwrap().len());
        held.max().unwrap_or(0)
    };
    while held() < 1_000_000 {
        assert!(!alpha.ready() && !beta.ready());
    }
    assert!(beta.stored().is_empty());
    // SAFETY: a handle; the station frees it again, which is an error that it does not look at.
    unsafe { assert_eq!(oftp_mailbox_free(beta.handle), 0) };
    assert!(held() >= 1_000_000);
    // What counts of it is noted, so that another mailbox goes on there.
    let note = std::fs::read_dir(&partial).unwrap();
    assert!(note.count() == 2);
}

#[test]
fn a_host_may_end_the_session() {
    let (mut alpha, beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        &noise(500_000),
    );
    alpha.log.answer = Some(Box::new(|mailbox, event| {
        if event == "up" {
            // SAFETY: a handle.
            let ended = unsafe { oftp_mailbox_release(mailbox, 5, c"we close".as_ptr()) };
            assert_eq!(ended, 0, "{}", last_error());
        }
        0
    }));
    session(&alpha, &beta);
    let result = alpha.result();
    assert_eq!(
        (result.ending, result.reason, result.files_waiting),
        (oftp_ending::OFTP_ENDING_BY_US as i32, 5, 1)
    );
    assert_eq!(beta.result().reason, 5);
}
