//! Compares the layouts, reason tables, limits and character set of the engine with the
//! transcription in `spec/commands.toml` and, where they are at hand, with the RFC texts.
//!
//! Set OFTP_RFC_TEXTS to a folder with `rfc5024.txt` and `rfc2204.txt` for the latter.

use std::collections::BTreeMap;
use std::path::PathBuf;

use oftp_core::wire::{
    CommandCode, EfnaReason, EsidReason, Field, Format, Layout, Len, Level, NerpReason, SfnaReason,
    Text, Type, character_set, identification_code, reason::Reason, sth,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Specification {
    limits: BTreeMap<String, toml::Value>,
    character_set: CharacterSet,
    identification_code: IdentificationCode,
    command: Vec<SpecCommand>,
    reason_table: Vec<ReasonTable>,
    counts: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
struct CharacterSet {
    appendix_b: String,
}

#[derive(Deserialize)]
struct IdentificationCode {
    octets: usize,
    fields: Vec<SpecField>,
}

#[derive(Deserialize)]
struct SpecCommand {
    name: String,
    code: String,
    levels: Vec<String>,
    layout: Vec<SpecLayout>,
}

#[derive(Deserialize)]
struct SpecLayout {
    levels: Vec<String>,
    min_octets: usize,
    max_octets: usize,
    fixed: bool,
    field: Vec<SpecField>,
}

#[derive(Deserialize)]
struct SpecField {
    pos: Option<usize>,
    name: String,
    format: String,
    #[serde(rename = "type")]
    ty: String,
    len: toml::Value,
}

#[derive(Deserialize)]
struct ReasonTable {
    command: String,
    entries: Vec<SpecReason>,
}

#[derive(Deserialize)]
struct SpecReason {
    code: String,
    meaning: String,
    since: String,
}

fn specification() -> Specification {
    toml::from_str(include_str!("spec/commands.toml")).expect("commands.toml can be read")
}

/// A field as both sides write it: offset, name, format, type, length.
type Row = (Option<usize>, String, String, String, String);

fn printed_row(field: &Field) -> Row {
    let format = if field.format == Format::F { "F" } else { "V" };
    let ty = match field.ty {
        Type::X => "X",
        Type::Nine => "9",
        Type::U => "U",
        Type::T => "T",
    };
    let length = match field.len {
        Len::Fixed(octets) => octets.to_string(),
        Len::By(name) => name.to_owned(),
        Len::Rest => "n".to_owned(),
    };
    (
        field.pos,
        field.name.to_owned(),
        format.to_owned(),
        ty.to_owned(),
        length,
    )
}

fn spec_row(field: &SpecField) -> Row {
    let length = match &field.len {
        toml::Value::Integer(octets) => octets.to_string(),
        toml::Value::String(name) => name.clone(),
        other => panic!("{}: length {other}", field.name),
    };
    (
        field.pos,
        field.name.clone(),
        field.format.clone(),
        field.ty.clone(),
        length,
    )
}

fn names(levels: &[Level]) -> Vec<String> {
    levels.iter().map(Level::to_string).collect()
}

#[test]
fn every_layout_is_the_one_of_the_transcription() {
    let specification = specification();
    assert_eq!(CommandCode::all().count(), specification.command.len());
    let (mut layouts, mut fields) = (0, 0);
    for (code, command) in CommandCode::all().zip(&specification.command) {
        assert_eq!(code.name(), command.name);
        assert_eq!([code.octet()], command.code.as_bytes());
        let levels: Vec<_> = Level::ALL
            .into_iter()
            .filter(|&level| code.exists_at(level))
            .collect();
        assert_eq!(names(&levels), command.levels, "{code}");
        assert_eq!(code.layouts().len(), command.layout.len(), "{code}");
        for (ours, theirs) in code.layouts().iter().zip(&command.layout) {
            assert_eq!(names(ours.levels), theirs.levels, "{code}");
            assert_eq!(
                ours.min_octets, theirs.min_octets,
                "{code} {:?}",
                ours.levels
            );
            assert_eq!(
                ours.max_octets, theirs.max_octets,
                "{code} {:?}",
                ours.levels
            );
            assert_eq!(ours.min_octets == ours.max_octets, theirs.fixed, "{code}");
            let ours: Vec<_> = ours.fields.iter().map(printed_row).collect();
            let theirs: Vec<_> = theirs.field.iter().map(spec_row).collect();
            assert_eq!(ours, theirs, "{code}");
            layouts += 1;
            fields += theirs.len();
        }
    }
    assert!(
        specification
            .counts
            .get("layouts")
            .is_none_or(|&count| count == layouts)
    );
    println!("{layouts} layouts with {fields} fields compared");
}

/// Offsets and lengths must agree within a layout, whatever the transcription says.
#[test]
fn offsets_and_lengths_of_a_layout_agree() {
    for layout in CommandCode::all().flat_map(CommandCode::layouts) {
        let mut offset = Some(0);
        let mut shortest = 0;
        for field in layout.fields {
            assert_eq!(field.pos, offset, "{}", field.name);
            let octets = match field.len {
                Len::Fixed(octets) => Some(octets),
                Len::By(_) | Len::Rest => None,
            };
            offset = offset.zip(octets).map(|(offset, octets)| offset + octets);
            shortest += octets.unwrap_or(0);
        }
        assert_eq!(shortest, layout.min_octets, "{:?}", layout.fields.first());
    }
}

#[test]
fn every_reason_is_the_one_of_the_transcription() {
    let specification = specification();
    assert_eq!(specification.reason_table.len(), 4);
    for table in &specification.reason_table {
        let ours: &[Reason] = match table.command.as_str() {
            "ESID" => EsidReason::TABLE,
            "SFNA" => SfnaReason::TABLE,
            "EFNA" => EfnaReason::TABLE,
            "NERP" => NerpReason::TABLE,
            other => panic!("no reasons for {other}"),
        };
        assert_eq!(ours.len(), table.entries.len(), "{}", table.command);
        for (ours, theirs) in ours.iter().zip(&table.entries) {
            assert_eq!(
                format!("{:02}", ours.code),
                theirs.code,
                "{}",
                table.command
            );
            let since = ours
                .since
                .map_or_else(|| "unknown".to_owned(), |level| level.to_string());
            assert_eq!(since, theirs.since, "{} {}", table.command, theirs.code);
            // Longer explanations after a colon are left out, articles too.
            let meaning = theirs.meaning.split(':').next().unwrap_or_default();
            let meaning = meaning.replace(" the ", " ");
            assert_eq!(
                ours.meaning.replace(" the ", " "),
                meaning,
                "{}",
                table.command
            );
        }
    }
}

#[test]
fn limits_and_character_set_are_those_of_the_transcription() {
    let specification = specification();
    let limit = |name: &str| {
        let value = specification
            .limits
            .get(name)
            .and_then(toml::Value::as_integer);
        usize::try_from(value.expect(name)).expect(name)
    };
    assert_eq!(sth::OCTETS, limit("sth_octets"));
    assert_eq!(sth::MIN_STREAM_OCTETS, limit("stb_min"));
    assert_eq!(sth::MAX_STREAM_OCTETS, limit("stb_max"));
    assert_eq!(Text::MAX_OCTETS, limit("text_field_max"));
    let data = CommandCode::Data.max_octets(Level::V2_0);
    assert_eq!(data, limit("sdeb_max"));
    assert_eq!(width("SFIDDSN"), limit("dsn_octets"));
    assert_eq!(width("SSIDCODE"), limit("id_code_octets"));
    assert_eq!(width("SSIDPSWD"), limit("password_octets"));
    assert_eq!(width("SFIDUSER"), limit("user_data_octets"));
    assert_eq!(width("AURPRSP"), limit("challenge_octets"));

    let appendix_b = specification.character_set.appendix_b;
    assert_eq!(character_set::APPENDIX_B.as_slice(), appendix_b.as_bytes());

    let theirs = &specification.identification_code;
    assert_eq!(width("SFIDDEST"), theirs.octets);
    assert_eq!(identification_code::FIELDS.len(), theirs.fields.len());
    for ((name, offset, octets), field) in identification_code::FIELDS.iter().zip(&theirs.fields) {
        let (pos, theirs, _, _, length) = spec_row(field);
        assert_eq!(
            (Some(*offset), *name, octets.to_string()),
            (pos, theirs.as_str(), length)
        );
    }
}

fn width(name: &str) -> usize {
    let layouts = CommandCode::all().flat_map(CommandCode::layouts);
    let field = layouts
        .filter_map(|layout| layout.field(name))
        .next()
        .expect(name);
    match field.len {
        Len::Fixed(octets) => octets,
        other => panic!("{name}: {other:?}"),
    }
}

/// One printed row: offset, name, and format as in `V X(26)`.
type PrintedRow = (Option<usize>, String, String);

/// The rows of all layout boxes of an RFC text.
fn boxes(text: &str) -> Vec<PrintedRow> {
    let mut rows = Vec::new();
    for line in text.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, pos, name, _, format, _] = cells[..] else {
            continue;
        };
        let is_format =
            format.ends_with(')') && (format.starts_with("F ") || format.starts_with("V "));
        if is_format && !name.is_empty() {
            rows.push((pos.parse().ok(), name.to_owned(), format.to_owned()));
        }
    }
    rows
}

/// The boxes that a level should have, row by row in the order of section 5.3.
fn expected_boxes(level: Level) -> Vec<PrintedRow> {
    let commands = CommandCode::all().filter_map(|code| code.layout(level));
    commands
        .flat_map(|layout: &Layout| layout.fields)
        .map(|field| {
            let (pos, name, format, mut ty, length) = printed_row(field);
            if name == "DATABUF" && level == Level::V1_3 {
                // RFC 2204 prints X(n); both mean octets.
                ty = "X".to_owned();
            }
            let length = if length.parse::<usize>().is_ok() {
                length
            } else {
                "n".to_owned()
            };
            (pos, name, format!("{format} {ty}({length})"))
        })
        .collect()
}

fn rfc_text(name: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("OFTP_RFC_TEXTS").map(PathBuf::from) else {
        println!("SKIPPED: OFTP_RFC_TEXTS names no folder with {name}; nothing was compared");
        return None;
    };
    let path = folder.join(name);
    let octets = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(String::from_utf8_lossy(&octets).into_owned())
}

#[test]
fn every_printed_box_is_a_layout() {
    for (name, level) in [("rfc5024.txt", Level::V2_0), ("rfc2204.txt", Level::V1_3)] {
        let Some(text) = rfc_text(name) else { continue };
        let (codes, rows): (Vec<_>, Vec<_>) = boxes(&text)
            .into_iter()
            .partition(|(_, name, _)| name.starts_with("SIO"));
        assert_eq!(rows, expected_boxes(level), "{name}");
        let ours = identification_code::FIELDS
            .iter()
            .map(|&(name, pos, octets)| (Some(pos), name.to_owned(), octets.to_string()));
        let printed = codes.iter().map(|(pos, name, format)| {
            let octets = format.split(['(', ')']).nth(1).unwrap_or_default();
            (*pos, name.clone(), octets.to_owned())
        });
        assert!(ours.eq(printed), "{name}: {codes:?}");
        println!("{name}: {} rows compared", rows.len());
    }
}

#[test]
fn the_character_set_is_the_one_of_appendix_b() {
    for name in ["rfc5024.txt", "rfc2204.txt"] {
        let Some(text) = rfc_text(name) else { continue };
        let mut printed: Vec<u8> = text.lines().flat_map(table_row).collect();
        printed.sort_unstable();
        assert_eq!(printed, character_set::APPENDIX_B, "{name}");
    }
}

/// The characters of one row of the table of Appendix B, `| 0  0  0  1 |  1 | ... |`.
fn table_row(line: &str) -> Vec<u8> {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let [_, bits, _, columns @ .., _] = &cells[..] else {
        return Vec::new();
    };
    let is_bits = bits.len() == 10 && bits.chars().all(|c| "01 ".contains(c));
    if !is_bits || columns.len() != 8 {
        return Vec::new();
    }
    let cells = columns.iter().filter(|cell| !cell.is_empty());
    cells
        .map(|cell| {
            if *cell == "SP" {
                b' '
            } else {
                cell.as_bytes()[0]
            }
        })
        .collect()
}
