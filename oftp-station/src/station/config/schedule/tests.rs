use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use proptest::prelude::*;

use super::*;

/// Central Europe: forward on the last Sunday of March at 02:00, back in October at 03:00.
fn zone() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone")
}

fn at(time: &str) -> Zoned {
    let time: DateTime = time.parse().expect("a time");
    time.to_zoned(zone()).expect("a time there")
}

fn schedule(windows: &[&str]) -> Schedule {
    let windows = windows.iter().map(|text| text.parse().expect("a window"));
    Schedule {
        windows: windows.collect(),
        poll: None,
    }
}

fn minutes(minutes: u64) -> Option<Duration> {
    Some(Duration::from_secs(minutes * 60))
}

#[test]
fn windows_as_text() {
    for (text, again) in [
        ("06:00-20:00", "06:00-20:00"),
        ("mon-fri 06:00-20:00", "mon,tue,wed,thu,fri 06:00-20:00"),
        ("Sat, SUNDAY  22:00-02:00", "sat,sun 22:00-02:00"),
        ("fri-mon,sun 00:00-24:00", "fri,sat,sun,mon 00:00-00:00"),
    ] {
        assert_eq!(text.parse::<Window>().expect(text).to_string(), again);
    }
    for (text, told) in [
        ("", "two times"),
        ("06:00", "two times"),
        ("mo 06:00-07:00", "`mo` is no day"),
        ("mon- 06:00-07:00", "`` is no day"),
        ("24:00-07:00", "`24:00` is no time"),
        ("06:00-25:00", "`25:00` is no time"),
        ("6:00-07:00", "`6:00` is no time"),
        ("06:00-07:60", "`07:60` is no time"),
        ("06:00-07:+1", "`07:+1` is no time"),
    ] {
        let error = text.parse::<Window>().expect_err(text).to_string();
        assert!(error.contains(told) && error.contains("mon-fri"), "{error}");
    }
}

#[test]
fn without_windows_it_is_always_time() {
    let now = at("2026-11-26T03:00");
    assert!(schedule(&[]).is_open(&now));
    assert_eq!(schedule(&[]).next_opening(&now), minutes(0));
}

#[test]
fn days_and_times_count() {
    let schedule = schedule(&["mon-fri 06:00-20:00"]);
    // 26 November 2026 is a Thursday.
    for (now, opening) in [
        ("2026-11-26T05:59", 1),
        ("2026-11-26T06:00", 0),
        ("2026-11-26T19:59:59", 0),
        ("2026-11-26T20:00", 10 * 60),
        ("2026-11-27T20:00", (2 * 24 + 10) * 60),
        ("2026-11-29T06:00", 24 * 60),
    ] {
        assert_eq!(schedule.is_open(&at(now)), opening == 0, "{now}");
        assert_eq!(schedule.next_opening(&at(now)), minutes(opening), "{now}");
    }
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_it_begins_on() {
    let schedule = schedule(&["sat 22:00-02:00"]);
    for (now, open) in [
        ("2026-11-28T01:00", false),
        ("2026-11-28T22:00", true),
        ("2026-11-29T01:59", true),
        ("2026-11-29T02:00", false),
        ("2026-11-29T22:00", false),
    ] {
        assert_eq!(schedule.is_open(&at(now)), open, "{now}");
    }
}

#[test]
fn from_midnight_to_midnight_is_a_day() {
    let schedule = schedule(&["sun 00:00-24:00"]);
    assert!(!schedule.is_open(&at("2026-11-28T23:59")));
    assert!(schedule.is_open(&at("2026-11-29T00:00")));
    assert!(schedule.is_open(&at("2026-11-29T23:59")));
    assert!(!schedule.is_open(&at("2026-11-30T00:00")));
}

#[test]
fn an_hour_that_is_left_out_opens_when_the_clock_has_jumped() {
    // 29 March 2026: 02:00 is 03:00.
    let now = at("2026-03-29T01:50");
    assert_eq!(schedule(&["02:30-04:00"]).next_opening(&now), minutes(10));
    assert_eq!(schedule(&["03:30-04:00"]).next_opening(&now), minutes(40));
    // This one is left out whole: the next is a week later, in summer time.
    let swallowed = schedule(&["sun 02:10-02:50"]).next_opening(&now);
    assert_eq!(swallowed, minutes(7 * 24 * 60 + 20 - 60));
}

#[test]
fn an_hour_that_comes_twice_opens_twice() {
    // 25 October 2026: 03:00 is 02:00 again.
    let schedule = schedule(&["02:30-02:40"]);
    let first = at("2026-10-25T02:35");
    assert!(schedule.is_open(&first));
    let between = &first + 10.minutes();
    assert_eq!(schedule.next_opening(&between), minutes(45));
    assert!(schedule.is_open(&(&between + 45.minutes())));
}

#[test]
fn pauses_grow_up_to_the_longest() {
    let retry = Retry::default();
    let whole: Vec<_> = (0..9)
        .map(|failures| retry.pause(failures, 0.0).as_secs())
        .collect();
    assert_eq!(whole, [0, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    assert_eq!(retry.pause(u32::MAX, 0.0), retry.longest);
    assert_eq!(retry.pause(1, 1.0), Duration::from_secs(45));
    assert_eq!(retry.pause(1, f64::NAN), Duration::from_secs(60));
}

fn window() -> impl Strategy<Value = Window> {
    let time = || (0_i8..24, 0_i8..60).prop_map(|(h, m)| Time::new(h, m, 0, 0).expect("a time"));
    let days = prop::collection::btree_set(1_i8..8, 0..3).prop_map(|days| {
        days.into_iter()
            .map(|day| Weekday::from_monday_one_offset(day).expect("a day"))
            .collect()
    });
    (days, time(), time()).prop_map(|(days, from, until)| Window { days, from, until })
}

proptest! {
    #[test]
    fn a_window_comes_back_from_its_text(window in window()) {
        prop_assert_eq!(window.to_string().parse::<Window>().expect("a window"), window);
    }

    #[test]
    fn it_opens_when_it_says_and_not_before(
        windows in prop::collection::vec(window(), 1..3),
        // Around both changes of the clock, and elsewhere.
        start in prop_oneof![Just("2026-03-27T00:00"), Just("2026-10-23T00:00"), Just("2026-07-01T00:00")],
        minute in 0_i64..4 * 24 * 60,
    ) {
        let schedule = Schedule { windows, poll: None };
        let now = &at(start) + minute.minutes();
        let pause = schedule.next_opening(&now).expect("some time");
        let opening = &now + jiff::SignedDuration::try_from(pause).expect("short");
        prop_assert!(schedule.is_open(&opening));
        let mut before = now;
        while before < opening {
            prop_assert!(!schedule.is_open(&before), "{}", before);
            before = &before + 1.minute();
        }
    }

    #[test]
    fn a_pause_is_within_its_bounds(
        failures in any::<u32>(), jitter in any::<f64>(),
        first in any::<Duration>(), longest in any::<Duration>(),
    ) {
        let retry = Retry { first, longest, attempts: None };
        let pause = retry.pause(failures, jitter);
        prop_assert!(pause <= longest);
        let whole = retry.pause(failures, 0.0);
        // The very longest do not fit a floating-point number.
        if whole < Duration::from_secs(1 << 32) {
            prop_assert!(whole.saturating_sub(pause) <= whole / 4 + Duration::from_micros(1));
        }
    }
}
