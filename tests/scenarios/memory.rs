//! What a partner announces is not what memory is taken for, and a driver that reads as it is told
//! never holds more than two buffers.

use oftp_core::session::{Event, Output};
use oftp_core::state::State;
use oftp_core::wire::{Command, sth};
use oftp_tests::lone::{Lone, Setup, Side};

const BUFFER: usize = 99_999;

fn listener() -> Lone {
    let setup = Setup {
        buffer_size: 99_999,
        credit: 999,
        ..Setup::new(Side::Responder)
    };
    Lone::in_state(setup, State::Opi).expect("Listener")
}

/// Memory follows what has arrived (threat model F2).
#[test]
fn an_announced_buffer_takes_no_memory_before_it_is_there() {
    let mut lone = listener();
    let mut arrived = 0;
    for octet in sth::header(BUFFER).into_iter().chain([b'D'; 5000]) {
        let space = lone.session.receive_space();
        arrived += 1;
        assert!(
            space.len() <= 4 * (arrived + 2048),
            "{arrived}: {}",
            space.len()
        );
        space[0] = octet;
        lone.session.received(1);
        lone.drain();
    }
}

/// A buffer of random-like data with its header.
fn full_buffer() -> Vec<u8> {
    let mut stream = sth::header(BUFFER).to_vec();
    stream.push(b'D');
    let mut left = BUFFER - 1;
    while left > 1 {
        let octets = (left - 1).min(63);
        stream.push(u8::try_from(octets).expect("small"));
        stream.extend(std::iter::repeat_n(b'z', octets));
        left -= octets + 1;
    }
    stream.extend(std::iter::repeat_n(0, left));
    stream
}

/// (threat model D6)
#[test]
fn a_flood_while_the_user_has_the_word_stays_within_two_buffers() {
    let mut lone = listener();
    let flood = full_buffer();
    let mut place = 0;
    // The driver reads as long as less than one buffer waits (back-pressure), and the User
    // Monitor does not drain.
    let mut read = 0;
    while lone.session.receive_pending() < BUFFER + sth::OCTETS {
        let space = lone.session.receive_space();
        let octets = space.len().min(flood.len() - place);
        space[..octets].copy_from_slice(&flood[place..place + octets]);
        place = (place + octets) % flood.len();
        lone.session.received(octets);
        read += octets;
    }
    assert!(read <= 2 * (BUFFER + sth::OCTETS), "{read}");
    // Buffer after buffer goes through the same memory.
    for _ in 0..50 {
        if let Output::DataInd(data) = lone.session.poll_output() {
            assert!(data.octets() > 90_000);
        }
        while lone.session.receive_pending() < BUFFER + sth::OCTETS {
            let space = lone.session.receive_space();
            assert!(space.len() <= 2 * (BUFFER + sth::OCTETS), "{}", space.len());
            let octets = space.len().min(flood.len() - place);
            space[..octets].copy_from_slice(&flood[place..place + octets]);
            place = (place + octets) % flood.len();
            lone.session.received(octets);
        }
    }
}

#[test]
fn nothing_is_decoded_while_the_queue_is_not_drained() {
    let mut lone = listener();
    let stream: Vec<u8> = (0..60)
        .flat_map(|_| [&sth::header(3)[..], b"D\x01A"].concat())
        .collect();
    lone.session.n_data_ind(&stream);
    assert_eq!(lone.session.receive_pending(), stream.len());
    assert!(lone.session.has_output());
    assert_eq!(lone.session.receive_pending(), stream.len() - 7);
    lone.drain();
    assert_eq!(lone.data.0.len(), 60);
}

/// (threat model D6)
#[test]
fn data_may_expand_and_is_never_held_expanded() {
    let mut lone = listener();
    // 49,999 runs of 63 octets: 3 MB out of 100 KB, read in pieces of 50 octets.
    let payload: Vec<u8> = std::iter::repeat_n(*b"\x7fz", 49_999).flatten().collect();
    lone.peer(&Command::Data(&payload));
    assert_eq!(lone.data.0.len(), 49_999 * 63);
    assert!(
        !lone
            .events
            .iter()
            .any(|event| matches!(event, Event::AbortInd(_)))
    );
}

#[test]
fn what_comes_after_the_end_takes_no_memory() {
    let mut lone = listener();
    lone.session.abort_rq().expect("connected");
    lone.drain();
    for _ in 0..10 {
        lone.session.n_data_ind(&full_buffer());
        lone.drain();
    }
    assert_eq!(lone.session.receive_pending(), 0);
}
