//! Cuts, checks and explains an Exchange Buffer, for `oftp.wire` (RFC 5024 section 5.3).

use oftp_core::wire::{Command, CommandCode, Explained, Len, Level, Quirks, decode, explain};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffer;
use crate::error::Error;
use crate::values::{level, quirks};

/// Command, digit of the level whose layout was used, name and octets of each field that is there
/// in full, octets that belong to none.
type Split<'py> = (
    Option<&'static str>,
    u8,
    Vec<(&'static str, Bound<'py, PyBytes>)>,
    Bound<'py, PyBytes>,
);

/// Name, offset, octets, value, meaning.
type Row<'py> = (&'static str, usize, Bound<'py, PyBytes>, String, String);

/// Like [`Split`], with all of a field, and the exception that a strict check would raise.
type Explanation<'py> = (
    Option<&'static str>,
    u8,
    Vec<Row<'py>>,
    Bound<'py, PyBytes>,
    Option<Py<PyAny>>,
);

/// Name and octets of each field, and octets that belong to none.
type Cut<'a> = (Vec<(&'static str, &'a [u8])>, &'a [u8]);

/// Cuts an Exchange Buffer: command, level of the layout, fields that are there in full, and
/// the octets that belong to none.
#[pyfunction]
#[pyo3(signature = (octets, level_digit, /))]
pub(crate) fn wire_split<'py>(octets: &Bound<'py, PyAny>, level_digit: u8) -> PyResult<Split<'py>> {
    let py = octets.py();
    let level = level(level_digit)?;
    Ok(buffer::with(octets, |octets| {
        let explained = explain(octets, level);
        let fields = explained.fields.iter();
        let (fields, rest) = digit_lengths(octets, level).unwrap_or_else(|| {
            let fields = fields.map(|field| (field.name, field.octets));
            (fields.collect(), explained.rest)
        });
        let fields = fields.into_iter();
        let fields = fields.map(|(name, octets)| (name, PyBytes::new(py, octets)));
        Ok((
            name(&explained),
            explained.level.digit(),
            fields.collect(),
            PyBytes::new(py, rest),
        ))
    })?)
}

/// Explains an Exchange Buffer: as `wire_split`, a field with name, offset, octets, value and
/// meaning; and what is wrong.
#[pyfunction]
#[pyo3(signature = (octets, level_digit, /))]
pub(crate) fn wire_explain<'py>(
    octets: &Bound<'py, PyAny>,
    level_digit: u8,
) -> PyResult<Explanation<'py>> {
    let py = octets.py();
    let level = level(level_digit)?;
    Ok(buffer::with(octets, |octets| {
        let explained = explain(octets, level);
        let (name, level) = (name(&explained), explained.level.digit());
        let rest = PyBytes::new(py, explained.rest);
        let fault = explained.fault.map(|fault| {
            let error: PyErr = Error::from(fault).into();
            error.into_value(py).into_any()
        });
        let rows = explained.fields.into_iter().map(|field| {
            (
                field.name,
                field.offset,
                PyBytes::new(py, field.octets),
                field.value,
                field.meaning,
            )
        });
        Ok((name, level, rows.collect(), rest, fault))
    })?)
}

/// Checks an Exchange Buffer with these quirks; the names of those that were needed.
///
/// :raises WireError: A session would refuse it.
#[pyfunction]
#[pyo3(signature = (octets, level_digit, names, /))]
pub(crate) fn wire_check(
    octets: &Bound<'_, PyAny>,
    level_digit: u8,
    names: Vec<String>,
) -> PyResult<Vec<&'static str>> {
    let (level, quirks) = (level(level_digit)?, quirks(&names)?);
    Ok(buffer::with(octets, |octets| {
        Ok(decode(octets, level, quirks)?.used.names().collect())
    })?)
}

/// The fields of an EERP or NERP that a session reads by the quirk `digit_lengths` alone: what the
/// engine took says how long they are.
fn digit_lengths(octets: &[u8], level: Level) -> Option<Cut<'_>> {
    let decoded = decode(octets, level, Quirks::TOLERANT.union(Quirks::DIGIT_LENGTHS)).ok()?;
    if !decoded.used.contains(Quirks::DIGIT_LENGTHS) {
        return None;
    }
    let (text, hash, signature) = match &decoded.command {
        Command::Eerp(eerp) => (0, eerp.hsh.len(), eerp.sig.len()),
        Command::Nerp(nerp) => (nerp.reast.as_octets().len(), nerp.hsh.len(), nerp.sig.len()),
        _ => return None,
    };
    let (mut fields, mut rest) = (Vec::new(), octets);
    for field in decoded.command.code().layout(level)?.fields {
        let length = match field.len {
            Len::Fixed(octets) => octets,
            Len::By(_) if field.name.ends_with("HSH") => hash,
            Len::By(_) if field.name.ends_with("SIG") => signature,
            Len::By(_) => text,
            Len::Rest => rest.len(),
        };
        let (contents, after) = rest.split_at_checked(length)?;
        fields.push((field.name, contents));
        rest = after;
    }
    Some((fields, rest))
}

fn name(explained: &Explained<'_>) -> Option<&'static str> {
    explained.command.map(CommandCode::name)
}
