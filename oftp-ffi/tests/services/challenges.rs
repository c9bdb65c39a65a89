//! Challenges of secure authentication.

use std::ptr::null_mut;

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;

fn challenge() -> ([u8; 20], Vec<u8>) {
    let (mut plain, mut sealed) = ([0; 20], null_mut());
    let beta = trust(&[&BETA]);
    // SAFETY: places for results.
    ok(unsafe { oftp_challenge_seal(beta, 0, NOW, plain.as_mut_ptr(), &raw mut sealed) });
    (plain, take(sealed))
}

fn answer(keystore: *const oftp_keystore, sealed: &[u8]) -> (oftp_status, [u8; 20]) {
    let mut plain = [0; 20];
    // SAFETY: places for results.
    let status =
        unsafe { oftp_challenge_open(keystore, sealed.as_ptr(), sealed.len(), plain.as_mut_ptr()) };
    (status, plain)
}

#[test]
fn only_the_partner_can_answer_and_each_challenge_is_new() {
    let (plain, sealed) = challenge();
    let beta = own(&[&ALPHA, &BETA]);
    assert_eq!(answer(beta, &sealed), (0, plain));
    assert_ne!(challenge().0, plain);
    let (status, answered) = answer(own(&[&GAMMA]), &sealed);
    fails(status, OFTP_E_CMS, "cannot be answered");
    assert_eq!(answered, [0; 20]);
    let (status, _) = answer(beta, &sealed[..sealed.len() - 1]);
    fails(status, OFTP_E_CMS, "cannot be answered");
    let (status, _) = answer(empty(), &sealed);
    fails(status, OFTP_E_KEY, "no private key");
}

#[test]
fn nothing_but_twenty_octets_leaves() {
    let message = seal(&seal_plan(1), b"a secret file");
    let (status, answered) = answer(own(&[&BETA]), &message);
    fails(status, OFTP_E_CMS, "13 octets instead of 20");
    assert_eq!(answered, [0; 20]);
}

#[test]
fn a_certificate_that_is_not_good_for_it_gets_no_challenge() {
    let (mut plain, mut sealed) = ([0; 20], null_mut());
    let later = NOW + 5 * 365 * 86_400;
    // SAFETY: places for results.
    unsafe {
        let (at, out) = (plain.as_mut_ptr(), &raw mut sealed);
        let status = oftp_challenge_seal(trust(&[&BETA]), 0, later, at, out);
        fails(status, OFTP_E_DISTRUST, "CN=beta");
        let status = oftp_challenge_seal(trust(&[]), 0, NOW, at, out);
        fails(status, OFTP_E_DISTRUST, "");
    }
    assert_eq!(plain, [0; 20]);
    assert!(sealed.is_null());
}
