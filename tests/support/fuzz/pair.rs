//! Two stations with files for each other, and a network that does what the script says.

use std::collections::BTreeMap;
use std::time::Duration;

use oftp_core::mailbox::{Ended, Event, Partner, Reply, Settings};
use oftp_core::session::{Addresses, Capabilities};
use oftp_core::wire::{Capability, NerpReason, RecordFormat, SfnaReason, Text};

use super::peer;
use super::script::Script;
use crate::pair::{ALPHA, BETA};
use crate::stations::{Received, SendFile, Station, partner, settings, sfid};

/// Sessions in a row: what was cut is offered again, and the last one is not cut.
const SESSIONS: usize = 3;

/// More rounds than any exchange of such files takes, octet by octet.
const ROUNDS: usize = 1_000_000;

/// The script configures two stations and their files, and then cuts the octets between them into
/// pieces, holds them back, or cuts the connection. Whatever it does:
///
/// * nothing panics, and every session comes to its end;
/// * a file whose EFPA came is the same on both sides, octet by octet and record by record;
/// * a session that was not cut ends normally, with every file sent or refused, if the two sides
///   have a direction in common.
///
/// # Panics
/// When that does not hold.
pub fn pair(data: &[u8]) {
    let mut script = Script::new(data);
    let mut sides = [
        Side::new(&mut script, ALPHA, BETA),
        Side::new(&mut script, BETA, ALPHA),
    ];
    for session in 1..=SESSIONS {
        let may_cut = session < SESSIONS;
        let mut link = Link::new(&sides);
        let cut = link.run(&mut script, may_cut);
        link.check(&sides, cut);
        let [caller, called] = link.stations;
        sides[0].held = caller.inbox;
        sides[1].held = called.inbox;
        sides.iter_mut().for_each(Side::offer_restart);
        if !cut {
            return;
        }
    }
}

/// What a station keeps from session to session.
struct Side {
    own: &'static str,
    other: &'static str,
    capabilities: Capabilities,
    ask_for_turn: bool,
    reply: Reply,
    files: Vec<SendFile>,
    held: BTreeMap<String, Received>,
}

impl Side {
    fn new(script: &mut Script<'_>, own: &'static str, other: &'static str) -> Self {
        let capabilities = script.capabilities();
        let choices = script.octet();
        let files = (0..choices % 4)
            .map(|n| file(script, n, own, other))
            .collect();
        Self {
            own,
            other,
            capabilities,
            ask_for_turn: choices & 16 != 0,
            reply: match choices >> 6 {
                0 | 1 => Reply::Eerp,
                2 => Reply::Later,
                _ => Reply::Nerp {
                    reason: NerpReason::UNSPECIFIED,
                    text: Text::new("fuzz"),
                },
            },
            files,
            held: BTreeMap::new(),
        }
    }

    /// After a cut, files may go on wherever the other side got to.
    fn offer_restart(&mut self) {
        for file in &mut self.files {
            let blocks = file.records.concat().len() / 1024;
            let records = file.records.len();
            file.sfid.rest = match file.sfid.fmt {
                RecordFormat::F | RecordFormat::V => records as u64,
                RecordFormat::U | RecordFormat::T => blocks as u64,
            };
        }
    }

    fn settings(&self) -> Settings {
        let mut settings = settings(self.own);
        settings.config.capabilities = self.capabilities.clone();
        settings.ask_for_turn = self.ask_for_turn;
        settings
    }

    fn partner(&self) -> Partner {
        partner(self.other)
    }

    fn give(&self, station: &mut Station) {
        station.inbox = self.held.clone();
        station.reply = self.reply.clone();
        for file in &self.files {
            station.send(file.clone());
        }
    }
}

fn file(script: &mut Script<'_>, number: u8, from: &str, to: &str) -> SendFile {
    let format = peer::format(script);
    let pattern = script.octet();
    let octets = |count: usize| -> Vec<u8> {
        match pattern % 3 {
            0 => vec![pattern; count],
            1 => (0..count).map(|n| (n * 7 % 251) as u8).collect(),
            // Runs of all lengths about the longest that compression can say.
            _ => (0..count)
                .map(|n| (n / (1 + usize::from(pattern))) as u8)
                .collect(),
        }
    };
    let (lrecl, records) = match format {
        RecordFormat::U | RecordFormat::T => (0, vec![octets(script.number() % 9000)]),
        RecordFormat::F => {
            let lrecl = 1 + script.number() % 300;
            let records = script.octet() % 40;
            (lrecl, (0..records).map(|_| octets(lrecl)).collect())
        }
        RecordFormat::V => {
            let lengths = script.octets();
            let records = lengths
                .iter()
                .map(|length| octets(usize::from(*length) * 2));
            (510, records.collect())
        }
    };
    let lrecl = u32::try_from(lrecl).expect("small");
    SendFile {
        sfid: sfid(&format!("FILE-{number}"), from, to, format, lrecl),
        records,
    }
}

/// Two stations, the caller first, and the octets on their way to each.
struct Link {
    stations: [Station; 2],
    on_the_way: [Vec<u8>; 2],
    now: Duration,
}

impl Link {
    fn new(sides: &[Side; 2]) -> Self {
        let mut caller = Station::calling(sides[0].settings(), sides[0].partner());
        let mut called = Station::called(sides[1].settings(), vec![sides[1].partner()]);
        sides[0].give(&mut caller);
        sides[1].give(&mut called);
        Self {
            stations: [caller, called],
            on_the_way: [Vec::new(), Vec::new()],
            now: Duration::ZERO,
        }
    }

    /// True when the network failed.
    fn run(&mut self, script: &mut Script<'_>, may_cut: bool) -> bool {
        for _ in 0..ROUNDS {
            let worked = self.work();
            if script.is_at_end() {
                if !self.deliver(0, usize::MAX) & !self.deliver(1, usize::MAX) & !worked {
                    return self.stopped();
                }
                continue;
            }
            match script.octet() {
                // A cut takes what is on its way with it.
                0xff if may_cut => {
                    self.cut();
                    return true;
                }
                0xfe => self.advance(script.octet()),
                octet @ 0xc0..=0xfd => {
                    self.deliver(usize::from(octet) % 2, usize::MAX);
                }
                octet => {
                    self.deliver(usize::from(octet) % 2, 1 + usize::from(octet / 2));
                }
            };
        }
        panic!("two stations do not come to an end");
    }

    /// Both do what they can; true when something came of it.
    fn work(&mut self) -> bool {
        let mut worked = false;
        for (station, to) in [(0, 1), (1, 0)] {
            let octets = self.stations[station].work();
            worked |= !octets.is_empty();
            self.on_the_way[to].extend(octets);
        }
        if std::mem::take(&mut self.stations[0].calls) {
            self.stations[1].mailbox.n_con_ind(Addresses::default());
            self.stations[0].mailbox.n_con_cf();
            worked = true;
        }
        worked
    }

    /// Some octets arrive, or the end of the connection behind the last; false when nothing can.
    fn deliver(&mut self, to: usize, most: usize) -> bool {
        let waiting = &mut self.on_the_way[to];
        let left = waiting.split_off(most.min(waiting.len()));
        let piece = std::mem::replace(waiting, left);
        if piece.is_empty() {
            let hangs_up = self.stations[1 - to].closed && !self.is_over(to);
            if hangs_up {
                self.stations[to].mailbox.n_disc_ind();
            }
            return hangs_up;
        }
        self.stations[to].mailbox.n_data_ind(&piece);
        true
    }

    /// Less than the shortest timer, all in all.
    fn advance(&mut self, by: u8) {
        let now = self.now + Duration::from_millis(by.into());
        self.now = now.min(Duration::from_secs(29));
        for station in &mut self.stations {
            station.mailbox.tick(self.now);
        }
    }

    fn cut(&mut self) {
        for station in &mut self.stations {
            station.mailbox.n_disc_ind();
            station.work();
        }
    }

    /// Nothing moves any more: both must have ended.
    fn stopped(&self) -> bool {
        for side in 0..2 {
            let state = self.stations[side].mailbox.session().state();
            assert!(self.is_over(side), "stuck in {}", state.name());
        }
        false
    }

    fn is_over(&self, side: usize) -> bool {
        self.stations[side].mailbox.session().is_over()
    }

    fn check(&self, sides: &[Side; 2], cut: bool) {
        let [caller, called] = &self.stations;
        same_files(caller, called);
        same_files(called, caller);
        if cut {
            return;
        }
        let modes = (sides[0].capabilities.mode, sides[1].capabilities.mode);
        if !fit(modes) {
            assert!(caller.ended() != Some(&Ended::Normally));
            return;
        }
        for station in &self.stations {
            assert_eq!(station.ended(), Some(&Ended::Normally));
        }
        assert_eq!(unanswered(caller), 0, "files were neither sent nor refused");
        assert_eq!(unanswered(called), 0, "files were neither sent nor refused");
    }
}

/// Whether files can travel in one direction at least (5.3.2).
const fn fit(modes: (Capability, Capability)) -> bool {
    !matches!(
        modes,
        (Capability::SenderOnly, Capability::SenderOnly)
            | (Capability::ReceiverOnly, Capability::ReceiverOnly)
    )
}

/// EFPA means that the file is stored as it was.
fn same_files(from: &Station, to: &Station) {
    for id in &from.sent {
        let file = &from.outbox[id];
        let name = String::from_utf8_lossy(file.sfid.dsn.trimmed()).into_owned();
        let received = &to.inbox[&name];
        assert!(
            received.complete,
            "{name} was confirmed and is not complete"
        );
        assert!(
            received.octets == file.records.concat(),
            "{name} has other octets"
        );
        if matches!(file.sfid.fmt, RecordFormat::F | RecordFormat::V) {
            let ends = file.records.iter().scan(0, |end, record| {
                *end += record.len();
                Some(*end)
            });
            assert!(
                ends.eq(received.ends.iter().copied()),
                "{name} has other records"
            );
        }
    }
}

/// Files that were neither sent nor refused for a reason that two honest stations can have.
fn unanswered(station: &Station) -> usize {
    let answered = station.events.iter().filter(|event| match event {
        // One that is refused after its end was sent counts as sent.
        Event::FileRefused { id, reason, .. } => {
            *reason == SfnaReason::DUPLICATE_FILE && !station.sent.contains(id)
        }
        Event::FileUnsendable { .. } => {
            let agreed = station.mailbox.session().agreed();
            agreed.is_some_and(|agreed| agreed.mode == Capability::ReceiverOnly)
        }
        _ => false,
    });
    station.outbox.len() - station.sent.len() - answered.count()
}
