//! BouncyCastle, which most products run on, in both directions: its streaming parsers and
//! generators, and those in memory.

use std::path::Path;
use std::time::SystemTime;

use oftp_core::wire::Eerp;
use oftp_secure::challenge::{open_challenge, seal_challenge};
use oftp_secure::cms::SealPlan;
use oftp_secure::crypto::{ContentCipher, Hash, KeyTransport, SignatureScheme};
use oftp_secure::response::sign_eerp;
use oftp_secure::suite::SUITES;
use oftp_secure::{Credential, Suite};

use oftp_tests::tools::{has, skipped};

use crate::common::{Folder, content, eerp, open, open_plan, seal, suite};

const JARS: [&str; 3] = ["bcprov", "bcutil", "bcpkix"];

/// A folder with keys, and BouncyCastle in it.
struct Java {
    folder: Folder,
    alpha: Credential,
    beta: Credential,
    jars: String,
    jobs: Vec<String>,
}

impl Java {
    fn find() -> Option<Self> {
        if !has("javac", "-version") || !has("java", "-version") {
            return None;
        }
        let place = std::env::var("BOUNCYCASTLE_JARS");
        let place = place.as_deref().unwrap_or("/usr/share/java");
        let jars = JARS.map(|jar| format!("{place}/{jar}.jar"));
        if !jars.iter().all(|jar| Path::new(jar).exists()) {
            skipped(&format!(
                "there are no {JARS:?} in {place}; install libbcpkix-java, or set BOUNCYCASTLE_JARS"
            ));
            return None;
        }
        let folder = Folder::new();
        let (alpha, beta) = (folder.credential("alpha"), folder.credential("beta"));
        let jars = jars.join(":");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/java/Jobs.java");
        let arguments = ["-cp", &jars, "-d", ".", source];
        folder.run("javac", &arguments).expect("compiles");
        Some(Self {
            folder,
            alpha,
            beta,
            jars,
            jobs: Vec::new(),
        })
    }

    fn job(&mut self, job: String) {
        self.jobs.push(job);
    }

    /// Does all jobs in one process.
    fn work(&mut self) {
        self.folder.write("jobs", self.jobs.join("\n"));
        self.jobs.clear();
        let path = format!("{}:.", self.jars);
        let done = self.folder.run("java", &["-cp", &path, "Jobs"]);
        done.unwrap_or_else(|error| panic!("BouncyCastle: {error}"));
    }
}

#[test]
fn bouncycastle_reads_what_we_write() {
    let Some(mut java) = Java::find() else { return };
    let content = content();
    let mut names = Vec::new();
    for suite in &SUITES {
        for bits in 1..8 {
            let by_key = (suite.code + bits) % 2 == 0;
            let name = format!("{}-{bits}-{by_key}", suite.code);
            let mut plan = SealPlan::new(suite);
            plan.by_key_identifier = by_key;
            plan.signing_time = Some(SystemTime::now());
            // BouncyCastle 1.72 cannot verify SHA3-512 without attributes, not even its own.
            plan.signed_attributes = bits != 3 || suite.code == 7;
            let mut steps = Vec::new();
            if bits & 4 != 0 {
                plan.recipients.push(java.beta.certificate.clone());
                steps.push("decrypt");
            }
            if bits & 2 != 0 {
                plan.compression = Some(6);
                steps.push("expand");
            }
            if bits & 1 != 0 {
                plan.signers.push(java.alpha.clone());
                steps.push("verify");
            }
            java.folder.write(&name, seal(plan, &content));
            let mut file = name.clone();
            for step in steps {
                java.job(format!("{step} {file} {file}{step}"));
                file += step;
            }
            names.push(file);
        }
    }
    java.work();
    for name in names {
        assert!(java.folder.read(&name) == content, "{name}");
    }
}

fn signature(suite: &Suite) -> String {
    let hash = match suite.hash {
        Hash::Sha1 => "SHA1",
        Hash::Sha512 => "SHA512",
        Hash::Sha3_512 => "SHA3-512",
        _ => "SHA256",
    };
    match suite.signature {
        SignatureScheme::Pkcs1 => format!("{hash}withRSA"),
        SignatureScheme::Pss => format!("{hash}withRSAandMGF1"),
    }
}

fn cipher(suite: &Suite) -> String {
    let cipher = match suite.cipher {
        ContentCipher::TripleDes => "3DES",
        _ => "AES-256",
    };
    match suite.transport {
        KeyTransport::Pkcs1V15 => cipher.to_owned(),
        KeyTransport::Oaep => {
            let hash = suite.hash;
            format!("{cipher}:{hash}:{hash}")
        }
    }
}

#[test]
fn we_read_what_bouncycastle_writes() {
    let Some(mut java) = Java::find() else { return };
    let content = content();
    java.folder.write("in", &content);
    let mut files = Vec::new();
    for suite in &SUITES {
        for bits in 1..8 {
            for form in ["stream", "memory", "der"] {
                let id = if bits & 1 == 0 || form == "memory" {
                    "by-key"
                } else {
                    "by-serial"
                };
                let attributes = if bits == 5 {
                    "without"
                } else {
                    "with-attributes"
                };
                let mut file = "in".to_owned();
                let mut plan = open_plan(&java.alpha, &java.beta);
                plan.signed = bits & 1 != 0;
                plan.compressed = bits & 2 != 0;
                plan.encrypted = bits & 4 != 0;
                let name = format!("{}-{bits}-{form}", suite.code);
                for (step, wanted, how) in [
                    (
                        "sign",
                        plan.signed,
                        format!("{} {attributes} {id}", signature(suite)),
                    ),
                    ("compress", plan.compressed, String::new()),
                    ("encrypt", plan.encrypted, format!("{} {id}", cipher(suite))),
                ] {
                    if wanted {
                        let how = format!("{how} {form}");
                        java.job(format!("{step} {file} {name}{step} {}", how.trim()));
                        file = format!("{name}{step}");
                    }
                }
                files.push((file, plan, suite));
            }
        }
    }
    java.work();
    for (file, plan, suite) in files {
        let (signed, encrypted) = (plan.signed, plan.encrypted);
        let (opened, what) = open(plan, &java.folder.read(&file)).expect(&file);
        assert!(opened == content, "{file}");
        assert_eq!(what.hash, signed.then_some(suite.hash), "{file}");
        assert_eq!(what.cipher, encrypted.then_some(suite.cipher), "{file}");
    }
}

/// What is in no suite, but what products can be set to.
#[test]
fn other_ciphers_hashes_and_masks() {
    let Some(mut java) = Java::find() else { return };
    java.folder.write("in", content());
    for cipher in [
        "AES-128",
        "AES-192",
        "AES-256:SHA-256:SHA-1",
        "AES-256:SHA-1:SHA-1",
    ] {
        java.job(format!("encrypt in {cipher} {cipher} by-serial stream"));
    }
    java.job("sign in SHA384 SHA384withRSA with-attributes by-serial stream".to_owned());
    java.work();
    for (file, encrypted) in [
        ("AES-128", true),
        ("AES-192", true),
        ("AES-256:SHA-256:SHA-1", true),
        ("AES-256:SHA-1:SHA-1", true),
        ("SHA384", false),
    ] {
        let mut plan = open_plan(&java.alpha, &java.beta);
        plan.encrypted = encrypted;
        plan.signed = !encrypted;
        let (opened, _) = open(plan, &java.folder.read(file)).expect(file);
        assert!(opened == content(), "{file}");
    }
}

#[test]
fn responses_and_challenges() {
    let Some(mut java) = Java::find() else { return };
    let mut eerp: Eerp = eerp();
    let (alpha, now) = (java.alpha.clone(), SystemTime::now());
    sign_eerp(&mut eerp, &[7; 32], suite(4), &alpha, now).expect("signs");
    java.folder.write("eerp", &eerp.sig);
    java.job("verify eerp eerp-content".to_owned());
    for suite in &SUITES {
        let challenge = seal_challenge(&java.beta.certificate, suite).expect("seals");
        let code = suite.code;
        java.folder.write(&format!("auch{code}"), &challenge.sealed);
        java.folder.write(&format!("plain{code}"), challenge.plain);
        java.job(format!("decrypt auch{code} aurp{code}"));
        java.job(format!(
            "encrypt plain{code} theirs{code} {} by-serial memory",
            cipher(suite)
        ));
    }
    java.work();
    assert_eq!(java.folder.read("eerp-content"), eerp.signed_octets());
    for suite in &SUITES {
        let code = suite.code;
        let plain = java.folder.read(&format!("plain{code}"));
        assert_eq!(java.folder.read(&format!("aurp{code}")), plain);
        let theirs = java.folder.read(&format!("theirs{code}"));
        let answer = open_challenge(&theirs, std::slice::from_ref(&java.beta)).expect("opens");
        assert_eq!(answer, *plain);
    }
}
