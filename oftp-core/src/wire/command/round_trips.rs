//! Every command round trip, and octets of all kinds.

use proptest::prelude::*;

use super::*;
use crate::wire::{
    Capability, EfnaReason, NerpReason, Password, RecordFormat, Security, SfnaReason, Stamp, Text,
    X, explain,
};

fn string<const N: usize>() -> impl Strategy<Value = X<N>> {
    prop::collection::vec(any::<u8>(), 0..=N).prop_map(|octets| X::from_octets(&octets))
}

fn text() -> impl Strategy<Value = Text> {
    prop::collection::vec(any::<u8>(), 0..=999).prop_map(|octets| Text::from_octets(&octets))
}

fn stamp(level: Level) -> impl Strategy<Value = Stamp> {
    ("[0-9]{8}", "[0-9]{10}")
        .prop_map(move |(date, time)| Stamp::new(&date, &time).expect("digits").for_level(level))
}

/// A number of at most as many digits as `level` has.
fn number(level: Level, old_digits: u32, new_digits: u32) -> impl Strategy<Value = u64> {
    let digits = if level.is_2_0() {
        new_digits
    } else {
        old_digits
    };
    0..10u64.pow(digits)
}

/// A value that exists at level 2.0 only.
fn at_2_0<T: Default + Clone + std::fmt::Debug + 'static>(
    level: Level,
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<T> {
    if level.is_2_0() {
        value.boxed()
    } else {
        Just(T::default()).boxed()
    }
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..600)
}

fn ssid(level: Level) -> impl Strategy<Value = Command<'static>> {
    let capabilities = [
        Capability::SenderOnly,
        Capability::ReceiverOnly,
        Capability::Both,
    ];
    let numbers = (
        128u32..=99_999,
        1u16..=999,
        prop::sample::select(capabilities.to_vec()),
    );
    let auth = at_2_0(level, any::<bool>());
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), auth);
    (string(), string(), string(), numbers, flags).prop_map(
        move |(code, pswd, user, (sdeb, cred, sr), (cmpr, rest, spec, auth))| {
            let (lev, pswd) = (level.digit(), Password::new(pswd));
            Command::Ssid(Ssid {
                lev,
                code,
                pswd,
                sdeb,
                sr,
                cmpr,
                rest,
                spec,
                cred,
                auth,
                user,
            })
        },
    )
}

fn sfid(level: Level) -> impl Strategy<Value = Command<'static>> {
    use RecordFormat::{F, T, U, V};
    use Security::{Encrypted, EncryptedAndSigned, None, Signed};
    let names = (string(), stamp(level), string(), string(), string());
    let format = (prop::sample::select(vec![F, V, U, T]), 0u32..=99_999);
    let numbers = (
        number(level, 7, 13),
        number(level, 9, 17),
        at_2_0(level, number(level, 0, 13)),
    );
    let all = vec![None, Encrypted, Signed, EncryptedAndSigned];
    let security = at_2_0(level, prop::sample::select(all));
    let codes = at_2_0(level, (0u8..=99, 0u8..=9, 0u8..=9, any::<bool>()));
    (
        names,
        format,
        numbers,
        security,
        codes,
        at_2_0(level, text()),
    )
        .prop_map(
            |(names, (fmt, lrecl), (fsiz, rest, osiz), sec, (ciph, comp, env, sign), desc)| {
                let (dsn, stamp, user, dest, orig) = names;
                let lrecl = if fmt.has_records() { lrecl } else { 0 };
                Command::Sfid(Sfid {
                    dsn,
                    stamp,
                    user,
                    dest,
                    orig,
                    fmt,
                    lrecl,
                    fsiz,
                    osiz,
                    rest,
                    sec,
                    ciph,
                    comp,
                    env,
                    sign,
                    desc,
                })
            },
        )
}

fn eerp(level: Level) -> impl Strategy<Value = Command<'static>> {
    let signature = at_2_0(level, (octets(), octets()));
    (
        string(),
        stamp(level),
        string(),
        string(),
        string(),
        signature,
    )
        .prop_map(|(dsn, stamp, user, dest, orig, (hsh, sig))| {
            Command::Eerp(Eerp {
                dsn,
                stamp,
                user,
                dest,
                orig,
                hsh,
                sig,
            })
        })
}

fn nerp(level: Level) -> impl Strategy<Value = Command<'static>> {
    let names = (string(), stamp(level), string(), string(), string());
    let reason = (0u8..=99, at_2_0(level, text()));
    (names, reason, at_2_0(level, (octets(), octets()))).prop_map(
        |((dsn, stamp, dest, orig, crea), (reas, reast), (hsh, sig))| {
            let reas = NerpReason::new(reas);
            Command::Nerp(Nerp {
                dsn,
                stamp,
                dest,
                orig,
                crea,
                reas,
                reast,
                hsh,
                sig,
            })
        },
    )
}

/// A command of a level with the contents that the level can hold.
fn command(code: CommandCode, level: Level) -> BoxedStrategy<Command<'static>> {
    let reason = (0u8..=99, at_2_0(level, text()));
    match code {
        CommandCode::Ssrm => Just(Command::Ssrm(Ssrm)).boxed(),
        CommandCode::Ssid => ssid(level).boxed(),
        CommandCode::Sfid => sfid(level).boxed(),
        CommandCode::Sfpa => number(level, 9, 17)
            .prop_map(|acnt| Command::Sfpa(Sfpa { acnt }))
            .boxed(),
        CommandCode::Sfna => (reason, any::<bool>())
            .prop_map(|((reas, reast), rrtr)| {
                Command::Sfna(Sfna {
                    reas: SfnaReason::new(reas),
                    rrtr,
                    reast,
                })
            })
            .boxed(),
        CommandCode::Data => Just(Command::Data(b"\x83abc")).boxed(),
        CommandCode::Cdt => Just(Command::Cdt(Cdt)).boxed(),
        CommandCode::Efid => (number(level, 9, 17), number(level, 12, 17))
            .prop_map(|(rcnt, ucnt)| Command::Efid(Efid { rcnt, ucnt }))
            .boxed(),
        CommandCode::Efpa => any::<bool>()
            .prop_map(|cd| Command::Efpa(Efpa { cd }))
            .boxed(),
        CommandCode::Efna => reason
            .prop_map(|(reas, reast)| {
                Command::Efna(Efna {
                    reas: EfnaReason::new(reas),
                    reast,
                })
            })
            .boxed(),
        CommandCode::Esid => reason
            .prop_map(|(reas, reast)| {
                Command::Esid(Esid {
                    reas: EsidReason::new(reas),
                    reast,
                })
            })
            .boxed(),
        CommandCode::Cd => Just(Command::Cd(Cd)).boxed(),
        CommandCode::Eerp => eerp(level).boxed(),
        CommandCode::Nerp => nerp(level).boxed(),
        CommandCode::Rtr => Just(Command::Rtr(Rtr)).boxed(),
        CommandCode::Secd => Just(Command::Secd(Secd)).boxed(),
        CommandCode::Auch => octets()
            .prop_map(|chal| Command::Auch(Auch { chal }))
            .boxed(),
        CommandCode::Aurp => any::<[u8; 20]>()
            .prop_map(|rsp| Command::Aurp(Aurp { rsp }))
            .boxed(),
    }
}

fn any_level() -> impl Strategy<Value = Level> {
    prop::sample::select(Level::ALL.to_vec())
}

fn any_command() -> impl Strategy<Value = (Level, Command<'static>)> {
    any_level().prop_flat_map(|level| {
        let codes: Vec<_> = CommandCode::all()
            .filter(|code| code.exists_at(level))
            .collect();
        let command = prop::sample::select(codes).prop_flat_map(move |code| command(code, level));
        (Just(level), command)
    })
}

pub(super) fn encoded(command: &Command<'_>, level: Level) -> Vec<u8> {
    let mut out = Vec::new();
    command
        .encode(level, &mut out)
        .expect("a value that the level can hold");
    out
}

/// Octets that are almost a command: changed, cut or lengthened.
fn damaged() -> impl Strategy<Value = (Level, Vec<u8>)> {
    let damage = (
        any::<prop::sample::Index>(),
        any::<u8>(),
        0usize..4,
        0usize..300,
    );
    (any_command(), damage).prop_map(|((level, command), (index, octet, kind, count))| {
        let mut octets = encoded(&command, level);
        match kind {
            0 => *index.get_mut(&mut octets) = octet,
            1 => octets.truncate(octets.len().saturating_sub(count % 8)),
            2 => octets.extend(vec![octet; count]),
            _ => *index.get_mut(&mut octets) = b' ',
        }
        (level, octets)
    })
}

/// Some octets of a command code and noise, or almost a command.
fn anything() -> impl Strategy<Value = (Level, Vec<u8>)> {
    let codes: Vec<_> = CommandCode::all().map(CommandCode::octet).collect();
    let noise = (prop::sample::select(codes), octets())
        .prop_map(|(code, noise)| [&[code][..], &noise].concat());
    prop_oneof![3 => damaged(), 1 => (any_level(), noise), 1 => (any_level(), octets())]
}

/// What is read the same whatever it holds: reserved fields as spaces, the end as 0D.
fn canonical(octets: &[u8], level: Level) -> Vec<u8> {
    let mut canonical = octets.to_vec();
    let explained = explain(octets, level);
    let layout = explained
        .command
        .and_then(|code| code.layout(explained.level));
    for field in &explained.fields {
        let row = layout
            .and_then(|layout| layout.field(field.name))
            .expect("a row");
        let range = field.offset..field.offset + field.octets.len();
        if row.is_reserved() {
            canonical[range].fill(b' ');
        } else if row.is_carriage_return() {
            canonical[range].fill(b'\r');
        }
    }
    canonical
}

pub(super) const EVERYTHING: Quirks = Quirks::TOLERANT.union(Quirks::DIGIT_LENGTHS);

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read((level, command) in any_command()) {
        let octets = encoded(&command, level);
        let limit = command.code().max_octets(level);
        prop_assert!(octets.len() <= limit);
        let decoded = decode(&octets, level, Quirks::STRICT);
        prop_assert_eq!(decoded, Ok(Decoded { command: command.clone(), used: Quirks::STRICT }));
        let tolerant = decode(&octets, level, EVERYTHING);
        prop_assert_eq!(tolerant, Ok(Decoded { command, used: Quirks::STRICT }));
    }

    #[test]
    fn anything_can_be_read_and_only_one_way((level, octets) in anything()) {
        let strict = decode(&octets, level, Quirks::STRICT);
        let tolerant = decode(&octets, level, EVERYTHING);
        match (&strict, &tolerant) {
            (Ok(command), _) => {
                prop_assert_eq!(&strict, &tolerant);
                let again = encoded(&command.command, level_of(command, &octets, level));
                prop_assert_eq!(again, canonical(&octets, level));
            }
            (Err(fault), Ok(tolerated)) => {
                prop_assert!(!fault.quirk.is_empty(), "{} names no quirk", fault);
                prop_assert!(tolerated.used.contains(fault.quirk), "{}", fault);
                let named = decode(&octets, level, tolerated.used);
                prop_assert_eq!(&named, &tolerant);
            }
            (Err(fault), Err(_)) => prop_assert!(matches!(fault.reason.code(), 1 | 6 | 7)),
        }
    }

    #[test]
    fn anything_can_be_explained((level, octets) in anything()) {
        let explained = explain(&octets, level);
        let fields = explained.fields.iter().flat_map(|field| field.octets);
        let all: Vec<u8> = fields.chain(explained.rest).copied().collect();
        prop_assert_eq!(all, octets);
    }
}

/// The level whose layout was used: ESID shows it itself.
fn level_of(decoded: &Decoded<'_>, octets: &[u8], level: Level) -> Level {
    match decoded.command {
        Command::Esid(_) => esid::layout_level(octets),
        _ => level,
    }
}
