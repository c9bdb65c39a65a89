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

/// One OFTP session as a sans-IO state machine; see the stub for users' documentation.
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

    fn sent(&self, octets: usize) -> PyResult<()> {
        self.with(|inner| {
            inner.session.sent(octets);
            Ok(())
        })
        .map_err(Into::into)
    }

    fn tick(&self, now: f64) -> PyResult<()> {
        let now = seconds(now, "now")?;
        self.with(|inner| {
            inner.session.tick(now);
            Ok(())
        })
        .map_err(Into::into)
    }

    fn n_con_ind(&self) -> PyResult<()> {
        self.with(|inner| {
            inner.session.n_con_ind(Default::default());
            Ok(())
        })
        .map_err(Into::into)
    }

    fn n_con_cf(&self) -> PyResult<()> {
        self.with(|inner| {
            inner.session.n_con_cf();
            Ok(())
        })
        .map_err(Into::into)
    }

    fn n_data_ind(&self, octets: &Bound<'_, PyAny>) -> PyResult<()> {
        crate::buffer::with(octets, |octets| {
            self.with(|inner| {
                inner.session.n_data_ind(octets);
                Ok(())
            })
        })
        .map_err(Into::into)
    }

    fn n_disc_ind(&self) -> PyResult<()> {
        self.with(|inner| {
            inner.session.n_disc_ind();
            Ok(())
        })
        .map_err(Into::into)
    }

    fn n_rst_ind(&self) -> PyResult<()> {
        self.with(|inner| {
            inner.session.n_rst_ind();
            Ok(())
        })
        .map_err(Into::into)
    }

    #[getter]
    fn state(&self) -> PyResult<&'static str> {
        Ok(self.with(|inner| Ok(inner.session.state().name()))?)
    }

    #[getter]
    fn agreed<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let agreed = self.with(|inner| Ok(inner.session.agreed().copied()))?;
        agreed.map(|agreed| from_agreed(py, &agreed)).transpose()
    }

    #[getter]
    fn is_initiator(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.is_initiator()))?)
    }

    #[getter]
    fn is_over(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.is_over()))?)
    }

    #[getter]
    fn can_send_data(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.can_send_data()))?)
    }

    #[getter]
    fn ends_wait(&self) -> PyResult<usize> {
        let wait = self.with(|inner| Ok(inner.outgoing.as_ref().map(Sending::ends_wait)))?;
        Ok(wait.unwrap_or_default())
    }

    #[getter]
    fn wants_octets(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.wants_octets()))?)
    }

    #[getter]
    fn has_sent_esid(&self) -> PyResult<bool> {
        Ok(self.with(|inner| Ok(inner.session.has_sent_esid()))?)
    }

    #[getter]
    fn transmit_pending(&self) -> PyResult<usize> {
        Ok(self.with(|inner| Ok(inner.session.transmit_pending()))?)
    }

    #[getter]
    fn receive_pending(&self) -> PyResult<usize> {
        Ok(self.with(|inner| Ok(inner.session.receive_pending()))?)
    }

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
