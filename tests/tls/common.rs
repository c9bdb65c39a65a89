//! Stations on loopback, and the certificates that they use.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use oftp_core::mailbox::{Directory, Ended, Event, Mailbox, Partner, Response, Supply};
use oftp_core::session::{Addresses, DataInd};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{IdentificationCode, RecordFormat};
use oftp_secure::tls::{
    ClientCertificates, ClientTls, Partners, ServerTls, TlsError, client_config, server_config,
    server_name,
};
use oftp_secure::{Credential, Trust};
use oftp_station::driver::{self, Clock, Handler, Jobs, Link, StoreFault, Tls};
use oftp_station::serve::{Needs, Peer, Port, ServeLimits, Station, serve};
use oftp_tests::pair::{ALPHA, BETA, code};
use oftp_tests::pki::self_signed;
use oftp_tests::stations::{partner, settings, sfid};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Longer than any step of a test takes: what comes later has got stuck.
pub(crate) const STUCK: Duration = Duration::from_secs(60);

/// Trusts this certificate and no other.
pub(crate) fn pinned(owner: &Credential) -> Trust {
    Trust {
        pinned: vec![owner.certificate.clone()],
        ..Trust::default()
    }
}

/// What `BETA` needs to be called by `ALPHA`.
pub(crate) fn server(
    own: &Credential,
    partners: Vec<(IdentificationCode, Trust)>,
    client_certificates: ClientCertificates,
) -> ServerTls {
    ServerTls {
        credentials: vec![own.clone()],
        partners: Arc::new(Partners::new(partners)),
        client_certificates,
    }
}

/// What is needed to call `BETA` where it asks for no certificate.
pub(crate) fn trusting_beta() -> ClientTls {
    ClientTls {
        trust: pinned(&self_signed("beta")),
        credential: None,
    }
}

/// `BETA`, for anybody.
pub(crate) fn open() -> Option<ServerTls> {
    let beta = self_signed("beta");
    Some(server(&beta, Vec::new(), ClientCertificates::Ignored))
}

/// One side of a session that has one file to send, and takes one.
#[derive(Debug, Default)]
pub(crate) struct Side {
    pub(crate) outgoing: Option<Vec<u8>>,
    pub(crate) sent: usize,
    pub(crate) received: Vec<u8>,
    pub(crate) stored: bool,
    pub(crate) responses: Vec<Response>,
    pub(crate) faults: Vec<String>,
    pub(crate) ended: Option<Ended>,
}

impl Handler for Side {
    fn event(&mut self, mailbox: &mut Mailbox, event: Event, _jobs: &mut Jobs<Self>) {
        let answered = match event {
            Event::FileOffered { .. } => mailbox.accept_file(RestartPosition::START),
            Event::FileComplete => {
                self.stored = true;
                mailbox.file_stored(oftp_core::mailbox::Reply::Eerp)
            }
            Event::FileWanted { .. } => mailbox.source_ready(RestartPosition::START),
            Event::DataWanted { .. } => {
                let octets = self.outgoing.as_deref().unwrap_or_default();
                mailbox.supply(|buffer| {
                    self.sent += buffer.write(&octets[self.sent..], true).octets;
                    if self.sent == octets.len() {
                        Supply::End
                    } else {
                        Supply::More
                    }
                })
            }
            Event::ResponseReceived(response) => {
                self.responses.push(response);
                mailbox.response_taken(true)
            }
            Event::Ended(ended) => {
                self.ended = Some(ended);
                Ok(())
            }
            _ => Ok(()),
        };
        answered.expect("the event waits for this answer");
    }

    fn data(&mut self, mut data: DataInd<'_>) -> Result<(), StoreFault> {
        let mut piece = [0; 4096];
        while let Some(chunk) = data.read(&mut piece) {
            self.received.extend_from_slice(&piece[..chunk.octets]);
        }
        Ok(())
    }

    fn network_fault(&mut self, fault: &str) {
        self.faults.push(fault.to_owned());
    }
}

/// `BETA`, which is called.
#[derive(Default)]
pub(crate) struct Called {
    partners: Arc<Partners>,
    needs: Option<Needs>,
    /// Codes that may call beside `ALPHA`.
    others: Vec<IdentificationCode>,
    pub(crate) done: Mutex<Vec<(Peer, Side)>>,
    pub(crate) failed: Mutex<Vec<String>>,
}

impl Station for Called {
    type Handler = Side;

    fn session(&self, caller: &Peer, _busy: bool) -> (Mailbox, Side) {
        let mut directory = Directory {
            partners: vec![partner(ALPHA)],
            ..Directory::default()
        };
        let others = self.others.iter().map(|code| Partner::new(*code));
        directory.partners.extend(others);
        let shown = caller.tls.as_ref().map(|tls| tls.certificates.as_slice());
        let owners = self
            .partners
            .owners(shown.unwrap_or_default(), std::time::SystemTime::now());
        let needs = self.needs.unwrap_or(Needs::Nothing);
        caller.deny_others(&mut directory, &owners, |_| needs);
        let mailbox = Mailbox::answer(settings(BETA), directory);
        (mailbox, Side::default())
    }

    fn finished(&self, caller: &Peer, side: Side) {
        self.done.lock().expect("done").push((caller.clone(), side));
    }

    fn handshake_failed(&self, _caller: SocketAddr, error: &TlsError) {
        self.failed.lock().expect("failed").push(error.to_string());
    }

    fn accept_failed(&self, error: &io::Error) {
        panic!("{error}");
    }
}

/// `BETA` on a port of loopback.
pub(crate) struct Bed {
    pub(crate) address: SocketAddr,
    pub(crate) called: Arc<Called>,
    stop: oneshot::Sender<()>,
    running: tokio::task::JoinHandle<bool>,
}

impl Bed {
    /// Listens; `None`: without TLS.
    pub(crate) async fn listen(tls: Option<ServerTls>) -> Self {
        Self::with(tls, None, Vec::new(), ServeLimits::default()).await
    }

    pub(crate) async fn with(
        tls: Option<ServerTls>,
        needs: Option<Needs>,
        others: Vec<IdentificationCode>,
        limits: ServeLimits,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        let partners = tls.as_ref().map(|tls| tls.partners.clone());
        let tls = tls.map(|tls| server_config(tls).expect("a configuration"));
        let called = Arc::new(Called {
            partners: partners.unwrap_or_default(),
            needs,
            others,
            ..Called::default()
        });
        let (stop, stopped) = oneshot::channel();
        let station = called.clone();
        let running = tokio::spawn(async move {
            let stop = async {
                let _ = stopped.await;
            };
            serve(vec![Port { listener, tls }], station, limits, stop).await
        });
        Self {
            address,
            called,
            stop,
            running,
        }
    }

    /// Ends when its sessions have: what they were.
    pub(crate) async fn finish(self) -> (Vec<(Peer, Side)>, Vec<String>) {
        let _ = self.stop.send(());
        let ended = tokio::time::timeout(STUCK, self.running).await;
        ended.expect("stuck").expect("the server does not panic");
        let done = std::mem::take(&mut *self.called.done.lock().expect("done"));
        let failed = std::mem::take(&mut *self.called.failed.lock().expect("failed"));
        (done, failed)
    }
}

/// `ALPHA` calls, and sends this file.
pub(crate) async fn call(
    address: SocketAddr,
    tls: Option<ClientTls>,
    file: Option<Vec<u8>>,
) -> Result<Side, TlsError> {
    call_as(ALPHA, address, tls, file).await
}

/// The same under another code.
pub(crate) async fn call_as(
    who: &str,
    address: SocketAddr,
    tls: Option<ClientTls>,
    file: Option<Vec<u8>>,
) -> Result<Side, TlsError> {
    let link = connect(address, tls).await?;
    let mut mailbox = Mailbox::call(settings(who), partner(BETA), Addresses::default())
        .expect("no authentication");
    if file.is_some() {
        mailbox.queue_file(sfid("FILE", who, BETA, RecordFormat::U, 0));
    }
    let mut side = Side {
        outgoing: file,
        ..Side::default()
    };
    let clock = Clock::default();
    mailbox.tick(clock.now());
    mailbox.n_con_cf();
    let run = driver::run(link, &mut mailbox, &mut side, clock);
    let run = tokio::time::timeout(STUCK, run).await;
    run.expect("stuck").expect("a connection");
    Ok(side)
}

pub(crate) async fn connect(address: SocketAddr, tls: Option<ClientTls>) -> Result<Link, TlsError> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let Some(tls) = tls else {
        return Ok(stream.into());
    };
    let config = client_config(tls)?;
    let name = server_name("beta.example")?;
    let tls = Tls::connect(stream, config, name, STUCK).await?;
    Ok(tls.into())
}

/// Octets that are not the same everywhere.
pub(crate) fn content(octets: usize) -> Vec<u8> {
    (0..octets).map(|n| (n / 7 + n % 251) as u8).collect()
}

/// The code of a partner that is not `ALPHA`.
pub(crate) fn gamma() -> IdentificationCode {
    code("O0177GAMMA            001")
}
