//! Mailboxes of one station whose sessions run side by side.

use pyo3::prelude::*;

use super::Mailbox;
use crate::values::code;

#[pymethods]
impl Mailbox {
    /// Another mailbox of the same station, for a session beside this one's: with the same
    /// partners and keys, and the same folder. What an earlier process left in the folder is opened
    /// first.
    fn sibling(&self, py: Python<'_>) -> PyResult<Self> {
        let monitor = self.aside(py, |monitor| Ok(monitor.sibling()))?;
        Ok(monitor.into())
    }

    /// Takes over all files for this partner from a mailbox that runs no session: those to be
    /// sent, as far as they have come, and those whose end response has not come.
    ///
    /// :returns: Their names there and here.
    /// :raises UserError: The other one runs a session.
    fn adopt(&self, other: &Self, partner: &str) -> PyResult<Vec<(u64, u64)>> {
        let partner = code(partner, "partner")?;
        if std::ptr::eq(self, other) {
            return Ok(Vec::new());
        }
        Ok(self.with(|monitor| other.with(|other| Ok(monitor.adopt(other, &partner)?)))?)
    }
}
