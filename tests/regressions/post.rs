//! A mailbox, and a partner and a driver made by hand.

use std::time::Duration;

use oftp_core::mailbox::{Directory, Ended, Event, Mail, Mailbox, Partner, Settings};
use oftp_core::session::{Addresses, Trace};
use oftp_core::wire::{
    Capability, Command, Level, RecordFormat, Sfid, Ssid, Ssrm, Text, UserData, sth,
};
use oftp_tests::lone::split;
use oftp_tests::pair::{ALPHA, BETA, code, password};
use oftp_tests::stations;

/// A mailbox and what it has told and sent.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) mailbox: Mailbox,
    /// The level at which the partner's commands are written.
    pub(crate) level: Level,
    /// Every event, in order.
    pub(crate) events: Vec<Event>,
    /// Every Exchange Buffer that was sent.
    pub(crate) sent: Vec<Vec<u8>>,
    /// Every line of the trace.
    pub(crate) trace: Vec<Trace>,
    /// The connection takes no octets.
    pub(crate) stuck: bool,
    pub(crate) closed: bool,
    /// The deadline that was told last.
    pub(crate) wait: Option<Duration>,
}

impl Post {
    fn with(mailbox: Mailbox) -> Self {
        Self {
            mailbox,
            level: Level::V2_0,
            events: Vec::new(),
            sent: Vec::new(),
            trace: Vec::new(),
            stuck: false,
            closed: false,
            wait: None,
        }
    }

    /// [`ALPHA`], which calls, with its connection up and SSRM received.
    pub(crate) fn calling(settings: Settings, partner: Partner) -> Self {
        let mailbox = Mailbox::call(settings, partner, Addresses::default());
        let mut post = Self::with(mailbox.expect("the settings fit"));
        post.drain();
        post.mailbox.n_con_cf();
        post.receive(&Command::Ssrm(Ssrm));
        post
    }

    /// [`BETA`], which is called.
    pub(crate) fn called(settings: Settings, directory: Directory) -> Self {
        let mut post = Self::with(Mailbox::answer(settings, directory));
        post.mailbox.n_con_ind(Addresses::default());
        post.drain();
        post
    }

    /// [`BETA`] with an open session with [`ALPHA`], as Listener.
    pub(crate) fn listener(settings: Settings) -> Self {
        let directory = Directory {
            partners: vec![stations::partner(ALPHA)],
            ..Directory::default()
        };
        let mut post = Self::called(settings, directory);
        post.receive(&Command::Ssid(ssid(ALPHA)));
        assert!(matches!(post.events[..], [Event::Up { .. }]));
        post
    }

    /// [`ALPHA`] with an open session with [`BETA`], as Speaker with this file to send.
    pub(crate) fn speaker(settings: Settings, file: Sfid) -> Self {
        let mut post = Self::calling(settings, stations::partner(BETA));
        post.mailbox.queue_file(file);
        post.receive(&Command::Ssid(ssid(BETA)));
        assert!(matches!(post.events[..], [Event::Up { .. }]));
        post
    }

    /// A command arrives.
    pub(crate) fn receive(&mut self, command: &Command<'_>) {
        let octets = framed(command, self.level);
        self.mailbox.n_data_ind(&octets);
        self.drain();
    }

    /// Does all that can be done.
    pub(crate) fn drain(&mut self) {
        loop {
            match self.mailbox.poll() {
                Mail::NDataRq(_) if self.stuck => return,
                Mail::NDataRq(pending) => {
                    let octets = pending.to_vec();
                    self.mailbox.sent(octets.len());
                    self.sent.extend(split(&octets));
                }
                Mail::NDiscRq => self.closed = true,
                Mail::Event(event) => self.events.push(event),
                Mail::Trace(trace) => self.trace.push(trace),
                Mail::Wait(deadline) => {
                    self.wait = deadline;
                    return;
                }
                Mail::NConRq | Mail::NConRs | Mail::Data(_) => {}
            }
        }
    }

    /// The time is told.
    pub(crate) fn tick(&mut self, seconds: u64) {
        self.mailbox.tick(Duration::from_secs(seconds));
        self.drain();
    }

    /// How it ended.
    pub(crate) fn ended(&self) -> Option<&Ended> {
        self.events.iter().find_map(|event| match event {
            Event::Ended(ended) => Some(ended),
            _ => None,
        })
    }

    /// The last Exchange Buffer that was sent.
    pub(crate) fn last(&self) -> &[u8] {
        self.sent.last().expect("something was sent")
    }
}

/// A command as it travels.
pub(crate) fn framed(command: &Command<'_>, level: Level) -> Vec<u8> {
    let mut octets = Vec::new();
    command.encode(level, &mut octets).expect("fits the level");
    [&sth::header(octets.len())[..], &octets].concat()
}

/// The SSID of a partner that agrees to everything.
pub(crate) fn ssid(who: &str) -> Ssid {
    Ssid {
        lev: Level::V2_0.digit(),
        code: code(who),
        pswd: password("SECRET"),
        sdeb: 99_999,
        sr: Capability::Both,
        cmpr: true,
        rest: true,
        spec: false,
        cred: 64,
        auth: false,
        user: UserData::default(),
    }
}

/// An unstructured file.
pub(crate) fn file(from: &str, to: &str) -> Sfid {
    stations::sfid("FILE", from, to, RecordFormat::U, 0)
}

/// ESID with words.
pub(crate) fn esid(reason: u8, text: &str) -> Command<'static> {
    Command::Esid(oftp_core::wire::Esid {
        reas: oftp_core::wire::EsidReason::new(reason),
        reast: Text::new(text),
    })
}
