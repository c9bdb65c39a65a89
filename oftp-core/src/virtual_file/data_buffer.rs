//! Checking and counting a received DATA Exchange Buffer (RFC 5024 sections 5.3.6 and 7).

use super::record::RecordState;
use super::subrecord::SubrecordHeader;
use crate::wire::EsidReason;

/// What one received DATA brings to the Virtual File.
///
/// The octets stay where they are: read them with a [`DataCursor`](super::DataCursor), or walk
/// them with [`Subrecords`](super::Subrecords).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataBuffer {
    octets: u64,
    records_ended: u32,
}

/// A DATA command whose subrecords cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("DATA subrecord at octet {offset}: {problem} (ESID {:02})", self.reason().code())]
pub struct DataError {
    /// Where its header is, counted from the `D` of the command, which is 0.
    pub offset: usize,
    /// What is wrong.
    pub problem: DataProblem,
}

/// What can be wrong with a subrecord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataProblem {
    /// The subrecord runs past the end of the buffer.
    #[error("{announced} octets announced, {left} left in the buffer")]
    PastEnd {
        /// Octets that should follow the header.
        announced: usize,
        /// Octets that do.
        left: usize,
    },
    /// A compressed subrecord, although the SSIDs did not agree to compression.
    #[error("compressed, but SSIDCMPR is not Y on both sides")]
    CompressionNotAgreed,
}

impl DataError {
    /// The reason to abort with (CF-33): 07 for lengths, 06 for compression.
    #[must_use]
    pub const fn reason(&self) -> EsidReason {
        match self.problem {
            DataProblem::PastEnd { .. } => EsidReason::SIZE_ERROR,
            DataProblem::CompressionNotAgreed => EsidReason::INVALID_DATA,
        }
    }
}

impl DataBuffer {
    /// Checks `payload`, the octets after the `D`, in one walk over its headers and counts them
    /// in `record`. That the buffer is not larger than agreed is checked before this.
    ///
    /// Empty buffers, empty records and empty subrecords are good anywhere (section 7.3, DX-03,
    /// DX-05). After an end flag a U or T file goes on like before (DX-06).
    ///
    /// # Errors
    ///
    /// The first subrecord that cannot be right; `record` is then as it was.
    pub fn check(
        payload: &[u8],
        compression: bool,
        record: &mut RecordState,
    ) -> Result<Self, DataError> {
        let mut counted = *record;
        let mut records_ended = 0;
        let mut at = 0;
        while let Some(&octet) = payload.get(at) {
            let header = SubrecordHeader::from_octet(octet);
            let end = at + 1 + header.content_octets();
            let problem = if header.compressed() && !compression {
                DataProblem::CompressionNotAgreed
            } else if end > payload.len() {
                let announced = header.content_octets();
                DataProblem::PastEnd {
                    announced,
                    left: payload.len() - at - 1,
                }
            } else {
                counted.subrecord(header);
                records_ended += u32::from(header.end_of_record());
                at = end;
                continue;
            };
            return Err(DataError {
                offset: at + 1,
                problem,
            });
        }
        counted.buffer_ended(record);
        let octets = counted.octets().saturating_sub(record.octets());
        *record = counted;
        Ok(Self {
            octets,
            records_ended,
        })
    }

    /// Octets of the Virtual File in this buffer, expanded: up to 31.5 times its size.
    #[must_use]
    pub const fn octets(self) -> u64 {
        self.octets
    }

    /// End of Record flags in this buffer, in U and T files too.
    #[must_use]
    pub const fn records_ended(self) -> u32 {
        self.records_ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_file::{RestartPosition, Structure};
    use crate::wire::RecordFormat;

    fn check(payload: &[u8], compression: bool) -> (Result<DataBuffer, DataError>, RecordState) {
        let structure = Structure::new(RecordFormat::V, 80, false);
        let mut state = RecordState::new(structure, RestartPosition::START);
        (DataBuffer::check(payload, compression, &mut state), state)
    }

    /// (threat model D4, D5)
    #[test]
    fn lengths_are_07_and_compression_without_agreement_is_06() {
        let (long, _) = check(b"\x81a\x05abc", false);
        let error = long.expect_err("5 octets announced, 3 there");
        assert_eq!(error.reason(), EsidReason::SIZE_ERROR);
        assert_eq!(
            error.to_string(),
            "DATA subrecord at octet 3: 5 octets announced, 3 left in the buffer (ESID 07)"
        );
        let (no_octet, _) = check(b"\xc5", true);
        assert_eq!(
            no_octet.map_err(|e| e.reason()),
            Err(EsidReason::SIZE_ERROR)
        );
        let (not_agreed, _) = check(b"\xc5 ", false);
        assert_eq!(
            not_agreed.map_err(|e| e.reason()),
            Err(EsidReason::INVALID_DATA)
        );
    }

    #[test]
    fn a_bad_buffer_counts_nothing() {
        let (bad, state) = check(b"\x81a\x05abc", false);
        assert!(bad.is_err());
        assert_eq!((state.octets(), state.records()), (0, 0));
    }

    #[test]
    fn buffers_without_progress_are_counted_in_a_row() {
        let structure = Structure::new(RecordFormat::U, 0, false);
        let mut state = RecordState::new(structure, RestartPosition::START);
        for payload in [&b""[..], b"\0\0", b"\x80", b"\x40a"] {
            assert!(DataBuffer::check(payload, true, &mut state).is_ok());
        }
        assert_eq!(state.buffers_without_progress(), 4);
        assert!(DataBuffer::check(b"\x01a", true, &mut state).is_ok());
        assert_eq!(state.buffers_without_progress(), 0);
    }

    #[test]
    fn an_empty_record_of_a_v_file_is_progress() {
        let (buffer, state) = check(b"\x80\x80", false);
        assert_eq!(
            buffer,
            Ok(DataBuffer {
                octets: 0,
                records_ended: 2
            })
        );
        assert_eq!((state.records(), state.buffers_without_progress()), (2, 0));
    }
}
