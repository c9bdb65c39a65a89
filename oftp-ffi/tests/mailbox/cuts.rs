//! Connections that are cut: what was not finished goes on where it stopped.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use oftp::*;

use super::support::{Station, last_error, noise, pair, records, session, sockets};

/// A session over a line that is cut when so many octets went from the caller to the called.
/// Returns how many went.
fn cut_after(caller: &Station, called: &Station, octets: usize) -> usize {
    let ((one, near), (far, two)) = (sockets(), sockets());
    for end in [&near, &far] {
        end.set_nonblocking(true).unwrap();
    }
    caller.calls(called.code);
    called.answers();
    caller.attach(one.as_raw_fd(), None);
    called.attach(two.as_raw_fd(), None);
    let mut open = [true, true];
    let mut passed = 0;
    let pass = |mut from: &UnixStream, mut to: &UnixStream, limit: usize| {
        let mut block = vec![0; limit.min(4096)];
        match from.read(&mut block) {
            Ok(octets @ 1..) => {
                // The other side reads before it writes on.
                let _ = to.write_all(&block[..octets]);
                octets
            }
            _ => 0,
        }
    };
    while open.iter().any(|open| *open) {
        for (station, open) in [caller, called].into_iter().zip(&mut open) {
            *open = *open && !station.ready();
        }
        if passed < octets {
            passed += pass(&near, &far, octets - passed);
            pass(&far, &near, 4096);
        }
        if passed == octets || open.iter().any(|open| !open) {
            let _ = near.shutdown(std::net::Shutdown::Both);
            let _ = far.shutdown(std::net::Shutdown::Both);
        }
    }
    passed
}

#[test]
fn a_file_goes_on_where_it_was_cut() {
    let variable: Vec<_> = (0..4000).map(|n| noise(n % 300)).collect();
    let variable: Vec<_> = variable.iter().map(Vec::as_slice).collect();
    for (format, record, octets) in [
        (oftp_format::OFTP_FORMAT_U, 0, noise(600_000)),
        (oftp_format::OFTP_FORMAT_F, 100, noise(600_000)),
        (oftp_format::OFTP_FORMAT_V, 0, records(&variable)),
    ] {
        let (alpha, beta) = pair();
        alpha.send(&alpha.file("LONG", "OBETA", format, record), &octets);
        cut_after(&alpha, &beta, 400_000);
        assert!(beta.stored().is_empty());
        assert_eq!(
            alpha.result().ending,
            oftp_ending::OFTP_ENDING_FAILED as i32
        );
        assert_eq!(alpha.result().files_waiting, 1);
        beta.assert_told("turned_away LONG  -1");
        // Less than all of it goes over the line now.
        let passed = cut_after(&alpha, &beta, usize::MAX);
        assert!(passed < 400_000, "{passed} of {}", octets.len());
        assert!(beta.only_stored() == octets);
        assert_eq!(alpha.result().files_delivered, 1, "{:?}", alpha.log.lines);
    }
}

/// Two stations with keys.
fn keyed(code: &'static str, name: &str, partner: &str, of: &str) -> Station {
    let read = |name: &str| {
        let path = super::support::key(name);
        std::fs::read(path.to_str().unwrap()).unwrap()
    };
    let own = [read(&format!("{name}.key")), read(&format!("{name}.pem"))].concat();
    let station = Station::new(code, |config| {
        config.own_keys_data = own.as_ptr();
        config.own_keys_len = own.len();
    });
    let of = super::support::key(&format!("{of}.pem"));
    station.knows(partner, |partner| partner.certificates = of.as_ptr());
    station
}

#[test]
fn a_secured_file_with_a_signed_response_goes_on_too() {
    for security in [0, 3] {
        let alpha = keyed("OALPHA", "alpha", "OBETA", "beta");
        let beta = keyed("OBETA", "beta", "OALPHA", "alpha");
        let file = oftp_virtual_file {
            security,
            signed_response: 1,
            ..alpha.file("LONG", "OBETA", oftp_format::OFTP_FORMAT_U, 0)
        };
        alpha.send(&file, &noise(600_000));
        cut_after(&alpha, &beta, 400_000);
        assert!(beta.stored().is_empty());
        let passed = cut_after(&alpha, &beta, usize::MAX);
        assert!(passed < 400_000, "{passed}");
        assert!(beta.only_stored() == noise(600_000));
        alpha.assert_told("response 1 LONG 0 0 1");
    }
}

/// However far a session came: in the end the file is there once, and answered.
#[test]
fn wherever_a_session_is_cut_the_file_arrives_once() {
    let whole = {
        let (alpha, beta) = pair();
        alpha.send(
            &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
            b"octets",
        );
        cut_after(&alpha, &beta, usize::MAX)
    };
    assert!(whole > 200);
    for cut in 0..=whole {
        // Either side may be the first to call again.
        let calls_back = cut % 2 == 1;
        let (alpha, beta) = pair();
        alpha.send(
            &alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0),
            b"octets",
        );
        cut_after(&alpha, &beta, cut);
        if calls_back {
            session(&beta, &alpha);
        } else {
            session(&alpha, &beta);
        }
        assert_eq!(beta.only_stored(), b"octets", "cut after {cut}");
        assert_eq!(alpha.result().files_refused, 0, "cut after {cut}");
        // Its response has come first: it is not offered again.
        let again = beta.told("turned_away A SFNA 13");
        assert!(!(calls_back && again), "cut after {cut}");
        let result = alpha.result();
        let told = alpha
            .log
            .lines
            .iter()
            .filter(|line| line.starts_with("response"))
            .count();
        assert!(
            told >= 1,
            "cut after {cut}: {:?} {:?}",
            alpha.log.lines,
            beta.log.lines
        );
        assert_eq!(
            (result.files_open, result.files_waiting),
            (0, 0),
            "cut after {cut}"
        );
        assert!(alpha.told("sent 1"), "cut after {cut}");
    }
}

#[test]
fn another_mailbox_goes_on_where_the_first_was_cut() {
    let (alpha, beta) = pair();
    let octets = noise(600_000);
    let mut file = alpha.file("LONG", "OBETA", oftp_format::OFTP_FORMAT_U, 0);
    alpha.send(&file, &octets);
    cut_after(&alpha, &beta, 400_000);
    drop(alpha);
    let alpha = Station::new("OALPHA", |_| {});
    alpha.knows("OBETA", |_| {});
    // As much may be there; the partner says how much is.
    file.restart_position = 500;
    alpha.send(&file, &octets);
    let passed = cut_after(&alpha, &beta, usize::MAX);
    assert!(passed < 400_000, "{passed}");
    assert!(beta.only_stored() == octets);
}

/// (threat model X7)
#[test]
fn a_partner_that_is_gone_raises_no_signal() {
    // The runtime of Rust ignores SIGPIPE; a host in C does not.
    // SAFETY: the default action, which ends this process.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let (_, beta) = pair();
    let (gone, two) = sockets();
    drop(gone);
    beta.answers();
    beta.attach(two.as_raw_fd(), None);
    while !beta.ready() {}
    assert_eq!(beta.result().ending, oftp_ending::OFTP_ENDING_FAILED as i32);
}

#[test]
fn a_signed_response_outlives_the_mailbox_that_made_it() {
    let begin = || {
        let alpha = keyed("OALPHA", "alpha", "OBETA", "beta");
        let file = oftp_virtual_file {
            security: 3,
            signed_response: 1,
            ..alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0)
        };
        alpha.send(&file, b"octets");
        (alpha, keyed("OBETA", "beta", "OALPHA", "alpha"))
    };
    let whole = {
        let (alpha, beta) = begin();
        cut_after(&alpha, &beta, usize::MAX)
    };
    let mut owed = 0;
    for cut in whole - 30..whole {
        let (alpha, mut beta) = begin();
        cut_after(&alpha, &beta, cut);
        if beta.stored().is_empty() || alpha.log.lines.iter().any(|l| l.starts_with("resp")) {
            continue;
        }
        owed += 1;
        let mut other = keyed("OBETA", "beta", "OALPHA", "alpha");
        std::mem::swap(&mut other.folder, &mut beta.folder);
        drop(beta);
        other.receive_into();
        session(&other, &alpha);
        alpha.assert_told("response 1 A 0 0 1");
    }
    assert!(owed > 0);
}

#[test]
fn a_response_to_a_file_of_an_earlier_mailbox_is_known_and_checked() {
    let begin = || {
        let alpha = keyed("OALPHA", "alpha", "OBETA", "beta");
        let file = oftp_virtual_file {
            security: 3,
            signed_response: 1,
            ..alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0)
        };
        alpha.send(&file, b"octets");
        (alpha, file, keyed("OBETA", "beta", "OALPHA", "alpha"))
    };
    let whole = {
        let (alpha, _, beta) = begin();
        cut_after(&alpha, &beta, usize::MAX)
    };
    let mut checked = 0;
    for cut in whole - 30..whole {
        let (alpha, file, beta) = begin();
        let (mut hash, mut len) = ([0; 64], 0);
        // SAFETY: valid.
        let told = unsafe {
            let (out, len) = (hash.as_mut_ptr(), &raw mut len);
            oftp_mailbox_file_hash(alpha.handle, 1, out, 64, len)
        };
        assert_eq!((told, len), (0, 32));
        cut_after(&alpha, &beta, cut);
        if beta.stored().is_empty() || alpha.log.lines.iter().any(|l| l.starts_with("resp")) {
            continue;
        }
        drop(alpha);
        let good = checked % 2 == 0;
        hash[0] ^= u8::from(!good);
        checked += 1;
        let other = keyed("OALPHA", "alpha", "OBETA", "beta");
        let mut id = 0;
        // SAFETY: valid.
        let expected = unsafe {
            let (partner, file, id) = (std::ptr::null(), &raw const file, &raw mut id);
            oftp_mailbox_expect_response(other.handle, partner, file, hash.as_ptr(), len, id)
        };
        assert_eq!((expected, id), (0, 1), "{}", last_error());
        session(&beta, &other);
        // OFTP_PROOF_SIGNED, and OFTP_PROOF_WORTHLESS for another hash.
        let proof = if good { 1 } else { 3 };
        other.assert_told(&format!("response 1 A 0 0 {proof}"));
        assert_eq!(other.result().files_delivered, u64::from(good));
    }
    assert!(checked > 1);
}
