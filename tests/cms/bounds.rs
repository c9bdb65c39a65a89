//! What is too large, too deep or without end.

use oftp_core::wire::NerpReason;
use oftp_secure::Certificate;
use oftp_secure::cms::{OpenProblem, Opener, SealPlan, Sealer, Transform, transform};
use oftp_tests::pki::{Authority, params};

use crate::common::{Layers, edifact, open, open_plan, seal, seal_plan, suite};
use crate::craft::{Parts, Style, with_content};

/// (threat model C1)
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

/// Segments without octets make no content, so a limit for content does not stop them
/// (threat model C2).
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

/// (threat model C2)
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

/// Each certificate inside may have to be tried for each signature.
#[test]
fn a_message_with_very_many_certificates_is_refused() {
    let authority = Authority::new("authority");
    let other = |serial: u64| {
        let mut params = params("other");
        params.serial_number = Some(serial.into());
        authority.issue("other", &params).certificate
    };
    let others: Vec<_> = (1..=64).map(other).collect();
    let sealed = |others: &[Certificate]| {
        let mut plan = seal_plan(4, Layers::SIGNED);
        plan.with_certificates = true;
        plan.signers[0].chain = others.to_vec();
        seal(plan, b"content")
    };
    assert!(open(open_plan(Layers::SIGNED), &sealed(&others[1..])).is_ok());
    let error = open(open_plan(Layers::SIGNED), &sealed(&others)).expect_err("65");
    assert!(error.to_string().contains("more than 64 certificates"));
    // The same one again and again is one.
    assert!(
        open(
            open_plan(Layers::SIGNED),
            &sealed(&vec![others[0].clone(); 100])
        )
        .is_ok()
    );
}
