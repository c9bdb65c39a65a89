//! Questions to the host, and the runs in which nobody answers later.

use std::os::fd::AsRawFd;
use std::ptr::null;

use oftp::*;

use super::support::{Station, blocking, last_error, pair, run_alone, session, sockets};

const PASS: i32 = oftp_code::OFTP_PASSTHROUGH as i32;

#[test]
fn a_session_that_is_given_up_asks_and_answers_nothing_more() {
    for at in ["offered", "complete"] {
        let (alpha, mut beta) = pair();
        // SAFETY: a handle.
        unsafe { oftp_mailbox_receive_into(beta.handle, null()) };
        alpha.send(
            &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
            b"octets",
        );
        beta.log.answer = Some(Box::new(move |mailbox, event| {
            // SAFETY: a handle.
            unsafe {
                if event == at {
                    assert_eq!(oftp_mailbox_release(mailbox, 99, null()), 0);
                    let (late, text) = match at {
                        "offered" => (oftp_mailbox_accept_file(mailbox, 0, 0), "no file waits for"),
                        _ => (
                            oftp_mailbox_file_stored(mailbox, 0, 0, null()),
                            "no file waits to be stored",
                        ),
                    };
                    assert_eq!(late, oftp_code::OFTP_E_USER as i32);
                    assert!(last_error().contains(text), "{}", last_error());
                    return PASS;
                }
                if event == "offered" {
                    oftp_mailbox_accept_file(mailbox, 0, 0);
                }
            }
            0
        }));
        session(&alpha, &beta);
        assert_eq!(beta.result().reason, 99);
        let answered = |line: &String| line.contains("SFNA") || line.contains("EFNA");
        assert!(!beta.log.lines.iter().any(answered), "{:?}", beta.log.lines);
    }
}

#[test]
fn a_response_that_its_host_could_not_keep_comes_again() {
    let (mut alpha, beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    alpha.log.answer = Some(Box::new(|_, event| -i32::from(event == "response")));
    alpha.calls("OBETA");
    beta.answers();
    let (one, two) = sockets();
    beta.attach(two.as_raw_fd(), None);
    let thread = blocking(&alpha, one);
    run_alone(&beta, two);
    assert_eq!(thread.join().unwrap(), oftp_code::OFTP_E_CALLBACK as i32);
    let result = alpha.result();
    assert_eq!((result.files_delivered, result.files_open), (0, 1));
    alpha.log.answer = None;
    session(&alpha, &beta);
    let result = alpha.result();
    assert_eq!((result.files_delivered, result.files_open), (1, 0));
}

#[test]
fn data_that_nobody_stores_ends_the_session() {
    let (alpha, mut beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    beta.log.answer = Some(Box::new(|mailbox, event| {
        if event == "offered" {
            // SAFETY: a handle.
            return unsafe { oftp_mailbox_accept_file(mailbox, 0, 0) };
        }
        if event == "data" { PASS } else { 0 }
    }));
    session(&alpha, &beta);
    assert_eq!((alpha.result().reason, beta.result().reason), (8, 8));
    assert!(!beta.told("complete A"), "{:?}", beta.log.lines);
}

/// SFNA 13 with "retry later" says that another session is receiving the file; it was ours.
#[test]
fn a_file_that_was_sent_once_stays_sent_however_it_is_refused() {
    let (alpha, mut beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    // All of it comes, and EFPA never leaves.
    beta.log.answer = Some(Box::new(|mailbox, event| {
        // SAFETY: a handle.
        unsafe {
            match event {
                "offered" => oftp_mailbox_accept_file(mailbox, 0, 0),
                "complete" => oftp_mailbox_release(mailbox, 99, null()),
                _ => 0,
            }
        }
    }));
    session(&alpha, &beta);
    for retry in [oftp_choice::OFTP_YES as i32, oftp_choice::OFTP_NO as i32] {
        beta.log.answer = Some(Box::new(move |mailbox, event| {
            if event == "offered" {
                // SAFETY: a handle.
                return unsafe { oftp_mailbox_refuse_file(mailbox, 13, retry, null()) };
            }
            0
        }));
        session(&alpha, &beta);
    }
    alpha.assert_told("refused 1 SFNA 13 1");
    alpha.assert_told("sent 1");
    assert_eq!(alpha.result().files_open, 1);
}

#[test]
fn a_file_is_forgotten_unless_it_is_being_sent() {
    let (mut alpha, beta) = pair();
    for name in ["A", "B"] {
        let file = alpha.file(name, "OBETA", oftp_format::OFTP_FORMAT_U, 0);
        alpha.send(&file, b"octets");
    }
    // SAFETY: a handle.
    let forget = |mailbox, id| unsafe { oftp_mailbox_forget(mailbox, id) };
    assert_eq!(forget(alpha.handle, 1), 0, "{}", last_error());
    assert_eq!(forget(alpha.handle, 1), oftp_code::OFTP_E_VALUE as i32);
    alpha.log.answer = Some(Box::new(move |mailbox, event| {
        if event == "up" {
            // It is queued, and not offered yet.
            assert_eq!(forget(mailbox, 2), 0, "{}", last_error());
        }
        0
    }));
    session(&alpha, &beta);
    assert!(beta.stored().is_empty());
    assert_eq!(alpha.result().files_waiting, 0);
}

/// The partner hears EFPA, and this process is killed before its EERP is confirmed.
#[test]
fn a_response_to_a_plain_file_is_on_the_disk_before_efpa() {
    let (mut alpha, beta) = pair();
    alpha.send(
        &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
        b"octets",
    );
    alpha.log.answer = Some(Box::new(|mailbox, event| {
        if event == "sent" {
            // SAFETY: a handle.
            return unsafe { oftp_mailbox_release(mailbox, 99, null()) };
        }
        0
    }));
    session(&alpha, &beta);
    alpha.log.answer = None;
    let mut other = Station::new("OBETA", |_| {});
    other.knows("OALPHA", |_| {});
    let mut beta = beta;
    std::mem::swap(&mut other.folder, &mut beta.folder);
    drop(beta);
    other.receive_into();
    session(&other, &alpha);
    alpha.assert_told("response 1 A 0 0 0");
}
