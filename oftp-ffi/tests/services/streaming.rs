//! Sealers and openers, pushed and pulled.

use std::ptr::null_mut;

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;

pub(crate) fn sealer(plan: &oftp_cms_seal_plan) -> *mut oftp_cms_sealer {
    let mut sealer = null_mut();
    // SAFETY: a place for the handle.
    ok(unsafe { oftp_cms_sealer_new(&raw mut sealer, plan) });
    sealer
}

pub(crate) fn opener(plan: &oftp_cms_open_plan) -> *mut oftp_cms_opener {
    let mut opener = null_mut();
    // SAFETY: a place for the handle.
    ok(unsafe { oftp_cms_opener_new(&raw mut opener, plan) });
    opener
}

/// All that can be pulled, through a buffer of this size.
pub(crate) fn drain(sealer: *mut oftp_cms_sealer, room: usize, out: &mut Vec<u8>) {
    let mut buffer = vec![0; room];
    loop {
        let mut len = 0;
        // SAFETY: the buffer is there.
        ok(unsafe { oftp_cms_sealer_pull(sealer, buffer.as_mut_ptr(), room, &raw mut len) });
        if len == 0 {
            return;
        }
        out.extend_from_slice(&buffer[..len]);
    }
}

fn seal_in_pieces(plan: &oftp_cms_seal_plan, content: &[u8], piece: usize, room: usize) -> Vec<u8> {
    let sealer = sealer(plan);
    let mut out = Vec::new();
    // SAFETY: all pointers are to what is there.
    unsafe {
        for mut rest in content.chunks(piece) {
            while !rest.is_empty() {
                let mut taken = 0;
                let (data, len) = (rest.as_ptr(), rest.len());
                ok(oftp_cms_sealer_push(sealer, data, len, &raw mut taken));
                rest = &rest[taken..];
                drain(sealer, room, &mut out);
            }
        }
        assert_eq!(oftp_cms_sealer_is_done(sealer), 0);
        ok(oftp_cms_sealer_end(sealer));
        drain(sealer, room, &mut out);
        assert_eq!(oftp_cms_sealer_is_done(sealer), 1);
        ok(oftp_cms_sealer_free(sealer));
    }
    out
}

#[test]
fn pieces_of_every_size_give_the_same() {
    let content = content(5_000);
    let plan = seal_plan(6);
    let whole = seal(&plan, &content);
    for (piece, room) in [(1, 1), (7, 4096), (5_000, 3), (4_999, 64)] {
        assert_eq!(seal_in_pieces(&plan, &content, piece, room), whole);
    }
}

#[test]
fn what_is_opened_in_pieces_is_known_at_the_end_only() {
    let content = content(70_000);
    let message = seal_in_pieces(&seal_plan(7), &content, 1000, 1000);
    let opener = opener(&open_plan(7));
    let (mut out, mut buffer, mut known) = (Vec::new(), [0; 500], result());
    // SAFETY: all pointers are to what is there.
    unsafe {
        let mut pull = |out: &mut Vec<u8>| loop {
            let mut len = 0;
            let at = buffer.as_mut_ptr();
            ok(oftp_cms_opener_pull(opener, at, 500, &raw mut len));
            if len == 0 {
                break;
            }
            out.extend_from_slice(&buffer[..len]);
        };
        for mut rest in message.chunks(333) {
            while !rest.is_empty() {
                let mut taken = 0;
                let (data, len) = (rest.as_ptr(), rest.len());
                ok(oftp_cms_opener_push(opener, data, len, &raw mut taken));
                rest = &rest[taken..];
                pull(&mut out);
            }
        }
        let status = oftp_cms_opener_result(opener, &raw mut known);
        fails(status, OFTP_E_USER, "not at its end");
        assert_eq!(oftp_cms_opener_is_done(opener), 0);
        ok(oftp_cms_opener_end(opener));
        pull(&mut out);
        assert_eq!(oftp_cms_opener_is_done(opener), 1);
        ok(oftp_cms_opener_result(opener, &raw mut known));
        let status = oftp_cms_opener_end(opener);
        fails(status, OFTP_E_USER, "nothing more can come");
        ok(oftp_cms_opener_free(opener));
    }
    assert_eq!(out, content);
    assert_eq!((known.octets, known.signer_count), (70_000, 1));
}

#[test]
fn an_opener_that_failed_says_so_again_and_why() {
    let message = seal(&seal_plan(2), b"content");
    let opener = opener(&open_plan(2));
    let mut known = result();
    // SAFETY: all pointers are to what is there.
    unsafe {
        let mut taken = 0;
        let (data, len) = (message.as_ptr(), message.len() - 3);
        ok(oftp_cms_opener_push(opener, data, len, &raw mut taken));
        fails(oftp_cms_opener_end(opener), OFTP_E_CMS, "cut off");
        let status = oftp_cms_opener_push(opener, data, len, &raw mut taken);
        fails(status, OFTP_E_CMS, "cut off");
        ok(oftp_cms_opener_result(opener, &raw mut known));
        assert_eq!(known.nerp_reason, 31);
        assert_eq!(oftp_cms_opener_is_done(opener), 0);
        ok(oftp_cms_opener_free(opener));
    }
}

#[test]
fn memory_stays_the_same_however_long_the_file_is() {
    let (sealer, opener) = (sealer(&seal_plan(7)), opener(&open_plan(7)));
    let content = content(1 << 20);
    let (mut message, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    let mut most = [0; 2];
    let mut opened = 0;
    // SAFETY: all pointers are to what is there.
    unsafe {
        for _ in 0..8 {
            let mut rest = &content[..];
            while !rest.is_empty() {
                let mut taken = 0;
                let (data, len) = (rest.as_ptr(), rest.len());
                ok(oftp_cms_sealer_push(sealer, data, len, &raw mut taken));
                rest = &rest[taken..];
                message.clear();
                drain(sealer, 1 << 16, &mut message);
                let mut sealed = &message[..];
                while !sealed.is_empty() {
                    let (data, len) = (sealed.as_ptr(), sealed.len());
                    ok(oftp_cms_opener_push(opener, data, len, &raw mut taken));
                    sealed = &sealed[taken..];
                    let mut len = 1;
                    while len > 0 {
                        let at = buffer.as_mut_ptr();
                        ok(oftp_cms_opener_pull(opener, at, 1 << 16, &raw mut len));
                        opened += len;
                    }
                }
                let mut held = 0;
                ok(oftp_cms_sealer_held(sealer, &raw mut held));
                most[0] = most[0].max(held);
                ok(oftp_cms_opener_held(opener, &raw mut held));
                most[1] = most[1].max(held);
            }
        }
        ok(oftp_cms_sealer_free(sealer));
        ok(oftp_cms_opener_free(opener));
    }
    assert!(opened > 7 << 20);
    assert!(most[0] < 1 << 20 && most[1] < 1 << 20, "{most:?}");
}

#[test]
fn a_sealer_outlives_its_keystores_and_says_what_is_wrong_with_a_call() {
    let plan = seal_plan(3);
    let sealer = sealer(&plan);
    let mut out = Vec::new();
    // SAFETY: all pointers are to what is there.
    unsafe {
        ok(oftp_keystore_free(plan.signer.cast_mut()));
        ok(oftp_trust_free(plan.partner.cast_mut()));
        let mut taken = 0;
        let status = oftp_cms_sealer_push(sealer, b"content".as_ptr(), 7, &raw mut taken);
        ok(status);
        assert_eq!(taken, 7);
        let mut record = 0;
        let status = oftp_cms_sealer_push_record(sealer, b"x".as_ptr(), 1, &raw mut record);
        fails(status, OFTP_E_USER, "record_length of the plan is 0");
        ok(oftp_cms_sealer_end(sealer));
        fails(oftp_cms_sealer_end(sealer), OFTP_E_USER, "nothing more");
        let status = oftp_cms_sealer_push(sealer, b"y".as_ptr(), 1, &raw mut taken);
        fails(status, OFTP_E_USER, "nothing more");
        drain(sealer, 100, &mut out);
        let (status, opened, _) = open(&open_plan(3), &out);
        ok(status);
        assert_eq!(opened, b"content");
        let status = oftp_cms_sealer_new(null_mut(), &plan);
        fails(status, OFTP_E_NULL, "out");
        let mut other = null_mut();
        let status = oftp_cms_sealer_new(&raw mut other, &plan);
        fails(status, OFTP_E_BAD_HANDLE, "keystore");
        ok(oftp_cms_sealer_free(sealer));
    }
}
