//! The virtual clock: every state that waits for the partner ends in time, with ESID 09 where it
//! can be written; octets that dribble in do not help.

use std::time::Duration;

use oftp_core::session::Output;
use oftp_core::state::State;
use oftp_core::wire::{Cd, Cdt, Command, RecordFormat, Rtr, sth};
use oftp_tests::lone::{Lone, Setup, Side};

/// Seconds that a state waits for the partner.
fn seconds(state: State) -> u64 {
    match state {
        State::IWfRm | State::IWfSsid | State::ANcOnly => 30,
        State::WfSecd | State::WfAuch | State::WfAurp => 30,
        State::WfNdisc => 10,
        _ => 180,
    }
}

/// Also for RTR, SFPA, EFPA, credit and the turn, whoever does not give them (threat model R7).
/// Also before anybody has said who it is (threat model S1).
#[test]
fn every_state_that_waits_ends_in_time() {
    let mut waited = 0;
    for side in [Side::Initiator, Side::Responder] {
        for &state in State::ALL {
            let Some(mut lone) = Lone::in_state(Setup::new(side), state) else {
                continue;
            };
            if state == State::Idle {
                assert_eq!(lone.session.next_deadline(), None);
                continue;
            }
            let what = format!("{side:?} {state}");
            lone.wait(seconds(state) - 1);
            assert!(lone.did.is_empty(), "{what}: {:?}", lone.did);
            let due = lone.session.next_deadline();
            assert_eq!(due, Some(Duration::from_secs(seconds(state))), "{what}");
            lone.wait(1);
            let expected: &[&str] = match state {
                State::WfNdisc => &["N_DISC_RQ"],
                State::IWfNc => &["F_ABORT_IND(R=09,AO=L)", "N_DISC_RQ"],
                _ => &["ESID(R=09)", "F_ABORT_IND(R=09,AO=L)", "N_DISC_RQ"],
            };
            assert_eq!(lone.outputs(), expected, "{what}");
            assert_eq!(lone.session.state(), State::Idle, "{what}");
            waited += 1;
        }
    }
    assert_eq!(waited, 49);
}

#[test]
fn a_connection_that_takes_nothing_any_more_is_closed_without_esid() {
    let mut setup = Setup::new(Side::Initiator);
    setup.config.trace = false;
    let mut lone = Lone::in_state(setup, State::Opo).expect("Speaker");
    lone.session
        .data_rq(|buffer| {
            let _ = buffer.write(b"stuck", true);
        })
        .expect("there is credit");
    // Nobody takes the octets: they stay where they are.
    let mut waits = 0;
    while let Output::NDataRq(_) = lone.session.poll_output() {
        waits += 1;
        if waits > 10 {
            break;
        }
        lone.now += Duration::from_secs(60);
        lone.session.tick(lone.now);
    }
    lone.drain();
    let outputs = lone.outputs();
    assert!(
        outputs.ends_with(&["F_ABORT_IND(R=09,AO=L)", "N_DISC_RQ"]),
        "{outputs:?}"
    );
    assert!(
        !outputs.iter().any(|output| output.starts_with("ESID")),
        "{outputs:?}"
    );
}

/// Octets arrive one by one, one a second; how many seconds that goes well.
fn dribble(mut lone: Lone, octets: &[u8]) -> usize {
    for (second, octet) in octets.iter().enumerate() {
        lone.stream(&[*octet]);
        lone.wait(1);
        if lone.session.state() == State::Idle {
            return second + 1;
        }
    }
    usize::MAX
}

/// Whoever announces more than it sends is not waited for (threat model F4, S1).
#[test]
fn dribbling_octets_do_not_extend_a_deadline() {
    for (side, state) in [
        (Side::Initiator, State::IWfRm),
        (Side::Initiator, State::IWfSsid),
        (Side::Responder, State::ANcOnly),
        (Side::Initiator, State::WfAuch),
        (Side::Responder, State::WfSecd),
    ] {
        let lone = Lone::in_state(Setup::new(side), state).expect("its side");
        let mut octets = sth::header(500).to_vec();
        octets.extend([b'F'; 500]);
        assert_eq!(dribble(lone, &octets), 30, "{side:?} {state}");
    }
    let lone = Lone::in_state(Setup::new(Side::Responder), State::Opi).expect("Listener");
    let mut octets = sth::header(2000).to_vec();
    octets.extend([b'D'; 2000]);
    assert_eq!(dribble(lone, &octets), 180);
}

/// The deadline is absolute (threat model S1).
#[test]
fn the_start_phase_has_one_deadline_for_all_its_commands() {
    let mut lone = Lone::in_state(Setup::new(Side::Initiator), State::IWfRm).expect("Initiator");
    lone.wait(20);
    lone.peer(&Command::Ssrm(oftp_core::wire::Ssrm));
    assert_eq!(lone.session.state(), State::IWfSsid);
    lone.forget();
    lone.wait(9);
    assert!(lone.did.is_empty(), "{:?}", lone.did);
    lone.wait(1);
    assert_eq!(lone.outputs()[0], "ESID(R=09)");
}

/// And nothing less (threat model F4).
#[test]
fn whole_commands_start_the_inactivity_timer_again() {
    let setup = Setup {
        format: RecordFormat::U,
        ..Setup::new(Side::Responder)
    };
    let mut lone = Lone::in_state(setup, State::Opi).expect("Listener");
    for _ in 0..10 {
        lone.wait(170);
        lone.peer(&Command::Data(b"\x01A"));
    }
    assert_eq!(lone.session.state(), State::Opi);
}

/// The rows of RTR and CDT print no action for the timer (threat model T7).
#[test]
fn rtr_and_cdt_start_the_inactivity_timer_again() {
    for (state, command) in [
        (State::WfRtr, Command::Rtr(Rtr)),
        (State::OpoWfc, Command::Cdt(Cdt)),
    ] {
        let mut lone = Lone::in_state(Setup::new(Side::Initiator), state).expect("Speaker");
        lone.wait(170);
        lone.peer(&command);
        assert_ne!(lone.session.state(), state);
        lone.forget();
        let due = lone.session.next_deadline();
        assert_eq!(due, Some(Duration::from_secs(170 + 180)), "{state}");
        lone.wait(179);
        assert!(lone.did.is_empty(), "{state}: {:?}", lone.did);
        lone.wait(1);
        assert_eq!(lone.outputs()[0], "ESID(R=09)", "{state}");
    }
}

/// Who sends on after the end gains no time by it (threat model T5).
#[test]
fn junk_after_the_end_does_not_extend_the_wait_for_the_disconnect() {
    for whole in [true, false] {
        let setup = Setup::new(Side::Responder);
        let mut lone = Lone::in_state(setup, State::WfNdisc).expect("connected");
        for second in 1..=10 {
            assert!(lone.did.is_empty(), "{second}: {:?}", lone.did);
            if whole {
                lone.peer(&Command::Cd(Cd));
                lone.peer(&Command::Data(b"\x01A"));
            } else {
                lone.stream(b"junk");
            }
            // Its rows change nothing.
            assert_eq!(lone.outputs(), [""; 0], "{second}");
            lone.forget();
            lone.wait(1);
        }
        assert_eq!(lone.outputs(), ["N_DISC_RQ"]);
        assert_eq!(lone.session.state(), State::Idle);
    }
}

#[test]
fn the_clock_never_goes_back() {
    let mut lone = Lone::in_state(Setup::new(Side::Responder), State::IdleLi).expect("Listener");
    lone.wait(100);
    lone.session.tick(Duration::ZERO);
    lone.peer(&Command::Cd(Cd));
    assert_eq!(lone.session.next_deadline(), Some(Duration::from_secs(280)));
}
