//! Two mailboxes with files in memory: whole stations without sockets, disks or waiting.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use oftp_core::mailbox::{
    Directory, Ended, Event, FileId, Identity, Mail, Mailbox, Partner, Reply, Response, Settings,
    Supply,
};
use oftp_core::session::Addresses;
use oftp_core::virtual_file::{RestartPosition, Structure, size_blocks};
use oftp_core::wire::{
    DatasetName, RecordFormat, Security, Sfid, SfnaReason, Stamp, Text, UserData,
};

use crate::pair::{ALPHA, BETA, code, password};

/// A file to be sent: its SFID and its records (one for U and T).
#[derive(Debug, Clone)]
pub struct SendFile {
    /// What is offered.
    pub sfid: Sfid,
    /// Its records; a stream has one.
    pub records: Vec<Vec<u8>>,
}

/// A file that was received, or a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// All octets.
    pub octets: Vec<u8>,
    /// Where its records end.
    pub ends: Vec<usize>,
    /// It was stored whole (EFPA).
    pub complete: bool,
}

/// One station: a mailbox, what it has to send, and what it has received.
#[derive(Debug)]
pub struct Station {
    /// The mailbox.
    pub mailbox: Mailbox,
    /// Files by the ids that the mailbox gave.
    pub outbox: BTreeMap<FileId, SendFile>,
    /// Files by dataset name.
    pub inbox: BTreeMap<String, Received>,
    /// Responses that came.
    pub responses: Vec<Response>,
    /// Files whose EFPA came.
    pub sent: Vec<FileId>,
    /// All other events, in order.
    pub events: Vec<Event>,
    /// What file is being received.
    current: Option<String>,
    /// The open source: file, record, octet in it.
    source: Option<(FileId, usize, usize)>,
    /// Octets on their way to it.
    pub network: VecDeque<u8>,
    /// It wants a connection.
    pub calls: bool,
    /// It has closed its end.
    pub closed: bool,
    /// Octets that it has sent.
    pub octets_sent: Vec<u8>,
    /// What is told to the originator of a stored file.
    pub reply: Reply,
}

/// The settings of [`ALPHA`] and [`BETA`].
#[must_use]
pub fn settings(who: &str) -> Settings {
    Settings::new(Identity {
        code: code(who),
        password: password("SECRET"),
        user: UserData::default(),
    })
}

/// A partner with the password of [`settings`].
#[must_use]
pub fn partner(who: &str) -> Partner {
    Partner {
        password: Some(password("SECRET")),
        ..Partner::new(code(who))
    }
}

/// An SFID from [`ALPHA`] to [`BETA`], or the reverse.
#[must_use]
pub fn sfid(dsn: &str, from: &str, to: &str, format: RecordFormat, lrecl: u32) -> Sfid {
    Sfid {
        dsn: DatasetName::from_octets(dsn.as_bytes()),
        stamp: Stamp::new("20071130", "1200000001").expect("digits"),
        user: UserData::default(),
        dest: code(to),
        orig: code(from),
        fmt: format,
        lrecl,
        fsiz: 0,
        osiz: 0,
        rest: 0,
        sec: Security::None,
        ciph: 0,
        comp: 0,
        env: 0,
        sign: false,
        desc: Text::default(),
    }
}

impl Station {
    /// A station that calls.
    ///
    /// # Panics
    /// When the settings contradict each other.
    #[must_use]
    pub fn calling(settings: Settings, partner: Partner) -> Self {
        let mailbox = Mailbox::call(settings, partner, Addresses::default());
        Self::with(mailbox.expect("no authentication below level 2.0"))
    }

    /// A station that is called.
    #[must_use]
    pub fn called(settings: Settings, partners: Vec<Partner>) -> Self {
        let directory = Directory {
            partners,
            ..Directory::default()
        };
        Self::with(Mailbox::answer(settings, directory))
    }

    fn with(mailbox: Mailbox) -> Self {
        Self {
            mailbox,
            outbox: BTreeMap::new(),
            inbox: BTreeMap::new(),
            responses: Vec::new(),
            sent: Vec::new(),
            events: Vec::new(),
            current: None,
            source: None,
            network: VecDeque::new(),
            calls: false,
            closed: false,
            octets_sent: Vec::new(),
            reply: Reply::Eerp,
        }
    }

    /// Queues a file; its sizes are filled in.
    pub fn send(&mut self, mut file: SendFile) -> FileId {
        let octets: usize = file.records.iter().map(Vec::len).sum();
        file.sfid.fsiz = size_blocks(octets as u64);
        file.sfid.osiz = file.sfid.fsiz;
        let id = self.mailbox.queue_file(file.sfid.clone());
        self.outbox.insert(id, file);
        id
    }

    /// Does everything that can be done without octets or time; octets to be sent are returned.
    pub fn work(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            match self.mailbox.poll() {
                Mail::NConRq => self.calls = true,
                Mail::NConRs | Mail::Trace(_) => {}
                Mail::NDiscRq => self.closed = true,
                Mail::NDataRq(pending) => {
                    let octets = pending.to_vec();
                    self.mailbox.sent(octets.len());
                    out.extend_from_slice(&octets);
                }
                Mail::Data(mut data) => {
                    let name = self.current.as_ref().expect("a file is open");
                    let file = self.inbox.get_mut(name).expect("a file is open");
                    let mut piece = [0; 64];
                    while let Some(chunk) = data.read(&mut piece) {
                        file.octets.extend_from_slice(&piece[..chunk.octets]);
                        if chunk.end_of_record {
                            file.ends.push(file.octets.len());
                        }
                    }
                }
                Mail::Event(event) => self.event(event),
                Mail::Wait(_) => break,
            }
        }
        self.octets_sent.extend_from_slice(&out);
        out
    }

    fn event(&mut self, event: Event) {
        match &event {
            Event::FileOffered { sfid } => self.offered(sfid),
            Event::FileComplete => {
                if let Some(name) = self.current.take() {
                    if let Some(file) = self.inbox.get_mut(&name) {
                        file.complete = true;
                    }
                }
                self.mailbox
                    .file_stored(self.reply.clone())
                    .expect("a file is complete");
            }
            Event::FileWanted { id, position } => self.open(*id, *position),
            Event::DataWanted { .. } => self.supply(),
            Event::FileSent { id } => self.sent.push(*id),
            Event::ResponseReceived(response) => {
                let files = self.outbox.values().map(|file| &file.sfid);
                let matched = response.find(files).is_some();
                self.responses.push(response.clone());
                self.mailbox
                    .response_taken(matched)
                    .expect("a response waits");
            }
            _ => {}
        }
        self.events.push(event);
    }

    /// Takes what is offered: whole files are duplicates, parts are continued.
    fn offered(&mut self, sfid: &Sfid) {
        let name = String::from_utf8_lossy(sfid.dsn.trimmed()).into_owned();
        let file = self.inbox.entry(name.clone()).or_default();
        if file.complete {
            let refused = self
                .mailbox
                .refuse_file(SfnaReason::DUPLICATE_FILE, false, "duplicate");
            return refused.expect("a file is offered");
        }
        let structure = Structure::of(sfid);
        let whole = file.ends.last().copied().unwrap_or(0);
        let held = if structure.has_records() {
            RestartPosition::held(structure, whole as u64, file.ends.len() as u64)
        } else {
            RestartPosition::held(structure, file.octets.len() as u64, 0)
        };
        let count = RestartPosition::answer(sfid.rest, held);
        let kept = if structure.has_records() {
            file.ends.truncate(usize::try_from(count).expect("small"));
            file.ends.last().copied().unwrap_or(0)
        } else {
            usize::try_from(count * 1024).expect("small")
        };
        file.octets.truncate(kept);
        let position = RestartPosition::new(structure, count, kept as u64).expect("small");
        self.current = Some(name);
        self.mailbox
            .accept_file(position)
            .expect("a file is offered");
    }

    fn open(&mut self, id: FileId, position: u64) {
        let file = &self.outbox[&id];
        let structure = Structure::of(&file.sfid);
        let count = usize::try_from(position).expect("small");
        let (record, octet) = if structure.has_records() {
            (count, 0)
        } else {
            (0, count * 1024)
        };
        let before: usize = file.records[..record].iter().map(Vec::len).sum();
        let position = RestartPosition::new(structure, position, before as u64).expect("small");
        self.source = Some((id, record, octet));
        self.mailbox
            .source_ready(position)
            .expect("it was asked for");
    }

    fn supply(&mut self) {
        let Some((id, record, octet)) = self.source.as_mut() else {
            return;
        };
        let records = &self.outbox[id].records;
        let supplied = self.mailbox.supply(|buffer| {
            while let Some(octets) = records.get(*record) {
                let rest = &octets[(*octet).min(octets.len())..];
                let written = buffer.write(rest, true);
                *octet += written.octets;
                if !written.ended {
                    return Supply::More;
                }
                *record += 1;
                *octet = 0;
            }
            Supply::End
        });
        supplied.expect("data are wanted");
    }

    /// How the session ended, once it has.
    #[must_use]
    pub fn ended(&self) -> Option<&Ended> {
        self.events.iter().find_map(|event| match event {
            Event::Ended(ended) => Some(ended),
            _ => None,
        })
    }
}

/// Two stations and the network between them.
#[derive(Debug)]
pub struct Link {
    /// The station that calls.
    pub caller: Station,
    /// The station that is called.
    pub called: Station,
    /// The time of both.
    pub now: Duration,
    /// The network loses everything after this many octets from the caller; `None`: nothing.
    pub cut_after: Option<usize>,
}

impl Link {
    /// [`ALPHA`] calls [`BETA`].
    #[must_use]
    pub fn new(caller: Station, called: Station) -> Self {
        Self {
            caller,
            called,
            now: Duration::ZERO,
            cut_after: None,
        }
    }

    /// [`ALPHA`] calls [`BETA`], with nothing special.
    #[must_use]
    pub fn plain() -> Self {
        Self::new(
            Station::calling(settings(ALPHA), partner(BETA)),
            Station::called(settings(BETA), vec![partner(ALPHA)]),
        )
    }

    /// Lets everything happen until nothing moves.
    pub fn run(&mut self) {
        while self.step() {}
    }

    fn step(&mut self) -> bool {
        let mut out = self.caller.work();
        if std::mem::take(&mut self.caller.calls) {
            self.called.mailbox.n_con_ind(Addresses::default());
            self.caller.mailbox.n_con_cf();
            return true;
        }
        let mut moved = false;
        let mut cut = false;
        if let Some(left) = self.cut_after {
            if out.len() >= left {
                out.truncate(left);
                cut = true;
            }
            self.cut_after = Some(left - out.len());
        }
        moved |= transfer(out, &mut self.called);
        let out = self.called.work();
        if cut {
            self.caller.mailbox.n_disc_ind();
            self.called.mailbox.n_disc_ind();
            self.caller.work();
            self.called.work();
            return false;
        }
        moved |= transfer(out, &mut self.caller);
        moved | close(&mut self.caller, &self.called) | close(&mut self.called, &self.caller)
    }

    /// Moves the clock of both.
    pub fn advance(&mut self, by: Duration) {
        // Timers that were started count from the next tick.
        self.caller.mailbox.tick(self.now);
        self.called.mailbox.tick(self.now);
        self.now += by;
        self.caller.mailbox.tick(self.now);
        self.called.mailbox.tick(self.now);
        self.run();
    }
}

fn transfer(out: Vec<u8>, to: &mut Station) -> bool {
    let moved = !out.is_empty();
    to.mailbox.n_data_ind(&out);
    moved
}

fn close(station: &mut Station, other: &Station) -> bool {
    if other.closed && !station.mailbox.session().is_over() {
        station.mailbox.n_disc_ind();
        return true;
    }
    false
}
