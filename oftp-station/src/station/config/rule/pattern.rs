//! Which names a rule is for.

use std::ops::Range;

use super::NamePattern;

/// What the `*` of a pattern stood for, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captures(Vec<String>);

impl Captures {
    /// What the `*` of this number stood for, counted from 1; `None`: there are not so many.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&str> {
        self.0.get(number.checked_sub(1)?).map(String::as_str)
    }
}

impl NamePattern {
    /// The pattern that every name fits.
    #[must_use]
    pub fn any() -> Self {
        Self("*".to_owned())
    }

    /// Whether a name fits, and what each `*` stood for. A `*` takes as little as it can, so that
    /// in `*_*.edi` the first one ends before the first `_`.
    #[must_use]
    pub fn matches(&self, name: &str) -> Option<Captures> {
        let pattern: Vec<char> = self.0.chars().collect();
        let name: Vec<char> = name.chars().collect();
        let mut stars: Vec<Range<usize>> = Vec::new();
        let mut after_star = None;
        let (mut at, mut read) = (0, 0);
        loop {
            match (pattern.get(at), name.get(read)) {
                (Some('*'), _) => {
                    stars.push(read..read);
                    at += 1;
                    after_star = Some(at);
                    continue;
                }
                (Some(&expected), Some(&found)) if fits(expected, found) => {
                    at += 1;
                    read += 1;
                    continue;
                }
                (None, None) => break,
                _ => {}
            }
            // Only the last `*` needs another try: what fitted before it fits at the earliest
            // place, which leaves the most for the rest.
            at = after_star?;
            let star = stars.last_mut().filter(|star| star.end < name.len())?;
            star.end += 1;
            read = star.end;
        }
        let text =
            |star: &Range<usize>| name.get(star.clone()).unwrap_or_default().iter().collect();
        Some(Captures(stars.iter().map(text).collect()))
    }

    /// How many `*` there are.
    pub(super) fn stars(&self) -> usize {
        self.0.matches('*').count()
    }
}

/// Whether a character of a pattern stands for this one of a name.
fn fits(expected: char, found: char) -> bool {
    expected == '?' || expected == found || expected.to_lowercase().eq(found.to_lowercase())
}
