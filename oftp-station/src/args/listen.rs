//! `oftp listen`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args, ValueEnum};

use super::security::{AcceptArgs, KeyArgs, ProtectArgs};
use super::session::SessionArgs;
use super::values::{self, Endpoint, FormatArgs};

const EXAMPLES: &str = "\
Examples:
  Receive files of one partner into the folder inbox:
    oftp listen --id O0013000002DEST --password-file own.password \\
        --partner O0013000001ORIG:orig.password --directory inbox

  Over TLS, with secure authentication; take only what is signed and encrypted:
    oftp listen --tls --auth --require sign,encrypt --id OYOU --own-key you.pem \\
        --partner OME --partner-cert me.pem --directory inbox

  Try it out on this machine, with whoever calls, for one session:
    oftp listen 127.0.0.1:3305 --id OYOU --any-partner --once

Received files are named after date, time, dataset name, originator and destination; whatever is
not a capital letter or a digit is written as _ and its code. A file that has been received is
refused when it comes again, as long as it lies in the folder. Cut transfers wait in the folder's
.partial to be resumed.";

/// Options of `oftp listen`.
#[derive(Args, Clone, Debug)]
#[command(
    group = ArgGroup::new("callers").args(["partner", "any_partner"]).required(true).multiple(true),
    after_long_help = format!("{EXAMPLES}\n\n{}", crate::exit_code::ExitCode::HELP),
)]
#[command(mut_arg("id", |arg| arg.required(true)))]
pub struct ListenArgs {
    /// Where to wait for calls; a number alone is a port on all addresses. By default port 3305,
    /// with --tls 6619
    #[arg(value_name = "[ADDRESS:]PORT", value_parser = Endpoint::to_listen)]
    pub address: Option<Endpoint>,
    /// Station that may call, and the file of its password; may be given several times. Without
    /// a file the password of --partner-password-file and the like counts
    #[arg(long, value_name = "ID[:FILE]", help_heading = "Session")]
    pub partner: Vec<PartnerSpec>,
    /// Take calls of any station, whatever its password
    #[arg(long, help_heading = "Session")]
    pub any_partner: bool,
    /// Options about the session.
    #[command(flatten)]
    pub session: SessionArgs,
    /// Take calls over TLS, and no others, on this port
    #[arg(long, help_heading = "Session")]
    pub tls: bool,
    /// Whether callers over TLS must show a certificate. One that is shown must be that of the
    /// station that the caller claims to be
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "ask",
        requires = "tls",
        help_heading = "Session"
    )]
    pub tls_client_cert: ClientCertArg,
    /// Stop after one session
    #[arg(long, conflicts_with = "sessions", help_heading = "Service")]
    pub once: bool,
    /// Stop after this many sessions
    #[arg(long, value_name = "N", help_heading = "Service",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub sessions: Option<u64>,
    /// Sessions at the same time; further callers are told to come back later (ESID 08)
    #[arg(long, value_name = "N", default_value_t = 8, help_heading = "Service",
        value_parser = clap::value_parser!(u16).range(1..))]
    pub max_sessions: u16,
    /// What is received, and where to.
    #[command(flatten)]
    pub receive: ReceiveArgs,
    /// Send this file to the partner when it gives the turn; may be given several times
    #[arg(long, value_name = "FILE", help_heading = "Format")]
    pub send_file: Vec<PathBuf>,
    /// The format of the files to send, and the layout of V files received.
    #[command(flatten)]
    pub format: FormatArgs,
    /// What is done to the files to send.
    #[command(flatten)]
    pub protect: ProtectArgs,
    /// What is wanted of files that come.
    #[command(flatten)]
    pub accept: AcceptArgs,
    /// Keys and certificates.
    #[command(flatten)]
    pub keys: KeyArgs,
}

/// Whether callers over TLS show certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClientCertArg {
    /// A caller without one is turned away
    Require,
    /// A caller may show one
    Ask,
    /// None is asked for
    Off,
}

/// What is received, and where to.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Receiving")]
pub struct ReceiveArgs {
    /// Folder for received files; it must exist
    #[arg(long, short, value_name = "FOLDER", default_value = ".")]
    pub directory: PathBuf,
    /// Destination that files are taken for; may be given several times. By default this
    /// station only
    #[arg(long, value_name = "ID", value_parser = values::code)]
    pub accept_destination: Vec<String>,
    /// Largest file taken
    #[arg(long, value_name = "OCTETS", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_file_size: Option<u64>,
    /// Send no End to End Responses
    #[arg(long)]
    pub no_eerp: bool,
    /// Keep the envelopes of secured files, with their signatures, in this folder
    #[arg(long, value_name = "FOLDER")]
    pub keep_sealed: Option<PathBuf>,
}

impl ListenArgs {
    /// After how many sessions to stop; `None` for never.
    #[must_use]
    pub const fn session_limit(&self) -> Option<u64> {
        if self.once { Some(1) } else { self.sessions }
    }

    /// Checks what one option alone cannot show.
    ///
    /// # Errors
    /// What is wrong, for the user.
    pub fn check(&self) -> Result<(), String> {
        self.session
            .check_levels(self.tls || !self.accept.require.is_empty())
    }
}

/// A station that may call: `ID` or `ID:FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerSpec {
    /// Its identification code, SSIDCODE.
    pub id: String,
    /// The file of the password it must send.
    pub password_file: Option<PathBuf>,
}

impl FromStr for PartnerSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // An identification code has no colon (RFC 5024 Appendix B).
        let (id, file) = text
            .split_once(':')
            .map_or((text, None), |(id, file)| (id, Some(file)));
        if file == Some("") {
            return Err("no file follows the colon".to_owned());
        }
        Ok(Self {
            id: values::code(id)?,
            password_file: file.map(PathBuf::from),
        })
    }
}
