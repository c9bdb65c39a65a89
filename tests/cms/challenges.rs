//! The challenges of secure authentication (RFC 5024 sections 4.2.3 and 5.3.17).

use std::collections::HashSet;

use oftp_secure::asn1::{constructed, octet_string, tag};
use oftp_secure::challenge::{LONGEST, open_challenge, seal_challenge};
use oftp_secure::cms::SealPlan;
use oftp_secure::suite::SUITES;
use oftp_tests::pki;

use crate::common::{Layers, alpha, beta, seal, seal_plan, suite};
use crate::craft::{Parts, Style};

/// New octets each time (threat model A4).
#[test]
fn every_suite_carries_a_challenge_and_each_is_another_one() {
    let mut seen = HashSet::new();
    for suite in &SUITES {
        for _ in 0..3 {
            let challenge = seal_challenge(&beta().certificate, suite).expect("seals");
            let answer = open_challenge(&challenge.sealed, &[alpha(), beta()]);
            assert_eq!(answer.expect("opens"), challenge.plain, "{suite}");
            assert!(seen.insert(challenge.plain));
            for style in Style::ALL {
                let sealed = Parts::of(&challenge.sealed).assemble(style);
                let answer = open_challenge(&sealed, &[beta()]);
                assert_eq!(answer.expect("opens"), challenge.plain);
            }
        }
    }
}

/// The recipient names the key: no other one is tried (threat model A8).
#[test]
fn old_and_new_keys_both_answer() {
    let (old, new) = (pki::self_signed("old"), pki::self_signed("new"));
    for certificate in [&old.certificate, &new.certificate] {
        let challenge = seal_challenge(certificate, suite(4)).expect("seals");
        let answer = open_challenge(&challenge.sealed, &[new.clone(), old.clone()]);
        assert_eq!(answer.expect("opens"), challenge.plain);
    }
}

/// A key that decrypts whatever comes is an oracle for files that were captured: only what has
/// exactly the form of a challenge leaves (threat model A6).
#[test]
fn nothing_but_twenty_octets_leaves() {
    let sealed = |content: &[u8]| seal(seal_plan(4, Layers::ENCRYPTED), content);
    assert_eq!(open_challenge(&sealed(&[7; 20]), &[beta()]), Ok([7; 20]));
    for octets in [0, 1, 19, 21, 40, 5000] {
        let refused = open_challenge(&sealed(&vec![7; octets]), &[beta()]);
        let reason = refused.expect_err("no challenge").reason;
        assert_eq!(reason, format!("it holds {octets} octets instead of 20"));
    }
}

#[test]
fn the_reason_says_whose_challenge_it_was_and_what_we_hold() {
    let challenge = seal_challenge(&alpha().certificate, suite(4)).expect("seals");
    let refused = open_challenge(&challenge.sealed, &[beta()]);
    let text = refused.expect_err("not for us").to_string();
    for part in [
        format!("serial {}", alpha().certificate.serial_hex()),
        beta().certificate.to_string(),
    ] {
        assert!(text.contains(&part), "{text}");
    }
    let refused = open_challenge(&challenge.sealed, &[]);
    assert!(
        refused
            .expect_err("no key")
            .reason
            .contains("our keys are nobody")
    );
}

/// 8 KiB and 16 levels (threat model A8).
#[test]
fn size_and_depth_are_bounded_before_any_work() {
    let mut parts = Parts::of(
        &seal_challenge(&beta().certificate, suite(4))
            .expect("seals")
            .sealed,
    );
    let attributes = |octets| {
        constructed(
            tag::CONTEXT_1_CONSTRUCTED,
            &[&octet_string(&vec![0; octets])],
        )
    };
    parts.tail.push(attributes(LONGEST - 800));
    let fits = parts.assemble(Style::Definite);
    assert!(fits.len() <= LONGEST && fits.len() > LONGEST - 400);
    assert!(open_challenge(&fits, &[beta()]).is_ok());
    parts.tail[0] = attributes(LONGEST - 200);
    let refused = open_challenge(&parts.assemble(Style::Definite), &[beta()]);
    assert!(
        refused
            .expect_err("long")
            .reason
            .contains("8,192 are the limit")
    );
    let mut deep = octet_string(&[]);
    for _ in 0..13 {
        deep = constructed(tag::SEQUENCE, &[&deep]);
    }
    parts.tail[0] = constructed(tag::CONTEXT_1_CONSTRUCTED, &[&deep]);
    let refused = open_challenge(&parts.assemble(Style::Definite), &[beta()]);
    assert!(
        refused
            .expect_err("deep")
            .reason
            .contains("more than 16 levels")
    );
    for octets in [&[][..], &[0x30], b"AUCH", &[0x30, 0x80].repeat(3000)] {
        assert!(open_challenge(octets, &[beta()]).is_err());
    }
}

/// Ours is found by its identifier behind many others, and only as many as fit into 8 KiB are
/// looked at (threat model A8).
#[test]
fn the_number_of_recipients_is_bounded() {
    let sealed = |others: usize| {
        let mut plan = seal_plan(4, Layers::ENCRYPTED);
        plan.recipients = vec![alpha().certificate; others];
        plan.recipients.push(beta().certificate);
        seal(plan, &[7; 20])
    };
    let few = sealed(15);
    assert!(few.len() <= LONGEST && few.len() > LONGEST / 2);
    assert_eq!(open_challenge(&few, &[beta()]), Ok([7; 20]));
    let refused = open_challenge(&sealed(300), &[beta()]);
    let reason = refused.expect_err("many").reason;
    assert!(reason.contains("8,192 are the limit"), "{reason}");
}

#[test]
fn damaged_challenges_give_twenty_octets_or_nothing() {
    let challenge = seal_challenge(&beta().certificate, suite(1)).expect("seals");
    let mut answered = 0;
    for place in 0..challenge.sealed.len() {
        let mut sealed = challenge.sealed.clone();
        sealed[place] ^= 0x11;
        // The content is not authenticated: other octets are an answer, and a wrong one.
        answered += usize::from(open_challenge(&sealed, &[beta()]).is_ok());
        assert!(open_challenge(&challenge.sealed[..place], &[beta()]).is_err());
    }
    assert!(answered < 60, "{answered}");
    let mut plan = SealPlan::new(suite(4));
    plan.signers.push(alpha());
    let refused = open_challenge(&seal(plan, &[7; 20]), &[beta()]);
    assert!(
        refused
            .expect_err("signed")
            .reason
            .contains("this is SignedData")
    );
}
