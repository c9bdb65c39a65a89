//! How a name is made.

use super::{Facts, NameTemplate};

/// What may stand in braces, besides the numbers 1 to 9.
const NAMES: [&str; 10] = [
    "name",
    "stem",
    "ext",
    "dsn",
    "date",
    "time",
    "counter",
    "orig",
    "dest",
    "description",
];

/// A part of a template.
pub(super) enum Piece<'a> {
    /// Itself.
    Text(&'a str),
    /// What is in braces.
    Brace(&'a str),
}

impl NameTemplate {
    /// Whether everything in braces is known.
    ///
    /// # Errors
    /// What is wrong, and what may stand in braces.
    pub fn check(&self) -> Result<(), String> {
        for piece in self.pieces() {
            match piece {
                Piece::Brace(word) if NAMES.contains(&word) || number(word).is_some() => {}
                Piece::Brace(word) => {
                    let known: Vec<_> = NAMES.iter().map(|name| format!("{{{name}}}")).collect();
                    return Err(format!(
                        "{{{word}}} is not known; there are {}, and {{1}} to {{9}} for what a * of \
                         the pattern stands for",
                        known.join(", ")
                    ));
                }
                Piece::Text(text) if text.contains(['{', '}']) => {
                    return Err(format!("`{text}` has a brace without its other half"));
                }
                Piece::Text(_) => {}
            }
        }
        Ok(())
    }

    /// The template with facts in the place of its braces; as they are, whatever they hold. What
    /// is not known stays as it is ([`check`](Self::check) finds it).
    #[must_use]
    pub fn fill(&self, facts: &Facts) -> String {
        self.fill_with(facts, str::to_owned, str::to_owned)
    }

    /// The same, with its own text and the facts changed on their way.
    pub(super) fn fill_with(
        &self,
        facts: &Facts,
        own: impl Fn(&str) -> String,
        fact: impl Fn(&str) -> String,
    ) -> String {
        let piece = |piece| match piece {
            Piece::Text(text) => own(text),
            Piece::Brace(word) => {
                value(word, facts).map_or_else(|| own(&format!("{{{word}}}")), &fact)
            }
        };
        self.pieces().map(piece).collect()
    }

    /// Whether this stands in braces.
    pub(super) fn uses(&self, name: &str) -> bool {
        self.pieces()
            .any(|piece| matches!(piece, Piece::Brace(word) if word == name))
    }

    /// The highest number in braces, 0 for none.
    pub(super) fn highest_number(&self) -> usize {
        let numbers = self.pieces().filter_map(|piece| match piece {
            Piece::Brace(word) => number(word),
            Piece::Text(_) => None,
        });
        numbers.max().unwrap_or(0)
    }

    /// Its parts.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mut rest = self.0.as_str();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let word = rest
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'));
            if let Some((word, after)) = word {
                rest = after;
                return Some(Piece::Brace(word));
            }
            // Behind the first octet, which may be a brace that nothing closes.
            let end = rest.char_indices().skip(1).find(|(_, c)| *c == '{');
            let (text, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
            rest = after;
            Some(Piece::Text(text))
        })
    }
}

/// A number from 1 to 9.
fn number(word: &str) -> Option<usize> {
    match word.as_bytes() {
        [digit @ b'1'..=b'9'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}

fn value<'a>(word: &str, facts: &'a Facts) -> Option<&'a str> {
    let (stem, extension) = facts.stem_and_extension();
    Some(match word {
        "name" => &facts.name,
        "stem" => stem,
        "ext" => extension,
        "dsn" => &facts.dsn,
        "date" => &facts.date,
        "time" => &facts.time,
        "counter" => &facts.counter,
        "orig" => &facts.orig,
        "dest" => &facts.dest,
        "description" => &facts.description,
        word => facts.captures.get(number(word)?).unwrap_or_default(),
    })
}
