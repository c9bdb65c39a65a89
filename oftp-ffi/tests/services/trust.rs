//! Whose certificate counts.

use std::ptr::{null, null_mut};

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;

const LATER: i64 = NOW + 5 * 365 * 86_400;

fn check(trust: *const oftp_trust, party: &Party, purpose: i32, time: i64) -> oftp_status {
    let keystore = certificates(&[party]);
    let info = info(keystore, 0);
    // SAFETY: the certificate is there until the keystore is freed.
    unsafe {
        let status = oftp_trust_check(trust, info.der, info.der_len, purpose, time);
        let text = error();
        ok(oftp_keystore_free(keystore));
        if status < 0 {
            // The text was that of the check.
            assert!(!text.is_empty());
        }
        status
    }
}

#[test]
fn only_pinned_certificates_count_and_only_while_they_are_valid() {
    let trust = trust(&[&ALPHA]);
    for purpose in 0..6 {
        assert_eq!(check(trust, &ALPHA, purpose, NOW), 0);
        let distrust = OFTP_E_DISTRUST as i32;
        assert_eq!(check(trust, &BETA, purpose, NOW), distrust);
        assert_eq!(check(trust, &ALPHA, purpose, LATER), distrust);
        assert_eq!(check(trust, &ALPHA, purpose, NOW - 9 * 86_400), distrust);
    }
    for (purpose, time) in [(-1, NOW), (6, NOW), (0, -1), (0, i64::MAX)] {
        assert_eq!(check(trust, &ALPHA, purpose, time), OFTP_E_VALUE as i32);
    }
    // SAFETY: all pointers are to what is there.
    unsafe {
        let status = oftp_trust_check(trust, b"none".as_ptr(), 4, 0, NOW);
        fails(status, OFTP_E_KEY, "no certificate");
        ok(oftp_trust_free(trust));
    }
}

#[test]
fn options_ask_for_more() {
    let mut options: oftp_trust_options = zeroed();
    options.struct_size = size_of_val(&options);
    options.min_rsa_bits = 3072;
    let mut trust = null_mut();
    // SAFETY: all pointers are to what is there.
    unsafe {
        ok(oftp_trust_new(&raw mut trust, &options));
        ok(oftp_trust_pin(trust, certificates(&[&ALPHA])));
        assert_eq!(check(trust, &ALPHA, 0, NOW), OFTP_E_DISTRUST as i32);
        let mut none = null_mut();
        for change in [
            (|o: &mut oftp_trust_options| o.sha1 = 3) as fn(&mut oftp_trust_options),
            |o: &mut oftp_trust_options| o.unknown_revocation = -1,
        ] {
            let mut wrong = options;
            change(&mut wrong);
            let status = oftp_trust_new(&raw mut none, &wrong);
            fails(status, OFTP_E_VALUE, "oftp_choice");
        }
        assert!(none.is_null());
    }
}

#[test]
fn the_newest_certificate_is_encrypted_for() {
    let keystore = certificates(&[&BETA]);
    let renewed = generate(keystore, "beta");
    let (mut trust, mut der) = (null_mut(), null_mut());
    // SAFETY: all pointers are to what is there.
    unsafe {
        ok(oftp_trust_new(&raw mut trust, null()));
        let status = oftp_trust_newest(trust, 1, NOW, &raw mut der);
        fails(status, OFTP_E_DISTRUST, "");
        ok(oftp_trust_pin(trust, keystore));
        ok(oftp_trust_newest(trust, 1, NOW, &raw mut der));
        let der = take(der);
        let all = [0, renewed].map(|at| {
            let info = info(keystore, at);
            std::slice::from_raw_parts(info.der, info.der_len)
        });
        // Both are equally old.
        assert!(all.contains(&&der[..]));
        let mut none = null_mut();
        let status = oftp_trust_newest(trust, 1, LATER, &raw mut none);
        fails(status, OFTP_E_DISTRUST, "CN=beta");
    }
}

#[test]
fn authorities_certify_who_bears_the_name_unless_revoked() {
    let read = |name: &str| {
        let keystore = empty();
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../oftp-station/tests/data/keys/"
        );
        add(
            keystore,
            &std::fs::read(format!("{folder}{name}.pem")).expect("file"),
        );
        keystore
    };
    let alpha = info(read("alpha-by-ca"), 0);
    let when = alpha.not_before + 86_400;
    let mut trust = null_mut();
    // SAFETY: all pointers are to what is there.
    unsafe {
        ok(oftp_trust_new(&raw mut trust, null()));
        let check = || oftp_trust_check(trust, alpha.der, alpha.der_len, 0, when);
        fails(check(), OFTP_E_DISTRUST, "");
        ok(oftp_trust_add_authorities(trust, read("ca")));
        ok(check());
        ok(oftp_trust_add_name(trust, c"somebody else".as_ptr()));
        fails(check(), OFTP_E_DISTRUST, "somebody else");
        let status = oftp_trust_add_name(trust, c"".as_ptr());
        fails(status, OFTP_E_VALUE, "name is empty");
        ok(oftp_trust_add_intermediates(trust, read("beta")));
        ok(oftp_trust_add_crls(trust, empty()));
        ok(oftp_trust_free(trust));
    }
}
