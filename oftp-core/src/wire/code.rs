//! Command codes: the first octet of every Exchange Buffer (RFC 5024 section 5.2).

use std::fmt;

use super::command::{
    auch, aurp, cd, cdt, data, eerp, efid, efna, efpa, esid, nerp, rtr, secd, sfid, sfna, sfpa,
    ssid, ssrm,
};
use super::error::{Problem, WireError};
use super::layout::Layout;
use super::level::Level;
use super::reason::EsidReason;

/// The 18 commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandCode {
    /// Start Session Ready Message.
    Ssrm,
    /// Start Session.
    Ssid,
    /// Start File.
    Sfid,
    /// Start File Positive Answer.
    Sfpa,
    /// Start File Negative Answer.
    Sfna,
    /// Data Exchange Buffer.
    Data,
    /// Set Credit.
    Cdt,
    /// End File.
    Efid,
    /// End File Positive Answer.
    Efpa,
    /// End File Negative Answer.
    Efna,
    /// End Session.
    Esid,
    /// Change Direction.
    Cd,
    /// End to End Response.
    Eerp,
    /// Negative End Response, from level 1.4.
    Nerp,
    /// Ready To Receive.
    Rtr,
    /// Security Change Direction, level 2.0.
    Secd,
    /// Authentication Challenge, level 2.0.
    Auch,
    /// Authentication Response, level 2.0.
    Aurp,
}

struct Row {
    code: CommandCode,
    octet: u8,
    name: &'static str,
    layouts: &'static [Layout],
}

const fn row(code: CommandCode, octet: u8, name: &'static str, layouts: &'static [Layout]) -> Row {
    Row {
        code,
        octet,
        name,
        layouts,
    }
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    row(CommandCode::Ssrm, b'I', "SSRM", ssrm::LAYOUTS),
    row(CommandCode::Ssid, b'X', "SSID", ssid::LAYOUTS),
    row(CommandCode::Sfid, b'H', "SFID", sfid::LAYOUTS),
    row(CommandCode::Sfpa, b'2', "SFPA", sfpa::LAYOUTS),
    row(CommandCode::Sfna, b'3', "SFNA", sfna::LAYOUTS),
    row(CommandCode::Data, b'D', "DATA", data::LAYOUTS),
    row(CommandCode::Cdt,  b'C', "CDT",  cdt::LAYOUTS),
    row(CommandCode::Efid, b'T', "EFID", efid::LAYOUTS),
    row(CommandCode::Efpa, b'4', "EFPA", efpa::LAYOUTS),
    row(CommandCode::Efna, b'5', "EFNA", efna::LAYOUTS),
    row(CommandCode::Esid, b'F', "ESID", esid::LAYOUTS),
    row(CommandCode::Cd,   b'R', "CD",   cd::LAYOUTS),
    row(CommandCode::Eerp, b'E', "EERP", eerp::LAYOUTS),
    row(CommandCode::Nerp, b'N', "NERP", nerp::LAYOUTS),
    row(CommandCode::Rtr,  b'P', "RTR",  rtr::LAYOUTS),
    row(CommandCode::Secd, b'J', "SECD", secd::LAYOUTS),
    row(CommandCode::Auch, b'A', "AUCH", auch::LAYOUTS),
    row(CommandCode::Aurp, b'S', "AURP", aurp::LAYOUTS),
];

impl CommandCode {
    /// All commands in the order of RFC 5024 section 5.3.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.code)
    }

    /// The command of the first octet of an Exchange Buffer, at any level.
    pub fn from_octet(octet: u8) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| row.octet == octet)
            .map(|row| row.code)
    }

    /// The command of a buffer, so that the state can be checked before the layout is known.
    ///
    /// Without a `level` every command of level 2.0 counts as one (ST-15).
    ///
    /// # Errors
    /// Reason 01 for an octet that is no command code, or none at that level (ST-46); 07 for a
    /// buffer without octets.
    pub fn of(octets: &[u8], level: Option<Level>) -> Result<Self, WireError> {
        let Some(&octet) = octets.first() else {
            return Err(WireError::new(EsidReason::SIZE_ERROR, Problem::Empty));
        };
        let unknown = |problem| WireError::new(EsidReason::COMMAND_NOT_RECOGNISED, problem);
        let code =
            Self::from_octet(octet).ok_or_else(|| unknown(Problem::UnknownCode { octet }))?;
        match level.filter(|&level| !code.exists_at(level)) {
            Some(level) => Err(unknown(Problem::NotAtLevel { level }).in_command(code)),
            None => Ok(code),
        }
    }

    /// The octet that is sent.
    pub fn octet(self) -> u8 {
        self.row().map_or(0, |row| row.octet)
    }

    /// The name in the RFC.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// Whether the command exists at `level`.
    pub fn exists_at(self, level: Level) -> bool {
        self.layout(level).is_some()
    }

    /// Its layouts, lowest level first.
    pub fn layouts(self) -> &'static [Layout] {
        self.row().map_or(&[], |row| row.layouts)
    }

    /// Its layout at `level`, if the command exists there.
    pub fn layout(self, level: Level) -> Option<&'static Layout> {
        self.layouts()
            .iter()
            .find(|layout| layout.levels.contains(&level))
    }

    /// Octets of the longest buffer that may be this command at `level`; 0 if there is none.
    ///
    /// ESID has 1,006 octets everywhere, because its long form is understood at all levels (CF-04).
    pub fn max_octets(self, level: Level) -> usize {
        match self {
            Self::Esid => esid::MAX_OCTETS,
            _ => self.layout(level).map_or(0, |layout| layout.max_octets),
        }
    }

    // Found for every command: a test compares the table with the enumeration.
    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.code == self)
    }
}

/// The name in the RFC.
impl fmt::Display for CommandCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_row() {
        assert_eq!(CommandCode::all().count(), CommandCode::Aurp as usize + 1);
        for (index, code) in CommandCode::all().enumerate() {
            assert_eq!(code as usize, index);
            assert_eq!(CommandCode::from_octet(code.octet()), Some(code));
        }
    }

    #[test]
    fn a_level_has_the_commands_it_has() {
        let count = |level| {
            CommandCode::all()
                .filter(|code| code.exists_at(level))
                .count()
        };
        assert_eq!(Level::ALL.map(count), [14, 14, 15, 18]);
        let reason = |octets, level| CommandCode::of(octets, level).map_err(|e| e.reason.code());
        assert_eq!(reason(b"N", Some(Level::V1_3)), Err(1));
        assert_eq!(reason(b"J", Some(Level::V1_4)), Err(1));
        assert_eq!(reason(b"J", None), Ok(CommandCode::Secd));
        assert_eq!(reason(b"Z", None), Err(1));
        assert_eq!(reason(b"", None), Err(7));
    }
}
