//! Hashes of files as they were transmitted.

use std::ffi::c_void;
use std::io::{Seek, Write};
use std::os::fd::AsRawFd;
use std::ptr::{null, null_mut};

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;

fn new(suite: i32) -> *mut oftp_hash {
    let mut hash = null_mut();
    // SAFETY: a place for the handle.
    ok(unsafe { oftp_hash_new(&raw mut hash, suite) });
    hash
}

fn value(hash: *const oftp_hash) -> Vec<u8> {
    let (mut out, mut len) = ([0; OFTP_HASH_MAX], 0);
    // SAFETY: places for results.
    ok(unsafe { oftp_hash_value(hash, out.as_mut_ptr(), 64, &raw mut len) });
    out[..len].to_vec()
}

fn whole(suite: i32, octets: &[u8]) -> Vec<u8> {
    let (mut out, mut len) = ([0; OFTP_HASH_MAX], 0);
    // SAFETY: places for results.
    let status = unsafe {
        let (data, data_len) = (octets.as_ptr(), octets.len());
        oftp_hash_memory(suite, data, data_len, out.as_mut_ptr(), 64, &raw mut len)
    };
    ok(status);
    out[..len].to_vec()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[test]
fn each_suite_has_its_hash() {
    // FIPS 180-4 and FIPS 202, "abc".
    let sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d";
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for suite in [1, 2] {
        assert_eq!(hex(&whole(suite, b"abc")), sha1);
    }
    for suite in [0, 3, 4, 8] {
        assert_eq!(hex(&whole(suite, b"abc")), sha256);
    }
    for suite in [5, 6, 9] {
        assert!(hex(&whole(suite, b"abc")).starts_with("ddaf35a193617aba"));
    }
    for suite in [7, 10] {
        assert!(hex(&whole(suite, b"abc")).starts_with("b751850b1a57168a"));
    }
}

#[test]
fn pieces_memory_and_descriptors_give_the_same() {
    let content = content(200_000);
    let mut file = tempfile::tempfile().expect("file");
    file.write_all(&content).expect("written");
    file.rewind().expect("rewound");
    let expected = whole(4, &content);
    let hash = new(4);
    let mut notes = Notes::default();
    let (mut out, mut len) = ([0; OFTP_HASH_MAX], 0);
    // SAFETY: all pointers are to what is there.
    unsafe {
        for piece in content.chunks(999) {
            ok(oftp_hash_update(hash, piece.as_ptr(), piece.len()));
        }
        assert_eq!(value(hash), expected);
        let (fd, at) = (file.as_raw_fd(), out.as_mut_ptr());
        let user_data = notes.pointer();
        ok(oftp_hash_fd(
            4,
            fd,
            Some(note),
            user_data,
            at,
            64,
            &raw mut len,
        ));
        assert_eq!(out[..len], expected);
        assert_eq!(notes.told.last(), Some(&(200_000, 200_000)));

        // A value may be asked for on the way; what follows is hashed behind it.
        file.rewind().expect("rewound");
        ok(oftp_hash_update_fd(hash, fd, NOBODY, null_mut()));
        assert_eq!(value(hash), whole(4, &[&content[..], &content].concat()));

        let status = oftp_hash_value(hash, out.as_mut_ptr(), 31, &raw mut len);
        fails(status, OFTP_E_VALUE, "at least 32");
        ok(oftp_hash_free(hash));
    }
}

#[test]
fn a_cancel_leaves_the_hash_as_it_was() {
    let mut file = tempfile::tempfile().expect("file");
    file.write_all(&content(200_000)).expect("written");
    file.rewind().expect("rewound");
    let hash = new(4);
    let mut notes = Notes {
        cancel_after: Some(2),
        ..Notes::default()
    };
    // SAFETY: all pointers are to what is there.
    unsafe {
        let status = oftp_hash_update_fd(hash, file.as_raw_fd(), Some(note), notes.pointer());
        fails(status, OFTP_E_CALLBACK, "");
        assert_eq!(value(hash), whole(4, b""));
        ok(oftp_hash_free(hash));
    }
}

#[test]
fn the_object_that_is_at_work_cannot_be_used_in_its_callback() {
    unsafe extern "C" fn reenter(_: u64, _: u64, user_data: *mut c_void) -> i32 {
        let hash = user_data.cast::<oftp_hash>();
        let mut len = 0;
        // SAFETY: places for results.
        unsafe {
            let status = oftp_hash_update(hash, null(), 0);
            fails(status, OFTP_E_REENTERED, "inside a callback");
            let status = oftp_hash_value(hash, [0; 64].as_mut_ptr(), 64, &raw mut len);
            fails(status, OFTP_E_REENTERED, "");
            fails(oftp_hash_free(hash), OFTP_E_REENTERED, "");
            let status = oftp_hash_update_fd(hash, 0, None, null_mut());
            fails(status, OFTP_E_REENTERED, "");
            // Another object may be.
            let other = new(4);
            ok(oftp_hash_update(other, b"abc".as_ptr(), 3));
            ok(oftp_hash_free(other));
        }
        0
    }
    let mut file = tempfile::tempfile().expect("file");
    file.write_all(b"abc").expect("written");
    file.rewind().expect("rewound");
    let hash = new(4);
    // SAFETY: all pointers are to what is there.
    unsafe {
        let fd = file.as_raw_fd();
        ok(oftp_hash_update_fd(hash, fd, Some(reenter), hash.cast()));
        assert_eq!(value(hash), whole(4, b"abc"));
        ok(oftp_hash_free(hash));
    }
}
