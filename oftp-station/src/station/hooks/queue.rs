//! Which hook is run next. What is about one file is told to one hook in its order, one after the
//! other; everything else goes beside each other.

use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::time::Instant;

use super::super::journal::file::FileKey;
use super::super::journal::hook::HookRow;

/// What is told in its order: all to one hook about one file, or else about one partner.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Lane {
    hook: String,
    file: Option<FileKey>,
    partner: Option<String>,
}

impl Lane {
    fn of(row: &HookRow) -> Self {
        Self {
            hook: row.name.clone(),
            file: row.file,
            partner: row.partner.clone().filter(|_| row.file.is_none()),
        }
    }
}

/// What is still to be told.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// The first of each lane is ready, postponed or being run.
    lanes: HashMap<Lane, VecDeque<HookRow>>,
    /// By hook and line of the history.
    ready: BTreeMap<String, BTreeMap<i64, Lane>>,
    /// By the time from which on they are ready; the number only makes it unique.
    postponed: BTreeMap<(Instant, i64), Lane>,
    running: HashMap<String, usize>,
}

impl Queue {
    /// Puts a row behind those of its lane.
    pub(super) fn push(&mut self, row: HookRow) {
        let lane = Lane::of(&row);
        let rows = self.lanes.entry(lane.clone()).or_default();
        rows.push_back(row);
        if rows.len() == 1 {
            self.make_ready(lane);
        }
    }

    fn make_ready(&mut self, lane: Lane) {
        if let Some(row) = self.lanes.get(&lane).and_then(VecDeque::front) {
            let of_hook = self.ready.entry(lane.hook.clone()).or_default();
            of_hook.insert(row.event, lane);
        }
    }

    /// Takes the next one to be run, of the hook of which the fewest are; at most `share` of one
    /// hook.
    pub(super) fn take(&mut self, now: Instant, share: usize) -> Option<HookRow> {
        while let Some(first) = self.postponed.first_entry()
            && first.key().0 <= now
        {
            let lane = first.remove();
            self.make_ready(lane);
        }
        let counts = &self.running;
        let count = |hook: &String| counts.get(hook).copied().unwrap_or(0);
        let hook = self
            .ready
            .keys()
            .filter(|hook| count(hook) < share)
            .min_by_key(|hook| count(hook))?
            .clone();
        let of_hook = self.ready.get_mut(&hook)?;
        let (_, lane) = of_hook.pop_first()?;
        if of_hook.is_empty() {
            self.ready.remove(&hook);
        }
        *self.running.entry(hook).or_default() += 1;
        self.lanes.get(&lane)?.front().cloned()
    }

    /// When the next one that was postponed is ready.
    pub(super) fn due(&self) -> Option<Instant> {
        self.postponed.keys().next().map(|(at, _)| *at)
    }

    /// One that was taken needs not be run again.
    pub(super) fn ended(&mut self, row: &HookRow) {
        let lane = Lane::of(row);
        self.count_down(&lane);
        let Some(rows) = self.lanes.get_mut(&lane) else {
            return;
        };
        rows.pop_front();
        if rows.is_empty() {
            self.lanes.remove(&lane);
        } else {
            self.make_ready(lane);
        }
    }

    /// One that was taken is to be run again from `at` on; what is behind it waits.
    pub(super) fn postpone(&mut self, row: HookRow, at: Instant) {
        let lane = Lane::of(&row);
        self.count_down(&lane);
        self.postponed.insert((at, row.key.0), lane.clone());
        if let Some(first) = self.lanes.get_mut(&lane).and_then(VecDeque::front_mut) {
            *first = row;
        }
    }

    fn count_down(&mut self, lane: &Lane) {
        if let Some(count) = self.running.get_mut(&lane.hook) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.running.remove(&lane.hook);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::journal::hook::HookKey;
    use super::*;

    fn row(key: i64, name: &str, file: Option<i64>, partner: Option<&str>) -> HookRow {
        HookRow {
            key: HookKey(key),
            event: key,
            name: name.to_owned(),
            state: "waiting".to_owned(),
            attempts: 0,
            partner: partner.map(str::to_owned),
            file: file.map(FileKey),
            trouble: None,
        }
    }

    fn taken(queue: &mut Queue, share: usize) -> Vec<i64> {
        let now = Instant::now();
        std::iter::from_fn(|| queue.take(now, share))
            .map(|row| row.key.0)
            .collect()
    }

    #[test]
    fn one_file_is_told_in_order_and_others_beside_it() {
        let mut queue = Queue::default();
        let rows = [(1, 7), (2, 7), (3, 8)].map(|(key, file)| row(key, "a", Some(file), None));
        rows.iter().cloned().for_each(|row| queue.push(row));
        assert_eq!(taken(&mut queue, 8), [1, 3]);
        queue.postpone(rows[0].clone(), Instant::now() + Duration::from_secs(600));
        queue.ended(&rows[2]);
        assert_eq!(
            taken(&mut queue, 8),
            [] as [i64; 0],
            "2 is behind 1, which waits"
        );
        let later = queue.due().expect("one is postponed");
        assert_eq!(queue.take(later, 8).expect("it is due").key.0, 1);
        queue.ended(&rows[0]);
        assert_eq!(taken(&mut queue, 8), [2]);
        queue.ended(&rows[1]);
        assert!(queue.lanes.is_empty() && queue.ready.is_empty() && queue.running.is_empty());
    }

    #[test]
    fn what_comes_while_its_lane_is_busy_waits() {
        let mut queue = Queue::default();
        let rows = [(1, 7), (2, 7)].map(|(key, file)| row(key, "a", Some(file), None));
        queue.push(rows[0].clone());
        assert_eq!(taken(&mut queue, 8), [1]);
        queue.push(rows[1].clone());
        assert_eq!(taken(&mut queue, 8), [] as [i64; 0]);
        queue.ended(&rows[0]);
        assert_eq!(taken(&mut queue, 8), [2]);
    }

    #[test]
    fn a_hook_gets_no_more_than_its_share() {
        let mut queue = Queue::default();
        for key in 1..=6 {
            queue.push(row(key, "slow", Some(key), None));
        }
        queue.push(row(9, "quick", Some(1), None));
        assert_eq!(taken(&mut queue, 2), [9, 1, 2]);
    }

    #[test]
    fn what_is_about_no_file_is_told_in_order_for_each_partner() {
        let mut queue = Queue::default();
        for (key, partner) in [(1, "beta"), (2, "beta"), (3, "gamma")] {
            queue.push(row(key, "a", None, Some(partner)));
        }
        assert_eq!(taken(&mut queue, 8), [1, 3]);
    }
}
