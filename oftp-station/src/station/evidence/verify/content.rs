//! The folder's name, and the octets that the response is for.

use std::path::Path;

use oftp_core::mailbox::Response;
use oftp_secure::Suite;
use oftp_secure::certificate::hex;
use oftp_secure::crypto::{Digest, Hash};

use super::super::record::Record;
use super::super::text;
use super::{Finding, Report};
use crate::identity::{Field, Identity};
use crate::names::stored_name;
use crate::outbox::Source;
use crate::records::{Format, RecordLayout};
use crate::report::PeerText;
use crate::security::unhex;

const BUFFER: usize = 128 << 10;

/// People may give a folder another name: that is said, and nothing more.
pub(super) fn name(report: &mut Report, folder: &Path, record: &Record) {
    let sfid = &record.sfid;
    let field = |value: &str| text::octets(value).map(Field::new);
    let identity = || {
        Some(Identity {
            date: field(&sfid.sfiddate)?,
            time: field(&sfid.sfidtime)?,
            dsn: field(&sfid.sfiddsn)?,
            originator: field(&sfid.sfidorig)?,
            destination: field(&sfid.sfiddest)?,
        })
    };
    let Some(identity) = identity() else {
        report.add(
            "record",
            Finding::Bad,
            "a field of SFID is not written as this program writes it",
        );
        return;
    };
    if !["in", "out"].contains(&record.direction.as_str()) {
        report.add(
            "record",
            Finding::Bad,
            "the direction is neither in nor out",
        );
    }
    let right = format!("{}.{}", stored_name(&identity), record.direction);
    let names = folder.components().rev().take(2);
    let mut names = names.filter_map(|part| part.as_os_str().to_str());
    if !names.any(|name| name == right) {
        report.add(
            "folder",
            Finding::Note,
            format!("it was called {} when it was made", PeerText::new(right)),
        );
    }
    let times = &record.times;
    let order = [
        Some(times.begun),
        times.efid,
        times.efpa,
        Some(times.response),
    ];
    if !order.iter().flatten().is_sorted() {
        report.add(
            "times",
            Finding::Note,
            "they are not in the order in which things happen: a clock was set back, or somebody \
             changed them",
        );
    }
}

/// Whether the response is for the octets that travelled, and whether `file` are these.
pub(super) fn hash(report: &mut Report, record: &Record, response: &Response, file: Option<&Path>) {
    let (answered, is_nerp) = match response {
        Response::Eerp(eerp) => (&eerp.hsh, false),
        Response::Nerp(nerp) => (&nerp.hsh, true),
    };
    let recorded = unhex(&record.transmitted.hash);
    let algorithm = Hash::ALL
        .into_iter()
        .find(|hash| hash.to_string() == record.transmitted.algorithm);
    let suite = Suite::of(record.sfid.sfidciph);
    if let Some(suite) = suite
        && suite.hash.to_string() != record.transmitted.algorithm
    {
        report.add(
            "algorithm",
            Finding::Bad,
            format!(
                "cipher suite {suite} (SFIDCIPH) has {}, the record says {}",
                suite.hash,
                PeerText::new(&record.transmitted.algorithm)
            ),
        );
    }
    let shown = algorithm.map_or_else(|| "hash".to_owned(), |hash| hash.to_string());
    if algorithm == Some(Hash::Sha1) {
        report.add(
            "algorithm",
            Finding::Note,
            "SHA-1 of the old cipher suites: two files with the same hash can be made today; \
             suites 04 and 06 are better proofs",
        );
    }
    match (answered.is_empty(), recorded.is_empty()) {
        (false, false) => {
            let same = *answered == recorded;
            report.must(
                "hash",
                if same {
                    Ok(format!(
                        "{shown} {}: the response is for what was transmitted",
                        hex(answered)
                    ))
                } else {
                    Err(format!(
                        "{} was transmitted, the response is for {}",
                        hex(&recorded),
                        hex(answered)
                    ))
                },
            );
        }
        (true, _) if is_nerp => {
            report.add("hash", Finding::Note, "the NERP names none: it need not");
        }
        (true, false) if !super::signature::of(response).is_empty() => {
            let why = "the EERP is signed and names none: it is for no octets in particular";
            report.must("hash", Err(why.to_owned()));
        }
        (true, _) => report.add("hash", Finding::Note, "the EERP names none"),
        (false, true) => report.add(
            "hash",
            Finding::Note,
            "that of what was transmitted was not recorded; --file compares the file itself",
        ),
    }
    if let Some(path) = file {
        let wanted = if answered.is_empty() {
            &recorded
        } else {
            answered
        };
        let result = match algorithm {
            Some(hash) if !wanted.is_empty() => compare(path, record, hash, wanted),
            _ => Err("there is no hash to compare it with".to_owned()),
        };
        report.must("file", result);
    }
}

fn compare(path: &Path, record: &Record, hash: Hash, wanted: &[u8]) -> Result<String, String> {
    let shown = path.display();
    let layouts = [
        RecordLayout::Lf,
        RecordLayout::Crlf,
        RecordLayout::Length16,
        RecordLayout::Length32,
    ];
    let mut found = String::new();
    // What travels of a V file are its records, without what separates them in a file.
    let of_records = record.sfid.sfidfmt == 'V' && !record.is_sealed();
    let formats: Vec<_> = if of_records {
        layouts.map(|layout| (Format::Variable(0), layout)).into()
    } else {
        vec![(Format::Unstructured, RecordLayout::Lf)]
    };
    for (format, layout) in formats {
        match digest(path, format, layout, hash) {
            Ok(digest) if digest == wanted => {
                return Ok(format!("{shown} is what was transmitted ({hash})"));
            }
            Ok(digest) => found = format!("{shown} has {hash} {}", hex(&digest)),
            // Of a layout that it is not in.
            Err(_) if of_records && path.is_file() => {}
            Err(error) => return Err(format!("{shown} cannot be read: {error}")),
        }
    }
    if found.is_empty() {
        found = format!("the records of {shown} cannot be told apart");
    }
    let help = if record.is_sealed() {
        "; what was transmitted is the envelope of the file: give that"
    } else {
        ""
    };
    Err(format!("{found}, not {}{help}", hex(wanted)))
}

fn digest(
    path: &Path,
    format: Format,
    layout: RecordLayout,
    hash: Hash,
) -> Result<Vec<u8>, crate::outbox::SourceError> {
    let mut source = Source::open(path, format, layout)?;
    let mut digest = Digest::new(hash);
    let mut buffer = vec![0; BUFFER];
    loop {
        let piece = source.read(&mut buffer)?;
        digest.update(buffer.get(..piece.octets).unwrap_or_default());
        if piece.end_of_file {
            return Ok(digest.finish());
        }
    }
}
