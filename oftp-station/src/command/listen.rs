//! `oftp listen`: waits for partners, stores their files, and answers them.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use oftp_core::mailbox::{Directory, FilePolicy, Mailbox, Origins, Partner, Reply, Settings};
use oftp_core::wire::{Capability, IdentificationCode, Level};
use oftp_secure::tls::TlsError;
use tokio::net::TcpListener;

use super::settings::{self, UsageError, VISIBLE};
use crate::args::{Endpoint, ListenArgs, OutputArgs};
use crate::exchange::{Exchange, FileSpec, Notes, Outgoing, Owed, Voice};
use crate::exit_code::ExitCode;
use crate::inbox::{Inbox, InboxOptions};
use crate::report::Event;
use crate::serve::{Peer, Port, ServeLimits, Station, serve};

/// Callers beyond --max-sessions that are told to come back, before further ones are just closed.
const TOLD_TO_COME_BACK: usize = 64;

/// Runs the command.
pub(super) fn run(
    args: &ListenArgs,
    output: OutputArgs,
    voice: &Voice,
) -> Result<ExitCode, UsageError> {
    args.check().map_err(UsageError::Option)?;
    if args.session.own_password.is_visible() || args.session.partner_password.is_visible() {
        voice.warn(VISIBLE);
    }
    let settings = settings::settings(&args.session, Capability::Both, output)?;
    let inbox = Inbox::open(
        &args.receive.directory,
        InboxOptions {
            layout: args.format.records,
            longest_file: args.receive.max_file_size,
            sync: !args.session.no_sync,
            ..InboxOptions::default()
        },
    )
    .map_err(|error| UsageError::Local(format!("{error}; --directory names the folder")))?;
    let specs = specs(args)?;
    let notes = if specs.is_empty() {
        None
    } else {
        let notes = settings::notes(None, !args.session.no_sync)?;
        Some(Arc::new(Mutex::new(notes)) as Notes)
    };
    let station = Arc::new(Listener {
        directory: directory(args)?,
        settings,
        inbox,
        reply: if args.receive.no_eerp {
            Reply::Later
        } else {
            Reply::Eerp
        },
        notes,
        owed: Owed::default(),
        specs: Mutex::new(specs.into()),
        voice: voice.clone(),
        sessions: AtomicU64::new(0),
        worst: Mutex::new(ExitCode::Done),
    });
    let limits = ServeLimits {
        sessions: args.max_sessions.into(),
        connections: usize::from(args.max_sessions) + TOLD_TO_COME_BACK,
        total: args
            .session_limit()
            .map(|total| usize::try_from(total).unwrap_or(usize::MAX)),
        ..ServeLimits::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = bind(&args.address).await?;
        let address = listener.local_addr()?;
        voice.tell(&Event::Listening { address });
        // Who is asked to stop has done what was asked, whatever single sessions met.
        let ports = vec![Port {
            listener,
            tls: None,
        }];
        if serve(ports, station.clone(), limits, stop_signal()).await {
            return Ok(ExitCode::Done);
        }
        Ok(station.worst())
    })
}

async fn bind(address: &Endpoint) -> Result<TcpListener, UsageError> {
    let mut bound = TcpListener::bind((address.host.as_str(), address.port)).await;
    // All addresses: where there is no IPv6, those of IPv4 are all.
    if bound.is_err() && address.host == "::" {
        bound = TcpListener::bind(("0.0.0.0", address.port)).await;
    }
    bound.map_err(|error| {
        UsageError::Network(format!(
            "cannot listen on {address}: {error}; choose another port"
        ))
    })
}

/// Ctrl-C, or a request of the system to end: sessions that run may come to their end.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

fn directory(args: &ListenArgs) -> Result<Directory, UsageError> {
    let mut served = Vec::new();
    for text in &args.receive.accept_destination {
        served.push(settings::code("--accept-destination", text)?);
    }
    let policy = settings::unsecured_files(served);
    let common = args.session.partner_password.resolve()?;
    let mut partners = Vec::new();
    for spec in &args.partner {
        let own = match &spec.password_file {
            Some(file) => Some(crate::secret::Secret::from_file(file)?),
            None => common.clone(),
        };
        partners.push(Partner {
            password: own.as_ref().map(settings::password),
            policy: policy.clone(),
            ..Partner::new(settings::code("--partner", &spec.id)?)
        });
    }
    let strangers = args.any_partner.then(|| Partner {
        policy: FilePolicy {
            origins: Origins::Any,
            ..policy
        },
        ..Partner::new(IdentificationCode::default())
    });
    Ok(Directory {
        partners,
        strangers,
        ..Directory::default()
    })
}

/// The files of --send-file; each must be there when the listener begins.
fn specs(args: &ListenArgs) -> Result<Vec<FileSpec>, UsageError> {
    let format = args.format.format();
    args.send_file
        .iter()
        .map(|path| {
            crate::outbox::Source::open(path, format, args.format.records)
                .map_err(|error| UsageError::Local(error.to_string()))?;
            Ok(FileSpec {
                path: path.clone(),
                dsn: None,
                format,
                layout: args.format.records,
                description: String::new(),
                user_data: String::new(),
                originator: None,
                destination: None,
                stamp: None,
                again: false,
                seconds_only: settings::level(args.session.level) < Level::V1_4,
            })
        })
        .collect()
}

/// What the sessions of a listener share.
struct Listener {
    settings: Settings,
    directory: Directory,
    inbox: Inbox,
    reply: Reply,
    notes: Option<Notes>,
    /// Responses that were cut off.
    owed: Owed,
    /// Files for whoever calls, until a session has taken them.
    specs: Mutex<VecDeque<FileSpec>>,
    voice: Voice,
    sessions: AtomicU64,
    worst: Mutex<ExitCode>,
}

impl Listener {
    fn worst(&self) -> ExitCode {
        self.worst.lock().map_or(ExitCode::Other, |worst| *worst)
    }
}

impl Station for Listener {
    type Handler = Exchange;

    fn session(&self, caller: &Peer, busy: bool) -> (Mailbox, Exchange) {
        let number = self.sessions.fetch_add(1, Ordering::Relaxed) + 1;
        let voice = self.voice.of_session(number);
        voice.tell(&Event::Connected {
            address: caller.address,
        });
        let own = self.settings.identity.code;
        let specs: Vec<FileSpec> = match self.specs.lock() {
            Ok(mut specs) if !busy => specs.drain(..).collect(),
            _ => Vec::new(),
        };
        let outgoing = match &self.notes {
            Some(notes) => Outgoing::for_caller(own, notes.clone(), specs),
            None => Outgoing::nothing(own),
        };
        let settings = Settings {
            busy,
            ..self.settings.clone()
        };
        let mailbox = Mailbox::answer(settings, self.directory.clone());
        let inbox = Some(self.inbox.clone());
        (
            mailbox,
            Exchange::new(voice, inbox, self.reply.clone(), outgoing).with_owed(self.owed.clone()),
        )
    }

    fn finished(&self, _caller: &Peer, handler: Exchange) {
        let (outcome, left) = handler.finish();
        if let Ok(mut specs) = self.specs.lock() {
            specs.extend(left);
        }
        if let Ok(mut worst) = self.worst.lock() {
            *worst = worst.or(outcome.exit_code);
        }
    }

    fn handshake_failed(&self, caller: SocketAddr, error: &TlsError) {
        self.voice.error(&format!("{caller}: {error}"));
        if let Ok(mut worst) = self.worst.lock() {
            *worst = worst.or(ExitCode::Connection);
        }
    }

    fn accept_failed(&self, error: &io::Error) {
        self.voice
            .error(&format!("a caller could not be accepted: {error}"));
    }
}
