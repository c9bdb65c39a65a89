//! What is wrong with an Exchange Buffer, and what is wrong with a value that is to be sent.

use std::fmt;

use super::code::CommandCode;
use super::level::Level;
use super::quirks::Quirks;
use super::reason::EsidReason;

/// A buffer that cannot be understood, and the reason that the peer must get in an ESID.
///
/// Shown as one line, for example
/// `SFID field SFIDFMT at octet 106: "X" is not one of F, V, U, T (ESID 06)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireError {
    /// 01 command not recognised, 06 invalid data or 07 size error (RFC 5024 section 5.3.11).
    pub reason: EsidReason,
    /// The command, where its code is one.
    pub command: Option<CommandCode>,
    /// The field as the RFC names it, where the fault lies in one.
    pub field: Option<&'static str>,
    /// Offset from the start of the Exchange Buffer, for framing faults of the header.
    pub offset: usize,
    /// What is wrong.
    pub problem: Problem,
    /// The tolerance that would have let it pass; empty when there is none.
    pub quirk: Quirks,
}

/// What is wrong with a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The first octet is no command code.
    UnknownCode {
        /// The first octet.
        octet: u8,
    },
    /// The command exists, but not at the level of the session (ST-46).
    NotAtLevel {
        /// The level of the session.
        level: Level,
    },
    /// An Exchange Buffer without any octet.
    Empty,
    /// Fewer octets than the command or the length field before them implies.
    TooShort {
        /// The octets that there must be at least.
        needed: usize,
        /// The octets that there are.
        octets: usize,
    },
    /// More octets than the command can have.
    TooLong {
        /// The octets that there may be at most.
        limit: usize,
        /// The octets that there are.
        octets: usize,
    },
    /// Something else than digits in a numeric field or in a stamp.
    NotDigits {
        /// What is there.
        value: Shown,
    },
    /// A value outside the list of the field.
    NotAllowed {
        /// What is there.
        value: Shown,
        /// What may be there.
        allowed: &'static str,
    },
    /// A subrecord that ends after its buffer (CF-33).
    SubrecordPastEnd {
        /// The octets that the subrecord needs.
        needed: usize,
        /// The octets that are left.
        octets: usize,
    },
    /// A compressed subrecord although compression was not agreed (CF-33).
    CompressionNotAgreed,
    /// A Stream Transmission Header of another version.
    StreamVersion {
        /// The four octets of the header.
        header: [u8; 4],
    },
    /// A Stream Transmission Header whose length is outside 5 to 100,003.
    StreamLength {
        /// The four octets of the header.
        header: [u8; 4],
    },
    /// Another protocol than ODETTE-FTP, known by its first octets.
    OtherProtocol {
        /// What it looks like.
        name: &'static str,
    },
}

/// The first octets of a faulty field, kept to be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    octets: [u8; 17],
    used: u8,
}

impl Shown {
    /// Keeps the first 17 octets, as many as the longest numeric field has.
    pub fn new(value: &[u8]) -> Self {
        let mut shown = Self {
            octets: [0; 17],
            used: 0,
        };
        for (to, from) in shown.octets.iter_mut().zip(value) {
            *to = *from;
            shown.used += 1;
        }
        shown
    }

    /// The octets that were kept.
    pub fn octets(&self) -> &[u8] {
        self.octets
            .get(..usize::from(self.used))
            .unwrap_or_default()
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        super::character_set::write_escaped(f, self.octets())?;
        f.write_str("\"")
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl WireError {
    /// A fault that is answered with `reason`; further parts are set by the methods below.
    pub const fn new(reason: EsidReason, problem: Problem) -> Self {
        let quirk = Quirks::STRICT;
        Self {
            reason,
            command: None,
            field: None,
            offset: 0,
            problem,
            quirk,
        }
    }

    /// The command in which the fault is.
    #[must_use]
    pub const fn in_command(mut self, command: CommandCode) -> Self {
        self.command = Some(command);
        self
    }

    /// The field in which the fault is, and its offset from the start of the Exchange Buffer.
    #[must_use]
    pub const fn in_field(mut self, field: &'static str, offset: usize) -> Self {
        self.field = Some(field);
        self.offset = offset;
        self
    }

    /// The offset of the fault from the start of the Exchange Buffer.
    #[must_use]
    pub const fn at(mut self, offset: usize) -> Self {
        self.offset = offset;
        self
    }

    /// The tolerance that would have let it pass.
    #[must_use]
    pub const fn tolerated_by(mut self, quirk: Quirks) -> Self {
        self.quirk = quirk;
        self
    }
}

impl std::error::Error for WireError {}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.command.map_or("Exchange Buffer", CommandCode::name))?;
        if let Some(field) = self.field {
            write!(f, " field {field} at octet {}", self.offset)?;
        } else if self.offset > 0 {
            write!(f, " at octet {}", self.offset)?;
        }
        write!(f, ": {} (ESID {:02}", self.problem, self.reason.code())?;
        if !self.quirk.is_empty() {
            write!(f, "; quirk {} would tolerate it", self.quirk)?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCode { octet } => {
                write!(f, "first octet {octet:02X} hex is no command code")
            }
            Self::NotAtLevel { level } => write!(f, "level {level} has no such command"),
            Self::Empty => f.write_str("no octets"),
            Self::TooShort { needed, octets } => {
                write!(f, "{octets} octets, needed are {needed}")
            }
            Self::TooLong { limit, octets } => write!(f, "{octets} octets, allowed are {limit}"),
            Self::NotDigits { value } => write!(f, "{value} is not made of digits"),
            Self::NotAllowed { value, allowed } => write!(f, "{value} is not one of {allowed}"),
            Self::SubrecordPastEnd { needed, octets } => {
                write!(
                    f,
                    "subrecord needs {needed} octets, {octets} are left in the buffer"
                )
            }
            Self::CompressionNotAgreed => {
                f.write_str("compressed subrecord, but compression was not agreed")
            }
            Self::StreamVersion { header } => {
                write!(
                    f,
                    "Stream Transmission Header {}: version is not 1",
                    Hex(header)
                )
            }
            Self::StreamLength { header } => {
                write!(f, "Stream Transmission Header {}: ", Hex(header))?;
                f.write_str("length is not 5 to 100003")
            }
            Self::OtherProtocol { name } => {
                write!(
                    f,
                    "not ODETTE-FTP, looks like {name}; check port and transport"
                )
            }
        }
    }
}

struct Hex<'a>(&'a [u8; 4]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

/// A value that cannot be sent: a mistake of the caller, never of the peer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// More octets than the field holds.
    #[error("{octets} octets do not fit into a field of {limit}; shorten the value")]
    TooLong {
        /// Octets of the value.
        octets: usize,
        /// Octets that fit.
        limit: usize,
    },
    /// A character outside Appendix B of RFC 5024, or a space inside a name.
    #[error(
        "character {character:?} at position {position} is not allowed; \
         use A-Z, 0-9, / - . & ( ) and spaces only where they may be"
    )]
    Character {
        /// The character.
        character: char,
        /// Its offset in octets.
        position: usize,
    },
    /// A stamp that is not made of 8 and 10 digits.
    #[error("a stamp needs 8 digits CCYYMMDD and 10 digits HHMMSScccc")]
    Stamp,
    /// A number with more digits than the field has at this level (CF-25).
    #[error("{field}: {value} needs more than the {digits} digits of level {level}")]
    TooLarge {
        /// The field.
        field: &'static str,
        /// The number.
        value: u64,
        /// The digits that the field has.
        digits: usize,
        /// The level of the session.
        level: Level,
    },
    /// Contents that the field cannot hold.
    #[error("{field}: {problem}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong, and what to do.
        problem: &'static str,
    },
    /// A command or a property of a file that does not exist at the level of the session.
    #[error("{what} cannot be sent at level {level}")]
    NotAtLevel {
        /// The command or field.
        what: &'static str,
        /// The level of the session.
        level: Level,
    },
    /// A command longer than a Stream Transmission Buffer carries (CF-09).
    #[error("{command} of {octets} octets exceeds {limit}; send it without signature")]
    CommandTooLong {
        /// The command.
        command: CommandCode,
        /// Its octets.
        octets: usize,
        /// The octets that it may have.
        limit: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_where_and_which_answer() {
        let problem = Problem::NotAllowed {
            value: Shown::new(b"X"),
            allowed: "F, V, U, T",
        };
        let error = WireError::new(EsidReason::INVALID_DATA, problem)
            .in_command(CommandCode::Sfid)
            .in_field("SFIDFMT", 106);
        assert_eq!(
            error.to_string(),
            "SFID field SFIDFMT at octet 106: \"X\" is not one of F, V, U, T (ESID 06)"
        );
        let error =
            WireError::new(EsidReason::SIZE_ERROR, Problem::Empty).tolerated_by(Quirks::SHORT_CDT);
        assert_eq!(
            error.to_string(),
            "Exchange Buffer: no octets (ESID 07; quirk short_cdt would tolerate it)"
        );
    }

    #[test]
    fn what_is_shown_is_bounded_and_escaped() {
        assert_eq!(Shown::new(b"\x1b[2J").to_string(), "\"\\x1B[2J\"");
        assert_eq!(Shown::new(&[b'9'; 40]).octets().len(), 17);
    }
}
