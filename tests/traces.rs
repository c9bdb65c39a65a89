//! The recorded sessions of `vectors.toml`, both sides of each: our session sends the octets that
//! were recorded, to the last one, and ends where the recording says.

use oftp_core::session::Event;
use oftp_core::wire::{Quirks, decode};
use oftp_tests::lone::Side;
use oftp_tests::replay::{Replay, steps};
use oftp_tests::spec::{level, vectors};

#[test]
fn both_sides_of_every_trace_are_replayed() {
    let traces = vectors().trace;
    assert_eq!(traces.len(), 11);
    for trace in &traces {
        for (side, last) in [Side::Initiator, Side::Responder].iter().zip(&trace.states) {
            let mut replay = Replay::new(trace, *side);
            replay.play(trace);
            let state = replay.lone.session.state();
            assert_eq!(state.name(), last, "{} {side:?}", trace.id);
            assert_eq!(replay.lone.quirks(), [""; 0], "{} {side:?}", trace.id);
            for event in &replay.lone.events {
                if let Event::CloseFileInd(ind) = event {
                    assert_eq!(ind.verdict, Ok(()), "{} {side:?}", trace.id);
                }
            }
        }
    }
}

#[test]
fn every_command_of_both_directions_is_read_and_written_again() {
    let mut commands = 0;
    for trace in &vectors().trace {
        let level = level(&trace.level);
        for (step, [_, name, _]) in steps(trace, Side::Responder).iter().zip(&trace.steps) {
            let buffer = step.buffer();
            let decoded = decode(&buffer, level, Quirks::STRICT);
            let decoded = decoded.unwrap_or_else(|error| panic!("{} {name}: {error}", trace.id));
            assert_eq!(decoded.command.name(), name, "{}", trace.id);
            let mut again = Vec::new();
            let written = decoded.command.encode(level, &mut again);
            written.unwrap_or_else(|error| panic!("{} {name}: {error}", trace.id));
            assert_eq!(again, buffer, "{} {name}", trace.id);
            commands += 1;
        }
    }
    assert!(commands > 100, "only {commands} commands");
}

#[test]
fn the_files_of_the_traces_arrive() {
    let traces = vectors().trace;
    let received = |id: &str, side: Side| {
        let trace = traces.iter().find(|trace| trace.id == id).expect(id);
        let mut replay = Replay::new(trace, side);
        replay.play(trace);
        replay.lone.data
    };
    let (octets, ends) = received("TR-2", Side::Responder);
    assert_eq!((octets.len(), ends.len()), (359, 9));
    assert!(octets.starts_with(b"\"It's a Snark!\" was the sound that first came to their ears,"));
    assert!(octets.ends_with(b"a breeze that went by."));
    let (octets, _) = received("TR-5", Side::Responder);
    assert_eq!(octets.len(), 5000 - 2048);
    assert_eq!(received("TR-7", Side::Initiator).0, b"xyz");
    assert_eq!(received("TR-7", Side::Responder).0, b"AB");
}
