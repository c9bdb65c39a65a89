//! The extension module `oftp._oftp`: the engine, the security services and the command for the
//! Python package `oftp`.
//!
//! Python pulls; nothing in here calls a Python function of the user, and no thread of Rust ever
//! needs the interpreter. What users see (exceptions, events, front-ends) is written in Python,
//! in `python/oftp`, and private names of this module are its building blocks.
//!
//! ```text
//! error     faults as exceptions: the caller's, the partner's, ours
//! values    numbers, strings and enumerations across the border
//! fields    the fields of SSID, SFID, EERP and NERP, both ways
//! buffer    octets of the caller
//! session   oftp.Session
//! certificates  oftp.certificates, and the throw-away ones of oftp.testing.pki
//! cms       oftp.cms
//! ```

mod buffer;
mod certificates;
mod cms;
mod error;
mod fields;
mod session;
mod values;

/// The private half of the package; its public half documents what is meant for users.
#[pyo3::pymodule(gil_used = false)]
mod _oftp {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::values::{quirk_names, reason_meaning, reasons};

    #[pymodule_export]
    use crate::certificates::{
        Certificate, Keystore, Trust, throwaway_certificate, throwaway_crl, throwaway_key,
    };
    #[pymodule_export]
    use crate::cms::{
        Hash, Opener, Sealer, challenge_open, challenge_seal, cms_layer, response_check,
        response_sign,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
