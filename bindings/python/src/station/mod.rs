//! The station that `oftp.Station` is written upon, on `oftp_station::station::host`.
//!
//! ```text
//! submit    files to send
//! rows      files and lines of the history for Python
//! fail      its errors, as exceptions
//! ```

mod fail;
mod rows;
mod submit;

use std::path::PathBuf;
use std::time::Duration;

use oftp_station::station::host::{Host, HostError};
use oftp_station::station::journal::file::{FileKey, FileRow, FileState, Filter, Way};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{Error, Outcome};
use rows::Line;

/// The half of `oftp.Station` that is Rust's. Waits at most as long as it is told, with the
/// interpreter released.
#[pyclass(frozen, weakref, module = "oftp._oftp")]
pub(crate) struct StationHost(Host);

impl StationHost {
    /// Does something with the station; other threads of Python go on meanwhile.
    fn aside<T: Send>(
        &self,
        py: Python<'_>,
        body: impl FnOnce(&Host) -> Result<T, HostError> + Send,
    ) -> Outcome<T> {
        Ok(py.detach(|| body(&self.0))?)
    }

    fn file_of<'py>(
        &self,
        py: Python<'py>,
        body: impl FnOnce(&Host) -> Result<FileRow, HostError> + Send,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (row, view) = self.aside(py, |host| {
            let row = body(host)?;
            let view = host.views(std::slice::from_ref(&row))?.pop();
            Ok((row, view))
        })?;
        rows::file(py, &row, view.as_ref())
    }
}

/// Seconds of a caller, who may have none.
fn patience(seconds: f64) -> Outcome<Duration> {
    Duration::try_from_secs_f64(seconds.max(0.0))
        .map_err(|error| Error::value(format!("timeout: {error}")))
}

fn json(value: &impl serde::Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(error.to_string()))
}

#[pymethods]
impl StationHost {
    #[new]
    fn new(py: Python<'_>, folder: PathBuf) -> PyResult<Self> {
        let host = py.detach(|| Host::open(&folder)).map_err(Error::from)?;
        Ok(Self(host))
    }

    /// Runs the station, until the ports are listened on.
    fn start(&self, py: Python<'_>) -> PyResult<()> {
        Ok(self.aside(py, Host::start)?)
    }

    /// Begins to stop, and does not wait.
    fn begin_stop(&self, py: Python<'_>) -> PyResult<()> {
        Ok(self.aside(py, Host::begin_stop)?)
    }

    /// Whether the station has ended its work in this time.
    fn wait_stopped(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let wait = patience(seconds)?;
        Ok(self.aside(py, |host| host.wait_stopped(Some(wait)))?)
    }

    /// Stops the station, which cuts what has not ended in this time.
    fn stop(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let within = patience(seconds)?;
        Ok(self.aside(py, |host| host.stop(within))?)
    }

    /// Whether this object runs the station.
    fn is_running(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.aside(py, Host::is_running)?)
    }

    /// Whether any process runs it.
    fn is_run(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.aside(py, Host::is_run)?)
    }

    /// Hosts and ports that are listened on.
    fn addresses(&self, py: Python<'_>) -> PyResult<Vec<(String, u16)>> {
        let addresses = self.aside(py, Host::addresses)?.into_iter();
        Ok(addresses
            .map(|address| (address.ip().to_string(), address.port()))
            .collect())
    }

    /// Takes what was told beside the history.
    fn messages(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.aside(py, Host::messages)?)
    }

    /// Reads the configuration again.
    fn reload(&self, py: Python<'_>) -> PyResult<()> {
        Ok(self.aside(py, Host::reload)?)
    }

    /// Lets a partner be called soon.
    fn call(&self, py: Python<'_>, partner: &str) -> PyResult<()> {
        Ok(self.aside(py, |host| host.call(partner))?)
    }

    /// Lines of the history: number, ms since 1970, kind, partner, file, detail in JSON.
    fn events(&self, py: Python<'_>, after: i64, most: u32, seconds: f64) -> PyResult<Vec<Line>> {
        let wait = patience(seconds)?;
        let rows = self.aside(py, |host| host.events(after, most, Some(wait)))?;
        Ok(rows.into_iter().map(rows::line).collect())
    }

    /// The number of the last line of the history.
    fn last_event(&self, py: Python<'_>) -> PyResult<i64> {
        Ok(self.aside(py, Host::last_event)?)
    }

    /// A file, once it is at its end or the time is over.
    fn settled<'py>(
        &self,
        py: Python<'py>,
        file: i64,
        seconds: f64,
    ) -> PyResult<Bound<'py, PyDict>> {
        let wait = patience(seconds)?;
        self.file_of(py, |host| host.settled(FileKey(file), Some(wait)))
    }

    /// A file.
    fn file<'py>(&self, py: Python<'py>, file: i64) -> PyResult<Bound<'py, PyDict>> {
        self.file_of(py, |host| host.file(FileKey(file)))
    }

    /// Files, the last first.
    #[pyo3(signature = (*, direction=None, partner=None, state=None, open=None, text=None, since=None, before=None, limit=0))]
    #[expect(clippy::too_many_arguments, reason = "keywords of Python")]
    fn files<'py>(
        &self,
        py: Python<'py>,
        direction: Option<&str>,
        partner: Option<String>,
        state: Option<&str>,
        open: Option<bool>,
        text: Option<String>,
        since: Option<i64>,
        before: Option<i64>,
        limit: u32,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let way = match direction {
            None => None,
            Some("in") => Some(Way::In),
            Some("out") => Some(Way::Out),
            Some(other) => {
                let text = format!("direction is {other:?}, must be \"in\" or \"out\"");
                return Err(Error::value(text).into());
            }
        };
        let state = state.map(self::state).transpose()?;
        let filter = Filter {
            way,
            partner,
            state,
            open,
            text,
            since,
            before: before.map(FileKey),
            limit,
        };
        let (rows, views) = self.aside(py, |host| {
            let rows = host.files(&filter)?;
            let views = host.views(&rows)?;
            Ok((rows, views))
        })?;
        let both = rows.iter().zip(&views);
        both.map(|(row, view)| rows::file(py, row, Some(view)))
            .collect()
    }

    /// Everything about a file, in JSON.
    fn details(&self, py: Python<'_>, file: i64) -> PyResult<String> {
        let details = self.aside(py, |host| host.details(FileKey(file)))?;
        Ok(json(&details)?)
    }

    /// Stops a file that waits to be sent.
    fn hold<'py>(&self, py: Python<'py>, file: i64) -> PyResult<Bound<'py, PyDict>> {
        self.file_of(py, |host| host.hold(FileKey(file)))
    }

    /// Lets it go on.
    fn release<'py>(&self, py: Python<'py>, file: i64) -> PyResult<Bound<'py, PyDict>> {
        self.file_of(py, |host| host.release(FileKey(file)))
    }

    /// Takes it back.
    fn cancel<'py>(&self, py: Python<'py>, file: i64, force: bool) -> PyResult<Bound<'py, PyDict>> {
        self.file_of(py, |host| host.cancel(FileKey(file), force))
    }

    /// Queues it once more.
    fn resend<'py>(&self, py: Python<'py>, file: i64, force: bool) -> PyResult<Bound<'py, PyDict>> {
        self.file_of(py, |host| host.resend(FileKey(file), force))
    }

    /// Stops a partner, or lets it go on.
    fn hold_partner(&self, py: Python<'_>, partner: &str, held: bool) -> PyResult<()> {
        Ok(self.aside(py, |host| host.hold_partner(partner, held))?)
    }

    /// All partners, in JSON.
    fn partners(&self, py: Python<'_>) -> PyResult<String> {
        let partners = self.aside(py, Host::partners)?;
        Ok(json(&partners)?)
    }

    /// The station as a whole, in JSON.
    fn status(&self, py: Python<'_>) -> PyResult<String> {
        let status = self.aside(py, Host::status)?;
        Ok(json(&status)?)
    }
}

fn state(name: &str) -> Outcome<FileState> {
    name.parse().map_err(|_| {
        let all = FileState::ALL.map(FileState::name).join(", ");
        Error::value(format!("state is {name:?}, must be one of: {all}"))
    })
}
