//! The byte-exact vectors of RFC 5024 chapters 1.5 and 7 and Appendix A (RFC 2204 Appendix A
//! too): mapping, large buffers, text files, restart positions.

use std::path::Path;

use oftp_core::virtual_file::{
    Chunk, DataBuffer, DataCursor, Encoder, RecordState, RestartPosition, Structure, TextChecker,
};
use oftp_core::wire::{Quirks, RecordFormat};
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Vectors {
    mapping_vector: Vec<Mapping>,
    large_vector: Vec<Large>,
    text_vector: Vec<Text>,
    restart_vector: Vec<Restart>,
}

#[derive(Deserialize)]
struct Mapping {
    id: String,
    fmt: String,
    max_buffer: usize,
    compression: bool,
    policy: String,
    policy_matches: Option<String>,
    #[serde(default)]
    receive_only: bool,
    #[serde(default)]
    lrecl: u32,
    records_hex: Option<Vec<String>>,
    stream_hex: Option<String>,
    rc: u64,
    uc: u64,
    buffers_hex: Vec<String>,
}

#[derive(Deserialize)]
struct Large {
    id: String,
    fmt: String,
    max_buffer: usize,
    octets: usize,
    parts: Vec<(usize, String)>,
    sha256: String,
    file_sha256: Option<String>,
    rc: u64,
    uc: u64,
    #[serde(default)]
    compression: bool,
    continues: Option<String>,
    continued_in: Option<String>,
}

#[derive(Deserialize)]
struct Text {
    id: String,
    parts: Vec<(usize, String)>,
    valid: bool,
}

#[derive(Deserialize)]
struct Restart {
    id: String,
    fmt: String,
    treated_as: String,
    #[serde(default)]
    lrecl: u32,
    #[serde(default)]
    secured: bool,
    #[serde(default)]
    held_octets: u64,
    #[serde(default)]
    held_records: u64,
    offered: u64,
    answer: Option<u64>,
    resume_octet: Option<u64>,
    resume_record: Option<u64>,
    offset_octets: Option<String>,
    fits_u64: Option<bool>,
    file_octets: Option<u64>,
    sent_octets: Option<u64>,
    file_records: Option<u64>,
    sent_records: Option<u64>,
    efid_rc: Option<u64>,
    efid_uc: Option<u64>,
}

fn vectors() -> Vectors {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/vectors.toml");
    let text = std::fs::read_to_string(path).expect("the vectors are in the repository");
    toml::from_str(&text).expect("the vectors have this shape")
}

fn hex(text: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| std::str::from_utf8(pair).expect("ASCII").to_owned();
    let octet = |pair: &[u8]| u8::from_str_radix(&digits(pair), 16).expect("hex digits");
    text.as_bytes().chunks(2).map(octet).collect()
}

fn joined(parts: &[(usize, String)]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|(times, part)| hex(part).repeat(*times))
        .collect()
}

fn sha256(octets: &[u8]) -> String {
    Sha256::digest(octets)
        .iter()
        .map(|octet| format!("{octet:02x}"))
        .collect()
}

fn format(letter: &str) -> RecordFormat {
    match letter {
        "F" => RecordFormat::F,
        "V" => RecordFormat::V,
        "U" => RecordFormat::U,
        "T" => RecordFormat::T,
        other => panic!("{other} is no record format"),
    }
}

impl Mapping {
    fn structure(&self) -> Structure {
        Structure::new(format(&self.fmt), self.lrecl, false)
    }

    /// The records; a U or T file is one.
    fn records(&self) -> Vec<Vec<u8>> {
        match (&self.records_hex, &self.stream_hex) {
            (Some(records), None) => records.iter().map(|record| hex(record)).collect(),
            (None, Some(stream)) => vec![hex(stream)],
            _ => panic!("{} has records or a stream", self.id),
        }
    }

    fn buffers(&self) -> Vec<Vec<u8>> {
        self.buffers_hex.iter().map(|buffer| hex(buffer)).collect()
    }

    fn is_filled(&self) -> bool {
        self.policy == "fill" || self.policy_matches.as_deref() == Some("fill")
    }

    fn decode(&self, buffers: &[Vec<u8>], out_octets: usize) {
        let structure = self.structure();
        let mut state = RecordState::new(structure, RestartPosition::START);
        let mut records = Vec::new();
        let mut open = Vec::new();
        let mut out = vec![0; out_octets];
        for buffer in buffers {
            assert!(buffer.len() <= self.max_buffer, "{}", self.id);
            let (command, payload) = buffer.split_first().expect("a command octet");
            assert_eq!(*command, b'D', "{}", self.id);
            let checked = DataBuffer::check(payload, self.compression, &mut state);
            checked.unwrap_or_else(|error| panic!("{}: {error}", self.id));
            let mut cursor = DataCursor::new();
            while !cursor.is_at_end(payload) {
                let Chunk {
                    octets,
                    end_of_record,
                } = cursor.read(payload, &mut out);
                open.extend_from_slice(&out[..octets]);
                if end_of_record {
                    records.push(std::mem::take(&mut open));
                }
            }
        }
        assert!(open.is_empty(), "{}: the last record ends", self.id);
        if structure.has_records() {
            assert_eq!(records, self.records(), "{}", self.id);
        } else {
            assert_eq!(records.concat(), self.records().concat(), "{}", self.id);
        }
        assert_eq!(
            (state.records(), state.octets()),
            (self.rc, self.uc),
            "{}",
            self.id
        );
        assert_eq!(
            state.verdict(self.rc, self.uc, Quirks::STRICT),
            Ok(Quirks::STRICT)
        );
    }
}

/// Encodes `records` in writes of at most `write_octets`.
fn encode(
    records: &[Vec<u8>],
    limit: usize,
    compression: bool,
    write_octets: usize,
) -> Vec<Vec<u8>> {
    let mut buffers = Vec::new();
    let mut buffer = Vec::new();
    let mut fill = Encoder::new(&mut buffer, limit, compression).pause();
    for record in records {
        let mut rest = &record[..];
        loop {
            let piece = &rest[..rest.len().min(write_octets)];
            let last = piece.len() == rest.len();
            let mut encoder = Encoder::resume(&mut buffer, fill);
            let written = encoder.write(piece, last);
            fill = encoder.pause();
            rest = &rest[written.octets..];
            if written.ended {
                break;
            }
            if written.octets < piece.len() || last {
                buffers.push(std::mem::take(&mut buffer));
                fill = Encoder::new(&mut buffer, limit, compression).pause();
            }
        }
    }
    if buffer.len() > 1 {
        buffers.push(buffer);
    }
    buffers
}

#[test]
fn every_mapping_vector_is_decoded() {
    for vector in vectors().mapping_vector {
        for out_octets in [1, 7, 64, 4096] {
            vector.decode(&vector.buffers(), out_octets);
        }
    }
}

#[test]
fn every_mapping_vector_is_encoded_and_filled_ones_octet_by_octet() {
    let mut filled = 0;
    for vector in vectors().mapping_vector {
        for write_octets in [1, 10, 63, 64, usize::MAX] {
            let records = vector.records();
            let buffers = encode(
                &records,
                vector.max_buffer,
                vector.compression,
                write_octets,
            );
            vector.decode(&buffers, 100);
            if vector.is_filled() && !vector.receive_only {
                assert_eq!(buffers, vector.buffers(), "{}", vector.id);
                filled += 1;
            } else {
                let length = |buffers: &[Vec<u8>]| buffers.iter().map(Vec::len).sum::<usize>();
                let theirs = length(&vector.buffers());
                let whole = write_octets == usize::MAX && !vector.receive_only;
                // A subrecord split at the end of a buffer costs a header; a lone run of two is
                // left plain, 3 octets instead of 2.
                let splits = buffers.len().saturating_sub(1);
                let most = theirs + splits + usize::from(vector.id == "CMP-2a");
                assert!(
                    !whole || length(&buffers) <= most,
                    "{} is shorter",
                    vector.id
                );
            }
        }
    }
    assert!(filled > 0);
}

#[test]
fn every_large_vector_is_decoded_and_encoded() {
    let all = vectors().large_vector;
    for vector in &all {
        let buffer = joined(&vector.parts);
        assert_eq!(buffer.len(), vector.octets, "{}", vector.id);
        assert_eq!(sha256(&buffer), vector.sha256, "{}", vector.id);

        let structure = Structure::new(format(&vector.fmt), 99_999, false);
        let mut state = RecordState::new(structure, RestartPosition::START);
        let payload = &buffer[1..];
        let checked = DataBuffer::check(payload, vector.compression, &mut state).expect("good");
        assert_eq!(
            (state.records(), checked.octets()),
            (vector.rc, vector.uc),
            "{}",
            vector.id
        );

        let mut file = vec![0; vector.uc as usize];
        let mut cursor = DataCursor::new();
        assert_eq!(
            cursor.read_stream(payload, &mut file) as u64,
            vector.uc,
            "{}",
            vector.id
        );
        assert!(cursor.is_at_end(payload), "{}", vector.id);
        if let Some(expected) = &vector.file_sha256 {
            assert_eq!(&sha256(&file), expected, "{}", vector.id);
        }

        if vector.continues.is_some() {
            continue;
        }
        let next = all
            .iter()
            .find(|next| vector.continued_in.as_ref() == Some(&next.id));
        file.resize(
            file.len() + next.map_or(0, |next| next.uc as usize),
            file[0],
        );
        let buffers = encode(&[file], vector.max_buffer, vector.compression, usize::MAX);
        let hashes: Vec<_> = buffers.iter().map(|buffer| sha256(buffer)).collect();
        let expected: Vec<_> = [Some(vector), next].into_iter().flatten().collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|vector| vector.sha256.clone())
            .collect();
        assert_eq!(hashes, expected, "{}", vector.id);
    }
}

#[test]
fn every_text_vector_is_judged() {
    for vector in vectors().text_vector {
        let file = joined(&vector.parts);
        for piece in [1, 2, 1000, usize::MAX] {
            let mut checker = TextChecker::new();
            let checked = file
                .chunks(piece)
                .try_for_each(|piece| checker.check(piece));
            let valid = checked.and_then(|()| checker.finish()).is_ok();
            assert_eq!(valid, vector.valid, "{} in pieces of {piece}", vector.id);
        }
    }
}

#[test]
fn every_restart_vector_is_answered() {
    for vector in vectors().restart_vector {
        let structure = Structure::new(format(&vector.fmt), vector.lrecl, vector.secured);
        let records = format(&vector.treated_as).has_records();
        assert_eq!(structure.has_records(), records, "{}", vector.id);

        if let Some(offset) = &vector.offset_octets {
            let position = RestartPosition::new(structure, vector.offered, 0);
            let octets = position.map(|position| position.octets().to_string());
            assert_eq!(
                octets.is_ok(),
                vector.fits_u64 == Some(true),
                "{}",
                vector.id
            );
            assert_eq!(octets.as_ref(), Ok(offset), "{}", vector.id);
        }
        let held = RestartPosition::held(structure, vector.held_octets, vector.held_records);
        let Some(answer) = vector.answer else {
            continue;
        };
        assert_eq!(
            RestartPosition::answer(vector.offered, held),
            answer,
            "{}",
            vector.id
        );
        let position = RestartPosition::new(structure, answer, held.octets()).expect("fits");
        if let Some(octet) = vector.resume_octet {
            assert_eq!(position.octets(), octet, "{}", vector.id);
        }
        if let Some(record) = vector.resume_record {
            assert_eq!(position.count() + 1, record, "{}", vector.id);
        }
        vector.check_efid(structure, position);
    }
}

impl Restart {
    /// EFID counts the whole file although only the rest was sent.
    fn check_efid(&self, structure: Structure, position: RestartPosition) {
        let (Some(rc), Some(uc)) = (self.efid_rc, self.efid_uc) else {
            return;
        };
        // Where the vector counts records only, the octets before the position do not matter.
        let position = match self.file_octets {
            Some(octets) => {
                let sent = octets - position.octets();
                assert_eq!(self.sent_octets.unwrap_or(octets), sent, "{}", self.id);
                position
            }
            None => RestartPosition::new(structure, position.count(), 100).expect("fits"),
        };
        let mut state = RecordState::new(structure, position);
        let records = self
            .file_records
            .map_or(1, |records| records - position.count());
        if let Some(sent) = self.sent_records {
            assert_eq!(records, sent, "{}", self.id);
        }
        state.add(uc - position.octets(), false);
        (0..records).for_each(|_| state.add(0, true));
        let counts = state.efid_counts();
        assert_eq!((counts.rcnt, counts.ucnt), (rc, uc), "{}", self.id);
    }
}
