//! Options about the session (SSID, RFC 5024 section 5.3.2): the same for both sides.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values;
use crate::secret::{Secret, SecretError};

/// Options about the session.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Session")]
pub struct SessionArgs {
    /// Identification code of this station
    #[arg(long = "id", visible_alias = "own-code", value_name = "ID",
        value_parser = values::code)]
    pub id: Option<String>,
    /// The password sent to the other station.
    #[command(flatten)]
    pub own_password: OwnPassword,
    /// The password expected of the other station.
    #[command(flatten)]
    pub partner_password: PartnerPassword,
    /// Highest protocol level
    #[arg(long, default_value = "2.0")]
    pub level: LevelArg,
    /// Lowest protocol level; a session below it is refused. By default 1.2, and 2.0 with --auth,
    /// --tls or --require
    #[arg(long, value_name = "LEVEL")]
    pub min_level: Option<LevelArg>,
    /// Secure authentication: both sides prove that they have their keys. It is on at both sides
    /// or at none
    #[arg(long)]
    pub auth: bool,
    /// Largest Data Exchange Buffer in octets
    #[arg(long, value_name = "OCTETS", default_value_t = 99_999,
        value_parser = clap::value_parser!(u32).range(128..=99_999))]
    pub buffer: u32,
    /// Data Exchange Buffers in flight before the receiver must grant more
    #[arg(long, value_name = "BUFFERS", default_value_t = 64,
        value_parser = clap::value_parser!(u16).range(1..=999))]
    pub credit: u16,
    /// Offer buffer compression
    #[arg(long, overrides_with = "no_compression")]
    pub compression: bool,
    /// Offer no buffer compression (default)
    #[arg(long, overrides_with = "compression")]
    pub no_compression: bool,
    /// Offer to resume cut transfers (default)
    #[arg(long, overrides_with = "no_restart")]
    pub restart: bool,
    /// Send and receive files from their beginning always
    #[arg(long, overrides_with = "restart")]
    pub no_restart: bool,
    /// User data of the session, at most 8 characters
    #[arg(long, value_name = "TEXT", value_parser = values::user_data)]
    pub user_data: Option<String>,
    /// How long the other station may be silent
    #[arg(long, value_name = "SECONDS", default_value_t = 180,
        value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub timeout: u32,
    /// What is tolerated of the other station: `tolerant`, `strict`, or either followed by
    /// quirks to add or to take away, such as `strict,+any_cr` or `tolerant,-late_cdt`
    #[arg(
        long,
        value_name = "LIST",
        default_value = "tolerant",
        allow_hyphen_values = true
    )]
    pub quirks: String,
    /// Do not force files and notes to the disk. For benchmarks only: after a power failure a
    /// file may be lost or delivered twice
    #[arg(long)]
    pub no_sync: bool,
}

impl SessionArgs {
    /// Whether buffer compression is offered.
    #[must_use]
    pub const fn offers_compression(&self) -> bool {
        self.compression
    }

    /// The lowest level, where `secured` says that only 2.0 can do what is asked for.
    #[must_use]
    pub fn lowest_level(&self, secured: bool) -> LevelArg {
        let least = if secured || self.auth {
            LevelArg::V2_0
        } else {
            LevelArg::V1_2
        };
        self.min_level.unwrap_or_else(|| least.min(self.level))
    }

    /// Checks that the levels fit each other and what is asked for.
    ///
    /// # Errors
    /// What is wrong, for the user.
    pub fn check_levels(&self, tls: bool) -> Result<(), String> {
        if self.auth && self.level < LevelArg::V2_0 {
            return Err("--auth needs level 2.0; leave out --level".to_owned());
        }
        if self.lowest_level(tls) > self.level {
            return Err("--min-level is above --level".to_owned());
        }
        Ok(())
    }

    /// Whether restart is offered.
    #[must_use]
    pub const fn offers_restart(&self) -> bool {
        !self.no_restart
    }
}

/// A protocol level on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum LevelArg {
    /// Revision 1.2 (RFC 2204, SSIDLEV 1)
    #[value(name = "1.2")]
    V1_2,
    /// Revision 1.3 (SSIDLEV 2)
    #[value(name = "1.3")]
    V1_3,
    /// Revision 1.4 (SSIDLEV 4)
    #[value(name = "1.4")]
    V1_4,
    /// Revision 2.0 (RFC 5024, SSIDLEV 5)
    #[value(name = "2.0")]
    V2_0,
}

/// Where the password that this station sends comes from.
#[derive(Args, Clone, Default)]
pub struct OwnPassword {
    /// Password of this station, from a file (safest)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["password_env", "password"])]
    pub password_file: Option<PathBuf>,
    /// Password of this station, from an environment variable
    #[arg(long, value_name = "VARIABLE", conflicts_with = "password")]
    pub password_env: Option<String>,
    /// Password of this station; other users of the machine can see it here
    #[arg(long, value_name = "PASSWORD")]
    pub password: Option<String>,
}

impl OwnPassword {
    /// Fetches the password; `None` if none is given.
    ///
    /// # Errors
    /// The password cannot be read.
    pub fn resolve(&self) -> Result<Option<Secret>, SecretError> {
        let Self {
            password_file,
            password_env,
            password,
        } = self;
        Secret::from_options(
            password_file.as_deref(),
            password_env.as_deref(),
            password.as_deref(),
        )
    }

    /// Whether the password stands on the command line, which deserves a warning.
    #[must_use]
    pub const fn is_visible(&self) -> bool {
        self.password.is_some()
    }
}

/// Where the password that the other station must send comes from.
#[derive(Args, Clone, Default)]
pub struct PartnerPassword {
    /// Password of the other station, from a file (safest)
    #[arg(long, value_name = "FILE",
        conflicts_with_all = ["partner_password_env", "partner_password"])]
    pub partner_password_file: Option<PathBuf>,
    /// Password of the other station, from an environment variable
    #[arg(long, value_name = "VARIABLE", conflicts_with = "partner_password")]
    pub partner_password_env: Option<String>,
    /// Password of the other station; other users of the machine can see it here
    #[arg(long, value_name = "PASSWORD")]
    pub partner_password: Option<String>,
}

impl PartnerPassword {
    /// Fetches the password; `None` if none is given: then any password is right.
    ///
    /// # Errors
    /// The password cannot be read.
    pub fn resolve(&self) -> Result<Option<Secret>, SecretError> {
        let Self {
            partner_password_file,
            partner_password_env,
            partner_password,
        } = self;
        Secret::from_options(
            partner_password_file.as_deref(),
            partner_password_env.as_deref(),
            partner_password.as_deref(),
        )
    }

    /// Whether the password stands on the command line, which deserves a warning.
    #[must_use]
    pub const fn is_visible(&self) -> bool {
        self.partner_password.is_some()
    }
}

impl std::fmt::Debug for OwnPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnPassword(********)")
    }
}

impl std::fmt::Debug for PartnerPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PartnerPassword(********)")
    }
}
