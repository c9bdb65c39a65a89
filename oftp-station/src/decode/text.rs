//! Commands as lines for people.

use std::io::{self, Write};

use super::data::DataSummary;
use super::entry::Entry;
use super::fields::Value;

/// Writes a command: a headline, a line for each field, what is wrong.
pub(super) fn write(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    if let Some(direction) = entry.direction {
        write!(out, "{direction} ")?;
    }
    match (entry.command, entry.title) {
        (Some(command), Some(title)) => write!(out, "{command} {title}")?,
        _ => write!(out, "no command")?,
    }
    writeln!(
        out,
        ", {} octets at {}, level {}",
        entry.octets, entry.offset, entry.level
    )?;
    for field in &entry.fields {
        write!(out, "{:>7}  {:<9}  ", field.offset, field.name)?;
        match &field.value {
            Value::Number(number) => write!(out, "{number}")?,
            Value::Text(text) => write!(out, "\"{text}\"")?,
            Value::Plain(text) => write!(out, "{text}")?,
        }
        match &field.meaning {
            Some(meaning) => writeln!(out, "  {meaning}")?,
            None => writeln!(out)?,
        }
    }
    if let Some(data) = &entry.data {
        write_data(data, out)?;
    }
    for finding in &entry.malformed {
        writeln!(out, "  MALFORMED  {}", finding.text)?;
    }
    for finding in &entry.tolerated {
        writeln!(out, "  tolerated  {}", finding.text)?;
    }
    if let Some(cut) = &entry.cut {
        writeln!(out, "  CUT  {cut}")?;
    }
    Ok(())
}

fn write_data(data: &DataSummary, out: &mut dyn Write) -> io::Result<()> {
    let DataSummary {
        subrecords,
        compressed,
        record_ends,
        octets,
        begin,
        list,
    } = data;
    let plain = subrecords - compressed;
    writeln!(
        out,
        "         {subrecords} subrecords ({plain} plain, {compressed} compressed), \
         {record_ends} ends of records, {octets} octets of the file: \"{begin}\""
    )?;
    for subrecord in list {
        let times = if subrecord.compressed { " times" } else { "" };
        let end = if subrecord.end_of_record {
            "  end of record"
        } else {
            ""
        };
        writeln!(
            out,
            "{:>7}  {:>2}{times} \"{}\"{end}",
            subrecord.offset, subrecord.count, subrecord.content
        )?;
    }
    Ok(())
}
