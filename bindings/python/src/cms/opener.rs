//! `oftp.cms.Opener`: takes content out of its envelopes, octets in, octets out.

use std::sync::Mutex;

use oftp_core::wire::{EfnaReason, NerpReason};
use oftp_secure::cms::{OpenError, Transform};
use oftp_secure::record_lengths::{LengthReader, RecordError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zeroize::Zeroizing;

use super::plan::{open_plan, opened, record_length};
use super::{PIECE, unopened, with};
use crate::certificates::{Keystore, Trust, purpose};
use crate::error::{Error, Outcome};

/// As much content is held whose records were not given yet.
const CONTENT: usize = 64 << 10;

struct Inner {
    opener: oftp_secure::cms::Opener,
    lengths: Option<LengthReader>,
    /// Octets of the content whose records were not given yet, from `at` to `end`.
    content: Zeroizing<Vec<u8>>,
    at: usize,
    end: usize,
    /// The record that has begun.
    record: Zeroizing<Vec<u8>>,
    ended: bool,
    encrypted: bool,
    signed: bool,
    wrong: Option<RecordError>,
}

impl Inner {
    fn check(&self, records: Option<bool>) -> Outcome {
        if let Some(error) = self.wrong {
            return Err(self.wrong_record(error));
        }
        match (records, self.lengths.is_some()) {
            (None, _) if self.ended => Err(Error::value(
                "finish() was called: nothing more can be pushed",
            )),
            (Some(true), false) => Err(Error::value("record_length is 0: pull octets")),
            (Some(false), true) => Err(Error::value("record_length is set: pull records")),
            _ => Ok(()),
        }
    }

    /// Lengths that are wrong may be those of a content that was tampered with: as long as no
    /// signature says otherwise, the partner learns no more than that (threat model A5).
    fn wrong_record(&self, error: RecordError) -> Error {
        let proven = !self.encrypted || self.signed && self.opener.is_done();
        let (nerp, efna) = match (proven, self.signed) {
            (true, _) => (
                NerpReason::INVALID_RECORD_FORMAT,
                EfnaReason::INVALID_RECORD_COUNT,
            ),
            (_, true) => (
                NerpReason::INVALID_FILE_SIGNATURE,
                EfnaReason::INVALID_FILE_SIGNATURE,
            ),
            _ => (
                NerpReason::FILE_DECRYPTION_FAILURE,
                EfnaReason::FILE_DECRYPTION_FAILURE,
            ),
        };
        unopened(format!("{error} (RFC 5024 6.5)"), nerp, efna)
    }

    fn fail(&mut self, error: RecordError) -> Error {
        self.wrong = Some(error);
        self.wrong_record(error)
    }

    /// The next record, once all of it is there.
    fn pull_record(&mut self) -> Outcome<Option<Zeroizing<Vec<u8>>>> {
        self.content.resize(CONTENT, 0);
        loop {
            let Some(lengths) = &mut self.lengths else {
                return Ok(None);
            };
            let mut input = &self.content[self.at..self.end];
            match lengths.next(&mut input) {
                Err(error) => return Err(self.fail(error)),
                Ok(Some(piece)) => {
                    self.record.extend_from_slice(piece.octets);
                    self.at = self.end - input.len();
                    if piece.end_of_record {
                        return Ok(Some(std::mem::take(&mut self.record)));
                    }
                    continue;
                }
                Ok(None) => {}
            }
            self.at = 0;
            self.end = self.opener.pull(&mut self.content)?;
            if self.end == 0 {
                let whole = self.lengths.as_ref().map(LengthReader::finish);
                return match whole {
                    Some(Err(error)) if self.opener.is_done() => Err(self.fail(error)),
                    _ => Ok(None),
                };
            }
        }
    }

    fn is_done(&self) -> bool {
        let whole = self.lengths.as_ref().is_none_or(|l| l.finish().is_ok());
        self.wrong.is_none() && self.opener.is_done() && self.at == self.end && whole
    }
}

/// Takes a content out of its envelopes: octets in, octets out. It holds some buffers of
/// 64 KiB, however long the file is. One thread at a time may use it.
///
/// **What is pulled is provisional until `is_done`**: signatures stand behind the content. Whoever
/// uses it before that uses what an attacker may have written; on an error, delete it.
///
/// `oftp.cms.open` has the parameters.
///
/// :raises UserError: A value is wrong.
/// :raises CertificateError: `decrypt_with` has no key, or one without its certificate.
#[pyclass(frozen, module = "oftp.cms")]
pub(crate) struct Opener(Mutex<Inner>);

impl Opener {
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        body: impl FnOnce(&mut Inner) -> Outcome<T> + Send,
    ) -> Outcome<T> {
        py.detach(|| with(&self.0, "opener", body))
    }
}

#[pymethods]
impl Opener {
    #[new]
    #[pyo3(signature = (
        *, decrypt_with=None, decompress=false, signed_by=None, purpose="sign_file", at=None,
        limit=None, refuse_legacy=false, record_length=0
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords in Python")]
    fn new(
        decrypt_with: Option<&Keystore>,
        decompress: bool,
        signed_by: Option<&Trust>,
        purpose: &str,
        at: Option<&Bound<'_, PyAny>>,
        limit: Option<u64>,
        refuse_legacy: bool,
        record_length: i64,
    ) -> PyResult<Self> {
        let mut plan = open_plan(decrypt_with, decompress, signed_by, at)?;
        plan.purpose = self::purpose(purpose)?;
        plan.limit = limit;
        plan.refuse_legacy = refuse_legacy;
        let lengths = self::record_length(record_length)?.map(LengthReader::new);
        Ok(Self(Mutex::new(Inner {
            encrypted: plan.encrypted,
            signed: plan.signed,
            opener: oftp_secure::cms::Opener::new(plan),
            lengths,
            content: Zeroizing::default(),
            at: 0,
            end: 0,
            record: Zeroizing::default(),
            ended: false,
            wrong: None,
        })))
    }

    /// Takes octets of the message, as `Sealer.push`.
    ///
    /// :raises CmsError: The message is wrong, now and in every later call.
    /// :raises UserError: `finish` was called.
    fn push(&self, py: Python<'_>, octets: &Bound<'_, PyAny>) -> PyResult<usize> {
        crate::buffer::with(octets, |octets| {
            self.with(py, |inner| {
                inner.check(None)?;
                Ok(inner.opener.push(octets)?)
            })
        })
        .map_err(Into::into)
    }

    /// The message has ended: pull what is still to come.
    ///
    /// :raises CmsError: It is wrong, or not complete.
    /// :raises UserError: That was told before.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |inner| {
            inner.check(None)?;
            inner.ended = true;
            inner.opener.end().map_err(|error: OpenError| error.into())
        })
        .map_err(Into::into)
    }

    /// Octets of the content, at most so many, and never more than 1 MiB. None: push more, or
    /// it is done.
    ///
    /// :raises CmsError: The message is wrong.
    /// :raises UserError: `record_length` is set.
    #[pyo3(signature = (octets=1048576))]
    fn pull<'py>(&self, py: Python<'py>, octets: usize) -> PyResult<Bound<'py, PyBytes>> {
        let pulled = self.with(py, |inner| {
            inner.check(Some(false))?;
            let mut out = Zeroizing::new(vec![0; octets.min(PIECE)]);
            let pulled = inner.opener.pull(&mut out)?;
            out.truncate(pulled);
            Ok(out)
        })?;
        Ok(PyBytes::new(py, &pulled))
    }

    /// The next record of a V file. ``None``: push more, or it is done.
    ///
    /// :raises CmsError: The message, or a length of a record is wrong.
    /// :raises UserError: `record_length` is 0.
    fn pull_record<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let record = self.with(py, |inner| {
            inner.check(Some(true))?;
            inner.pull_record()
        })?;
        Ok(record.map(|record| PyBytes::new(py, &record)))
    }

    /// Whether the end was told, everything is right, and all was pulled. Only then may the
    /// content be used.
    #[getter]
    fn is_done(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |inner| Ok(inner.is_done()))
            .map_err(Into::into)
    }

    /// What is known of the message, once it is done.
    #[getter]
    fn opened<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = self.with(py, |inner| {
            Ok(inner.opener.opened().filter(|_| inner.is_done()))
        })?;
        found.map(|found| opened(py, &found)).transpose()
    }

    /// Octets that all buffers hold, in use or not.
    #[getter]
    fn held(&self, py: Python<'_>) -> PyResult<usize> {
        self.with(py, |inner| {
            Ok(inner.opener.held() + inner.content.capacity() + inner.record.capacity())
        })
        .map_err(Into::into)
    }
}
