//! What `oftp send` sends: local files as Virtual Files, their stamps, and what is remembered of
//! a transfer until it is delivered.

mod dataset_name;
mod envelopes;
mod error;
mod notes_log;
mod source;
mod stamp;
mod state;

pub(crate) use self::dataset_name::clean;
pub use self::dataset_name::{DATASET_NAME_OCTETS, dataset_name};
pub use self::envelopes::{Envelope, Envelopes};
pub use self::error::{Problem, SourceError};
pub use self::source::{Facts, Piece, Source};
pub use self::stamp::{Stamp, StampError};
pub use self::state::{Outbox, Phase, Protected, StateError, Subject, Transfer};
