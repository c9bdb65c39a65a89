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

#[test]
fn unknown_levels_fall_to_what_is_known() {
    assert_eq!([3, 6, 9].map(answer_to), [2, 5, 5]);
}

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
