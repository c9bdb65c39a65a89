//! From options to the settings of the engine.

use std::path::PathBuf;
use std::time::Duration;

use oftp_core::mailbox::{Identity, Settings};
use oftp_core::session::{Capabilities, Config, Timers};
use oftp_core::wire::{Capability, IdentificationCode, Level, Password, Quirks, UserData, X};

use crate::args::{LevelArg, OutputArgs, SessionArgs};
use crate::exit_code::ExitCode;
use crate::outbox::Outbox;
use crate::secret::{Secret, SecretError};

/// The command cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// A password cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// An option is wrong.
    #[error("{0}")]
    Option(String),
    /// A key or a certificate cannot be had, or does not do what is asked for.
    #[error("{0}")]
    Key(String),
    /// A local file or folder is at fault.
    #[error("{0}")]
    Local(String),
    /// The network is at fault.
    #[error("{0}")]
    Network(String),
    /// The two sides did not come to terms over TLS.
    #[error("{0}")]
    Tls(String),
    /// The system refuses what every program needs.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl UsageError {
    /// The exit code for it.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        match self {
            Self::Secret(_) | Self::Option(_) | Self::Key(_) => ExitCode::Usage,
            Self::Local(_) => ExitCode::LocalFile,
            Self::Network(_) => ExitCode::Connection,
            Self::Tls(_) => ExitCode::SessionRefused,
            Self::System(_) => ExitCode::Other,
        }
    }
}

/// The settings of a mailbox for these options; `secured`: what only level 2.0 has is wanted.
pub(super) fn settings(
    args: &SessionArgs,
    mode: Capability,
    secured: bool,
    output: OutputArgs,
) -> Result<Settings, UsageError> {
    let secret = args.own_password.resolve()?;
    let user = args.user_data.as_deref().unwrap_or_default();
    let inactivity = Duration::from_secs(args.timeout.into());
    let defaults = Timers::default();
    let mut settings = Settings::new(Identity {
        code: code("--id", args.id.as_deref().unwrap_or_default())?,
        password: secret.as_ref().map_or_else(Password::default, password),
        user: UserData::new(user)
            .map_err(|error| UsageError::Option(format!("--user-data: {error}")))?,
    });
    settings.config = Config {
        capabilities: Capabilities {
            level: level(args.level),
            min_level: level(args.lowest_level(secured)),
            buffer_size: args.buffer,
            window: args.credit,
            compression: args.offers_compression(),
            restart: args.offers_restart(),
            mode,
        },
        quirks: quirks(&args.quirks)?,
        trace: output.trace,
        timers: Timers {
            inactivity,
            start: defaults.start.min(inactivity),
            authentication: defaults.authentication.min(inactivity),
            disconnect: defaults.disconnect.min(inactivity),
        },
        ..Config::default()
    };
    Ok(settings)
}

/// An identification code of the command line: what no partner could send is refused.
pub(super) fn code(option: &str, text: &str) -> Result<IdentificationCode, UsageError> {
    IdentificationCode::new(text).map_err(|error| UsageError::Option(format!("{option}: {error}")))
}

pub(super) fn password(secret: &Secret) -> Password {
    Password::new(X::from_octets(secret.as_octets()))
}

pub(super) const fn level(level: LevelArg) -> Level {
    match level {
        LevelArg::V1_2 => Level::V1_2,
        LevelArg::V1_3 => Level::V1_3,
        LevelArg::V1_4 => Level::V1_4,
        LevelArg::V2_0 => Level::V2_0,
    }
}

/// `tolerant`, `strict`, and names of quirks with `+` or `-` before them, in this order.
fn quirks(list: &str) -> Result<Quirks, UsageError> {
    let mut quirks = Quirks::TOLERANT;
    for word in list
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let quirk = |name: &str| {
            name.parse::<Quirks>()
                .map_err(|error| UsageError::Option(format!("--quirks: {error}")))
        };
        quirks = match (word, word.strip_prefix('-'), word.strip_prefix('+')) {
            ("tolerant", _, _) => Quirks::TOLERANT,
            ("strict", _, _) => Quirks::STRICT,
            (_, Some(name), _) => quirks.without(quirk(name)?),
            (_, _, name) => quirks.union(quirk(name.unwrap_or(word))?),
        };
    }
    Ok(quirks)
}

/// The folder for what is remembered of files until they are delivered.
pub(super) fn notes(folder: Option<&PathBuf>, sync: bool) -> Result<Outbox, UsageError> {
    let folder = folder
        .cloned()
        .or_else(Outbox::default_folder)
        .ok_or_else(|| {
            UsageError::Option(
                "--state: neither XDG_STATE_HOME nor HOME is set; name a folder".into(),
            )
        })?;
    Outbox::open(&folder, sync).map_err(|error| UsageError::Local(error.to_string()))
}

/// A folder that an option names must be there: what is to be kept in it would be missed later.
pub(super) fn folder(option: &str, path: Option<&PathBuf>) -> Result<Option<PathBuf>, UsageError> {
    match path {
        Some(path) if !path.is_dir() => Err(UsageError::Local(format!(
            "{option}: {} is no folder; make it first",
            path.display()
        ))),
        path => Ok(path.cloned()),
    }
}

/// Says how a password on the command line can be avoided.
pub(super) const VISIBLE: &str = "a password on the command line can be read by every user of \
     this machine; use --password-file or --password-env";
