//! Credit: CDT after every window, also when the last buffer uses it up, and EFID only then.

use oftp_core::mailbox::{Ended, Event};
use oftp_core::session::Event as SessionEvent;
use oftp_core::state::State;
use oftp_core::wire::{Cdt, Command, Quirks, RecordFormat};
use oftp_tests::lone::{Lone, Setup, Side, split};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, SendFile, sfid};

/// The commands of both sides while a file of `buffers` full buffers goes over.
fn commands(window: u16, buffers: usize) -> (Vec<u8>, Vec<u8>) {
    let mut link = Link::with(
        |side| {
            side.capabilities().buffer_size = 128;
            side.capabilities().compression = false;
        },
        |side| side.capabilities().window = window,
    );
    link.caller.send(SendFile {
        sfid: sfid("FILE", ALPHA, BETA, RecordFormat::U, 0),
        // 128 octets hold D, two subrecords of 63 and, with three headers, never more than 124.
        records: vec![(0..124 * buffers).map(|n| (n % 251) as u8).collect()],
    });
    link.run();
    assert_eq!(link.caller.ended(), Some(&Ended::Normally));
    assert_eq!(link.caller.sent.len(), 1);
    let first = |octets: &[u8]| split(octets).iter().map(|buffer| buffer[0]).collect();
    (
        first(&link.caller.octets_sent),
        first(&link.called.octets_sent),
    )
}

fn count(commands: &[u8], code: u8) -> usize {
    commands.iter().filter(|&&command| command == code).count()
}

#[test]
fn one_credit_for_every_window() {
    for window in [1, 2, 3, 5, 999] {
        for buffers in 1..=7 {
            let (ours, theirs) = commands(window, buffers);
            let data = count(&ours, b'D');
            assert!(data >= buffers, "{window} {buffers}");
            let credits = data / usize::from(window);
            assert_eq!(count(&theirs, b'C'), credits, "{window} {buffers}");
        }
    }
}

#[test]
fn efid_waits_for_the_credit_that_the_last_buffer_used_up() {
    let setup = Setup {
        credit: 1,
        ..Setup::new(Side::Initiator)
    };
    let mut lone = Lone::in_state(setup, State::OpoWfc).expect("Speaker");
    let rq = oftp_core::session::CloseFileRq {
        records: 0,
        octets: 1,
    };
    let early = lone.session.close_file_rq(rq).map_err(|error| error.state);
    assert_eq!(early, Err(State::OpoWfc));
    lone.peer(&Command::Cdt(Cdt));
    assert!(matches!(lone.events[..], [SessionEvent::DataCf]));
    assert_eq!(lone.session.close_file_rq(rq), Ok(()));
    lone.drain();
    assert_eq!(lone.outputs(), ["F_DATA_CF", "EFID"]);
}

/// (threat model D2)
#[test]
fn a_credit_that_comes_after_efid_is_a_quirk_or_a_violation() {
    for (quirks, state) in [
        (Quirks::TOLERANT, State::Clop),
        (Quirks::STRICT, State::WfNdisc),
    ] {
        let mut setup = Setup::new(Side::Initiator);
        setup.config.quirks = quirks;
        let mut lone = Lone::in_state(setup, State::Clop).expect("Speaker");
        lone.peer(&Command::Cdt(Cdt));
        assert_eq!(lone.session.state(), state);
        assert_eq!(lone.quirks().contains(&"late_cdt"), state == State::Clop);
    }
}

#[test]
fn data_is_wanted_only_while_there_is_credit() {
    let mut link = Link::with(|_| {}, |side| side.capabilities().window = 2);
    link.caller.send(SendFile {
        sfid: sfid("FILE", ALPHA, BETA, RecordFormat::U, 0),
        records: vec![vec![1; 100]],
    });
    link.run();
    let wanted = link.caller.events.iter();
    let wanted = wanted.filter(|event| matches!(event, Event::DataWanted { .. }));
    assert_eq!(wanted.count(), 1);
}
