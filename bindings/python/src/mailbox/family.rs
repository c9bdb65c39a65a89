//! Mailboxes of one station whose sessions run side by side.

use std::sync::Mutex;

use pyo3::prelude::*;

use super::Mailbox;
use crate::values::code;

#[pymethods]
impl Mailbox {
    fn sibling(&self, py: Python<'_>) -> PyResult<Self> {
        let monitor = self.aside(py, |monitor| Ok(monitor.sibling()))?;
        Ok(Self(Mutex::new(monitor)))
    }

    fn adopt(&self, other: &Self, partner: &str) -> PyResult<Vec<(u64, u64)>> {
        let partner = code(partner, "partner")?;
        if std::ptr::eq(self, other) {
            return Ok(Vec::new());
        }
        Ok(self.with(|monitor| other.with(|other| Ok(monitor.adopt(other, &partner)?)))?)
    }
}
