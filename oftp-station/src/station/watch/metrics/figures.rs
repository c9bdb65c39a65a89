//! Each figure: its name, its labels, and where it comes from.

use std::collections::{BTreeMap, HashMap};

use prometheus::core::Collector;
use prometheus::{Gauge, Histogram, HistogramOpts, IntCounterVec, IntGauge, IntGaugeVec, Registry};

use super::super::super::hooks::RunResult;
use super::super::super::journal::event::{EventRow, Kind};
use super::super::super::journal::figures::Figures;
use super::super::super::journal::file::{FileRow, FileState, Way};
use super::super::super::shared::Sessions;
use super::{named, seconds};

/// From half a millisecond, which fast disks need, to 5 s, which none should.
const COMMIT_SECONDS: [f64; 13] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0,
];
/// The longest word of a label that comes out of the history.
const LONGEST_WORD: usize = 32;

/// All figures.
#[derive(Debug)]
pub(super) struct Family {
    files: IntCounterVec,
    octets: IntCounterVec,
    ended: IntCounterVec,
    alarms: IntCounterVec,
    runs: IntCounterVec,
    open: IntGaugeVec,
    oldest: Gauge,
    overdue: IntGauge,
    owed: IntGauge,
    pending: IntGauge,
    running: IntGaugeVec,
    pub(super) commits: Histogram,
    pub(super) last_commit: Gauge,
    pub(super) broken: IntGauge,
    pub(super) free: IntGauge,
}

type Made<T> = Result<T, prometheus::Error>;

fn registered<T: Collector + Clone + 'static>(registry: &Registry, made: Made<T>) -> Made<T> {
    let made = made?;
    registry.register(Box::new(made.clone()))?;
    Ok(made)
}

impl Family {
    pub(super) fn new(registry: &Registry) -> Made<Self> {
        let counter = |name, help, labels: &[&str]| {
            registered(registry, IntCounterVec::new(named(name, help), labels))
        };
        let gauges = |name, help, labels: &[&str]| {
            registered(registry, IntGaugeVec::new(named(name, help), labels))
        };
        let gauge = |name, help| registered(registry, IntGauge::with_opts(named(name, help)));
        let real = |name, help| registered(registry, Gauge::with_opts(named(name, help)));
        let commits = HistogramOpts::from(named(
            "journal_commit_seconds",
            "How long transactions of the journal took to be on the disk.",
        ));
        let commits = commits.buckets(COMMIT_SECONDS.to_vec());
        let build = gauges("build_info", "The version of the program.", &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let by = ["direction", "partner", "result"];
        Ok(Self {
            files: counter("files_total", "Files, by what has become of them.", &by)?,
            octets: counter(
                "octets_total",
                "Octets that were transmitted of these files.",
                &by,
            )?,
            ended: counter(
                "sessions_total",
                "Sessions and attempts at one that are over.",
                &["partner", "result"],
            )?,
            alarms: counter("alarms_total", "What people should know.", &["kind"])?,
            runs: counter(
                "hook_runs_total",
                "Runs of hooks, by how they ended.",
                &["hook", "result"],
            )?,
            open: gauges(
                "files",
                "Files with which something is still to happen.",
                &["direction", "state"],
            )?,
            oldest: real(
                "oldest_waiting_seconds",
                "How long the oldest file that is to be sent and is not held has waited.",
            )?,
            overdue: gauge(
                "responses_overdue",
                "Files that were sent and whose end response should have come.",
            )?,
            owed: gauge("responses_owed", "End responses that are ours to send.")?,
            pending: gauge("hooks_pending", "Runs of hooks that are still to come.")?,
            running: gauges(
                "sessions",
                "Sessions that run; out: that we called for.",
                &["partner", "direction"],
            )?,
            commits: registered(registry, Histogram::with_opts(commits))?,
            last_commit: real(
                "journal_last_commit_timestamp_seconds",
                "When the journal was last written, since 1970.",
            )?,
            broken: gauge("journal_broken", "1: nothing can be written any more.")?,
            free: gauge("disk_free_bytes", "Free on the disk of the station.")?,
        })
    }

    /// Counts a line of the history; `file` is the one that it is about.
    pub(super) fn count(&self, row: &EventRow, file: Option<&FileRow>) {
        let partner = row.partner.as_deref().unwrap_or_default();
        if row.kind.is_alarm() {
            self.alarms.with_label_values(&[row.kind.name()]).inc();
        }
        if row.kind == Kind::SessionEnded {
            let result = word(row.detail["result"].as_str().unwrap_or("ended"));
            self.ended.with_label_values(&[partner, result]).inc();
        }
        let (way, result) = match row.kind {
            Kind::FileSent => (Way::Out, FileState::Sent.name()),
            Kind::FileDone => (Way::Out, FileState::Done.name()),
            Kind::FileRejected => (Way::Out, FileState::Rejected.name()),
            Kind::FileFailed => (Way::Out, FileState::Failed.name()),
            Kind::FileCancelled => (Way::Out, FileState::Cancelled.name()),
            Kind::FileReceived => (Way::In, FileState::Received.name()),
            Kind::FileDelivered => (Way::In, FileState::Delivered.name()),
            Kind::FileClosed => (Way::In, FileState::Closed.name()),
            Kind::FileRefused => (Way::In, FileState::Refused.name()),
            Kind::FileTurnedAway => (Way::In, "turned_away"),
            _ => return,
        };
        let labels = [way.name(), partner, result];
        self.files.with_label_values(&labels).inc();
        let octets = file.map_or(0, |file| file.octets);
        self.octets.with_label_values(&labels).inc_by(octets);
    }

    pub(super) fn waiting(&self, figures: &Figures, now: i64) {
        self.open.reset();
        for (way, states) in [
            (
                Way::Out,
                [
                    FileState::Taking,
                    FileState::Queued,
                    FileState::EfidSent,
                    FileState::Sent,
                ]
                .as_slice(),
            ),
            (
                Way::In,
                &[
                    FileState::Receiving,
                    FileState::Received,
                    FileState::Delivered,
                ],
            ),
        ] {
            for state in states {
                self.open
                    .with_label_values(&[way.name(), state.name()])
                    .set(0);
            }
        }
        for (way, state, count) in &figures.files {
            self.open
                .with_label_values(&[way, state])
                .set(signed(*count));
        }
        // A clock that was set back makes nothing younger than now.
        self.oldest.set(
            figures
                .oldest
                .map_or(0.0, |since| seconds(now.saturating_sub(since))),
        );
        self.overdue.set(signed(figures.overdue));
        self.owed.set(signed(figures.owed));
        self.pending.set(signed(figures.hooks));
    }

    pub(super) fn sessions(&self, sessions: &HashMap<String, Sessions>) {
        self.running.reset();
        for (partner, counts) in sessions {
            for (way, count) in [(Way::Out, counts.outgoing), (Way::In, counts.incoming)] {
                let gauge = self.running.with_label_values(&[partner, way.name()]);
                gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
    }

    pub(super) fn hooks(&self, runs: &BTreeMap<(String, RunResult), u64>) {
        self.runs.reset();
        for ((hook, result), count) in runs {
            let counter = self.runs.with_label_values(&[hook.as_str(), result.name()]);
            counter.inc_by(*count);
        }
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A word of the history that becomes a label: nothing long and nothing strange does.
fn word(given: &str) -> &str {
    let is_word = given.len() <= LONGEST_WORD
        && given
            .bytes()
            .all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'_');
    if is_word { given } else { "other" }
}
