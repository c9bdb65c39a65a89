//! Files in envelopes, signed end responses, secure authentication.

use std::ptr::null;

use oftp::*;

use super::support::{Station, key, last_error, noise, records, session};

/// Own keys lie beside their certificates in one file here.
fn with_keys() -> (Station, Station) {
    let both = |name: &str| {
        let read = |kind: &str| {
            let path = key(&format!("{name}.{kind}"));
            std::fs::read(path.to_str().unwrap()).unwrap()
        };
        [read("key"), read("pem")].concat()
    };
    let make = |code: &'static str, name: &str, partner: &str, of: &str| {
        let octets = both(name);
        let station = Station::new(code, |config| {
            config.own_keys_data = octets.as_ptr();
            config.own_keys_len = octets.len();
        });
        let of = key(&format!("{of}.pem"));
        station.knows(partner, |partner| partner.certificates = of.as_ptr());
        station
    };
    let alpha = make("OALPHA", "alpha", "OBETA", "beta");
    let beta = make("OBETA", "beta", "OALPHA", "alpha");
    (alpha, beta)
}

fn secured(alpha: &Station, format: oftp_format) -> oftp_virtual_file {
    oftp_virtual_file {
        security: 3,
        compression: 1,
        signed_response: 1,
        cipher_suite: 2,
        ..alpha.file("SECRET", "OBETA", format, 0)
    }
}

#[test]
fn a_secured_file_arrives_and_its_signed_response_is_checked() {
    for format in ["U", "V"] {
        let (alpha, beta) = with_keys();
        let (format, octets) = match format {
            "U" => (oftp_format::OFTP_FORMAT_U, noise(300_000)),
            _ => (
                oftp_format::OFTP_FORMAT_V,
                records(&[b"one", b"", &noise(40_000)]),
            ),
        };
        alpha.send(&secured(&alpha, format), &octets);
        session(&alpha, &beta);
        assert!(beta.only_stored() == octets, "{:?}", beta.log.lines);
        beta.assert_told("received SECRET");
        // OFTP_PROOF_SIGNED
        alpha.assert_told("response 1 SECRET 0 0 1");
        let result = alpha.result();
        assert_eq!((result.files_delivered, result.files_open), (1, 0));
        assert!(
            std::fs::read_dir(beta.folder.path().join(".owed"))
                .unwrap()
                .next()
                .is_none()
        );
    }
}

#[test]
fn a_plain_file_can_have_a_signed_response() {
    let (alpha, beta) = with_keys();
    let file = oftp_virtual_file {
        signed_response: 1,
        ..alpha.file("PLAIN", "OBETA", oftp_format::OFTP_FORMAT_U, 0)
    };
    alpha.send(&file, &noise(100_000));
    session(&alpha, &beta);
    assert!(beta.only_stored() == noise(100_000));
    alpha.assert_told("response 1 PLAIN 0 0 1");
}

#[test]
fn a_file_that_cannot_be_opened_is_answered_by_nerp() {
    // BETA believes that ALPHA signs with another key.
    let (alpha, beta) = with_keys();
    let gamma = key("gamma.pem");
    beta.knows("OALPHA", |partner| partner.certificates = gamma.as_ptr());
    let mut file = secured(&alpha, oftp_format::OFTP_FORMAT_U);
    file.signed_response = 0;
    alpha.send(&file, b"nobody reads this");
    session(&alpha, &beta);
    assert!(beta.stored().is_empty());
    beta.assert_told("turned_away SECRET NERP 31");
    // NERP, reason 31, not signed.
    alpha.assert_told("response 1 SECRET 1 31 0");
    let result = alpha.result();
    assert_eq!(
        (
            result.files_failed,
            result.files_delivered,
            result.files_open
        ),
        (1, 0, 0)
    );
    assert_eq!(beta.result().files_received, 0);
}

/// What is small on the way may be large when it is opened (threat model C1).
#[test]
fn the_size_that_is_taken_is_that_of_the_content_too() {
    for (max_size, told, arrives) in [
        (200, "response 1 SECRET 1 31 1", false),
        (2000, "response 1 SECRET 0 0 1", true),
    ] {
        let (alpha, beta) = with_keys();
        let certificate = key("alpha.pem");
        beta.knows("OALPHA", |partner| {
            partner.certificates = certificate.as_ptr();
            partner.max_size = max_size;
        });
        let octets = vec![b' '; 1 << 20];
        alpha.send(&secured(&alpha, oftp_format::OFTP_FORMAT_U), &octets);
        session(&alpha, &beta);
        alpha.assert_told(told);
        assert_eq!(!beta.stored().is_empty(), arrives);
    }
}

#[test]
fn an_unsigned_response_proves_nothing_where_a_signed_one_was_asked_for() {
    let (alpha, _) = with_keys();
    // Without keys.
    let beta = Station::new("OBETA", |_| {});
    beta.knows("OALPHA", |_| {});
    let file = oftp_virtual_file {
        signed_response: 1,
        ..alpha.file("PLAIN", "OBETA", oftp_format::OFTP_FORMAT_U, 0)
    };
    alpha.send(&file, b"octets");
    session(&alpha, &beta);
    // OFTP_PROOF_WORTHLESS: the file stays open.
    alpha.assert_told("response 1 PLAIN 0 0 3");
    let result = alpha.result();
    assert_eq!(
        (
            result.files_delivered,
            result.files_open,
            result.responses_worthless
        ),
        (0, 1, 1)
    );
    assert!(
        beta.log
            .lines
            .iter()
            .any(|line| line.contains("not signed"))
    );
}

#[test]
fn what_must_be_secured_is_never_sent_unsecured() {
    let alpha = Station::new("OALPHA", |_| {});
    alpha.knows("OBETA", |_| {});
    let beta = Station::new("OBETA", |_| {});
    beta.knows("OALPHA", |_| {});
    let mut file = alpha.file("SECRET", "OBETA", oftp_format::OFTP_FORMAT_U, 0);
    for (security, words) in [(1, "certificate of the partner"), (2, "key of our own")] {
        file.security = security;
        let refused = alpha.try_send(&file, b"octets");
        assert_eq!(refused, Err(oftp_code::OFTP_E_KEY as i32));
        assert!(last_error().contains(words), "{}", last_error());
    }
    file.security = 0;
    file.signed_response = 1;
    let refused = alpha.try_send(&file, b"octets");
    assert_eq!(refused, Err(oftp_code::OFTP_E_KEY as i32));
    assert!(last_error().contains("signed_response"), "{}", last_error());
    session(&alpha, &beta);
    assert!(beta.stored().is_empty());
    assert_eq!(alpha.result().files_sent, 0);
}

#[test]
fn a_secured_file_is_not_sent_at_a_level_without_security() {
    let (alpha, beta) = with_keys();
    let old = super::support::sized::<oftp_config>();
    let old = oftp_config { level: 4, ..old };
    let certificate = key("alpha.pem");
    beta.knows("OALPHA", |partner| {
        partner.session = &raw const old;
        partner.certificates = certificate.as_ptr();
    });
    alpha.send(&secured(&alpha, oftp_format::OFTP_FORMAT_U), b"octets");
    session(&alpha, &beta);
    alpha.assert_told("refused 1  -1 0");
    assert!(beta.stored().is_empty());
}

#[test]
fn authentication_takes_the_right_key() {
    let (alpha, beta) = with_keys();
    let (a, b, gamma) = (key("alpha.pem"), key("beta.pem"), key("gamma.pem"));
    alpha.knows("OBETA", |partner| {
        partner.authentication = oftp_choice::OFTP_YES as i32;
        partner.certificates = b.as_ptr();
    });
    beta.knows("OALPHA", |partner| {
        partner.authentication = oftp_choice::OFTP_YES as i32;
        partner.certificates = a.as_ptr();
    });
    session(&alpha, &beta);
    assert_eq!(
        alpha.result().ending,
        oftp_ending::OFTP_ENDING_NORMAL as i32
    );
    // The challenge is for somebody else.
    beta.knows("OALPHA", |partner| {
        partner.authentication = oftp_choice::OFTP_YES as i32;
        partner.certificates = gamma.as_ptr();
    });
    session(&alpha, &beta);
    for station in [&alpha, &beta] {
        let result = station.result();
        assert_eq!(result.reason, 11, "{:?}", station.log.lines);
        assert_ne!(result.ending, oftp_ending::OFTP_ENDING_NORMAL as i32);
    }
}

#[test]
fn keys_with_a_passphrase_and_wrong_ones() {
    let (p12, broken) = (key("alpha.p12"), key("make.sh"));
    let passphrase = std::fs::read_to_string(key("passphrase").to_str().unwrap()).unwrap();
    let passphrase = std::ffi::CString::new(passphrase.trim_end()).unwrap();
    let alpha = Station::new("OALPHA", |config| {
        config.own_keys = p12.as_ptr();
        config.passphrase = passphrase.as_ptr();
    });
    let beta = key("beta.pem");
    alpha.knows("OBETA", |partner| partner.certificates = beta.as_ptr());
    alpha.send(&secured(&alpha, oftp_format::OFTP_FORMAT_U), b"octets");
    let mut handle = std::ptr::null_mut();
    let config = oftp_mailbox_config {
        code: c"OALPHA".as_ptr(),
        own_keys: broken.as_ptr(),
        ..super::support::sized()
    };
    // SAFETY: valid structures.
    let made = unsafe {
        oftp_mailbox_new(
            &raw mut handle,
            &raw const config,
            null(),
            std::ptr::null_mut(),
        )
    };
    assert_eq!(made, oftp_code::OFTP_E_KEY as i32);
    assert!(
        handle.is_null() && last_error().contains("own_keys"),
        "{}",
        last_error()
    );
}

#[test]
fn what_cannot_be_opened_is_refused_at_once() {
    let (alpha, _) = with_keys();
    let beta = Station::new("OBETA", |_| {});
    beta.knows("OALPHA", |_| {});
    for (security, id, reason) in [(1, 1, 16), (2, 2, 19)] {
        let file = oftp_virtual_file {
            security,
            ..alpha.file("SECRET", "OBETA", oftp_format::OFTP_FORMAT_U, 0)
        };
        alpha.send(&file, b"octets");
        session(&alpha, &beta);
        alpha.assert_told(&format!("refused {id} SFNA {reason} 0"));
    }
    assert!(beta.stored().is_empty());
}

#[test]
fn old_suites_can_be_forbidden() {
    let (alpha, _) = with_keys();
    let beta = Station::new("OBETA", |config| {
        config.no_legacy = oftp_choice::OFTP_YES as i32;
    });
    beta.knows("OALPHA", |_| {});
    alpha.send(&secured(&alpha, oftp_format::OFTP_FORMAT_U), b"octets");
    session(&alpha, &beta);
    alpha.assert_told("refused 1 SFNA 15 0");
}
