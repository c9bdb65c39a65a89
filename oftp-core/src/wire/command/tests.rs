//! Tolerances, order of checks and refusals, case by case.

use super::round_trips::{EVERYTHING, encoded};
use super::*;
use crate::wire::{
    Capability, IdentificationCode, NerpReason, Password, RecordFormat, Security, Stamp, Text, X,
};

fn sample(code: CommandCode, level: Level) -> Vec<u8> {
    let stamp = Stamp::new("20071130", "1200000001").expect("digits");
    let code_of = |value| IdentificationCode::new(value).expect("Appendix B");
    let (dsn, user) = (X::new("F").expect("Appendix B"), X::BLANK);
    let (dest, orig) = (code_of("O0177ALPHA"), code_of("O0177BETA"));
    let command = match code {
        CommandCode::Eerp => Command::Eerp(Eerp {
            dsn,
            stamp,
            user,
            dest,
            orig,
            hsh: vec![],
            sig: vec![],
        }),
        CommandCode::Nerp => Command::Nerp(Nerp {
            dsn,
            stamp,
            dest,
            orig,
            crea: orig,
            reas: NerpReason::NOT_DELIVERED,
            reast: Text::new("gone"),
            hsh: vec![],
            sig: vec![],
        }),
        CommandCode::Sfid => Command::Sfid(Sfid {
            dsn,
            stamp,
            user,
            dest,
            orig,
            fmt: RecordFormat::U,
            lrecl: 0,
            fsiz: 1,
            osiz: 0,
            rest: 0,
            sec: Security::None,
            ciph: 0,
            comp: 0,
            env: 0,
            sign: false,
            desc: Text::default(),
        }),
        CommandCode::Ssid => Command::Ssid(Ssid {
            lev: level.digit(),
            code: orig,
            pswd: Password::default(),
            sdeb: 2048,
            sr: Capability::Both,
            cmpr: true,
            rest: true,
            spec: false,
            cred: 7,
            auth: false,
            user,
        }),
        other => panic!("no sample of {other}"),
    };
    encoded(&command, level)
}

fn replaced(mut octets: Vec<u8>, offset: usize, with: &[u8]) -> Vec<u8> {
    octets[offset..offset + with.len()].copy_from_slice(with);
    octets
}

fn cut(mut octets: Vec<u8>, length: usize) -> Vec<u8> {
    octets.truncate(length);
    octets
}

#[test]
fn every_tolerance_does_what_it_says_and_is_named() {
    use CommandCode::{Eerp, Nerp, Sfid, Ssid};
    let new = Level::V2_0;
    let sfid = |offset, with: &[u8]| replaced(sample(Sfid, new), offset, with);
    let ssid = |offset, with: &[u8]| replaced(sample(Ssid, new), offset, with);
    let digits = [&cut(sample(Eerp, new), 106)[..], b"04hash02ss"].concat();
    #[rustfmt::skip]
    let cases: Vec<(&str, Vec<u8>, Quirks, u8)> = vec![
        ("SSRM without end", b"IODETTE FTP READY ".to_vec(), Quirks::ANY_CR, 7),
        ("SSRM with LF", b"IODETTE FTP READY \n".to_vec(), Quirks::ANY_CR, 6),
        ("SSID without end", cut(sample(Ssid, new), 60), Quirks::ANY_CR, 7),
        ("long ESID without end", b"F02003abc".to_vec(), Quirks::ANY_CR, 7),
        ("empty long ESID without end", b"F02000".to_vec(), Quirks::ANY_CR, 7),
        ("short ESID without end", b"F02".to_vec(), Quirks::ANY_CR, 7),
        ("octets after RTR", b"P\r\n".to_vec(), Quirks::TRAILING_OCTETS, 7),
        ("octets after a short ESID", b"F02\rmore".to_vec(), Quirks::TRAILING_OCTETS, 7),
        ("blank SFIDFSIZ", sfid(112, &[b' '; 13]), Quirks::BLANK_NUMERICS, 6),
        ("SFIDREST to the left", sfid(138, b"4                "), Quirks::BLANK_NUMERICS, 6),
        ("blank SFIDDESCL", sfid(162, b"   "), Quirks::BLANK_NUMERICS, 6),
        ("blank counter in SFIDTIME", sfid(44, b"    "), Quirks::BLANK_NUMERICS, 6),
        ("blank SSIDAUTH", ssid(47, b" "), Quirks::BLANK_NUMERICS, 6),
        ("SFIDLRECL of U", sfid(107, b"02048"), Quirks::ANY_LRECL, 6),
        ("CDT of 1", b"C".to_vec(), Quirks::SHORT_CDT, 7),
        ("CDT of 2", b"C ".to_vec(), Quirks::SHORT_CDT, 7),
        ("EERP of 106", cut(sample(Eerp, new), 106), Quirks::SHORT_EERP, 7),
        ("EERP of 108", cut(sample(Eerp, new), 108), Quirks::SHORT_EERP, 7),
        ("NERP of 128", cut(sample(Nerp, new), 128), Quirks::SHORT_NERP, 7),
        ("NERP after its text", cut(sample(Nerp, new), 135), Quirks::SHORT_NERP, 7),
        ("EERP with digits", digits, Quirks::DIGIT_LENGTHS, 7),
    ];
    for (name, octets, quirk, reason) in cases {
        let fault = decode(&octets, new, Quirks::STRICT).expect_err(name);
        assert_eq!(
            (fault.reason.code(), fault.quirk),
            (reason, quirk),
            "{name}: {fault}"
        );
        assert!(fault.to_string().contains(&quirk.to_string()), "{fault}");
        let others = EVERYTHING.without(quirk);
        assert!(
            decode(&octets, new, others).is_err(),
            "{name} passes without {quirk}"
        );
        let decoded = decode(&octets, new, quirk).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(decoded.used, quirk, "{name}");
    }
}

#[test]
fn tolerances_end_somewhere() {
    let refused = |octets: &[u8]| decode(octets, Level::V2_0, EVERYTHING).is_err();
    assert!(
        refused(&[&b"P"[..], &[b' '; 257]].concat()),
        "too many trailing octets"
    );
    assert!(!refused(&[&b"P"[..], &[b' '; 256]].concat()));
    assert!(refused(b"F  \r"), "a blank reason has no meaning");
    assert!(refused(&cut(sample(CommandCode::Eerp, Level::V2_0), 107)));
    assert!(refused(&cut(sample(CommandCode::Eerp, Level::V2_0), 105)));
    assert!(refused(&replaced(
        sample(CommandCode::Ssid, Level::V2_0),
        35,
        b"     "
    )));
    let middle = replaced(sample(CommandCode::Sfid, Level::V2_0), 112, b"1 1");
    assert!(refused(&middle), "spaces between digits");
}

#[test]
fn lengths_inside_are_checked_before_fields() {
    let reason = |octets: &[u8]| {
        decode(octets, Level::V2_0, Quirks::STRICT)
            .map(drop)
            .map_err(|fault| fault.reason.code())
    };
    let sfid = replaced(sample(CommandCode::Sfid, Level::V2_0), 106, b"X");
    assert_eq!(reason(&sfid), Err(6));
    assert_eq!(
        reason(&replaced(sfid.clone(), 162, b"001")),
        Err(7),
        "shorter than its text"
    );
    assert_eq!(
        reason(&[&sfid[..], b"x"].concat()),
        Err(7),
        "longer than its text"
    );
    assert_eq!(reason(&replaced(sfid, 162, b"0x1")), Err(6));
    let huge = replaced(sample(CommandCode::Eerp, Level::V2_0), 106, b"\xff\xff");
    assert_eq!(reason(&huge), Err(7));
    assert_eq!(reason(b"S"), Err(7));
}

#[test]
fn ssid_is_read_by_its_own_level() {
    let ssid = |level: u8, at_47: u8| {
        let octets = replaced(sample(CommandCode::Ssid, Level::V2_0), 1, &[level]);
        Ssid::decode(&replaced(octets, 47, &[at_47]), Quirks::STRICT)
            .map(|(ssid, _)| (ssid.lev, ssid.auth))
            .map_err(|fault| fault.reason.code())
    };
    assert_eq!(ssid(b'5', b'Y'), Ok((5, true)));
    assert_eq!(ssid(b'9', b'Y'), Ok((9, true)));
    assert_eq!(ssid(b'6', b' '), Err(6));
    assert_eq!(ssid(b'4', b'Y'), Ok((4, false)), "reserved below 2.0");
    assert_eq!(ssid(b'3', b'?'), Ok((3, false)));
    assert_eq!(
        (ssid(b'0', b'N'), ssid(b'A', b'N'), ssid(b' ', b'N')),
        (Err(6), Err(6), Err(6))
    );
}

#[test]
fn esid_is_understood_in_both_forms_at_every_level() {
    for level in Level::ALL {
        for octets in [&b"F02\r"[..], b"F02\x8d", b"F02003abc\r"] {
            let decoded = decode(octets, level, Quirks::STRICT);
            assert!(matches!(
                decoded.map(|decoded| decoded.command),
                Ok(Command::Esid(Esid {
                    reas: EsidReason::PROTOCOL_VIOLATION,
                    ..
                }))
            ));
        }
    }
}

#[test]
fn what_a_level_cannot_hold_is_not_sent() {
    let refusal = |command: &Command<'_>, level| {
        let mut out = b"before".to_vec();
        let error = command.encode(level, &mut out).expect_err("cannot be sent");
        assert_eq!(out, b"before", "nothing half written");
        error.to_string()
    };
    let old = Level::V1_3;
    let sfpa = Command::Sfpa(Sfpa {
        acnt: 1_000_000_000,
    });
    assert_eq!(
        refusal(&sfpa, old),
        "SFPAACNT: 1000000000 needs more than the 9 digits of level 1.3"
    );
    let efid = Command::Efid(Efid {
        rcnt: 0,
        ucnt: 10u64.pow(17),
    });
    assert!(refusal(&efid, Level::V2_0).contains("EFIDUCNT"));
    assert_eq!(
        refusal(&Command::Secd(Secd), Level::V1_4),
        "SECD cannot be sent at level 1.4"
    );
    assert!(refusal(&Command::Aurp(Aurp { rsp: [0; 20] }), old).contains("AURP"));
    assert!(refusal(&Command::Data(&[0; 99_999]), old).contains("100000 octets"));
    let auch = Command::Auch(Auch {
        chal: vec![0; 65_536],
    });
    assert!(refusal(&auch, Level::V2_0).contains("65535"));

    let Ok((eerp, _)) = Eerp::decode(
        &sample(CommandCode::Eerp, Level::V2_0),
        Level::V2_0,
        Quirks::STRICT,
    ) else {
        panic!("the sample is good")
    };
    let signed = Command::Eerp(Eerp {
        sig: vec![1],
        ..eerp.clone()
    });
    assert_eq!(
        refusal(&signed, Level::V1_4),
        "a signed EERP cannot be sent at level 1.4"
    );
    let huge = Command::Eerp(Eerp {
        hsh: vec![0; 40_000],
        sig: vec![0; 60_000],
        ..eerp.clone()
    });
    assert!(refusal(&huge, Level::V2_0).contains("EERP of 100110 octets exceeds 99999"));
    let stamp = Stamp::Short {
        date: *b"97-9-1",
        time: *b"134501",
    };
    assert!(refusal(&Command::Eerp(Eerp { stamp, ..eerp }), Level::V1_4).contains("EERPDATE"));

    let Ok((nerp, _)) = Nerp::decode(
        &sample(CommandCode::Nerp, Level::V2_0),
        Level::V2_0,
        Quirks::STRICT,
    ) else {
        panic!("the sample is good")
    };
    assert_eq!(
        refusal(&Command::Nerp(nerp), old),
        "NERP cannot be sent at level 1.3"
    );

    let Ok((sfid, _)) = Sfid::decode(
        &sample(CommandCode::Sfid, Level::V2_0),
        Level::V2_0,
        Quirks::STRICT,
    ) else {
        panic!("the sample is good")
    };
    let with = |change: fn(&mut Sfid)| {
        let mut changed = sfid.clone();
        change(&mut changed);
        Command::Sfid(changed)
    };
    assert!(refusal(&with(|sfid| sfid.sec = Security::Signed), old).starts_with("a signed file"));
    assert!(refusal(&with(|sfid| sfid.comp = 1), old).starts_with("a compressed file"));
    assert!(refusal(&with(|sfid| sfid.sign = true), old).starts_with("a request"));
    assert!(refusal(&with(|sfid| sfid.fsiz = 10_000_000), old).contains("SFIDFSIZ"));
    assert!(refusal(&with(|sfid| sfid.lrecl = 80), Level::V2_0).contains("SFIDLRECL"));
    assert!(refusal(&with(|sfid| sfid.comp = 10), Level::V2_0).contains("SFIDCOMP"));
}

#[test]
fn stamps_are_written_as_the_level_carries_them() {
    let long = sample(CommandCode::Sfid, Level::V2_0);
    assert_eq!(&long[27..48], b"   200711301200000001");
    let short = sample(CommandCode::Sfid, Level::V1_3);
    assert_eq!(&short[27..48], b"         071130120000");
}

/// A stamp is digits at levels 1.4 and 2.0, and any octets below (threat model N11).
#[test]
fn a_date_is_digits_from_level_1_4_on() {
    for (level, offset, refused) in [
        (Level::V2_0, 30, true),
        (Level::V1_4, 30, true),
        (Level::V1_3, 36, false),
        (Level::V1_2, 36, false),
    ] {
        let octets = replaced(sample(CommandCode::Sfid, level), offset, b"20-7/.");
        match decode(&octets, level, Quirks::STRICT) {
            Err(fault) => assert_eq!((fault.reason.code(), refused), (6, true), "{level}"),
            Ok(decoded) => {
                assert!(!refused, "{level}");
                let Command::Sfid(sfid) = decoded.command else {
                    panic!("another command");
                };
                assert_eq!(sfid.stamp.date(), b"20-7/.", "{level}");
            }
        }
    }
}
