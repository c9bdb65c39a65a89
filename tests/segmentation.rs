//! A network may deliver octets in any pieces: recorded sessions are fed to each side again, octet
//! by octet, whole and in random pieces, and nothing that can be seen may differ.

use oftp_core::mailbox::Reply;
use oftp_core::session::Addresses;
use oftp_core::wire::{Level, NerpReason, RecordFormat, Text};
use oftp_tests::pair::{ALPHA, BETA};
use oftp_tests::stations::{Link, Received, SendFile, Station, partner, settings, sfid};

/// How octets arrive.
#[derive(Debug, Clone, Copy)]
enum Segments {
    Whole,
    OneByOne,
    /// Pieces of 1 to 40 octets, by this seed.
    Random(u64),
}

/// What a session is made of.
#[derive(Debug, Clone, Copy)]
struct Recipe {
    level: Level,
    window: u16,
    buffer_size: u32,
    compression: bool,
    format: RecordFormat,
    /// Blocks or records that the receiver holds already.
    held: u64,
    nerp: bool,
}

const PLAIN: Recipe = Recipe {
    level: Level::V2_0,
    window: 7,
    buffer_size: 300,
    compression: true,
    format: RecordFormat::V,
    held: 0,
    nerp: false,
};

#[rustfmt::skip]
const RECIPES: &[Recipe] = &[
    PLAIN,
    Recipe { format: RecordFormat::F, ..PLAIN },
    Recipe { format: RecordFormat::U, ..PLAIN },
    Recipe { format: RecordFormat::T, compression: false, ..PLAIN },
    Recipe { window: 1, ..PLAIN },
    Recipe { window: 1, format: RecordFormat::U, buffer_size: 128, compression: false, ..PLAIN },
    Recipe { nerp: true, ..PLAIN },
    Recipe { format: RecordFormat::U, held: 1, ..PLAIN },
    Recipe { held: 3, ..PLAIN },
    Recipe { level: Level::V1_4, nerp: true, ..PLAIN },
    Recipe { level: Level::V1_3, format: RecordFormat::F, ..PLAIN },
    Recipe { level: Level::V1_2, window: 2, ..PLAIN },
];

impl Recipe {
    fn file(&self) -> SendFile {
        let (lrecl, records) = match self.format {
            RecordFormat::F => (50, (0..30_u8).map(|n| vec![n / 7; 50]).collect()),
            RecordFormat::V => (
                99,
                (0..30_u8).map(|n| vec![n; usize::from(n * 3)]).collect(),
            ),
            RecordFormat::U => (
                0,
                vec![(0..2_500_u32).map(|n| (n * n % 251) as u8).collect()],
            ),
            RecordFormat::T => (0, vec![b"UNB+UNOA:1'\r\n".repeat(90)]),
        };
        let mut sfid = sfid("FORTH", ALPHA, BETA, self.format, lrecl);
        sfid.rest = self.held;
        SendFile { sfid, records }
    }

    fn link(&self) -> Link {
        let (mut ours, mut theirs) = (settings(ALPHA), settings(BETA));
        for settings in [&mut ours, &mut theirs] {
            let capabilities = &mut settings.config.capabilities;
            capabilities.level = self.level;
            capabilities.window = self.window;
            capabilities.buffer_size = self.buffer_size;
            capabilities.compression = self.compression;
        }
        let mut link = Link::new(
            Station::calling(ours, partner(BETA)),
            Station::called(theirs, vec![partner(ALPHA)]),
        );
        let file = self.file();
        if self.held > 0 {
            link.called
                .inbox
                .insert("FORTH".to_owned(), self.part(&file));
        }
        if self.nerp {
            link.called.reply = Reply::Nerp {
                reason: NerpReason::new(3),
                text: Text::new("no such department"),
            };
        }
        link.caller.send(file);
        link.called.send(SendFile {
            sfid: sfid("BACK", BETA, ALPHA, RecordFormat::U, 0),
            records: vec![vec![b'x'; 700]],
        });
        link
    }

    /// What the receiver holds of a file already.
    fn part(&self, file: &SendFile) -> Received {
        let held = usize::try_from(self.held).expect("small");
        let mut part = Received::default();
        if self.format.has_records() {
            for record in &file.records[..held] {
                part.octets.extend_from_slice(record);
                part.ends.push(part.octets.len());
            }
        } else {
            part.octets
                .extend_from_slice(&file.records[0][..held * 1024]);
        }
        part
    }
}

/// Feeds what one side received again.
fn replay(recipe: &Recipe, recorded: &Link, caller: bool, segments: Segments) -> Station {
    let link = recipe.link();
    let mut station = if caller { link.caller } else { link.called };
    station.work();
    if caller {
        station.mailbox.n_con_cf();
    } else {
        station.mailbox.n_con_ind(Addresses::default());
    }
    station.work();
    let mut random = match segments {
        Segments::Random(seed) => seed,
        _ => 0,
    };
    for (from_caller, octets) in &recorded.flights {
        if *from_caller == caller {
            continue;
        }
        let mut rest = &octets[..];
        while !rest.is_empty() {
            let piece = match segments {
                Segments::Whole => rest.len(),
                Segments::OneByOne => 1,
                Segments::Random(_) => 1 + (next(&mut random) % 40) as usize,
            };
            let (piece, after) = rest.split_at(piece.min(rest.len()));
            // Both ways in: copied, and read straight into the receive buffer.
            if let [octet] = piece {
                station.mailbox.receive_space()[0] = *octet;
                station.mailbox.received(1);
            } else {
                station.mailbox.n_data_ind(piece);
            }
            station.work();
            rest = after;
        }
    }
    station
}

/// The generator of Marsaglia, xorshift64.
fn next(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

fn disconnect(station: &mut Station) {
    if !station.mailbox.session().is_over() {
        station.mailbox.n_disc_ind();
    }
    station.work();
}

/// Everything that can be seen of a station.
fn seen(station: &Station) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:02x?}",
        station.events, station.inbox, station.responses, station.sent, station.octets_sent
    )
}

/// The same events for every split (threat model F8).
#[test]
fn segments_do_not_matter() {
    for recipe in RECIPES {
        let mut recorded = recipe.link();
        recorded.run();
        let file = &recorded.called.inbox["FORTH"];
        assert!(file.octets == recipe.file().records.concat(), "{recipe:?}");
        assert!(recorded.caller.inbox["BACK"].complete, "{recipe:?}");
        assert_eq!(recorded.caller.responses.len(), 1, "{recipe:?}");
        let random = (1..=8).map(|n| Segments::Random(n * 0x9e37_79b9));
        for segments in [Segments::Whole, Segments::OneByOne]
            .into_iter()
            .chain(random)
        {
            for caller in [true, false] {
                let side = if caller {
                    &recorded.caller
                } else {
                    &recorded.called
                };
                let mut again = replay(recipe, &recorded, caller, segments);
                disconnect(&mut again);
                let what = format!("caller {caller}, {segments:?}, {recipe:?}");
                assert!(seen(&again) == seen(side), "{what}");
            }
        }
    }
}

#[test]
fn what_follows_the_end_is_not_looked_at() {
    for recipe in RECIPES {
        let mut recorded = recipe.link();
        recorded.run();
        for caller in [true, false] {
            let side = if caller {
                &recorded.caller
            } else {
                &recorded.called
            };
            let mut again = replay(recipe, &recorded, caller, Segments::Whole);
            let mut seed = 77;
            for _ in 0..50 {
                let garbage: Vec<u8> = (0..9).map(|_| next(&mut seed) as u8).collect();
                again.mailbox.n_data_ind(&garbage);
                again.work();
            }
            disconnect(&mut again);
            assert!(seen(&again) == seen(side), "caller {caller}, {recipe:?}");
        }
    }
}
