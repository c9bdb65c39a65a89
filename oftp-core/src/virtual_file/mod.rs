//! Virtual Files and how they travel: RFC 5024 chapters 1.5 and 7, Appendix A.
//!
//! [`Encoder`] packs records into DATA Exchange Buffers; [`DataBuffer`] checks a received one and
//! [`DataCursor`] reads it. [`RecordState`] counts on both sides for EFID, [`RestartPosition`]
//! knows where a transmission can go on.

mod compression;
mod cursor;
mod data_buffer;
mod efid;
mod encoder;
mod record;
mod restart;
#[cfg(test)]
mod round_trip;
mod size;
mod structure;
mod subrecord;
mod text;

pub use cursor::{Chunk, DataCursor};
pub use data_buffer::{DataBuffer, DataError, DataProblem};
pub use efid::{EfidCounts, EfidFault};
pub use encoder::{Encoder, Fill, Written};
pub use record::{RecordFault, RecordState};
pub use restart::{RestartOverflow, RestartPosition};
pub use size::{BLOCK_OCTETS, size_blocks};
pub use structure::Structure;
pub use subrecord::{MAX_COUNT, Subrecord, SubrecordHeader, Subrecords};
pub use text::{MAX_LINE, TextChecker, TextError, TextProblem};
