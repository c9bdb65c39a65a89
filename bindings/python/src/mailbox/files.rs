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
    #[pyo3(signature = (folder=None))]
    fn receive_into(&self, py: Python<'_>, folder: Option<PathBuf>) -> PyResult<()> {
        Ok(self.aside(py, |monitor| Ok(monitor.receive_into(folder.as_deref())?))?)
    }

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

    fn file_hash<'py>(&self, py: Python<'py>, id: u64) -> PyResult<Bound<'py, PyBytes>> {
        let hash = self.with(|monitor| Ok(monitor.file_hash(id)?))?;
        Ok(PyBytes::new(py, &hash))
    }

    fn cancel(&self, id: u64) -> PyResult<bool> {
        Ok(self.with(|monitor| Ok(monitor.cancel(id)?))?)
    }

    #[pyo3(signature = (position=0, octets=0))]
    fn accept_file(&self, position: u64, octets: u64) -> PyResult<()> {
        Ok(self.with(|monitor| Ok(monitor.accept_file(position, octets)?))?)
    }

    #[pyo3(signature = (reason, retry_later=false, text=""))]
    fn refuse_file(&self, reason: u8, retry_later: bool, text: &str) -> PyResult<()> {
        let reason = SfnaReason::new(self::reason(reason, 1)?);
        Ok(self.with(|monitor| Ok(monitor.refuse_file(reason, retry_later, text)?))?)
    }

    fn offer_passed(&self, py: Python<'_>) -> PyResult<()> {
        Ok(self.aside(py, |monitor| {
            monitor.offer_passed();
            Ok(())
        })?)
    }

    fn cannot_store(&self, why: &str) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.cannot_store(why);
            Ok(())
        })?)
    }

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

    #[pyo3(signature = (reason, text=""))]
    fn not_stored(&self, reason: u8, text: &str) -> PyResult<()> {
        let reason = EfnaReason::new(self::reason(reason, 1)?);
        Ok(self.with(|monitor| Ok(monitor.not_stored(reason, text)?))?)
    }

    fn send_response(&self, partner: &str, response: &Bound<'_, PyAny>) -> PyResult<()> {
        let partner = code(partner, "partner")?;
        let response = match field::<Option<u8>>(response, "reason")? {
            None => Response::Eerp(Box::new(eerp(response)?)),
            Some(_) => Response::Nerp(Box::new(nerp(response)?)),
        };
        Ok(self.with(|monitor| Ok(monitor.send_response(partner, response)?))?)
    }

    fn response_told(&self) -> PyResult<()> {
        Ok(self.with(|monitor| {
            monitor.response_told();
            Ok(())
        })?)
    }
}
