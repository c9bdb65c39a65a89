//! Whom the station calls, tried without a clock and without a network.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use tokio::sync::mpsc::unbounded_channel;

use super::super::Shared;
use super::super::config::{PartnerConfig, Retry};
use super::super::fixture::{Place, partner};
use super::super::intake::{Content, Submission, Wishes, submit};
use super::super::journal::file::{self, Change, FileRow, FileState};
use super::super::journal::{now, partner as partners};
use super::*;
use crate::exchange::Voice;

const RETRY: Retry = Retry {
    first: Duration::from_secs(60),
    longest: Duration::from_secs(3600),
    attempts: None,
};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn waiting(priority: u8, items: usize) -> Option<Waiting> {
    Some(Waiting {
        priority,
        items,
        newest: (1, 0),
    })
}

fn facts_of(name: &str) -> PartnerFacts {
    PartnerFacts {
        name: name.to_owned(),
        callable: true,
        open: true,
        waiting: waiting(5, 1),
        incoming: 0,
        retry: RETRY,
        poll: None,
        sessions: 1,
    }
}

fn one(change: impl FnOnce(&mut PartnerFacts)) -> Facts {
    let mut partner = facts_of("beta");
    change(&mut partner);
    Facts {
        outgoing: 8,
        partners: vec![partner],
    }
}

fn scheduler() -> Scheduler {
    Scheduler::new(|| 0.0)
}

fn names(starts: &[Start]) -> Vec<&str> {
    starts.iter().map(|start| start.partner.as_str()).collect()
}

/// The moments of the first calls when each fails in this way at once.
fn calls_when(result: &CallResult, calls: usize) -> Vec<u64> {
    let mut scheduler = scheduler();
    let facts = one(|_| {});
    let mut moments = Vec::new();
    let mut second = 0;
    while moments.len() < calls {
        if !scheduler.next(seconds(second), &facts).is_empty() {
            moments.push(second);
            scheduler.ended("beta", result, seconds(second));
        }
        second += 1;
    }
    moments
}

fn pauses(moments: &[u64]) -> Vec<u64> {
    moments.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn a_partner_is_called_when_something_waits_and_only_then() {
    let mut scheduler = scheduler();
    assert_eq!(
        scheduler.next(seconds(0), &one(|beta| beta.waiting = None)),
        []
    );
    let starts = scheduler.next(seconds(1), &one(|_| {}));
    assert_eq!(names(&starts), ["beta"]);
    assert_eq!(starts[0].why, Why::Waiting);
    assert_eq!(
        scheduler.next(seconds(2), &one(|_| {})),
        [],
        "it is being called"
    );
    scheduler.ended("beta", &CallResult::Done { files: 1 }, seconds(3));
    assert_eq!(
        names(&scheduler.next(seconds(3), &one(|_| {}))),
        ["beta"],
        "more waits"
    );
}

#[test]
fn who_is_held_has_no_address_or_is_outside_its_window_is_not_called() {
    let mut scheduler = scheduler();
    assert_eq!(
        scheduler.next(seconds(0), &one(|beta| beta.callable = false)),
        []
    );
    assert_eq!(
        scheduler.next(seconds(1), &one(|beta| beta.open = false)),
        []
    );
    assert_eq!(scheduler.next(seconds(2), &one(|_| {})).len(), 1);
}

#[test]
fn pauses_grow_to_their_cap_and_differ_by_the_kind_of_trouble() {
    let network = calls_when(&CallResult::NoConnection(String::new()), 9);
    assert_eq!(pauses(&network), [60, 120, 240, 480, 960, 1920, 3600, 3600]);
    for like in [CallResult::Lost(String::new()), CallResult::TimedOut] {
        assert_eq!(calls_when(&like, 9), network);
    }
    let busy = pauses(&calls_when(&CallResult::Busy, 7));
    assert_eq!(busy, [60, 120, 240, 480, 900, 900], "it lives");
    let refused = pauses(&calls_when(&CallResult::Refused(String::new()), 6));
    assert_eq!(refused, [240, 480, 960, 1920, 3600], "a person must act");
    let tls = pauses(&calls_when(&CallResult::Tls(String::new()), 6));
    assert_eq!(tls, refused);
}

#[test]
fn a_good_session_ends_the_trouble() {
    let mut scheduler = scheduler();
    let facts = one(|_| {});
    let lost = CallResult::Lost(String::new());
    for moment in [0, 60, 180] {
        assert_eq!(
            scheduler.next(seconds(moment), &facts).len(),
            1,
            "at {moment}"
        );
        scheduler.ended("beta", &lost, seconds(moment));
    }
    assert_eq!(scheduler.next(seconds(420), &facts).len(), 1);
    scheduler.ended("beta", &CallResult::Done { files: 2 }, seconds(430));
    assert_eq!(scheduler.next(seconds(430), &facts).len(), 1);
    scheduler.ended("beta", &lost, seconds(440));
    assert_eq!(scheduler.next(seconds(499), &facts), []);
    assert_eq!(
        scheduler.next(seconds(500), &facts).len(),
        1,
        "the first pause again"
    );
}

#[test]
fn a_session_that_moves_nothing_is_not_repeated_at_once() {
    let mut scheduler = scheduler();
    let facts = one(|_| {});
    let nothing = CallResult::Done { files: 0 };
    let mut moments = Vec::new();
    for second in 0..1000 {
        if !scheduler.next(seconds(second), &facts).is_empty() {
            moments.push(second);
            scheduler.ended("beta", &nothing, seconds(second));
        }
    }
    assert_eq!(pauses(&moments), [60, 120, 240, 480]);
    let newer = one(|beta| beta.waiting.as_mut().expect("waits").newest = (2, 0));
    assert_eq!(
        scheduler.next(seconds(1000), &newer).len(),
        1,
        "something new came"
    );
}

#[test]
fn a_session_for_responses_alone_delays_nothing_that_comes_later() {
    let mut scheduler = scheduler();
    assert_eq!(scheduler.next(seconds(0), &one(|_| {})).len(), 1);
    scheduler.ended("beta", &CallResult::Done { files: 0 }, seconds(1));
    assert_eq!(
        scheduler.next(seconds(1), &one(|beta| beta.waiting = None)),
        []
    );
    assert_eq!(
        scheduler.next(seconds(2), &one(|_| {})).len(),
        1,
        "the same one, resent"
    );
}

#[test]
fn parallel_sessions_need_more_than_one_file() {
    let with = |items, sessions, incoming| {
        one(|beta| {
            beta.waiting = waiting(5, items);
            beta.sessions = sessions;
            beta.incoming = incoming;
        })
    };
    let begun = |facts| scheduler().next(seconds(0), &facts).len();
    assert_eq!(begun(with(1, 4, 0)), 1);
    assert_eq!(begun(with(3, 4, 0)), 3);
    assert_eq!(begun(with(100, 4, 0)), 4);
    assert_eq!(begun(with(1, 4, 1)), 0, "its own session takes it");
    assert_eq!(begun(with(2, 4, 1)), 1);
    assert_eq!(begun(with(5, 0, 0)), 1, "none at all would be never");
}

#[test]
fn sessions_that_fail_together_count_once_and_one_tries_again() {
    let mut scheduler = scheduler();
    let facts = one(|beta| {
        beta.waiting = waiting(5, 10);
        beta.sessions = 4;
    });
    assert_eq!(scheduler.next(seconds(0), &facts).len(), 4);
    for _ in 0..4 {
        scheduler.ended("beta", &CallResult::NoConnection(String::new()), seconds(1));
    }
    assert_eq!(scheduler.next(seconds(60), &facts), []);
    assert_eq!(
        scheduler.next(seconds(61), &facts).len(),
        1,
        "one pause, one try"
    );
    scheduler.ended("beta", &CallResult::Done { files: 1 }, seconds(62));
    assert_eq!(scheduler.next(seconds(62), &facts).len(), 4);
}

#[test]
fn a_partner_that_has_room_for_fewer_sessions_is_called_for_fewer() {
    let mut scheduler = scheduler();
    let facts = one(|beta| {
        beta.waiting = waiting(5, 10);
        beta.sessions = 3;
    });
    assert_eq!(scheduler.next(seconds(0), &facts).len(), 3);
    scheduler.ended("beta", &CallResult::Busy, seconds(1));
    assert_eq!(scheduler.next(seconds(1), &facts), [], "two is its limit");
    scheduler.ended("beta", &CallResult::Done { files: 1 }, seconds(2));
    assert_eq!(
        scheduler.next(seconds(2), &facts).len(),
        1,
        "and it goes on with two"
    );
    assert_eq!(
        scheduler.next(seconds(3602), &facts).len(),
        1,
        "its limit may have changed"
    );
}

#[test]
fn an_order_is_carried_out_whatever_the_schedule_says() {
    let closed = one(|beta| {
        beta.open = false;
        beta.waiting = None;
    });
    let mut scheduler = scheduler();
    scheduler.order("beta");
    let starts = scheduler.next(seconds(0), &closed);
    assert_eq!(starts[0].why, Why::Order);
    scheduler.ended("beta", &CallResult::TimedOut, seconds(1));
    assert_eq!(scheduler.next(seconds(1), &closed), [], "once");
    scheduler.order("beta");
    assert_eq!(
        scheduler.next(seconds(2), &closed).len(),
        1,
        "trouble or not"
    );
    scheduler.order("beta");
    assert_eq!(
        scheduler.next(seconds(3), &closed),
        [],
        "when the session is over"
    );
    scheduler.ended("beta", &CallResult::Done { files: 0 }, seconds(4));
    assert_eq!(scheduler.next(seconds(4), &closed).len(), 1);
}

#[test]
fn an_order_for_who_cannot_be_called_is_forgotten() {
    let mut scheduler = scheduler();
    scheduler.order("beta");
    scheduler.order("nobody");
    assert_eq!(
        scheduler.next(seconds(0), &one(|beta| beta.callable = false)),
        []
    );
    assert_eq!(
        scheduler.next(seconds(1), &one(|beta| beta.waiting = None)),
        []
    );
}

#[test]
fn a_partner_is_asked_now_and_then_what_it_has() {
    let facts = |incoming| {
        one(|beta| {
            beta.waiting = None;
            beta.poll = Some(seconds(600));
            beta.incoming = incoming;
        })
    };
    let mut scheduler = scheduler();
    assert_eq!(scheduler.next(seconds(0), &facts(1)), [], "it is here");
    let starts = scheduler.next(seconds(5), &facts(0));
    assert_eq!(starts[0].why, Why::Poll);
    scheduler.ended("beta", &CallResult::Done { files: 0 }, seconds(6));
    assert_eq!(scheduler.next(seconds(604), &facts(0)), []);
    assert_eq!(scheduler.next(seconds(605), &facts(0)).len(), 1);
}

#[test]
fn the_first_is_called_first_and_whoever_is_passed_over_rises() {
    let facts = |priorities: &[(&str, u8)]| Facts {
        outgoing: 1,
        partners: priorities
            .iter()
            .map(|(name, priority)| PartnerFacts {
                waiting: waiting(*priority, 1),
                ..facts_of(name)
            })
            .collect(),
    };
    let both = facts(&[("late", 9), ("first", 0)]);
    let mut scheduler = scheduler();
    let mut called = Vec::new();
    for moment in 0..12 {
        let starts = scheduler.next(seconds(moment), &both);
        assert_eq!(starts.len(), 1);
        called.push(starts[0].partner.clone());
        scheduler.ended(
            &starts[0].partner,
            &CallResult::Done { files: 1 },
            seconds(moment),
        );
    }
    assert_eq!(called[0], "first");
    assert!(called.iter().any(|name| name == "late"), "{called:?}");
}

#[test]
fn a_second_session_waits_for_the_first_of_all_others() {
    let mut greedy = facts_of("greedy");
    greedy.sessions = 8;
    greedy.waiting = waiting(0, 100);
    let facts = Facts {
        outgoing: 3,
        partners: vec![greedy, facts_of("a"), facts_of("b")],
    };
    let starts = scheduler().next(seconds(0), &facts);
    let mut called = names(&starts);
    called.sort_unstable();
    assert_eq!(called, ["a", "b", "greedy"]);
}

/// A world of partners, each with its files and the way its sessions go.
#[derive(Debug, Clone)]
struct Partner {
    files: usize,
    priority: u8,
    sessions: usize,
    /// How its sessions go, again and again from the start.
    ways: Vec<Way>,
    retry: Retry,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    /// It takes so many seconds and moves a file.
    Good(u64),
    /// It fails after so many seconds.
    Fails(u64, u8),
}

fn failure(kind: u8) -> CallResult {
    match kind % 6 {
        0 => CallResult::NoConnection(String::new()),
        1 => CallResult::Tls(String::new()),
        2 => CallResult::Busy,
        3 => CallResult::Refused(String::new()),
        4 => CallResult::Lost(String::new()),
        _ => CallResult::TimedOut,
    }
}

struct World {
    partners: Vec<Partner>,
    outgoing: usize,
    scheduler: Scheduler,
    now: u64,
    running: Vec<(u64, usize, Way)>,
    calls: Vec<usize>,
    starts: Vec<(u64, usize)>,
}

impl World {
    fn new(partners: Vec<Partner>, outgoing: usize, jitter: f64) -> Self {
        Self {
            calls: vec![0; partners.len()],
            partners,
            outgoing,
            scheduler: Scheduler::new(move || jitter),
            now: 0,
            running: Vec::new(),
            starts: Vec::new(),
        }
    }

    fn facts(&self) -> Facts {
        let facts = |(index, partner): (usize, &Partner)| PartnerFacts {
            waiting: (partner.files > 0).then_some(Waiting {
                priority: partner.priority,
                items: partner.files,
                newest: (1, 1),
            }),
            sessions: partner.sessions,
            retry: partner.retry,
            ..facts_of(&index.to_string())
        };
        Facts {
            outgoing: self.outgoing,
            partners: self.partners.iter().enumerate().map(facts).collect(),
        }
    }

    fn second(&mut self) {
        let (now, mut left) = (self.now, Vec::new());
        for (end, index, way) in std::mem::take(&mut self.running) {
            if end > now {
                left.push((end, index, way));
                continue;
            }
            let result = match way {
                Way::Good(_) => {
                    self.partners[index].files = self.partners[index].files.saturating_sub(1);
                    CallResult::Done { files: 1 }
                }
                Way::Fails(_, kind) => failure(kind),
            };
            self.scheduler
                .ended(&index.to_string(), &result, seconds(now));
        }
        self.running = left;
        let facts = self.facts();
        for start in self.scheduler.next(seconds(now), &facts) {
            let index: usize = start.partner.parse().expect("a number");
            let partner = &self.partners[index];
            let way = partner.ways[self.calls[index] % partner.ways.len()];
            self.calls[index] += 1;
            let (Way::Good(takes) | Way::Fails(takes, _)) = way;
            self.running.push((now + takes, index, way));
            self.starts.push((now, index));
        }
        self.now += 1;
    }

    fn of(&self, index: usize) -> usize {
        self.running
            .iter()
            .filter(|(_, one, _)| *one == index)
            .count()
    }
}

fn any_partner(failing: bool) -> impl Strategy<Value = Partner> {
    let good = (1_u64..30).prop_map(Way::Good);
    let fails = (0_u64..30, 0_u8..6).prop_map(|(takes, kind)| Way::Fails(takes, kind));
    let way = if failing {
        prop_oneof![1 => good, 1 => fails].boxed()
    } else {
        good.boxed()
    };
    let retry = (1_u64..20, 20_u64..200).prop_map(|(first, longest)| Retry {
        first: seconds(first),
        longest: seconds(longest),
        attempts: None,
    });
    (
        0_usize..6,
        0_u8..10,
        1_usize..4,
        prop::collection::vec(way, 1..5),
        retry,
    )
        .prop_map(|(files, priority, sessions, ways, retry)| Partner {
            files,
            priority,
            sessions,
            ways,
            retry,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_limit_is_ever_passed(
        partners in prop::collection::vec(any_partner(true), 1..6),
        outgoing in 1_usize..5,
        jitter in 0.0..1.0_f64,
    ) {
        let mut world = World::new(partners, outgoing, jitter);
        for _ in 0..600 {
            world.second();
            prop_assert!(world.running.len() <= outgoing);
            prop_assert_eq!(world.running.len(), world.scheduler.running());
            for index in 0..world.partners.len() {
                let (running, partner) = (world.of(index), &world.partners[index]);
                prop_assert!(running <= partner.sessions);
            }
        }
    }

    #[test]
    fn everything_that_can_be_sent_is_sent(
        mut partners in prop::collection::vec(any_partner(true), 1..6),
        outgoing in 1_usize..3,
        jitter in 0.0..1.0_f64,
    ) {
        for partner in &mut partners {
            partner.ways.push(Way::Good(3));
        }
        let mut world = World::new(partners, outgoing, jitter);
        // Each file may meet four failures, with pauses of at most 200 s each, one after another.
        for _ in 0..60_000 {
            world.second();
            if world.partners.iter().all(|partner| partner.files == 0) {
                return Ok(());
            }
        }
        prop_assert!(false, "left: {:?}", world.partners);
    }

    #[test]
    fn the_trouble_of_one_delays_nobody_else(
        partners in prop::collection::vec(any_partner(false), 1..5),
        kind in 0_u8..6,
        takes in 0_u64..100,
    ) {
        // With room for all, the others are called at the very same moments.
        let calls = |others: Vec<Partner>| {
            let mut world = World::new(others, 100, 0.0);
            (0..400).for_each(|_| world.second());
            world.starts.retain(|(_, index)| *index < partners.len());
            // Who is called first of those that are called at one moment is nothing to any of them.
            world.starts.sort_unstable();
            world.starts
        };
        let alone = calls(partners.clone());
        let mut all = partners.clone();
        all.push(Partner {
            files: 50,
            priority: 0,
            sessions: 3,
            ways: vec![Way::Fails(takes, kind)],
            retry: RETRY,
        });
        prop_assert_eq!(calls(all), alone);
    }

    #[test]
    fn pauses_grow_and_have_a_cap(
        kind in 0_u8..6,
        first in 1_u64..100,
        longest in 100_u64..2000,
        jitter in 0.0..1.0_f64,
    ) {
        let retry = Retry { first: seconds(first), longest: seconds(longest), attempts: None };
        let facts = one(|beta| beta.retry = retry);
        let mut scheduler = Scheduler::new(move || jitter);
        let (mut moments, mut second) = (Vec::new(), 0);
        while moments.len() < 12 {
            if !scheduler.next(seconds(second), &facts).is_empty() {
                moments.push(second);
                scheduler.ended("beta", &failure(kind), seconds(second));
            }
            second += 1;
        }
        let pauses = pauses(&moments);
        prop_assert!(pauses.iter().all(|pause| *pause <= longest + 1), "{pauses:?}");
        prop_assert!(pauses.is_sorted(), "{pauses:?}");
        prop_assert!(pauses[0] * 4 >= first * 3, "{pauses:?}");
    }
}

/// Answers calls as it is told, and sends what waits.
#[derive(Debug, Default)]
struct Fake {
    calls: Mutex<HashMap<String, usize>>,
}

impl Call for Fake {
    async fn call(&self, shared: &Shared, partner: Arc<PartnerConfig>) -> CallResult {
        let name = partner.name.clone();
        *self
            .calls
            .lock()
            .expect("calls")
            .entry(name.clone())
            .or_default() += 1;
        if name == "dead" {
            return CallResult::NoConnection("nobody is there".to_owned());
        }
        let done = shared.journal().write_aside(move |db| {
            let rows = file::sendable(db, &name, now(), 100)?;
            let none = serde_json::json!({});
            for row in &rows {
                file::change(db, row.key, FileState::EfidSent, Change::default(), &none)?;
                file::change(db, row.key, FileState::Sent, Change::default(), &none)?;
            }
            Ok(u32::try_from(rows.len()).expect("few"))
        });
        let files = done.await.expect("sent");
        CallResult::Done { files }
    }
}

fn queue(place: &Place, to: &str) -> FileRow {
    let file = Submission {
        content: Content::Reader(Box::new(&b"x"[..])),
        name: "a".to_owned(),
        wishes: Wishes::default(),
    };
    let partner = place.config.partner(to).expect("partner");
    submit(&place.journal, &place.config, partner, file).expect("queued")
}

/// Runs the caller until all files for `beta` are sent.
fn run_until_sent(place: &Place, orders: &[&str]) -> HashMap<String, usize> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("runtime");
    let (shared, fake) = (place.shared(), Arc::new(Fake::default()));
    let (sender, receiver) = unbounded_channel();
    orders
        .iter()
        .for_each(|name| sender.send((*name).to_owned()).expect("taken"));
    let journal = place.journal.clone();
    let (all, called) = (orders.len(), fake.clone());
    let sent = async move {
        let mut seen = 0;
        loop {
            let waits = journal.read(|db| file::sendable(db, "beta", i64::MAX, 1));
            let calls: usize = called.calls.lock().expect("calls").values().sum();
            if waits.expect("read").is_empty() && calls >= all {
                return;
            }
            tokio::select! {
                number = journal.changed(seen) => seen = number,
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
        }
    };
    let voice = Voice::kept(Arc::default());
    runtime.block_on(run(shared, fake.clone(), receiver, voice, sent));
    fake.calls.lock().expect("calls").clone()
}

#[test]
fn the_loop_calls_whoever_something_waits_for() {
    let place = Place::with(vec![partner("beta"), partner("dead"), partner("idle")]);
    queue(&place, "beta");
    queue(&place, "beta");
    queue(&place, "dead");
    let calls = run_until_sent(&place, &[]);
    assert_eq!(calls.get("beta"), Some(&1));
    assert_eq!(calls.get("idle"), None);
    assert!(
        calls.get("dead").is_none_or(|calls| *calls == 1),
        "{calls:?}"
    );
}

#[test]
fn a_file_whose_time_was_written_by_a_clock_that_was_wrong_is_sent() {
    let place = Place::new();
    let key = queue(&place, "beta").key;
    let years = now() + 10 * 365 * 24 * 3600 * 1000;
    let far = place.journal.write(move |db| {
        let what = Change {
            retry_at: Some(Some(years)),
            ..Change::default()
        };
        file::update(db, key, what)
    });
    far.expect("written");
    let calls = run_until_sent(&place, &[]);
    assert_eq!(calls.get("beta"), Some(&1));
}

#[test]
fn orders_of_people_are_carried_out() {
    let place = Place::with(vec![partner("beta"), partner("gamma")]);
    let calls = run_until_sent(&place, &["gamma"]);
    assert_eq!(calls.get("gamma"), Some(&1));
    assert_eq!(calls.get("beta"), None);
}

#[test]
fn who_is_held_is_not_called_by_the_loop() {
    let place = Place::with(vec![partner("beta"), partner("gamma")]);
    place
        .journal
        .write(|db| partners::hold(db, "gamma", true))
        .expect("held");
    queue(&place, "gamma");
    queue(&place, "beta");
    let calls = run_until_sent(&place, &[]);
    assert_eq!(calls.get("gamma"), None);
}
