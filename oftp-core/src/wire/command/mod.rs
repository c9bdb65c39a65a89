//! The 18 commands (RFC 5024 section 5.3), one file each.

pub mod auch;
pub mod aurp;
pub mod cd;
pub mod cdt;
pub mod data;
pub mod eerp;
pub mod efid;
pub mod efna;
pub mod efpa;
pub mod esid;
pub mod nerp;
pub mod rtr;
pub mod secd;
pub mod sfid;
pub mod sfna;
pub mod sfpa;
pub mod ssid;
pub mod ssrm;

use self::{
    auch::Auch, aurp::Aurp, cd::Cd, cdt::Cdt, eerp::Eerp, efid::Efid, efna::Efna, efpa::Efpa,
    esid::Esid, nerp::Nerp, rtr::Rtr, secd::Secd, sfid::Sfid, sfna::Sfna, sfpa::Sfpa, ssid::Ssid,
    ssrm::Ssrm,
};
use super::code::CommandCode;
use super::cursor::{Cut, Fields};
use super::error::{FieldError, Problem, WireError};
use super::level::Level;
use super::quirks::Quirks;
use super::reason::EsidReason;

/// One command: the contents of one Exchange Buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Start Session Ready Message.
    Ssrm(Ssrm),
    /// Start Session.
    Ssid(Ssid),
    /// Start File.
    Sfid(Sfid),
    /// Start File Positive Answer.
    Sfpa(Sfpa),
    /// Start File Negative Answer.
    Sfna(Sfna),
    /// Data Exchange Buffer: the subrecords after the command code.
    Data(&'a [u8]),
    /// Set Credit.
    Cdt(Cdt),
    /// End File.
    Efid(Efid),
    /// End File Positive Answer.
    Efpa(Efpa),
    /// End File Negative Answer.
    Efna(Efna),
    /// End Session.
    Esid(Esid),
    /// Change Direction.
    Cd(Cd),
    /// End to End Response.
    Eerp(Eerp),
    /// Negative End Response.
    Nerp(Nerp),
    /// Ready To Receive.
    Rtr(Rtr),
    /// Security Change Direction.
    Secd(Secd),
    /// Authentication Challenge.
    Auch(Auch),
    /// Authentication Response.
    Aurp(Aurp),
}

/// A command that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The command.
    pub command: Command<'a>,
    /// The tolerances without which it would have been a [`WireError`].
    pub used: Quirks,
}

/// Reads one Exchange Buffer.
///
/// `level` is that of the session; before it is agreed, the own level serves: SSRM, SSID and ESID
/// are read the same way at every level. Faults are looked for in the order of their reasons:
/// 01 (no command of this level), 07 (length), 06 (fields).
///
/// # Errors
/// What is wrong, and the reason that the peer must get.
pub fn decode(octets: &[u8], level: Level, quirks: Quirks) -> Result<Decoded<'_>, WireError> {
    let (command, used) = match CommandCode::of(octets, Some(level))? {
        CommandCode::Ssrm => of(Command::Ssrm, Ssrm::decode(octets, level, quirks)?),
        CommandCode::Ssid => of(Command::Ssid, Ssid::decode(octets, quirks)?),
        CommandCode::Sfid => of(Command::Sfid, Sfid::decode(octets, level, quirks)?),
        CommandCode::Sfpa => of(Command::Sfpa, Sfpa::decode(octets, level, quirks)?),
        CommandCode::Sfna => of(Command::Sfna, Sfna::decode(octets, level, quirks)?),
        CommandCode::Data => of(Command::Data, (data::decode(octets)?, Quirks::STRICT)),
        CommandCode::Cdt => of(Command::Cdt, Cdt::decode(octets, level, quirks)?),
        CommandCode::Efid => of(Command::Efid, Efid::decode(octets, level, quirks)?),
        CommandCode::Efpa => of(Command::Efpa, Efpa::decode(octets, level, quirks)?),
        CommandCode::Efna => of(Command::Efna, Efna::decode(octets, level, quirks)?),
        CommandCode::Esid => of(Command::Esid, Esid::decode(octets, quirks)?),
        CommandCode::Cd => of(Command::Cd, Cd::decode(octets, level, quirks)?),
        CommandCode::Eerp => of(Command::Eerp, Eerp::decode(octets, level, quirks)?),
        CommandCode::Nerp => of(Command::Nerp, Nerp::decode(octets, level, quirks)?),
        CommandCode::Rtr => of(Command::Rtr, Rtr::decode(octets, level, quirks)?),
        CommandCode::Secd => of(Command::Secd, Secd::decode(octets, level, quirks)?),
        CommandCode::Auch => of(Command::Auch, Auch::decode(octets, level, quirks)?),
        CommandCode::Aurp => of(Command::Aurp, Aurp::decode(octets, level, quirks)?),
    };
    Ok(Decoded { command, used })
}

fn of<'a, T>(variant: fn(T) -> Command<'a>, (command, used): (T, Quirks)) -> (Command<'a>, Quirks) {
    (variant(command), used)
}

impl Command<'_> {
    /// The code of the command.
    pub const fn code(&self) -> CommandCode {
        match self {
            Self::Ssrm(_) => CommandCode::Ssrm,
            Self::Ssid(_) => CommandCode::Ssid,
            Self::Sfid(_) => CommandCode::Sfid,
            Self::Sfpa(_) => CommandCode::Sfpa,
            Self::Sfna(_) => CommandCode::Sfna,
            Self::Data(_) => CommandCode::Data,
            Self::Cdt(_) => CommandCode::Cdt,
            Self::Efid(_) => CommandCode::Efid,
            Self::Efpa(_) => CommandCode::Efpa,
            Self::Efna(_) => CommandCode::Efna,
            Self::Esid(_) => CommandCode::Esid,
            Self::Cd(_) => CommandCode::Cd,
            Self::Eerp(_) => CommandCode::Eerp,
            Self::Nerp(_) => CommandCode::Nerp,
            Self::Rtr(_) => CommandCode::Rtr,
            Self::Secd(_) => CommandCode::Secd,
            Self::Auch(_) => CommandCode::Auch,
            Self::Aurp(_) => CommandCode::Aurp,
        }
    }

    /// The name of the command in the RFC.
    pub fn name(&self) -> &'static str {
        self.code().name()
    }

    /// Appends the command to `out` as one Exchange Buffer; on error `out` stays as it was.
    ///
    /// # Errors
    /// A mistake of the caller: the command or one of its values does not exist at `level`.
    pub fn encode(&self, level: Level, out: &mut Vec<u8>) -> Result<(), FieldError> {
        match self {
            Self::Ssrm(command) => command.encode(level, out),
            Self::Ssid(command) => command.encode(level, out),
            Self::Sfid(command) => command.encode(level, out),
            Self::Sfpa(command) => command.encode(level, out),
            Self::Sfna(command) => command.encode(level, out),
            Self::Data(payload) => data::encode(payload, out),
            Self::Cdt(command) => command.encode(level, out),
            Self::Efid(command) => command.encode(level, out),
            Self::Efpa(command) => command.encode(level, out),
            Self::Efna(command) => command.encode(level, out),
            Self::Esid(command) => command.encode(level, out),
            Self::Cd(command) => command.encode(level, out),
            Self::Eerp(command) => command.encode(level, out),
            Self::Nerp(command) => command.encode(level, out),
            Self::Rtr(command) => command.encode(level, out),
            Self::Secd(command) => command.encode(level, out),
            Self::Auch(command) => command.encode(level, out),
            Self::Aurp(command) => command.encode(level, out),
        }
    }
}

/// Splits a buffer that must be `command` by its layout at `level`.
fn split<'a>(
    command: CommandCode,
    octets: &'a [u8],
    level: Level,
    quirks: Quirks,
    cuts: &[Cut],
) -> Result<Fields<'a>, WireError> {
    let fault = |problem| WireError::new(EsidReason::COMMAND_NOT_RECOGNISED, problem);
    let code = CommandCode::of(octets, None)?;
    if code != command {
        return Err(fault(Problem::UnknownCode {
            octet: code.octet(),
        })
        .in_command(command));
    }
    let Some(layout) = command.layout(level) else {
        return Err(fault(Problem::NotAtLevel { level }).in_command(command));
    };
    Fields::split(command, octets, layout, quirks, cuts)
}

#[cfg(test)]
mod round_trips;
#[cfg(test)]
mod tests;
