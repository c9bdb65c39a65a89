//! The identity of a Virtual File: dataset name, date, time, originator and destination
//! (RFC 5024 section 1.5.2).
//!
//! Two files are the same when all five fields are equal as blank padded octets. The fields come
//! from a peer and may hold any octet at levels 1.2 and 1.3, so they are octets here, not text.

use serde::{Deserialize, Serialize};

use crate::names;

/// One field of an identity: octets without the blanks that pad them on the wire.
///
/// Dropping the padding makes fields comparable whatever width they came in.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Field(Vec<u8>);

impl Field {
    /// Takes the octets of a field, padded or not.
    pub fn new(octets: impl AsRef<[u8]>) -> Self {
        let octets = octets.as_ref();
        let end = octets
            .iter()
            .rposition(|&o| o != b' ')
            .map_or(0, |last| last + 1);
        Self(octets[..end].to_vec())
    }

    /// The octets, without padding.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Display for Field {
    /// Printable ASCII as it is, every other octet as `\xNN`: safe for terminals and logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl Serialize for Field {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&names::escape(&self.0))
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        names::unescape(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an escaped field")))
    }
}

/// What makes a Virtual File unique: the five fields that SFID, EERP and NERP have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// SFIDDATE: `CCYYMMDD` from level 1.4 on, `YYMMDD` below.
    pub date: Field,
    /// SFIDTIME: `HHMMSScccc` from level 1.4 on, `HHMMSS` below.
    pub time: Field,
    /// SFIDDSN, at most 26 octets.
    pub dsn: Field,
    /// SFIDORIG, at most 25 octets.
    pub originator: Field,
    /// SFIDDEST, at most 25 octets.
    pub destination: Field,
}

impl Identity {
    /// The fields in the order in which they build a file name: stamps first, so that a folder
    /// sorted by name is sorted by time.
    #[must_use]
    pub fn fields(&self) -> [&Field; 5] {
        [
            &self.date,
            &self.time,
            &self.dsn,
            &self.originator,
            &self.destination,
        ]
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} of {} {} from {} to {}",
            self.dsn, self.date, self.time, self.originator, self.destination
        )
    }
}
