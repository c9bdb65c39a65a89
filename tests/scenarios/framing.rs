//! Lengths of Exchange Buffers, and buffers that come before their turn.

use oftp_core::state::State;
use oftp_core::wire::{Command, Secd, Sfid, Text, sth};
use oftp_tests::lone::{Lone, Setup, Side};

const REFUSED: [&str; 2] = ["ESID(R=07)", "F_ABORT_IND(R=07,AO=L)"];

/// What comes of the beginning of a buffer with this length and command code.
fn begun(lone: &mut Lone, length: usize, code: u8) -> Vec<String> {
    lone.forget();
    // Also lengths that no buffer may have.
    let [_, a, b, c] = u32::try_from(length).expect("small").to_be_bytes();
    lone.stream(&[0x10, a, b, c, code]);
    lone.outputs().iter().map(|&name| name.to_owned()).collect()
}

/// The longest ESID is the longest of all that may come before SSID (threat model F2).
#[test]
fn nothing_longer_than_an_esid_is_collected_before_ssid() {
    for (side, state) in [
        (Side::Responder, State::ANcOnly),
        (Side::Initiator, State::IWfRm),
        (Side::Initiator, State::IWfSsid),
    ] {
        for code in *b"XFID" {
            let of_length = |octets: usize| {
                let mut lone = Lone::in_state(Setup::new(side), state).expect("its side");
                begun(&mut lone, sth::OCTETS + octets, code)
            };
            assert_eq!(of_length(1006), [""; 0], "{state}");
            assert_eq!(of_length(1007), REFUSED, "{state}");
        }
    }
}

/// From 5 to 100,003, the header with it (threat model F2).
#[test]
fn a_length_that_no_buffer_has_is_07() {
    let setup = || Setup {
        buffer_size: 99_999,
        ..Setup::new(Side::Responder)
    };
    for (length, refused) in [
        (0, true),
        (4, true),
        (100_003, false),
        (100_004, true),
        (0xff_ffff, true),
    ] {
        let mut lone = Lone::in_state(setup(), State::Opi).expect("Listener");
        let outputs = begun(&mut lone, length, b'D');
        assert_eq!(outputs == REFUSED, refused, "{length}: {outputs:?}");
        assert_eq!(outputs.is_empty(), !refused, "{length}: {outputs:?}");
    }
}

/// SSIDSDEB is for DATA alone: other commands have bounds of their own (threat model F3).
#[test]
fn the_size_that_was_agreed_on_bounds_data_alone() {
    let setup = || Setup {
        buffer_size: 128,
        ..Setup::new(Side::Responder)
    };
    let mut lone = Lone::in_state(setup(), State::Opi).expect("Listener");
    assert_eq!(begun(&mut lone, sth::OCTETS + 128, b'D'), [""; 0]);
    // The octet that is too many need not have come.
    let mut lone = Lone::in_state(setup(), State::Opi).expect("Listener");
    assert_eq!(begun(&mut lone, sth::OCTETS + 129, b'D'), REFUSED);

    let mut lone = Lone::in_state(setup(), State::IdleLi).expect("Listener");
    lone.peer(&Command::Sfid(Sfid {
        desc: Text::new(&"x".repeat(999)),
        ..lone.setup.peer_file()
    }));
    assert_eq!(lone.outputs(), ["F_START_FILE_IND"]);
    let mut lone = Lone::in_state(setup(), State::IdleLi).expect("Listener");
    assert_eq!(begun(&mut lone, sth::OCTETS + 1165, b'H'), REFUSED);
}

/// The state decides on what comes ahead of its turn, and nobody is read far ahead of the User
/// Monitor: what is not read waits in the network (threat model F9).
#[test]
fn whoever_is_ahead_of_its_turn_is_held_back() {
    let refused = ["ESID(R=02)", "F_ABORT_IND(R=02,AO=L)"];
    let setup = || Setup::new(Side::Responder);
    for state in [State::AWfConrs, State::Opip, State::Clip] {
        let mut lone = Lone::in_state(setup(), state).expect("Responder");
        lone.peer(&Command::Data(b"\x81A"));
        assert_eq!(lone.outputs(), refused, "{state}");
    }

    // While a challenge is owed not an octet more is read.
    let mut lone = Lone::in_state(setup(), State::WfSecd).expect("2.0");
    lone.peer(&Command::Secd(Secd));
    assert!(lone.session.wants_octets());
    lone.stream(&sth::header(99_999)[..1]);
    assert!(!lone.session.wants_octets());

    // While the User Monitor takes nothing, a flood stops after a few buffers.
    let mut lone = Lone::in_state(setup(), State::Opi).expect("Listener");
    let (mut framed, mut read) = (sth::header(65).to_vec(), 0);
    framed.extend([&b"D\xbf"[..], &[b'A'; 63]].concat());
    while lone.session.wants_octets() {
        lone.session.n_data_ind(&framed);
        read += framed.len();
    }
    assert!(read <= 300_000, "{read}");
    lone.drain();
    assert!(!lone.data.0.is_empty());
    assert!(lone.session.wants_octets());
}
