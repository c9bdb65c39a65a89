//! Keys and certificates as `oftp send` and `oftp listen` take them, and what they say of those
//! that do not serve. That nothing secret is in any output is checked of each process.

use std::net::SocketAddr;

use crate::common::{ALPHA, BETA, PASSPHRASE, Place, Process, Run};

/// Nobody is called before the keys are there.
fn nowhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1))
}

const PARTNER: [&str; 2] = ["--partner-cert", "beta.pem"];

#[track_caller]
fn signing(place: &Place, keys: &[&str]) -> Run {
    place.write("file", "x");
    place.send(
        nowhere(),
        &[&["file", "--sign"][..], keys, &PARTNER].concat(),
    )
}

#[test]
fn keys_behind_a_passphrase_and_in_a_keystore_serve() {
    let place = Place::with_keys();
    let encrypted = [
        "--own-key",
        "alpha-encrypted.key",
        "--own-cert",
        "alpha.pem",
    ];
    for (number, keys) in [&encrypted[..], &["--own-key", "alpha.p12"]]
        .iter()
        .enumerate()
    {
        for from in ["--passphrase-file", "--passphrase-env"] {
            let name = format!("file{number}{}", from.len());
            place.write(&name, "x");
            let listener = place.listen(&[&["--once"][..], &BETA].concat());
            let services = [&name, "--sign", "--encrypt", "--signed-eerp"];
            let value = match from {
                "--passphrase-file" => "passphrase",
                _ => "OFTP_TEST_PASSPHRASE",
            };
            let arguments = [&services[..], keys, &[from, value], &PARTNER].concat();
            let mut command = place.sender(listener.address, &arguments);
            command.env("OFTP_TEST_PASSPHRASE", PASSPHRASE);
            Process::spawn(&mut command).finish().exits(0);
            listener.finish().exits(0);
        }
    }
}

#[test]
fn passphrases_that_are_missing_or_wrong() {
    let place = Place::with_keys();
    place.write("wrong", "Spinat\n");
    for file in ["alpha-encrypted.key", "alpha.p12"] {
        let keys = ["--own-key", file, "--own-cert", "alpha.pem"];
        signing(&place, &keys)
            .exits(2)
            .says(file)
            .says("is encrypted and needs a passphrase (--passphrase-file, --passphrase-env)");
        let wrong = [&keys[..], &["--passphrase-file", "wrong"]].concat();
        let run = signing(&place, &wrong);
        run.exits(2).says("wrong passphrase");
        assert!(!run.to_string().contains("Spinat"), "{run}");
        let missing = [&keys[..], &["--passphrase-file", "missing"]].concat();
        signing(&place, &missing).exits(2).says("missing");
    }
}

#[test]
fn a_key_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with_keys();
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(place.path("alpha.key"), mode).expect("a mode");
    let run = signing(&place, &ALPHA);
    let text = "alpha.key: others can read this private key (mode 640); chmod 600 mends that";
    assert!(run.warnings().contains(text), "{run}");
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(place.path("alpha.key"), mode).expect("a mode");
    assert_eq!(signing(&place, &ALPHA).warnings(), "");
}

#[test]
fn keys_and_certificates_that_do_not_serve() {
    let place = Place::with_keys();
    for (keys, text) in [
        (
            &["--own-key", "alpha.key"][..],
            "--own-cert names certificates",
        ),
        (
            &["--own-key", "alpha.key", "--own-cert", "gamma.pem"],
            "the private key belongs to none of the certificates: CN=gamma",
        ),
        (&["--own-key", "alpha.pem"], "no private key"),
        (&["--own-cert", "alpha.pem"], "to sign files"),
        (
            &["--own-key", "alpha.key", "--own-cert", "alpha-expired.pem"],
            "is not valid now; make a new one",
        ),
        (
            &["--own-key", "make.sh"],
            "neither key, certificate nor revocation list",
        ),
        (&["--own-key", "missing.key"], "missing.key"),
        (&["--own-key", "speak=alpha.key"], "speak is no use"),
    ] {
        signing(&place, keys).exits(2).says(text);
    }
    // A certificate that is over does not stand in the way of a good one.
    let both = ["--own-cert", "alpha-expired.pem"];
    signing(&place, &[&both[..], &ALPHA[..4]].concat()).exits(3);
}

#[test]
fn certificates_of_the_partner_that_do_not_serve() {
    let place = Place::with_keys();
    place.write("file", "x");
    for (certificate, text) in [
        (
            &[][..],
            "there is no certificate of the partner to encrypt files",
        ),
        (
            &["--partner-cert", "beta-expired.pem"],
            "expired on 2021-01-01",
        ),
        (
            &["--partner-cert", "alpha.key"],
            "alpha.key holds no certificate",
        ),
        (
            &["--partner-cert", "OGAMMA:beta.pem"],
            "OGAMMA is no partner",
        ),
    ] {
        let encrypt = ["file", "--encrypt"];
        place
            .send(nowhere(), &[&encrypt[..], certificate].concat())
            .exits(2)
            .says(text);
    }
}

#[test]
fn with_several_partners_it_is_said_whose_a_certificate_is() {
    let place = Place::with_keys();
    let partners = ["--partner", "OALPHA", "--partner", "OGAMMA"];
    let mut command = place.listener(&[&partners[..], &BETA].concat());
    let run = Process::spawn(&mut command).finish();
    run.exits(2)
        .says("--partner-cert: there are several partners; say whose it is by ID:");

    // And then each signs for itself alone.
    let own = [
        "--sessions",
        "2",
        "--own-key",
        "beta.key",
        "--own-cert",
        "beta.pem",
    ];
    let theirs = [
        "--partner-cert",
        "OALPHA:alpha.pem",
        "--partner-cert",
        "OGAMMA:gamma.pem",
    ];
    let listener = place.listen(&[&own[..], &partners, &theirs].concat());
    place.write("file", "x");
    let sign = ["file", "--sign", "--stamp", "20260131120455"];
    place
        .send(listener.address, &[&sign[..], &ALPHA].concat())
        .exits(0);
    let gamma = [
        "--own-key",
        "gamma.key",
        "--own-cert",
        "gamma.pem",
        "--sign",
    ];
    let run = place.send(
        listener.address,
        &[&["file"][..], &gamma, &PARTNER].concat(),
    );
    run.exits(6);
    assert_eq!(run.one("response")["reason"]["code"], 31, "{run}");
    listener.finish();
}

#[test]
fn a_key_on_its_way_into_the_log_is_stopped() {
    // The check of each process itself: a file that is a key is sent, and traced.
    let place = Place::with_keys();
    let listener = place.listen(&["--once", "--trace"]);
    let run = place.send(listener.address, &["alpha.key", "--trace"]);
    run.exits(0);
    assert!(run.out.contains("DATA"), "{run}");
    listener.finish().exits(0);
}
