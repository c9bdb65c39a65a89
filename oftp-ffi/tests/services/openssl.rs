//! What OpenSSL makes of our messages, and we of its.

use std::path::Path;
use std::process::Command;

use crate::common::*;
use crate::tools;

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}: {said}");
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    for (name, octets) in [
        ("alpha.pem", &ALPHA.certificate),
        ("alpha.key", &ALPHA.key),
        ("beta.pem", &BETA.certificate),
        ("beta.key", &BETA.key),
    ] {
        std::fs::write(folder.path().join(name), octets).expect("written");
    }
    folder
}

#[test]
fn openssl_reads_what_is_sealed_and_its_messages_are_opened() {
    if !tools::has("openssl", "version") {
        return;
    }
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let content = content(100_000);
    for suite in [4, 6, 8] {
        let mut plan = seal_plan(3);
        plan.suite = suite;
        std::fs::write(at("message"), seal(&plan, &content)).expect("written");
        openssl(
            folder.path(),
            "cms -decrypt -inform DER -in message -inkey beta.key -recip beta.pem -out signed",
        );
        openssl(
            folder.path(),
            "cms -verify -binary -inform DER -in signed -certfile alpha.pem -noverify -out content",
        );
        assert!(std::fs::read(at("content")).expect("there") == content);
    }

    std::fs::write(at("content"), &content).expect("written");
    openssl(
        folder.path(),
        "cms -sign -binary -nodetach -md sha256 -in content -signer alpha.pem -inkey alpha.key \
         -outform DER -out signed",
    );
    openssl(
        folder.path(),
        "cms -encrypt -binary -aes256 -in signed -outform DER -out message beta.pem",
    );
    let message = std::fs::read(at("message")).expect("there");
    let (status, opened, _) = open(&open_plan(3), &message);
    ok(status);
    assert!(opened == content);
}
