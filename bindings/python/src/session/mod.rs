//! `oftp.Session`: one session as a sans-IO state machine (RFC 5024 chapters 2 to 4).
//!
//! ```text
//! config       what it is told before it begins
//! events       what it tells
//! primitives   F_*_RQ and F_*_RS
//! sending      the data of a file: records, counts
//! ```

mod config;
mod events;
mod primitives;
mod sending;

use std::sync::{Mutex, TryLockError};

use oftp_core::session::{Event, Output, StartFileCf};
use oftp_core::virtual_file::Structure;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

pub(crate) use config::{config, seconds};
pub(crate) use events::{numbered, of_trace};

use crate::error::{Error, Outcome};
use crate::fields::{from_agreed, make};
use events::Told;
use sending::Sending;

/// What the session holds.
struct Inner {
    session: oftp_core::session::Session,
    /// The file that is offered or received: how positions in it count.
    incoming: Option<Structure>,
    outgoing: Option<Sending>,
    /// What could not be made an object of Python: it is told again.
    untold: Option<Told>,
}

/// One OFTP session as a sans-IO state machine (RFC 5024 chapters 2 to 4), in either role.
///
/// Primitives of the User Monitor (`connect_rq`, `start_file_rq` ...), events of the network
/// (`n_con_cf`, `n_data_ind` ...) and the time (`tick`) go in; one ordered queue comes out.
/// **After every call, drain `poll_output` until it returns `Wait`.** What is received is decoded
/// while the queue is drained: who stops draining stops the partner by the credit window.
///
/// One thread at a time may use it; different sessions are independent.
#[pyclass(frozen, module = "oftp")]
pub(crate) struct Session(Mutex<Inner>);

impl Session {
    /// Does something with the session. Nothing of Python's may be called inside.
    fn with<T>(&self, body: impl FnOnce(&mut Inner) -> Outcome<T>) -> Outcome<T> {
        match self.0.try_lock() {
            Ok(mut inner) => body(&mut inner),
            Err(TryLockError::WouldBlock) => Err(Error::value(
                "the session is used by another thread: one thread at a time",
            )),
            Err(TryLockError::Poisoned(_)) => {
                Err(Error::Internal("the session has failed before".to_owned()))
            }
        }
    }
}

#[pymethods]
impl Session {
    #[new]
    #[pyo3(signature = (config=None))]
    fn new(py: Python<'_>, config: Option<Bound<'_, PyAny>>) -> PyResult<Self> {
        let config = match config {
            Some(config) => config,
            None => make(py, "oftp._fields", "Config", ())?,
        };
        Ok(Self(Mutex::new(Inner {
            session: oftp_core::session::Session::new(self::config(&config)?),
            incoming: None,
            outgoing: None,
            untold: None,
        })))
    }

    /// The next item of the ordered output queue. `NDataRq` comes again until `sent` has taken
    /// all of its octets, and what follows it waits.
    fn poll_output<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let told = self.with(|inner| inner.poll(py))?;
        let made = told.to_python(py);
        // Out of memory, or Ctrl-C meanwhile. What is repeated in any case must not get old.
        if made.is_err() && !matches!(told, Told::NDataRq(_) | Told::Wait(_)) {
            self.with(|inner| {
                inner.untold = Some(told);
                Ok(())
            })?;
        }
        made
    }

    /// That many octets of `NDataRq` are sent.
    fn sent(&self, octets: usize) -> PyResult<()> {
        self.with(|inner| {
            inner.session.sent(octets);
            Ok(())
        })
        .map_err(Into::into)
    }

    /// The time, in seconds since any fixed moment; before each input and at the deadline of
    /// `Wait`.
    fn tick(&self, now: f64) -> PyResult<()> {
        let now = seconds(now, "now")?;
        self.with(|inner| {
            inner.session.tick(now);
            Ok(())
        })
        .map_err(Into::into)
    }

    /// N_CON_IND: somebody has opened a connection to this side: be the Responder.
    fn n_con_ind(&self) -> PyResult<()> {
        self.with(|inner| {
            inner.session.n_con_ind(Default::default());
            Ok(())
        })
        .map_err(Into::into)
    }

    /// N_CON_CF: the connection asked for by `NConRq` is open.
    fn n_con_cf(&self) -> PyResult<()> {
        self.with(|inner| {
            inner.session.n_con_cf();
            Ok(())
        })
        .map_err(Into::into)
    }

    /// N_DATA_IND: octets came, in pieces of any size. Copied.
    fn n_data_ind(&self, octets: &Bound<'_, PyAny>) -> PyResult<()> {
        crate::buffer::with(octets, |octets| {
            self.with(|inner| {
                inner.session.n_data_ind(octets);
                Ok(())
            })
        })
        .map_err(Into::into)
    }

    /// N_DISC_IND: the partner has closed the connection.
    fn n_disc_ind(&self) -> PyResult<()> {
        self.with(|inner| {
            inner.session.n_disc_ind();
            Ok(())
        })
        .map_err(Into::into)
    }

    /// N_RST_IND: the connection was reset, or could not be opened.
    fn n_rst_ind(&self) -> PyResult<()> {
        self.with(|inner| {
            inner.session.n_rst_ind();
            Ok(())
        })
        .map_err(Into::into)
    }

    /// The state of RFC 5024 chapter 9, as in ``IDLESP``.
    #[getter]
    fn state(&self) -> PyResult<&'static str> {
        Ok(self.with(|inner| Ok(inner.session.state().name()))?)
    }

    /// What both sides agreed on.
    #[getter]
    fn agreed<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let agreed = self.with(|inner| Ok(inner.session.agreed().copied()))?;
        agreed.map(|agreed| from_agreed(py, &agreed)).transpose()
    }

    /// Whether this side opened the connection (V.Caller).
    #[getter]
    fn is_initiator(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.is_initiator()))?)
    }

    /// Whether the connection has come and gone.
    #[getter]
    fn is_over(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.is_over()))?)
    }

    /// A file is open for sending and there is credit.
    #[getter]
    fn can_send_data(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.can_send_data()))?)
    }

    /// Ends of records that `data_rq` took and that had no room: they are sent before the octets
    /// that it is given next, or by `close_file_rq`.
    #[getter]
    fn ends_wait(&self) -> PyResult<usize> {
        let wait = self.with(|inner| Ok(inner.outgoing.as_ref().map(Sending::ends_wait)))?;
        Ok(wait.unwrap_or_default())
    }

    /// Whether to read from the network: not while an answer is owed.
    #[getter]
    fn wants_octets(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.wants_octets()))?)
    }

    /// Whether this side has sent ESID: do not lose its last octets.
    #[getter]
    fn has_sent_esid(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.has_sent_esid()))?)
    }

    /// Octets encoded and not sent yet.
    #[getter]
    fn transmit_pending(&self) -> PyResult<usize> {
        Ok(self.with(|inner| Ok(inner.session.transmit_pending()))?)
    }

    /// Octets received and not decoded yet.
    #[getter]
    fn receive_pending(&self) -> PyResult<usize> {
        Ok(self.with(|inner| Ok(inner.session.receive_pending()))?)
    }

    /// When `tick` is due without any input.
    #[getter]
    fn next_deadline(&self) -> PyResult<Option<f64>> {
        let deadline = self.with(|inner| Ok(inner.session.next_deadline()))?;
        Ok(deadline.map(|deadline| deadline.as_secs_f64()))
    }

    fn __repr__(&self) -> PyResult<String> {
        self.with(|inner| Ok(format!("<oftp.Session {}>", inner.session.state().name())))
            .map_err(Into::into)
    }
}

impl Inner {
    /// The next item of the ordered output queue.
    fn poll(&mut self, py: Python<'_>) -> Outcome<Told> {
        if let Some(told) = self.untold.take() {
            return Ok(told);
        }
        let told = match self.session.poll_output() {
            Output::NConRq => Told::NConRq,
            Output::NConRs => Told::NConRs,
            Output::NDataRq(pending) => {
                let octets = PyBytes::new_with(py, pending.len(), |mut room| {
                    for slice in pending.slices() {
                        let (here, rest) = room.split_at_mut(slice.len().min(room.len()));
                        here.copy_from_slice(&slice[..here.len()]);
                        room = rest;
                    }
                    Ok(())
                })?;
                Told::NDataRq(octets.unbind())
            }
            Output::NDiscRq => Told::NDiscRq,
            Output::DataInd(ind) => events::data(py, ind)?,
            Output::Trace(trace) => Told::Trace(Box::new(trace)),
            Output::Wait(deadline) => Told::Wait(deadline.map(|time| time.as_secs_f64())),
            Output::Event(event) => Told::Event(Box::new(event)),
        };
        if let Told::Event(event) = &told {
            match &**event {
                Event::StartFileInd(sfid) => self.incoming = Some(Structure::of(sfid)),
                Event::StartFileCf(StartFileCf::Positive { position }) => {
                    if let Some(file) = &mut self.outgoing {
                        file.open(*position);
                    }
                }
                Event::StartFileCf(StartFileCf::Negative { .. }) | Event::CloseFileCf(_) => {
                    self.outgoing = None;
                }
                _ => {}
            }
        }
        Ok(told)
    }
}
