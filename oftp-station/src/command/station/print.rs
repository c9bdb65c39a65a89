//! Tables for people, plain columns where their output goes into a pipe, lines of JSON for
//! programs.

use std::io::{self, IsTerminal, Write};

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use super::super::settings::UsageError;
use crate::exit_code::ExitCode;

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    /// Words.
    Left(&'static str),
    /// Numbers.
    Right(&'static str),
}

/// A table: with lines on a terminal, whose width it keeps; else plain columns that are as wide as
/// what is in them.
pub(super) fn table(columns: &[Column], rows: Vec<Vec<String>>) -> String {
    render(columns, rows, io::stdout().is_terminal())
}

fn render(columns: &[Column], rows: Vec<Vec<String>>, terminal: bool) -> String {
    let mut table = Table::new();
    if terminal {
        table
            .load_style(presets::UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic);
    } else {
        table.force_no_tty().load_style(presets::NOTHING);
    }
    table.set_header(columns.iter().map(|column| match column {
        Column::Left(name) | Column::Right(name) => *name,
    }));
    table.add_rows(rows);
    for (index, column) in columns.iter().enumerate() {
        if let (Column::Right(_), Some(shown)) = (column, table.column_mut(index)) {
            shown.set_cell_alignment(CellAlignment::Right);
        }
        if let (false, Some(shown)) = (terminal, table.column_mut(index)) {
            shown.set_padding((0, 2));
        }
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Pairs of a name and what it stands for, one per line.
pub(super) fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name:width$}  {value}\n");
    pairs.iter().map(line).collect()
}

/// An object of JSON on a line.
pub(super) fn json(value: &impl Serialize) -> String {
    // Strings, numbers and lists alone: there is nothing that JSON cannot say.
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    line
}

/// Objects of JSON, one on each line.
pub(super) fn json_lines(values: impl IntoIterator<Item = impl Serialize>) -> String {
    values.into_iter().map(|value| json(&value)).collect()
}

/// Writes a text to the standard output. A reader that has gone (`oftp history | head`) has seen
/// enough.
pub(super) fn write(text: &str) -> Result<ExitCode, UsageError> {
    put(text).map(|_| ExitCode::Done)
}

/// The same; false: the reader has gone.
pub(super) fn put(text: &str) -> Result<bool, UsageError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(UsageError::Local(format!("standard output: {error}"))),
    }
}

/// A number of octets, short: `17`, `1.2 KiB`, `3.0 GiB`.
pub(super) fn octets(octets: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut tenths = u128::from(octets) * 10;
    let mut shown = None;
    for unit in units {
        if tenths < 10_240 {
            break;
        }
        tenths /= 1024;
        shown = Some(unit);
    }
    shown.map_or_else(
        || octets.to_string(),
        |unit| format!("{}.{} {unit}", tenths / 10, tenths % 10),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_short() {
        for (number, text) in [
            (0, "0"),
            (1023, "1023"),
            (1024, "1.0 KiB"),
            (1_300, "1.2 KiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "15.9 EiB"),
        ] {
            assert_eq!(octets(number), text);
        }
    }

    #[test]
    fn plain_columns_are_as_wide_as_what_is_in_them() {
        let columns = [Column::Right("ID"), Column::Left("NAME")];
        let rows = vec![
            vec!["1".to_owned(), "short".to_owned()],
            vec!["100".to_owned(), "n".repeat(200)],
        ];
        let text = render(&columns, rows, false);
        let long = format!("100  {}", "n".repeat(200));
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [" ID  NAME", "  1  short", &long]
        );
    }
}
