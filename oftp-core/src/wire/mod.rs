//! Commands and formats on the wire (RFC 5024 chapters 5 and 8, RFC 2204 chapters 5 and 7).
//!
//! [`decode`] turns one Exchange Buffer into a [`Command`], [`Command::encode`] does the reverse,
//! byte by byte as the layouts of the release level say. [`StreamBuffer`] finds Exchange Buffers in
//! a stream of octets, [`sth`] writes their headers. Whatever a peer sends, the result is a command
//! or a [`WireError`] with the reason code of the ESID that the peer must get.

pub mod character_set;
mod code;
pub mod command;
mod cursor;
mod error;
mod explain;
pub mod identification_code;
mod layout;
mod level;
mod password;
mod quirks;
mod reader;
pub mod reason;
mod stamp;
pub mod sth;
mod stream_buffer;
mod string;
mod text;
mod values;
mod writer;

pub use code::CommandCode;
pub use command::{
    Command, Decoded, auch::Auch, aurp::Aurp, cd::Cd, cdt::Cdt, decode, eerp::Eerp, efid::Efid,
    efna::Efna, efpa::Efpa, esid::Esid, nerp::Nerp, rtr::Rtr, secd::Secd, sfid::Sfid, sfna::Sfna,
    sfpa::Sfpa, ssid::Ssid, ssrm::Ssrm,
};
pub use error::{FieldError, Problem, Shown, WireError};
pub use explain::{Explained, ExplainedField, explain};
pub use identification_code::IdentificationCode;
pub use layout::{Field, Format, Layout, Len, Type};
pub use level::Level;
pub use password::Password;
pub use quirks::{Quirks, UnknownQuirk};
pub use reason::{EfnaReason, EsidReason, NerpReason, SfnaReason};
pub use stamp::Stamp;
pub use sth::Limits;
pub use stream_buffer::StreamBuffer;
pub use string::{DatasetName, UserData, X};
pub use text::Text;
pub use values::{Capability, RecordFormat, Security};
