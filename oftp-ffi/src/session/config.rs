//! What a session is told before it begins (RFC 5024 9.7).

use std::time::Duration;

use oftp_core::session::{Capabilities, Config, Role, Timers};
use oftp_core::wire::{Capability, Level, Quirks};

use crate::guard::Versioned;
use crate::status::{Fail, Outcome, oftp_code};
use crate::values::{oftp_choice, oftp_role};

/// What a session is told before it begins. Every field may be 0: that is its default.
/// Initialise with `OFTP_CONFIG_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_config {
    /// `sizeof(oftp_config)`.
    pub struct_size: usize,
    /// Highest release level, an `oftp_level`; default `OFTP_LEVEL_2_0`.
    pub level: i32,
    /// Lowest release level taken, an `oftp_level`; default `OFTP_LEVEL_1_2`. A partner below it
    /// gets ESID 10.
    pub min_level: i32,
    /// Largest Data Exchange Buffer in octets, command octet included (SSIDSDEB), 128 to 99,999;
    /// default 99,999.
    pub buffer_size: u32,
    /// Credit: Data Exchange Buffers before a CDT is awaited (SSIDCRED), 1 to 999; default 64.
    pub window: u32,
    /// Buffer compression (SSIDCMPR), an `oftp_choice`; default yes.
    pub compression: i32,
    /// Restart of interrupted files (SSIDREST), an `oftp_choice`; default yes.
    pub restart: i32,
    /// Directions of files (SSIDSR), an `oftp_mode`; default `OFTP_MODE_BOTH`.
    pub mode: i32,
    /// The side of a connection that is taken, an `oftp_role`; default both.
    pub role: i32,
    /// Longest silence in milliseconds; default 180,000. ESID 09 ends it.
    pub inactivity_ms: u64,
    /// From the connection to the end of the SSID exchange, in milliseconds; default 30,000.
    pub start_ms: u64,
    /// From there to the end of secure authentication, in milliseconds; default 30,000.
    pub authentication_ms: u64,
    /// From our ESID to the partner's disconnect, in milliseconds; default 10,000.
    pub disconnect_ms: u64,
    /// How Exchange Buffers travel, an `oftp_framing`; default in a stream, behind headers.
    pub framing: i32,
    /// Names of what the partner may do beyond the letter, with commas between them, or "strict",
    /// or "tolerant"; NULL: "tolerant". The names are those that `quirk_ind` reports. Read
    /// during the call.
    pub quirks: *const std::ffi::c_char,
}

// SAFETY: repr(C), the size first, and zero is good for integers and pointers.
unsafe impl Versioned for oftp_config {
    const NAME: &'static str = "oftp_config";
    const FIRST: usize = std::mem::offset_of!(Self, quirks);
}

pub(super) fn level(value: i32, name: &str) -> Outcome<Level> {
    u8::try_from(value)
        .ok()
        .and_then(Level::from_digit)
        .ok_or_else(|| wrong(name, value, "1, 2, 4 or 5 (oftp_level; RFC 5024 5.3.2)"))
}

pub(super) fn mode(value: i32) -> Outcome<Capability> {
    if value == 0 {
        return Ok(Capability::Both);
    }
    u8::try_from(value)
        .ok()
        .and_then(Capability::from_letter)
        .ok_or_else(|| wrong("mode", value, "'S', 'R' or 'B' (oftp_mode; RFC 5024 5.3.2)"))
}

pub(super) fn choice(value: i32, name: &str, default: bool) -> Outcome<bool> {
    match value {
        v if v == oftp_choice::OFTP_DEFAULT as i32 => Ok(default),
        v if v == oftp_choice::OFTP_YES as i32 => Ok(true),
        v if v == oftp_choice::OFTP_NO as i32 => Ok(false),
        _ => Err(wrong(name, value, "an oftp_choice, 0 to 2")),
    }
}

pub(crate) fn wrong(name: &str, value: i32, allowed: &str) -> Fail {
    oftp_code::OFTP_E_VALUE.because(format!("{name} is {value}, must be {allowed}"))
}

impl oftp_config {
    /// The configuration of the engine.
    ///
    /// # Safety
    /// `quirks` is NULL or a string.
    pub(crate) unsafe fn to_core(self) -> Outcome<Config> {
        let or = |ms: u64, default: Duration| {
            if ms == 0 {
                default
            } else {
                Duration::from_millis(ms)
            }
        };
        let standard = Timers::default();
        // SAFETY: by the caller.
        let quirks = unsafe { crate::text::string(self.quirks, "quirks") }?;
        let quirks = if self.quirks.is_null() {
            Quirks::TOLERANT
        } else {
            let unknown = |error: oftp_core::wire::UnknownQuirk| {
                oftp_code::OFTP_E_VALUE.because(format!("quirks: {error}"))
            };
            quirks.parse().map_err(unknown)?
        };
        Ok(Config {
            role: match self.role {
                v if v == oftp_role::OFTP_ROLE_BOTH as i32 => Role::Both,
                v if v == oftp_role::OFTP_ROLE_INITIATOR as i32 => Role::Initiator,
                v if v == oftp_role::OFTP_ROLE_RESPONDER as i32 => Role::Responder,
                v => return Err(wrong("role", v, "an oftp_role, 0 to 2")),
            },
            capabilities: self.capabilities()?,
            timers: Timers {
                inactivity: or(self.inactivity_ms, standard.inactivity),
                start: or(self.start_ms, standard.start),
                authentication: or(self.authentication_ms, standard.authentication),
                disconnect: or(self.disconnect_ms, standard.disconnect),
            },
            quirks,
            trace: false,
        })
    }

    fn capabilities(&self) -> Outcome<Capabilities> {
        let standard = Capabilities::default();
        let set = |value: i32| (value != 0).then_some(value);
        let capabilities = Capabilities {
            level: set(self.level).map_or(Ok(standard.level), |v| level(v, "level"))?,
            min_level: set(self.min_level)
                .map_or(Ok(standard.min_level), |v| level(v, "min_level"))?,
            buffer_size: match self.buffer_size {
                0 => standard.buffer_size,
                octets => octets,
            },
            window: match self.window {
                0 => standard.window,
                window => u16::try_from(window).unwrap_or(u16::MAX),
            },
            compression: choice(self.compression, "compression", true)?,
            restart: choice(self.restart, "restart", true)?,
            mode: mode(self.mode)?,
        };
        let out_of_range = |error: oftp_core::session::ConfigError| {
            oftp_code::OFTP_E_VALUE.because(error.to_string())
        };
        capabilities.check().map_err(out_of_range)?;
        Ok(capabilities)
    }
}
