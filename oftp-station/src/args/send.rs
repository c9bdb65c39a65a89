//! `oftp send`.

use std::path::PathBuf;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, FromArgMatches};

use super::StationArg;
use super::security::{AcceptArgs, KeyArgs, ProtectArgs};
use super::session::SessionArgs;
use super::steering::patience;
use super::values::{self, Endpoint, FormatArgs};
use crate::outbox::Stamp;

const EXAMPLES: &str = "\
Examples:
  Queue invoices for a partner of the station in this folder, and wait until it has them:
    oftp send beta --wait invoice-1.edi invoice-2.edi

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

With --id and --partner a station is called at once; without them files are queued for a partner
of a station (`oftp init`), by the name that it has in oftp.toml, under what is agreed there.

A transfer that was cut is resumed by giving the same command again: the same file goes to the
same partner under the same stamps. What is remembered until then lies in $XDG_STATE_HOME/oftp
(~/.local/state/oftp).";

/// Options of `oftp send`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", crate::exit_code::ExitCode::HELP))]
#[command(mut_arg("id", |arg| arg.requires("partner")))]
pub struct SendArgs {
    /// Which options are given.
    #[command(flatten)]
    pub given: Given,
    /// The station to call: HOST, HOST:PORT or `[IPV6]:PORT`, port 3305 by default; or a partner
    /// of the station in --station, by its name in oftp.toml
    #[arg(value_name = "HOST[:PORT]|PARTNER")]
    pub host: Endpoint,
    /// The files to send, in this order; none with --directory: only fetch what waits for us
    #[arg(value_name = "FILE", required_unless_present = "directory")]
    pub files: Vec<PathBuf>,
    /// Identification code that the station called must answer with
    #[arg(long, value_name = "ID", value_parser = values::code, requires = "id",
        help_heading = "Session")]
    pub partner: Option<String>,
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
    /// What is wanted of files that are queued.
    #[command(flatten)]
    pub queue: QueueingArgs,
    /// Whose partner it is.
    #[command(flatten)]
    pub station: StationArg,
}

/// What is wanted of files that are queued for a partner of a station.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Queue (a partner by name)")]
pub struct QueueingArgs {
    /// 0 goes first, 9 last; by default what oftp.toml says, else 5
    #[arg(long, value_name = "NUMBER", conflicts_with = "partner",
        value_parser = clap::value_parser!(u8).range(0..=9))]
    pub priority: Option<u8>,
    /// Do not send the files before they are released (`oftp release`)
    #[arg(long, conflicts_with_all = ["partner", "wait"])]
    pub hold: bool,
    /// Wait for the End to End Response of each file, or with --no-wait-eerp until the partner has
    /// it; for so many seconds at most
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true,
        default_missing_value = "0", conflicts_with = "partner",
        value_parser = clap::value_parser!(u32).range(0..=604_800))]
    pub wait: Option<u32>,
}

impl QueueingArgs {
    /// How long it is waited for; `None`: not at all, and `Some(None)`: without end.
    #[must_use]
    pub fn patience(&self) -> Option<Option<Duration>> {
        patience(self.wait)
    }
}

/// The options that stand on the command line, by the names of their fields: what has a default
/// looks the same whether it was given or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(Vec<String>);

impl Given {
    /// Whether this one is.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|given| given == name)
    }

    /// The options that are none of these.
    pub fn but<'a>(&'a self, known: &'a [&str]) -> impl Iterator<Item = &'a str> {
        let names = self.0.iter().map(String::as_str);
        names.filter(|name| !known.contains(name))
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let names = matches.ids().map(clap::Id::as_str);
        // Groups of options have the names of types.
        let options = names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
        let given =
            options.filter(|name| matches.value_source(name) == Some(ValueSource::CommandLine));
        Ok(Self(given.map(str::to_owned).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Given {
    fn augment_args(command: clap::Command) -> clap::Command {
        command
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        command
    }
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
