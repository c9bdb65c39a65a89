//! `oftp send`: calls a station, sends it files, and waits for the end responses.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oftp_core::mailbox::{Mailbox, Partner, Reply};
use oftp_core::session::Addresses;
use oftp_core::virtual_file::TextChecker;
use oftp_core::wire::{Capability, IdentificationCode, Level};
use tokio::net::TcpStream;

use super::settings::{self, UsageError, VISIBLE};
use crate::args::{Endpoint, OutputArgs, SendArgs};
use crate::driver::{self, Clock};
use crate::exchange::{Exchange, FileSpec, Notes, Outgoing, PrepareError, Ready, Voice, prepare};
use crate::exit_code::ExitCode;
use crate::inbox::{Inbox, InboxOptions};
use crate::outbox::{Outbox, dataset_name};
use crate::records::Format;
use crate::report::Event;

/// The longest time to open a connection, where --timeout is longer.
const CONNECT: Duration = Duration::from_secs(30);

/// Runs the command.
pub(super) fn run(
    args: &SendArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    args.check().map_err(UsageError::Option)?;
    if args.session.own_password.is_visible() || args.session.partner_password.is_visible() {
        voice.warn(VISIBLE);
    }
    // Without a place for files we say that we only send, so that none is offered in vain.
    let (mode, inbox) = match &args.delivery.directory {
        Some(folder) => (Capability::Both, Some(inbox(folder, args)?)),
        None => (Capability::SenderOnly, None),
    };
    let settings = settings::settings(&args.session, mode, output)?;
    let own = settings.identity.code;
    let code = settings::code("--partner", &args.partner)?;
    let secret = args.session.partner_password.resolve()?;
    let partner = Partner {
        password: secret.as_ref().map(settings::password),
        policy: settings::unsecured_files(Vec::new()),
        ..Partner::new(code)
    };
    let mut notes = settings::notes(args.delivery.state.as_ref(), !args.session.no_sync)?;
    let files = files(args, &own, &code, &mut notes, voice)?;
    let outgoing = Outgoing::files(
        own,
        Arc::new(Mutex::new(notes)) as Notes,
        files,
        args.delivery.waits_for_responses(),
        args.delivery.keep_going,
    );
    let mailbox = Mailbox::call(settings, partner, Addresses::default())
        .map_err(|error| UsageError::Option(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let timeout = CONNECT.min(Duration::from_secs(args.session.timeout.into()));
    runtime.block_on(async {
        let stream = connect(&args.host, timeout).await?;
        let voice = voice.of_session(1);
        let exchange = Exchange::new(voice.clone(), inbox, Reply::Eerp, outgoing);
        session(stream, mailbox, exchange, &voice).await
    })
}

/// Opens all files before the partner is called: what cannot be sent is known at once.
fn files(
    args: &SendArgs,
    own: &IdentificationCode,
    partner: &IdentificationCode,
    notes: &mut Outbox,
    voice: &Voice,
) -> Result<Vec<Ready>, UsageError> {
    let option = |name: &str, text: &Option<String>| match text {
        Some(text) => settings::code(name, text).map(Some),
        None => Ok(None),
    };
    let originator = option("--originator", &args.file.originator)?;
    let destination = option("--destination", &args.file.destination)?;
    check_named_once(args)?;
    let mut files = Vec::new();
    for (index, path) in args.files.iter().enumerate() {
        let spec = FileSpec {
            path: path.clone(),
            dsn: args.file.dsn.get(index).cloned(),
            format: args.format.format(),
            layout: args.format.records,
            description: args.file.description.clone().unwrap_or_default(),
            user_data: args.file.file_user_data.clone().unwrap_or_default(),
            originator,
            destination,
            stamp: args.file.stamp,
            again: args.delivery.again,
            seconds_only: settings::level(args.session.level) < Level::V1_4,
        };
        let ready = prepare(spec, own, partner, notes).map_err(|error| match error {
            PrepareError::Field { .. } => UsageError::Option(error.to_string()),
            _ => UsageError::Local(error.to_string()),
        })?;
        if ready.spec.format == Format::Text {
            check_text(&ready, voice)?;
        }
        if ready.is_sent() {
            voice.warn(&format!(
                "{}: the partner has it already, only its end response is missing; --again sends \
                 it as a new file",
                path.display()
            ));
        }
        files.push(ready);
    }
    Ok(files)
}

/// The folder for files that the partner has for us.
fn inbox(folder: &Path, args: &SendArgs) -> Result<Inbox, UsageError> {
    let options = InboxOptions {
        layout: args.format.records,
        sync: !args.session.no_sync,
        ..InboxOptions::default()
    };
    Inbox::open(folder, options).map_err(|error| UsageError::Local(error.to_string()))
}

/// The same file under the same name could not be told from a duplicate of itself.
fn check_named_once(args: &SendArgs) -> Result<(), UsageError> {
    let mut seen = HashSet::new();
    for (index, path) in args.files.iter().enumerate() {
        let dsn = args.file.dsn.get(index).cloned();
        let dsn = dsn.unwrap_or_else(|| dataset_name(path));
        // What cannot be found is another fault, told when it is opened.
        let file = path.canonicalize().unwrap_or_else(|_| path.clone());
        if !seen.insert((file, dsn)) {
            return Err(UsageError::Option(format!(
                "{} is given twice; --dsn gives each a name of its own",
                path.display()
            )));
        }
    }
    Ok(())
}

/// A T file that is none is sent all the same: the partner may not mind, but the user should know.
fn check_text(ready: &Ready, voice: &Voice) -> Result<(), UsageError> {
    use std::io::Read;
    let path = &ready.spec.path;
    let local = |error: std::io::Error| UsageError::Local(format!("{}: {error}", path.display()));
    let mut file = std::fs::File::open(path).map_err(local)?;
    let mut checker = TextChecker::new();
    let mut block = vec![0; 64 * 1024];
    let verdict = loop {
        match file.read(&mut block).map_err(local)? {
            0 => break checker.finish(),
            octets => {
                if let Err(error) = checker.check(&block[..octets]) {
                    break Err(error);
                }
            }
        }
    };
    if let Err(error) = verdict {
        voice.warn(&format!(
            "{}: not a text file by RFC 5024 1.5.3: {error}; it is sent as it is",
            path.display()
        ));
    }
    Ok(())
}

async fn session(
    stream: TcpStream,
    mut mailbox: Mailbox,
    mut exchange: Exchange,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    if let Ok(address) = stream.peer_addr() {
        voice.tell(&Event::Connected { address });
    }
    let clock = Clock::default();
    mailbox.tick(clock.now());
    mailbox.n_con_cf();
    driver::run(stream, &mut mailbox, &mut exchange, clock).await?;
    let (outcome, _) = exchange.finish();
    Ok(outcome.exit_code)
}

async fn connect(host: &Endpoint, timeout: Duration) -> Result<TcpStream, UsageError> {
    let connecting = TcpStream::connect((host.host.as_str(), host.port));
    match tokio::time::timeout(timeout, connecting).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(UsageError::Network(format!(
            "cannot connect to {host}: {error}; is the station listening there?"
        ))),
        Err(_) => Err(UsageError::Network(format!(
            "cannot connect to {host}: no answer within {} s; is there a firewall in between?",
            timeout.as_secs()
        ))),
    }
}
