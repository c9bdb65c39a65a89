//! `Config`: what a session is told before it begins (RFC 5024 9.7).

use std::time::Duration;

use oftp_core::session::{Capabilities, Config, Role, Timers};
use pyo3::prelude::*;

use crate::error::{Error, Outcome};
use crate::fields::field;
use crate::values::{level, mode, quirks};

/// Longer than any session: more would only overflow.
const LONGEST: f64 = 1e9;

/// Seconds of the caller's clock.
pub(crate) fn seconds(value: f64, name: &str) -> Outcome<Duration> {
    Duration::try_from_secs_f64(value)
        .ok()
        .filter(|_| value <= LONGEST)
        .ok_or_else(|| Error::value(format!("{name} is {value}, must be 0 to {LONGEST} seconds")))
}

/// Reads the dataclass.
pub(crate) fn config(object: &Bound<'_, PyAny>) -> Outcome<Config> {
    let time = |name: &str| seconds(field(object, name)?, name);
    let capabilities = Capabilities {
        level: level(field(object, "level")?)?,
        min_level: level(field(object, "min_level")?)?,
        buffer_size: field(object, "buffer_size")?,
        window: field(object, "window")?,
        compression: field(object, "compression")?,
        restart: field(object, "restart")?,
        mode: mode(&field::<String>(object, "mode")?)?,
    };
    capabilities.check()?;
    Ok(Config {
        role: match field::<u8>(object, "role")? {
            0 => Role::Both,
            1 => Role::Initiator,
            2 => Role::Responder,
            other => {
                return Err(Error::value(format!(
                    "role is {other}, must be an oftp.Role"
                )));
            }
        },
        capabilities,
        timers: Timers {
            inactivity: time("inactivity")?,
            start: time("start")?,
            authentication: time("authentication")?,
            disconnect: time("disconnect")?,
        },
        quirks: quirks(&field::<Vec<String>>(object, "quirks")?)?,
        trace: field(object, "trace")?,
    })
}
