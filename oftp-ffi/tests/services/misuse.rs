//! Freed handles, handles of another kind, wrong structures and values.

use std::ptr::{null, null_mut};

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;

/// (threat model X3)
#[test]
fn freeing_twice_and_using_after_it_are_found_out() {
    let keystore = own(&[&ALPHA]);
    let trust = trust(&[&ALPHA]);
    let (mut sealer, mut opener, mut hash) = (null_mut(), null_mut(), null_mut());
    let mut octets = null_mut();
    // SAFETY: all pointers are to what is there; handles are tokens.
    unsafe {
        ok(oftp_cms_sealer_new(&raw mut sealer, &seal_plan(2)));
        ok(oftp_cms_opener_new(&raw mut opener, &open_plan(2)));
        ok(oftp_hash_new(&raw mut hash, 4));
        ok(oftp_keystore_certificate_pem(keystore, 0, &raw mut octets));
        let (mut n, mut data) = (0, null());
        for second in [false, true] {
            let statuses = [
                (oftp_keystore_free(keystore), "keystore"),
                (oftp_trust_free(trust), "trust"),
                (oftp_cms_sealer_free(sealer), "sealer"),
                (oftp_cms_opener_free(opener), "opener"),
                (oftp_hash_free(hash), "hash"),
                (oftp_octets_free(octets), "octets"),
            ];
            for (status, what) in statuses {
                let wanted = if second { OFTP_E_BAD_HANDLE as i32 } else { 0 };
                assert_eq!(status, wanted, "{what}");
            }
        }
        let after = [
            oftp_keystore_counts(keystore, &raw mut n, null_mut(), null_mut()),
            oftp_trust_pin(trust, keystore),
            oftp_trust_add_name(trust, c"x".as_ptr()),
            oftp_cms_sealer_end(sealer),
            oftp_cms_sealer_is_done(sealer),
            oftp_cms_opener_end(opener),
            oftp_cms_opener_is_done(opener),
            oftp_hash_update(hash, null(), 0),
            oftp_octets_get(octets, &raw mut data, &raw mut n),
        ];
        assert_eq!(after, [OFTP_E_BAD_HANDLE as i32; 9]);
        for status in [
            oftp_keystore_free(null_mut()),
            oftp_trust_free(null_mut()),
            oftp_cms_sealer_free(null_mut()),
            oftp_cms_opener_free(null_mut()),
            oftp_hash_free(null_mut()),
            oftp_octets_free(null_mut()),
        ] {
            ok(status);
        }
        // One of another kind.
        let other = own(&[&ALPHA]);
        assert_eq!(oftp_trust_free(other.cast()), OFTP_E_BAD_HANDLE as i32);
        ok(oftp_keystore_free(other));
    }
}

#[test]
fn wrong_plans_say_which_field() {
    type Case = (fn(&mut oftp_cms_seal_plan), oftp_code, &'static str);
    let cases: [Case; 9] = [
        (
            |p| p.struct_size = 0,
            OFTP_E_STRUCT_SIZE,
            "oftp_cms_seal_plan",
        ),
        (|p| p.suite = 11, OFTP_E_VALUE, "suite is 11"),
        (|p| p.suite = 256 + 4, OFTP_E_VALUE, "suite is 260"),
        (|p| p.compression = 10, OFTP_E_VALUE, "compression is 10"),
        (|p| p.compression = -1, OFTP_E_VALUE, "compression is -1"),
        (|p| p.flags = 16, OFTP_E_VALUE, "flags is 16"),
        (|p| p.time = -5, OFTP_E_VALUE, "time is -5"),
        (|p| p.signer_count = 1, OFTP_E_NULL, "fingerprint"),
        (
            |p| p.record_length = 65_536,
            OFTP_E_VALUE,
            "record_length is 65536",
        ),
    ];
    for (change, code, text) in cases {
        let mut plan = seal_plan(2);
        change(&mut plan);
        let mut sealer = null_mut();
        // SAFETY: a place for the handle.
        let status = unsafe { oftp_cms_sealer_new(&raw mut sealer, &plan) };
        fails(status, code, text);
        assert!(sealer.is_null());
    }
    type OpenCase = (fn(&mut oftp_cms_open_plan), oftp_code, &'static str);
    let cases: [OpenCase; 8] = [
        (
            |p| p.struct_size = 7,
            OFTP_E_STRUCT_SIZE,
            "oftp_cms_open_plan",
        ),
        (|p| p.security = 4, OFTP_E_VALUE, "security is 4"),
        (|p| p.compression = 2, OFTP_E_VALUE, "compression is 2"),
        (|p| p.keystore = null(), OFTP_E_NULL, "keystore, which an"),
        (|p| p.trust = null(), OFTP_E_NULL, "trust, which a signed"),
        (|p| p.purpose = 6, OFTP_E_VALUE, "purpose is 6"),
        (|p| p.refuse_legacy = 2, OFTP_E_VALUE, "refuse_legacy is 2"),
        (|p| p.keystore = empty(), OFTP_E_KEY, "no private key"),
    ];
    for (change, code, text) in cases {
        let mut plan = open_plan(3);
        change(&mut plan);
        let mut opener = null_mut();
        // SAFETY: a place for the handle.
        let status = unsafe { oftp_cms_opener_new(&raw mut opener, &plan) };
        fails(status, code, text);
        assert!(opener.is_null());
    }
}

#[test]
fn whole_files_are_octets_and_no_records() {
    let (mut seal, mut open) = (seal_plan(2), open_plan(2));
    seal.record_length = 80;
    open.record_length = 80;
    let mut out = null_mut();
    // SAFETY: all pointers are to what is there.
    unsafe {
        let out = &raw mut out;
        let status = oftp_cms_seal_memory(&seal, null(), 0, NOBODY, null_mut(), out);
        fails(status, OFTP_E_VALUE, "oftp_cms_sealer_push_record");
        let known = null_mut();
        let status = oftp_cms_open_memory(&open, null(), 0, NOBODY, null_mut(), out, known);
        fails(status, OFTP_E_VALUE, "oftp_cms_opener_pull_record");
    }
}
