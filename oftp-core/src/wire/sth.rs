//! Stream Transmission Header and the lengths that a peer may announce (RFC 5024 section 8.2).

use super::code::CommandCode;
use super::cursor::MAX_TRAILING_OCTETS;
use super::error::{Problem, WireError};
use super::level::Level;
use super::quirks::Quirks;
use super::reason::EsidReason;

/// Octets of a Stream Transmission Header.
pub const OCTETS: usize = 4;

/// Octets of the shortest Stream Transmission Buffer, header included.
pub const MIN_STREAM_OCTETS: usize = 5;

/// Octets of the longest Stream Transmission Buffer, header included.
pub const MAX_STREAM_OCTETS: usize = 100_003;

/// Octets of the longest Exchange Buffer that is collected before SSID: the longest ESID.
const MAX_OCTETS_BEFORE_SSID: usize = 1006;

/// The header of an Exchange Buffer of 1 to 99,999 octets: version 1, no flags, length with header.
///
/// No command is longer (see [`FieldError::CommandTooLong`](super::FieldError)); a longer buffer
/// gets the header of the longest.
pub fn header(exchange_buffer_octets: usize) -> [u8; OCTETS] {
    let octets = exchange_buffer_octets
        .saturating_add(OCTETS)
        .min(MAX_STREAM_OCTETS);
    // 100,003 takes 17 of the 24 bits.
    let [_, high, middle, low] = u32::try_from(octets).unwrap_or(0).to_be_bytes();
    [0x10, high, middle, low]
}

/// Octets of the Exchange Buffer that a header announces, 1 to 99,999. Flags are ignored (DX-11).
///
/// # Errors
/// Reason 07 for another version than 1 or a length outside 5 to 100,003. Where the next buffer
/// starts is lost then.
pub fn exchange_buffer_octets(header: [u8; OCTETS]) -> Result<usize, WireError> {
    let fault = |problem| {
        let problem =
            other_protocol(header).map_or(problem, |name| Problem::OtherProtocol { name });
        Err(WireError::new(EsidReason::SIZE_ERROR, problem))
    };
    let [version_and_flags, high, middle, low] = header;
    if version_and_flags >> 4 != 1 {
        return fault(Problem::StreamVersion { header });
    }
    // Three octets always fit.
    let octets = usize::try_from(u32::from_be_bytes([0, high, middle, low])).unwrap_or(usize::MAX);
    match octets {
        MIN_STREAM_OCTETS..=MAX_STREAM_OCTETS => Ok(octets - OCTETS),
        _ => fault(Problem::StreamLength { header }),
    }
}

/// What the first octets of a stream look like when they are no header.
const fn other_protocol(header: [u8; OCTETS]) -> Option<&'static str> {
    match &header {
        [0x15 | 0x16, 0x03, ..] => Some("TLS on the port without TLS"),
        b"GET " | b"POST" | b"HEAD" | b"PUT " | b"OPTI" | b"HTTP" => Some("HTTP"),
        b"SSH-" => Some("SSH"),
        b"220 " | b"220-" => Some("a mail or FTP server"),
        _ => None,
    }
}

/// The lengths that a peer may announce in this phase of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    level: Option<Level>,
    data_octets: usize,
    quirks: Quirks,
}

impl Limits {
    /// Before SSID is agreed: no command is longer than 1,006 octets, every command of level 2.0
    /// counts as one (ST-15).
    pub const fn before_ssid() -> Self {
        Self {
            level: None,
            data_octets: MAX_OCTETS_BEFORE_SSID,
            quirks: Quirks::STRICT,
        }
    }

    /// After SSID: the commands of `level`, DATA of at most `data_octets` octets as negotiated
    /// (SSIDSDEB, with the command code), and what `quirks` let pass.
    pub const fn agreed(level: Level, data_octets: usize, quirks: Quirks) -> Self {
        Self {
            level: Some(level),
            data_octets,
            quirks,
        }
    }

    /// Checks what the first octet and the announced length of an Exchange Buffer already tell.
    ///
    /// # Errors
    /// Reason 01 for an octet that is no command code of the level; 07 for a buffer longer than the
    /// longest of its command.
    pub fn check(&self, first: u8, octets: usize) -> Result<CommandCode, WireError> {
        let command = CommandCode::of(&[first], self.level)?;
        let limit = self.limit(command);
        let tolerates = self.quirks.contains(Quirks::TRAILING_OCTETS);
        let can_trail = command != CommandCode::Data && self.level.is_some();
        let tolerated = if can_trail {
            limit + MAX_TRAILING_OCTETS
        } else {
            limit
        };
        if octets <= limit || (tolerates && octets <= tolerated) {
            return Ok(command);
        }
        let problem = Problem::TooLong { limit, octets };
        let fault = WireError::new(EsidReason::SIZE_ERROR, problem).in_command(command);
        let curable = octets <= tolerated;
        Err(if curable {
            fault.tolerated_by(Quirks::TRAILING_OCTETS)
        } else {
            fault
        })
    }

    fn limit(&self, command: CommandCode) -> usize {
        match (self.level, command) {
            (Some(_), CommandCode::Data) => self.data_octets,
            (Some(level), _) => command.max_octets(level),
            (None, _) => MAX_OCTETS_BEFORE_SSID,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_can_be_written_and_read() {
        assert_eq!(header(19), [0x10, 0, 0, 0x17]);
        for octets in [1, 128, 65_531, 65_532, 99_999] {
            assert_eq!(exchange_buffer_octets(header(octets)), Ok(octets));
        }
        assert_eq!(exchange_buffer_octets([0x1F, 0, 0, 5]), Ok(1));
    }

    #[test]
    fn a_header_that_cannot_be_one_is_refused_with_its_likely_origin() {
        let text = |header| exchange_buffer_octets(header).map_err(|error| error.to_string());
        assert!(
            text([0x10, 0, 0, 4]).is_err_and(|text| text.contains("length is not 5 to 100003"))
        );
        assert!(text([0x10, 1, 0x86, 0xA4]).is_err_and(|text| text.contains("length")));
        assert!(text([0x20, 0, 0, 5]).is_err_and(|text| text.contains("20000005: version")));
        assert!(text([0x16, 3, 1, 2]).is_err_and(|text| text.contains("TLS")));
        assert!(text(*b"GET ").is_err_and(|text| text.contains("HTTP")));
        assert!(text(*b"SSH-").is_err_and(|text| text.contains("looks like SSH;")));
    }

    #[test]
    fn a_length_is_bounded_by_command_and_phase() {
        let reason = |limits: Limits, first, octets| {
            limits
                .check(first, octets)
                .map_err(|error| error.reason.code())
        };
        let strict = Limits::agreed(Level::V2_0, 128, Quirks::STRICT);
        assert_eq!(reason(strict, b'D', 128), Ok(CommandCode::Data));
        assert_eq!(reason(strict, b'D', 129), Err(7));
        assert_eq!(reason(strict, b'H', 1165), Err(7));
        assert_eq!(reason(strict, b'Z', 99_999), Err(1));
        let tolerant = Limits::agreed(Level::V2_0, 128, Quirks::TOLERANT);
        assert_eq!(reason(tolerant, b'D', 129), Err(7));
        assert_eq!(reason(tolerant, b'H', 1164 + 256), Ok(CommandCode::Sfid));
        assert_eq!(reason(tolerant, b'H', 1165 + 256), Err(7));
        assert_eq!(
            reason(Limits::before_ssid(), b'F', 1006),
            Ok(CommandCode::Esid)
        );
        assert_eq!(reason(Limits::before_ssid(), b'E', 1007), Err(7));
        let old = Limits::agreed(Level::V1_3, 128, Quirks::STRICT);
        assert_eq!(reason(old, b'F', 1006), Ok(CommandCode::Esid));
        assert_eq!(reason(old, b'N', 2000), Err(1));
    }
}
