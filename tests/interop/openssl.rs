//! The `openssl` command, in both directions.

use std::time::SystemTime;

use oftp_secure::Suite;
use oftp_secure::cms::SealPlan;
use oftp_secure::crypto::{ContentCipher, Hash, KeyTransport, SignatureScheme};
use oftp_secure::suite::SUITES;

use crate::common::{Folder, content, has, open, open_plan, seal};

fn cipher(suite: &Suite) -> &'static str {
    match suite.cipher {
        ContentCipher::TripleDes => "-des3",
        _ => "-aes256",
    }
}

fn md(suite: &Suite) -> &'static str {
    match suite.hash {
        Hash::Sha1 => "sha1",
        Hash::Sha512 => "sha512",
        Hash::Sha3_512 => "sha3-512",
        _ => "sha256",
    }
}

/// `openssl cms -verify` of a file by alpha.
fn verify(folder: &Folder, file: &str) -> Vec<u8> {
    let arguments = [
        "cms",
        "-verify",
        "-inform",
        "DER",
        "-in",
        file,
        "-binary",
        "-certfile",
        "alpha.pem",
        "-CAfile",
        "alpha.pem",
        "-purpose",
        "any",
        "-out",
        "verified",
    ];
    folder.run("openssl", &arguments).expect("openssl verifies");
    folder.read("verified")
}

/// `openssl cms -decrypt` of a file for beta.
fn decrypt(folder: &Folder, file: &str) -> Vec<u8> {
    let arguments = [
        "cms",
        "-decrypt",
        "-inform",
        "DER",
        "-in",
        file,
        "-binary",
        "-recip",
        "beta.pem",
        "-inkey",
        "beta.key",
        "-out",
        "decrypted",
    ];
    folder.run("openssl", &arguments).expect("openssl decrypts");
    folder.read("decrypted")
}

#[test]
fn openssl_reads_what_we_write() {
    if !has("openssl", "version") {
        return;
    }
    let folder = Folder::new();
    let (alpha, beta) = (folder.credential("alpha"), folder.credential("beta"));
    let content = content();
    for suite in &SUITES {
        for bits in 0..4 {
            let mut plan = SealPlan::new(suite);
            plan.signing_time = Some(SystemTime::now());
            plan.signed_attributes = bits & 1 == 0;
            plan.by_key_identifier = bits & 2 != 0;
            plan.signers.push(alpha.clone());
            folder.write("signed", seal(plan.clone(), &content));
            assert!(verify(&folder, "signed") == content, "{suite} {bits}");

            plan.recipients.push(beta.certificate.clone());
            folder.write("both", seal(plan.clone(), &content));
            folder.write("inner", decrypt(&folder, "both"));
            assert!(verify(&folder, "inner") == content, "{suite} {bits}");

            plan.signers.clear();
            folder.write("encrypted", seal(plan, &content));
            assert!(decrypt(&folder, "encrypted") == content, "{suite} {bits}");
        }
    }
}

/// `openssl cms -sign` as alpha; `openssl cms -encrypt` for beta.
fn make(folder: &Folder, verb: &str, suite: &Suite, extra: &[&str]) -> Result<(), String> {
    let mut arguments = vec![
        "cms", verb, "-in", "in", "-binary", "-outform", "DER", "-out", "out",
    ];
    arguments.extend_from_slice(extra);
    if verb == "-sign" {
        arguments.extend(["-nodetach", "-nocerts", "-md", md(suite)]);
        arguments.extend(["-signer", "alpha.pem", "-inkey", "alpha.key"]);
        if suite.signature == SignatureScheme::Pss {
            arguments.extend(["-keyopt", "rsa_padding_mode:pss"]);
        }
    } else {
        arguments.extend([cipher(suite), "-recip", "beta.pem"]);
        let oaep = format!("rsa_oaep_md:{}", md(suite));
        if suite.transport == KeyTransport::Oaep {
            arguments.extend(["-keyopt", "rsa_padding_mode:oaep", "-keyopt", &oaep]);
        }
        return folder.run("openssl", &arguments);
    }
    folder.run("openssl", &arguments)
}

#[test]
fn we_read_what_openssl_writes() {
    if !has("openssl", "version") {
        return;
    }
    let folder = Folder::new();
    let (alpha, beta) = (folder.credential("alpha"), folder.credential("beta"));
    let content = content();
    for suite in &SUITES {
        for bits in 0..8 {
            let mut extra = Vec::new();
            // OpenSSL 3.0 cannot stream PSS and OAEP: "illegal zero content".
            if bits & 1 != 0 && suite.signature == SignatureScheme::Pkcs1 {
                extra.push("-stream");
            }
            if bits & 2 != 0 {
                extra.push("-keyid");
            }
            let mut for_signing = extra.clone();
            if bits & 4 != 0 {
                for_signing.push("-noattr");
            }
            let what = format!("{suite} {for_signing:?}");
            folder.write("in", &content);
            if suite.code == 10 {
                // OpenSSL 3.0 cannot sign so.
                let mut plan = SealPlan::new(suite);
                plan.signers.push(alpha.clone());
                folder.write("out", seal(plan, &content));
            } else {
                make(&folder, "-sign", suite, &for_signing).expect(&what);
            }
            let mut plan = open_plan(&alpha, &beta);
            plan.signed = true;
            let (opened, about) = open(plan.clone(), &folder.read("out")).expect(&what);
            assert!(opened == content, "{what}");
            assert_eq!(about.hash, Some(suite.hash));

            folder.write("in", folder.read("out"));
            make(&folder, "-encrypt", suite, &extra).expect(&what);
            plan.encrypted = true;
            let (opened, about) = open(plan.clone(), &folder.read("out")).expect(&what);
            assert!(opened == content, "{what}");
            assert_eq!(about.cipher, Some(suite.cipher));
        }
    }
}
