//! Keystores: what goes in, what is told of it, what comes out.

use std::ffi::{CStr, CString};
use std::io::{Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::ptr::{null, null_mut};

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;

fn counts(keystore: *const oftp_keystore) -> [usize; 3] {
    let mut counts = [0; 3];
    let [keys, certificates, crls] = counts.each_mut();
    // SAFETY: places for results.
    ok(unsafe { oftp_keystore_counts(keystore, keys, certificates, crls) });
    counts
}

fn c(path: &Path) -> CString {
    CString::new(path.to_str().expect("UTF-8")).expect("no 0")
}

#[test]
fn memory_files_and_descriptors_hold_the_same() {
    let both = [&ALPHA.key[..], &ALPHA.certificate].concat();
    let mut file = tempfile::NamedTempFile::new().expect("file");
    file.write_all(&both).expect("written");
    let (memory, by_path, by_fd) = (empty(), empty(), empty());
    add(memory, &both);
    // SAFETY: all pointers are to what is there.
    unsafe {
        let path = c(file.path());
        ok(oftp_keystore_add_file(by_path, path.as_ptr(), null()));
        file.as_file().rewind().expect("rewound");
        let fd = file.as_file().as_raw_fd();
        ok(oftp_keystore_add_fd(by_fd, fd, null()));
    }
    for keystore in [memory, by_path, by_fd] {
        assert_eq!(counts(keystore), [1, 1, 0]);
        assert_eq!(info(keystore, 0).has_key, 1);
    }
    // A certificate does not come twice.
    add(memory, &ALPHA.certificate);
    add(memory, &BETA.certificate);
    assert_eq!(counts(memory), [1, 2, 0]);
    assert_eq!(info(memory, 1).has_key, 0);
}

#[test]
fn a_certificate_says_who_it_is_until_the_keystore_is_freed() {
    let keystore = own(&[&ALPHA]);
    let first = info(keystore, 0);
    for name in ["more", "and more"] {
        generate(keystore, name);
    }
    // SAFETY: borrowed until the keystore is freed, whatever is added.
    let text = |at| unsafe { CStr::from_ptr(at) }.to_str().expect("UTF-8");
    assert_eq!(text(first.subject), "CN=alpha");
    assert_eq!(text(first.issuer), "CN=alpha");
    assert_eq!(text(first.key), "RSA, 2048 bits");
    assert_eq!(text(first.serial).len(), 32);
    assert_eq!(first.not_before, NOW - 86_400 - 3600);
    assert_eq!(first.not_after, first.not_before + 1095 * 86_400);
    assert_eq!(first.is_authority, 0);
    assert_eq!(info(keystore, 0).subject, first.subject);
    let mut at = 9;
    // SAFETY: all pointers are to what is there.
    unsafe {
        // The fingerprint is the SHA-256 of the DER.
        let (mut hash, mut len) = ([0; 64], 0);
        let out = hash.as_mut_ptr();
        let status = oftp_hash_memory(4, first.der, first.der_len, out, 64, &raw mut len);
        ok(status);
        assert_eq!(hash[..32], first.fingerprint);
        let third = info(keystore, 2).fingerprint;
        ok(oftp_keystore_find(keystore, third.as_ptr(), &raw mut at));
        assert_eq!(at, 2);
        let status = oftp_keystore_find(keystore, [0; 32].as_ptr(), &raw mut at);
        fails(status, OFTP_E_VALUE, "no certificate");
        let mut none = first;
        let status = oftp_keystore_certificate(keystore, 3, &raw mut none);
        fails(status, OFTP_E_VALUE, "index is 3");
    }
}

#[test]
fn a_passphrase_protects_a_key() {
    let keystore = own(&[&ALPHA]);
    let mut pem = null_mut();
    // SAFETY: all pointers are to what is there.
    ok(unsafe { oftp_keystore_key_pem(keystore, 0, c"secret".as_ptr(), &raw mut pem) });
    let add = |passphrase| {
        let into = empty();
        // SAFETY: as above.
        let status = unsafe {
            let (mut data, mut len) = (null(), 0);
            ok(oftp_octets_get(pem, &raw mut data, &raw mut len));
            oftp_keystore_add_memory(into, data, len, passphrase)
        };
        (status, into)
    };
    fails(add(null()).0, OFTP_E_KEY, "passphrase is NULL");
    fails(add(c"wrong".as_ptr()).0, OFTP_E_KEY, "wrong passphrase");
    assert!(!error().contains("secret"));
    let (status, into) = add(c"secret".as_ptr());
    ok(status);
    assert_eq!(counts(into), [1, 0, 0]);
    assert!(take(pem).starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----"));
}

#[test]
fn what_is_no_key_is_an_error_and_changes_nothing() {
    let keystore = own(&[&ALPHA]);
    // SAFETY: all pointers are to what is there.
    unsafe {
        for octets in [&b"hello"[..], b"", b"-----BEGIN CERTIFICATE-----\n"] {
            let (data, len) = (octets.as_ptr(), octets.len());
            let status = oftp_keystore_add_memory(keystore, data, len, null());
            fails(status, OFTP_E_KEY, "");
        }
        let status = oftp_keystore_add_file(keystore, c"/no/such/file".as_ptr(), null());
        fails(status, OFTP_E_IO, "/no/such/file");
        let status = oftp_keystore_add_memory(keystore, null(), 3, null());
        fails(status, OFTP_E_NULL, "data");
        let status = oftp_keystore_add_file(keystore, null(), null());
        fails(status, OFTP_E_NULL, "path");
        let status = oftp_keystore_add_fd(keystore, -1, null());
        fails(status, OFTP_E_VALUE, "fd");
        // A key without its certificate cannot be used, and the text says so.
        let key_alone = certificates(&[&BETA]);
        add(key_alone, &ALPHA.key);
        let mut plan = seal_plan(2);
        plan.signer = key_alone;
        let mut sealer = null_mut();
        let status = oftp_cms_sealer_new(&raw mut sealer, &plan);
        fails(
            status,
            OFTP_E_KEY,
            "has no certificate in it (there: CN=beta",
        );
    }
    assert_eq!(counts(keystore), [1, 1, 0]);
}

#[test]
fn new_keys_are_written_so_that_only_their_owner_reads_them() {
    let keystore = own(&[&ALPHA, &BETA]);
    let folder = tempfile::tempdir().expect("folder");
    let (key, certificate) = (folder.path().join("b.key"), folder.path().join("b.pem"));
    let (key_c, certificate_c) = (c(&key), c(&certificate));
    // SAFETY: all pointers are to what is there.
    unsafe {
        ok(oftp_keystore_write_key(
            keystore,
            1,
            key_c.as_ptr(),
            null(),
            0,
        ));
        let status = oftp_keystore_write_key(keystore, 1, key_c.as_ptr(), null(), 0);
        fails(status, OFTP_E_IO, "b.key");
        ok(oftp_keystore_write_key(
            keystore,
            1,
            key_c.as_ptr(),
            null(),
            1,
        ));
        let status = oftp_keystore_write_key(keystore, 1, key_c.as_ptr(), null(), 2);
        fails(status, OFTP_E_VALUE, "replace");
        ok(oftp_keystore_write_certificate(
            keystore,
            1,
            certificate_c.as_ptr(),
            0,
        ));
        let mode = std::fs::metadata(&key).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = empty();
        ok(oftp_keystore_add_file(read, key_c.as_ptr(), null()));
        ok(oftp_keystore_add_file(read, certificate_c.as_ptr(), null()));
        assert_eq!(info(read, 0).fingerprint, info(keystore, 1).fingerprint);
        assert_eq!(info(read, 0).has_key, 1);

        // A key that is not there cannot be written.
        let others = certificates(&[&ALPHA]);
        let mut pem = null_mut();
        let status = oftp_keystore_key_pem(others, 0, null(), &raw mut pem);
        fails(status, OFTP_E_KEY, "no private key");
    }
}

#[test]
fn owners_are_checked_and_requests_made() {
    let keystore = own(&[&ALPHA]);
    let mut pem = null_mut();
    let mut all = owner(c"Alpha Motors");
    all.identification = c"O0013000001ALPHA".as_ptr();
    all.organization = c"Alpha".as_ptr();
    all.country = c"DE".as_ptr();
    all.hosts = c"oftp.alpha.example, oftp2.alpha.example".as_ptr();
    // SAFETY: all pointers are to what is there.
    unsafe {
        ok(oftp_keystore_request_pem(keystore, 0, &all, &raw mut pem));
        assert!(take(pem).starts_with(b"-----BEGIN CERTIFICATE REQUEST-----"));
        let mut index = 0;
        ok(oftp_keystore_generate(keystore, &all, &raw mut index));
        let subject = CStr::from_ptr(info(keystore, index).subject);
        assert!(subject.to_string_lossy().contains("O0013000001ALPHA"));
        let bad = |change: &dyn Fn(&mut oftp_owner)| {
            let mut owner = all;
            change(&mut owner);
            oftp_keystore_generate(keystore, &owner, null_mut())
        };
        fails(bad(&|o| o.bits = 1024), OFTP_E_VALUE, "1024 bits");
        fails(bad(&|o| o.days = 40_000), OFTP_E_VALUE, "40000 days");
        fails(bad(&|o| o.time = -1), OFTP_E_VALUE, "time is -1");
        fails(bad(&|o| o.time = 5), OFTP_E_VALUE, "time is 5");
        fails(bad(&|o| o.name = null()), OFTP_E_NULL, "name");
        fails(
            bad(&|o| o.name = c"".as_ptr()),
            OFTP_E_VALUE,
            "name is empty",
        );
        fails(bad(&|o| o.struct_size = 0), OFTP_E_STRUCT_SIZE, "_INIT");
        let status = bad(&|o| o.hosts = c"k\xc3\xb6ln".as_ptr());
        fails(status, OFTP_E_VALUE, "host name");
    }
    assert_eq!(counts(keystore)[1], 2);
}
