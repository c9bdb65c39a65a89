//! `oftp.cms.Sealer`: puts content into its envelopes, octets in, octets out.

use std::sync::Mutex;

use oftp_secure::cms::Transform;
use oftp_secure::record_lengths::LengthWriter;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zeroize::Zeroizing;

use super::plan::{Sealing, record_length};
use super::{PIECE, with};
use crate::certificates::{Certificate, Keystore};
use crate::error::{Error, Outcome};

struct Inner {
    sealer: oftp_secure::cms::Sealer,
    lengths: Option<LengthWriter>,
    /// A record with its length; from `at` on the sealer has not taken it.
    record: Zeroizing<Vec<u8>>,
    at: usize,
    /// The caller has said that nothing more comes; the sealer was told.
    ending: bool,
    ended: bool,
}

impl Inner {
    /// Gives the sealer what waits.
    fn advance(&mut self) -> Outcome {
        while self.at < self.record.len() {
            match self.sealer.push(&self.record[self.at..])? {
                0 => return Ok(()),
                taken => self.at += taken,
            }
        }
        self.record.clear();
        self.at = 0;
        if self.ending && !self.ended {
            self.sealer.end()?;
            self.ended = true;
        }
        Ok(())
    }

    fn check_open(&self, records: bool) -> Outcome {
        match (self.ending, records, self.lengths.is_some()) {
            (true, ..) => Err(Error::value(
                "finish() was called: nothing more can be pushed",
            )),
            (_, true, false) => Err(Error::value("record_length is 0: push octets")),
            (_, false, true) => Err(Error::value("record_length is set: push records")),
            _ => Ok(()),
        }
    }

    fn pull(&mut self, out: &mut [u8]) -> Outcome<usize> {
        loop {
            let pulled = self.sealer.pull(out)?;
            let before = (self.at, self.record.len(), self.ended);
            self.advance()?;
            if pulled > 0 || out.is_empty() || before == (self.at, self.record.len(), self.ended) {
                return Ok(pulled);
            }
        }
    }
}

/// Puts content into its envelopes: octets in, octets out, as `zlib.compressobj` does it. It
/// holds some buffers of 64 KiB, however long the file is. One thread at a time may use it.
///
/// Keys and certificates are tried before the first octet. `oftp.cms.seal` has the parameters.
///
/// :param signed_attributes: Whether signatures cover attributes with the digest, or the content
///     itself, without a time.
/// :param signing_time: Whether the signatures hold the time.
/// :param by_key_identifier: Name certificates by subject key identifier, and not by issuer and
///     serial number.
/// :raises UserError: Nothing is asked for, or a value is wrong.
/// :raises CertificateError: A key or certificate cannot be used, or none is good.
#[pyclass(frozen, module = "oftp.cms")]
pub(crate) struct Sealer(Mutex<Inner>);

impl Sealer {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        body: impl FnOnce(&mut Inner) -> Outcome<T> + Send,
    ) -> Outcome<T> {
        py.detach(|| with(&self.0, "sealer", body))
    }
}

#[pymethods]
impl Sealer {
    #[new]
    #[pyo3(signature = (
        *, sign_with=None, encrypt_for=None, compress=None, suite=4, signers=Vec::new(), at=None,
        signed_attributes=true, signing_time=true, by_key_identifier=false,
        with_certificates=false, record_length=0
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    #[expect(clippy::fn_params_excessive_bools, reason = "keywords in Python")]
    fn new(
        py: Python<'_>,
        sign_with: Option<&Keystore>,
        encrypt_for: Option<&Bound<'_, PyAny>>,
        compress: Option<&Bound<'_, PyAny>>,
        suite: i64,
        signers: Vec<Certificate>,
        at: Option<&Bound<'_, PyAny>>,
        signed_attributes: bool,
        signing_time: bool,
        by_key_identifier: bool,
        with_certificates: bool,
        record_length: i64,
    ) -> PyResult<Self> {
        let no = pyo3::types::PyBool::new(py, false).to_owned().into_any();
        let mut plan = Sealing {
            sign_with,
            encrypt_for,
            compress: compress.unwrap_or(&no),
            suite,
            signers: &signers,
            at,
        }
        .plan()?;
        plan.signed_attributes = signed_attributes;
        plan.by_key_identifier = by_key_identifier;
        plan.with_certificates = with_certificates;
        if !signing_time {
            plan.signing_time = None;
        }
        let longest = self::record_length(record_length)?;
        let sealer = py
            .detach(|| oftp_secure::cms::Sealer::new(plan))
            .map_err(Error::from)?;
        Ok(Self(Mutex::new(Inner {
            sealer,
            lengths: longest.map(LengthWriter::new),
            record: Zeroizing::default(),
            at: 0,
            ending: false,
            ended: false,
        })))
    }

    /// Takes octets of the content; how many, from the beginning. When it takes fewer than all
    /// there is something to pull: pull, then push the rest.
    ///
    /// :raises UserError: `finish` was called, or records are wanted.
    fn push(&self, py: Python<'_>, octets: &Bound<'_, PyAny>) -> PyResult<usize> {
        crate::buffer::with(octets, |octets| {
            self.with(py, |inner| {
                inner.check_open(false)?;
                Ok(inner.sealer.push(octets)?)
            })
        })
        .map_err(Into::into)
    }

    /// Takes the next record of a V file, and writes its length before it (RFC 5024 6.5).
    /// ``False``: pull, then push it again.
    ///
    /// :raises UserError: The record is too long, `finish` was called, or `record_length` is 0.
    fn push_record(&self, py: Python<'_>, record: &Bound<'_, PyAny>) -> PyResult<bool> {
        crate::buffer::with(record, |record| {
            self.with(py, |inner| {
                inner.check_open(true)?;
                inner.advance()?;
                let Some(lengths) = &mut inner.lengths else {
                    return Ok(false);
                };
                if !inner.record.is_empty() {
                    return Ok(false);
                }
                lengths
                    .write(record, true, &mut inner.record)
                    .map_err(|error| Error::value(error.to_string()))?;
                inner.advance()?;
                Ok(true)
            })
        })
        .map_err(Into::into)
    }

    /// The content has ended: pull what is still to come.
    ///
    /// :raises UserError: That was told before.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |inner| {
            inner.check_open(inner.lengths.is_some())?;
            inner.ending = true;
            inner.advance()
        })
        .map_err(Into::into)
    }

    /// Octets of the message, at most so many, and never more than 1 MiB. None: push more, or
    /// it is done.
    #[pyo3(signature = (octets=1048576))]
    fn pull<'py>(&self, py: Python<'py>, octets: usize) -> PyResult<Bound<'py, PyBytes>> {
        let pulled = self.with(py, |inner| {
            let mut out = vec![0; octets.min(PIECE)];
            let pulled = inner.pull(&mut out)?;
            out.truncate(pulled);
            Ok(out)
        })?;
        Ok(PyBytes::new(py, &pulled))
    }

    /// Whether the message is complete, and all was pulled.
    #[getter]
    fn is_done(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |inner| Ok(inner.ended && inner.sealer.is_done()))
            .map_err(Into::into)
    }

    /// Octets that all buffers hold, in use or not.
    #[getter]
    fn held(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(
            py,
            |inner| Ok(inner.sealer.held() + inner.record.capacity()),
        )
        .map_err(Into::into)
    }
}
