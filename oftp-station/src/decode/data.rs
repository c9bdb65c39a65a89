//! What a Data Exchange Buffer holds (RFC 5024 chapter 7).

use oftp_core::virtual_file::{DataCursor, SubrecordHeader, Subrecords};
use serde::Serialize;

use super::Options;

/// Octets of the Virtual File that are shown.
const SHOWN: usize = 16;

/// The subrecords of one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct DataSummary {
    pub(super) subrecords: u64,
    pub(super) compressed: u64,
    /// End of Record flags.
    pub(super) record_ends: u64,
    /// Octets of the Virtual File, expanded.
    pub(super) octets: u64,
    /// The first of them, escaped.
    pub(super) begin: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) list: Vec<SubrecordValue>,
}

/// One subrecord.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct SubrecordValue {
    /// From the start of the Exchange Buffer.
    pub(super) offset: usize,
    /// Octets of the Virtual File.
    pub(super) count: usize,
    pub(super) compressed: bool,
    pub(super) end_of_record: bool,
    /// The octets, or the one that is repeated, escaped.
    pub(super) content: String,
}

/// Summarises the subrecords behind the command code, up to the first that is not whole.
pub(super) fn summary(payload: &[u8], options: &Options) -> DataSummary {
    let mut begin = [0; SHOWN];
    let octets = DataCursor::new().read_stream(payload, &mut begin);
    let mut summary = DataSummary {
        begin: begin[..octets].escape_ascii().to_string(),
        ..DataSummary::default()
    };
    let mut offset = 1;
    for subrecord in Subrecords::new(payload) {
        let header = subrecord.header;
        summary.add(header);
        if options.full {
            summary.list.push(SubrecordValue {
                offset,
                count: header.count(),
                compressed: header.compressed(),
                end_of_record: header.end_of_record(),
                content: subrecord.content.escape_ascii().to_string(),
            });
        }
        offset += 1 + header.content_octets();
    }
    summary
}

impl DataSummary {
    fn add(&mut self, header: SubrecordHeader) {
        self.subrecords += 1;
        self.compressed += u64::from(header.compressed());
        self.record_ends += u64::from(header.end_of_record());
        self.octets += header.count() as u64;
    }
}
