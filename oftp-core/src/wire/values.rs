//! Fields with a closed list of values (RFC 5024 sections 5.3.2 and 5.3.3).

use std::fmt;

/// Record format of a Virtual File (SFIDFMT, RFC 5024 section 1.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordFormat {
    /// Records of a fixed length.
    F,
    /// Records of variable length.
    V,
    /// Unstructured octets.
    U,
    /// Text: lines that end with CR-LF.
    T,
}

impl RecordFormat {
    /// The letter that is sent.
    pub const fn letter(self) -> u8 {
        match self {
            Self::F => b'F',
            Self::V => b'V',
            Self::U => b'U',
            Self::T => b'T',
        }
    }

    /// The format of a letter.
    pub const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'F' => Some(Self::F),
            b'V' => Some(Self::V),
            b'U' => Some(Self::U),
            b'T' => Some(Self::T),
            _ => None,
        }
    }

    /// Whether the file is a sequence of records (F and V); U and T are one stream of octets.
    pub const fn has_records(self) -> bool {
        matches!(self, Self::F | Self::V)
    }
}

impl fmt::Display for RecordFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Which way files may travel (SSIDSR).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capability {
    /// S: only sends files.
    SenderOnly,
    /// R: only receives files.
    ReceiverOnly,
    /// B: both.
    Both,
}

impl Capability {
    /// The letter that is sent.
    pub const fn letter(self) -> u8 {
        match self {
            Self::SenderOnly => b'S',
            Self::ReceiverOnly => b'R',
            Self::Both => b'B',
        }
    }

    /// The capability of a letter.
    pub const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'S' => Some(Self::SenderOnly),
            b'R' => Some(Self::ReceiverOnly),
            b'B' => Some(Self::Both),
            _ => None,
        }
    }
}

/// What was done to a Virtual File before it was sent (SFIDSEC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Security {
    /// 00: nothing.
    #[default]
    None,
    /// 01: encrypted.
    Encrypted,
    /// 02: signed.
    Signed,
    /// 03: signed, then encrypted.
    EncryptedAndSigned,
}

impl Security {
    /// The number that is sent, 0 to 3.
    pub const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Encrypted => 1,
            Self::Signed => 2,
            Self::EncryptedAndSigned => 3,
        }
    }

    /// The security of a number.
    pub const fn from_code(code: u64) -> Option<Self> {
        match code {
            0 => Some(Self::None),
            1 => Some(Self::Encrypted),
            2 => Some(Self::Signed),
            3 => Some(Self::EncryptedAndSigned),
            _ => None,
        }
    }

    /// Whether the file is encrypted.
    pub const fn is_encrypted(self) -> bool {
        matches!(self, Self::Encrypted | Self::EncryptedAndSigned)
    }

    /// Whether the file is signed.
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::Signed | Self::EncryptedAndSigned)
    }
}
