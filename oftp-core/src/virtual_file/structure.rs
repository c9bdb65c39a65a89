//! How a Virtual File is structured while it travels (RFC 5024 sections 1.5.3, 1.5.4 and 5.3.3).

use crate::wire::{RecordFormat, Security, Sfid};

/// What of SFID decides how DATA, restart positions and EFID counts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure {
    format: RecordFormat,
    lrecl: u32,
    enveloped: bool,
}

impl Structure {
    /// `format` and `lrecl` as in SFIDFMT and SFIDLRECL (octets, 0 to 99999, without meaning for
    /// U and T). `enveloped` says that the file was signed, compressed or encrypted as a file
    /// (SFIDSEC, SFIDCOMP): what travels then is one stream of octets and is treated as U whatever
    /// SFIDFMT says (section 5.3.3 SFIDREST, CF-15).
    #[must_use]
    pub const fn new(format: RecordFormat, lrecl: u32, enveloped: bool) -> Self {
        Self {
            format,
            lrecl,
            enveloped,
        }
    }

    /// The structure of the file that this SFID offers.
    #[must_use]
    pub fn of(sfid: &Sfid) -> Self {
        let enveloped = sfid.sec != Security::None || sfid.comp != 0;
        Self::new(sfid.fmt, sfid.lrecl, enveloped)
    }

    /// SFIDFMT.
    #[must_use]
    pub const fn format(self) -> RecordFormat {
        self.format
    }

    /// SFIDLRECL in octets.
    #[must_use]
    pub const fn lrecl(self) -> u32 {
        self.lrecl
    }

    /// Whether the file was signed, compressed or encrypted as a file.
    #[must_use]
    pub const fn is_enveloped(self) -> bool {
        self.enveloped
    }

    /// Whether End of Record flags separate records that count: plain F and V files. In all other
    /// files the octets are one stream (DX-01, DX-06).
    #[must_use]
    pub const fn has_records(self) -> bool {
        !self.enveloped && self.format.has_records()
    }

    /// Whether a complete record of this many octets is one of this file: exactly SFIDLRECL for F,
    /// at most SFIDLRECL for V, any length otherwise.
    #[must_use]
    pub fn allows_record(self, octets: u64) -> bool {
        if self.enveloped {
            return true;
        }
        match self.format {
            RecordFormat::F => octets == u64::from(self.lrecl),
            RecordFormat::V => octets <= u64::from(self.lrecl),
            RecordFormat::U | RecordFormat::T => true,
        }
    }
}
