//! Partners that leave without the RFC's dance: between files that is irregular but good, in the
//! middle of something it is a failure.

use oftp_core::mailbox::Ended;
use oftp_core::state::State;
use oftp_core::wire::{Command, Esid, EsidReason, Level, Quirks, RecordFormat, Text};
use oftp_tests::lone::{Lone, Setup, Side};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, Station, sfid};

fn called() -> Station {
    let mut station = Link::plain().called;
    station.called_by(Setup::new(Side::Responder).ssid());
    station
}

fn esid(reas: EsidReason) -> Command<'static> {
    Command::Esid(Esid {
        reas,
        reast: Text::default(),
    })
}

#[test]
fn between_files_it_is_irregular_but_good() {
    let mut station = called();
    station.peer(Level::V2_0, &esid(EsidReason::NORMAL));
    assert!(matches!(station.ended(), Some(Ended::Irregularly(_))));

    let mut station = called();
    station.mailbox.n_disc_ind();
    let _ = station.work();
    assert!(matches!(station.ended(), Some(Ended::Irregularly(_))));

    let mut station = called();
    station.mailbox.n_rst_ind();
    let _ = station.work();
    assert!(matches!(station.ended(), Some(Ended::Irregularly(_))));
}

/// ESID 00 in the middle of a file is an abort (threat model T4).
#[test]
fn in_a_file_it_is_a_failure() {
    for leave in [
        (|station: &mut Station| drop(station.peer(Level::V2_0, &esid(EsidReason::NORMAL))))
            as fn(&mut Station),
        |station| {
            station.mailbox.n_disc_ind();
            let _ = station.work();
        },
    ] {
        let mut station = called();
        let offer = sfid("FILE", ALPHA, BETA, RecordFormat::U, 0);
        station.peer(Level::V2_0, &Command::Sfid(offer));
        leave(&mut station);
        assert!(matches!(station.ended(), Some(Ended::Failed(_))));
        assert!(!station.inbox["FILE"].complete);
    }
}

#[test]
fn before_the_session_is_up_it_is_a_failure() {
    let mut station = Link::plain().called;
    station
        .mailbox
        .n_con_ind(oftp_core::session::Addresses::default());
    let _ = station.work();
    station.mailbox.n_disc_ind();
    let _ = station.work();
    assert!(matches!(station.ended(), Some(Ended::Failed(_))));
}

#[test]
fn any_other_reason_is_a_failure_with_its_words() {
    let mut station = called();
    let esid = Command::Esid(Esid {
        reas: EsidReason::EMERGENCY_CLOSE_DOWN,
        reast: Text::new("fire alarm"),
    });
    assert_eq!(station.peer(Level::V2_0, &esid), [[0; 0]; 0]);
    let Some(Ended::Failed(ind)) = station.ended() else {
        panic!("{:?}", station.ended());
    };
    assert_eq!(ind.reason, Some(EsidReason::EMERGENCY_CLOSE_DOWN));
    assert!(
        ind.cause.to_string().contains("fire alarm"),
        "{}",
        ind.cause
    );
}

/// Whatever a partner sends after the end is not looked at (threat model T5).
#[test]
fn nothing_is_looked_at_after_our_esid_but_theirs() {
    for octets in [&b"C"[..], b"R", b"Z", b"H?", b"D\x85", b"X", b"4?"] {
        let mut setup = Setup::new(Side::Responder);
        setup.config.quirks = Quirks::TOLERANT;
        let mut lone = Lone::in_state(setup, State::WfNdisc).expect("connected");
        lone.buffer(octets);
        assert_eq!(lone.outputs(), [""; 0], "{octets:?}");
        assert!(lone.events.is_empty(), "{octets:?}: {:?}", lone.events);
        lone.buffer(b"F00000\r");
        assert_eq!(lone.outputs(), ["N_DISC_RQ"], "{octets:?}");
    }
}
