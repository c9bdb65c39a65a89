//! The `openssl` command with what is in commands: signed responses and challenges, and with more
//! than one signer and recipient.

use std::time::SystemTime;

use oftp_secure::challenge::{open_challenge, seal_challenge};
use oftp_secure::cms::SealPlan;
use oftp_secure::response::{Expected, sign_eerp, verify_eerp};
use oftp_secure::suite::SUITES;

use oftp_tests::tools::has;

use crate::common::{Folder, content, eerp, open, open_plan, seal, suite, trust};
use crate::openssl::{decrypt, make, verify};

#[test]
fn several_signers_and_recipients() {
    if !has("openssl", "version") {
        return;
    }
    let folder = Folder::new();
    let (alpha, beta) = (folder.credential("alpha"), folder.credential("beta"));
    let (old, gamma) = (folder.credential("old"), folder.credential("gamma"));
    let content = content();
    let mut plan = SealPlan::new(suite(4));
    plan.signing_time = Some(SystemTime::now());
    plan.signers = vec![old.clone(), alpha.clone()];
    plan.recipients = vec![gamma.certificate, beta.certificate.clone()];
    folder.write("out", seal(plan, &content));
    folder.write("inner", decrypt(&folder, "out"));
    folder.write(
        "both.pem",
        [folder.read("alpha.pem"), folder.read("old.pem")].concat(),
    );
    let arguments = [
        "cms",
        "-verify",
        "-inform",
        "DER",
        "-in",
        "inner",
        "-binary",
        "-certfile",
        "both.pem",
        "-CAfile",
        "both.pem",
        "-purpose",
        "any",
        "-out",
        "verified",
    ];
    folder.run("openssl", &arguments).expect("openssl verifies");
    assert!(folder.read("verified") == content);
    folder.write("in", &content);
    let arguments = [
        "cms",
        "-sign",
        "-in",
        "in",
        "-binary",
        "-outform",
        "DER",
        "-out",
        "signed",
        "-nodetach",
        "-signer",
        "old.pem",
        "-inkey",
        "old.key",
        "-signer",
        "alpha.pem",
        "-inkey",
        "alpha.key",
        "-md",
        "sha512",
    ];
    folder.run("openssl", &arguments).expect("openssl signs");
    let arguments = [
        "cms",
        "-encrypt",
        "-in",
        "signed",
        "-binary",
        "-outform",
        "DER",
        "-out",
        "out",
        "-aes128",
        "-recip",
        "gamma.pem",
        "-recip",
        "beta.pem",
    ];
    folder.run("openssl", &arguments).expect("openssl encrypts");
    for signer in [&old, &alpha] {
        let mut plan = open_plan(signer, &beta);
        (plan.signed, plan.encrypted) = (true, true);
        let (opened, what) = open(plan, &folder.read("out")).expect("opens");
        assert!(opened == content);
        assert_eq!(what.signers, std::slice::from_ref(&signer.certificate));
    }
}

#[test]
fn signed_responses() {
    if !has("openssl", "version") {
        return;
    }
    let folder = Folder::new();
    let alpha = folder.credential("alpha");
    for suite in &SUITES {
        let mut eerp = eerp();
        let hash = suite.hash.of(b"the file as it was sent");
        sign_eerp(&mut eerp, &hash, suite, &alpha, SystemTime::now()).expect("signs");
        folder.write("eerp", &eerp.sig);
        assert_eq!(verify(&folder, "eerp"), eerp.signed_octets(), "{suite}");
        if suite.code == 10 {
            // OpenSSL 3.0 cannot sign so.
            continue;
        }
        folder.write("in", eerp.signed_octets());
        make(&folder, "-sign", suite, &[]).expect("signs");
        eerp.sig = folder.read("out");
        let expected = Expected {
            hash: Some(&hash),
            trust: &trust(&alpha),
            now: SystemTime::now(),
            refuse_legacy: false,
        };
        let signers = verify_eerp(&eerp, expected).expect("verifies");
        assert_eq!(signers, std::slice::from_ref(&alpha.certificate));
    }
}

#[test]
fn challenges() {
    if !has("openssl", "version") {
        return;
    }
    let folder = Folder::new();
    folder.credential("alpha");
    let beta = folder.credential("beta");
    for suite in &SUITES {
        let challenge = seal_challenge(&beta.certificate, suite).expect("seals");
        folder.write("auch", &challenge.sealed);
        assert_eq!(decrypt(&folder, "auch"), challenge.plain, "{suite}");
        for extra in [&[][..], &["-keyid"]] {
            folder.write("in", challenge.plain);
            make(&folder, "-encrypt", suite, extra).expect("encrypts");
            let answer = open_challenge(&folder.read("out"), std::slice::from_ref(&beta));
            assert_eq!(answer.expect("opens"), challenge.plain, "{suite}");
        }
    }
}
