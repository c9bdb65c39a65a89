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
//! mailbox   oftp.mailbox.Mailbox
//! station   oftp.Station
//! command   the command oftp
//! wire      building blocks of oftp.wire
//! ```

mod buffer;
mod certificates;
mod cms;
mod command;
mod error;
mod fields;
mod mailbox;
mod session;
mod station;
mod values;
mod wire;

/// The private half of the package; its public half documents what is meant for users.
#[pyo3::pymodule(gil_used = false)]
mod _oftp {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::command::run;
    #[pymodule_export]
    use crate::mailbox::Mailbox;
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::station::StationHost;
    #[pymodule_export]
    use crate::values::{dataset_name, quirk_names, reason_meaning, reasons};
    #[pymodule_export]
    use crate::wire::{
        wire_check, wire_data_of, wire_exchange_buffer_octets, wire_explain, wire_header,
        wire_layouts, wire_split, wire_subrecords,
    };

    #[pymodule_export]
    use crate::certificates::{
        Certificate, Keystore, Trust, throwaway_certificate, throwaway_crl, throwaway_key,
    };
    #[pymodule_export]
    use crate::cms::{
        Hash, Opener, Sealer, challenge_open, challenge_seal, cms_layer, response_check,
        response_sign,
    };

    /// The interpreter that has the module, by the address of its `sys.modules`: classes and
    /// exceptions that are kept for it would be used by another one.
    static INTERPRETER: std::sync::OnceLock<usize> = std::sync::OnceLock::new();

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let modules = module.py().import("sys")?.getattr("modules")?;
        let interpreter = modules.as_ptr().addr();
        if *INTERPRETER.get_or_init(|| interpreter) != interpreter {
            return Err(pyo3::exceptions::PyImportError::new_err(
                "oftp cannot be used in subinterpreters: another interpreter of this process has it",
            ));
        }
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
