//! `oftp.mailbox.Mailbox`: files, end responses and policies over any number of sessions, without
//! network I/O, on `oftp_station::monitor`.
//!
//! ```text
//! config    identity, partners, keys
//! family    mailboxes of one station beside each other
//! files     files to send, the folder for what comes, answers
//! tells     what it tells
//! fail      its errors, as exceptions
//! tls       keys and trust for a handshake that is Python's
//! ```

mod config;
mod fail;
mod family;
mod files;
mod tells;
mod tls;

use std::sync::{Mutex, PoisonError, TryLockError};

use oftp_core::wire::EsidReason;
use oftp_station::monitor::{Monitor, Step, Tell};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::{Error, Outcome};
use crate::session::seconds;
use crate::values::{code, from_x, reason};
use tells::Told;

/// Files, end responses and policies over any number of sessions, one at a time, without network
/// I/O: the User Monitor of `oftp.connect` and `oftp.serve`. What a cut leaves unfinished goes on in
/// the next session. See `oftp.mailbox` for the order of things.
///
/// One thread at a time may use it. Calls that touch files or keys release the interpreter.
///
/// :param identity: Who this side is. Its keys are read now.
/// :param config: What sessions are told; its role does not matter.
/// :param hide_unknown: Answer an unknown code like a wrong password (ESID 04).
/// :param no_legacy: Take neither 3DES nor SHA-1 in envelopes and signatures.
/// :param spool: An existing folder for envelopes in the making; ``None``: the system's own.
/// :param ask_for_turn: Ask for the turn with EFPA where files wait.
/// :raises UserError: A value is wrong.
/// :raises CertificateError: Keys cannot be read, or have no certificate.
#[pyclass(frozen, weakref, module = "oftp.mailbox")]
pub(crate) struct Mailbox {
    monitor: Mutex<Monitor>,
    /// What could not be made an object of Python: it is told again.
    untold: Mutex<Option<Told>>,
}

/// A step that borrows nothing.
enum Kind {
    Told(Told),
    /// Octets are to be written: they are read when the interpreter is held.
    Write,
}

impl From<Monitor> for Mailbox {
    fn from(monitor: Monitor) -> Self {
        Self {
            monitor: Mutex::new(monitor),
            untold: Mutex::new(None),
        }
    }
}

impl Mailbox {
    /// Does something with the monitor. Nothing of Python's may be called inside.
    fn with<T>(&self, body: impl FnOnce(&mut Monitor) -> Outcome<T>) -> Outcome<T> {
        match self.monitor.try_lock() {
            Ok(mut monitor) => body(&mut monitor),
            Err(TryLockError::WouldBlock) => Err(Error::value(
                "the mailbox is used by another thread: one thread at a time",
            )),
            Err(TryLockError::Poisoned(_)) => Err(failed()),
        }
    }

    /// The same for what touches files or keys: other threads of Python go on meanwhile.
    fn aside<T: Send>(
        &self,
        py: Python<'_>,
        body: impl FnOnce(&mut Monitor) -> Outcome<T> + Send,
    ) -> Outcome<T> {
        py.detach(|| self.with(body))
    }
}

#[pymethods]
impl Mailbox {
    #[new]
    #[pyo3(signature = (identity, config=None, *, hide_unknown=false, no_legacy=false, spool=None, ask_for_turn=false))]
    fn new(
        identity: &Bound<'_, PyAny>,
        config: Option<&Bound<'_, PyAny>>,
        hide_unknown: bool,
        no_legacy: bool,
        spool: Option<std::path::PathBuf>,
        ask_for_turn: bool,
    ) -> PyResult<Self> {
        let mut told = config::config(identity, config)?;
        told.hide_unknown = hide_unknown;
        told.no_legacy = no_legacy;
        told.spool = spool;
        told.settings.ask_for_turn = ask_for_turn;
        let monitor = Monitor::new(told).map_err(Error::from)?;
        Ok(monitor.into())
    }

    /// Adds a partner, or puts it in the place of the one with the same code. Who is not added
    /// can neither call nor be called.
    fn add_partner(&self, partner: &Bound<'_, PyAny>) -> PyResult<()> {
        let (row, keys) = config::partner(partner)?;
        Ok(self.with(|monitor| Ok(monitor.add_partner(row, keys)?))?)
    }

    /// Begins a session by calling this partner: open the connection, then `connected`. First
    /// opens what an earlier process has left in the folder, which may take a while.
    fn call(&self, py: Python<'_>, partner: &str) -> PyResult<()> {
        let partner = code(partner, "partner")?;
        Ok(self.aside(py, |monitor| {
            monitor.open_what_was_left();
            Ok(monitor.call(&partner)?)
        })?)
    }

    /// Begins a session by answering a call: then `connected`.
    fn answer(&self, py: Python<'_>) -> PyResult<()> {
        Ok(self.aside(py, |monitor| {
            monitor.open_what_was_left();
            Ok(monitor.answer()?)
        })?)
    }

    /// There is no connection, or no TLS on it: no session either.
    fn connection_failed(&self, why: String) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.connection_failed(why);
            Ok(())
        })?)
    }

    /// The connection is closed, as `Disconnect` wanted.
    fn disconnected(&self) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.disconnected();
            Ok(())
        })?)
    }

    /// Writing has failed: the partner has closed. Give what could still be read to `n_data_ind`
    /// first: it says why.
    fn write_failed(&self) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.write_failed();
            Ok(())
        })?)
    }

    /// Why the connection fails, for the text of the session's end.
    fn fault(&self, why: String) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.fault(why);
            Ok(())
        })?)
    }

    /// Ends the session that runs by ESID with this `EsidReason`.
    #[pyo3(signature = (reason, text=""))]
    fn release(&self, reason: u8, text: &str) -> PyResult<()> {
        let reason = EsidReason::new(self::reason(reason, 1)?);
        Ok(self.with(|monitor| Ok(monitor.release(reason, text)?))?)
    }

    /// Gives the session up without a word: what has come of a file is kept for a restart.
    fn suspend(&self, py: Python<'_>) -> PyResult<()> {
        Ok(self.aside(py, |monitor| {
            monitor.suspend();
            Ok(())
        })?)
    }

    /// Keeps the session open when nothing is left to do, for this many seconds from now;
    /// ``None``: lets it go on. Partners wait 180 seconds at most.
    #[pyo3(signature = (longest=None))]
    fn hold_turn(&self, longest: Option<f64>) -> PyResult<()> {
        let longest = longest.map(|time| seconds(time, "longest")).transpose()?;
        Ok(self.with(|monitor| {
            monitor.hold_turn(longest);
            Ok(())
        })?)
    }

    /// The next item of the ordered queue.
    fn next<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let untold = || self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        let again = untold().take();
        let told = match again {
            Some(told) => told,
            // Steps write to the folder: others go on meanwhile.
            None => match self.aside(py, |monitor| Ok(step(monitor)))? {
                Kind::Told(told) => told,
                Kind::Write => Told::Write(self.with(|monitor| octets_to_send(py, monitor))?),
            },
        };
        let made = told.to_python(py);
        // Out of memory, or Ctrl-C meanwhile. What is repeated in any case must not get old.
        if made.is_err() && told.is_told_once() {
            *untold() = Some(told);
        }
        made
    }

    /// That many octets of `Write` are written.
    fn sent(&self, octets: usize) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.sent(octets);
            Ok(())
        })?)
    }

    /// Does a piece of `Work`. On any thread; nobody else may use the mailbox meanwhile.
    fn work(&self, py: Python<'_>) -> PyResult<()> {
        Ok(self.aside(py, |monitor| {
            monitor.work();
            Ok(())
        })?)
    }

    /// The time, in seconds since any fixed moment.
    fn tick(&self, now: f64) -> PyResult<()> {
        let now = seconds(now, "now")?;
        Ok(self.with(|monitor| {
            monitor.tick(now);
            Ok(())
        })?)
    }

    /// Octets of the partner came.
    fn n_data_ind(&self, octets: &Bound<'_, PyAny>) -> PyResult<()> {
        Ok(crate::buffer::with(octets, |octets| {
            self.with(|monitor| {
                monitor.n_data_ind(octets);
                Ok(())
            })
        })?)
    }

    /// The partner has closed the connection.
    fn n_disc_ind(&self) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.n_disc_ind();
            Ok(())
        })?)
    }

    /// The connection was reset.
    fn n_rst_ind(&self) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.n_rst_ind();
            Ok(())
        })?)
    }

    /// When `tick` is due without any input.
    #[getter]
    fn next_deadline(&self) -> PyResult<Option<f64>> {
        let deadline = self.with(|monitor| Ok(monitor.next_deadline()))?;
        Ok(deadline.map(|time| time.as_secs_f64()))
    }

    /// Whether to read from the network now.
    #[getter]
    fn wants_octets(&self) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.wants_octets()))?)
    }

    /// Whether `next` has something to do without any input.
    #[getter]
    fn is_ready(&self) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.is_ready()))?)
    }

    /// Whether the session has ended, and nobody reads what is left to be written.
    #[getter]
    fn is_over(&self) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.is_over()))?)
    }

    /// Whether a session has begun and not all of its end was told.
    #[getter]
    fn has_session(&self) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.has_session()))?)
    }

    /// Whether the file that `Offered` told still waits for an answer: not when the session has
    /// ended meanwhile.
    #[getter]
    fn waits_for_answer(&self) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.waits_for_answer()))?)
    }

    /// The same for the file that `Complete` told.
    #[getter]
    fn waits_to_be_stored(&self) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.waits_to_be_stored()))?)
    }

    /// Whether this side has sent ESID: swallow what comes for a moment before closing.
    #[getter]
    fn has_sent_esid(&self) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.has_sent_esid()))?)
    }

    /// The partner of the session that runs; empty before it is known.
    #[getter]
    fn partner(&self) -> PyResult<String> {
        let partner = self.with(|monitor| Ok(monitor.session_partner()))?;
        Ok(from_x(partner.as_octets()))
    }

    /// Our own identification code.
    #[getter]
    fn code(&self) -> PyResult<String> {
        let code = self.with(|monitor| Ok(monitor.identity().code))?;
        Ok(from_x(code.as_octets()))
    }

    /// Whether files that come go into a folder.
    #[getter]
    fn has_folder(&self) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.has_folder()))?)
    }

    /// How the last session went, or goes.
    #[getter]
    fn result<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let summary = self.with(|monitor| Ok(monitor.result()))?;
        tells::of_summary(py, &summary)
    }

    /// How far the file is that is sent now.
    #[getter]
    fn sending<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let progress = self.with(|monitor| Ok(monitor.sending()))?;
        progress
            .map(|progress| tells::of_progress(py, &progress))
            .transpose()
    }

    /// How far the file is that comes now.
    #[getter]
    fn receiving<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let progress = self.with(|monitor| Ok(monitor.receiving()))?;
        progress
            .map(|progress| tells::of_progress(py, &progress))
            .transpose()
    }
}

fn failed() -> Error {
    Error::Internal("the mailbox has failed before".to_owned())
}

/// The next step, without a borrow.
fn step(monitor: &mut Monitor) -> Kind {
    let told = match monitor.next() {
        Step::Write(_) => return Kind::Write,
        Step::Tell(Tell::Ended) => Told::Ended(Box::new(monitor.result())),
        Step::Tell(tell) => Told::Tell(Box::new(tell)),
        Step::Data { octets, ends } => Told::Data(octets.to_vec(), ends.to_vec()),
        Step::Work => Told::Work,
        Step::Disconnect => Told::Disconnect,
        Step::Wait(deadline) => Told::Wait(deadline.map(|time| time.as_secs_f64())),
        Step::Over => Told::Over,
    };
    Kind::Told(told)
}

/// What is to be written. An object of octets is none that the garbage collector follows: nothing
/// of the user runs while the monitor is held.
fn octets_to_send(py: Python<'_>, monitor: &Monitor) -> Outcome<Py<PyBytes>> {
    let Some(pending) = monitor.octets_to_send() else {
        return Ok(PyBytes::new(py, &[]).unbind());
    };
    let octets = PyBytes::new_with(py, pending.len(), |mut room| {
        for slice in pending.slices() {
            let (here, rest) = room.split_at_mut(slice.len().min(room.len()));
            here.copy_from_slice(&slice[..here.len()]);
            room = rest;
        }
        Ok(())
    })?;
    Ok(octets.unbind())
}
