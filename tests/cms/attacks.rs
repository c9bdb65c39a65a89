//! What is damaged, cut, forged or not for us.

use std::time::Duration;

use oftp_core::wire::{EfnaReason, NerpReason};
use oftp_secure::Credential;
use oftp_secure::cms::{Layer, OpenError, OpenProblem, SealPlan};
use oftp_tests::pki;

use crate::common::{
    Layers, alpha, beta, edifact, names, open, open_plan, seal, seal_plan, suite, trust,
};
use crate::craft::{Parts, Style, inside, with_content};

/// The reasons that threat model E4 allows.
fn allowed(layers: Layers) -> &'static [u8] {
    match (layers.encrypt, layers.sign, layers.compress) {
        (true, true, _) => &[31, 33],
        (true, false, _) => &[33],
        (false, true, true) => &[31, 32],
        (false, true, false) => &[31],
        (false, false, _) => &[32],
    }
}

#[test]
fn a_message_with_one_other_octet_is_refused_or_exactly_the_content_with_a_good_signature() {
    let content = b"UNB+UNOC:3+O0013005CAR1+O0013007PARTS'".repeat(3);
    for layers in Layers::each().filter(|layers| layers.sign) {
        let sealed = seal(seal_plan(4, layers), &content);
        let (mut refused, mut accepted) = (0, 0);
        for place in 0..sealed.len() {
            for other in [1, 0x80, 0x55] {
                let mut sealed = sealed.clone();
                sealed[place] ^= other;
                match open(open_plan(layers), &sealed) {
                    Ok((opened, what)) => {
                        assert!(opened == content, "{layers:?} {place}");
                        assert_eq!(names(&what.signers), ["CN=alpha"]);
                        accepted += 1;
                    }
                    Err(error) => {
                        let code = error.nerp_reason().code();
                        assert!(
                            allowed(layers).contains(&code),
                            "{layers:?} {place} {error}"
                        );
                        refused += 1;
                    }
                }
            }
        }
        // Versions, parameters, the letters of the issuer's name.
        assert!(
            accepted < refused / 10,
            "{layers:?}: {accepted} of {refused}"
        );
    }
}

#[test]
fn a_message_without_its_end_or_with_more_behind_is_refused() {
    let content = edifact(200);
    for layers in Layers::each() {
        let mut sealed = seal(seal_plan(4, layers), &content);
        for end in 0..sealed.len() {
            let error = open(open_plan(layers), &sealed[..end]).expect_err("cut");
            let code = error.nerp_reason().code();
            assert!(allowed(layers).contains(&code), "{layers:?} {end} {error}");
        }
        sealed.push(0);
        let error = open(open_plan(layers), &sealed).expect_err("more");
        assert!(
            matches!(error.problem, OpenProblem::Trailing { .. }),
            "{error}"
        );
    }
}

#[test]
fn octets_behind_an_inner_layer_are_refused() {
    for (sign, compress) in [(true, false), (false, true), (true, true)] {
        let layers = Layers {
            sign,
            compress,
            encrypt: true,
        };
        let mut inner = seal_plan(4, layers);
        inner.recipients.clear();
        let mut inner = seal(inner, b"content");
        inner.push(b'!');
        let mut outer = SealPlan::new(suite(4));
        outer.recipients.push(beta().certificate);
        let error = open(open_plan(layers), &seal(outer, &inner)).expect_err("more");
        assert!(
            matches!(error.problem, OpenProblem::Trailing { .. }),
            "{error}"
        );
        assert_ne!(error.layer, Layer::Encryption);
    }
}

/// Sign, compress, encrypt is the only order, and each only once (threat model C2).
#[test]
fn layers_in_another_order_or_twice_are_refused() {
    let (signed, compressed) = (Layers::SIGNED, Layers::COMPRESSED);
    let encrypted = Layers::ENCRYPTED;
    let both = |sign, compress, encrypt| Layers {
        sign,
        compress,
        encrypt,
    };
    // From the inside out.
    for (made, announced) in [
        ([encrypted, signed], both(true, false, true)),
        ([encrypted, compressed], both(false, true, true)),
        ([compressed, signed], both(true, true, false)),
        ([both(false, true, true), signed], Layers::ALL),
        ([encrypted, both(true, true, false)], Layers::ALL),
    ] {
        let mut message = edifact(300);
        for layers in made {
            message = seal(seal_plan(4, layers), &message);
        }
        let error = open(open_plan(announced), &message).expect_err("another order");
        let code = error.nerp_reason().code();
        assert!(allowed(announced).contains(&code), "{made:?}: {error}");
    }
    // What is inside the announced layer is content, whatever it looks like.
    for layers in [signed, compressed, encrypted] {
        let once = seal(seal_plan(4, layers), &edifact(300));
        let twice = seal(seal_plan(4, layers), &once);
        let (content, _) = open(open_plan(layers), &twice).expect("one layer");
        assert!(content == once, "{layers:?}");
    }
}

/// Everything that fails behind the private key looks the same to the partner (threat model E4).
#[test]
fn a_partner_never_learns_what_failed_inside_an_envelope() {
    let content = edifact(500);
    for code in [4, 8] {
        for layers in Layers::each().filter(|layers| layers.encrypt) {
            let parts = Parts::of(&seal(seal_plan(code, layers), &content));
            let expected = if layers.sign { 31 } else { 33 };
            let check = |parts: &Parts, what: &str| {
                let error = open(open_plan(layers), &parts.assemble(Style::Definite));
                let Err(error) = error else {
                    // Encryption alone proves nothing about the content.
                    assert_eq!(layers, Layers::ENCRYPTED);
                    return;
                };
                assert_eq!(
                    error.nerp_reason().code(),
                    expected,
                    "{layers:?} {what} {error}"
                );
                assert_eq!(
                    error.efna_reason().code(),
                    expected - if layers.sign { 10 } else { 11 }
                );
            };
            let mut recipient = inside(&inside(&parts.head[1])[0]);
            let last = recipient[3].len() - 1;
            for place in [last, last - 1, last - 100, last - 254] {
                let mut changed = parts.clone();
                recipient[3][place] ^= 1;
                let info = with_content(0x30, &recipient);
                changed.head[1] = with_content(0x31, &[info]);
                check(&changed, "content key");
                recipient[3][place] ^= 1;
            }
            for place in (0..parts.content.len()).step_by(7) {
                let mut changed = parts.clone();
                changed.content[place] ^= 0x10;
                check(&changed, "content");
            }
            for octets in [0, 16, parts.content.len() - 1] {
                let mut changed = parts.clone();
                changed.content.truncate(octets);
                check(&changed, "cut content");
            }
        }
    }
    // What anybody can see is told as it is, signed or not.
    let sealed = seal(seal_plan(4, Layers::ALL), &content);
    let mut plan = open_plan(Layers::ALL);
    plan.keys = vec![alpha()];
    let error = open(plan, &sealed).expect_err("not for us");
    assert_eq!(error.nerp_reason(), NerpReason::FILE_DECRYPTION_FAILURE);
    assert_eq!(error.efna_reason(), EfnaReason::FILE_DECRYPTION_FAILURE);
    let error = open(open_plan(Layers::ALL), b"no CMS at all").expect_err("text");
    assert_eq!(error.nerp_reason(), NerpReason::FILE_DECRYPTION_FAILURE);
}

#[test]
fn an_envelope_for_others_names_them_and_our_keys() {
    let other = pki::self_signed("gamma");
    let mut plan = seal_plan(4, Layers::ENCRYPTED);
    plan.recipients = vec![alpha().certificate, other.certificate.clone()];
    let sealed = seal(plan, b"x");
    let error = open(open_plan(Layers::ENCRYPTED), &sealed).expect_err("not for us");
    let text = error.to_string();
    for part in [
        format!(
            "serial {} issued by CN=gamma",
            other.certificate.serial_hex()
        ),
        format!("our keys are {}", beta().certificate),
    ] {
        assert!(text.contains(&part), "{text}");
    }
    // With the key of one of them it opens, whichever it is, and old keys do not disturb.
    for key in [alpha(), other] {
        let mut plan = open_plan(Layers::ENCRYPTED);
        plan.keys = vec![beta(), key];
        assert_eq!(open(plan, &sealed).expect("opens").0, b"x");
    }
    // The certificate is ours, the key is not its own.
    let mut plan = open_plan(Layers::ENCRYPTED);
    plan.keys = vec![Credential {
        key: beta().key,
        certificate: alpha().certificate,
        chain: Vec::new(),
    }];
    let wrong = open(plan, &sealed).expect_err("wrong key");
    assert_eq!(wrong.problem, OpenProblem::Undecipherable);
}

fn refused(plan: impl FnOnce(&mut oftp_secure::cms::OpenPlan), sealed: &[u8]) -> OpenError {
    let mut open_plan = open_plan(Layers::SIGNED);
    plan(&mut open_plan);
    let error = open(open_plan, sealed).expect_err("refused");
    assert_eq!(error.nerp_reason(), NerpReason::INVALID_FILE_SIGNATURE);
    error
}

/// (threat model C3)
#[test]
fn only_the_partner_signs_for_the_partner() {
    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.signers = vec![pki::self_signed("mallory")];
    let sealed = seal(plan.clone(), b"x");
    let text = refused(|_| {}, &sealed).to_string();
    assert!(text.contains("issued by CN=mallory"), "{text}");
    assert!(
        text.contains("no certificate of the partner has this identifier"),
        "{text}"
    );
    plan.with_certificates = true;
    let text = refused(|_| {}, &seal(plan, b"x")).to_string();
    assert!(
        text.contains("CN=mallory") && text.contains("none of the partner's"),
        "{text}"
    );
    // The partner's certificate, another key.
    let sealed = seal(seal_plan(4, Layers::SIGNED), b"x");
    let other = pki::params_with_key_identifier("alpha");
    let other = pki::self_signed_as("not alpha", other);
    let mut parts = Parts::of(&sealed);
    let mut info = inside(&inside(&parts.tail[0])[0]);
    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.signers = vec![other];
    let theirs = Parts::of(&seal(plan, b"x"));
    info[5] = inside(&inside(&theirs.tail[0])[0])[5].clone();
    parts.tail[0] = with_content(0x31, &[with_content(0x30, &info)]);
    let text = refused(|_| {}, &parts.assemble(Style::Definite)).to_string();
    assert!(text.contains("the signature is not this key's"), "{text}");
    // A time at which the certificate does not hold.
    let year = Duration::from_secs(366 * 86_400);
    let late = refused(|plan| plan.now += year * 3000, &sealed).to_string();
    assert!(late.contains("expired"), "{late}");
}

#[test]
fn one_of_several_signatures_is_enough_and_the_others_are_told() {
    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.signers = vec![
        pki::self_signed("mallory"),
        alpha(),
        pki::self_signed("older"),
    ];
    let sealed = seal(plan, b"x");
    let (_, what) = open(open_plan(Layers::SIGNED), &sealed).expect("opens");
    assert_eq!(names(&what.signers), ["CN=alpha"]);
    let others = what.other_signatures.join("\n");
    assert_eq!(what.other_signatures.len(), 2);
    assert!(
        others.contains("CN=mallory") && others.contains("CN=older"),
        "{others}"
    );
    let mut plan = open_plan(Layers::SIGNED);
    plan.trust = trust(&[&alpha(), &pki::self_signed("older")]);
    let (_, what) = open(plan, &sealed).expect("opens");
    assert_eq!(what.signers.len(), 2);
    // Nobody's signature is no signature.
    let mut parts = Parts::of(&sealed);
    parts.tail[0] = with_content(0x31, &[]);
    let text = refused(|_| {}, &parts.assemble(Style::Definite)).to_string();
    assert!(text.contains("no signature counts: nobody"), "{text}");
}

/// (threat model C5)
#[test]
fn legacy_algorithms_are_taken_or_refused_as_the_policy_says() {
    for (code, problem) in [(1, "3DES"), (2, "SHA-1"), (3, "3DES"), (4, "")] {
        let sealed = seal(seal_plan(code, Layers::ALL), b"x");
        let (_, what) = open(open_plan(Layers::ALL), &sealed).expect("opens");
        assert_eq!(what.is_legacy(), !problem.is_empty(), "{code}");
        let mut plan = open_plan(Layers::ALL);
        plan.refuse_legacy = true;
        match open(plan, &sealed) {
            Ok(_) => assert_eq!(code, 4),
            Err(error) => {
                let text = error.to_string();
                let expected = format!("{problem} is refused by policy");
                assert!(text.contains(&expected) && code != 4, "{text}");
            }
        }
    }
}

/// One layer of each, as announced (threat model C2).
#[test]
fn the_layers_must_be_the_announced_ones() {
    for made in Layers::each() {
        let sealed = seal(seal_plan(4, made), &edifact(300));
        for announced in Layers::each().filter(|announced| *announced != made) {
            match open(open_plan(announced), &sealed) {
                Err(error) => {
                    let code = error.nerp_reason().code();
                    assert!(
                        allowed(announced).contains(&code),
                        "{made:?} as {announced:?}"
                    );
                }
                // What is not announced is content, and stays as it is.
                Ok((content, _)) => {
                    let inside = Layers {
                        sign: made.sign && !announced.sign,
                        compress: made.compress && !announced.compress,
                        encrypt: false,
                    };
                    let (content, _) = open(open_plan(inside), &content).expect("the rest");
                    assert!(content == edifact(300), "{made:?} as {announced:?}");
                }
            }
        }
    }
    let sealed = seal(seal_plan(4, Layers::COMPRESSED), b"x");
    let error = open(open_plan(Layers::SIGNED), &sealed).expect_err("not signed");
    let text = error.to_string();
    assert!(
        text.contains("announced") && text.contains("CompressedData"),
        "{text}"
    );
}
