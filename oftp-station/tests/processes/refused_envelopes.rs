//! Files that cannot be opened: a negative response says so with as little as possible, nothing is
//! published, and the envelope is put aside (RFC 5024 5.3.14; threat model E4, C1 to C3).

use std::time::SystemTime;

use oftp_core::wire::{
    Cd, Command, CommandCode, Efid, Esid, EsidReason, Level, RecordFormat, Rtr, Security, Sfid,
    Text,
};
use oftp_secure::Suite;
use oftp_secure::cms::{SealPlan, Sealer, transform};

use crate::common::{ALPHA, BETA, Peer, Place, certificate, credential, data, noise, sfid};

/// Sends with these services, keys and files in place of the right ones; the file is refused.
#[track_caller]
fn is_refused(services: &[&str], keys: &[&str], of_listener: &[&str], reason: u8, why: &str) {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let listener = place.listen(&[&["--once"][..], of_listener].concat());
    let run = place.send(listener.address, &[&["file"][..], services, keys].concat());
    run.exits(6);
    let response = run.one("response");
    assert_eq!(response["command"], "NERP", "{run}");
    assert_eq!(response["reason"]["code"], reason, "{run}");
    assert_eq!(response["reason"]["text"], "", "no oracle: {run}");
    let received = listener.finish();
    received.says("cannot be opened").says(why);
    assert!(received.warnings().contains(".refused"), "{received}");
    assert_eq!(place.received(), []);
    assert_eq!(place.set_aside().len(), 2, "the envelope and its note");
    place.assert_nothing_left();
}

/// The listener's keys, with another own one.
const GAMMA_OWN: [&str; 6] = [
    "--own-key",
    "gamma.key",
    "--own-cert",
    "gamma.pem",
    "--partner-cert",
    "alpha.pem",
];

/// The sender's keys, with another own one.
const GAMMA_SENDS: [&str; 6] = [
    "--own-key",
    "gamma.key",
    "--own-cert",
    "gamma.pem",
    "--partner-cert",
    "beta.pem",
];

#[test]
fn a_file_for_another_key_cannot_be_decrypted() {
    for services in [&["--encrypt"][..], &["--encrypt", "--sign"]] {
        // Whom an envelope is for can be seen by everybody.
        is_refused(
            services,
            &ALPHA,
            &GAMMA_OWN,
            33,
            "encrypted for serial 04 issued by CN=beta",
        );
    }
}

/// (threat model C3)
#[test]
fn the_signature_of_somebody_else_does_not_count() {
    for services in [
        &["--sign"][..],
        &["--sign", "--compress"],
        &["--sign", "--encrypt"],
        &["--sign", "--compress", "--encrypt"],
    ] {
        is_refused(services, &GAMMA_SENDS, &BETA, 31, "no signature counts");
    }
}

/// SFNA 15 where a policy says so (threat model C5).
#[test]
fn legacy_ciphers_are_refused_before_anything_is_sent() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let listener = place.listen(&[&["--once", "--no-legacy"][..], &BETA].concat());
    let sign = ["file", "--sign", "--suite", "02"];
    let run = place.send(listener.address, &[&sign[..], &ALPHA].concat());
    run.exits(5);
    assert_eq!(run.one("file_refused")["reason"]["code"], 15, "{run}");
    listener.finish().exits(0);
}

/// 3DES and SHA-1 are mandatory and old: nothing is sent with them unless that is asked for
/// (threat model C5).
#[test]
fn legacy_ciphers_are_not_used_by_default() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    let listener = place.listen(&[&["--once", "--no-legacy"][..], &BETA].concat());
    let services = ["file", "--sign", "--encrypt", "--signed-eerp"];
    let run = place.send(listener.address, &[&services[..], &ALPHA].concat());
    run.exits(0);
    listener.finish().exits(0);
}

/// A certificate that comes as a file (RFC 5024 10.4) is taken and is a file like any other: what
/// its owner signs does not count (threat model C4).
#[test]
fn a_certificate_that_comes_as_a_file_is_not_trusted() {
    let place = Place::with_keys();
    let listener = place.listen(&[&["--sessions", "2"][..], &BETA].concat());
    let certificate = ["gamma.pem", "--sign"];
    let run = place.send(listener.address, &[&certificate[..], &ALPHA].concat());
    run.exits(0);
    place.write("file", noise(3_000));
    let signed = ["file", "--sign"];
    let run = place.send(listener.address, &[&signed[..], &GAMMA_SENDS].concat());
    run.exits(6);
    assert_eq!(run.one("response")["reason"]["code"], 31, "{run}");
    listener.finish();
    let gamma = std::fs::read(place.path("gamma.pem")).expect("a certificate");
    assert_eq!(place.contents(), [gamma]);
}

#[test]
fn a_response_to_a_refused_file_is_signed_where_that_was_asked_for() {
    let place = Place::with_keys();
    place.write("file", noise(3_000));
    std::fs::create_dir(place.path("receipts")).expect("a folder");
    let listener = place.listen(&[&["--once"][..], &BETA].concat());
    let services = ["file", "--sign", "--signed-eerp", "--receipts", "receipts"];
    let run = place.send(listener.address, &[&services[..], &GAMMA_SENDS].concat());
    run.exits(6);
    let response = run.one("response");
    assert_eq!(response["command"], "NERP", "{run}");
    let signer = response["signed_by"].as_str().expect("a signature");
    assert!(signer.contains("CN=beta"), "{run}");
    let receipt = response["receipt"].as_str().expect("a receipt");
    assert!(place.path(receipt).exists(), "{run}");
    listener.finish();
    place.assert_nothing_left();
}

/// An envelope as a partner makes it: signed by alpha, compressed, encrypted for beta.
fn envelope(content: &[u8], layers: &[Layer]) -> Vec<u8> {
    let mut plan = SealPlan::new(Suite::of(4).expect("a suite"));
    plan.signing_time = Some(SystemTime::now());
    for layer in layers {
        match layer {
            Sign => plan.signers.push(credential("alpha")),
            Compress => plan.compression = Some(6),
            Encrypt => plan.recipients.push(certificate("beta")),
        }
    }
    let mut sealer = Sealer::new(plan).expect("a plan");
    transform(&mut sealer, content).expect("an envelope")
}

#[derive(Clone, Copy, PartialEq)]
enum Layer {
    Sign,
    Compress,
    Encrypt,
}

use Layer::{Compress, Encrypt, Sign};

/// The SFID of an envelope with these layers.
fn announcing(layers: &[Layer], envelope: &[u8], content: usize) -> Sfid {
    let blocks = |octets: usize| octets.div_ceil(1024) as u64;
    Sfid {
        sec: match (layers.contains(&Sign), layers.contains(&Encrypt)) {
            (false, false) => Security::None,
            (false, true) => Security::Encrypted,
            (true, false) => Security::Signed,
            (true, true) => Security::EncryptedAndSigned,
        },
        ciph: 4,
        comp: layers.contains(&Compress).into(),
        env: 1,
        fsiz: blocks(envelope.len()),
        osiz: blocks(content),
        ..sfid(b"FILE")
    }
}

/// Sends these octets under this SFID; the code of the negative response, and what the listener
/// says for itself.
#[track_caller]
fn scripted(sfid: Sfid, octets: &[u8]) -> (u8, String) {
    let place = Place::with_keys();
    let listener = place.listen(&[&["--once"][..], &BETA].concat());
    let mut peer = Peer::call(listener.address, "OALPHA", Level::V2_0);
    peer.send(&Command::Sfid(sfid));
    assert_eq!(peer.expect_sfpa(), 0);
    // Whole groups of subrecords, so that none ends within a buffer.
    for (number, piece) in octets.chunks(63 * 1000).enumerate() {
        if number > 0 && number % 10 == 0 {
            peer.expect(CommandCode::Cdt);
        }
        let mut payload = data(piece);
        if (number + 1) * 63_000 < octets.len() {
            let last = payload.len() - 64;
            payload[last] &= 0x3F;
        }
        peer.send(&Command::Data(&payload));
    }
    let ucnt = octets.len() as u64;
    peer.send(&Command::Efid(Efid { rcnt: 0, ucnt }));
    peer.expect(CommandCode::Efpa);
    peer.send(&Command::Cd(Cd));
    let response = peer.expect_after_turns(CommandCode::Nerp);
    let Command::Nerp(nerp) = response else {
        panic!("{response:?} came");
    };
    assert_eq!(nerp.reast, Text::default(), "no oracle");
    assert_eq!(nerp.crea.to_string(), "OBETA");
    peer.send(&Command::Rtr(Rtr));
    peer.expect(CommandCode::Cd);
    let (reas, reast) = (EsidReason::NORMAL, Text::default());
    peer.send(&Command::Esid(Esid { reas, reast }));
    let run = listener.finish();
    assert_eq!(place.received(), [], "{run}");
    assert_eq!(
        place.set_aside().len(),
        2,
        "the envelope and its note: {run}"
    );
    assert_eq!(
        (place.sealed(), place.partial(), place.owed()),
        (vec![], vec![], vec![])
    );
    let errors = run.errors();
    (nerp.reas.code(), errors)
}

/// (threat model E4)
#[test]
fn a_changed_octet_is_found_and_its_layer_not_told() {
    let content = noise(2_000);
    for (layers, reason) in [
        (&[Sign][..], 31),
        (&[Compress], 32),
        (&[Sign, Compress], 32),
        (&[Sign, Encrypt], 31),
        (&[Sign, Compress, Encrypt], 31),
        (&[Compress, Encrypt], 33),
    ] {
        let mut octets = envelope(&content, layers);
        let sfid = announcing(layers, &octets, content.len());
        // In the middle of the content, whatever is around it.
        let middle = octets.len() / 2;
        octets[middle] ^= 1;
        assert_eq!(scripted(sfid, &octets).0, reason);
    }
}

/// (threat model E2)
#[test]
fn the_end_of_an_envelope_is_missed() {
    let content = noise(2_000);
    for (layers, reason) in [(&[Sign][..], 31), (&[Compress], 32), (&[Encrypt], 33)] {
        let octets = envelope(&content, layers);
        let cut = &octets[..octets.len() - 1];
        let (code, said) = scripted(announcing(layers, cut, content.len()), cut);
        assert_eq!(code, reason, "{said}");
        assert!(said.contains("cut off after"), "{said}");
    }
}

/// (threat model C2)
#[test]
fn a_layer_that_was_announced_must_be_there() {
    let content = noise(2_000);
    for (made, announced, reason) in [
        (&[Sign][..], &[Sign, Compress][..], 32),
        (&[Compress], &[Sign, Compress], 31),
        (&[Sign], &[Sign, Encrypt], 33),
        (&[Encrypt], &[Sign, Encrypt], 31),
        (&[Encrypt], &[Compress, Encrypt], 33),
    ] {
        let octets = envelope(&content, made);
        let (code, said) = scripted(announcing(announced, &octets, content.len()), &octets);
        assert_eq!(code, reason, "{said}");
    }
}

/// Compressed alone it is NERP 32, inside an encrypted file 31 (threat model C1).
#[test]
fn a_bomb_is_stopped_at_what_was_announced() {
    let zeros = vec![0; 8 << 20];
    for (layers, reason) in [(&[Compress][..], 32), (&[Sign, Compress, Encrypt], 31)] {
        let octets = envelope(&zeros, layers);
        let (code, said) = scripted(announcing(layers, &octets, 1024), &octets);
        assert_eq!(code, reason, "{said}");
        assert!(said.contains("which is the limit"), "{said}");
    }
}

#[test]
fn records_that_are_not_what_was_announced_are_refused() {
    let v_file = [&[0, 3][..], b"abc", &[0, 9], b"cut"].concat();
    for (layers, reason) in [
        (&[Compress][..], 34),
        (&[Encrypt], 33),
        (&[Sign, Encrypt], 31),
    ] {
        let octets = envelope(&v_file, layers);
        let sfid = Sfid {
            fmt: RecordFormat::V,
            lrecl: 80,
            ..announcing(layers, &octets, v_file.len())
        };
        let (code, said) = scripted(sfid, &octets);
        assert_eq!(code, reason, "{said}");
        assert!(
            said.contains("its records are not what SFIDFMT says"),
            "{said}"
        );
    }
}
