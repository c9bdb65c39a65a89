//! Building blocks of `oftp.wire` (RFC 5024 chapters 5, 7 and 8): the tables and rules of the
//! engine. What a command is in Python, legal or not, is written in Python; every name, width and
//! meaning comes from here.
//!
//! ```text
//! layouts   the boxes of section 5.3, and what a field holds when it is not given
//! command   cuts, checks and explains an Exchange Buffer
//! data      subrecords of DATA
//! header    Stream Transmission Headers
//! ```

mod command;
mod data;
mod header;
mod layouts;

pub(crate) use command::{wire_check, wire_explain, wire_split};
pub(crate) use data::{wire_data_of, wire_subrecords};
pub(crate) use header::{wire_exchange_buffer_octets, wire_header};
pub(crate) use layouts::wire_layouts;
