//! The negative vectors of `vectors.toml`: what a partner must not send, where it must not send
//! it, and the answer that it gets; and which of them a named quirk takes.

use std::collections::BTreeMap;

use oftp_core::mailbox::{Directory, Event as MailEvent, Mail, Mailbox};
use oftp_core::session::{Addresses, CloseFileRs, Event};
use oftp_core::state::State;
use oftp_core::wire::{Capability, Command, Level, Quirks, RecordFormat, Text, sth};
use oftp_tests::lone::{Lone, Setup, Side, split};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::spec::{Negative, level, octets, state, vectors};
use oftp_tests::stations::{partner, settings};

/// What came of a vector.
#[derive(Debug)]
struct Outcome {
    /// The Exchange Buffers that were sent.
    sent: Vec<Vec<u8>>,
    /// Outputs in the words of the tables; empty where a mailbox answers.
    outputs: Vec<String>,
    /// The quirks that were reported.
    quirks: Vec<&'static str>,
    state: State,
}

/// NEG-02-30 is CD straight back after CD: ESID 02 (threat model T1).
/// What no field may say, data and their end (threat model N7, N12, N14, D2, D4, D5, E1, E3).
/// Lengths that a command does not have, and codes that are none (threat model F5, F6).
#[test]
fn strict_gives_the_expected_answer() {
    let vectors = vectors().negative_vector;
    assert_eq!(vectors.len(), 105);
    for vector in &vectors {
        let outcome = outcome(vector, Quirks::STRICT);
        assert_eq!(outcome.quirks, [""; 0], "{}", vector.id);
        if let Err(what) = meets(&vector.expect, &outcome) {
            panic!("{}: {what}: {outcome:?}", vector.id);
        }
    }
}

/// The vectors that the preset `tolerant` takes, and the quirk that it reports.
#[rustfmt::skip]
const TAKEN: &[(&str, &str)] = &[
    ("NEG-02-24",      "late_cdt"),
    ("NEG-02-30",      "cd_bounce"),
    ("NEG-06-SFID-3",  "any_lrecl"),
    ("NEG-06-SFID-4",  "blank_numerics"),
    ("NEG-06-SSID-10", "any_cr"),
    ("NEG-07-1",       "any_cr"),
    ("NEG-07-10",      "trailing_octets"),
    ("NEG-07-18",      "short_cdt"),
    ("NEG-07-2",       "trailing_octets"),
    // Layouts of a later level begin like those of an earlier one. What is misread by that is
    // found by the counts (EFID) or is 0 in both (SFPA).
    ("NEG-07-24",      "trailing_octets"),
    ("NEG-07-25",      "trailing_octets"),
    ("NEG-07-5",       "trailing_octets"),
    ("NEG-07-7",       "trailing_octets"),
    ("NEG-EF-3",       "any_rcnt"),
];

/// (threat model N7, D2, E1)
#[test]
fn tolerant_takes_what_a_quirk_names_and_nothing_else() {
    let mut taken = BTreeMap::new();
    for vector in &vectors().negative_vector {
        let outcome = outcome(vector, Quirks::TOLERANT);
        match outcome.quirks.first() {
            Some(&quirk) => {
                let refused = outcome.sent.iter().any(|buffer| {
                    matches!(buffer[..], [b'3' | b'5', ..])
                        || buffer[0] == b'F' && buffer[1..3] != *b"00"
                });
                assert!(!refused, "{}: {outcome:?}", vector.id);
                taken.insert(vector.id.clone(), quirk);
            }
            None => {
                let met = meets(&vector.expect, &outcome);
                assert!(met.is_ok(), "{}: {met:?} {outcome:?}", vector.id);
            }
        }
    }
    let taken: Vec<_> = taken
        .iter()
        .map(|(id, &quirk)| (id.as_str(), quirk))
        .collect();
    assert_eq!(taken, TAKEN);
}

#[test]
fn a_bounced_turn_is_taken_once_and_ends_the_session() {
    let all = vectors().negative_vector;
    let vector = all.iter().find(|vector| vector.id == "NEG-02-30");
    let outcome = outcome(vector.expect("NEG-02-30"), Quirks::TOLERANT);
    assert_eq!(outcome.outputs, ["ESID(R=00)", "F_RELEASE_IND"]);
    assert_eq!(outcome.state, State::WfNdisc);
}

/// Says what is wrong.
fn meets(expect: &BTreeMap<String, String>, outcome: &Outcome) -> Result<(), String> {
    let text = |key: &str| expect.get(key).map(String::as_str);
    let sent: Vec<_> = outcome.sent.iter().map(|buffer| shown(buffer)).collect();
    let met = match (text("esid"), text("sfna"), text("efna"), text("action")) {
        (Some(code), ..) => sent == [format!("F{code}")],
        (_, Some(code), ..) => sent == [format!("3{code}{}", text("retry").unwrap_or(""))],
        (.., Some(code), _) => sent == [format!("5{code}")],
        (.., Some("disconnect")) => {
            sent.is_empty()
                && outcome.outputs.iter().any(|output| output == "N_DISC_RQ")
                && outcome.state == State::Idle
        }
        (.., Some("discard")) => sent.is_empty() && outcome.outputs.is_empty(),
        (.., Some("abort indication")) => {
            let [abort, disconnect] = &outcome.outputs[..] else {
                return Err("two outputs are due".to_owned());
            };
            abort.starts_with("F_ABORT_IND(")
                && abort.ends_with("AO=D)")
                && disconnect == "N_DISC_RQ"
        }
        (.., Some("release indication")) => outcome.outputs == ["F_RELEASE_IND", "N_DISC_RQ"],
        _ => return Err("no expectation is known".to_owned()),
    };
    if met {
        Ok(())
    } else {
        Err(format!("{expect:?}"))
    }
}

/// The command, and as much of it as a vector expects.
fn shown(buffer: &[u8]) -> String {
    let octets = match buffer[0] {
        b'3' => 4,
        b'5' | b'F' => 3,
        _ => 1,
    };
    String::from_utf8_lossy(&buffer[..octets]).into_owned()
}

fn outcome(vector: &Negative, quirks: Quirks) -> Outcome {
    let user_monitor = vector.expect.contains_key("sfna");
    if user_monitor || vector.state == "A_NC_ONLY" {
        through_a_mailbox(vector, quirks)
    } else {
        through_a_session(vector, quirks)
    }
}

/// The Stream Transmission Buffer of a vector.
fn stream(vector: &Negative) -> Vec<u8> {
    if let Some(stb) = &vector.stb {
        return octets(stb);
    }
    let buffer = octets(vector.hex.as_ref().expect("hex or stb"));
    [sth::header(buffer.len()).to_vec(), buffer].concat()
}

fn through_a_session(vector: &Negative, quirks: Quirks) -> Outcome {
    let before = state(&vector.state);
    let mut setup = setup(vector, side(before));
    setup.config.quirks = quirks;
    let mut lone = Lone::in_state(setup, before).expect("a state of its side");
    give_records(vector, &mut lone);
    lone.forget();
    if vector.hex.is_none() && vector.stb.is_none() {
        assert_eq!(text(vector, "event"), Some("TIME-OUT"), "{}", vector.id);
        let deadline = lone.session.next_deadline().expect("a timer runs");
        lone.session.tick(deadline);
        lone.drain();
    } else {
        lone.stream(&stream(vector));
    }
    let fault = lone.events.iter().find_map(|event| match event {
        Event::CloseFileInd(ind) => ind.verdict.clone().err(),
        _ => None,
    });
    if let Some(fault) = fault {
        let answer = CloseFileRs::Negative {
            reason: fault.reason,
            text: Text::default(),
        };
        lone.session.close_file_rs(answer).expect("CLIP");
        lone.drain();
    }
    Outcome {
        outputs: lone.outputs().iter().map(|&o| o.to_owned()).collect(),
        quirks: lone.quirks(),
        state: lone.session.state(),
        sent: lone.sent,
    }
}

/// The side that the vectors' Exchange Buffers are meant for.
const fn side(state: State) -> Side {
    match state {
        State::IWfNc
        | State::IWfRm
        | State::IWfSsid
        | State::IdleSp
        | State::Opop
        | State::Opo
        | State::OpoWfc
        | State::Clop
        | State::WfRtr
        | State::IdleLiCd => Side::Initiator,
        _ => Side::Responder,
    }
}

fn text<'a>(vector: &'a Negative, key: &str) -> Option<&'a str> {
    vector.context.get(key).and_then(toml::Value::as_str)
}

fn number(vector: &Negative, key: &str) -> Option<u64> {
    let value = vector.context.get(key)?.as_integer()?;
    u64::try_from(value).ok()
}

fn mode(letter: &str) -> Capability {
    Capability::from_letter(letter.as_bytes()[0]).expect("S, R or B")
}

fn setup(vector: &Negative, side: Side) -> Setup {
    let mut setup = Setup::new(side);
    let flag = |key| vector.context.get(key).and_then(toml::Value::as_bool);
    setup.level = level(&vector.level);
    setup.restart = flag("restart").unwrap_or(true);
    setup.compression = flag("compression").unwrap_or(true);
    setup.rest = number(vector, "restart_pos").unwrap_or(0);
    setup.authentication = text(vector, "auth") == Some("Y");
    if let Some(octets) = number(vector, "max_buffer") {
        setup.buffer_size = u32::try_from(octets).expect("small");
    }
    if let Some(credit) = number(vector, "credit_l") {
        setup.credit = u16::try_from(credit).expect("small");
    }
    if let Some(credit) = number(vector, "offered_credit") {
        setup.config.capabilities.window = u16::try_from(credit).expect("small");
    }
    if let Some(letter) = text(vector, "offered_sr") {
        setup.config.capabilities.mode = mode(letter);
    }
    if text(vector, "mode") == Some("Sender-only") {
        setup.sr = Capability::ReceiverOnly;
    }
    if text(vector, "fmt") == Some("V") {
        setup.format = RecordFormat::V;
        setup.lrecl = 80;
    }
    setup
}

/// The records that the file already has.
fn give_records(vector: &Negative, lone: &mut Lone) {
    let (Some(records), Some(octets)) = (number(vector, "records"), number(vector, "octets"))
    else {
        return;
    };
    let each = usize::try_from(octets / records).expect("small");
    let mut payload = Vec::new();
    for _ in 0..records {
        payload.push(0x80 | u8::try_from(each).expect("small"));
        payload.extend(vec![b'A'; each]);
    }
    lone.peer(&Command::Data(&payload));
}

/// A called station: it knows ALPHA with its password, and serves BETA.
fn through_a_mailbox(vector: &Negative, quirks: Quirks) -> Outcome {
    let mut settings = settings(BETA);
    settings.config.quirks = quirks;
    settings.config.capabilities.mode = mode(text(vector, "own_sr").unwrap_or("B"));
    let mut caller = partner(ALPHA);
    caller.authentication = text(vector, "auth") == Some("Y");
    let directory = Directory {
        partners: vec![caller],
        ..Directory::default()
    };
    let mut mailbox = Mailbox::answer(settings, directory);
    mailbox.n_con_ind(Addresses::default());
    drain(&mut mailbox);
    if vector.state == "IDLELI" {
        let setup = Setup {
            level: Level::V2_0,
            ..setup(vector, Side::Responder)
        };
        let mut ssid = Vec::new();
        let command = Command::Ssid(setup.ssid());
        command.encode(Level::V2_0, &mut ssid).expect("fits");
        mailbox.n_data_ind(&sth::header(ssid.len()));
        mailbox.n_data_ind(&ssid);
        drain(&mut mailbox);
    }
    assert_eq!(mailbox.session().state().name(), vector.state);
    mailbox.n_data_ind(&stream(vector));
    let (sent, quirks) = drain(&mut mailbox);
    Outcome {
        sent: split(&sent),
        outputs: Vec::new(),
        quirks,
        state: mailbox.session().state(),
    }
}

fn drain(mailbox: &mut Mailbox) -> (Vec<u8>, Vec<&'static str>) {
    let (mut sent, mut quirks) = (Vec::new(), Vec::new());
    loop {
        match mailbox.poll() {
            Mail::NDataRq(pending) => {
                let octets = pending.to_vec();
                mailbox.sent(octets.len());
                sent.extend_from_slice(&octets);
            }
            Mail::Event(MailEvent::Quirk { quirk, .. }) => quirks.push(quirk),
            Mail::Wait(_) => return (sent, quirks),
            _ => {}
        }
    }
}
