//! `oftp send`: calls a station, sends it files, and waits for the end responses; or queues them
//! for a partner of a station of ours (`station::submit`).

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oftp_core::mailbox::{Mailbox, Partner, Reply};
use oftp_core::session::Addresses;
use oftp_core::virtual_file::TextChecker;
use oftp_core::wire::{Capability, IdentificationCode, Level};
use oftp_secure::tls::server_name;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use super::security;
use super::settings::{self, UsageError, VISIBLE};
use super::station;
use crate::args::{Endpoint, KeyFile, OutputArgs, SendArgs};
use crate::driver::{self, Clock, HANDSHAKE, Link, Tls};
use crate::exchange::{
    Exchange, FileSpec, Notes, Outgoing, Owed, PrepareError, Ready, Voice, open_what_was_left,
    prepare,
};
use crate::exit_code::ExitCode;
use crate::inbox::{Inbox, InboxOptions};
use crate::outbox::dataset_name;
use crate::records::Format;
use crate::report::Event;
use crate::security::{KeyRing, Keys, Protection, Settings};

/// The longest time to open a connection, where --timeout is longer.
const CONNECT: Duration = Duration::from_secs(30);

/// Runs the command.
pub(super) fn run(
    args: &SendArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    args.check().map_err(UsageError::Option)?;
    if let Some(submission) = station::submit::Submission::wanted(args, output)? {
        return submission.run(args, voice);
    }
    if args.session.own_password.is_visible() || args.session.partner_password.is_visible() {
        voice.warn(VISIBLE);
    }
    // Without a place for files we say that we only send, so that none is offered in vain.
    let (mode, inbox) = match &args.delivery.directory {
        Some(folder) => (Capability::Both, Some(inbox(folder, args)?)),
        None => (Capability::SenderOnly, None),
    };
    let secured = args.tls || !args.accept.require.is_empty();
    let settings = settings::settings(&args.session, mode, secured, output)?;
    let own = settings.identity.code;
    let code = settings::code("--partner", args.partner.as_deref().unwrap_or_default())?;
    let secret = args.session.partner_password.resolve()?;
    let destination = match &args.file.destination {
        Some(text) => settings::code("--destination", text)?,
        None => code,
    };
    let ring = key_ring(args, code, destination, voice)?;
    let keys = ring.with(&code);
    // Files are for their destination, sessions with the partner.
    let file_keys = ring.of_station(&destination, &code);
    let protection = security::protection(&args.protect, &file_keys)?;
    if args.session.auth {
        security::check_authentication(&keys)?;
    }
    let tls = match args.tls {
        true => Some(tls(args, &keys)?),
        false => None,
    };
    let partner = Partner {
        password: secret.as_ref().map(settings::password),
        authentication: args.session.auth,
        policy: security::policy(&args.accept, &ring, Vec::new())?,
        ..Partner::new(code)
    };
    let notes = settings::notes(args.delivery.state.as_ref(), !args.session.no_sync)?;
    let notes: Notes = Arc::new(Mutex::new(notes));
    let files = files(args, &own, &code, protection, &notes, &file_keys, voice)?;
    let security = Settings {
        ring,
        no_legacy: args.accept.no_legacy,
        unnamed_suite: args.accept.unnamed_suite,
        receipts: settings::folder("--receipts", args.delivery.receipts.as_ref())?,
        envelopes: settings::folder("--keep-sealed", args.delivery.keep_sealed.as_ref())?,
        ..Settings::default()
    };
    let owed = match &inbox {
        Some(inbox) => owed(inbox, own, &security, voice)?,
        None => Owed::default(),
    };
    let outgoing = Outgoing::files(
        own,
        notes,
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
        let stream = connect(&args.host, args.tls, timeout).await?;
        let voice = voice.of_session(1);
        if let Ok(address) = stream.peer_addr() {
            voice.tell(&Event::Connected { address });
        }
        let link = match tls {
            None => stream.into(),
            Some((config, name)) => shake_hands(stream, config, name, timeout, &voice).await?,
        };
        let exchange = Exchange::new(voice, inbox, Reply::Eerp, outgoing)
            .with_security(security)
            .with_owed(owed);
        session(link, mailbox, exchange).await
    })
}

/// The keys of the station that is called, and of the one that the files are for.
fn key_ring(
    args: &SendArgs,
    partner: IdentificationCode,
    destination: IdentificationCode,
    voice: &Voice,
) -> Result<Arc<KeyRing>, UsageError> {
    let mut stations = vec![partner];
    let named = |file: &KeyFile| file.partner.is_some();
    let all = args.keys.partner_cert.iter().chain(&args.keys.partner_ca);
    // What names nobody is the partner's, who may stand for the destination if that is wanted.
    if destination.trimmed() != partner.trimmed() && all.clone().any(named) {
        stations.push(destination);
    }
    security::key_ring(&args.keys, &stations, voice).map(Arc::new)
}

/// TLS for the call, and the name that the station's certificate must bear.
fn tls(
    args: &SendArgs,
    keys: &Keys,
) -> Result<(Arc<ClientConfig>, ServerName<'static>), UsageError> {
    let name = args.tls_name.as_ref().unwrap_or(&args.host.host);
    let name = server_name(name).map_err(|error| UsageError::Option(error.to_string()))?;
    Ok((security::client_tls(keys)?, name))
}

async fn shake_hands(
    stream: TcpStream,
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    timeout: Duration,
    voice: &Voice,
) -> Result<Link, UsageError> {
    let tls = Tls::connect(stream, config, name, HANDSHAKE.min(timeout)).await;
    let tls = tls.map_err(|error| UsageError::Tls(error.to_string()))?;
    let certificate = tls.certificates().first().map(ToString::to_string);
    voice.tell(&Event::Secured {
        protocol: tls.protocol(),
        certificate,
    });
    Ok(tls.into())
}

/// Opens all files before the partner is called: what cannot be sent is known at once.
fn files(
    args: &SendArgs,
    own: &IdentificationCode,
    partner: &IdentificationCode,
    protection: Protection,
    notes: &Notes,
    keys: &Keys,
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
            protection,
        };
        let ready =
            prepare(spec, own, partner, notes, keys, voice).map_err(|error| match error {
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

/// The end responses that earlier calls left, and those to files that they did not open.
fn owed(
    inbox: &Inbox,
    own: IdentificationCode,
    security: &Settings,
    voice: &Voice,
) -> Result<Owed, UsageError> {
    let folder = inbox.owed_folder();
    let owed = Owed::in_folder(folder)
        .map_err(|error| UsageError::Local(format!("{}: {error}", folder.display())))?;
    open_what_was_left(inbox, own, &Reply::Eerp, security, &owed, &|_| None, voice);
    Ok(owed)
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
    link: Link,
    mut mailbox: Mailbox,
    mut exchange: Exchange,
) -> Result<ExitCode, UsageError> {
    let clock = Clock::default();
    mailbox.tick(clock.now());
    mailbox.n_con_cf();
    driver::run(link, &mut mailbox, &mut exchange, clock).await?;
    let (outcome, _) = exchange.finish();
    Ok(outcome.exit_code)
}

async fn connect(host: &Endpoint, tls: bool, timeout: Duration) -> Result<TcpStream, UsageError> {
    let port = host.port(tls);
    let connecting = TcpStream::connect((host.host.as_str(), port));
    let host = Endpoint {
        port: Some(port),
        ..host.clone()
    };
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
