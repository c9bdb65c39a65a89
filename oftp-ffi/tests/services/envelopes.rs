//! Envelopes in memory: all layers, and whatever must not be opened.

use std::ptr::null_mut;

use oftp::oftp_code::*;
use oftp::oftp_nerp_reason::*;
use oftp::*;

use crate::common::*;

#[test]
fn every_combination_of_layers_comes_back() {
    for len in [0, 1, 200_000] {
        let content = content(len);
        for layers in 1..8 {
            let message = seal(&seal_plan(layers), &content);
            assert_ne!(message, content);
            let (status, opened, known) = open(&open_plan(layers), &message);
            ok(status);
            assert_eq!(opened, content, "layers {layers}");
            assert_eq!(known.octets, len as u64);
            assert_eq!(known.nerp_reason, 0);
            assert_eq!(known.signer_count, u32::from(layers & 2 != 0));
        }
    }
}

#[test]
fn every_suite_seals_and_the_old_ones_are_said_to_be_so_and_can_be_refused() {
    for suite in 1..=10 {
        let mut plan = seal_plan(3);
        plan.suite = suite;
        let message = seal(&plan, b"content");
        let mut plan = open_plan(3);
        let (status, opened, known) = open(&plan, &message);
        ok(status);
        assert_eq!(opened, b"content");
        let legacy = [1, 2, 3, 5].contains(&suite);
        assert_eq!(known.legacy == 1, legacy, "suite {suite}");
        plan.refuse_legacy = 1;
        let (status, ..) = open(&plan, &message);
        assert_eq!(status < 0, legacy, "suite {suite}");
    }
}

#[test]
fn who_signed_is_told() {
    let (_, _, known) = open(&open_plan(2), &seal(&seal_plan(2), b"content"));
    let alpha = info(own(&[&ALPHA]), 0);
    assert_eq!(known.signer_fingerprint, alpha.fingerprint);
    let signer: Vec<u8> = known.signer.iter().map(|c| *c as u8).collect();
    assert!(signer.starts_with(b"CN=alpha\0"));
}

#[test]
fn other_keys_and_certificates_are_refused_with_a_reason_for_the_partner() {
    let message = seal(&seal_plan(1), b"content");
    let mut plan = open_plan(1);
    plan.keystore = own(&[&GAMMA]);
    let (status, _, known) = open(&plan, &message);
    fails(status, OFTP_E_CMS, "our keys are");
    assert_eq!(known.nerp_reason, OFTP_NERP_DECRYPTION_FAILURE as i32);
    assert_eq!(known.efna_reason, 22);

    let message = seal(&seal_plan(2), b"content");
    let mut plan = open_plan(2);
    plan.trust = trust(&[&GAMMA]);
    let (status, _, known) = open(&plan, &message);
    fails(status, OFTP_E_CMS, "no signature counts");
    assert_eq!(known.nerp_reason, OFTP_NERP_INVALID_SIGNATURE as i32);
    assert_eq!(known.signer_count, 0);

    let mut plan = open_plan(2);
    plan.time = NOW + 5 * 365 * 86_400;
    let (status, ..) = open(&plan, &message);
    fails(status, OFTP_E_CMS, "");
}

#[test]
fn what_was_tampered_with_cut_or_announced_otherwise_is_refused() {
    let cases = [
        (1, OFTP_NERP_DECRYPTION_FAILURE),
        (2, OFTP_NERP_INVALID_SIGNATURE),
        (3, OFTP_NERP_INVALID_SIGNATURE),
        (4, OFTP_NERP_DECOMPRESSION_FAILURE),
        (7, OFTP_NERP_INVALID_SIGNATURE),
    ];
    for (layers, reason) in cases {
        let message = seal(&seal_plan(layers), &content(3000));
        let mut tampered = message.clone();
        // What is only encrypted shows damage of its content at the padding, by luck: so in the
        // identifier of its type.
        let at = if layers == 1 { 6 } else { tampered.len() / 2 };
        tampered[at] ^= 0x55;
        let reason = reason as i32;
        for (what, message) in [
            ("tampered", &tampered[..]),
            ("cut", &message[..message.len() - 1]),
        ] {
            let (status, _, known) = open(&open_plan(layers), message);
            assert_eq!(status, OFTP_E_CMS as i32, "{what}, layers {layers}");
            assert_eq!(known.nerp_reason, reason, "{what}, layers {layers}");
        }
        for announced in 1..8 {
            let (status, ..) = open(&open_plan(announced), &message);
            // What is there and not announced is content, from the inside on.
            let inside = match announced {
                _ if announced == layers => true,
                1 => layers & 1 != 0,
                4 => layers == 6,
                5 => layers == 7,
                _ => false,
            };
            assert_eq!(status == 0, inside, "{announced} announced for {layers}");
        }
    }
}

#[test]
fn a_small_message_does_not_become_a_large_file() {
    let message = seal(&seal_plan(4), &vec![b'a'; 1_000_000]);
    let mut plan = open_plan(4);
    plan.limit = 999_999;
    let (status, _, known) = open(&plan, &message);
    fails(status, OFTP_E_CMS, "999999");
    assert_eq!(known.nerp_reason, OFTP_NERP_DECOMPRESSION_FAILURE as i32);
    plan.limit = 1_000_000;
    ok(open(&plan, &message).0);
}

#[test]
fn progress_is_told_and_may_cancel() {
    let content = content(200_000);
    let plan = seal_plan(7);
    let run = |notes: &mut Notes| {
        let mut out = null_mut();
        // SAFETY: all pointers are to what is there.
        let status = unsafe {
            let (data, len) = (content.as_ptr(), content.len());
            oftp_cms_seal_memory(&plan, data, len, Some(note), notes.pointer(), &raw mut out)
        };
        (status, out)
    };
    let mut notes = Notes::default();
    let (status, out) = run(&mut notes);
    ok(status);
    let message = take(out);
    let pieces = [65_536, 131_072, 196_608, 200_000];
    assert_eq!(notes.told, pieces.map(|done| (done, 200_000)));

    let mut notes = Notes {
        cancel_after: Some(2),
        ..Notes::default()
    };
    let (status, out) = run(&mut notes);
    fails(status, OFTP_E_CALLBACK, "returned -7 after 131072 octets");
    assert!(out.is_null());
    assert_eq!(notes.told.len(), 2);

    // Opening too; a cancel is none of the partner's faults.
    let mut notes = Notes {
        cancel_after: Some(1),
        ..Notes::default()
    };
    let (mut out, mut known) = (null_mut(), result());
    known.nerp_reason = 77;
    // SAFETY: as above.
    let status = unsafe {
        let (data, len) = (message.as_ptr(), message.len());
        let (out, known) = (&raw mut out, &raw mut known);
        let plan = open_plan(7);
        oftp_cms_open_memory(&plan, data, len, Some(note), notes.pointer(), out, known)
    };
    fails(status, OFTP_E_CALLBACK, "-7");
    assert_eq!(known.nerp_reason, 77, "not written");
}

#[test]
fn flags_and_several_signers_and_recipients() {
    let signers = own(&[&ALPHA, &GAMMA]);
    let prints = [info(signers, 0).fingerprint, info(signers, 1).fingerprint];
    let mut plan = seal_plan(2);
    plan.signer = signers;
    plan.signer_fingerprints = prints.as_ptr().cast();
    plan.signer_count = 2;
    plan.recipients = certificates(&[&BETA, &GAMMA]);
    for flags in 0..16 {
        plan.flags = flags;
        let sealer_status = {
            let mut out = null_mut();
            // SAFETY: all pointers are to what is there.
            let status = unsafe {
                oftp_cms_seal_memory(&plan, b"x".as_ptr(), 1, NOBODY, null_mut(), &raw mut out)
            };
            (status >= 0).then(|| take(out))
        };
        // Certificates made here have no subject key identifier: naming by it must say so.
        let Some(message) = sealer_status else {
            assert!(flags & 4 != 0, "flags {flags}: {}", error());
            continue;
        };
        for reader in [&BETA, &GAMMA] {
            for signer in [&ALPHA, &GAMMA] {
                let mut plan = open_plan(3);
                plan.keystore = own(&[reader]);
                plan.trust = trust(&[signer]);
                let (status, opened, _) = open(&plan, &message);
                ok(status);
                assert_eq!(opened, b"x");
            }
        }
    }
}

#[test]
fn the_newest_certificate_that_is_valid_signs_unless_another_is_named() {
    let keystore = own(&[&ALPHA]);
    let mut later = owner(c"alpha");
    later.time = NOW + 9 * 86_400;
    let mut renewed = 0;
    // SAFETY: all pointers are to what is there.
    ok(unsafe { oftp_keystore_generate(keystore, &later, &raw mut renewed) });
    let prints = [0, renewed].map(|at| info(keystore, at).fingerprint);
    let mut theirs = null_mut();
    // SAFETY: as above.
    unsafe {
        ok(oftp_trust_new(&raw mut theirs, std::ptr::null()));
        ok(oftp_trust_pin(theirs, keystore));
    }
    let signer = |time: i64, named: Option<&[u8; 32]>| {
        let mut plan = seal_plan(2);
        (plan.signer, plan.time) = (keystore, time);
        if let Some(print) = named {
            (plan.signer_fingerprints, plan.signer_count) = (print.as_ptr(), 1);
        }
        let mut open_plan = open_plan(2);
        (open_plan.trust, open_plan.time) = (theirs, NOW + 20 * 86_400);
        let (status, _, known) = open(&open_plan, &seal(&plan, b"content"));
        ok(status);
        known.signer_fingerprint
    };
    assert_eq!(signer(NOW, None), prints[0]);
    assert_eq!(signer(NOW + 10 * 86_400, None), prints[1]);
    assert_eq!(signer(NOW + 10 * 86_400, Some(&prints[0])), prints[0]);
}

#[test]
fn nobody_to_encrypt_for_never_means_not_encrypted() {
    let mut plan = seal_plan(2);
    plan.recipients = empty();
    let mut out = null_mut();
    // SAFETY: all pointers are to what is there.
    let mut run = |plan: &oftp_cms_seal_plan| unsafe {
        oftp_cms_seal_memory(plan, b"x".as_ptr(), 1, NOBODY, null_mut(), &raw mut out)
    };
    fails(run(&plan), OFTP_E_VALUE, "recipients has no certificate");
    let mut plan = seal_plan(1);
    plan.partner = trust(&[]);
    fails(run(&plan), OFTP_E_DISTRUST, "");
    let mut plan = seal_plan(1);
    plan.time = NOW + 5 * 365 * 86_400;
    fails(run(&plan), OFTP_E_DISTRUST, "CN=beta");
    fails(run(&seal_plan(0)), OFTP_E_VALUE, "nothing to do");
}
