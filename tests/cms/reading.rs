//! Messages as others write them.

use oftp_secure::asn1::{
    Reader, constructed, integer, octet_string, oid, oid_only, primitive, tag,
};
use oftp_secure::cms::{Opener, SealPlan, transform};
use oftp_tests::pki;

use crate::common::{
    Layers, alpha, beta, edifact, in_pieces, names, open, open_plan, seal, seal_plan, suite, trust,
};
use crate::craft::{Parts, Style, inside, with_content};

#[test]
fn any_lengths_and_any_segments() {
    let content = edifact(3000);
    for outer in Style::ALL {
        for inner in Style::ALL {
            let signed = Parts::of(&seal(seal_plan(4, Layers::SIGNED), &content)).assemble(inner);
            let mut plan = SealPlan::new(suite(4));
            plan.compression = Some(6);
            let compressed = Parts::of(&seal(plan, &signed)).assemble(inner);
            let mut plan = SealPlan::new(suite(4));
            plan.recipients.push(beta().certificate);
            let sealed = Parts::of(&seal(plan, &compressed)).assemble(outer);
            for piece in [1, 10_000] {
                let opened = in_pieces(
                    &mut Opener::new(open_plan(Layers::ALL)),
                    &sealed,
                    piece,
                    999,
                );
                assert!(opened.as_ref() == Ok(&content), "{outer:?} {inner:?}");
            }
        }
    }
}

#[test]
fn optional_parts_and_other_content_types() {
    let content = edifact(100);
    let other = pki::self_signed("other");
    let extra = constructed(
        tag::SEQUENCE,
        &[&oid_only(oid::DATA), &constructed(tag::SET, &[])],
    );

    let mut plan = seal_plan(4, Layers::ENCRYPTED);
    plan.recipients = vec![other.certificate.clone(), beta().certificate];
    let mut parts = Parts::of(&seal(plan, &content));
    // originatorInfo, key agreement and two more kinds of recipients, unprotectedAttrs, and a
    // content type of its own.
    parts
        .head
        .insert(1, constructed(tag::CONTEXT_0_CONSTRUCTED, &[]));
    let mut recipients = inside(&parts.head[2]);
    recipients.insert(0, constructed(tag::CONTEXT_1_CONSTRUCTED, &[&integer(3)]));
    recipients.insert(1, constructed(tag::CONTEXT_2_CONSTRUCTED, &[&integer(4)]));
    recipients.insert(2, constructed(tag::CONTEXT_3_CONSTRUCTED, &[&integer(0)]));
    parts.head[2] = with_content(tag::SET, &recipients);
    parts
        .tail
        .push(constructed(tag::CONTEXT_1_CONSTRUCTED, &[&extra]));
    parts.info[0] = oid_only(oid::SIGNED_DATA);
    for style in Style::ALL {
        let opened = open(open_plan(Layers::ENCRYPTED), &parts.assemble(style)).expect("opens");
        assert!(opened.0 == content);
    }

    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.with_certificates = true;
    plan.signed_attributes = false;
    let mut parts = Parts::of(&seal(plan, &content));
    // An attribute certificate, revocation lists, unsigned attributes, algorithms without NULL and
    // one that nobody knows.
    let mut certificates = inside(&parts.tail[0]);
    certificates.push(constructed(tag::CONTEXT_1_CONSTRUCTED, &[&integer(1)]));
    parts.tail[0] = with_content(tag::CONTEXT_0_CONSTRUCTED, &certificates);
    parts
        .tail
        .insert(1, constructed(tag::CONTEXT_1_CONSTRUCTED, &[&extra]));
    let mut info = inside(&inside(&parts.tail[2])[0]);
    let sha256 = constructed(tag::SEQUENCE, &[&oid_only(oid::SHA256)]);
    info[2] = sha256.clone();
    info[3] = constructed(tag::SEQUENCE, &[&oid_only(oid::SHA256_WITH_RSA)]);
    info.push(constructed(tag::CONTEXT_1_CONSTRUCTED, &[&extra]));
    parts.tail[2] = constructed(tag::SET, &[&with_content(tag::SEQUENCE, &info)]);
    let unknown = constructed(tag::SEQUENCE, &[&oid_only(oid::ZLIB)]);
    parts.head[1] = constructed(tag::SET, &[&unknown, &sha256]);
    for style in Style::ALL {
        let opened = open(open_plan(Layers::SIGNED), &parts.assemble(style)).expect("opens");
        assert!(opened.0 == content);
        assert_eq!(names(&opened.1.signers), ["CN=alpha"]);
    }
}

/// The SignerInfo of a message, changed.
fn change_signer(sealed: &[u8], change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let mut parts = Parts::of(sealed);
    let last = parts.tail.len() - 1;
    let mut info = inside(&inside(&parts.tail[last])[0]);
    change(&mut info);
    parts.tail[last] = constructed(tag::SET, &[&with_content(tag::SEQUENCE, &info)]);
    parts.assemble(Style::Indefinite(100))
}

#[test]
fn attributes_in_the_order_that_was_signed_or_another() {
    let content = edifact(100);
    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.signing_time = None;
    let sealed = seal(plan, &content);
    // Sent in another order than the sorted one that was signed.
    let turned = change_signer(&sealed, |info| {
        let mut attributes = inside(&info[3]);
        attributes.reverse();
        info[3] = with_content(tag::CONTEXT_0_CONSTRUCTED, &attributes);
    });
    assert!(open(open_plan(Layers::SIGNED), &turned).expect("opens").0 == content);
    // Signed in the order of sending, which is not the sorted one.
    let key = alpha().key;
    let signed = change_signer(&sealed, |info| {
        let mut attributes = inside(&info[3]);
        attributes.reverse();
        info[3] = with_content(tag::CONTEXT_0_CONSTRUCTED, &attributes);
        let digest = suite(4).hash.of(&with_content(tag::SET, &attributes));
        let rsa = key.rsa().expect("RSA");
        let signature = rsa.sign(suite(4).signature, suite(4).hash, &digest);
        info[5] = octet_string(&signature.expect("signs"));
    });
    assert!(open(open_plan(Layers::SIGNED), &signed).expect("opens").0 == content);
}

#[test]
fn attributes_must_name_the_content_once() {
    let content = edifact(100);
    let sealed = seal(seal_plan(4, Layers::SIGNED), &content);
    let with = |change: fn(&mut Vec<Vec<u8>>)| {
        let key = alpha().key;
        change_signer(&sealed, |info| {
            let mut attributes = inside(&info[3]);
            change(&mut attributes);
            info[3] = with_content(tag::CONTEXT_0_CONSTRUCTED, &attributes);
            let digest = suite(4).hash.of(&with_content(tag::SET, &attributes));
            let rsa = key.rsa().expect("RSA");
            let signature = rsa.sign(suite(4).signature, suite(4).hash, &digest);
            info[5] = octet_string(&signature.expect("signs"));
        })
    };
    assert!(open(open_plan(Layers::SIGNED), &with(|_| {})).is_ok());
    let expect = |message: Vec<u8>, text: &str| {
        let error = open(open_plan(Layers::SIGNED), &message).expect_err(text);
        assert!(error.to_string().contains(text), "{error}");
    };
    expect(
        with(|attributes| attributes.retain(|a| inside(a)[0] != oid_only(oid::CONTENT_TYPE))),
        "no content type is signed",
    );
    expect(
        with(|attributes| attributes.retain(|a| inside(a)[0] != oid_only(oid::MESSAGE_DIGEST))),
        "no digest is signed",
    );
    expect(
        with(|attributes| {
            let twice = attributes.clone();
            attributes.extend(twice);
        }),
        "no content type is signed",
    );
    expect(
        with(|attributes| {
            for attribute in attributes {
                let mut fields = inside(attribute);
                if fields[0] == oid_only(oid::CONTENT_TYPE) {
                    fields[1] = constructed(tag::SET, &[&oid_only(oid::SIGNED_DATA)]);
                    *attribute = with_content(tag::SEQUENCE, &fields);
                }
            }
        }),
        "the signed content type is another one",
    );
    // The value of another type that is the same otherwise.
    let mut parts = Parts::of(&sealed);
    parts.info[0] = oid_only(oid::ENVELOPED_DATA);
    expect(
        parts.assemble(Style::Definite),
        "the signed content type is another one",
    );
}

/// Signed attributes are themselves octets that a key has signed: taken out of a message they must
/// not become the content of another one.
#[test]
fn attributes_are_not_passed_off_as_content() {
    let sealed = seal(seal_plan(4, Layers::SIGNED), b"content");
    let mut attributes = Vec::new();
    let forged = change_signer(&sealed, |info| {
        attributes = with_content(tag::SET, &inside(&info.remove(3)));
    });
    let mut forged = Parts::of(&forged);
    forged.content = attributes;
    let error = open(open_plan(Layers::SIGNED), &forged.assemble(Style::Definite));
    let error = error.expect_err("forged").to_string();
    assert!(error.contains("passed off as content"), "{error}");
    // A file may begin like a SET, as "1" does.
    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.signed_attributes = false;
    let sealed = seal(plan, b"1\x05hello");
    assert_eq!(
        open(open_plan(Layers::SIGNED), &sealed).expect("opens").0,
        b"1\x05hello"
    );
}

#[test]
fn the_issuer_may_be_written_in_other_letters() {
    let content = edifact(100);
    let utf8_to_printable = |id: &Vec<u8>| {
        let mut fields = inside(id);
        // The last 0C is the type of the last string, others are lengths.
        let place = fields[0].iter().rposition(|octet| *octet == 0x0C);
        fields[0][place.expect("UTF8String")] = 0x13;
        fields[0].make_ascii_uppercase();
        fields[1] = primitive(
            tag::INTEGER,
            &[&[0], Reader::new(&fields[1]).any().expect("serial").content].concat(),
        );
        with_content(tag::SEQUENCE, &fields)
    };
    let sealed = change_signer(&seal(seal_plan(4, Layers::SIGNED), &content), |info| {
        let before = info[1].clone();
        info[1] = utf8_to_printable(&before);
        assert_ne!(info[1], before);
    });
    assert!(open(open_plan(Layers::SIGNED), &sealed).expect("opens").0 == content);
    let mut parts = Parts::of(&seal(seal_plan(4, Layers::ENCRYPTED), &content));
    let mut recipient = inside(&inside(&parts.head[1])[0]);
    recipient[1] = utf8_to_printable(&recipient[1]);
    parts.head[1] = constructed(tag::SET, &[&with_content(tag::SEQUENCE, &recipient)]);
    let sealed = parts.assemble(Style::Indefinite(100));
    assert!(
        open(open_plan(Layers::ENCRYPTED), &sealed)
            .expect("opens")
            .0
            == content
    );
}

#[test]
fn certificates_inside_count_if_trust_takes_them() {
    let content = edifact(100);
    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.with_certificates = true;
    let sealed = seal(plan, &content);
    let mut plan = open_plan(Layers::SIGNED);
    plan.trust = trust(&[&beta()]);
    let error = open(plan, &sealed).expect_err("somebody else's");
    let text = error.to_string();
    assert!(text.contains("CN=alpha"), "{text}");
    assert_eq!(error.nerp_reason().code(), 31);
}

#[test]
fn with_key_identifiers_that_the_certificate_does_not_bear() {
    // SHA-1 over the key, as most authorities make it.
    let plain = pki::self_signed("plain");
    let spki = inside(plain.certificate.spki());
    let bits = Reader::new(&spki[1]).any().expect("bits").content.to_vec();
    let id = oftp_secure::crypto::Hash::Sha1.of(&bits[1..]);
    let mut plan = SealPlan::new(suite(4));
    plan.signers.push(plain.clone());
    let sealed = change_signer(&seal(plan, b"x"), |info| {
        info[1] = primitive(tag::CONTEXT_0, &id);
    });
    let mut plan = open_plan(Layers::SIGNED);
    plan.trust = trust(&[&plain]);
    assert!(transform(&mut Opener::new(plan), &sealed).is_ok());
}
