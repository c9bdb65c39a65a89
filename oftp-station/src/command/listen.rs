//! `oftp listen`: waits for partners, stores their files, and answers them.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use oftp_core::mailbox::{self, Directory, FilePolicy, Mailbox, Origins, Partner, Reply};
use oftp_core::wire::{Capability, IdentificationCode, Level};
use oftp_secure::tls::{Partners, TlsError};
use tokio::net::TcpListener;

use super::security;
use super::settings::{self, UsageError, VISIBLE};
use crate::args::{ClientCertArg, Endpoint, ListenArgs, OutputArgs};
use crate::exchange::{Exchange, FileSpec, Notes, Outgoing, Owed, Voice, open_what_was_left};
use crate::exit_code::ExitCode;
use crate::inbox::{Inbox, InboxOptions};
use crate::report::Event;
use crate::security::{KeyRing, Keys, Settings};
use crate::serve::{Needs, Peer, Port, ServeLimits, Station, serve};

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
    let secured = args.tls || !args.accept.require.is_empty();
    let settings = settings::settings(&args.session, Capability::Both, secured, output)?;
    let codes = codes(args)?;
    let ring = Arc::new(security::key_ring(&args.keys, &codes, voice)?);
    if args.session.auth {
        for code in &codes {
            security::check_authentication(&ring.with(code))?;
        }
    }
    let tls = match args.tls {
        true => Some(security::server_tls(&ring, args.tls_client_cert)?),
        false => None,
    };
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
    let specs = specs(args, &ring, &codes)?;
    let notes = if specs.is_empty() {
        None
    } else {
        let notes = settings::notes(None, !args.session.no_sync)?;
        Some(Arc::new(Mutex::new(notes)) as Notes)
    };
    let owed = Owed::in_folder(inbox.owed_folder()).map_err(|error| {
        UsageError::Local(format!("{}: {error}", inbox.owed_folder().display()))
    })?;
    let security = Settings {
        ring,
        no_legacy: args.accept.no_legacy,
        unnamed_suite: args.accept.unnamed_suite,
        envelopes: settings::folder("--keep-sealed", args.receive.keep_sealed.as_ref())?,
        ..Settings::default()
    };
    let reply = if args.receive.no_eerp {
        Reply::Later
    } else {
        Reply::Eerp
    };
    let (config, owners) = tls.map(|tls| (tls.config, tls.owners)).unzip();
    let station = Arc::new(Listener {
        directory: directory(args, &security.ring)?,
        settings,
        security,
        owners,
        wanted: args.tls_client_cert,
        inbox,
        reply,
        notes,
        owed,
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
        let listener = bind(args).await?;
        let address = listener.local_addr()?;
        // Who reads that we listen may ask us at once to stop.
        let stop = stop_signal();
        voice.tell(&Event::Listening { address });
        let left = station.clone();
        let opening = tokio::task::spawn_blocking(move || left.open_what_was_left());
        // Who is asked to stop has done what was asked, whatever single sessions met.
        let ports = vec![Port {
            listener,
            tls: config,
        }];
        if serve(ports, station.clone(), limits, stop).await {
            return Ok(ExitCode::Done);
        }
        opening.await.map_err(io::Error::other)?;
        Ok(station.worst())
    })
}

async fn bind(args: &ListenArgs) -> Result<TcpListener, UsageError> {
    let everywhere = Endpoint {
        host: "::".to_owned(),
        port: None,
    };
    let address = args.address.as_ref().unwrap_or(&everywhere);
    let port = address.port(args.tls);
    let mut bound = TcpListener::bind((address.host.as_str(), port)).await;
    // All addresses: where there is no IPv6, those of IPv4 are all.
    if bound.is_err() && address.host == "::" {
        bound = TcpListener::bind(("0.0.0.0", port)).await;
    }
    let address = Endpoint {
        port: Some(port),
        ..address.clone()
    };
    bound.map_err(|error| {
        UsageError::Network(format!(
            "cannot listen on {address}: {error}; choose another port"
        ))
    })
}

/// Ctrl-C, or a request of the system to end: sessions that run may come to their end. Both are
/// heard from now on.
fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let asked = signal(SignalKind::interrupt()).and_then(|interrupt| {
        let terminate = signal(SignalKind::terminate())?;
        Ok((interrupt, terminate))
    });
    async {
        match asked {
            Ok((mut interrupt, mut terminate)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            Err(_) => std::future::pending().await,
        }
    }
}

/// The partners by their codes.
fn codes(args: &ListenArgs) -> Result<Vec<IdentificationCode>, UsageError> {
    let codes = args.partner.iter();
    codes
        .map(|spec| settings::code("--partner", &spec.id))
        .collect()
}

fn directory(args: &ListenArgs, ring: &KeyRing) -> Result<Directory, UsageError> {
    let mut served = Vec::new();
    for text in &args.receive.accept_destination {
        served.push(settings::code("--accept-destination", text)?);
    }
    let policy = || security::policy(&args.accept, ring, served.clone());
    let common = args.session.partner_password.resolve()?;
    let mut partners = Vec::new();
    for spec in &args.partner {
        let own = match &spec.password_file {
            Some(file) => Some(crate::secret::Secret::from_file(file)?),
            None => common.clone(),
        };
        let code = settings::code("--partner", &spec.id)?;
        partners.push(Partner {
            password: own.as_ref().map(settings::password),
            authentication: args.session.auth,
            policy: policy()?,
            ..Partner::new(code)
        });
    }
    let strangers = match args.any_partner {
        true => Some(Partner {
            policy: FilePolicy {
                origins: Origins::Any,
                ..policy()?
            },
            authentication: args.session.auth,
            ..Partner::new(IdentificationCode::default())
        }),
        false => None,
    };
    Ok(Directory {
        partners,
        strangers,
        ..Directory::default()
    })
}

/// The files of --send-file; each must be there when the listener begins.
fn specs(
    args: &ListenArgs,
    ring: &KeyRing,
    codes: &[IdentificationCode],
) -> Result<Vec<FileSpec>, UsageError> {
    let format = args.format.format();
    let mut protection = None;
    for code in codes {
        protection = Some(security::protection(&args.protect, &ring.with(code))?);
    }
    let protection = match protection {
        Some(protection) => protection,
        None => security::protection(&args.protect, &Keys::default())?,
    };
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
                protection,
            })
        })
        .collect()
}

/// What the sessions of a listener share.
struct Listener {
    settings: mailbox::Settings,
    directory: Directory,
    security: Settings,
    /// Whose TLS certificates are whose.
    owners: Option<Arc<Partners>>,
    wanted: ClientCertArg,
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

    fn open_what_was_left(&self) {
        let own = self.settings.identity.code;
        open_what_was_left(
            &self.inbox,
            own,
            &self.reply,
            &self.security,
            &self.owed,
            &|_| None,
            &self.voice,
        );
    }

    /// Everybody who may be this caller.
    fn directory(&self, caller: &Peer) -> Directory {
        let mut directory = self.directory.clone();
        if let (Some(owners), Some(tls)) = (&self.owners, &caller.tls) {
            let owners = owners.owners(&tls.certificates, SystemTime::now());
            let needs = match self.wanted {
                ClientCertArg::Require => Needs::Certificate,
                ClientCertArg::Ask | ClientCertArg::Off => Needs::Tls,
            };
            caller.deny_others(&mut directory, &owners, |_| needs);
        }
        directory
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
        if let Some(tls) = &caller.tls {
            voice.tell(&Event::Secured {
                protocol: tls.protocol.clone(),
                certificate: tls.certificates.first().map(ToString::to_string),
            });
        }
        let own = self.settings.identity.code;
        let specs: Vec<FileSpec> = match self.specs.lock() {
            Ok(mut specs) if !busy => specs.drain(..).collect(),
            _ => Vec::new(),
        };
        let outgoing = match &self.notes {
            Some(notes) => Outgoing::for_caller(own, notes.clone(), specs),
            None => Outgoing::nothing(own),
        };
        let settings = mailbox::Settings {
            busy,
            ..self.settings.clone()
        };
        let mailbox = Mailbox::answer(settings, self.directory(caller));
        let inbox = Some(self.inbox.clone());
        let exchange = Exchange::new(voice, inbox, self.reply.clone(), outgoing);
        let exchange = exchange
            .with_owed(self.owed.clone())
            .with_security(self.security.clone());
        (mailbox, exchange)
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
