//! What the two SSIDs agree on, item by item, on both sides; answers above the offer.

use oftp_core::session::{Agreed, Event};
use oftp_core::state::State;
use oftp_core::wire::{Command, Level, Ssid};
use oftp_tests::lone::{Lone, Setup, Side};
use oftp_tests::stations::Link;

#[test]
fn the_smaller_and_the_common_hold_on_both_sides() {
    for (ours, theirs) in [(1, 0), (0, 1)] {
        let sizes = [400, 3000];
        let windows = [3, 50];
        let mut link = Link::with(
            |side| {
                side.capabilities().buffer_size = sizes[ours];
                side.capabilities().window = windows[theirs];
                side.capabilities().compression = ours == 0;
                side.capabilities().restart = ours == 1;
            },
            |side| {
                side.capabilities().buffer_size = sizes[theirs];
                side.capabilities().window = windows[ours];
                side.capabilities().compression = theirs == 0;
                side.capabilities().restart = theirs == 1;
            },
        );
        link.run();
        for station in [&link.caller, &link.called] {
            let agreed = station.mailbox.session().agreed().expect("it was up");
            assert_eq!((agreed.buffer_size, agreed.window), (400, 3));
            assert!(!agreed.compression && !agreed.restart);
        }
    }
}

#[test]
fn what_both_want_is_agreed() {
    let mut link = Link::plain();
    link.run();
    for station in [&link.caller, &link.called] {
        let agreed = station.mailbox.session().agreed().expect("it was up");
        assert!(agreed.compression && agreed.restart);
        assert_eq!((agreed.buffer_size, agreed.window), (99_999, 64));
    }
}

/// What an Initiator makes of an answer.
fn answered(offer: fn(&mut Setup), change: fn(&mut Ssid)) -> Result<Agreed, String> {
    let mut setup = Setup::new(Side::Initiator);
    offer(&mut setup);
    let mut lone = Lone::in_state(setup, State::IWfSsid).expect("Initiator");
    let mut ssid = lone.setup.ssid();
    change(&mut ssid);
    lone.peer(&Command::Ssid(ssid));
    match lone.events.first() {
        Some(Event::ConnectCf(cf)) => Ok(cf.agreed),
        _ => Err(lone.outputs().join(" ")),
    }
}

/// The smaller buffer size holds (threat model S6).
#[test]
fn an_answer_above_the_offer_is_cut_to_it() {
    let offer = |setup: &mut Setup| {
        setup.config.capabilities.buffer_size = 1000;
        setup.config.capabilities.compression = false;
        setup.config.capabilities.restart = false;
        setup.config.capabilities.level = Level::V1_4;
    };
    let agreed = answered(offer, |ssid| ssid.lev = 5).expect("tolerated");
    assert_eq!(agreed.buffer_size, 1000);
    assert!(!agreed.compression && !agreed.restart);
    assert_eq!(agreed.level, Level::V1_4);
}

/// More credit than was offered is 02, a level that does not exist 10 (threat model S6, S8).
#[test]
fn an_answer_that_cannot_hold_ends_the_session() {
    let plain = |_: &mut Setup| {};
    let credit = answered(plain, |ssid| ssid.cred = 65);
    assert_eq!(
        credit.err().as_deref(),
        Some("ESID(R=02) F_ABORT_IND(R=02,AO=L)")
    );
    let special_logic = answered(plain, |ssid| ssid.spec = true);
    assert_eq!(
        special_logic.err().as_deref(),
        Some("ESID(R=10) F_ABORT_IND(R=10,AO=L)")
    );
    let level_3 = answered(plain, |ssid| ssid.lev = 3);
    assert_eq!(
        level_3.err().as_deref(),
        Some("ESID(R=10) F_ABORT_IND(R=10,AO=L)")
    );
}

/// What a Responder answers to an SSIDLEV.
fn answer_to(level: u8) -> u8 {
    let mut lone = Lone::in_state(Setup::new(Side::Responder), State::ANcOnly).expect("Responder");
    let ssid = Ssid {
        lev: level,
        ..lone.setup.ssid()
    };
    lone.peer(&Command::Ssid(ssid));
    let rs = lone.setup.connect_rs();
    lone.session.connect_rs(rs).expect("a caller waits");
    lone.drain();
    lone.sent.last().expect("SSID")[1] - b'0'
}

/// 3 counts as 2, and what is above 5 as 5 (threat model S8).
#[test]
fn unknown_levels_fall_to_what_is_known() {
    assert_eq!([3, 6, 9].map(answer_to), [2, 5, 5]);
}

/// Special logic is not for TCP (threat model S12).
#[test]
fn special_logic_is_answered_no() {
    let mut lone = Lone::in_state(Setup::new(Side::Responder), State::ANcOnly).expect("Responder");
    let ssid = Ssid {
        spec: true,
        ..lone.setup.ssid()
    };
    lone.peer(&Command::Ssid(ssid));
    let rs = lone.setup.connect_rs();
    lone.session.connect_rs(rs).expect("a caller waits");
    lone.drain();
    assert_eq!(lone.session.state(), State::IdleLi);
    // SSIDSPEC is octet 43 of SSID.
    assert_eq!(lone.sent.last().map(|ssid| ssid[43]), Some(b'N'));
}

/// What comes of the partner's SSID with these octets in the place of others, in both roles.
fn with_octets(at: usize, octets: &[u8]) -> [Vec<String>; 2] {
    [
        (Side::Responder, State::ANcOnly),
        (Side::Initiator, State::IWfSsid),
    ]
    .map(|(side, state)| {
        let mut lone = Lone::in_state(Setup::new(side), state).expect("its side");
        let ssid = Command::Ssid(lone.setup.ssid());
        let mut buffer = Vec::new();
        ssid.encode(Level::V2_0, &mut buffer).expect("an SSID");
        buffer[at..at + octets.len()].copy_from_slice(octets);
        lone.buffer(&buffer);
        lone.outputs().iter().map(|&name| name.to_owned()).collect()
    })
}

/// 06 comes before 10: the fields must be right before anything is agreed on (threat model S4, S5, S8).
#[test]
fn what_no_ssid_may_say_is_06() {
    let refused = ["ESID(R=06)", "F_ABORT_IND(R=06,AO=L)"];
    let (level, size, credit) = (1, 35, 44);
    for (at, octets) in [
        (level, &b"0"[..]),
        (level, b"A"),
        (level, b" "),
        (size, b"00000"),
        (size, b"00127"),
        (size, b"  128"),
        (size, b"00A28"),
        (size, b"-0128"),
        (credit, b"000"),
        (credit, b"0 1"),
        (credit, b"00x"),
    ] {
        for outputs in with_octets(at, octets) {
            assert_eq!(outputs, refused, "{}", octets.escape_ascii());
        }
    }
    // And the least that it may say.
    for (at, octets) in [(size, &b"00128"[..]), (credit, b"001")] {
        let [called, calling] = with_octets(at, octets);
        assert_eq!(called, ["F_CONNECT_IND"]);
        assert_eq!(calling, ["F_CONNECT_CF"]);
    }
}

/// The connection ends without a word (threat model S13). Within authentication it is 02.
#[test]
fn nobody_says_twice_who_it_is() {
    for side in [Side::Initiator, Side::Responder] {
        for state in [State::IdleSp, State::IdleLi, State::Opi, State::Opo] {
            let Some(mut lone) = Lone::in_state(Setup::new(side), state) else {
                continue;
            };
            let again = lone.setup.ssid();
            lone.peer(&Command::Ssid(again));
            let [abort, disconnect] = lone.outputs()[..] else {
                panic!("{state}: {:?}", lone.outputs());
            };
            assert!(abort.starts_with("F_ABORT_IND("), "{state}: {abort}");
            assert_eq!(disconnect, "N_DISC_RQ", "{state}");
            assert_eq!(lone.session.state(), State::Idle, "{state}");
        }
    }
}
