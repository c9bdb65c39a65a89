//! Runs the vectors of `spec/vectors.toml` that commands and framing alone can answer.

use std::collections::BTreeMap;

use oftp_core::wire::{
    Auch, Aurp, Capability, Cd, Cdt, Command, CommandCode, Decoded, Eerp, Efid, Efna, EfnaReason,
    Efpa, Esid, EsidReason, Level, Limits, Nerp, NerpReason, Password, Quirks, RecordFormat, Rtr,
    Secd, Security, Sfid, Sfna, SfnaReason, Sfpa, Ssid, Ssrm, Stamp, StreamBuffer, Text, X, decode,
    explain, sth,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    command_vector: Vec<CommandVector>,
    tbs_vector: Vec<SignedVector>,
    sth_vector: Vec<HeaderVector>,
    sth_stream: Vec<StreamVector>,
    negative_vector: Vec<NegativeVector>,
}

#[derive(Deserialize)]
struct CommandVector {
    id: String,
    command: String,
    levels: Vec<String>,
    octets: usize,
    hex: String,
    fields: Fields,
    #[serde(default)]
    receive_only: bool,
}

#[derive(Deserialize)]
struct SignedVector {
    id: String,
    octets: usize,
    hex: String,
    note: String,
}

#[derive(Deserialize)]
struct HeaderVector {
    id: String,
    oeb_octets: usize,
    sth: String,
    stb: Option<String>,
}

#[derive(Deserialize)]
struct StreamVector {
    id: String,
    chunks: Vec<String>,
    exchange_buffers: Vec<String>,
    #[serde(default)]
    receive_only: bool,
}

#[derive(Deserialize)]
struct NegativeVector {
    id: String,
    level: String,
    hex: Option<String>,
    stb: Option<String>,
    #[serde(default)]
    context: BTreeMap<String, toml::Value>,
    expect: BTreeMap<String, toml::Value>,
}

fn vectors() -> Vectors {
    toml::from_str(include_str!("spec/vectors.toml")).expect("vectors.toml can be read")
}

fn octets(hex: &str) -> Vec<u8> {
    let pairs = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal"))
        .collect()
}

fn level(name: &str) -> Level {
    let found = Level::ALL
        .into_iter()
        .find(|level| level.to_string() == name);
    found.unwrap_or_else(|| panic!("no level {name}"))
}

/// The fields of a vector, read without any help of the code under test.
#[derive(Deserialize)]
#[serde(transparent)]
struct Fields(BTreeMap<String, toml::Value>);

impl Fields {
    fn text(&self, name: &str) -> &str {
        self.0
            .get(name)
            .map_or("", |value| value.as_str().expect(name))
    }

    fn string<const N: usize>(&self, name: &str) -> X<N> {
        X::from_octets(self.text(name).as_bytes())
    }

    fn number<T: TryFrom<u64>>(&self, name: &str) -> T {
        let digits = self
            .0
            .get(name)
            .map_or("0", |value| value.as_str().expect(name));
        let number = digits.parse::<u64>().expect(name);
        T::try_from(number).unwrap_or_else(|_| panic!("{name}: {number}"))
    }

    fn flag(&self, name: &str) -> bool {
        self.text(name) == "Y"
    }

    fn binary(&self, name: &str) -> Vec<u8> {
        octets(self.text(name))
    }

    fn stamp(&self, date: &str, time: &str) -> Stamp {
        let (date, time) = (self.text(date).as_bytes(), self.text(time).as_bytes());
        match date.len() {
            6 => Stamp::Short {
                date: fixed(date),
                time: fixed(time),
            },
            _ => Stamp::Long {
                date: fixed(date),
                time: fixed(time),
            },
        }
    }

    fn command<'a>(&self, name: &str, payload: &'a [u8]) -> Command<'a> {
        match name {
            "SSRM" => Command::Ssrm(Ssrm),
            "SSID" => Command::Ssid(self.ssid()),
            "SFID" => Command::Sfid(self.sfid()),
            "SFPA" => Command::Sfpa(Sfpa {
                acnt: self.number("SFPAACNT"),
            }),
            "SFNA" => Command::Sfna(Sfna {
                reas: SfnaReason::new(self.number("SFNAREAS")),
                rrtr: self.flag("SFNARRTR"),
                reast: Text::new(self.text("SFNAREAST")),
            }),
            "DATA" => Command::Data(payload),
            "CDT" => Command::Cdt(Cdt),
            "EFID" => Command::Efid(Efid {
                rcnt: self.number("EFIDRCNT"),
                ucnt: self.number("EFIDUCNT"),
            }),
            "EFPA" => Command::Efpa(Efpa {
                cd: self.flag("EFPACD"),
            }),
            "EFNA" => Command::Efna(Efna {
                reas: EfnaReason::new(self.number("EFNAREAS")),
                reast: Text::new(self.text("EFNAREAST")),
            }),
            "ESID" => Command::Esid(Esid {
                reas: EsidReason::new(self.number("ESIDREAS")),
                reast: Text::new(self.text("ESIDREAST")),
            }),
            "CD" => Command::Cd(Cd),
            "EERP" => Command::Eerp(self.eerp()),
            "NERP" => Command::Nerp(self.nerp()),
            "RTR" => Command::Rtr(Rtr),
            "SECD" => Command::Secd(Secd),
            "AUCH" => Command::Auch(Auch {
                chal: self.binary("AUCHCHAL"),
            }),
            "AURP" => Command::Aurp(Aurp {
                rsp: fixed(&self.binary("AURPRSP")),
            }),
            other => panic!("no command {other}"),
        }
    }

    fn ssid(&self) -> Ssid {
        Ssid {
            lev: self.number("SSIDLEV"),
            code: self.string("SSIDCODE"),
            pswd: Password::new(self.string("SSIDPSWD")),
            sdeb: self.number("SSIDSDEB"),
            sr: match self.text("SSIDSR") {
                "S" => Capability::SenderOnly,
                "R" => Capability::ReceiverOnly,
                _ => Capability::Both,
            },
            cmpr: self.flag("SSIDCMPR"),
            rest: self.flag("SSIDREST"),
            spec: self.flag("SSIDSPEC"),
            cred: self.number("SSIDCRED"),
            auth: self.flag("SSIDAUTH"),
            user: self.string("SSIDUSER"),
        }
    }

    fn sfid(&self) -> Sfid {
        Sfid {
            dsn: self.string("SFIDDSN"),
            stamp: self.stamp("SFIDDATE", "SFIDTIME"),
            user: self.string("SFIDUSER"),
            dest: self.string("SFIDDEST"),
            orig: self.string("SFIDORIG"),
            fmt: match self.text("SFIDFMT") {
                "F" => RecordFormat::F,
                "V" => RecordFormat::V,
                "T" => RecordFormat::T,
                _ => RecordFormat::U,
            },
            lrecl: self.number("SFIDLRECL"),
            fsiz: self.number("SFIDFSIZ"),
            osiz: self.number("SFIDOSIZ"),
            rest: self.number("SFIDREST"),
            sec: match self.text("SFIDSEC") {
                "01" => Security::Encrypted,
                "02" => Security::Signed,
                "03" => Security::EncryptedAndSigned,
                _ => Security::None,
            },
            ciph: self.number("SFIDCIPH"),
            comp: self.number("SFIDCOMP"),
            env: self.number("SFIDENV"),
            sign: self.flag("SFIDSIGN"),
            desc: Text::new(self.text("SFIDDESC")),
        }
    }

    fn eerp(&self) -> Eerp {
        Eerp {
            dsn: self.string("EERPDSN"),
            stamp: self.stamp("EERPDATE", "EERPTIME"),
            user: self.string("EERPUSER"),
            dest: self.string("EERPDEST"),
            orig: self.string("EERPORIG"),
            hsh: self.binary("EERPHSH"),
            sig: self.binary("EERPSIG"),
        }
    }

    fn nerp(&self) -> Nerp {
        Nerp {
            dsn: self.string("NERPDSN"),
            stamp: self.stamp("NERPDATE", "NERPTIME"),
            dest: self.string("NERPDEST"),
            orig: self.string("NERPORIG"),
            crea: self.string("NERPCREA"),
            reas: NerpReason::new(self.number("NERPREAS")),
            reast: Text::new(self.text("NERPREAST")),
            hsh: self.binary("NERPHSH"),
            sig: self.binary("NERPSIG"),
        }
    }
}

fn fixed<const N: usize>(octets: &[u8]) -> [u8; N] {
    octets
        .try_into()
        .unwrap_or_else(|_| panic!("{octets:?} has not {N} octets"))
}

#[test]
fn every_command_vector_is_read_and_written() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for vector in vectors().command_vector {
        let wire = octets(&vector.hex);
        assert_eq!(wire.len(), vector.octets, "{}", vector.id);
        let payload = vector.fields.binary_or_empty("DATABUF");
        let expected = vector.fields.command(&vector.command, &payload);
        for level in vector.levels.iter().map(|name| level(name)) {
            let decoded = decode(&wire, level, Quirks::STRICT);
            let wanted = Decoded {
                command: expected.clone(),
                used: Quirks::STRICT,
            };
            assert_eq!(decoded, Ok(wanted), "{} at {level}", vector.id);
            assert_eq!(explain(&wire, level).fault, None, "{}", vector.id);

            if vector.receive_only {
                continue;
            }
            let mut written = Vec::new();
            expected.encode(level, &mut written).expect(&vector.id);
            let mut sent = wire.clone();
            // 8D is only ever received.
            if let Some(end) = sent.last_mut().filter(|_| vector.ends_with_8d()) {
                *end = 0x0D;
            }
            assert_eq!(written, sent, "{} at {level}", vector.id);
        }
        *seen.entry(vector.command).or_default() += 1;
    }
    let missing: Vec<_> = CommandCode::all()
        .filter(|code| !seen.contains_key(code.name()))
        .collect();
    assert_eq!(missing, [], "commands without a vector");
}

impl Fields {
    fn binary_or_empty(&self, name: &str) -> Vec<u8> {
        if self.0.contains_key(name) {
            self.binary(name)
        } else {
            Vec::new()
        }
    }
}

impl CommandVector {
    fn ends_with_8d(&self) -> bool {
        self.fields.text(&format!("{}CR", self.command)) == "8d"
    }
}

#[test]
fn signatures_cover_the_octets_of_the_vectors() {
    let vectors = vectors();
    let mut compared = 0;
    for signed in &vectors.tbs_vector {
        // The note names the command vector, except for the one that has no hash.
        let name = match signed.id.as_str() {
            "TBS-NERP-2" => "NERP-1.4-1",
            _ => signed
                .note
                .split([' ', ':'])
                .nth(2)
                .expect("fields of NAME"),
        };
        let vector = vectors
            .command_vector
            .iter()
            .find(|vector| vector.id == name)
            .expect(name);
        let covered = match vector.command.as_str() {
            "EERP" => vector.fields.eerp().signed_octets(),
            _ => vector.fields.nerp().signed_octets(),
        };
        assert_eq!(covered.len(), signed.octets, "{}", signed.id);
        assert_eq!(covered, octets(&signed.hex), "{}", signed.id);
        compared += 1;
    }
    assert_eq!(compared, 3);
}

#[test]
fn every_header_is_written_and_read() {
    for vector in vectors().sth_vector {
        let header: [u8; 4] = fixed(&octets(&vector.sth));
        assert_eq!(sth::header(vector.oeb_octets), header, "{}", vector.id);
        assert_eq!(
            sth::exchange_buffer_octets(header),
            Ok(vector.oeb_octets),
            "{}",
            vector.id
        );
        let whole = vector.stb.map(|hex| octets(&hex));
        assert!(
            whole.is_none_or(|stb| stb.len() == vector.oeb_octets + 4),
            "{}",
            vector.id
        );
    }
}

const LIMITS: Limits = Limits::agreed(Level::V2_0, 99_999, Quirks::STRICT);

/// The Exchange Buffers that come out of chunks as a transport delivers them.
fn received<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
    let mut buffer = StreamBuffer::new();
    let mut found = Vec::new();
    for chunk in chunks {
        buffer.push(chunk);
        while let Some(range) = buffer.next(&LIMITS).expect("a good stream") {
            found.push(buffer.octets(range).to_vec());
        }
    }
    found
}

#[test]
fn every_stream_gives_its_exchange_buffers() {
    for vector in vectors().sth_stream {
        let chunks: Vec<_> = vector.chunks.iter().map(|hex| octets(hex)).collect();
        let expected: Vec<_> = vector
            .exchange_buffers
            .iter()
            .map(|hex| octets(hex))
            .collect();
        let stream = chunks.concat();
        assert_eq!(
            received(chunks.iter().map(Vec::as_slice)),
            expected,
            "{}",
            vector.id
        );
        assert_eq!(
            received(stream.chunks(1)),
            expected,
            "{} by octets",
            vector.id
        );
        assert_eq!(
            received(stream.chunks(stream.len())),
            expected,
            "{} whole",
            vector.id
        );
        if !vector.receive_only {
            let framed = expected
                .iter()
                .map(|octets| [&sth::header(octets.len()), &octets[..]].concat());
            assert_eq!(
                framed.collect::<Vec<_>>().concat(),
                stream,
                "{} written",
                vector.id
            );
        }
    }
}

#[test]
fn a_whole_buffer_of_every_header_vector_is_found() {
    for vector in vectors().sth_vector {
        let Some(stb) = vector.stb.map(|hex| octets(&hex)) else {
            continue;
        };
        assert_eq!(
            received(stb.chunks(3)),
            [stb[4..].to_vec()],
            "{}",
            vector.id
        );
    }
}

/// The reason that commands and framing give for the octets of a vector, if any.
fn refusal(vector: &NegativeVector) -> Option<u8> {
    let level = level(&vector.level);
    let data_octets = vector
        .context
        .get("max_buffer")
        .and_then(toml::Value::as_integer);
    let data_octets = data_octets.map_or(99_999, |octets| usize::try_from(octets).expect("size"));
    let limits = Limits::agreed(level, data_octets, Quirks::STRICT);
    let stream = match (&vector.stb, &vector.hex) {
        (Some(stb), _) => octets(stb),
        (None, Some(hex)) => [&sth::header(hex.len() / 2)[..], &octets(hex)].concat(),
        (None, None) => return None,
    };
    let mut whole = StreamBuffer::new();
    whole.push(&stream);
    let answer = first_refusal(&mut whole, &limits, level);

    let mut single = StreamBuffer::new();
    let by_octets = stream.chunks(1).find_map(|octet| {
        single.push(octet);
        first_refusal(&mut single, &limits, level)
    });
    assert_eq!(
        answer, by_octets,
        "{}: segmentation changes the answer",
        vector.id
    );
    answer
}

fn first_refusal(buffer: &mut StreamBuffer, limits: &Limits, level: Level) -> Option<u8> {
    loop {
        let range = match buffer.next(limits) {
            Ok(range) => range?,
            Err(fault) => return Some(fault.reason.code()),
        };
        if let Err(fault) = decode(buffer.octets(range), level, Quirks::STRICT) {
            return Some(fault.reason.code());
        }
    }
}

/// Vectors whose fault lies in the subrecords of DATA, which are the matter of chapter 7.
const SUBRECORDS: [&str; 3] = ["NEG-06-6", "NEG-07-12", "NEG-07-13"];

/// Before the level is agreed only the command code counts, so that the state refuses this one (02)
/// although its length fits no level (ST-15).
const MISPLACED_BEFORE_THE_LEVEL: &str = "NEG-02-0";

#[test]
fn a_command_before_its_level_is_only_known_by_its_code() {
    let vectors = vectors().negative_vector;
    let vector = vectors
        .iter()
        .find(|vector| vector.id == MISPLACED_BEFORE_THE_LEVEL);
    let exchange_buffer = octets(
        vector
            .and_then(|vector| vector.hex.as_deref())
            .expect("hex"),
    );
    assert_eq!(
        CommandCode::of(&exchange_buffer, None),
        Ok(CommandCode::Sfpa)
    );
    let mut buffer = StreamBuffer::new();
    buffer.push(&sth::header(exchange_buffer.len()));
    buffer.push(&exchange_buffer);
    assert_eq!(
        buffer.next(&Limits::before_ssid()),
        Ok(Some(4..4 + exchange_buffer.len() as u64))
    );
}

#[test]
fn every_malformed_buffer_gets_its_reason() {
    let mut checked = 0;
    for vector in vectors().negative_vector {
        let expected = vector.expect.get("esid").and_then(toml::Value::as_str);
        let expected = expected.and_then(|reason| reason.parse::<u8>().ok());
        let Some(expected @ (1 | 6 | 7)) = expected else {
            // Buffers that a state or a policy refuses are well formed.
            let wanted = (vector.id == MISPLACED_BEFORE_THE_LEVEL).then_some(7);
            assert_eq!(refusal(&vector), wanted, "{}", vector.id);
            continue;
        };
        if SUBRECORDS.contains(&vector.id.as_str()) {
            assert_eq!(refusal(&vector), None, "{}", vector.id);
            continue;
        }
        assert_eq!(refusal(&vector), Some(expected), "{}", vector.id);
        checked += 1;
    }
    assert!(checked >= 45, "only {checked} vectors were checked");
}
