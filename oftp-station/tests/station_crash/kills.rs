//! `kill -9` instead of any call that writes, makes durable, names, or says something.

use crate::pair::{Pair, Side};
use crate::point::{Choice, Point};
use crate::running::until;
use crate::settled;
use crate::sweep::sweep;

const CHOICES: &[Choice] = &[(
    "kill",
    &["write", "sync", "rename", "link", "unlink", "send"],
    1,
)];

#[test]
fn killed_at_any_moment_a_station_loses_nothing_and_delivers_once() {
    sweep("kills", CHOICES, 12, attempt);
}

/// Kills a station, starts it again, and looks at what has become of everything.
fn attempt(pair: &Pair, point: &Point) -> bool {
    let of = point.to_string();
    let other = pair.run(point.side.other());
    assert!(other.listens(), "{of}: {}", other.said());
    let mut victim = pair.run_under(point.side, Some(point.strike.clone()));
    // Nobody looks into the journal of the victim: it must be put in order by itself alone.
    let journal = settled::journal(pair, point.side.other());
    let what = || format!("{of}: {}\n{}", settled::words(&journal), other.said());
    until(what, || {
        let over = victim.ended().is_some() || settled::is_settled(pair, &journal);
        over.then_some(())
    });
    drop(journal);
    let killed = victim.ended().is_some();
    if !killed {
        // Fewer calls than usual: it may still come at the end.
        victim.stop();
    }
    let again = pair.run(point.side);
    assert!(again.listens(), "{of}: {}", again.said());
    let mut stations = match point.side {
        Side::Alpha => [again, other],
        Side::Beta => [other, again],
    };
    let [alpha, beta] = &stations;
    settled::wait(pair, [alpha, beta], &of);
    for station in &mut stations {
        assert_eq!(station.stop(), 0, "{of}: {}", station.said());
    }
    for side in Side::BOTH {
        settled::check(pair, side, &of);
    }
    killed
}
