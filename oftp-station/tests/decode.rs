//! `oftp decode`: recorded sessions in words.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use oftp_core::wire::{Level, sth};
use oftp_station::decode::{Form, Options, Output, Summary, run};
use proptest::prelude::*;

const READY: &[u8] = b"IODETTE FTP READY \r";

fn ssid(level: char, password: &str) -> Vec<u8> {
    let auth = if level == '5' { 'N' } else { ' ' };
    format!(
        "X{level}{:<25}{password:<8}02048BYYN007{auth}{:12}\r",
        "O001", ""
    )
    .into_bytes()
}

fn framed(buffers: &[&[u8]]) -> Vec<u8> {
    let mut stream = Vec::new();
    for buffer in buffers {
        stream.extend_from_slice(&sth::header(buffer.len()));
        stream.extend_from_slice(buffer);
    }
    stream
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn decoded(input: &[u8], options: &Options) -> (Summary, String) {
    let mut out = Vec::new();
    let summary = run(input, options, &mut out).unwrap();
    (summary, String::from_utf8(out).unwrap())
}

#[test]
fn a_session_reads_like_the_rfc() {
    let data = b"D\x02AB\x45 \x81C";
    let stream = framed(&[READY, &ssid('5', "SECRET"), data, b"F02000\r"]);
    let (summary, text) = decoded(&stream, &Options::default());
    assert_eq!(
        summary,
        Summary {
            commands: 4,
            ..Summary::default()
        }
    );
    assert!(summary.is_good());
    let expected = "\
SSRM Start Session Ready Message, 19 octets at 0, level 2.0
      0  SSRMCMD    \"I\"
      1  SSRMMSG    \"ODETTE FTP READY\"
     18  SSRMCR     0d
SSID Start Session, 61 octets at 23, level 2.0
      0  SSIDCMD    \"X\"
      1  SSIDLEV    5  level 2.0
      2  SSIDCODE   \"O001\"
     27  SSIDPSWD   ***
     35  SSIDSDEB   2048
     40  SSIDSR     \"B\"  sends and receives
     41  SSIDCMPR   \"Y\"  yes
     42  SSIDREST   \"Y\"  yes
     43  SSIDSPEC   \"N\"  no
     44  SSIDCRED   7
     47  SSIDAUTH   \"N\"  no
     48  SSIDRSV1   \"\"
     52  SSIDUSER   \"\"
     60  SSIDCR     0d
DATA Data Exchange Buffer, 8 octets at 88, level 2.0
         3 subrecords (2 plain, 1 compressed), 1 ends of records, 8 octets of the file: \"AB     C\"
ESID End Session, 7 octets at 100, level 2.0
      0  ESIDCMD    \"F\"
      1  ESIDREAS   2  protocol violation
      3  ESIDREASL  0
      6  ESIDREAST  \"\"
      6  ESIDCR     0d
";
    assert_eq!(text, expected);
}

#[test]
fn passwords_are_shown_only_when_asked_for() {
    let bare = ssid('5', "SECRET");
    let shown = Options {
        passwords: true,
        ..Options::default()
    };
    for input in [
        framed(&[&bare]),
        bare.clone(),
        framed(&[b"?", &bare])[4..].to_vec(),
    ] {
        for output in [Output::Text, Output::Json] {
            let hidden = Options {
                output,
                full: true,
                form: Form::Binary,
                ..Options::default()
            };
            let (_, text) = decoded(&input, &hidden);
            assert!(
                !text.contains("SECR") && !text.contains(&hex(b"SECR")),
                "{text}"
            );
        }
    }
    assert!(decoded(&framed(&[&bare]), &shown).1.contains("\"SECRET\""));
}

fn level_of(text: &str, command: &str) -> String {
    let headline = text.lines().find(|line| line.contains(command)).unwrap();
    headline.rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn the_lower_ssid_gives_the_level() {
    let efid = b"T000000000000000000005";
    let single = framed(&[READY, &ssid('5', ""), &ssid('2', ""), efid]);
    let (summary, text) = decoded(&single, &Options::default());
    assert!(summary.is_good(), "{text}");
    assert_eq!(level_of(&text, "EFID"), "1.3");

    let initiator = hex(&framed(&[
        &ssid('5', ""),
        efid,
        b"F00\r",
        &ssid('5', ""),
        b"R",
    ]));
    let responder = hex(&framed(&[
        READY,
        &ssid('1', ""),
        READY,
        &ssid('5', ""),
        b"P",
    ]));
    let marked = format!("I> {initiator}\nR> {responder}\n");
    let (summary, text) = decoded(marked.as_bytes(), &Options::default());
    assert!(summary.is_good(), "{text}");
    assert_eq!(level_of(&text, "EFID"), "1.2");
    assert_eq!(level_of(&text, "CD Change"), "2.0");
    assert_eq!(level_of(&text, "RTR"), "2.0");

    let alone = Options {
        level: Some(Level::V1_3),
        ..Options::default()
    };
    assert_eq!(
        level_of(&decoded(&framed(&[efid]), &alone).1, "EFID"),
        "1.3"
    );
}

#[test]
fn directions_are_streams_of_their_own_and_keep_their_order() {
    let ready = framed(&[READY]);
    let (begin, end) = ready.split_at(7);
    let text = format!(
        "R> {}\nI> {}\nR> {}",
        hex(begin),
        hex(&framed(&[b"R"])),
        hex(end)
    );
    let (summary, text) = decoded(text.as_bytes(), &Options::default());
    assert!(summary.is_good());
    let headlines: Vec<_> = text.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(
        headlines,
        [
            "I> CD Change Direction, 1 octets at 0, level 2.0",
            "R> SSRM Start Session Ready Message, 19 octets at 0, level 2.0"
        ]
    );
}

#[test]
fn what_is_malformed_is_told_and_the_walk_goes_on() {
    let stream = framed(&[b"Z", b"T1", b"D\x05abc", b"C", b"P"]);
    let (summary, text) = decoded(&stream, &Options::default());
    assert_eq!(
        summary,
        Summary {
            commands: 5,
            malformed: 3,
            tolerated: 1,
            cut: 0
        }
    );
    for expected in [
        "MALFORMED  Exchange Buffer: first octet 5A hex is no command code (ESID 01)",
        "MALFORMED  EFID: 2 octets, needed are 35 (ESID 07)",
        "MALFORMED  DATA subrecord at octet 1: 5 octets announced, 3 left in the buffer (ESID 07)",
        "tolerated  CDT: 1 octets, needed are 3 (ESID 07; quirk short_cdt would tolerate it)",
        "RTR Ready To Receive",
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
}

#[test]
fn a_stream_that_cannot_be_followed_ends_there() {
    let mut stream = framed(&[b"P"]);
    stream.extend_from_slice(b"GET / HTTP/1.1");
    let (summary, text) = decoded(&stream, &Options::default());
    assert_eq!((summary.commands, summary.malformed), (2, 1));
    assert!(text.contains("looks like HTTP"), "{text}");
    assert!(text.contains("the last 14 octets cannot be read"), "{text}");
}

#[test]
fn a_recording_may_end_anywhere() {
    let stream = framed(&[&ssid('5', "SECRET")]);
    for end in 1..stream.len() {
        let binary = Options {
            form: Form::Binary,
            ..Options::default()
        };
        let (summary, text) = decoded(&stream[..end], &binary);
        assert_eq!(
            (summary.commands, summary.cut, summary.malformed),
            (1, 1, 0),
            "{text}"
        );
    }
    let (_, text) = decoded(
        &stream[..30],
        &Options {
            form: Form::Binary,
            ..Options::default()
        },
    );
    assert!(text.contains("SSIDCODE   \"O001\""), "{text}");
    assert!(
        text.contains("CUT  the recording ends after 26 of 61 octets"),
        "{text}"
    );
}

#[test]
fn json_has_one_object_for_each_command() {
    let stream = framed(&[b"T1", b"D\x83ABC", b"5050000"]);
    let json = Options {
        output: Output::Json,
        full: true,
        ..Options::default()
    };
    let (_, text) = decoded(&stream, &json);
    let entries: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries[0]["malformed"][0]["reason"], 7);
    assert_eq!(entries[1]["data"]["record_ends"], 1);
    assert_eq!(entries[1]["data"]["list"][0]["content"], "ABC");
    assert_eq!(entries[1]["data"]["list"][0]["offset"], 1);
    let reason = &entries[2]["fields"][1];
    assert_eq!(
        (&reason["name"], &reason["value"]),
        (&"EFNAREAS".into(), &5.into())
    );
    assert!(reason["meaning"].is_string());
}

#[test]
fn without_headers_each_line_is_an_exchange_buffer() {
    let bare = Options {
        headers: false,
        ..Options::default()
    };
    let text = format!("{}\nI> 52 # CD\n", hex(READY));
    let (summary, text) = decoded(text.as_bytes(), &bare);
    assert_eq!((summary.commands, summary.is_good()), (2, true), "{text}");
}

#[test]
fn an_input_that_is_nothing_says_where() {
    let error = run(b"10 00\nhello", &Options::default(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(
        error.to_string().starts_with("line 2: `h` is no hex digit"),
        "{error}"
    );
}

fn anything() -> impl Strategy<Value = Vec<u8>> {
    let commands = prop::sample::select(b"IXH23DCT45FRENPJAS".to_vec());
    let digits = prop::collection::vec(prop_oneof![b'0'..=b'9', any::<u8>()], 0..300);
    let buffer = (commands, digits).prop_map(|(code, mut rest)| {
        rest.insert(0, code);
        rest
    });
    let stream = prop::collection::vec(buffer, 0..6)
        .prop_map(|buffers| framed(&buffers.iter().map(Vec::as_slice).collect::<Vec<_>>()));
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        stream.clone(),
        (stream, any::<prop::sample::Index>()).prop_map(|(mut stream, end)| {
            stream.truncate(end.index(stream.len() + 1));
            stream
        }),
        "[I>R<|: *#0-9a-f\n ]{0,200}".prop_map(String::into_bytes),
        "(0000[0-9a-f]{0,4}:? ([0-9a-f]{2} ?){0,16}  ?[|>][ -~]{0,16}[|<]\n|\\*\n){0,6}"
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #[test]
    fn no_input_makes_it_panic(
        input in anything(),
        headers: bool,
        full: bool,
        json: bool,
        level in prop::option::of(prop::sample::select(Level::ALL.to_vec())),
        form in prop::sample::select(vec![Form::Any, Form::Binary, Form::Hex]),
    ) {
        let output = if json { Output::Json } else { Output::Text };
        let options = Options { level, headers, form, output, passwords: full, full };
        let mut out = Vec::new();
        if run(&input, &options, &mut out).is_ok() {
            let text = String::from_utf8(out).unwrap();
            let harmless = |c: char| c == '\n' || !c.is_control();
            prop_assert!(text.chars().all(harmless), "{}", text);
        }
    }
}
