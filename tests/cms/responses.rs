//! Signed EERP and NERP (RFC 5024 sections 5.3.13 and 5.3.14).

use oftp_core::wire::{
    Command, DatasetName, Eerp, Level, Nerp, NerpReason, Quirks, Stamp, Text, UserData, decode,
};
use oftp_secure::cms::{OpenProblem, SealPlan};
use oftp_secure::response::{
    Expected, ResponseError, sign_eerp, sign_nerp, verify_eerp, verify_nerp,
};
use oftp_secure::suite::SUITES;
use oftp_secure::{Credential, Trust};
use oftp_tests::pair::code;
use oftp_tests::pki::{self, Authority, day};

use crate::common::{Layers, alpha, now, open, open_plan, seal, suite, trust};
use crate::craft::{Parts, Style};

const HASH: [u8; 32] = [0xA7; 32];

fn eerp() -> Eerp {
    Eerp {
        dsn: DatasetName::new("INVOICES").expect("name"),
        stamp: Stamp::new("20261125", "0802150001").expect("stamp"),
        user: UserData::BLANK,
        dest: code("O0013000042BETA"),
        orig: code("O0013000007ALPHA"),
        hsh: Vec::new(),
        sig: Vec::new(),
    }
}

fn nerp() -> Nerp {
    let eerp = eerp();
    Nerp {
        dsn: eerp.dsn,
        stamp: eerp.stamp,
        dest: eerp.dest,
        orig: eerp.orig,
        crea: code("O0013000001HUB"),
        reas: NerpReason::NOT_DELIVERED,
        reast: Text::default(),
        hsh: Vec::new(),
        sig: Vec::new(),
    }
}

fn signed_eerp() -> Eerp {
    let mut eerp = eerp();
    sign_eerp(&mut eerp, &HASH, suite(4), &alpha(), now()).expect("signs");
    eerp
}

fn signed_nerp() -> Nerp {
    let mut nerp = nerp();
    sign_nerp(&mut nerp, &HASH, suite(4), &alpha(), now()).expect("signs");
    nerp
}

fn expected(trust: &Trust) -> Expected<'_> {
    Expected {
        hash: Some(&HASH),
        trust,
        now: now(),
        refuse_legacy: false,
    }
}

fn check_eerp(eerp: &Eerp) -> Result<usize, ResponseError> {
    verify_eerp(eerp, expected(&trust(&[&alpha()]))).map(|signers| signers.len())
}

fn check_nerp(nerp: &Nerp) -> Result<usize, ResponseError> {
    verify_nerp(nerp, expected(&trust(&[&alpha()]))).map(|signers| signers.len())
}

#[test]
fn the_signature_covers_the_fields_as_they_are_sent() {
    let content = |sig: &[u8]| open(open_plan(Layers::SIGNED), sig).expect("opens").0;
    let fields = b"INVOICES                  202611250802150001\
        O0013000042BETA          O0013000007ALPHA         ";
    assert_eq!(content(&signed_eerp().sig), [&fields[..], &HASH].concat());
    let crea = b"O0013000001HUB           ";
    assert_eq!(
        content(&signed_nerp().sig),
        [&fields[..], crea, &HASH].concat()
    );
}

#[test]
fn every_suite_signs_and_every_response_survives_the_wire() {
    for suite in &SUITES {
        let (mut eerp, mut nerp) = (eerp(), nerp());
        sign_eerp(&mut eerp, &HASH, suite, &alpha(), now()).expect("signs");
        sign_nerp(&mut nerp, &HASH, suite, &alpha(), now()).expect("signs");
        let mut octets = Vec::new();
        eerp.encode(Level::V2_0, &mut octets).expect("encodes");
        let received = decode(&octets, Level::V2_0, Quirks::default()).expect("decodes");
        let Command::Eerp(received) = received.command else {
            panic!("no EERP");
        };
        assert_eq!(check_eerp(&received), Ok(1), "{suite}");
        octets.clear();
        nerp.encode(Level::V2_0, &mut octets).expect("encodes");
        let received = decode(&octets, Level::V2_0, Quirks::default()).expect("decodes");
        let Command::Nerp(received) = received.command else {
            panic!("no NERP");
        };
        assert_eq!(check_nerp(&received), Ok(1), "{suite}");
    }
}

fn field(result: Result<usize, ResponseError>) -> &'static str {
    match result {
        Err(ResponseError::OtherContent { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_field_that_was_not_signed_so_is_named() {
    type Change = fn(&mut Eerp);
    let changes: [(&str, Change); 6] = [
        ("EERPDSN", |eerp| {
            eerp.dsn = DatasetName::new("INVOICE").expect("name")
        }),
        ("EERPDATE", |eerp| {
            eerp.stamp = Stamp::new("20261126", "0802150001").expect("stamp")
        }),
        ("EERPTIME", |eerp| {
            eerp.stamp = Stamp::new("20261125", "0802150002").expect("stamp")
        }),
        ("EERPDEST", |eerp| eerp.dest = code("O0013000007ALPHA")),
        ("EERPORIG", |eerp| eerp.orig = code("O0013000042BETA")),
        ("EERPHSH", |eerp| eerp.hsh = vec![0xA7; 33]),
    ];
    for (name, change) in changes {
        let mut eerp = signed_eerp();
        change(&mut eerp);
        assert_eq!(field(check_eerp(&eerp)), name);
    }
    let mut nerp = signed_nerp();
    nerp.crea = code("O0013000002HUB");
    assert_eq!(field(check_nerp(&nerp)), "NERPCREA");
    // What the signature does not cover.
    let mut eerp = signed_eerp();
    eerp.user = UserData::new("CHANGED").expect("user");
    assert_eq!(check_eerp(&eerp), Ok(1));
    let mut nerp = signed_nerp();
    nerp.reas = NerpReason::UNSPECIFIED;
    assert_eq!(check_nerp(&nerp), Ok(1));
    // A NERP signed as if it were an EERP.
    let mut nerp = signed_nerp();
    nerp.sig = signed_eerp().sig;
    assert_eq!(field(check_nerp(&nerp)), "NERPCREA");
}

#[test]
fn the_hash_must_be_the_one_of_what_was_sent() {
    let trust = trust(&[&alpha()]);
    let mut expected = expected(&trust);
    expected.hash = Some(&[1; 32]);
    let error = verify_eerp(&signed_eerp(), expected).expect_err("other hash");
    assert_eq!(
        error.to_string(),
        format!(
            "the file was sent with hash {}, the response is for {}",
            "01".repeat(32),
            "A7".repeat(32)
        )
    );
    expected.hash = None;
    let mut nerp = nerp();
    sign_nerp(&mut nerp, &[], suite(4), &alpha(), now()).expect("signs");
    assert!(verify_nerp(&nerp, expected).is_ok());
    expected.hash = Some(&HASH);
    let error = verify_nerp(&nerp, expected).expect_err("no hash");
    assert!(matches!(error, ResponseError::OtherHash { .. }));
}

#[test]
fn unsigned_detached_and_foreign_ones_are_told_apart() {
    assert_eq!(check_eerp(&eerp()), Err(ResponseError::Unsigned));
    let problem = |eerp: &Eerp| match check_eerp(eerp) {
        Err(ResponseError::Signature(error)) => error.problem,
        other => panic!("{other:?}"),
    };
    let mut foreign = eerp();
    let mallory = pki::self_signed("mallory");
    sign_eerp(&mut foreign, &HASH, suite(4), &mallory, now()).expect("signs");
    assert!(matches!(problem(&foreign), OpenProblem::NoSigner { .. }));
    let mut detached = signed_eerp();
    detached.sig = without_content(&detached.sig);
    assert_eq!(problem(&detached), OpenProblem::NoContent);
    let mut legacy = eerp();
    sign_eerp(&mut legacy, &HASH, suite(2), &alpha(), now()).expect("signs");
    assert_eq!(check_eerp(&legacy), Ok(1));
    let trust = trust(&[&alpha()]);
    let mut expected = expected(&trust);
    expected.refuse_legacy = true;
    let error = verify_eerp(&legacy, expected).expect_err("SHA-1");
    assert!(
        error.to_string().contains("SHA-1 is refused by policy"),
        "{error}"
    );
}

/// A detached signature, as products make it that do not read the RFC to its end.
fn without_content(signature: &[u8]) -> Vec<u8> {
    let der = Parts::of(signature).assemble(Style::Definite);
    let mut parts = Parts::of(&der);
    parts.content.clear();
    let with = parts.assemble(Style::Indefinite(1));
    // [0] { an empty octet string }
    let content = [0xA0, 0x80, 0x24, 0x80, 0, 0, 0, 0];
    let place = with.windows(8).position(|eight| eight == content);
    let place = place.expect("content");
    [&with[..place], &with[place + 8..]].concat()
}

#[test]
fn a_signature_with_one_other_octet_proves_nothing_or_the_same() {
    let eerp = signed_eerp();
    let mut accepted = 0;
    for place in 0..eerp.sig.len() {
        let mut changed = eerp.clone();
        changed.sig[place] ^= 0x21;
        // An octet that nobody signs, as the version, may be another one.
        if let Ok(signers) = check_eerp(&changed) {
            assert_eq!(signers, 1);
            accepted += 1;
        }
        changed.hsh[place % 32] ^= 1;
        assert!(check_eerp(&changed).is_err(), "{place}");
    }
    assert!(accepted < eerp.sig.len() / 10, "{accepted}");
}

#[test]
fn other_content_is_another_content_whoever_signed_it() {
    let mut eerp = signed_eerp();
    let mut plan = SealPlan::new(suite(4));
    plan.signers.push(alpha());
    let mut content = eerp.signed_octets();
    content.push(b' ');
    eerp.sig = seal(plan.clone(), &content);
    assert_eq!(field(check_eerp(&eerp)), "EERPHSH");
    eerp.sig = seal(plan, b"");
    assert_eq!(field(check_eerp(&eerp)), "EERPDSN");
}

/// A signer whose certificate has gone bad signs nothing any more, whatever it signed before.
#[test]
fn the_signer_must_be_good_when_the_response_comes() {
    #[track_caller]
    fn refused(trust: &Trust, signer: &Credential, words: &[&str]) {
        let (mut eerp, mut nerp) = (eerp(), nerp());
        sign_eerp(&mut eerp, &HASH, suite(4), signer, now()).expect("signs");
        sign_nerp(&mut nerp, &HASH, suite(4), signer, now()).expect("signs");
        let of_eerp = verify_eerp(&eerp, expected(trust)).expect_err("it should be refused");
        let of_nerp = verify_nerp(&nerp, expected(trust)).expect_err("it should be refused");
        for error in [of_eerp, of_nerp] {
            let text = error.to_string();
            for part in words {
                assert!(text.contains(part), "{text:?} does not say {part:?}");
            }
        }
    }
    let root = Authority::new("root");
    let issued = |change: fn(&mut rcgen::CertificateParams)| {
        let mut params = pki::params("signer");
        change(&mut params);
        root.issue("signer", &params)
    };
    let good = issued(|_| ());
    let mut of_good = trust(&[&good]);
    of_good.anchors.push(root.certificate.clone());
    let mut eerp = eerp();
    sign_eerp(&mut eerp, &HASH, suite(4), &good, now()).expect("signs");
    assert!(verify_eerp(&eerp, expected(&of_good)).is_ok());

    let list = root.list(day(2026, 11, 1), day(2026, 12, 1), &[&good.certificate]);
    of_good.revoked.push(list);
    let words = [
        "the signature of the response",
        "certificate CN=signer",
        "was revoked on 2026-11-01",
        "use this one no more",
    ];
    refused(&of_good, &good, &words);

    let expired = issued(|params| params.not_after = rcgen::date_time_ymd(2026, 11, 24));
    let words = ["expired on 2026-11-24", "ask its owner for the new one"];
    refused(&trust(&[&expired]), &expired, &words);
    let early = issued(|params| params.not_before = rcgen::date_time_ymd(2026, 11, 26));
    let words = ["is not valid before 2026-11-26", "use its predecessor"];
    refused(&trust(&[&early]), &early, &words);
    let encrypts = issued(|params| {
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyEncipherment];
    });
    let words = ["is not meant to sign end responses, only for: keyEncipherment"];
    refused(&trust(&[&encrypts]), &encrypts, &words);
}
