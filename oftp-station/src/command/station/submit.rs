//! `oftp send` to a partner by name: files are queued, and the running station sends them.

use std::fmt::Write;

use super::wait::{Waited, wait};
use super::{Desk, print};
use crate::args::{OutputArgs, SendArgs};
use crate::command::{UsageError, security, settings};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;
use crate::station::config::{Config, PartnerConfig};
use crate::station::intake::{self, Content, IntakeError, Wishes};
use crate::station::journal::file::{self, FileKey, FileState};
use crate::station::manage::FileView;

/// The options that say something of a file for a partner by name. All others are about a call,
/// which oftp.toml is about here.
const ALLOWED: &[&str] = &[
    "host",
    "files",
    "folder",
    "priority",
    "hold",
    "wait",
    "wait_eerp",
    "no_wait_eerp",
    "keep_going",
    "format",
    "record_length",
    "records",
    "dsn",
    "description",
    "destination",
    "originator",
    "file_user_data",
    "sign",
    "encrypt",
    "compress",
    "signed_eerp",
    "suite",
    "json",
    "trace",
    "quiet",
    "no_progress",
];

/// Files that are to be queued.
pub(in crate::command) struct Submission {
    desk: Desk,
    config: Config,
    partner: String,
}

impl Submission {
    /// What the command line asks for; `None`: a station is to be called at once.
    pub(in crate::command) fn wanted(
        args: &SendArgs,
        output: OutputArgs,
    ) -> Result<Option<Self>, UsageError> {
        let name = args.host.host.as_str();
        let folder = args.station.folder();
        if args.partner.is_some() {
            // A port says that it is no name, and whoever has no station can mean none of its
            // partners.
            let config = folder
                .ok()
                .filter(|_| args.host.port.is_none())
                .and_then(|folder| Config::load(&folder).ok());
            return match config.as_ref().and_then(|config| config.partner(name)) {
                None => Ok(None),
                Some(_) => Err(ambiguous(args)),
            };
        }
        if args.host.port.is_some() {
            return Err(UsageError::Option(format!(
                "--id and --partner are missing: who calls {}, and who must answer; a file is \
                 queued for a partner by its name in oftp.toml, without a port",
                args.host
            )));
        }
        let folder = folder.map_err(|why| {
            UsageError::Option(format!(
                "to call `{name}` at once, --id and --partner are missing; to queue files for a \
                 partner of this name, {why}"
            ))
        })?;
        let desk = Desk::of(folder, output)?;
        let config = desk.config()?;
        if config.partner(name).is_none() {
            return Err(UsageError::Option(format!(
                "{}; to call a host of this name at once, give --id and --partner",
                desk.no_partner(&config, name)
            )));
        }
        check_options(args)?;
        Ok(Some(Self {
            desk,
            config,
            partner: name.to_owned(),
        }))
    }

    /// Queues the files, and waits for them where that is wanted.
    pub(in crate::command) fn run(
        &self,
        args: &SendArgs,
        voice: &Voice,
    ) -> Result<ExitCode, UsageError> {
        let Some(partner) = self.config.partner(&self.partner) else {
            return Err(UsageError::Option(
                self.desk.no_partner(&self.config, &self.partner),
            ));
        };
        let runs = self.desk.folder.running().is_some();
        if !runs && args.queue.wait.is_some() {
            return Err(self.desk.not_running(", and nothing is queued"));
        }
        let wishes = self.wishes(args, partner)?;
        let mut worst = ExitCode::Done;
        let mut queued = Vec::new();
        for (index, path) in args.files.iter().enumerate() {
            let mut file = intake::Submission::of_path(path.clone());
            file.content = Content::Path(path.clone());
            file.wishes = Wishes {
                dsn: args.file.dsn.get(index).cloned(),
                ..wishes.clone()
            };
            let submitted = intake::submit(&self.desk.journal, &self.config, partner, file);
            match submitted {
                Ok(row) => {
                    let line = if self.desk.output.json {
                        print::json(&FileView::now(&self.desk.journal, &row)?)
                    } else {
                        format!(
                            "file {} is queued for {} as {} of {}\n",
                            row.key,
                            partner.name,
                            row.identity().dsn,
                            row.sfid.stamp
                        )
                    };
                    print::put(&line)?;
                    queued.push(row.key);
                }
                Err(error) => {
                    let error = fault(error);
                    voice.error(&error.to_string());
                    worst = worst.or(error.exit_code());
                    if !args.delivery.keep_going {
                        break;
                    }
                }
            }
        }
        if !runs && !queued.is_empty() {
            voice.warn(&format!(
                "no process runs the station in {}: what is queued goes when `oftp run` begins",
                self.desk.folder.path().display()
            ));
        }
        match args.queue.patience() {
            Some(patience) => {
                let waits_for_responses = args.delivery.waits_for_responses();
                for key in queued {
                    worst = worst.or(self.await_file(key, patience, waits_for_responses, voice)?);
                }
                Ok(worst)
            }
            None => Ok(worst),
        }
    }

    fn wishes(&self, args: &SendArgs, partner: &PartnerConfig) -> Result<Wishes, UsageError> {
        let option = |name: &str, text: &Option<String>| match text {
            Some(text) => settings::code(name, text).map(Some),
            None => Ok(None),
        };
        let destination = option("--destination", &args.file.destination)?;
        let given = |name: &str| args.given.has(name);
        let protects = ["sign", "encrypt", "compress", "signed_eerp", "suite"];
        let protection = if protects.into_iter().any(given) {
            let ring = &self.config.security.ring;
            let code = partner.mailbox.code;
            let keys = ring.of_station(&destination.unwrap_or(code), &code);
            Some(security::protection(&args.protect, &keys)?)
        } else {
            None
        };
        Ok(Wishes {
            dsn: None,
            description: args.file.description.clone(),
            destination,
            originator: option("--originator", &args.file.originator)?,
            user_data: args.file.file_user_data.clone(),
            format: given("format").then(|| args.format.format()),
            layout: given("records").then_some(args.format.records),
            conversion: None,
            protection,
            priority: args.queue.priority,
            held: args.queue.hold,
        })
    }

    /// Until a file has come as far as it is waited for.
    fn await_file(
        &self,
        key: FileKey,
        patience: Option<std::time::Duration>,
        responses: bool,
        voice: &Voice,
    ) -> Result<ExitCode, UsageError> {
        let get = || {
            self.desk
                .journal
                .read(|connection| file::get(connection, key))
        };
        let over = wait(&self.desk, patience, || {
            let row = get()?;
            let is_over = !row.state.is_open() || (row.state == FileState::Sent && !responses);
            Ok(is_over.then_some(row))
        })?;
        let row = match over {
            Waited::Came(row) => row,
            Waited::Late => {
                let row = get()?;
                voice.error(&format!("file {key} is {} after all that time", row.state));
                return Ok(match row.state {
                    FileState::Sent => ExitCode::NoResponse,
                    _ => ExitCode::TimeOut,
                });
            }
            Waited::Stopped => {
                return Err(self
                    .desk
                    .not_running(&format!(" any more, and file {key} is not through")));
            }
        };
        let mut text = format!("file {key} is {}", row.state);
        if let Some(trouble) = &row.trouble {
            let _ = write!(text, ": {}", crate::report::visible(trouble));
        }
        let exit = match row.state {
            FileState::Done | FileState::Sent => ExitCode::Done,
            FileState::Rejected => ExitCode::FileRejected,
            FileState::Failed => ExitCode::FileRefused,
            _ => ExitCode::SessionLost,
        };
        if exit == ExitCode::Done {
            print::put(&if self.desk.output.json {
                print::json(&FileView::now(&self.desk.journal, &row)?)
            } else {
                format!("{text}\n")
            })?;
        } else {
            voice.error(&text);
        }
        Ok(exit)
    }
}

/// A name that can mean two things.
fn ambiguous(args: &SendArgs) -> UsageError {
    let name = &args.host.host;
    UsageError::Option(format!(
        "`{name}` is a partner of the station in {} and may be a host as well: leave out --id and \
         --partner to queue the files for the partner, or write {name}:{} to call the host",
        args.station.folder.display(),
        args.host.port(args.tls)
    ))
}

/// What is about the call is agreed in oftp.toml: to pass over it would be a surprise.
fn check_options(args: &SendArgs) -> Result<(), UsageError> {
    let others: Vec<String> = args
        .given
        .but(ALLOWED)
        .map(|name| format!("--{}", name.replace('_', "-")))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(UsageError::Option(format!(
        "{} says nothing of files that are queued for a partner by name: oftp.toml tells how {} \
         is called",
        others.join(", "),
        args.host.host
    )))
}

fn fault(error: IntakeError) -> UsageError {
    let text = error.to_string();
    match error {
        IntakeError::Key { .. } => UsageError::Key(text),
        IntakeError::Source(_)
        | IntakeError::Conversion { .. }
        | IntakeError::Disk { .. }
        | IntakeError::Journal(_) => UsageError::Local(text),
        _ => UsageError::Option(text),
    }
}
