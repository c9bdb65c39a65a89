//! TLS whose handshake is Python's: our certificate and key for its context, and whose certificate
//! was shown (RFC 5024 2.3, chapter 11).

use oftp_secure::Certificate;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::Mailbox;
use crate::error::{Error, Outcome};
use crate::session::seconds;
use crate::values::code;

fn certificates(shown: &[Vec<u8>]) -> Outcome<Vec<Certificate>> {
    let read = |der: &Vec<u8>| {
        Certificate::from_der(der).map_err(|error| {
            Error::Key(format!("the partner's certificate cannot be read: {error}"))
        })
    };
    shown.iter().map(read).collect()
}

/// A certificate with those that vouch for it, and its key.
type Shown<'py> = (Vec<Bound<'py, PyBytes>>, Bound<'py, PyBytes>);

#[pymethods]
impl Mailbox {
    /// Our certificate for TLS with those that vouch for it, and its key (PKCS#8), in DER.
    ///
    /// :raises CertificateError: There is none, and it is `required`; or it has expired.
    #[pyo3(signature = (required=true))]
    fn tls_credential<'py>(&self, py: Python<'py>, required: bool) -> PyResult<Option<Shown<'py>>> {
        let own = self.with(|monitor| Ok(monitor.tls_credential(required)?))?;
        Ok(own.map(|own| {
            let chain = std::iter::once(&own.certificate).chain(&own.chain);
            let chain = chain.map(|one| PyBytes::new(py, one.der())).collect();
            (chain, PyBytes::new(py, own.key.pkcs8()))
        }))
    }

    /// Certificates by which partners are known for TLS, in DER.
    fn tls_authorities<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let all = self.with(|monitor| Ok(monitor.tls_authorities()))?;
        Ok(all.iter().map(|one| PyBytes::new(py, one.der())).collect())
    }

    /// Checks the certificates, in DER, that the called partner has shown.
    ///
    /// :raises CertificateError: They are not its, or cannot be trusted.
    fn check_called(&self, partner: &str, host: &str, shown: Vec<Vec<u8>>) -> PyResult<()> {
        let (partner, shown) = (code(partner, "partner")?, certificates(&shown)?);
        Ok(self.with(|monitor| Ok(monitor.check_called(&partner, host, &shown)?))?)
    }

    /// The connection is up, and TLS on it where it is wanted.
    ///
    /// :param now: The first `tick`.
    /// :param tls: TLS is on it.
    /// :param shown: Certificates of the caller in DER, its own first: they say which partners it
    ///     may be.
    /// :param required: Callers without a certificate are turned away.
    #[pyo3(signature = (now, *, tls=false, shown=Vec::new(), required=false))]
    fn connected(&self, now: f64, tls: bool, shown: Vec<Vec<u8>>, required: bool) -> PyResult<()> {
        let (now, shown) = (seconds(now, "now")?, certificates(&shown)?);
        Ok(self.with(|monitor| {
            let callers = if tls {
                let callers = monitor.tls_callers(required);
                monitor.callers(Some((&callers, shown)))
            } else {
                monitor.callers(None)
            };
            monitor.connected(now, Some(callers));
            Ok(())
        })?)
    }
}
