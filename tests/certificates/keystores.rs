//! Keys and certificates from files of all kinds, those of `openssl` and `keytool` among them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use oftp_secure::certificate::KeyKind;
use oftp_secure::keystore::{KeystoreProblem, exposed_to_others};
use oftp_secure::{Certificate, Credential, Keystore, Passphrase};
use oftp_tests::pki::{Authority, day, key, params, self_signed};
use tempfile::TempDir;

/// Runs a tool in a folder; `false`, and loudly, where the machine does not have it.
fn run(folder: &Path, line: &str) -> bool {
    let mut words = line.split(' ');
    let tool = words.next().unwrap_or_default();
    let output = Command::new(tool)
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) => {
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{line}: {error}");
            true
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            oftp_tests::tools::skipped(&format!("there is no {tool}"));
            false
        }
        Err(error) => panic!("{line}: {error}"),
    }
}

/// A folder with a key and its certificate, and with another one.
fn folder() -> (TempDir, Credential) {
    let folder = TempDir::new().expect("a folder");
    let own = self_signed("own");
    let other = self_signed("other");
    for (name, credential) in [("own", &own), ("other", &other)] {
        let pem = pem_of("PRIVATE KEY", credential.key.pkcs8());
        std::fs::write(folder.path().join(format!("{name}.key")), pem).expect("written");
        let pem = pem_of("CERTIFICATE", credential.certificate.der());
        std::fs::write(folder.path().join(format!("{name}.pem")), pem).expect("written");
    }
    (folder, own)
}

fn pem_of(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for chunk in der.chunks(48) {
        for three in chunk.chunks(3) {
            let group = three
                .iter()
                .fold(0, |all, octet| all << 8 | u32::from(*octet))
                << (8 * (3 - three.len()));
            for place in 0..4 {
                const DIGITS: &[u8] =
                    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
                let digit = DIGITS[(group >> (18 - 6 * place)) as usize & 63];
                text.push(if place > three.len() {
                    '='
                } else {
                    digit.into()
                });
            }
        }
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

fn opened(path: &Path, passphrase: Option<&str>) -> Keystore {
    let passphrase = passphrase.map(Passphrase::new);
    Keystore::load(path, passphrase.as_ref()).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn fails(path: &Path, passphrase: Option<&str>, words: &str) -> KeystoreProblem {
    let given = passphrase.map(Passphrase::new);
    let error = Keystore::load(path, given.as_ref()).expect_err("it should fail");
    let text = error.to_string();
    assert!(text.contains(words), "{text}");
    let name = path.file_name().expect("a name").to_string_lossy();
    assert!(text.contains(&*name), "{text} does not name {name}");
    let leaks = passphrase.is_some_and(|secret| format!("{text}{error:?}").contains(secret));
    assert!(!leaks, "{text}");
    error.problem
}

#[track_caller]
fn is_own(store: &Keystore, own: &Credential) {
    let credentials = store.credentials().expect("a key with its certificate");
    assert_eq!(credentials.len(), 1);
    assert_eq!(credentials[0].certificate, own.certificate);
    assert_eq!(credentials[0].key.kind(), KeyKind::Rsa(2048));
    // It is the same key, not one that looks alike.
    assert!(own.key.is_of(&credentials[0].certificate));
    assert!(credentials[0].key.rsa().is_ok());
}

#[test]
fn blocks_come_in_any_order_and_among_anything() {
    let (folder, own) = folder();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("it");
    let root = Authority::new("root");
    let list = root.list(day(2030, 1, 1), day(2030, 2, 1), &[]);
    let (key, certificate, other) = (read("own.key"), read("own.pem"), read("other.pem"));
    let list = pem_of("X509 CRL", &list);
    let junk = "Bag Attributes\r\n    friendlyName: own\n";
    let unknown = pem_of("EC PARAMETERS", &[6, 0]);
    for order in [
        [&key, &certificate, &other, &list, &unknown],
        [&unknown, &other, &list, &certificate, &key],
    ] {
        let text = order.map(|block| format!("{junk}{block}")).concat();
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let store = Keystore::read(text.as_bytes(), None).expect("it");
            is_own(&store, &own);
            assert_eq!((store.certificates.len(), store.crls.len()), (2, 1));
        }
    }
}

#[test]
fn der_needs_no_name() {
    let own = self_signed("own");
    let list = Authority::new("root").list(day(2030, 1, 1), day(2030, 2, 1), &[]);
    let mut store = Keystore::default();
    for der in [own.certificate.der(), own.key.pkcs8(), &list] {
        store.add(Keystore::read(der, None).expect("it"));
    }
    store.add(Keystore::read(own.certificate.der(), None).expect("it"));
    is_own(&store, &own);
    assert_eq!(store.crls, [list]);
}

#[test]
fn what_is_missing_is_named() {
    let (folder, _) = folder();
    let path = |name: &str| folder.path().join(name);
    let error = |names: &[&str]| {
        let mut store = Keystore::default();
        names
            .iter()
            .for_each(|name| store.add(opened(&path(name), None)));
        store.credentials().expect_err("incomplete").to_string()
    };
    let text = error(&["own.pem"]);
    assert!(text.contains("no private key"), "{text}");
    let text = error(&["own.key"]);
    assert!(text.contains("without its certificate"), "{text}");
    let text = error(&["own.key", "other.pem"]);
    assert!(
        text.contains("belongs to none of the certificates: CN=other"),
        "{text}"
    );

    std::fs::write(path("empty"), "").expect("written");
    std::fs::write(path("text"), "-----BEGIN NOTHING-----\n").expect("written");
    std::fs::write(path("damaged"), "-----BEGIN CERTIFICATE-----\nMAAA\n").expect("written");
    let cut = &std::fs::read(path("own.pem")).expect("it")[..200];
    std::fs::write(path("cut"), cut).expect("written");
    // What is whole must not hide what is not.
    let whole = std::fs::read(path("other.pem")).expect("it");
    std::fs::write(path("half"), [&whole, cut].concat()).expect("written");
    let request = pem_of("CERTIFICATE REQUEST", &[0x30, 0]);
    std::fs::write(path("request"), request).expect("written");
    let wrong = pem_of("CERTIFICATE", &[0x30, 3, 2, 1, 5]);
    std::fs::write(path("wrong"), wrong).expect("written");
    for (name, words) in [
        ("missing", "No such file"),
        ("empty", "neither key"),
        ("text", "PEM is damaged: a block begins and does not end"),
        ("damaged", "PEM is damaged: a block begins and does not end"),
        ("cut", "PEM is damaged: a block begins and does not end"),
        ("half", "PEM is damaged: a block begins and does not end"),
        ("request", "only CERTIFICATE REQUEST, and neither key"),
        ("wrong", "a certificate is damaged"),
    ] {
        fails(&path(name), None, words);
    }
}

#[test]
fn octets_of_anybody_do_no_harm() {
    let own = self_signed("own");
    let list = Authority::new("root").list(day(2030, 1, 1), day(2030, 2, 1), &[]);
    for der in [own.certificate.der(), &list] {
        for cut in 0..der.len() {
            assert!(Keystore::read(&der[..cut], None).is_err(), "{cut}");
        }
        for at in 0..der.len() {
            for bit in [1, 0x80] {
                let mut der = der.to_vec();
                der[at] ^= bit;
                // Whatever it is now: there is an answer.
                let _ = Keystore::read(&der, None).map(|store| format!("{store:?}"));
            }
        }
    }
}

#[test]
fn a_renewed_certificate_comes_first_and_chains_are_filled() {
    let root = Authority::new("root");
    let (low, middle) = {
        let middle = root.under("middle");
        (middle.under("low"), middle)
    };
    let mut renewed = params("own");
    renewed.not_before = rcgen::date_time_ymd(2029, 1, 1);
    let new = low.issue("own", &renewed);
    let old = self_signed("own");
    let store = Keystore {
        keys: vec![old.key.clone()],
        certificates: vec![
            root.certificate.clone(),
            old.certificate.clone(),
            middle.certificate.clone(),
            low.certificate.clone(),
            new.certificate.clone(),
        ],
        crls: Vec::new(),
    };
    let credentials = store.credentials().expect("two");
    let found: Vec<&Certificate> = credentials.iter().map(|own| &own.certificate).collect();
    assert_eq!(found, [&new.certificate, &old.certificate]);
    // Nearest first, and without the root, which whoever checks has or does not trust.
    assert_eq!(credentials[0].chain, [low.certificate, middle.certificate]);
    assert!(credentials[1].chain.is_empty());
}

#[test]
fn keys_are_never_shown() {
    let own = self_signed("own");
    let store = Keystore {
        keys: vec![own.key.clone()],
        certificates: vec![own.certificate.clone()],
        crls: Vec::new(),
    };
    let shown = format!("{store:?}{own:?}{:?}", Passphrase::new("hidden"));
    let key = own.key.pkcs8();
    let as_list = format!("{}, {}, {}", key[40], key[41], key[42]);
    assert!(shown.contains("RSA, 2048 bits"), "{shown}");
    assert!(
        !shown.contains("hidden") && !shown.contains(&as_list),
        "{shown}"
    );
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_noticed() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _) = folder();
    let path = folder.path().join("own.key");
    for (mode, found) in [(0o600, None), (0o400, None), (0o640, Some(0o640))] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
        assert_eq!(exposed_to_others(&path).expect("looked at"), found);
    }
}

#[test]
fn keys_of_openssl() {
    let (folder, own) = folder();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    if !run(
        folder.path(),
        "openssl rsa -in own.key -traditional -out pkcs1.key",
    ) {
        return;
    }
    run(
        folder.path(),
        "openssl rsa -in own.key -traditional -outform DER -out pkcs1.der",
    );
    for name in ["pkcs1.key", "pkcs1.der"] {
        let mut store = opened(&path(name), None);
        store.add(opened(&path("own.pem"), None));
        is_own(&store, &own);
    }
    for (index, how) in [
        "-v2 aes256",
        "-scrypt",
        "-v2 des3",
        "-v2 aes-128-cbc -v2prf hmacWithSHA1",
    ]
    .into_iter()
    .enumerate()
    {
        for form in ["PEM", "DER"] {
            let name = format!("{index}.{form}");
            let line = format!(
                "openssl pkcs8 -in own.key -topk8 {how} -passout pass:right -outform {form} \
                 -out {name}"
            );
            run(folder.path(), &line);
            let mut store = opened(&path(&name), Some("right"));
            store.add(opened(&path("own.pem"), None));
            is_own(&store, &own);
            fails(&path(&name), None, "needs a passphrase");
            let problem = fails(&path(&name), Some("guessed"), "wrong passphrase");
            assert!(matches!(problem, KeystoreProblem::WrongPassphrase { .. }));
        }
    }
    run(
        folder.path(),
        "openssl rsa -in own.key -traditional -aes128 -passout pass:right -out old.key",
    );
    fails(&path("old.key"), Some("right"), "openssl pkcs8 -in OLD");
    run(
        folder.path(),
        "openssl crl2pkcs7 -nocrl -certfile own.pem -certfile other.pem -out both.p7b",
    );
    assert_eq!(opened(&path("both.p7b"), None).certificates.len(), 2);
}

#[test]
fn elliptic_curves_of_openssl() {
    let (folder, _) = folder();
    let path = |name: &str| folder.path().join(name);
    if !run(
        folder.path(),
        "openssl ecparam -name prime256v1 -genkey -out ec.key",
    ) {
        return;
    }
    run(
        folder.path(),
        "openssl req -x509 -key ec.key -subj /CN=curve -days 9 -out ec.pem",
    );
    run(
        folder.path(),
        "openssl pkcs8 -in ec.key -topk8 -nocrypt -out ec8.key",
    );
    // Without the public key, which then must be computed.
    run(
        folder.path(),
        "openssl ec -in ec.key -no_public -out bare.key",
    );
    for name in ["ec.key", "ec8.key", "bare.key"] {
        let mut store = opened(&path(name), None);
        store.add(opened(&path("ec.pem"), None));
        let credentials = store.credentials().expect("a pair");
        assert_eq!(credentials[0].key.kind(), KeyKind::Curve("P-256"), "{name}");
        assert!(credentials[0].key.rsa().is_err());
        store.certificates = opened(&path("own.pem"), None).certificates;
        store.credentials().expect_err("of another key");
    }
}

#[test]
fn pkcs12_of_openssl() {
    let (folder, own) = folder();
    let path = |name: &str| folder.path().join(name);
    let make = |name: &str, how: &str| {
        let line = format!(
            "openssl pkcs12 -export -inkey own.key -in own.pem -certfile other.pem \
             -passout pass:right -out {name} {how}"
        );
        run(folder.path(), line.trim())
    };
    if !make("new.p12", "") {
        return;
    }
    make("old.p12", "-legacy");
    make("plain.p12", "-keypbe NONE -certpbe NONE");
    make("nomac.p12", "-nomac");
    for name in ["new.p12", "old.p12", "plain.p12", "nomac.p12"] {
        let store = opened(&path(name), Some("right"));
        is_own(&store, &own);
        assert_eq!(store.certificates.len(), 2, "{name}");
    }
    for name in ["new.p12", "old.p12", "nomac.p12"] {
        fails(&path(name), None, "needs a passphrase");
        fails(&path(name), Some("guessed"), "wrong passphrase");
    }
}

#[test]
fn pkcs12_of_java() {
    let (folder, _) = folder();
    let line = "keytool -genkeypair -alias own -keyalg RSA -keysize 2048 -dname CN=java \
                -validity 9 -storetype PKCS12 -keystore own.p12 -storepass secret";
    if !run(folder.path(), line) {
        return;
    }
    let path = folder.path().join("own.p12");
    let credentials = opened(&path, Some("secret")).credentials();
    let credentials = credentials.expect("a pair");
    assert_eq!(credentials[0].certificate.subject(), "CN=java");
    fails(&path, Some("guessed"), "wrong passphrase");
    // A trust store: certificates alone.
    let line = "keytool -importcert -noprompt -alias other -file other.pem -storetype PKCS12 \
                -keystore trust.p12 -storepass secret";
    run(folder.path(), line);
    let store = opened(&folder.path().join("trust.p12"), Some("secret"));
    assert_eq!((store.keys.len(), store.certificates.len()), (0, 1));
    let key = key("other");
    assert!(!key.serialized_der().is_empty());
}
