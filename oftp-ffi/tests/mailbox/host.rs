//! Hosts that store and answer by themselves.

use std::os::fd::AsRawFd;
use std::ptr::null;

use oftp::*;

use super::support::{last_error, noise, pair, records, run, session, sized, sockets};

const PASS: i32 = oftp_code::OFTP_PASSTHROUGH as i32;

#[test]
fn the_host_takes_records_and_answers() {
    let (alpha, mut beta) = pair();
    let long = noise(150_000 / 2);
    let all: [&[u8]; 4] = [b"one", b"", &long[..60_000], b"last"];
    alpha.send(
        &alpha.file("V", "OBETA", oftp_format::OFTP_FORMAT_V, 0),
        &records(&all),
    );
    beta.log.answer = Some(Box::new(|mailbox, event| {
        // SAFETY: a handle.
        let answered = unsafe {
            match event {
                "offered" => oftp_mailbox_accept_file(mailbox, 0, 0),
                "complete" => oftp_mailbox_file_stored(mailbox, 0, 0, null()),
                _ => 0,
            }
        };
        assert_eq!(answered, 0, "{}", last_error());
        0
    }));
    session(&alpha, &beta);
    assert!(beta.stored().is_empty());
    assert!(beta.log.octets == all.concat());
    assert_eq!(beta.log.ends, [3, 3, 60_003, 60_007]);
    alpha.assert_told("response 1 V 0 0 0");
    assert_eq!(beta.result().files_received, 1);
}

#[test]
fn the_host_refuses_and_fails_and_says_no_later() {
    let cases = [
        ("offered", "refused 1 SFNA 13 0"),
        ("complete", "refused 1 EFNA 12 0"),
        ("nerp", "response 1 A 1 35 0"),
    ];
    for (at, expected) in cases {
        let (alpha, mut beta) = pair();
        alpha.send(
            &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
            b"octets",
        );
        beta.log.answer = Some(Box::new(move |mailbox, event| {
            // SAFETY: a handle.
            let answered = unsafe {
                match (event, at) {
                    ("offered", "offered") => {
                        oftp_mailbox_refuse_file(mailbox, 13, 0, c"had it".as_ptr())
                    }
                    ("offered", _) => oftp_mailbox_accept_file(mailbox, 0, 0),
                    ("complete", "nerp") => oftp_mailbox_file_stored(
                        mailbox,
                        oftp_reply::OFTP_REPLY_NERP as i32,
                        oftp_nerp_reason::OFTP_NERP_NOT_DELIVERED as i32,
                        null(),
                    ),
                    ("complete", _) => oftp_mailbox_file_not_stored(mailbox, 12, null()),
                    _ => 0,
                }
            };
            assert_eq!(answered, 0, "{}", last_error());
            0
        }));
        session(&alpha, &beta);
        alpha.assert_told(expected);
        assert_eq!(alpha.result().files_waiting, 0);
    }
}

#[test]
fn without_a_folder_and_without_answers_nothing_is_taken() {
    let (alpha, beta) = pair();
    // SAFETY: a handle.
    unsafe { oftp_mailbox_receive_into(beta.handle, null()) };
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    session(&alpha, &beta);
    alpha.assert_told("refused 1 SFNA 14 0");
}

/// Rounds of both event loops, as long as something moves.
fn settle(all: &[&super::support::Station]) {
    for _ in 0..50 {
        for station in all {
            station.ready();
        }
    }
}

#[test]
fn answers_may_come_later() {
    let (alpha, mut beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    // Every question is left open.
    beta.log.answer = Some(Box::new(|_, _| 0));
    let (one, two) = sockets();
    alpha.calls("OBETA");
    beta.answers();
    alpha.attach(one.as_raw_fd(), None);
    beta.attach(two.as_raw_fd(), None);
    settle(&[&alpha, &beta]);
    beta.assert_told("offered A");
    // SAFETY: a handle.
    unsafe {
        assert_eq!(
            oftp_mailbox_accept_file(beta.handle, 0, 0),
            0,
            "{}",
            last_error()
        );
        let (mut events, mut timeout) = (0, -1);
        oftp_mailbox_poll_set(beta.handle, &raw mut events, &raw mut timeout);
        assert_eq!(timeout, 0, "there is an answer to be sent");
    }
    settle(&[&alpha, &beta]);
    beta.assert_told("complete A");
    let later = oftp_reply::OFTP_REPLY_LATER as i32;
    // SAFETY: a handle.
    unsafe {
        assert_eq!(oftp_mailbox_file_stored(beta.handle, later, 0, null()), 0);
        assert_eq!(
            oftp_mailbox_file_stored(beta.handle, later, 0, null()),
            oftp_code::OFTP_E_USER as i32
        );
    }
    run((&alpha, &one), (&beta, &two));
    assert_eq!(alpha.result().files_open, 1);
    // The response is for the next session.
    let file = alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0);
    let mut response: oftp_end_response = sized();
    // SAFETY: valid structures.
    unsafe {
        let made = oftp_end_response_for(&raw const file, &raw mut response);
        assert_eq!(made, 0, "{}", last_error());
        let sent = oftp_mailbox_send_eerp(beta.handle, c"OALPHA".as_ptr(), &raw const response);
        assert_eq!(sent, 0, "{}", last_error());
    }
    session(&beta, &alpha);
    alpha.assert_told("response 1 A 0 0 0");
    assert_eq!(alpha.result().files_open, 0);
}

#[test]
fn a_callback_that_fails_ends_the_session() {
    for at in ["up", "offered", "data", "complete"] {
        let (alpha, mut beta) = pair();
        alpha.send(
            &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
            b"octets",
        );
        beta.log.answer = Some(Box::new(move |mailbox, event| {
            if event == at {
                return -1;
            }
            if event == "offered" {
                // SAFETY: a handle.
                unsafe { oftp_mailbox_accept_file(mailbox, 0, 0) };
            }
            0
        }));
        let (one, two) = sockets();
        alpha.calls("OBETA");
        beta.answers();
        alpha.attach(one.as_raw_fd(), None);
        let handle = beta.handle as usize;
        let thread = std::thread::spawn(move || {
            let mut result: oftp_result = sized();
            // SAFETY: a handle and a structure.
            let done = unsafe {
                let handle = std::ptr::with_exposed_provenance_mut(handle);
                oftp_run_fd(handle, two.as_raw_fd(), null(), &raw mut result)
            };
            (done, result.reason, result.files_received, last_error())
        });
        loop {
            if alpha.ready() {
                break;
            }
            let mut set = libc::pollfd {
                fd: one.as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: the set lives.
            unsafe { libc::poll(&raw mut set, 1, -1) };
        }
        drop(one);
        let (done, reason, received, text) = thread.join().unwrap();
        assert_eq!(
            (done, reason, received),
            (oftp_code::OFTP_E_CALLBACK as i32, 99, 0),
            "{at}"
        );
        assert!(text.contains("returned -1"), "{text}");
        assert_eq!(alpha.result().reason, 99, "{at}");
    }
}

#[test]
fn in_a_blocking_run_open_questions_are_answered() {
    let (alpha, mut beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    beta.log.answer = Some(Box::new(|_, _| 0));
    let (one, two) = sockets();
    alpha.calls("OBETA");
    beta.answers();
    alpha.attach(one.as_raw_fd(), None);
    alpha.ready();
    let handle = beta.handle as usize;
    let thread = std::thread::spawn(move || {
        // SAFETY: a handle.
        unsafe {
            let handle = std::ptr::with_exposed_provenance_mut(handle);
            oftp_run_fd(handle, two.as_raw_fd(), null(), std::ptr::null_mut())
        }
    });
    while !alpha.ready() {
        std::thread::yield_now();
    }
    drop(one);
    assert_eq!(thread.join().unwrap(), 0);
    // The folder took it.
    assert_eq!(beta.only_stored(), b"octets");
}

#[test]
fn a_file_may_be_sent_inside_a_callback() {
    let (alpha, mut beta) = pair();
    alpha.send(
        &alpha.file("TO", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"question",
    );
    let back = beta.file("BACK", "OALPHA", oftp_format::OFTP_FORMAT_U, 0);
    beta.log.answer = Some(Box::new(move |mailbox, event| {
        if event == "received" {
            // SAFETY: valid structures.
            let sent = unsafe {
                let octets = b"answer";
                oftp_mailbox_send_memory(
                    mailbox,
                    null(),
                    &raw const back,
                    octets.as_ptr(),
                    octets.len(),
                    std::ptr::null_mut(),
                )
            };
            assert_eq!(sent, 0, "{}", last_error());
        }
        PASS
    }));
    session(&alpha, &beta);
    assert_eq!(alpha.only_stored(), b"answer");
    assert_eq!(beta.result().files_delivered, 1);
}
