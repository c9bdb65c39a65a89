//! Moments of a run: the N-th call of a kind, and what happens to it.

use std::collections::BTreeMap;

use crate::chance::Chance;
use crate::pair::Side;

/// What is done to which calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Strike {
    /// `kill`, `short`, or the name of an error.
    pub(crate) what: String,
    pub(crate) kind: String,
    /// The first call that it is done to, from 1.
    pub(crate) number: u64,
    /// To so many calls in a row.
    pub(crate) times: u64,
}

impl Strike {
    pub(crate) fn arguments(&self) -> Vec<String> {
        let last = self.number + self.times - 1;
        vec![
            self.what.clone(),
            self.kind.clone(),
            self.number.to_string(),
            last.to_string(),
        ]
    }
}

/// Which station is struck, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) side: Side,
    pub(crate) strike: Strike,
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Strike {
            what,
            kind,
            number,
            times,
        } = &self.strike;
        write!(f, "{} {what} {kind} {number} {times}", self.side.name())
    }
}

impl std::str::FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (&[side, what, kind, number], rest) = words.split_first_chunk().ok_or(text)?;
        let parse = |word: &str| word.parse().map_err(|_| format!("{word} in {text}"));
        Ok(Self {
            side: match side {
                "alpha" => Side::Alpha,
                "beta" => Side::Beta,
                _ => return Err(format!("{side} in {text}")),
            },
            strike: Strike {
                what: what.to_owned(),
                kind: kind.to_owned(),
                number: parse(number)?,
                times: rest.first().map_or(Ok(1), |word| parse(word))?,
            },
        })
    }
}

/// What may be done: this, to calls of these kinds, so many times in a row.
pub(crate) type Choice = (&'static str, &'static [&'static str], u64);

/// All points of a side for these choices.
pub(crate) fn all(side: Side, choices: &[Choice], calls: &BTreeMap<String, u64>) -> Vec<Point> {
    let mut points = Vec::new();
    for (what, kinds, times) in choices {
        for kind in *kinds {
            for number in 1..=calls[*kind] {
                let strike = Strike {
                    what: (*what).to_owned(),
                    kind: (*kind).to_owned(),
                    number,
                    times: *times,
                };
                points.push(Point { side, strike });
            }
        }
    }
    points
}

/// So many of these points, in random order, spread over what is done and the kinds of calls.
pub(crate) fn sample(points: &[Point], many: usize, chance: &mut Chance) -> Vec<Point> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Point>> = BTreeMap::new();
    for point in points {
        let group = (point.strike.what.as_str(), point.strike.kind.as_str());
        groups.entry(group).or_default().push(point);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    shuffle(&mut groups, chance);
    let mut sample = Vec::new();
    while sample.len() < many && !groups.is_empty() {
        for group in &mut groups {
            if sample.len() < many {
                let index = index(group.len(), chance);
                sample.push(group.swap_remove(index).clone());
            }
        }
        groups.retain(|group| !group.is_empty());
    }
    sample
}

pub(crate) fn shuffle<T>(items: &mut [T], chance: &mut Chance) {
    for last in (1..items.len()).rev() {
        items.swap(last, index(last + 1, chance));
    }
}

fn index(below: usize, chance: &mut Chance) -> usize {
    usize::try_from(chance.below(below as u64)).expect("below a length")
}
