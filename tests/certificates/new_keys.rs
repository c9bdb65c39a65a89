//! New keys, certificates and requests.

use std::time::Duration;

use oftp_secure::keygen::{
    KeygenError, Owner, certificate_pem, generate_rsa, key_pem, self_signed,
};
use oftp_secure::keystore::{write_new, write_secret};
use oftp_secure::request::request;
use oftp_secure::{Keystore, Passphrase, Purpose};
use oftp_tests::pki::day;

use crate::{PURPOSES, now, pins};

fn owner() -> Owner {
    Owner {
        name: "oftp.example.com".to_owned(),
        identification: Some("O0013000001EXAMPLE".to_owned()),
        organization: Some("Müller & Söhne".to_owned()),
        country: Some("DE".to_owned()),
        hosts: vec!["oftp.example.com".to_owned()],
    }
}

#[test]
fn a_new_certificate_serves_every_purpose() {
    let key = generate_rsa(2048).expect("a key");
    let certificate = self_signed(&key, &owner(), now(), 30).expect("a certificate");
    assert!(key.is_of(&certificate));
    let trust = pins(&[&certificate]);
    for purpose in PURPOSES {
        trust.check(&certificate, &[], purpose, now()).expect("it");
    }
    assert_eq!(certificate.not_before(), now() - Duration::from_secs(3600));
    let days = Duration::from_secs(30 * 86_400);
    assert_eq!(certificate.not_after(), certificate.not_before() + days);
    assert_eq!(certificate.version(), 3);
    assert!(!certificate.is_authority() && certificate.is_self_issued());
    assert_eq!(certificate.dns_names(), ["oftp.example.com"]);
    let subject = certificate.subject();
    for part in [
        "oftp.example.com",
        "O0013000001EXAMPLE",
        "Müller & Söhne",
        "C=DE",
    ] {
        assert!(subject.contains(part), "{subject}");
    }
    // CMS finds signer and recipient by it.
    assert!(certificate.subject_key_id().is_some());
    let other = self_signed(&key, &owner(), now(), 30).expect("a certificate");
    assert_ne!(certificate.serial(), other.serial());
}

#[test]
fn as_pem_and_back() {
    let key = generate_rsa(2048).expect("a key");
    let certificate = self_signed(&key, &owner(), day(2029, 1, 1), 900).expect("it");
    let passphrase = Passphrase::new("Straße 7");
    for passphrase in [None, Some(&passphrase)] {
        let text = key_pem(&key, passphrase).expect("PEM");
        assert_eq!(text.contains("ENCRYPTED"), passphrase.is_some());
        let both = text.to_string() + &certificate_pem(&certificate).expect("PEM");
        let store = Keystore::read(both.as_bytes(), passphrase).expect("it");
        let credentials = store.credentials().expect("a pair");
        assert_eq!(credentials[0].key.pkcs8(), key.pkcs8());
        assert_eq!(credentials[0].certificate, certificate);
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for bits in [0, 1024, 2049, 8192] {
        assert_eq!(generate_rsa(bits).expect_err("no"), KeygenError::Bits(bits));
    }
    let key = generate_rsa(2048).expect("a key");
    for days in [0, 36_501] {
        let error = self_signed(&key, &owner(), now(), days).expect_err("no");
        assert_eq!(error, KeygenError::Days(days));
    }
    let wrong = Owner {
        identification: Some("O\u{e4}".to_owned()),
        ..owner()
    };
    let error = self_signed(&key, &wrong, now(), 30)
        .expect_err("no")
        .to_string();
    assert!(error.contains("identification code"), "{error}");
    let wrong = Owner {
        hosts: vec!["m\u{fc}ller.example".to_owned()],
        ..owner()
    };
    let error = request(&key, &wrong).expect_err("no").to_string();
    assert!(error.contains("host name"), "{error}");
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("own.key");
    write_secret(&path, b"first", false).expect("written");
    for write in [write_new, write_secret] {
        let error = write(&path, b"second", false).expect_err("it exists");
        assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).expect("it"), b"first");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path| std::fs::metadata(path).expect("it").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("set");
        write_secret(&path, b"second", true).expect("replaced");
        // Not what was too open before.
        assert_eq!(mode(&path), 0o600);
    }
    write_secret(&path, b"third", true).expect("replaced");
    assert_eq!(std::fs::read(&path).expect("it"), b"third");
    assert_eq!(std::fs::read_dir(folder.path()).expect("it").count(), 1);
}

#[test]
fn a_renewal_keeps_the_key() {
    let key = generate_rsa(2048).expect("a key");
    let old = self_signed(&key, &owner(), day(2027, 1, 1), 30).expect("it");
    let new = self_signed(&key, &owner(), day(2030, 1, 1), 90).expect("it");
    let trust = pins(&[&old, &new]);
    assert_eq!(
        trust.newest(Purpose::EncryptFile, now()).expect("one"),
        &new
    );
}
