//! The counts of EFID and the verdict on them (RFC 5024 sections 5.3.8 and 5.3.10).

use super::record::{RecordFault, RecordState};
use crate::wire::{EfnaReason, Quirks, RecordFormat};

/// The counts that EFID carries (RFC 5024 section 5.3.8): always of the whole file, also after a
/// restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EfidCounts {
    /// EFIDRCNT: records, 0 for U, T and every secured or compressed file.
    pub rcnt: u64,
    /// EFIDUCNT: octets.
    pub ucnt: u64,
}

/// Why a file is refused at EFID. The text is meant for EFNAREAST and for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EfidFault {
    /// A record length that SFIDFMT and SFIDLRECL do not allow (EFNA 05).
    #[error(
        "record {} has {} octets, SFIDFMT and SFIDLRECL allow {}{lrecl}",
        .fault.record, .fault.octets, if *.fixed { "exactly " } else { "at most " }
    )]
    RecordLength {
        /// The first such record.
        fault: RecordFault,
        /// SFIDLRECL.
        lrecl: u32,
        /// Whether the file is an F file.
        fixed: bool,
    },
    /// EFID came in the middle of a record (EFNA 10, DX-07).
    #[error("record {record} is not complete: {octets} octets without an end of record")]
    OpenRecord {
        /// Number of the record, counted from 1.
        record: u64,
        /// Octets of it that came.
        octets: u64,
    },
    /// EFIDRCNT is not what was received (EFNA 10).
    #[error("EFIDRCNT is {announced}, records received are {received}")]
    RecordCount {
        /// EFIDRCNT.
        announced: u64,
        /// Records counted here.
        received: u64,
    },
    /// EFIDRCNT of a U or T file is not zero (EFNA 10); the quirk `any_rcnt` tolerates it.
    #[error("EFIDRCNT is {announced}, must be 0 for a U or T file (quirk any_rcnt tolerates it)")]
    RecordCountOfStream {
        /// EFIDRCNT.
        announced: u64,
    },
    /// EFIDUCNT is not what was received (EFNA 11).
    #[error("EFIDUCNT is {announced}, octets received are {received}")]
    OctetCount {
        /// EFIDUCNT.
        announced: u64,
        /// Octets counted here.
        received: u64,
    },
}

impl EfidFault {
    /// The reason to answer with: EFNA 05, 10 or 11.
    #[must_use]
    pub const fn reason(&self) -> EfnaReason {
        match self {
            Self::RecordLength { .. } => EfnaReason::RECORD_LENGTH_NOT_SUPPORTED,
            Self::OpenRecord { .. }
            | Self::RecordCount { .. }
            | Self::RecordCountOfStream { .. } => EfnaReason::INVALID_RECORD_COUNT,
            Self::OctetCount { .. } => EfnaReason::INVALID_BYTE_COUNT,
        }
    }
}

impl RecordState {
    /// What the sender writes into EFID.
    #[must_use]
    pub const fn efid_counts(&self) -> EfidCounts {
        EfidCounts {
            rcnt: self.records(),
            ucnt: self.octets(),
        }
    }

    /// The receiver's verdict on EFIDRCNT and EFIDUCNT. Returns the quirk that was needed, if any.
    ///
    /// Record lengths come first, then the record count, then octets. A missing end flag matters
    /// for F and V only (DX-07). EFIDRCNT of a secured or compressed file is not checked, because
    /// peers differ in what they count there (CF-15).
    ///
    /// # Errors
    ///
    /// The first fault found, with its EFNA reason.
    pub fn verdict(&self, rcnt: u64, ucnt: u64, quirks: Quirks) -> Result<Quirks, EfidFault> {
        let mut used = Quirks::STRICT;
        if self.structure().has_records() {
            self.check_records(rcnt)?;
        } else if rcnt != 0 && !self.structure().is_enveloped() {
            if !quirks.contains(Quirks::ANY_RCNT) {
                return Err(EfidFault::RecordCountOfStream { announced: rcnt });
            }
            used.insert(Quirks::ANY_RCNT);
        }
        if ucnt != self.octets() {
            return Err(EfidFault::OctetCount {
                announced: ucnt,
                received: self.octets(),
            });
        }
        Ok(used)
    }

    fn check_records(&self, rcnt: u64) -> Result<(), EfidFault> {
        let lrecl = self.structure().lrecl();
        let record = self.records().saturating_add(1);
        let octets = self.open_record_octets();
        let too_long = octets > u64::from(lrecl);
        let open_fault = too_long.then_some(RecordFault { record, octets });
        if let Some(fault) = self.fault().or(open_fault) {
            let fixed = matches!(self.structure().format(), RecordFormat::F);
            return Err(EfidFault::RecordLength {
                fault,
                lrecl,
                fixed,
            });
        }
        if self.has_open_record() {
            return Err(EfidFault::OpenRecord { record, octets });
        }
        if rcnt != self.records() {
            return Err(EfidFault::RecordCount {
                announced: rcnt,
                received: self.records(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_file::{RestartPosition, Structure, SubrecordHeader};

    fn file(format: RecordFormat, lrecl: u32, enveloped: bool) -> RecordState {
        RecordState::new(
            Structure::new(format, lrecl, enveloped),
            RestartPosition::START,
        )
    }

    fn reason(state: &RecordState, rcnt: u64, ucnt: u64) -> Option<EfnaReason> {
        state
            .verdict(rcnt, ucnt, Quirks::STRICT)
            .err()
            .map(|fault| fault.reason())
    }

    #[test]
    fn counts_must_agree() {
        let mut state = file(RecordFormat::V, 80, false);
        state.add(4, true);
        state.add(6, true);
        assert_eq!(reason(&state, 2, 10), None);
        assert_eq!(
            reason(&state, 3, 10),
            Some(EfnaReason::INVALID_RECORD_COUNT)
        );
        assert_eq!(reason(&state, 2, 11), Some(EfnaReason::INVALID_BYTE_COUNT));
        assert_eq!(state.efid_counts(), EfidCounts { rcnt: 2, ucnt: 10 });
    }

    #[test]
    fn records_have_the_length_that_was_announced() {
        let mut short = file(RecordFormat::F, 80, false);
        short.add(80, true);
        short.add(79, true);
        assert_eq!(
            short.fault(),
            Some(RecordFault {
                record: 2,
                octets: 79
            })
        );
        let text = short
            .verdict(2, 159, Quirks::TOLERANT)
            .expect_err("short record")
            .to_string();
        assert_eq!(
            text,
            "record 2 has 79 octets, SFIDFMT and SFIDLRECL allow exactly 80"
        );

        let mut long = file(RecordFormat::V, 80, false);
        long.add(80, false);
        long.add(1, false);
        assert_eq!(
            reason(&long, 1, 81),
            Some(EfnaReason::RECORD_LENGTH_NOT_SUPPORTED)
        );
        long.add(0, true);
        assert_eq!(
            reason(&long, 1, 81),
            Some(EfnaReason::RECORD_LENGTH_NOT_SUPPORTED)
        );
    }

    #[test]
    fn an_open_record_matters_for_f_and_v_only() {
        let mut variable = file(RecordFormat::V, 80, false);
        variable.add(5, false);
        assert_eq!(
            reason(&variable, 0, 5),
            Some(EfnaReason::INVALID_RECORD_COUNT)
        );
        assert_eq!(
            reason(&variable, 1, 5),
            Some(EfnaReason::INVALID_RECORD_COUNT)
        );

        let mut stream = file(RecordFormat::U, 0, false);
        stream.add(5, true);
        stream.add(5, false);
        assert_eq!(reason(&stream, 0, 10), None);
    }

    #[test]
    fn a_record_begun_with_an_empty_subrecord_is_open() {
        let mut state = file(RecordFormat::V, 80, false);
        state.subrecord(SubrecordHeader::from_octet(0));
        assert!(state.has_open_record());
        assert_eq!(reason(&state, 0, 0), Some(EfnaReason::INVALID_RECORD_COUNT));
    }

    #[test]
    fn a_record_count_of_a_stream_needs_the_quirk() {
        let mut stream = file(RecordFormat::T, 0, false);
        stream.add(10, true);
        assert_eq!(
            reason(&stream, 1, 10),
            Some(EfnaReason::INVALID_RECORD_COUNT)
        );
        assert_eq!(
            stream.verdict(1, 10, Quirks::TOLERANT),
            Ok(Quirks::ANY_RCNT)
        );
        assert_eq!(stream.verdict(0, 10, Quirks::TOLERANT), Ok(Quirks::STRICT));
    }

    /// (threat model E1)
    #[test]
    fn a_secured_file_is_a_stream_whose_record_count_is_not_checked() {
        let mut state = file(RecordFormat::F, 80, true);
        state.add(1234, true);
        assert_eq!(state.verdict(77, 1234, Quirks::STRICT), Ok(Quirks::STRICT));
        assert_eq!(
            reason(&state, 77, 1235),
            Some(EfnaReason::INVALID_BYTE_COUNT)
        );
        assert_eq!(
            state.efid_counts(),
            EfidCounts {
                rcnt: 0,
                ucnt: 1234
            }
        );
    }

    #[test]
    fn counts_do_not_overflow() {
        let mut state = file(RecordFormat::U, 0, false);
        state.add(u64::MAX, false);
        state.add(1, true);
        assert_eq!(state.octets(), u64::MAX);
    }
}
