//! Two mailboxes with files in memory: whole stations without sockets, disks or waiting.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use oftp_core::mailbox::{
    Directory, Ended, Event, FileId, Identity, Mail, Mailbox, Partner, Reply, Response, Settings,
    Supply, eerp_for,
};
use oftp_core::session::{Addresses, Capabilities, SealedChallenge};
use oftp_core::virtual_file::{RestartPosition, Structure, size_blocks};
use oftp_core::wire::{
    Command, DatasetName, Level, RecordFormat, Security, Sfid, SfnaReason, Ssid, Stamp, Text,
    UserData, sth,
};

use crate::lone::split;
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
    /// Its SFID.
    offer: Option<Sfid>,
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
    /// Files that have been stored, by dataset name, in order.
    pub stored: Vec<String>,
    /// What the test double of the cryptography does.
    pub double: Double,
    /// Responses that the partner has not taken yet (no RTR).
    owed: Vec<Response>,
    /// How far each file has been handed to the network: record, octet in it.
    progress: BTreeMap<FileId, (usize, usize)>,
}

/// The test double of secure authentication: a challenge is sealed by turning its octets round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Double {
    /// Seals and opens.
    Right,
    /// Opens to other octets than were sealed.
    WrongKey,
    /// Cannot open the partner's challenge.
    CannotOpen,
    /// Has no certificate of the partner.
    NoCertificate,
    /// Does not answer yet.
    Later,
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
            offer: None,
            source: None,
            network: VecDeque::new(),
            calls: false,
            closed: false,
            octets_sent: Vec::new(),
            reply: Reply::Eerp,
            stored: Vec::new(),
            double: Double::Right,
            owed: Vec::new(),
            progress: BTreeMap::new(),
        }
    }

    /// The same station after its connection was lost, with a mailbox for the next session: files
    /// that are not sent are offered again, from where they were cut, and responses that were not
    /// taken are sent again.
    pub fn resume(&mut self, mailbox: Mailbox) {
        self.mailbox = mailbox;
        self.events.clear();
        self.current = None;
        self.source = None;
        self.calls = false;
        self.closed = false;
        for response in self.owed.clone() {
            self.mailbox.queue_response(response);
        }
        let progress = std::mem::take(&mut self.progress);
        let sent = std::mem::take(&mut self.sent);
        let files = std::mem::take(&mut self.outbox);
        for (id, mut file) in files {
            if sent.contains(&id) {
                continue;
            }
            let (record, octet) = progress.get(&id).copied().unwrap_or_default();
            let place = if Structure::of(&file.sfid).has_records() {
                record
            } else {
                let before: usize = file.records[..record].iter().map(Vec::len).sum();
                (before + octet) / 1024
            };
            file.sfid.rest = place as u64;
            self.send(file);
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
                    self.stored.push(name);
                }
                if let (Reply::Eerp, Some(sfid)) = (&self.reply, self.offer.take()) {
                    self.owed.push(Response::Eerp(Box::new(eerp_for(&sfid))));
                }
                self.mailbox
                    .file_stored(self.reply.clone())
                    .expect("a file is complete");
            }
            Event::FileWanted { id, position } => self.open(*id, *position),
            Event::DataWanted { .. } => self.supply(),
            Event::FileSent { id } => self.sent.push(*id),
            // The EFPA of an earlier session was lost.
            Event::FileRefused { id, reason, .. } if *reason == SfnaReason::DUPLICATE_FILE => {
                self.sent.push(*id);
            }
            Event::ResponseSent(response) => self.owed.retain(|owed| owed != response),
            Event::ResponseReceived(response) => {
                let files = self.outbox.values().map(|file| &file.sfid);
                let matched = response.find(files).is_some();
                self.responses.push(response.clone());
                self.mailbox
                    .response_taken(matched)
                    .expect("a response waits");
            }
            Event::SealChallenge { .. } => self.seal(),
            Event::OpenChallenge { sealed } => self.open_challenge(sealed),
            _ => {}
        }
        self.events.push(event);
    }

    fn seal(&mut self) {
        // Not the same on both sides, so that a reflected challenge is noticed.
        let side = u8::from(self.mailbox.session().is_initiator());
        let plain = std::array::from_fn(|n| u8::try_from(n * 2).unwrap_or(0) + side);
        let answer = SealedChallenge {
            plain,
            sealed: plain.iter().rev().copied().collect(),
        };
        let answer = match self.double {
            Double::Later => return,
            Double::NoCertificate => None,
            _ => Some(answer),
        };
        let sealed = self.mailbox.seal_challenge_rs(answer);
        sealed.expect("a challenge is wanted");
    }

    fn open_challenge(&mut self, sealed: &[u8]) {
        let mut plain: [u8; 20] = sealed.try_into().unwrap_or([0; 20]);
        plain.reverse();
        let answer = match self.double {
            Double::Later => return,
            Double::CannotOpen => None,
            Double::WrongKey => Some([0x55; 20]),
            _ => Some(plain),
        };
        let opened = self.mailbox.open_challenge_rs(answer);
        opened.expect("a challenge is to be opened");
    }

    /// A command of a partner made by hand arrives; what was sent for it, buffer by buffer.
    ///
    /// # Panics
    /// When the command cannot be written at this level.
    pub fn peer(&mut self, level: Level, command: &Command<'_>) -> Vec<Vec<u8>> {
        let mut buffer = Vec::new();
        command.encode(level, &mut buffer).expect("fits the level");
        self.mailbox.n_data_ind(&sth::header(buffer.len()));
        self.mailbox.n_data_ind(&buffer);
        split(&self.work())
    }

    /// A connection from a partner made by hand, which sends this SSID.
    pub fn called_by(&mut self, ssid: Ssid) -> Vec<Vec<u8>> {
        self.mailbox.n_con_ind(Addresses::default());
        let _ = self.work();
        self.peer(Level::V2_0, &Command::Ssid(ssid))
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
        self.offer = Some(sfid.clone());
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
        self.progress.insert(*id, (*record, *octet));
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

/// What a station says of itself, and what it knows of the other.
#[derive(Debug)]
pub struct Side {
    /// Of itself.
    pub settings: Settings,
    /// Of the other.
    pub partner: Partner,
}

impl Side {
    fn new(own: &str, other: &str) -> Self {
        Self {
            settings: settings(own),
            partner: partner(other),
        }
    }

    /// What is offered or accepted.
    pub const fn capabilities(&mut self) -> &mut Capabilities {
        &mut self.settings.config.capabilities
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
    /// The same for octets from the station that is called.
    pub cut_called_after: Option<usize>,
    /// What went over the network: whether the caller sent it, and the octets of one flight.
    pub flights: Vec<(bool, Vec<u8>)>,
}

/// More steps than any session of the tests takes: one that goes on is a loop.
const MAX_STEPS: usize = 100_000;

impl Link {
    /// [`ALPHA`] calls [`BETA`].
    #[must_use]
    pub fn new(caller: Station, called: Station) -> Self {
        Self {
            caller,
            called,
            now: Duration::ZERO,
            cut_after: None,
            cut_called_after: None,
            flights: Vec::new(),
        }
    }

    /// [`ALPHA`] calls [`BETA`], with nothing special.
    #[must_use]
    pub fn plain() -> Self {
        Self::with(|_| {}, |_| {})
    }

    /// [`ALPHA`] calls [`BETA`], each with what is changed in its [`Side`].
    #[must_use]
    pub fn with(caller: impl FnOnce(&mut Side), called: impl FnOnce(&mut Side)) -> Self {
        let mut ours = Side::new(ALPHA, BETA);
        caller(&mut ours);
        let mut theirs = Side::new(BETA, ALPHA);
        called(&mut theirs);
        Self::new(
            Station::calling(ours.settings, ours.partner),
            Station::called(theirs.settings, vec![theirs.partner]),
        )
    }

    /// Lets everything happen until nothing moves.
    ///
    /// # Panics
    /// When it does not come to an end.
    pub fn run(&mut self) {
        for _ in 0..MAX_STEPS {
            if !self.step() {
                return;
            }
        }
        panic!("the session does not come to an end");
    }

    /// One exchange in both directions; false when nothing moved.
    pub fn step(&mut self) -> bool {
        let mut out = self.caller.work();
        if std::mem::take(&mut self.caller.calls) {
            self.called.mailbox.n_con_ind(Addresses::default());
            self.caller.mailbox.n_con_cf();
            return true;
        }
        let mut cut = lose(&mut out, &mut self.cut_after);
        let mut moved = self.transfer(true, out);
        let mut out = self.called.work();
        cut |= lose(&mut out, &mut self.cut_called_after);
        moved |= self.transfer(false, out);
        if cut {
            self.caller.work();
            self.caller.mailbox.n_disc_ind();
            self.called.mailbox.n_disc_ind();
            self.caller.work();
            self.called.work();
            return false;
        }
        moved | close(&mut self.caller, &self.called) | close(&mut self.called, &self.caller)
    }

    fn transfer(&mut self, from_caller: bool, out: Vec<u8>) -> bool {
        if out.is_empty() {
            return false;
        }
        let to = if from_caller {
            &mut self.called
        } else {
            &mut self.caller
        };
        to.mailbox.n_data_ind(&out);
        self.flights.push((from_caller, out));
        true
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

/// Cuts a flight where the connection breaks; true when it does.
fn lose(out: &mut Vec<u8>, cut: &mut Option<usize>) -> bool {
    let Some(left) = cut else {
        return false;
    };
    if out.len() < *left {
        *left -= out.len();
        return false;
    }
    out.truncate(*left);
    *left = 0;
    true
}

fn close(station: &mut Station, other: &Station) -> bool {
    if other.closed && !station.mailbox.session().is_over() {
        station.mailbox.n_disc_ind();
        return true;
    }
    false
}
