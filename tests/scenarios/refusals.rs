//! Every refusal of a file: by policy, with the reason that the partner gets, and by a User
//! Monitor; what the other side is told.

use oftp_core::mailbox::{Event, FilePolicy, Origins, Rule};
use oftp_core::session::{Event as SessionEvent, StartFileCf, StartFileRs};
use oftp_core::state::State;
use oftp_core::wire::{
    Command, DatasetName, Level, RecordFormat, Security, Sfid, Sfna, SfnaReason, Text,
};
use oftp_tests::lone::{Lone, Setup, Side};
use oftp_tests::pair::{ALPHA, BETA, code};
use oftp_tests::stations::{Link, SendFile, Station, sfid};

/// The first two octets after the command code and the retry flag of SFNA; "taken" for SFPA.
fn answer(policy: fn(&mut FilePolicy), change: fn(&mut Sfid)) -> String {
    let mut station: Station = Link::with(|_| {}, |side| policy(&mut side.partner.policy)).called;
    station.called_by(Setup::new(Side::Responder).ssid());
    let mut sfid = sfid("FILE", ALPHA, BETA, RecordFormat::U, 0);
    change(&mut sfid);
    let sent = station.peer(Level::V2_0, &Command::Sfid(sfid));
    match &sent[..] {
        [sfpa] if sfpa[0] == b'2' => "taken".to_owned(),
        [sfna] if sfna[0] == b'3' => {
            let turned_away = station.events.iter();
            let count = turned_away.filter(|e| matches!(e, Event::FileTurnedAway { .. }));
            assert_eq!(count.count(), 1);
            String::from_utf8_lossy(&sfna[1..4]).into_owned()
        }
        other => panic!("{other:?}"),
    }
}

fn secured(sfid: &mut Sfid) {
    sfid.sec = Security::EncryptedAndSigned;
    sfid.ciph = 4;
    sfid.env = 1;
    sfid.comp = 1;
}

type Case = (&'static str, fn(&mut FilePolicy), fn(&mut Sfid));

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("taken", |_| {}, |_| {}),
    ("taken", |_| {}, secured),
    ("taken", |_| {}, |sfid| sfid.dsn = DatasetName::from_octets(b"lower_case \xe4")),
    ("01N", |_| {}, |sfid| sfid.dsn = DatasetName::from_octets(b"")),
    ("01N", |_| {}, |sfid| sfid.dsn = DatasetName::from_octets(b"A\0B")),
    ("01N", |policy| policy.strict_names = true, |sfid| sfid.dsn = DatasetName::from_octets(b"lower")),
    ("02N", |_| {}, |sfid| sfid.dest = code(ALPHA)),
    ("taken", |policy| policy.destinations = None, |sfid| sfid.dest = code(ALPHA)),
    ("taken", |policy| policy.destinations = Some(vec![code(ALPHA)]), |sfid| sfid.dest = code(ALPHA)),
    ("03N", |_| {}, |sfid| sfid.orig = code(BETA)),
    ("taken", |_| {}, |sfid| sfid.orig = code("O0177ALPHA-MOTORS  HUB002")),
    ("taken", |policy| policy.origins = Origins::Any, |sfid| sfid.orig = code(BETA)),
    ("03N", |policy| policy.origins = Origins::Listed(vec![]), |sfid| sfid.orig = code(BETA)),
    ("04N", |policy| policy.formats = vec![RecordFormat::V], |_| {}),
    ("05N", |policy| policy.max_record = 100, |sfid| { sfid.fmt = RecordFormat::V; sfid.lrecl = 101; }),
    ("taken", |policy| policy.max_record = 100, |sfid| { sfid.fmt = RecordFormat::V; sfid.lrecl = 100; }),
    ("06N", |policy| policy.max_blocks = Some(10), |sfid| sfid.fsiz = 11),
    ("taken", |policy| policy.max_blocks = Some(10), |sfid| sfid.fsiz = 10),
    ("15N", |policy| policy.suites = vec![1], secured),
    ("15N", |_| {}, |sfid| sfid.sign = true),
    ("taken", |policy| policy.unnamed_suite = Some(2), |sfid| sfid.sign = true),
    ("15N", |policy| policy.unnamed_suite = Some(7), |sfid| sfid.sign = true),
    ("99N", |policy| policy.signed_responses = Rule::Required, |_| {}),
    ("99N", |policy| policy.signed_responses = Rule::Forbidden, |sfid| { sfid.sign = true; sfid.ciph = 4; }),
    ("taken", |policy| policy.signed_responses = Rule::Required, |sfid| { sfid.sign = true; sfid.ciph = 4; }),
    ("16N", |policy| policy.encryption = Rule::Forbidden, secured),
    ("17N", |policy| policy.encryption = Rule::Required, |_| {}),
    ("18N", |policy| policy.compression = Rule::Forbidden, secured),
    ("19N", |policy| policy.signing = Rule::Forbidden, secured),
    ("20N", |policy| policy.signing = Rule::Required, |_| {}),
    ("99N", |_| {}, |sfid| { sfid.sec = Security::Encrypted; sfid.ciph = 4; }),
    ("99N", |_| {}, |sfid| { sfid.sec = Security::Encrypted; sfid.env = 1; }),
    ("99N", |_| {}, |sfid| sfid.comp = 1),
];

/// (threat model N2, N6, N7, N8, N17)
#[test]
fn the_policy_refuses_with_its_own_reason() {
    for (number, (expected, policy, change)) in CASES.iter().enumerate() {
        assert_eq!(&answer(*policy, *change), expected, "case {number}");
    }
}

#[test]
fn a_duplicate_is_refused_and_the_session_goes_on() {
    let mut link = Link::plain();
    for dsn in ["SAME", "SAME", "OTHER"] {
        link.caller.send(SendFile {
            sfid: sfid(dsn, ALPHA, BETA, RecordFormat::U, 0),
            records: vec![vec![1, 2, 3]],
        });
    }
    link.run();
    assert_eq!(link.called.stored, ["SAME", "OTHER"]);
    let refused: Vec<_> = link
        .caller
        .events
        .iter()
        .filter_map(|event| match event {
            Event::FileRefused { reason, retry, .. } => Some((reason.code(), *retry)),
            _ => None,
        })
        .collect();
    assert_eq!(refused, [(13, false)]);
}

/// What is sent for a refusal at this level.
fn refuse(level: Level, code: u8) -> Vec<u8> {
    let setup = Setup {
        level,
        ..Setup::new(Side::Responder)
    };
    let mut lone = Lone::in_state(setup, State::Opip).expect("Listener");
    lone.session
        .start_file_rs(StartFileRs::Negative {
            reason: SfnaReason::new(code),
            retry: true,
            text: Text::new("why"),
        })
        .expect("a file is offered");
    lone.drain();
    assert_eq!(lone.session.state(), State::IdleLi);
    lone.sent.remove(0)
}

#[test]
fn a_reason_that_the_level_lacks_is_99() {
    for code in [
        1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 99,
    ] {
        let as_is = format!("3{code:02}Y");
        assert_eq!(
            refuse(Level::V2_0, code),
            format!("{as_is}003why").as_bytes()
        );
        let low = if code > 14 { "399Y" } else { &as_is };
        assert_eq!(refuse(Level::V1_4, code), low.as_bytes());
        let low = if code > 13 { "399Y" } else { &as_is };
        assert_eq!(refuse(Level::V1_3, code), low.as_bytes());
    }
}

#[test]
fn the_speaker_is_told_reason_retry_and_text() {
    let mut lone = Lone::in_state(Setup::new(Side::Initiator), State::Opop).expect("Speaker");
    lone.peer(&Command::Sfna(Sfna {
        reas: SfnaReason::FILE_SIZE_TOO_BIG,
        rrtr: true,
        reast: Text::new("disk is full"),
    }));
    let [SessionEvent::StartFileCf(answer)] = &lone.events[..] else {
        panic!("{:?}", lone.events);
    };
    assert_eq!(
        *answer,
        StartFileCf::Negative {
            reason: SfnaReason::FILE_SIZE_TOO_BIG,
            retry: true,
            text: Text::new("disk is full"),
        }
    );
}

/// Texts are UTF-8 by the book; others are taken, kept as they came, and shown without harm
/// (threat model N19).
#[test]
fn texts_that_are_no_utf_8_are_kept() {
    let words = Text::from_octets(b"\xff\xc3(\x1b[2J");
    let mut lone = Lone::in_state(Setup::new(Side::Initiator), State::Opop).expect("Speaker");
    lone.peer(&Command::Sfna(Sfna {
        reas: SfnaReason::UNSPECIFIED,
        rrtr: false,
        reast: words.clone(),
    }));
    let [SessionEvent::StartFileCf(StartFileCf::Negative { text, .. })] = &lone.events[..] else {
        panic!("{:?}", lone.events);
    };
    assert_eq!(text.as_octets(), words.as_octets());
    assert!(!text.to_string().contains('\x1b'), "{text}");
    let mut lone = Lone::in_state(Setup::new(Side::Responder), State::IdleLi).expect("Listener");
    lone.peer(&Command::Sfid(Sfid {
        desc: words.clone(),
        ..sfid("FILE", ALPHA, BETA, RecordFormat::U, 0)
    }));
    let [SessionEvent::StartFileInd(offer)] = &lone.events[..] else {
        panic!("{:?}", lone.events);
    };
    assert_eq!(offer.desc.as_octets(), words.as_octets());
}
