//! `oftp send`.

use std::path::PathBuf;

use clap::Args;

use super::security::{AcceptArgs, KeyArgs, ProtectArgs};
use super::session::SessionArgs;
use super::values::{self, Endpoint, FormatArgs};
use crate::outbox::Stamp;

const EXAMPLES: &str = "\
Examples:
  Send a drawing and wait for the End to End Response:
    oftp send partner.example --id O0013000001ORIG --partner O0013000002DEST \\
        --password-file own.password bracket.CATPart

  Send an EDIFACT invoice as text under a name that was agreed on:
    oftp send partner.example:3305 --id OME --partner OYOU --password-env OFTP_PASSWORD \\
        --format T --dsn INVOICE.NEW --stamp 20260131120455 invoice.edi

  Sign, compress and encrypt, over TLS, with secure authentication and a signed response:
    oftp send partner.example --tls --auth --sign --compress --encrypt --signed-eerp \\
        --id OME --partner OYOU --own-key me.pem --partner-cert partner.pem drawing.CATPart

  Send records of 80 octets to an old station:
    oftp send 192.0.2.7 --id OME --partner OYOU --level 1.3 --format F --record-length 80 f.dat

A transfer that was cut is resumed by giving the same command again: the same file goes to the
same partner under the same stamps. What is remembered until then lies in $XDG_STATE_HOME/oftp
(~/.local/state/oftp).";

/// Options of `oftp send`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", crate::exit_code::ExitCode::HELP))]
pub struct SendArgs {
    /// The station to call: HOST, HOST:PORT or `[IPV6]:PORT`; port 3305 by default
    #[arg(value_name = "HOST[:PORT]")]
    pub host: Endpoint,
    /// The files to send, in this order; none with --directory: only fetch what waits for us
    #[arg(value_name = "FILE", required_unless_present = "directory")]
    pub files: Vec<PathBuf>,
    /// Identification code that the station called must answer with
    #[arg(long, value_name = "ID", value_parser = values::code, help_heading = "Session")]
    pub partner: String,
    /// Options about the session.
    #[command(flatten)]
    pub session: SessionArgs,
    /// Call over TLS (port 6619 by default); there is no fallback to a connection without it
    #[arg(long, help_heading = "Session")]
    pub tls: bool,
    /// Host name that the station's certificate must bear, where it is not the one that is called
    #[arg(long, value_name = "NAME", requires = "tls", help_heading = "Session")]
    pub tls_name: Option<String>,
    /// The format of the files.
    #[command(flatten)]
    pub format: FormatArgs,
    /// What is done to the files.
    #[command(flatten)]
    pub protect: ProtectArgs,
    /// What is wanted of files that come.
    #[command(flatten)]
    pub accept: AcceptArgs,
    /// Keys and certificates.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Options about the files.
    #[command(flatten)]
    pub file: FileArgs,
    /// Whether to wait for end responses, and what to remember.
    #[command(flatten)]
    pub delivery: DeliveryArgs,
}

/// What the other station is told of the files (SFID, RFC 5024 section 5.3.3).
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "File")]
pub struct FileArgs {
    /// Where the files come from, if not from this station
    #[arg(long, value_name = "ID", value_parser = values::code)]
    pub originator: Option<String>,
    /// Where the files go to, if not to the station called
    #[arg(long, value_name = "ID", value_parser = values::code)]
    pub destination: Option<String>,
    /// Dataset name; by default the name of the local file in upper case, cleaned and cut to 26
    /// characters. For several files, give it once for each
    #[arg(long, value_name = "NAME", value_parser = values::dsn)]
    pub dsn: Vec<String>,
    /// Description, at most 999 octets of UTF-8; level 2.0 only
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Date and time of the files, CCYYMMDDHHMMSS or CCYYMMDDHHMMSScccc; by default the local
    /// time at which each is offered for the first time, or the next that is free
    #[arg(long, value_name = "STAMP")]
    pub stamp: Option<Stamp>,
    /// User data of the files, at most 8 characters
    #[arg(long, value_name = "TEXT", value_parser = values::user_data)]
    pub file_user_data: Option<String>,
}

/// Whether to wait for end responses, and what to remember.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Delivery")]
pub struct DeliveryArgs {
    /// Wait for the End to End Response of each file (default)
    #[arg(long, overrides_with = "no_wait_eerp")]
    pub wait_eerp: bool,
    /// Be content when the other station has taken the files
    #[arg(long, overrides_with = "wait_eerp")]
    pub no_wait_eerp: bool,
    /// Go on with the next file when one is refused
    #[arg(long)]
    pub keep_going: bool,
    /// Send as a new file even what is remembered as cut or sent
    #[arg(long)]
    pub again: bool,
    /// Folder for files that the other station has for this one; without it, this station says
    /// that it only sends
    #[arg(long, short, value_name = "FOLDER")]
    pub directory: Option<PathBuf>,
    /// Folder for signed End to End Responses, as proofs of delivery (CMS; `openssl cms -verify`
    /// reads them)
    #[arg(long, value_name = "FOLDER")]
    pub receipts: Option<PathBuf>,
    /// Folder for the envelopes of secured files after their delivery: a receipt names the hash of
    /// just this one
    #[arg(long, value_name = "FOLDER")]
    pub keep_sealed: Option<PathBuf>,
    /// Folder for what is remembered until files are delivered
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
}

impl DeliveryArgs {
    /// Whether a file counts as done only when its End to End Response has come.
    #[must_use]
    pub const fn waits_for_responses(&self) -> bool {
        !self.no_wait_eerp
    }
}

impl SendArgs {
    /// Checks what one option alone cannot show.
    ///
    /// # Errors
    /// What is wrong, for the user.
    pub fn check(&self) -> Result<(), String> {
        let (names, files) = (self.file.dsn.len(), self.files.len());
        if names > 0 && names != files {
            return Err(format!(
                "--dsn is given {names} times for {files} files; give it for each"
            ));
        }
        self.session.check_levels(self.tls)
    }
}
