//! Progress bars, one for each file that is on its way.

use std::collections::HashMap;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::event::{Direction, Event, FileId};

/// The bars of all sessions, on the standard error stream.
#[derive(Debug, Default)]
pub(super) struct Bars {
    all: MultiProgress,
    shown: HashMap<Key, ProgressBar>,
}

/// A file may be on its way in two sessions: out of one process and into the same.
type Key = (u64, Direction, FileId);

impl Bars {
    /// Moves, adds or removes bars as the event says.
    pub(super) fn follow(&mut self, session: u64, event: &Event) {
        match event {
            Event::FileStarted {
                file,
                direction,
                resumed_at,
                total,
            } => self.add((session, *direction, file.clone()), *resumed_at, *total),
            Event::EnvelopeProgress {
                file,
                direction,
                octets,
                total,
                ..
            } => {
                let key = (session, *direction, file.clone());
                match self.shown.get(&key) {
                    Some(bar) if octets == total => {
                        bar.finish_and_clear();
                        self.shown.remove(&key);
                    }
                    Some(bar) => bar.set_position(*octets),
                    None => self.add(key, *octets, *total),
                }
            }
            Event::FileProgress {
                file,
                direction,
                octets,
                total,
            } => {
                if let Some(bar) = self.shown.get(&(session, *direction, file.clone())) {
                    // An announced size is an estimate: the bar never shows more than all.
                    bar.set_length((*total).max(*octets));
                    bar.set_position(*octets);
                }
            }
            Event::FileDone {
                file, direction, ..
            }
            | Event::FileRefused {
                file, direction, ..
            }
            | Event::FileSuspended {
                file, direction, ..
            } => {
                if let Some(bar) = self.shown.remove(&(session, *direction, file.clone())) {
                    bar.finish_and_clear();
                }
            }
            Event::SessionEnded { .. } => {
                for (_, bar) in self.shown.extract_if(|(of, ..), _| *of == session) {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, key: Key, position: u64, total: u64) {
        let bar = self.all.add(ProgressBar::new(total).with_style(style()));
        bar.set_message(key.2.dsn.to_string());
        bar.set_position(position);
        // What was there before says nothing about the speed.
        bar.reset_eta();
        self.shown.insert(key, bar);
    }

    /// Prints between the bars, which are put aside meanwhile.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.all.suspend(print)
    }
}

fn style() -> ProgressStyle {
    const BAR: &str = "{msg:26} {wide_bar} {binary_bytes} of {binary_total_bytes}, \
                       {binary_bytes_per_sec}, {eta}";
    // The template is a constant that a test tries.
    ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::PeerText;

    #[test]
    fn a_bar_comes_and_goes() {
        let file = FileId {
            dsn: PeerText::new("A"),
            date: PeerText::new("20260131"),
            time: PeerText::new("1204550001"),
            originator: PeerText::new("OA"),
            destination: PeerText::new("OB"),
        };
        let direction = Direction::Out;
        let mut bars = Bars::default();
        let started = Event::FileStarted {
            file: file.clone(),
            direction,
            resumed_at: 1,
            total: 9,
        };
        bars.follow(1, &started);
        bars.follow(2, &started);
        let progress = Event::FileProgress {
            file: file.clone(),
            direction,
            octets: 12,
            total: 9,
        };
        bars.follow(1, &progress);
        let bar = &bars.shown[&(1, direction, file.clone())];
        assert_eq!((bar.position(), bar.length()), (12, Some(12)));
        bars.follow(
            1,
            &Event::FileSuspended {
                file,
                direction,
                octets: 12,
            },
        );
        assert_eq!(bars.shown.len(), 1);
        let by = crate::report::Side::Remote;
        bars.follow(2, &Event::SessionEnded { by, reason: None });
        assert!(bars.shown.is_empty());
    }
}
