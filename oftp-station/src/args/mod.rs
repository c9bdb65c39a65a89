//! The command line of `oftp`: one file per command.

mod cert;
mod check;
mod cms;
mod decode;
mod doctor;
mod evidence;
mod init;
mod keygen;
mod listen;
mod looking;
mod run;
mod security;
mod send;
mod session;
mod shell;
mod station;
mod steering;
mod values;

use clap::{Args, Parser, Subcommand};

pub use self::cert::{CertArgs, CertCommand, CheckArgs, PurposeArg, RequestArgs, ShowArgs};
pub use self::check::CheckStationArgs;
pub use self::cms::{CmsAction, CmsArgs, LayerArg, OpenArgs, OutputFileArgs, SealArgs};
pub use self::decode::{DecodeArgs, Form};
pub use self::doctor::DoctorArgs;
pub use self::evidence::{EvidenceAction, EvidenceArgs, ListArgs, VerifyArgs};
pub use self::init::InitArgs;
pub use self::keygen::{KeygenArgs, OwnerArgs, PassphraseArgs};
pub use self::listen::{ClientCertArg, ListenArgs, PartnerSpec, ReceiveArgs};
pub use self::looking::{
    EventsArgs, HistoryArgs, PartnersArgs, QueueArgs, ShowFileArgs, StatusArgs, WayArg,
};
pub use self::run::RunArgs;
pub use self::security::{AcceptArgs, KeyArgs, KeyFile, PartnerName, ProtectArgs, Service, Use};
pub use self::send::{DeliveryArgs, FileArgs, Given, QueueingArgs, SendArgs};
pub use self::session::{LevelArg, OwnPassword, PartnerPassword, SessionArgs};
pub use self::shell::{CompletionArgs, ManArgs};
pub use self::station::StationArg;
pub use self::steering::{CallArgs, CancelArgs, HoldArgs, ReloadArgs, ResendArgs, StopArgs};
pub use self::values::{
    DEFAULT_PORT, DEFAULT_TLS_PORT, Endpoint, EndpointError, FormatArg, FormatArgs,
};

use crate::exit_code::ExitCode;
use crate::report::Style;

/// Send and receive files with the ODETTE File Transfer Protocol (RFC 5024).
#[derive(Debug, Parser)]
#[command(name = "oftp", version, after_long_help = ExitCode::HELP)]
pub struct Cli {
    /// How the command talks to its user.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send files to a station and wait for its end responses
    Send(Box<SendArgs>),
    /// Wait for calls, and store the files that come
    Listen(Box<ListenArgs>),
    /// Print a recorded session, command by command
    Decode(DecodeArgs),
    /// Check a partner step by step, and explain what is wrong
    Doctor(DoctorArgs),
    /// Put files into envelopes and take them out, without a session
    Cms(CmsArgs),
    /// Make a private key and a certificate for it
    Keygen(KeygenArgs),
    /// Look at certificates, request one, or check one
    Cert(CertArgs),
    /// Make the folder of a station, with its configuration
    Init(InitArgs),
    /// Say whether the configuration of a station is right, and what the station would do
    Check(CheckStationArgs),
    /// Run a station until it is stopped
    Run(RunArgs),
    /// Check and list proofs of delivery, without a station
    Evidence(EvidenceArgs),
    /// List what waits or is under way in a station, both ways
    Queue(QueueArgs),
    /// List the files of a station, the last first
    History(HistoryArgs),
    /// Tell everything about one file of a station
    Show(ShowFileArgs),
    /// Queue files once more that are done, rejected, failed or cancelled, under new stamps
    Resend(ResendArgs),
    /// Stop files or a partner until they are released
    Hold(HoldArgs),
    /// Let files or a partner go on, at once
    Release(HoldArgs),
    /// Take files back that are not sent yet
    Cancel(CancelArgs),
    /// List the partners of a station, and how it goes with them
    Partners(PartnersArgs),
    /// Tell how a station is: whether it runs, what waits, what people should look at
    Status(StatusArgs),
    /// Print what happens in a station, line by line
    Events(EventsArgs),
    /// Let the running station call a partner, whether something waits or not
    Call(CallArgs),
    /// Let the running station read oftp.toml again
    Reload(ReloadArgs),
    /// Let the running station end in good order
    Stop(StopArgs),
    /// Print a script that completes commands and options in a shell
    Completion(CompletionArgs),
    /// Write the man pages
    Man(ManArgs),
}

/// How the command talks to its user: the same for all commands.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Print one line of JSON per event
    #[arg(long, global = true)]
    pub json: bool,
    /// Print every command and every step of the state tables of RFC 5024
    #[arg(long, global = true)]
    pub trace: bool,
    /// Print errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Show no progress bars
    #[arg(long, global = true)]
    pub no_progress: bool,
}

impl OutputArgs {
    /// The same for a [`Reporter`](crate::report::Reporter).
    #[must_use]
    pub const fn style(&self) -> Style {
        Style {
            json: self.json,
            quiet: self.quiet,
            trace: self.trace,
            bars: !self.no_progress,
        }
    }
}

#[cfg(test)]
mod tests;
