//! The layouts of all commands at all levels, for `oftp.wire` (RFC 5024 section 5.3).

use oftp_core::session::Capabilities;
use oftp_core::wire::command::ssrm;
use oftp_core::wire::{
    Capability, CommandCode, Field, Format, Len, Level, RecordFormat, Type, explain,
};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Command, its code, digit of the level, octets of the shortest and of the longest, rows.
type LayoutRow<'py> = (&'static str, u8, u8, usize, usize, Vec<FieldRow<'py>>);

/// Name, offset, format, type, length, contents when it is not given, whether it is secret.
type FieldRow<'py> = (
    &'static str,
    Option<usize>,
    &'static str,
    &'static str,
    Option<Length>,
    Bound<'py, PyBytes>,
    bool,
);

/// Octets, or the name of the field that tells them.
#[derive(IntoPyObject)]
pub(crate) enum Length {
    Octets(usize),
    By(&'static str),
}

/// The layouts of all commands, lowest level first: command, its code, level, octets of the
/// shortest and of the longest, and the fields: name, offset, format, type, length (octets, the
/// field that tells them, or all that is left), octets when not given, whether secret.
#[pyfunction]
pub(crate) fn wire_layouts(py: Python<'_>) -> Vec<LayoutRow<'_>> {
    let mut rows = Vec::new();
    for code in CommandCode::all() {
        for level in Level::ALL {
            let Some(layout) = code.layout(level) else {
                continue;
            };
            let defaults = layout
                .fields
                .iter()
                .map(|field| default(field, code, level));
            let defaults: Vec<Vec<u8>> = defaults.collect();
            // What must not be shown is for the engine to say.
            let whole = defaults.concat();
            let shown = explain(&whole, level);
            let secret = |field: &Field| {
                let mut fields = shown.fields.iter();
                fields.any(|shown| shown.name == field.name && shown.value == "***")
            };
            let fields = layout.fields.iter().zip(&defaults).map(|(field, default)| {
                (
                    field.name,
                    field.pos,
                    format(field),
                    ty(field),
                    length(field),
                    PyBytes::new(py, default),
                    secret(field),
                )
            });
            rows.push((
                code.name(),
                code.octet(),
                level.digit(),
                layout.min_octets,
                layout.max_octets,
                fields.collect(),
            ));
        }
    }
    rows
}

/// The contents that make a field legal when nobody asks for others.
fn default(field: &Field, code: CommandCode, level: Level) -> Vec<u8> {
    let octets = match field.len {
        Len::Fixed(octets) => octets,
        Len::By(_) | Len::Rest => 0,
    };
    let offer = Capabilities::default();
    let digits = |number: u64| format!("{number:0octets$}").into_bytes();
    match field.name {
        _ if field.is_command_code() => vec![code.octet()],
        _ if field.is_carriage_return() => vec![b'\r'],
        _ if field.is_reserved() => vec![b' '; octets],
        "SSRMMSG" => ssrm::MESSAGE.to_vec(),
        "SSIDLEV" => digits(level.digit().into()),
        "SSIDSDEB" => digits(offer.buffer_size.into()),
        "SSIDCRED" => digits(offer.window.into()),
        "SSIDSR" => vec![Capability::Both.letter()],
        "SFIDFMT" => vec![RecordFormat::U.letter()],
        // Stamps are of type X below level 1.4, and digits all the same.
        name if name.ends_with("DATE") || name.ends_with("TIME") => vec![b'0'; octets],
        _ => match (field.ty, field.format) {
            (Type::X, Format::F) => vec![b'N'; octets],
            (Type::X, Format::V) => vec![b' '; octets],
            (Type::Nine, _) => vec![b'0'; octets],
            (Type::U | Type::T, _) => vec![0; octets],
        },
    }
}

fn format(field: &Field) -> &'static str {
    match field.format {
        Format::F => "F",
        Format::V => "V",
    }
}

fn ty(field: &Field) -> &'static str {
    match field.ty {
        Type::X => "X",
        Type::Nine => "9",
        Type::U => "U",
        Type::T => "T",
    }
}

fn length(field: &Field) -> Option<Length> {
    match field.len {
        Len::Fixed(octets) => Some(Length::Octets(octets)),
        Len::By(name) => Some(Length::By(name)),
        Len::Rest => None,
    }
}
