//! Questions to the host, and the runs in which nobody answers later.

use std::ptr::null;

use oftp::*;

use super::support::{Station, blocking_session, last_error, noise, pair, session, sized};

const PASS: i32 = oftp_code::OFTP_PASSTHROUGH as i32;

/// Takes every file by callbacks.
fn takes_all(station: &mut Station) {
    station.log.answer = Some(Box::new(|mailbox, event| {
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
}

#[test]
fn a_blocking_run_asks_before_it_answers_for_its_host() {
    let small: oftp_config = oftp_config {
        buffer_size: 128,
        ..sized()
    };
    let mut alpha = Station::new("OALPHA", |config| config.session = &raw const small);
    let mut beta = Station::new("OBETA", |config| config.session = &raw const small);
    alpha.knows("OBETA", |_| {});
    beta.knows("OALPHA", |_| {});
    takes_all(&mut beta);
    // Wherever a turn of the loop ends, the host hears that the file is complete.
    let files: Vec<_> = (240..=260).chain(500..=515).collect();
    for buffers in &files {
        let file = alpha.file(
            &format!("F{buffers}"),
            "OBETA",
            oftp_format::OFTP_FORMAT_U,
            0,
        );
        alpha.send(&file, &noise(buffers * 123));
    }
    alpha.log.answer = None;
    assert_eq!(blocking_session(&alpha, &beta), 0);
    let refused = alpha.log.lines.iter().find(|l| l.starts_with("refused"));
    assert_eq!(refused, None);
    assert_eq!(beta.result().files_received, files.len() as u64);
}

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
