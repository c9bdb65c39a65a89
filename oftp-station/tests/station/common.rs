//! Stations for tests: each in a folder of its own, known to one another.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use oftp_core::mailbox::{self, Identity};
use oftp_core::wire::{
    DatasetName, IdentificationCode, Level, Password, RecordFormat, Security, Sfid, Stamp, Text,
    UserData,
};
use oftp_secure::{Suite, suite};
use oftp_station::args::Endpoint;
use oftp_station::exchange::Voice;
use oftp_station::inbox::{Inbox, InboxOptions};
use oftp_station::records::{Format, RecordLayout};
use oftp_station::security::Protection;
use oftp_station::serve::{Needs, Port, ServeLimits, serve};
use oftp_station::station::caller::CallResult;
use oftp_station::station::config::{
    Config, EndResponses, Limits, LogConfig, PartnerConfig, Retention, Retry, Schedule,
};
use oftp_station::station::journal::file::{self, FileKey, FileRow, FileState, NewFile, Stamping};
use oftp_station::station::journal::{Journal, event, response};
use oftp_station::station::plan::Plan;
use oftp_station::station::session::{Answering, call};
use oftp_station::station::{Folder, Shared, recover};
use tokio::net::TcpListener;

pub(crate) fn code(text: &str) -> IdentificationCode {
    IdentificationCode::new(text).expect("code")
}

/// A station for tests.
pub(crate) struct Site {
    place: tempfile::TempDir,
    pub(crate) shared: Shared,
    pub(crate) voice: Voice,
    pub(crate) said: Arc<Mutex<Vec<String>>>,
}

pub(crate) fn plain() -> Protection {
    Protection {
        sign: false,
        encrypt: false,
        compress: None,
        signed_response: false,
        suite: Suite::of(suite::DEFAULT).expect("the default"),
    }
}

/// A U file without any security.
pub(crate) fn sfid(
    dsn: &str,
    orig: IdentificationCode,
    dest: IdentificationCode,
    octets: usize,
) -> Sfid {
    let blocks = (octets as u64).div_ceil(1024);
    Sfid {
        dsn: DatasetName::new(dsn).expect("name"),
        stamp: Stamp::new("20261126", "1345010001").expect("stamp"),
        user: UserData::default(),
        dest,
        orig,
        fmt: RecordFormat::U,
        lrecl: 0,
        fsiz: blocks,
        osiz: blocks,
        rest: 0,
        sec: Security::None,
        ciph: 0,
        comp: 0,
        env: 0,
        sign: false,
        desc: Text::new("a long name ü"),
    }
}

/// A partner of this code, without anything special.
pub(crate) fn partner(name: &str, id: &str) -> PartnerConfig {
    let mut row = mailbox::Partner::new(code(id));
    row.password = Some(Password::new(oftp_core::wire::X::from_octets(b"PASSWORD")));
    row.policy.destinations = None;
    row.policy.origins = mailbox::Origins::Any;
    PartnerConfig {
        name: name.to_owned(),
        mailbox: row,
        stations: Vec::new(),
        addresses: Vec::new(),
        tls: None,
        needs: Needs::Nothing,
        protection: plain(),
        send: Vec::new(),
        receive: Vec::new(),
        schedule: Schedule::default(),
        retry: Retry {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(1),
            attempts: Some(3),
        },
        sessions: 1,
        responses: EndResponses::default(),
        seconds_only: false,
        file_size: None,
        quota: None,
        restart_records: true,
        profile: None,
        timers: None,
    }
}

impl Site {
    /// The station of this code with these partners.
    pub(crate) fn new(id: &str, partners: Vec<PartnerConfig>) -> Self {
        Self::with(id, partners, |_| {})
    }

    /// The same, with more in its configuration.
    pub(crate) fn with(
        id: &str,
        partners: Vec<PartnerConfig>,
        more: impl FnOnce(&mut Config),
    ) -> Self {
        Self::in_folder(quick_folder(), id, partners, more)
    }

    /// A station whose folder this is already.
    pub(crate) fn in_folder(
        folder: tempfile::TempDir,
        id: &str,
        partners: Vec<PartnerConfig>,
        more: impl FnOnce(&mut Config),
    ) -> Self {
        let own = Identity {
            code: code(id),
            password: Password::new(oftp_core::wire::X::from_octets(b"PASSWORD")),
            user: UserData::default(),
        };
        let place = Folder::new(folder.path());
        place
            .make(partners.iter().map(|partner| partner.name.as_str()))
            .expect("folders");
        let mut config = Config {
            folder: place.clone(),
            session: mailbox::Settings::new(own.clone()),
            own,
            stations: Vec::new(),
            ports: Vec::new(),
            partners: partners.into_iter().map(Arc::new).collect(),
            groups: Vec::new(),
            hide_unknown: false,
            hooks: Vec::new(),
            security: oftp_station::security::Settings::default(),
            limits: Limits::default(),
            retention: Retention::default(),
            log: LogConfig::default(),
            metrics: None,
            tls: None,
            warnings: oftp_station::station::config::ConfigWarnings::default(),
            outbox_interval: Duration::from_secs(1),
            outbox_settle: Duration::from_secs(1),
        };
        more(&mut config);
        let said = Arc::new(Mutex::new(Vec::new()));
        Self {
            place: folder,
            shared: open(config),
            voice: Voice::kept(said.clone()),
            said,
        }
    }

    /// What a new process finds in the folder of one that was killed: all that is in memory is
    /// gone.
    pub(crate) fn restarted(self) -> Self {
        let Self {
            place,
            shared,
            voice,
            said,
        } = self;
        let config = Config::clone(&shared.config());
        // The last one that holds it closes the journal.
        drop(shared);
        let shared = open(config);
        recover::clear_spool(&shared).expect("a spool");
        Self {
            place,
            shared,
            voice,
            said,
        }
    }

    /// Its folder, of which no part of it is open any more.
    pub(crate) fn closed(self) -> tempfile::TempDir {
        self.place
    }

    /// Queues these octets for a partner.
    pub(crate) fn queue(&self, to: &str, dsn: &str, octets: &[u8]) -> FileKey {
        let config = self.shared.config();
        let dest = config.partner(to).expect("a partner").mailbox.code;
        self.queue_for(to, dest, dsn, octets)
    }

    /// The same for a station behind the partner.
    pub(crate) fn queue_for(
        &self,
        to: &str,
        dest: IdentificationCode,
        dsn: &str,
        octets: &[u8],
    ) -> FileKey {
        let spool = format!("{dsn}.{}", self.files().len());
        let path = self.shared.folder().spool_out().join(&spool);
        std::fs::write(path, octets).expect("spool");
        let sfid = sfid(dsn, self.shared.config().own.code, dest, octets.len());
        self.enqueue(to, sfid, spool, plain())
    }

    /// Queues what lies in the spool under this name.
    pub(crate) fn enqueue(
        &self,
        to: &str,
        sfid: Sfid,
        spool: String,
        protection: Protection,
    ) -> FileKey {
        let file = NewFile {
            partner: to.to_owned(),
            name: sfid.dsn.to_string(),
            sfid,
            spool,
            layout: RecordLayout::Length32,
            path: None,
            plan: Plan::new(Format::Unstructured, &protection).to_json(),
            priority: 5,
            held: false,
            parent: None,
        };
        let stamping = Stamping::Free {
            first: "20261126134501".parse().expect("stamp"),
            seconds_only: false,
        };
        let queued = self
            .shared
            .journal()
            .write(move |connection| file::enqueue(connection, file, stamping, FileState::Queued));
        queued.expect("queued").key
    }

    /// Waits until all is written that nobody waits for.
    pub(crate) fn flush(&self) {
        // A journal that cannot be written has nothing before it either.
        let _ = self.shared.journal().write(|_| Ok(()));
    }

    pub(crate) fn files(&self) -> Vec<FileRow> {
        self.flush();
        let all = file::Filter::default();
        let files = self
            .shared
            .journal()
            .read(|connection| file::history(connection, &all));
        files.expect("files")
    }

    pub(crate) fn file(&self, key: FileKey) -> FileRow {
        self.flush();
        let row = self
            .shared
            .journal()
            .read(|connection| file::get(connection, key));
        row.expect("a file")
    }

    /// The states of all files, the first first.
    pub(crate) fn states(&self) -> Vec<FileState> {
        let mut states: Vec<_> = self.files().iter().map(|row| row.state).collect();
        states.reverse();
        states
    }

    pub(crate) fn owed(&self, partner: &str) -> usize {
        self.flush();
        let owed = self
            .shared
            .journal()
            .read(|connection| response::owed(connection, partner, 1000));
        owed.expect("owed").len()
    }

    /// The kinds of all lines of the history.
    pub(crate) fn history(&self) -> Vec<&'static str> {
        self.flush();
        let events = self
            .shared
            .journal()
            .read(|connection| event::after(connection, 0, 100_000));
        let events = events.expect("events");
        events.iter().map(|event| event.kind.name()).collect()
    }

    /// The files in the inbox for what came from a partner, by name, with their octets.
    pub(crate) fn inbox(&self, partner: &str) -> Vec<(String, Vec<u8>)> {
        contents(&self.shared.folder().inbox(partner))
    }

    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().expect("said").clone()
    }
}

fn open(config: Config) -> Shared {
    let journal = Journal::open(&config.folder.journal()).expect("journal");
    let staging = Inbox::open(
        &config.folder.spool_in(),
        InboxOptions {
            layout: RecordLayout::Length32,
            ..InboxOptions::default()
        },
    );
    Shared::new(config, journal, staging.expect("spool"))
}

/// A folder in memory, where there is such a thing: thousands of sessions then do not wait for a
/// disk.
pub(crate) fn quick_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a folder")
}

pub(crate) fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path: &PathBuf| path.is_file())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            (name.into_owned(), std::fs::read(&path).expect("octets"))
        })
        .collect();
    files.sort();
    files
}

/// Answers calls for a station until it is dropped.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<bool>,
}

impl Listening {
    pub(crate) async fn begin(site: &Site) -> Self {
        Self::with(site, ServeLimits::default()).await
    }

    /// The same with other bounds.
    pub(crate) async fn with(site: &Site, limits: ServeLimits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let answering = Answering::new(site.shared.clone(), site.voice.clone(), Arc::default());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let ports = vec![Port {
            listener,
            tls: None,
        }];
        let task = tokio::spawn(serve(ports, Arc::new(answering), limits, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop: Some(stop),
            task,
        }
    }

    /// Waits for all sessions to end.
    pub(crate) async fn end(mut self) {
        drop(self.stop.take());
        self.task.await.expect("served");
    }
}

/// Calls the partner of this name at this address.
pub(crate) async fn ring(site: &Site, name: &str, address: SocketAddr) -> CallResult {
    let config = site.shared.config();
    let mut partner = PartnerConfig::clone(config.partner(name).expect("a partner"));
    partner.addresses = vec![Endpoint {
        host: address.ip().to_string(),
        port: Some(address.port()),
    }];
    call(&site.shared, Arc::new(partner), site.voice.clone()).await
}

/// The highest level of a partner.
pub(crate) fn at_level(mut partner: PartnerConfig, level: Level) -> PartnerConfig {
    partner.mailbox.capabilities = Some(oftp_core::session::Capabilities {
        level,
        ..oftp_core::session::Capabilities::default()
    });
    partner
}
