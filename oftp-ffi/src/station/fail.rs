//! Errors of a station, in the codes of this library.

use ::oftp_station::station::host::{Fault, HostError};

use crate::status::{Fail, oftp_code};

impl From<HostError> for Fail {
    fn from(error: HostError) -> Self {
        if matches!(error, HostError::Forked) {
            return oftp_code::OFTP_E_FORKED.because(error.to_string());
        }
        match error.fault() {
            Fault::Value => oftp_code::OFTP_E_VALUE,
            Fault::Missing => oftp_code::OFTP_E_NOT_FOUND,
            Fault::State => oftp_code::OFTP_E_USER,
            Fault::Config => oftp_code::OFTP_E_CONFIG,
            Fault::Key => oftp_code::OFTP_E_KEY,
            Fault::System => oftp_code::OFTP_E_IO,
            // Another kind would be a new one, that this library does not know yet.
            _ => oftp_code::OFTP_E_INTERNAL,
        }
        .because(error.to_string())
    }
}
