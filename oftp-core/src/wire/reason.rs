//! Reason codes of ESID, SFNA, EFNA and NERP as data (RFC 5024 sections 5.3.5, 5.3.10, 5.3.11 and
//! 5.3.14).

use std::fmt;

use super::level::Level;

/// One row of a list of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The code, 0 to 99.
    pub code: u8,
    /// What it means.
    pub meaning: &'static str,
    /// The level that brought it; `None` where no document tells.
    pub since: Option<Level>,
}

const V1_2: Option<Level> = Some(Level::V1_2);
const V1_4: Option<Level> = Some(Level::V1_4);
const V2_0: Option<Level> = Some(Level::V2_0);
const UNKNOWN: Option<Level> = None;

const fn reason(code: u8, since: Option<Level>, meaning: &'static str) -> Reason {
    Reason {
        code,
        meaning,
        since,
    }
}

macro_rules! reasons {
    (
        $(#[$documentation:meta])* $name:ident;
        $($constant:ident = $code:literal, $since:expr, $meaning:literal;)*
    ) => {
        $(#[$documentation])*
        ///
        /// Any two digits may be received; a code that is not listed counts as 99 (CF-22).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u8);

        impl $name {
            $(
                #[doc = concat!("Code ", $code, ": ", $meaning, ".")]
                pub const $constant: Self = Self($code);
            )*

            /// The reasons that RFC 5024 lists, in its order.
            pub const TABLE: &'static [Reason] = &[$(reason($code, $since, $meaning)),*];

            /// The reason of a code of 0 to 99; what two digits cannot hold is 99.
            pub const fn new(code: u8) -> Self {
                Self(if code > 99 { 99 } else { code })
            }

            /// The code, 0 to 99.
            pub const fn code(self) -> u8 {
                self.0
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                self.row().map_or("not listed, taken as unspecified", |row| row.meaning)
            }

            /// The level that brought it; `None` when it is not listed or not known.
            pub fn since(self) -> Option<Level> {
                self.row().and_then(|row| row.since)
            }

            fn row(self) -> Option<&'static Reason> {
                Self::TABLE.iter().find(|row| row.code == self.0)
            }

            fn exists_at(self, level: Level) -> bool {
                // A reason of unknown age is only certain where the list that holds it applies.
                self.row().is_some_and(|row| row.since.unwrap_or(Level::V2_0) <= level)
            }
        }

        /// The code and what it means, as in `02 protocol violation`.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:02} {}", self.0, self.meaning())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:02})", stringify!($name), self.0)
            }
        }
    };
}

reasons! {
    /// Why a session ends (ESIDREAS, RFC 5024 section 5.3.11).
    EsidReason;
    NORMAL                      =  0, V1_2, "normal session termination";
    COMMAND_NOT_RECOGNISED      =  1, V1_2, "command not recognised";
    PROTOCOL_VIOLATION          =  2, V1_2, "protocol violation";
    USER_CODE_NOT_KNOWN         =  3, V1_2, "user code not known";
    INVALID_PASSWORD            =  4, V1_2, "invalid password in SSID";
    EMERGENCY_CLOSE_DOWN        =  5, V1_2, "local site emergency close down";
    INVALID_DATA                =  6, V1_2, "command contained invalid data";
    SIZE_ERROR                  =  7, V1_2, "Exchange Buffer size error";
    RESOURCES_NOT_AVAILABLE     =  8, V1_2, "resources not available";
    TIME_OUT                    =  9, V1_2, "time out";
    MODE_INCOMPATIBLE           = 10, V1_2, "mode or capabilities incompatible";
    INVALID_CHALLENGE_RESPONSE  = 11, V2_0, "invalid challenge response";
    AUTHENTICATION_INCOMPATIBLE = 12, V2_0, "secure authentication requirements incompatible";
    UNSPECIFIED                 = 99, V1_2, "unspecified abort code";
}

reasons! {
    /// Why a file is not taken (SFNAREAS, RFC 5024 section 5.3.5).
    SfnaReason;
    INVALID_FILENAME             =  1, V1_2, "invalid filename";
    INVALID_DESTINATION          =  2, V1_2, "invalid destination";
    INVALID_ORIGIN               =  3, V1_2, "invalid origin";
    RECORD_FORMAT_NOT_SUPPORTED  =  4, V1_2, "storage record format not supported";
    RECORD_LENGTH_NOT_SUPPORTED  =  5, V1_2, "maximum record length not supported";
    FILE_SIZE_TOO_BIG            =  6, V1_2, "file size too big";
    INVALID_RECORD_COUNT         = 10, V1_2, "invalid record count";
    INVALID_BYTE_COUNT           = 11, V1_2, "invalid byte count";
    ACCESS_METHOD_FAILURE        = 12, V1_2, "access method failure";
    DUPLICATE_FILE               = 13, V1_2, "duplicate file";
    FILE_DIRECTION_REFUSED       = 14, V1_4, "file direction refused";
    CIPHER_SUITE_NOT_SUPPORTED   = 15, V2_0, "cipher suite not supported";
    ENCRYPTED_FILE_NOT_ALLOWED   = 16, V2_0, "encrypted file not allowed";
    UNENCRYPTED_FILE_NOT_ALLOWED = 17, V2_0, "unencrypted file not allowed";
    COMPRESSION_NOT_ALLOWED      = 18, V2_0, "compression not allowed";
    SIGNED_FILE_NOT_ALLOWED      = 19, V2_0, "signed file not allowed";
    UNSIGNED_FILE_NOT_ALLOWED    = 20, V2_0, "unsigned file not allowed";
    UNSPECIFIED                  = 99, V1_2, "unspecified reason";
}

reasons! {
    /// Why a file that was sent is not accepted (EFNAREAS, RFC 5024 section 5.3.10).
    EfnaReason;
    INVALID_FILENAME             =  1, V1_2, "invalid filename";
    INVALID_DESTINATION          =  2, V1_2, "invalid destination";
    INVALID_ORIGIN               =  3, V1_2, "invalid origin";
    RECORD_FORMAT_NOT_SUPPORTED  =  4, V1_2, "storage record format not supported";
    RECORD_LENGTH_NOT_SUPPORTED  =  5, V1_2, "maximum record length not supported";
    FILE_SIZE_TOO_BIG            =  6, V1_2, "file size too big";
    INVALID_RECORD_COUNT         = 10, V1_2, "invalid record count";
    INVALID_BYTE_COUNT           = 11, V1_2, "invalid byte count";
    ACCESS_METHOD_FAILURE        = 12, V1_2, "access method failure";
    DUPLICATE_FILE               = 13, V1_2, "duplicate file";
    FILE_DIRECTION_REFUSED       = 14, V1_4, "file direction refused";
    CIPHER_SUITE_NOT_SUPPORTED   = 15, V2_0, "cipher suite not supported";
    ENCRYPTED_FILE_NOT_ALLOWED   = 16, V2_0, "encrypted file not allowed";
    UNENCRYPTED_FILE_NOT_ALLOWED = 17, V2_0, "unencrypted file not allowed";
    COMPRESSION_NOT_ALLOWED      = 18, V2_0, "compression not allowed";
    SIGNED_FILE_NOT_ALLOWED      = 19, V2_0, "signed file not allowed";
    UNSIGNED_FILE_NOT_ALLOWED    = 20, V2_0, "unsigned file not allowed";
    INVALID_FILE_SIGNATURE       = 21, V2_0, "invalid file signature";
    FILE_DECRYPTION_FAILURE      = 22, V2_0, "file decryption failure";
    FILE_DECOMPRESSION_FAILURE   = 23, V2_0, "file decompression failure";
    UNSPECIFIED                  = 99, V1_2, "unspecified reason";
}

reasons! {
    /// Why a file was not delivered (NERPREAS, RFC 5024 section 5.3.14).
    NerpReason;
    USER_CODE_NOT_KNOWN          =  3, V1_4, "ESID 03 received (user code not known)";
    INVALID_PASSWORD             =  4, V1_4, "ESID 04 received (invalid password)";
    SESSION_ENDED_UNSPECIFIED    =  9, V1_4, "ESID 99 received (unspecified reason)";
    INVALID_FILENAME             = 11, V1_4, "invalid file name";
    INVALID_DESTINATION          = 12, V1_4, "invalid destination";
    INVALID_ORIGIN               = 13, V1_4, "invalid origin";
    INVALID_RECORD_FORMAT        = 14, V1_4, "invalid storage record format";
    RECORD_LENGTH_NOT_SUPPORTED  = 15, V1_4, "maximum record length not supported";
    FILE_SIZE_TOO_BIG            = 16, V1_4, "file size too big";
    INVALID_RECORD_COUNT         = 20, V1_4, "invalid record count";
    INVALID_BYTE_COUNT           = 21, V1_4, "invalid byte count";
    ACCESS_METHOD_FAILURE        = 22, V1_4, "access method failure";
    DUPLICATE_FILE               = 23, V1_4, "duplicate file";
    FILE_DIRECTION_REFUSED       = 24, V1_4, "file direction refused";
    CIPHER_SUITE_NOT_SUPPORTED   = 25, V2_0, "cipher suite not supported";
    ENCRYPTED_FILE_NOT_ALLOWED   = 26, V2_0, "encrypted file not allowed";
    UNENCRYPTED_FILE_NOT_ALLOWED = 27, V2_0, "unencrypted file not allowed";
    COMPRESSION_NOT_ALLOWED      = 28, V2_0, "compression not allowed";
    SIGNED_FILE_NOT_ALLOWED      = 29, V2_0, "signed file not allowed";
    UNSIGNED_FILE_NOT_ALLOWED    = 30, V2_0, "unsigned file not allowed";
    INVALID_FILE_SIGNATURE       = 31, V2_0, "file signature not valid";
    FILE_DECOMPRESSION_FAILURE   = 32, V2_0, "file decompression failed";
    FILE_DECRYPTION_FAILURE      = 33, V2_0, "file decryption failed";
    FILE_PROCESSING_FAILURE      = 34, V2_0, "file processing failed";
    NOT_DELIVERED                = 35, V2_0, "not delivered to recipient";
    NOT_ACKNOWLEDGED             = 36, V2_0, "not acknowledged by recipient";
    STOPPED_BY_OPERATOR          = 50, UNKNOWN, "transmission stopped by the operator";
    FILE_SIZE_INCOMPATIBLE = 90, V2_0,
        "file size incompatible with protocol version of recipient";
    UNSPECIFIED                  = 99, V1_4, "unspecified reason";
}
impl EsidReason {
    /// The reason as `level` knows it: below 2.0, 10 instead of 12 and 99 instead of 11 (CF-22).
    pub fn for_level(self, level: Level) -> Self {
        match self {
            known if known.exists_at(level) => known,
            Self::AUTHENTICATION_INCOMPATIBLE => Self::MODE_INCOMPATIBLE,
            _ => Self::UNSPECIFIED,
        }
    }
}

impl SfnaReason {
    /// The reason as `level` knows it: 99 for a code that the level does not have (CF-22).
    pub fn for_level(self, level: Level) -> Self {
        if self.exists_at(level) {
            self
        } else {
            Self::UNSPECIFIED
        }
    }
}

impl EfnaReason {
    /// The reason as `level` knows it: 99 for a code that the level does not have (CF-22).
    pub fn for_level(self, level: Level) -> Self {
        if self.exists_at(level) {
            self
        } else {
            Self::UNSPECIFIED
        }
    }
}

impl NerpReason {
    /// The reason as `level` knows it: 99 for a code that the level does not have (CF-22).
    pub fn for_level(self, level: Level) -> Self {
        if self.exists_at(level) {
            self
        } else {
            Self::UNSPECIFIED
        }
    }

    /// The reason of a NERP for a file that was refused by SFNA.
    pub fn from_sfna(reason: SfnaReason) -> Self {
        match reason.code() {
            code @ 1..=20 => Self(code + 10).or_unspecified(),
            _ => Self::UNSPECIFIED,
        }
    }

    /// The reason of a NERP for a file that was refused by EFNA; 22 and 23 cross (CF-19).
    pub fn from_efna(reason: EfnaReason) -> Self {
        match reason.code() {
            code @ 1..=20 => Self(code + 10).or_unspecified(),
            21 => Self::INVALID_FILE_SIGNATURE,
            22 => Self::FILE_DECRYPTION_FAILURE,
            23 => Self::FILE_DECOMPRESSION_FAILURE,
            _ => Self::UNSPECIFIED,
        }
    }

    /// The reason of a NERP for files that a session left behind: ESID 03, 04 and 99 have one.
    pub fn from_esid(reason: EsidReason) -> Option<Self> {
        match reason {
            EsidReason::USER_CODE_NOT_KNOWN => Some(Self::USER_CODE_NOT_KNOWN),
            EsidReason::INVALID_PASSWORD => Some(Self::INVALID_PASSWORD),
            EsidReason::UNSPECIFIED => Some(Self::SESSION_ENDED_UNSPECIFIED),
            _ => None,
        }
    }

    fn or_unspecified(self) -> Self {
        self.for_level(Level::V2_0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_levels_get_reasons_they_know() {
        let twelve = EsidReason::AUTHENTICATION_INCOMPATIBLE;
        assert_eq!(twelve.for_level(Level::V1_4), EsidReason::MODE_INCOMPATIBLE);
        assert_eq!(twelve.for_level(Level::V2_0), twelve);
        let eleven = EsidReason::INVALID_CHALLENGE_RESPONSE;
        assert_eq!(eleven.for_level(Level::V1_3), EsidReason::UNSPECIFIED);
        let direction = SfnaReason::FILE_DIRECTION_REFUSED;
        assert_eq!(direction.for_level(Level::V1_4), direction);
        assert_eq!(direction.for_level(Level::V1_3), SfnaReason::UNSPECIFIED);
        assert_eq!(
            SfnaReason::new(7).for_level(Level::V2_0),
            SfnaReason::UNSPECIFIED
        );
        assert_eq!(SfnaReason::new(200), SfnaReason::UNSPECIFIED);
    }

    #[test]
    fn nerp_reasons_follow_the_table_and_not_arithmetic() {
        let decryption = EfnaReason::FILE_DECRYPTION_FAILURE;
        assert_eq!(NerpReason::from_efna(decryption), NerpReason::new(33));
        assert_eq!(
            NerpReason::from_efna(EfnaReason::new(23)),
            NerpReason::new(32)
        );
        assert_eq!(
            NerpReason::from_efna(EfnaReason::new(21)),
            NerpReason::new(31)
        );
        assert_eq!(
            NerpReason::from_sfna(SfnaReason::DUPLICATE_FILE),
            NerpReason::DUPLICATE_FILE
        );
        assert_eq!(
            NerpReason::from_sfna(SfnaReason::new(7)),
            NerpReason::UNSPECIFIED
        );
        assert_eq!(
            NerpReason::from_esid(EsidReason::UNSPECIFIED),
            Some(NerpReason::new(9))
        );
        assert_eq!(NerpReason::from_esid(EsidReason::TIME_OUT), None);
    }
}
