//! Several threads, one keystore and one trust.

use std::ptr::null_mut;
use std::sync::Barrier;

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;

/// A handle that goes to other threads.
#[derive(Clone, Copy)]
struct Shared(usize);

#[test]
fn a_keystore_and_a_trust_are_shared() {
    let (signer, partner) = (own(&[&ALPHA]), trust(&[&BETA]));
    let (signer, partner) = (Shared(signer.addr()), Shared(partner.addr()));
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for thread in 0..4_usize {
            let start = &start;
            scope.spawn(move || {
                let mut plan = seal_plan(0);
                plan.signer = std::ptr::without_provenance(signer.0);
                plan.partner = std::ptr::without_provenance(partner.0);
                start.wait();
                for round in 0..10 {
                    let content = content(thread * 1000 + round);
                    let message = seal(&plan, &content);
                    let (status, opened, _) = open(&open_plan(3), &message);
                    ok(status);
                    assert_eq!(opened, content);
                }
            });
        }
    });
}

#[test]
fn threads_wait_for_each_other_at_a_keystore_and_a_trust() {
    let (keystore, trust) = (own(&[&ALPHA]), trust(&[&ALPHA]));
    let (keystore, trust) = (Shared(keystore.addr()), Shared(trust.addr()));
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let start = &start;
            scope.spawn(move || {
                let keystore = std::ptr::without_provenance_mut(keystore.0);
                let trust = std::ptr::without_provenance(trust.0);
                start.wait();
                for _ in 0..3_000 {
                    let info = info(keystore, 0);
                    // SAFETY: the certificate is there as long as the keystore.
                    ok(unsafe { oftp_trust_check(trust, info.der, info.der_len, 0, NOW) });
                }
            });
        }
    });
}

#[test]
fn a_sealer_is_one_threads_at_a_time_and_moves() {
    let plan = seal_plan(2);
    let mut sealer = null_mut();
    // SAFETY: a place for the handle.
    ok(unsafe { oftp_cms_sealer_new(&raw mut sealer, &plan) });
    let shared = Shared(sealer.addr());
    std::thread::spawn(move || {
        let sealer = std::ptr::without_provenance_mut(shared.0);
        let mut taken = 0;
        // SAFETY: all pointers are to what is there.
        ok(unsafe { oftp_cms_sealer_push(sealer, b"x".as_ptr(), 1, &raw mut taken) });
    })
    .join()
    .expect("ends");
    // SAFETY: as above.
    unsafe {
        ok(oftp_cms_sealer_end(sealer));
        ok(oftp_cms_sealer_free(sealer));
        fails(oftp_cms_sealer_end(sealer), OFTP_E_BAD_HANDLE, "sealer");
    }
}
