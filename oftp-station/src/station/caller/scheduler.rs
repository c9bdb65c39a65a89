//! The decision whom to call now. Everything it needs is passed in, time too, so that every case
//! can be tried.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

use super::super::config::Retry;
use super::CallResult;
use super::memory::Memory;

/// The priority of a call that only asks whether the partner has something: after all files.
const POLL: u8 = 9;

/// What is so at a moment.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The most sessions that we call for, in all.
    pub outgoing: usize,
    /// The partners of the configuration.
    pub partners: Vec<PartnerFacts>,
}

/// What is so of one partner at a moment.
#[derive(Debug, Clone)]
pub struct PartnerFacts {
    /// Its name.
    pub name: String,
    /// It has an address, and nobody has stopped it.
    pub callable: bool,
    /// It is within its windows.
    pub open: bool,
    /// What waits for it.
    pub waiting: Option<Waiting>,
    /// Sessions that it has called for and that run: they take what waits, too.
    pub incoming: usize,
    /// Its pauses after trouble.
    pub retry: Retry,
    /// It is called so often even where nothing waits.
    pub poll: Option<Duration>,
    /// The most sessions with it that we call for, at least 1.
    pub sessions: usize,
}

/// What waits for a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The best priority of it: 0 first, 9 last.
    pub priority: u8,
    /// How many files, those that are being sent among them; responses all count as one where
    /// there is no file.
    pub items: usize,
    /// The largest numbers of a file and of a response among them: others mean something new.
    pub newest: (i64, i64),
}

/// A session that is to be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// With which partner.
    pub partner: String,
    /// What for.
    pub why: Why,
}

/// What a session is begun for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A person ordered it.
    Order,
    /// Something waits.
    Waiting,
    /// To ask whether the partner has something.
    Poll,
}

/// Decides whom to call. Moments are durations since any beginning, by a clock that never jumps.
pub struct Scheduler {
    memories: HashMap<String, Memory>,
    /// Draws a number of 0 to 1: stations that lost their partner at the same moment should not
    /// come back at the same moment.
    jitter: Box<dyn FnMut() -> f64 + Send>,
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler")
            .field("memories", &self.memories)
            .finish_non_exhaustive()
    }
}

impl Scheduler {
    /// Knows nothing yet, and draws from `jitter`, which gives numbers of 0 to 1.
    #[must_use]
    pub fn new(jitter: impl FnMut() -> f64 + Send + 'static) -> Self {
        Self {
            memories: HashMap::new(),
            jitter: Box::new(jitter),
        }
    }

    /// A person wants this partner to be called: as soon as there is room, whatever its schedule
    /// and its troubles are. A partner that cannot be called is not.
    pub fn order(&mut self, partner: &str) {
        self.memories.entry(partner.to_owned()).or_default().ordered = true;
    }

    /// The sessions to begin at this moment. They count as running from now on: each must come to
    /// its [`ended`](Self::ended).
    pub fn next(&mut self, now: Duration, facts: &Facts) -> Vec<Start> {
        self.look(facts);
        let mut starts = Vec::new();
        while self.running() < facts.outgoing {
            let mut wanting: Vec<(&PartnerFacts, Why)> = Vec::new();
            for partner in &facts.partners {
                if let Some(why) = self.wants(partner, now) {
                    wanting.push((partner, why));
                }
            }
            let Some((next, why)) = wanting
                .iter()
                .min_by_key(|(partner, why)| self.rank(partner, *why))
                .copied()
            else {
                break;
            };
            for (partner, _) in &wanting {
                if let Some(memory) = self.memories.get_mut(&partner.name) {
                    memory.passed = memory.passed.saturating_add(1);
                }
            }
            let newest = next.waiting.map(|waiting| waiting.newest);
            self.memory(&next.name).start(now, &next.retry, newest);
            starts.push(Start {
                partner: next.name.clone(),
                why,
            });
        }
        starts
    }

    /// A session that was begun is over.
    pub fn ended(&mut self, partner: &str, result: &CallResult, now: Duration) {
        let jitter = (self.jitter)();
        self.memory(partner).end(result, now, jitter);
    }

    /// The sessions that run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.memories.values().map(|memory| memory.running).sum()
    }

    /// Takes note of what waits, and forgets whoever is gone.
    fn look(&mut self, facts: &Facts) {
        let known: HashMap<&str, &PartnerFacts> = facts
            .partners
            .iter()
            .map(|partner| (partner.name.as_str(), partner))
            .collect();
        self.memories
            .retain(|name, memory| known.contains_key(name.as_str()) || !memory.is_over());
        for partner in &facts.partners {
            let memory = self.memory(&partner.name);
            memory.ordered &= partner.callable;
            if memory.running == 0 {
                memory.look(partner.waiting.map(|waiting| waiting.newest));
            }
        }
    }

    fn memory(&mut self, name: &str) -> &mut Memory {
        // Most calls find it: no copy of the name for them.
        if !self.memories.contains_key(name) {
            self.memories.insert(name.to_owned(), Memory::default());
        }
        self.memories.entry(name.to_owned()).or_default()
    }

    /// Whether one more session with a partner should be begun, and why.
    fn wants(&mut self, partner: &PartnerFacts, now: Duration) -> Option<Why> {
        let memory = self.memories.get_mut(&partner.name)?;
        if !partner.callable || memory.running >= memory.room(partner.sessions, now) {
            return None;
        }
        if memory.ordered {
            return Some(Why::Order);
        }
        if !partner.open || memory.in_trouble(now) {
            return None;
        }
        let at_work = memory.running + partner.incoming;
        let items = partner.waiting.map_or(0, |waiting| waiting.items);
        if items > at_work && !memory.is_idle(now) {
            return Some(Why::Waiting);
        }
        let is_due = |poll: Duration| {
            let last = memory.last;
            last.is_none_or(|last| now.saturating_sub(last) >= poll)
        };
        (at_work == 0 && partner.poll.is_some_and(is_due)).then_some(Why::Poll)
    }

    /// Who comes first: what was ordered; then those with whom no session runs, by priority, and
    /// whoever was passed over rises until it is first.
    fn rank(&self, partner: &PartnerFacts, why: Why) -> impl Ord + use<> {
        let none = Memory::default();
        let memory = self.memories.get(&partner.name).unwrap_or(&none);
        let priority = match (why, partner.waiting) {
            (Why::Waiting, Some(waiting)) => waiting.priority,
            _ => POLL,
        };
        let risen = u32::from(priority).saturating_sub(memory.passed);
        (
            why != Why::Order,
            memory.running,
            risen,
            Reverse(memory.passed),
            memory.last,
        )
    }
}
