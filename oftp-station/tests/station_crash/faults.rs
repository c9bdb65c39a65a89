//! A full disk, a disk that fails, no more descriptors, and writes that write half: at any call. The
//! station goes on or gives up; when it is started again on a machine without faults, all is well.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::pair::{Pair, Side};
use crate::point::{Choice, Point};
use crate::running::{Running, until};
use crate::settled;
use crate::strike::has_struck;
use crate::sweep::sweep;

const CHOICES: &[Choice] = &[
    ("ENOSPC", &["write", "open", "rename", "link"], 3),
    ("EIO", &["write", "sync", "rename", "unlink"], 1),
    ("EMFILE", &["open", "accept"], 3),
    ("short", &["write"], 4),
];

/// So long a station may go on after a fault before it is stopped: any moment is as good.
const AFTERWARDS: Duration = Duration::from_millis(700);

/// Longer than sessions may go on after the order to stop.
const PATIENCE: Duration = Duration::from_secs(45);

#[test]
fn after_any_fault_of_the_system_nothing_is_lost_and_all_is_delivered_once() {
    sweep("faults", CHOICES, 11, attempt);
}

fn attempt(pair: &Pair, point: &Point) -> bool {
    let of = point.to_string();
    let other = pair.run(point.side.other());
    assert!(other.listens(), "{of}: {}", other.said());
    let mut victim = pair.run_under(point.side, Some(point.strike.clone()));
    let report = pair.report(point.side);
    let journal = settled::journal(pair, point.side.other());
    let mut since: Option<Instant> = None;
    let what = || format!("{of}: {}\n{}", settled::words(&journal), other.said());
    until(what, || {
        if has_struck(&report) && since.is_none() {
            since = Some(Instant::now());
        }
        let over = victim.ended().is_some()
            || settled::is_settled(pair, &journal)
            || since.is_some_and(|since| since.elapsed() > AFTERWARDS);
        over.then_some(())
    });
    drop(journal);
    end(&mut victim, &of);
    assert!(
        !victim.said().contains("panicked"),
        "{of}: {}",
        victim.said()
    );
    // What was put off for a minute is tried at once.
    settled::all_is_due(pair, point.side);
    let again = pair.run(point.side);
    assert!(again.listens(), "{of}: {}{}", victim.said(), again.said());
    let mut stations = match point.side {
        Side::Alpha => [again, other],
        Side::Beta => [other, again],
    };
    let [alpha, beta] = &stations;
    settled::wait(pair, [alpha, beta], &format!("{of}\n{}", victim.said()));
    for station in &mut stations {
        assert_eq!(station.stop(), 0, "{of}: {}", station.said());
    }
    for side in Side::BOTH {
        settled::check(pair, side, &format!("{of}\n{}", victim.said()));
    }
    has_struck(&report)
}

/// Stops it, or kills it where it cannot end any more.
fn end(victim: &mut Running, of: &str) {
    let begin = Instant::now();
    victim.signal(Signal::TERM);
    let ended = until(String::new, || {
        let late = begin.elapsed() > PATIENCE;
        victim.ended().or_else(|| late.then_some(-1))
    });
    if ended == -1 {
        eprintln!("{of}: it did not end by itself: {}", victim.said());
        victim.kill();
    }
}
