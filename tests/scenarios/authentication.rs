//! Secure authentication in both roles. In place of the cryptography stands a double that turns
//! octets round.

use oftp_core::mailbox::{Ended, Event};
use oftp_core::session::{AbortCause, Event as SessionEvent, SealedChallenge};
use oftp_core::state::State;
use oftp_core::wire::{
    Auch, Aurp, Cd, Cdt, Command, Efid, Efpa, Level, RecordFormat, Rtr, Secd, Sfpa,
};
use oftp_tests::lone::{Lone, OWN_CHALLENGE, Setup, Side as Role, split};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Double, Link, SendFile, Side, Station, sfid};

fn link(ours: Double, theirs: Double) -> Link {
    let want = |side: &mut Side| side.partner.authentication = true;
    let mut link = Link::with(want, want);
    link.caller.double = ours;
    link.called.double = theirs;
    link.caller.send(SendFile {
        sfid: sfid("FILE", ALPHA, BETA, RecordFormat::U, 0),
        records: vec![b"data".to_vec()],
    });
    link.run();
    link
}

fn codes(octets: &[u8]) -> Vec<u8> {
    split(octets).iter().map(|buffer| buffer[0]).collect()
}

#[test]
fn both_sides_prove_themselves_before_a_file_goes() {
    let link = link(Double::Right, Double::Right);
    assert_eq!(link.called.inbox["FILE"].octets, b"data");
    assert_eq!(link.caller.ended(), Some(&Ended::Normally));
    // SSID SECD AURP AUCH SFID ... and SSRM SSID AUCH SECD AURP SFPA ...
    assert!(codes(&link.caller.octets_sent).starts_with(b"XJSAH"));
    assert!(codes(&link.called.octets_sent).starts_with(b"IXAJS2"));
    for station in [&link.caller, &link.called] {
        assert!(
            station
                .mailbox
                .session()
                .agreed()
                .is_some_and(|a| a.authentication)
        );
    }
}

fn failed_with(station: &Station) -> Option<u8> {
    match station.ended()? {
        Ended::Failed(ind) => ind.reason.map(|reason| reason.code()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wrong_key_on_either_side_is_11_and_no_file_goes() {
    for (ours, theirs) in [
        (Double::WrongKey, Double::Right),
        (Double::Right, Double::WrongKey),
        (Double::CannotOpen, Double::Right),
        (Double::Right, Double::CannotOpen),
        (Double::NoCertificate, Double::Right),
        (Double::Right, Double::NoCertificate),
    ] {
        let link = link(ours, theirs);
        let what = format!("{ours:?} {theirs:?}");
        assert_eq!(failed_with(&link.caller), Some(11), "{what}");
        assert_eq!(failed_with(&link.called), Some(11), "{what}");
        assert!(link.called.inbox.is_empty(), "{what}");
        let up = |station: &Station| {
            let mut events = station.events.iter();
            events.any(|event| matches!(event, Event::Up { .. }))
        };
        assert!(!up(&link.caller), "{what}");
        // The Responder answers last: whether that was right only the Initiator knows.
        assert_eq!(up(&link.called), theirs == Double::WrongKey, "{what}");
        let sent = [&link.caller.octets_sent, &link.called.octets_sent];
        let esids: Vec<Vec<u8>> = sent
            .iter()
            .flat_map(|octets| split(octets))
            .filter(|buffer| buffer[0] == b'F')
            .collect();
        if ours != Double::WrongKey && theirs != Double::WrongKey {
            // One answer for every cause.
            assert_eq!(esids, [b"F11000\r"], "{what}");
        }
        assert_eq!(esids.len(), 1, "{what}");
    }
}

/// Empty, too long, or of no form at all (threat model A5, A8).
#[test]
fn every_reason_not_to_open_a_challenge_looks_the_same() {
    let mut seen = Vec::new();
    for chal in [
        vec![],
        vec![0x30, 0x80],
        vec![0xff; 4000],
        vec![0x30; 65_535],
    ] {
        for side in [Role::Initiator, Role::Responder] {
            let mut lone = Lone::in_state(Setup::new(side), State::WfAuch).expect("2.0");
            lone.peer(&Command::Auch(Auch { chal: chal.clone() }));
            lone.session.open_challenge_rs(None).expect("it was asked");
            lone.drain();
            seen.push(lone.octets.clone());
        }
    }
    assert!(seen.iter().all(|octets| *octets == seen[0]), "{seen:?}");
}

#[test]
fn answers_may_take_their_time_and_nothing_is_read_before() {
    let mut lone = Lone::in_state(Setup::new(Role::Responder), State::WfSecd).expect("2.0");
    lone.peer(&Command::Secd(Secd));
    assert!(matches!(
        lone.events[..],
        [SessionEvent::SealChallengeInd { .. }]
    ));
    lone.forget();
    // What comes now waits until the challenge is sealed.
    lone.peer(&Command::Aurp(Aurp { rsp: OWN_CHALLENGE }));
    lone.wait(20);
    assert!(lone.did.is_empty(), "{:?}", lone.did);
    assert!(lone.session.open_challenge_rs(None).is_err());
    lone.session
        .seal_challenge_rs(Some(SealedChallenge {
            plain: OWN_CHALLENGE,
            sealed: vec![1],
        }))
        .expect("it was asked");
    lone.drain();
    assert_eq!(lone.outputs(), ["AUCH", "SECD"]);
    assert_eq!(lone.session.state(), State::WfAuch);
}

/// Nothing is negotiated, and no level is low enough to do without (threat model S9, S10).
#[test]
fn sides_that_differ_get_12_and_10_below_2_0() {
    let want = |side: &mut Side| side.partner.authentication = true;
    for (mut link, level) in [
        (Link::with(want, |_| {}), Level::V2_0),
        (Link::with(|_| {}, want), Level::V2_0),
        (
            Link::with(want, |side| side.capabilities().level = Level::V1_4),
            Level::V1_4,
        ),
        (
            Link::with(|side| side.capabilities().level = Level::V1_4, want),
            Level::V1_4,
        ),
    ] {
        link.run();
        let reason = if level == Level::V2_0 { 12 } else { 10 };
        assert_eq!(failed_with(&link.caller), Some(reason), "{level}");
        assert_eq!(failed_with(&link.called), Some(reason), "{level}");
    }
}

/// The User Monitor hears of the abort and of nothing else (threat model A1, S13).
#[test]
fn nothing_else_is_taken_before_it_is_over() {
    for side in [Role::Initiator, Role::Responder] {
        for state in [State::WfSecd, State::WfAuch, State::WfAurp] {
            let setup = Setup::new(side);
            for command in [
                Command::Sfid(setup.peer_file()),
                Command::Eerp(setup.peer_eerp()),
                Command::Nerp(setup.peer_nerp()),
                Command::Data(b"\x81A"),
                Command::Efid(Efid { rcnt: 0, ucnt: 0 }),
                Command::Sfpa(Sfpa { acnt: 0 }),
                Command::Efpa(Efpa { cd: false }),
                Command::Ssid(setup.ssid()),
                Command::Cd(Cd),
                Command::Cdt(Cdt),
                Command::Rtr(Rtr),
            ] {
                let what = format!("{side:?} {state} {}", command.name());
                let mut lone = Lone::in_state(Setup::new(side), state).expect("2.0");
                lone.peer(&command);
                assert_eq!(
                    lone.outputs(),
                    ["ESID(R=02)", "F_ABORT_IND(R=02,AO=L)"],
                    "{what}"
                );
                let [SessionEvent::AbortInd(ind)] = &lone.events[..] else {
                    panic!("{what}: {:?}", lone.events);
                };
                assert!(matches!(ind.cause, AbortCause::Violation { .. }), "{what}");
            }
        }
    }
}

/// Each of the three has its place (threat model A2).
#[test]
fn a_wrong_step_is_02() {
    for side in [Role::Initiator, Role::Responder] {
        for state in [State::WfSecd, State::WfAuch, State::WfAurp] {
            for (due, step) in [
                (State::WfSecd, Command::Secd(Secd)),
                (State::WfAuch, Command::Auch(Auch { chal: vec![0x30] })),
                (State::WfAurp, Command::Aurp(Aurp { rsp: OWN_CHALLENGE })),
            ] {
                if due == state {
                    continue;
                }
                let mut lone = Lone::in_state(Setup::new(side), state).expect("2.0");
                lone.peer(&step);
                assert_eq!(
                    lone.outputs(),
                    ["ESID(R=02)", "F_ABORT_IND(R=02,AO=L)"],
                    "{side:?} {state} {}",
                    step.name()
                );
            }
        }
    }
}

/// All 20 octets count, and there are neither fewer nor more (threat model A3).
#[test]
fn only_the_challenge_itself_is_an_answer() {
    for side in [Role::Initiator, Role::Responder] {
        let answered = |rsp: &[u8]| {
            let mut lone = Lone::in_state(Setup::new(side), State::WfAurp).expect("2.0");
            lone.buffer(&[b"S", rsp].concat());
            let mut sent = lone.sent.into_iter();
            // Not the SECD that the Responder says next.
            sent.find(|sent| sent[0] == b'F')
                .map(|sent| sent[..3].to_vec())
        };
        assert_eq!(answered(&OWN_CHALLENGE), None);
        for place in 0..20 {
            let mut rsp = OWN_CHALLENGE;
            rsp[place] ^= 1;
            assert_eq!(answered(&rsp).as_deref(), Some(&b"F11"[..]), "{place}");
        }
        for octets in [0, 19, 21] {
            let sent = answered(&[OWN_CHALLENGE[0]].repeat(octets));
            assert_eq!(sent.as_deref(), Some(&b"F07"[..]), "{octets}");
        }
    }
}

/// Nobody is asked to open what is not all there, or has more behind it (threat model A8).
#[test]
fn a_challenge_with_a_wrong_length_is_07() {
    for side in [Role::Initiator, Role::Responder] {
        for octets in [&b"A\0\0?"[..], b"A\0\x02?", b"A\xff\xff?", b"A\0", b"A"] {
            let mut lone = Lone::in_state(Setup::new(side), State::WfAuch).expect("2.0");
            lone.buffer(octets);
            assert_eq!(
                lone.outputs(),
                ["ESID(R=07)", "F_ABORT_IND(R=07,AO=L)"],
                "{octets:?}"
            );
            assert!(matches!(lone.events[..], [SessionEvent::AbortInd(_)]));
        }
    }
}

#[test]
fn an_own_challenge_sent_back_proves_nothing() {
    // The Initiator reflects the Responder's sealed challenge as its own: the Responder opens it
    // only with its own key, and its answer is that of another challenge.
    let mut lone = Lone::in_state(Setup::new(Role::Responder), State::WfAurp).expect("2.0");
    lone.peer(&Command::Aurp(Aurp { rsp: [0; 20] }));
    assert_eq!(lone.outputs(), ["ESID(R=11)", "F_ABORT_IND(R=11,AO=L)"]);
}
