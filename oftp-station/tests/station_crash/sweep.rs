//! Which points of a run are tried, and by how many at a time.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use crate::chance::{Chance, is_full};
use crate::pair::{Pair, Side};
use crate::point::{Choice, Point, all, sample, shuffle};
use crate::{settled, strike};

/// Most of a run is waiting for the partner to call again.
const AT_A_TIME: usize = 4;

/// The stations that all points begin with, and how many calls each makes when nothing happens to
/// it.
pub(crate) struct Undisturbed {
    pub(crate) pair: Pair,
    pub(crate) calls: [BTreeMap<String, u64>; 2],
}

/// What is the same for all points.
pub(crate) fn undisturbed() -> &'static Undisturbed {
    static UNDISTURBED: OnceLock<Undisturbed> = OnceLock::new();
    UNDISTURBED.get_or_init(|| {
        let pair = Pair::with_files();
        let run = pair.again();
        let mut stations = Side::BOTH.map(|side| run.run_under(side, None));
        for station in &stations {
            assert!(station.listens(), "{}", station.said());
        }
        let [alpha, beta] = &stations;
        settled::wait(&run, [alpha, beta], "undisturbed");
        for station in &mut stations {
            assert_eq!(station.stop(), 0, "{}", station.said());
        }
        for side in Side::BOTH {
            settled::check(&run, side, "undisturbed");
        }
        let calls = Side::BOTH.map(|side| strike::calls(&run.report(side)));
        Undisturbed { pair, calls }
    })
}

/// Tries points of both stations for these choices: a sample of `few` for each station, or as many
/// as there is time for.
pub(crate) fn sweep(
    test: &str,
    choices: &[Choice],
    few: usize,
    attempt: impl Fn(&Pair, &Point) -> bool + Sync,
) {
    if strike::program().is_none() {
        return;
    }
    let mut chance = Chance::new(test);
    let undisturbed = undisturbed();
    let mut points = Vec::new();
    for side in Side::BOTH {
        let of_side = all(side, choices, &undisturbed.calls[side as usize]);
        points.extend(match is_full() {
            true => of_side,
            false => sample(&of_side, few, &mut chance),
        });
    }
    shuffle(&mut points, &mut chance);
    if let Ok(point) = std::env::var("OFTP_POINT") {
        points = vec![point.parse().expect("OFTP_POINT")];
    }
    let all = points.len();
    let end = is_full().then(|| Instant::now() + budget());
    let todo = Mutex::new(points);
    let (tried, struck) = (Mutex::new(0), Mutex::new(0));
    let failed: Mutex<Vec<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while end.is_none_or(|end| Instant::now() < end) {
                    let Some(point) = todo.lock().expect("points").pop() else {
                        return;
                    };
                    *tried.lock().expect("a number") += 1;
                    let pair = undisturbed.pair.again();
                    match catch_unwind(AssertUnwindSafe(|| attempt(&pair, &point))) {
                        Ok(hit) => *struck.lock().expect("a number") += u32::from(hit),
                        Err(_) => failed.lock().expect("points").push(point.to_string()),
                    }
                }
            });
        }
    });
    let tried = tried.into_inner().expect("a number");
    let struck = struck.into_inner().expect("a number");
    eprintln!("{test}: {tried} of {all} points tried, {struck} came about");
    let failed = failed.into_inner().expect("points");
    assert!(
        failed.is_empty(),
        "{test}: OFTP_POINT for each that failed: {failed:?}"
    );
    // The calls of two runs differ a little, but not by much.
    assert!(struck * 2 > tried, "{test}: {struck} of {tried} came about");
}

fn budget() -> Duration {
    let minutes = std::env::var("OFTP_SWEEP_MINUTES");
    let minutes = minutes.map_or(10, |text| text.parse().expect("OFTP_SWEEP_MINUTES"));
    Duration::from_secs(60 * minutes)
}
