//! Files and lines of the history for Python, which makes objects of them.

use oftp_station::station::journal::event::EventRow;
use oftp_station::station::journal::file::FileRow;
use oftp_station::station::manage::FileView;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::values::{from_text, from_x};

/// A line of the history: number, ms since 1970, kind, partner, file, detail in JSON.
pub(super) type Line = (i64, i64, &'static str, Option<String>, Option<i64>, String);

pub(super) fn line(row: EventRow) -> Line {
    (
        row.id,
        row.at,
        row.kind.name(),
        row.partner,
        row.file.map(|file| file.0),
        row.detail.to_string(),
    )
}

/// A file, by the names of `oftp.StationFile`; times are ms since 1970.
pub(super) fn file<'py>(
    py: Python<'py>,
    row: &FileRow,
    view: Option<&FileView>,
) -> PyResult<Bound<'py, PyDict>> {
    let file = PyDict::new(py);
    let sfid = &row.sfid;
    file.set_item("id", row.key.0)?;
    file.set_item("direction", row.way.name())?;
    file.set_item("state", row.state.name())?;
    file.set_item("partner", &row.partner)?;
    file.set_item("dsn", from_x(sfid.dsn.as_octets()))?;
    file.set_item("date", from_x(sfid.stamp.date()))?;
    file.set_item("time", from_x(sfid.stamp.time()))?;
    file.set_item("originator", from_x(sfid.orig.as_octets()))?;
    file.set_item("destination", from_x(sfid.dest.as_octets()))?;
    file.set_item("description", from_text(&sfid.desc))?;
    file.set_item("name", &row.name)?;
    let waits_for = view.and_then(|view| view.waits_for);
    file.set_item("waits_for", waits_for.map(|it| it.name()))?;
    file.set_item("octets", row.octets)?;
    file.set_item("position", row.position)?;
    file.set_item("priority", row.priority)?;
    file.set_item("held", row.held)?;
    file.set_item("attempts", row.attempts)?;
    file.set_item("parent", row.parent.map(|parent| parent.0))?;
    file.set_item("trouble", row.trouble.as_deref())?;
    file.set_item("created", row.created)?;
    file.set_item("changed", row.changed)?;
    file.set_item("transferred", row.transferred)?;
    file.set_item("due", row.due)?;
    file.set_item("retry_at", row.retry_at)?;
    let path = row.path.as_ref();
    file.set_item("path", path.map(|path| path.as_os_str()))?;
    file.set_item("is_open", row.state.is_open())?;
    Ok(file)
}
