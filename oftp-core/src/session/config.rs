//! What a [`Session`](super::Session) is told before it begins: the constants of RFC 5024 9.7.

use std::time::Duration;

use crate::wire::{Capability, Level, Quirks};

/// The constants of 9.7 that are offered to, or cut down for, one partner.
///
/// Defaults: level 2.0 down to 1.2, buffers of 99,999 octets, a window of 64, buffer compression
/// and restart on, both directions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Highest release level offered or accepted (SSIDLEV).
    pub level: Level,
    /// Lowest release level accepted; a partner below it gets ESID 10.
    pub min_level: Level,
    /// C.Max-buf-size: largest Data Exchange Buffer, command octet included, 128 to 99,999 octets.
    pub buffer_size: u32,
    /// C.Max-window: credit offered, 1 to 999 Data Exchange Buffers.
    pub window: u16,
    /// C.Cap-compression: buffer compression (chapter 7).
    pub compression: bool,
    /// C.Cap-restart: restart of interrupted files (1.5.4).
    pub restart: bool,
    /// C.Cap-mode: the directions in which this side moves files.
    pub mode: Capability,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            level: Level::V2_0,
            min_level: Level::V1_2,
            buffer_size: 99_999,
            window: 64,
            compression: true,
            restart: true,
            mode: Capability::Both,
        }
    }
}

impl Capabilities {
    /// Holds the values against the ranges of 9.7.
    ///
    /// # Errors
    /// Names the first value that is out of its range.
    pub fn check(&self) -> Result<(), ConfigError> {
        if !(128..=99_999).contains(&self.buffer_size) {
            return Err(ConfigError::BufferSize(self.buffer_size));
        }
        if !(1..=999).contains(&self.window) {
            return Err(ConfigError::Window(self.window));
        }
        if self.min_level > self.level {
            return Err(ConfigError::Levels {
                lowest: self.min_level,
                highest: self.level,
            });
        }
        Ok(())
    }
}

/// C.Cap-init: the side of a connection that an entity may take (9.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Only calls.
    Initiator,
    /// Is only called.
    Responder,
    /// Either.
    #[default]
    Both,
}

/// The inactivity timer of 9.8 to 9.12 and the deadlines of the start phase.
///
/// RFC 5024 gives no values (4.7.2); the defaults are those of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// Longest silence in any state that waits, default 180 s. Restarted by whole commands only.
    pub inactivity: Duration,
    /// From the connection to the end of the SSID exchange, default 30 s, never restarted.
    pub start: Duration,
    /// From the SSID exchange to the end of secure authentication, default 30 s, never restarted.
    pub authentication: Duration,
    /// From our ESID to the partner's disconnect (WF_NDISC), default 10 s.
    pub disconnect: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            inactivity: Duration::from_secs(180),
            start: Duration::from_secs(30),
            authentication: Duration::from_secs(30),
            disconnect: Duration::from_secs(10),
        }
    }
}

/// Everything a [`Session`](super::Session) is told before it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// C.Cap-init.
    pub role: Role,
    /// What is offered as Initiator, and the most that is accepted as Responder. A Responder may
    /// put others in their place when it knows who calls ([`ConnectRs`](super::ConnectRs)).
    pub capabilities: Capabilities,
    /// Time limits.
    pub timers: Timers,
    /// What the partner may do beyond the letter; every use is reported.
    pub quirks: Quirks,
    /// Whether [`Output::Trace`](super::Output::Trace) is given for every command and state row.
    pub trace: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            role: Role::default(),
            capabilities: Capabilities::default(),
            timers: Timers::default(),
            quirks: Quirks::TOLERANT,
            trace: false,
        }
    }
}

/// A value of [`Capabilities`] is out of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// C.Max-buf-size.
    #[error("buffer size {0} is not in 128 to 99999 octets (RFC 5024 9.7)")]
    BufferSize(u32),
    /// C.Max-window.
    #[error("credit {0} is not in 1 to 999 (RFC 5024 9.7)")]
    Window(u16),
    /// The floor lies above the ceiling.
    #[error("lowest level {lowest} is above the highest level {highest}")]
    Levels {
        /// The floor.
        lowest: Level,
        /// The ceiling.
        highest: Level,
    },
}
