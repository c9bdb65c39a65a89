//! What is damaged, cut, forged, too large or not for us.

use std::time::Duration;

use oftp_core::wire::{EfnaReason, NerpReason};
use oftp_secure::cms::{
    Layer, OpenError, OpenProblem, Opener, SealError, SealPlan, Sealer, Transform, transform,
};
use oftp_secure::{Certificate, Credential};
use oftp_tests::pki;

use crate::common::{
    Layers, alpha, beta, edifact, names, now, open, open_plan, seal, seal_plan, suite, trust,
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

/// Everything that fails behind the private key looks the same to the partner.
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
        text.contains("CN=mallory") && text.contains("not the partner's"),
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

#[test]
fn a_bomb_stops_at_the_limit_and_takes_no_memory() {
    const LIMIT: u64 = 1 << 20;
    let zeros = vec![0; 8 << 20];
    for layers in Layers::each().filter(|layers| layers.compress) {
        let sealed = seal(seal_plan(4, layers), &zeros);
        assert!(sealed.len() < 100_000);
        let mut plan = open_plan(layers);
        plan.limit = Some(LIMIT);
        // Nobody takes anything out: it does not go on for ever, and does not grow.
        let mut opener = Opener::new(plan.clone());
        let taken = opener.push(&sealed).expect("waits");
        assert!(taken < sealed.len() || sealed.len() < 65_536, "{layers:?}");
        assert!(opener.held() < 1 << 20, "{layers:?}: {}", opener.held());
        let error = open(plan, &sealed).expect_err("bomb");
        assert_eq!(error.problem, OpenProblem::TooLong { limit: LIMIT });
        let code = match (layers.encrypt, layers.sign) {
            (true, true) => 31,
            (true, false) => 33,
            (false, _) => 32,
        };
        assert_eq!(error.nerp_reason().code(), code, "{layers:?}");
    }
    // Without compression it is simply too long.
    let mut plan = open_plan(Layers::SIGNED);
    plan.limit = Some(9);
    let error = open(plan.clone(), &seal(seal_plan(4, Layers::SIGNED), &[0; 10]));
    assert_eq!(
        error.expect_err("long").nerp_reason(),
        NerpReason::FILE_SIZE_TOO_BIG
    );
    assert!(open(plan, &seal(seal_plan(4, Layers::SIGNED), &[0; 9])).is_ok());
}

/// Segments without octets make no content, so a limit for content does not stop them.
#[test]
fn a_bomb_of_empty_segments_stops() {
    let parts = Parts::of(&seal(seal_plan(4, Layers::SIGNED), b""));
    let empty = parts.assemble(Style::Indefinite(1));
    let place = empty.windows(2).position(|two| two == [0x24, 0x80]);
    let place = place.expect("content") + 2;
    let mut bomb = empty[..place].to_vec();
    bomb.extend([4, 0].repeat(5 << 20));
    bomb.extend(&empty[place..]);
    let mut plan = SealPlan::new(suite(4));
    plan.compression = Some(1);
    let sealed = seal(plan, &bomb);
    let mut plan = open_plan(Layers {
        encrypt: false,
        ..Layers::ALL
    });
    plan.limit = Some(1000);
    let error = open(plan, &sealed).expect_err("bomb");
    assert!(
        matches!(error.problem, OpenProblem::TooLong { .. }),
        "{error}"
    );
}

#[test]
fn zlib_streams_end_where_they_end_and_match_their_checksum() {
    let sealed = seal(seal_plan(4, Layers::COMPRESSED), &edifact(1000));
    let parts = Parts::of(&sealed);
    let expect = |change: fn(&mut Vec<u8>), text: &str| {
        let mut parts = parts.clone();
        change(&mut parts.content);
        for style in Style::ALL {
            let error = open(open_plan(Layers::COMPRESSED), &parts.assemble(style));
            let error = error.expect_err(text);
            assert!(error.to_string().contains(text), "{error}");
            assert_eq!(error.nerp_reason(), NerpReason::FILE_DECOMPRESSION_FAILURE);
        }
    };
    expect(|content| content.push(0), "octets follow its end");
    expect(|content| content.truncate(content.len() - 1), "cut off");
    expect(|content| content.truncate(content.len() - 4), "cut off");
    expect(|content| content.clear(), "cut off");
    expect(
        |content| *content.last_mut().expect("checksum") ^= 1,
        "damaged",
    );
    expect(|content| content[0] = 0, "not compressed by zlib");
    expect(|content| drop(content.drain(..2)), "not compressed by zlib");
}

#[test]
fn what_is_too_deep_or_too_large_beside_the_content_is_refused() {
    let deep = [&[0x30, 0x80][..]].concat().repeat(40);
    let error = open(open_plan(Layers::SIGNED), &deep).expect_err("deep");
    assert_eq!(error.nerp_reason(), NerpReason::INVALID_FILE_SIGNATURE);
    let parts = Parts::of(&seal(seal_plan(4, Layers::SIGNED), b"x"));
    for (size, good) in [(4_000_000, true), (5 << 20, false)] {
        let mut parts = parts.clone();
        parts
            .tail
            .insert(0, with_content(0xA1, &[with_content(4, &[vec![0; size]])]));
        let mut opener = Opener::new(open_plan(Layers::SIGNED));
        let opened = transform(&mut opener, &parts.assemble(Style::Indefinite(9)));
        assert_eq!(opened.is_ok(), good, "{size}");
        assert!(opener.held() < 10 << 20);
        if let Err(error) = opened {
            let text = error.to_string();
            assert!(
                text.contains("more than 4 MiB beside the content"),
                "{text}"
            );
        }
    }
}

#[test]
fn buffers_are_bounded_in_both_directions() {
    let content = edifact(1 << 20);
    for layers in Layers::each() {
        let mut sealer = Sealer::new(seal_plan(4, layers)).expect("plan");
        let taken = sealer.push(&content).expect("takes");
        assert!(taken < content.len() || layers.compress, "{layers:?}");
        assert!(sealer.held() < 1 << 20, "{layers:?}: {}", sealer.held());
        let sealed = seal(seal_plan(4, layers), &content);
        let mut opener = Opener::new(open_plan(layers));
        assert!(opener.push(&sealed).expect("takes") < sealed.len());
        assert!(opener.held() < 1 << 20, "{layers:?}: {}", opener.held());
        assert!(opener.opened().is_none());
    }
}

#[test]
fn an_error_stays() {
    let mut opener = Opener::new(open_plan(Layers::SIGNED));
    let error = opener.push(b"text").expect_err("no CMS");
    assert_eq!(opener.push(&[]), Err(error.clone()));
    assert_eq!(opener.pull(&mut [0; 10]), Err(error.clone()));
    assert_eq!(opener.end(), Err(error));
    assert!(!opener.is_done() && opener.opened().is_none());
}

#[test]
fn plans_that_cannot_be_carried_out_name_the_certificate() {
    let error = |plan: SealPlan| Sealer::new(plan).expect_err("plan");
    let none = Layers {
        sign: false,
        compress: false,
        encrypt: false,
    };
    assert_eq!(error(seal_plan(4, none)), SealError::NoLayer);
    let mut plan = seal_plan(4, none);
    plan.compression = Some(10);
    assert_eq!(error(plan), SealError::Level { level: 10 });
    let mut plan = seal_plan(4, none);
    plan.signers.push(Credential {
        key: beta().key,
        certificate: alpha().certificate,
        chain: Vec::new(),
    });
    let text = error(plan).to_string();
    assert!(
        text.contains("CN=alpha") && text.contains("not the one of the certificate"),
        "{text}"
    );
    let plain = pki::self_signed("plain");
    for sign in [true, false] {
        let mut plan = seal_plan(4, none);
        plan.by_key_identifier = true;
        if sign {
            plan.signers.push(plain.clone());
        } else {
            plan.recipients.push(plain.certificate.clone());
        }
        let text = error(plan).to_string();
        assert!(text.contains("bears no subject key identifier"), "{text}");
    }
    let key = rcgen::KeyPair::generate().expect("key");
    let certificate = pki::params("curve").self_signed(&key).expect("certificate");
    let certificate = Certificate::from_der(certificate.der()).expect("certificate");
    let mut plan = seal_plan(4, none);
    plan.recipients.push(certificate);
    let text = error(plan).to_string();
    assert!(
        text.contains("CN=curve") && text.contains("no RSA key"),
        "{text}"
    );
    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.signing_time = now().checked_sub(Duration::from_secs(2_000_000_000));
    assert_eq!(error(plan), SealError::Time);
}
