//! `oftp keygen` and `oftp cert`: what people without a public key infrastructure need.

use std::path::Path;

use crate::common::{Place, Process, Run};

fn run(place: &Place, arguments: &[&str]) -> Run {
    Process::spawn(&mut place.oftp(arguments)).finish()
}

/// A key and a certificate with short RSA keys, which are made fast.
fn keygen(place: &Place, name: &str, more: &[&str]) -> Run {
    let bits = ["keygen", "--name", name, "--out", name, "--bits", "2048"];
    run(place, &[&bits[..], more].concat())
}

/// A certificate of the data of the tests.
fn fixed(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/certificates");
    folder.join(name).display().to_string()
}

#[test]
fn a_key_is_made_and_explained() {
    let place = Place::new();
    let more = ["--id", "O0013000001OWN", "--host", "oftp.example.com"];
    let made = keygen(&place, "own", &more);
    made.exits(0);
    assert!(
        made.out.contains("Give to your partners: own.pem"),
        "{made}"
    );
    assert!(made.out.contains("Give to nobody: own.key"), "{made}");
    assert!(made.err.contains("not encrypted"), "{made}");
    let key = std::fs::read_to_string(place.path("own.key")).expect("a key");
    let secret = key.lines().nth(3).expect("a line of it");
    assert!(!format!("{made}").contains(secret), "the key is shown");

    let shown = run(&place, &["cert", "show", "own.key", "own.pem", "--json"]);
    let [key, certificate] = &shown.exits(0).events[..] else {
        panic!("{shown}");
    };
    assert_eq!(key["event"], "private_key");
    assert_eq!(key["key"], "RSA, 2048 bits");
    assert_eq!(certificate["event"], "certificate");
    assert_eq!(certificate["subject"], "SERIALNUMBER=O0013000001OWN,CN=own");
    assert_eq!(certificate["hosts"][0], "oftp.example.com");
    let until = certificate["not_after"].as_str().expect("a time");
    assert!(until.contains('T') && until.ends_with('Z'), "{until}");
    // What is to be read by phone is what openssl shows the partner.
    let sha256 = certificate["sha256"].as_str().expect("a fingerprint");
    assert!(made.out.contains(sha256), "{made}");
    if let Some(text) = place.openssl("x509 -in own.pem -noout -fingerprint -sha256") {
        assert!(text.contains(sha256), "{text}");
    }
    place.openssl("verify -CAfile own.pem own.pem");
}

#[cfg(unix)]
#[test]
fn a_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    keygen(&place, "own", &[]).exits(0);
    let path = place.path("own.key");
    let mode = std::fs::metadata(&path).expect("it").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("set");
    let shown = run(&place, &["cert", "show", "own.key"]);
    assert!(shown.exits(0).err.contains("chmod 600 own.key"), "{shown}");
}

#[test]
fn nothing_is_overwritten_unless_asked_for() {
    let place = Place::new();
    place.write("own.pem", "precious");
    let made = keygen(&place, "own", &[]);
    made.exits(11);
    assert!(made.err.contains("own.pem: exists already"), "{made}");
    assert!(!place.path("own.key").exists());
    keygen(&place, "own", &["--force"]).exits(0);
    let pem = std::fs::read_to_string(place.path("own.pem")).expect("it");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"), "{pem}");
    let same = ["keygen", "--name", "x", "--key", "a", "--cert", "a"];
    run(&place, &same).exits(2);
    let bits = ["keygen", "--name", "x", "--out", "x", "--bits", "1024"];
    assert!(
        run(&place, &bits)
            .exits(2)
            .err
            .contains("2048, 3072 or 4096")
    );
}

#[test]
fn passphrases_are_asked_for_and_never_shown() {
    const SECRET: &str = "Rosenkohl 17";
    let place = Place::new();
    place.write("passphrase", format!("{SECRET}\n"));
    place.write("empty", "\n");
    let file = ["--passphrase-file", "passphrase"];
    let made = keygen(&place, "own", &file);
    assert!(!made.exits(0).err.contains("not encrypted"), "{made}");
    place.openssl("pkcs8 -in own.key -passin file:passphrase -out plain.key");
    let show = ["cert", "show", "own.key"];
    let without = run(&place, &show);
    assert!(
        without.exits(2).err.contains("needs a passphrase"),
        "{without}"
    );
    let mut command = place.oftp(&show);
    command.args(["--passphrase-env", "OFTP_TEST_PASSPHRASE"]);
    let unset = Process::spawn(&mut command).finish();
    assert!(unset.exits(2).err.contains("export it first"), "{unset}");
    command.env("OFTP_TEST_PASSPHRASE", "Spinat");
    let wrong = Process::spawn(&mut command).finish();
    assert!(wrong.exits(2).err.contains("wrong passphrase"), "{wrong}");
    command.env("OFTP_TEST_PASSPHRASE", SECRET);
    let right = Process::spawn(&mut command).finish();
    right.exits(0);
    let empty = run(
        &place,
        &[&show[..], &["--passphrase-file", "empty"]].concat(),
    );
    assert!(empty.exits(2).err.contains("is empty"), "{empty}");
    for run in [made, without, unset, wrong, right, empty] {
        let shown = format!("{run}");
        assert!(
            !shown.contains("Rosenkohl") && !shown.contains("Spinat"),
            "{shown}"
        );
    }
}

#[test]
fn a_request_is_what_authorities_take() {
    let place = Place::new();
    keygen(&place, "own", &[]).exits(0);
    let request = [
        "cert",
        "request",
        "--key",
        "own.key",
        "--name",
        "oftp.example.com",
        "--host",
        "oftp.example.com",
        "--id",
        "O0013000001OWN",
        "--country",
        "gb",
    ];
    let to_file = [&request[..], &["--out", "own.csr"]].concat();
    assert!(
        run(&place, &to_file)
            .exits(0)
            .out
            .contains("Send it to the authority")
    );
    assert!(
        run(&place, &to_file)
            .exits(11)
            .err
            .contains("exists already")
    );
    let printed = run(&place, &request);
    assert!(
        printed
            .exits(0)
            .out
            .starts_with("-----BEGIN CERTIFICATE REQUEST-----"),
        "{printed}"
    );
    run(
        &place,
        &["cert", "request", "--key", "own.pem", "--name", "x"],
    )
    .exits(11);
    let Some(text) = place.openssl("req -in own.csr -verify -noout -text") else {
        return;
    };
    for part in [
        "verify OK",
        "C = GB, CN = oftp.example.com, serialNumber = O0013000001OWN",
        "sha256WithRSAEncryption",
        "Digital Signature, Key Encipherment",
        "TLS Web Server Authentication, TLS Web Client Authentication",
        "DNS:oftp.example.com",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn a_check_says_what_is_wrong_and_what_would_mend_it() {
    const AT: [&str; 2] = ["--at", "2030-01-31"];
    let place = Place::new();
    let check = |arguments: &[&str]| run(&place, &[&["cert", "check"], arguments].concat());
    let own = fixed("ca_true.pem");
    let good = check(&[&own, AT[0], AT[1]]);
    assert!(good.exits(0).out.contains("good to sign files"), "{good}");
    assert!(good.out.contains("confirmed its SHA-256"), "{good}");
    let late = check(&[&own, "--at", "2200-01-31T00:00:00Z"]);
    assert!(late.exits(12).out.contains("expired on 2126-"), "{late}");
    assert!(late.out.contains("what to do: ask its owner"), "{late}");
    // Said once, although it is so for every purpose.
    assert_eq!(late.out.matches("expired").count(), 1, "{late}");
    let early = check(&[&own, "--at", "2020-01-31"]);
    assert!(early.exits(12).out.contains("not valid before"), "{early}");

    let (sha1, old) = (fixed("sha1.pem"), fixed("sha1_authority.pem"));
    let by_old = [&sha1[..], "--ca", &old, AT[0], AT[1]];
    let refused = check(&by_old);
    assert!(refused.exits(12).out.contains("with SHA-1"), "{refused}");
    check(&[&by_old[..], &["--allow-sha1"]].concat()).exits(0);
    let named = check(&[&by_old[..], &["--allow-sha1", "--name", "OTHER"]].concat());
    assert!(
        named
            .exits(12)
            .out
            .contains("is for \"signed with SHA-1\" instead of \"OTHER\""),
        "{named}"
    );
    let unknown = check(&[&by_old[..], &["--allow-sha1", "--require-crl"]].concat());
    assert!(
        unknown.exits(12).out.contains("no revocation list of"),
        "{unknown}"
    );
    let stranger = check(&[&sha1, "--ca", &fixed("v1.pem"), AT[0], AT[1]]);
    assert!(
        stranger.exits(12).out.contains("who is unknown"),
        "{stranger}"
    );
    let curve = check(&[
        &fixed("curve.pem"),
        "--purpose",
        "tls-server,sign",
        AT[0],
        AT[1],
    ]);
    assert!(
        curve.exits(12).out.contains("good to be a TLS server"),
        "{curve}"
    );
    assert!(
        curve
            .out
            .contains("not good to sign files: it has no RSA key"),
        "{curve}"
    );
    let json = check(&[&own, "--json", "--purpose", "sign", "--at", "2020-01-31"]);
    let line = &json.exits(12).events[0];
    assert_eq!(
        (&line["event"], &line["good"]),
        (&"certificate_checked".into(), &false.into())
    );
    assert!(
        line["remedy"]
            .as_str()
            .is_some_and(|text| text.contains("clock"))
    );
    check(&[&own, "--at", "tomorrow"]).exits(2);
    check(&["missing.pem"]).exits(11);
}

#[test]
fn a_certificate_from_an_authority_goes_all_the_way() {
    let place = Place::new();
    keygen(&place, "own", &[]).exits(0);
    let request = ["cert", "request", "--key", "own.key", "--name", "own"];
    let out = ["--out", "own.csr"];
    run(&place, &[&request[..], &out].concat()).exits(0);
    let root = "req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -subj /CN=root \
                -days 30";
    if place.openssl(root).is_none() {
        return;
    }
    place.write(
        "ca.conf",
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\ndefault_md=sha256\n\
         policy=p\ndefault_days=9\ndefault_crl_days=9\nnew_certs_dir=.\nx509_extensions=e\n\
         [p]\ncommonName=supplied\n[e]\nbasicConstraints=CA:FALSE\n",
    );
    place.write("index.txt", "");
    place.write("serial", "01\n");
    let ca = |what: &str| {
        place.openssl(&format!(
            "ca -batch -config ca.conf -cert root.pem -keyfile root.key {what}"
        ));
    };
    ca("-in own.csr -out issued.pem");
    ca("-gencrl -out before.crl");
    ca("-revoke issued.pem -crl_reason superseded");
    ca("-gencrl -out after.crl");
    let check = [
        "cert",
        "check",
        "issued.pem",
        "--ca",
        "root.pem",
        "--require-crl",
    ];
    let crl = |file| run(&place, &[&check[..], &["--crl", file]].concat());
    crl("before.crl").exits(0);
    let revoked = crl("after.crl");
    assert!(
        revoked.exits(12).out.contains("was revoked on") && revoked.out.contains("replaced"),
        "{revoked}"
    );
    let shown = run(&place, &["cert", "show", "after.crl"]);
    assert!(shown.exits(0).out.contains("revoked     1"), "{shown}");
}
