//! Files to send, the folder for what comes, and the answers of the user (RFC 5024 3.3).

use std::path::PathBuf;

use oftp_core::mailbox::{Reply, Response};
use oftp_core::wire::{EfnaReason, IdentificationCode, NerpReason, SfnaReason, Text};
use oftp_station::monitor::{Sending, Source};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::Mailbox;
use crate::error::Outcome;
use crate::fields::{eerp, field, nerp, sfid};
use crate::values::{code, reason};

fn named(partner: Option<&str>) -> Outcome<Option<IdentificationCode>> {
    partner.map(|partner| code(partner, "partner")).transpose()
}

#[pymethods]
impl Mailbox {
    /// Files that come go into an existing folder: under names made of the five fields that make
    /// a file unique, whole or not at all, on the disk before EFPA is sent. Files that were cut go
    /// on where they stopped, duplicates are refused (SFNA 13), also by another process. In V files
    /// each record stands behind its length, 2 octets, most significant first. Sub-folders with a
    /// dot belong to the mailbox. ``None``: no folder any more.
    #[pyo3(signature = (folder=None))]
    fn receive_into(&self, py: Python<'_>, folder: Option<PathBuf>) -> PyResult<()> {
        Ok(self.aside(py, |monitor| Ok(monitor.receive_into(folder.as_deref())?))?)
    }

    /// Queues the regular file at this path, as `file`: for the session that runs, or the next
    /// with its partner. Sizes, envelope, and where they are 0 the suite and the longest record of
    /// a V file are filled in. It is sealed or hashed now, as it asks for, which takes as long as
    /// reading it.
    ///
    /// :param partner: To whom (SSIDCODE); ``None``: its destination, or the only partner.
    /// :returns: Its name in what is told.
    /// :raises UserError: The partner is not known, or a field is wrong.
    /// :raises CertificateError: A key that is needed is missing or cannot be used.
    /// :raises OSError: It cannot be read.
    #[pyo3(signature = (file, path, *, partner=None))]
    fn send_path(
        &self,
        py: Python<'_>,
        file: &Bound<'_, PyAny>,
        path: PathBuf,
        partner: Option<&str>,
    ) -> PyResult<u64> {
        let (sfid, partner) = (sfid(file)?, named(partner)?);
        Ok(self.aside(py, |monitor| {
            let source = Source::path(&path)?;
            Ok(monitor.send(Sending {
                partner,
                sfid,
                source,
            })?)
        })?)
    }

    /// The same for octets in memory, which are copied. Records of a V file stand behind their
    /// lengths, 2 octets each.
    #[pyo3(signature = (file, octets, *, partner=None))]
    fn send_octets(
        &self,
        py: Python<'_>,
        file: &Bound<'_, PyAny>,
        octets: &Bound<'_, PyAny>,
        partner: Option<&str>,
    ) -> PyResult<u64> {
        let (sfid, partner) = (sfid(file)?, named(partner)?);
        let octets = crate::buffer::with(octets, |octets| Ok(octets.to_vec()))?;
        Ok(self.aside(py, |monitor| {
            Ok(monitor.send(Sending {
                partner,
                sfid,
                source: Source::memory(octets),
            })?)
        })?)
    }

    /// Tells of a file that an earlier mailbox has sent, so that its end response is known.
    /// `hash` is what `file_hash` told.
    #[pyo3(signature = (file, hash=Vec::new(), *, partner=None))]
    fn expect_response(
        &self,
        file: &Bound<'_, PyAny>,
        hash: Vec<u8>,
        partner: Option<&str>,
    ) -> PyResult<u64> {
        let (sfid, partner) = (sfid(file)?, named(partner)?);
        Ok(self.with(|monitor| Ok(monitor.expect_response(partner, sfid, &hash)?))?)
    }

    /// The hash that a signed end response must name; empty: none is asked for.
    fn file_hash<'py>(&self, py: Python<'py>, id: u64) -> PyResult<Bound<'py, PyBytes>> {
        let hash = self.with(|monitor| Ok(monitor.file_hash(id)?))?;
        Ok(PyBytes::new(py, &hash))
    }

    /// Forgets a file that waits. ``False``: it has been offered in this session, and stays.
    fn cancel(&self, id: u64) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.cancel(id)?))?)
    }

    /// Answers `Offered`: its octets come as `Data`, from `position` on, at most the one
    /// offered; `octets` are those before it, for V files.
    #[pyo3(signature = (position=0, octets=0))]
    fn accept_file(&self, position: u64, octets: u64) -> PyResult<()> {
        Ok(self.with(|monitor| Ok(monitor.accept_file(position, octets)?))?)
    }

    /// Answers `Offered`: SFNA with a `SfnaReason`.
    #[pyo3(signature = (reason, retry_later=false, text=""))]
    fn refuse_file(&self, reason: u8, retry_later: bool, text: &str) -> PyResult<()> {
        let reason = SfnaReason::new(self::reason(reason, 1)?);
        Ok(self.with(|monitor| Ok(monitor.refuse_file(reason, retry_later, text)?))?)
    }

    /// Answers `Offered`: the folder takes it, or it is refused where there is none.
    fn offer_passed(&self, py: Python<'_>) -> PyResult<()> {
        Ok(self.aside(py, |monitor| {
            monitor.offer_passed();
            Ok(())
        })?)
    }

    /// Octets of `Data` cannot be stored: the session is ended (ESID 08).
    fn cannot_store(&self, why: &str) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.cannot_store(why);
            Ok(())
        })?)
    }

    /// Answers `Complete`: the file is safe (EFPA). An EERP follows, signed where the file asks
    /// for that; or a NERP with this `reason`; or nothing yet, `later`: then `send_response`.
    #[pyo3(signature = (*, later=false, reason=None, text=""))]
    fn stored(&self, py: Python<'_>, later: bool, reason: Option<u8>, text: &str) -> PyResult<()> {
        let reply = match reason {
            _ if later => Reply::Later,
            None => Reply::Eerp,
            Some(reason) => Reply::Nerp {
                reason: NerpReason::new(self::reason(reason, 1)?),
                text: Text::new(text),
            },
        };
        Ok(self.aside(py, |monitor| Ok(monitor.stored(reply)?))?)
    }

    /// Answers `Complete`: EFNA with an `EfnaReason`.
    #[pyo3(signature = (reason, text=""))]
    fn not_stored(&self, reason: u8, text: &str) -> PyResult<()> {
        let reason = EfnaReason::new(self::reason(reason, 1)?);
        Ok(self.with(|monitor| Ok(monitor.not_stored(reason, text)?))?)
    }

    /// Queues a response that was left for later.
    fn send_response(&self, partner: &str, response: &Bound<'_, PyAny>) -> PyResult<()> {
        let partner = code(partner, "partner")?;
        let response = match field::<Option<u8>>(response, "reason")? {
            None => Response::Eerp(Box::new(eerp(response)?)),
            Some(_) => Response::Nerp(Box::new(nerp(response)?)),
        };
        Ok(self.with(|monitor| Ok(monitor.send_response(partner, response)?))?)
    }

    /// The response that was told is safe: RTR is sent, and its file closed.
    fn response_told(&self) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.response_told();
            Ok(())
        })?)
    }
}
