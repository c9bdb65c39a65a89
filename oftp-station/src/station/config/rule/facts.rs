//! What a name is made of.

use oftp_core::wire::{IdentificationCode, Sfid};

use super::{Captures, NamePattern};
use crate::outbox::Stamp;

/// What a [`NameTemplate`](super::NameTemplate) is filled with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// `{name}`, and with it `{stem}` and `{ext}`: the local name of a file of ours, the dataset
    /// name of a partner's.
    pub name: String,
    /// `{dsn}`: SFIDDSN; empty while it is being made.
    pub dsn: String,
    /// `{date}`: SFIDDATE, 8 digits (levels 1.2 and 1.3: 6).
    pub date: String,
    /// `{time}`: hours, minutes and seconds of SFIDTIME, 6 digits.
    pub time: String,
    /// `{counter}`: the count in SFIDTIME, 4 digits; empty at levels 1.2 and 1.3.
    pub counter: String,
    /// `{orig}`: SFIDORIG.
    pub orig: String,
    /// `{dest}`: SFIDDEST.
    pub dest: String,
    /// `{description}`: SFIDDESC of a partner's file, of ours what its sender gave.
    pub description: String,
    /// `{1}` .. `{9}`.
    pub captures: Captures,
}

impl Facts {
    /// What is known of a file of ours before it has a dataset name: its local name without
    /// folders, its stamp, originator and destination.
    #[must_use]
    pub fn of_file(
        name: &str,
        stamp: Stamp,
        orig: &IdentificationCode,
        dest: &IdentificationCode,
    ) -> Self {
        let (time, counter) = halves(stamp.time().as_bytes());
        Self {
            name: name.to_owned(),
            date: stamp.date(),
            time,
            counter,
            orig: text(orig.trimmed()),
            dest: text(dest.trimmed()),
            ..Self::default()
        }
    }

    /// What a Start File says. Any octet may be in it.
    #[must_use]
    pub fn of_sfid(sfid: &Sfid) -> Self {
        let (time, counter) = halves(sfid.stamp.time());
        let dsn = text(sfid.dsn.trimmed());
        Self {
            name: dsn.clone(),
            dsn,
            date: text(sfid.stamp.date()),
            time,
            counter,
            orig: text(sfid.orig.trimmed()),
            dest: text(sfid.dest.trimmed()),
            description: text(sfid.desc.as_octets()),
            captures: Captures::default(),
        }
    }

    /// The same, with what the `*` of a pattern stand for in its name.
    #[must_use]
    pub fn matched_by(mut self, pattern: &NamePattern) -> Self {
        self.captures = pattern.matches(&self.name).unwrap_or_default();
        self
    }

    /// `{stem}` and `{ext}`: the name before its last dot, and after it. A dot in front is no such
    /// dot.
    pub(super) fn stem_and_extension(&self) -> (&str, &str) {
        match self.name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, extension),
            _ => (&self.name, ""),
        }
    }
}

/// SFIDTIME as time and count.
fn halves(time: &[u8]) -> (String, String) {
    let (time, counter) = time.split_at(time.len().min(6));
    (text(time), text(counter))
}

/// UTF-8 as it is; what is not UTF-8 as ISO 8859-1, which old stations write (field notes 67).
pub(super) fn text(octets: &[u8]) -> String {
    std::str::from_utf8(octets).map_or_else(
        |_| octets.iter().copied().map(char::from).collect(),
        str::to_owned,
    )
}
