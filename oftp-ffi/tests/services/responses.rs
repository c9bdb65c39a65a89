//! Signed EERP and NERP.

use std::ptr::{null, null_mut};

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;

fn put<const N: usize>(to: &mut [std::ffi::c_char; N], text: &str) {
    for (to, from) in to.iter_mut().zip(text.bytes()) {
        *to = from as std::ffi::c_char;
    }
}

fn response(hash: &[u8]) -> oftp_end_response {
    let mut response: oftp_end_response = zeroed();
    response.struct_size = size_of_val(&response);
    put(&mut response.dsn, "ORDERS");
    put(&mut response.date, "20261125");
    put(&mut response.time, "1200000001");
    put(&mut response.destination, "O0013000002ALPHA");
    put(&mut response.originator, "O0013000001BETA");
    put(&mut response.creator, "O0013000001BETA");
    response.hash = hash.as_ptr();
    response.hash_len = hash.len();
    response
}

fn hash(octets: &[u8]) -> Vec<u8> {
    let (mut value, mut len) = ([0; OFTP_HASH_MAX], 0);
    // SAFETY: the buffers are there.
    let status = unsafe {
        let (data, data_len) = (octets.as_ptr(), octets.len());
        oftp_hash_memory(4, data, data_len, value.as_mut_ptr(), 64, &raw mut len)
    };
    ok(status);
    value[..len].to_vec()
}

type Sign = unsafe extern "C" fn(
    *const oftp_end_response,
    i32,
    *const oftp_keystore,
    *const u8,
    i64,
    *mut *mut oftp_octets,
) -> oftp_status;
type Verify = unsafe extern "C" fn(
    *const oftp_end_response,
    *const oftp_trust,
    *const u8,
    usize,
    i64,
    i32,
    *mut u8,
) -> oftp_status;

const BOTH: [(Sign, Verify); 2] = [
    (oftp_response_sign_eerp, oftp_response_verify_eerp),
    (oftp_response_sign_nerp, oftp_response_verify_nerp),
];

#[test]
fn a_signed_response_is_verified_and_its_signer_named() {
    let sent = hash(b"the file");
    for (sign, verify) in BOTH {
        let keystore = own(&[&BETA]);
        let mut response = response(&sent);
        let (mut signature, mut signer) = (null_mut(), [0; 32]);
        // SAFETY: all pointers are to what is there.
        unsafe {
            ok(sign(
                &response,
                4,
                keystore,
                null(),
                NOW,
                &raw mut signature,
            ));
            ok(oftp_octets_get(
                signature,
                &raw mut response.signature,
                &raw mut response.signature_len,
            ));
            let beta = trust(&[&BETA]);
            let signer_at = signer.as_mut_ptr();
            let check = |response: &oftp_end_response, trust, sent: &[u8]| {
                verify(
                    response,
                    trust,
                    sent.as_ptr(),
                    sent.len(),
                    NOW,
                    0,
                    signer_at,
                )
            };
            ok(check(&response, beta, &sent));
            assert_eq!(signer, info(keystore, 0).fingerprint);

            let status = check(&response, beta, &hash(b"another file"));
            fails(status, OFTP_E_CMS, "the response is for");
            let status = check(&response, trust(&[&GAMMA]), &sent);
            fails(status, OFTP_E_CMS, "signature");
            let mut other = response;
            put(&mut other.dsn, "INVOIC");
            fails(check(&other, beta, &sent), OFTP_E_CMS, "DSN");
            let mut unsigned = response;
            unsigned.signature_len = 0;
            fails(check(&unsigned, beta, &sent), OFTP_E_CMS, "not signed");
            let mut tampered = take(signature);
            let at = tampered.len() - 9;
            tampered[at] ^= 1;
            response.signature = tampered.as_ptr();
            fails(check(&response, beta, &sent), OFTP_E_CMS, "");
        }
    }
}

#[test]
fn a_hash_must_be_one_of_the_suite_and_only_a_nerp_may_lack_it() {
    let keystore = own(&[&BETA]);
    let sent = hash(b"the file");
    let mut signature = null_mut();
    // SAFETY: all pointers are to what is there.
    unsafe {
        for (sign, _) in BOTH {
            let at = &raw mut signature;
            let status = sign(&response(&sent), 6, keystore, null(), NOW, at);
            fails(status, OFTP_E_VALUE, "has 64 octets in suite 06");
            let status = sign(&response(&sent), 11, keystore, null(), NOW, at);
            fails(status, OFTP_E_VALUE, "suite is 11");
            let gamma = info(own(&[&GAMMA]), 0).fingerprint;
            let status = sign(&response(&sent), 4, keystore, gamma.as_ptr(), NOW, at);
            fails(status, OFTP_E_KEY, "no private key with certificate");
        }
        let at = &raw mut signature;
        let status = oftp_response_sign_eerp(&response(&[]), 4, keystore, null(), NOW, at);
        fails(status, OFTP_E_VALUE, "hash_len is 0");
        assert!(signature.is_null());
        let mut nerp = response(&[]);
        ok(oftp_response_sign_nerp(&nerp, 4, keystore, null(), NOW, at));
        ok(oftp_octets_get(
            signature,
            &raw mut nerp.signature,
            &raw mut nerp.signature_len,
        ));
        let beta = trust(&[&BETA]);
        let status = oftp_response_verify_nerp(&nerp, beta, null(), 0, NOW, 0, null_mut());
        ok(status);
        let status = oftp_response_verify_eerp(&nerp, beta, null(), 0, NOW, 0, null_mut());
        fails(status, OFTP_E_VALUE, "proves nothing");
        ok(oftp_octets_free(signature));
    }
}
