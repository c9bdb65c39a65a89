//! The `openssl` command, in both directions.

use std::time::SystemTime;

use oftp_secure::Suite;
use oftp_secure::asn1::Reader;
use oftp_secure::cms::SealPlan;
use oftp_secure::crypto::{ContentCipher, Hash, KeyTransport, SignatureScheme};
use oftp_secure::suite::SUITES;

use oftp_tests::tools::has;

use crate::common::{Folder, content, open, open_plan, seal, suite};

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
pub(crate) fn verify(folder: &Folder, file: &str) -> Vec<u8> {
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
pub(crate) fn decrypt(folder: &Folder, file: &str) -> Vec<u8> {
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
pub(crate) fn make(
    folder: &Folder,
    verb: &str,
    suite: &Suite,
    extra: &[&str],
) -> Result<(), String> {
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

/// Debian's openssl is built without zlib: the compressed layer between the others is made and
/// read by ours, and what is in it by `python3`.
#[test]
fn all_combinations_with_a_compressed_layer() {
    if !has("openssl", "version") || !has("python3", "--version") {
        return;
    }
    let folder = Folder::new();
    let (alpha, beta) = (folder.credential("alpha"), folder.credential("beta"));
    let content = content();
    for bits in 0..4 {
        let (sign, encrypt) = (bits & 1 != 0, bits & 2 != 0);
        let mut plan = SealPlan::new(suite(4));
        plan.signing_time = Some(SystemTime::now());
        plan.compression = Some(6);
        if sign {
            plan.signers.push(alpha.clone());
        }
        if encrypt {
            plan.recipients.push(beta.certificate.clone());
        }
        // Ours to theirs.
        let sealed = seal(plan, &content);
        folder.write("out", &sealed);
        if encrypt {
            folder.write("out", decrypt(&folder, "out"));
        }
        let compressed = folder.read("out");
        folder.write("zlib", octet_string_of_compressed(&compressed));
        let python =
            "import zlib; open('plain','wb').write(zlib.decompress(open('zlib','rb').read()))";
        folder.run("python3", &["-c", python]).expect("zlib");
        let plain = if sign {
            verify(&folder, "plain")
        } else {
            folder.read("plain")
        };
        assert!(plain == content, "sign {sign} encrypt {encrypt}");
        // Theirs to ours.
        folder.write("in", &content);
        let suite = suite(4);
        if sign {
            make(&folder, "-sign", suite, &["-stream"]).expect("signs");
            folder.write("in", folder.read("out"));
        }
        let mut plan = SealPlan::new(suite);
        plan.compression = Some(9);
        folder.write("in", seal(plan, &folder.read("in")));
        folder.write("out", folder.read("in"));
        if encrypt {
            make(&folder, "-encrypt", suite, &["-stream"]).expect("encrypts");
        }
        let mut plan = open_plan(&alpha, &beta);
        (plan.signed, plan.compressed, plan.encrypted) = (sign, true, encrypt);
        let (opened, _) = open(plan, &folder.read("out")).expect("opens");
        assert!(opened == content, "sign {sign} encrypt {encrypt}");
    }
}

/// The zlib stream of CompressedData, found by the structure of RFC 3274.
fn octet_string_of_compressed(message: &[u8]) -> Vec<u8> {
    let inside = |octets: &[u8], index: usize| {
        let mut elements = Reader::new(octets).any().expect("element").reader();
        let mut element = elements.any().expect("element");
        for _ in 0..index {
            element = elements.any().expect("element");
        }
        element.whole.to_vec()
    };
    let body = inside(&inside(message, 1), 0);
    let string = inside(&inside(&inside(&body, 2), 1), 0);
    let string = Reader::new(&string).any().expect("octet string");
    string.octets().expect("octets")
}
