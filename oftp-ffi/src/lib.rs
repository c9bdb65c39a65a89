//! liboftp: the C library. `include/oftp.h` is generated from this crate in the order of its
//! modules, so that a module reads as its part of the header does.
//!
//! ```text
//! status      results and error texts               session     one session, User Monitor below
//! values      the numbers that stand for names      |- config   what a session is told first
//! handle      tokens: what C holds of our objects   |- monitor  the callbacks
//! guard       nothing unwinds into C                |- fields   SSID, Virtual File, end response
//! text        strings in, strings out               |- dispatch the only caller of callbacks
//! mailbox     a ready User Monitor                  station     a whole station, on a folder
//! ```
//!
//! The rules of the C ABI are written down once, in the header's introduction
//! (`cbindgen.toml`) and in DESIGN.md.

#![allow(
    non_camel_case_types,
    reason = "names of types are those of the header"
)]

// The header has them in this order.
mod status;

mod values;

mod session;

mod services;

mod mailbox;

mod station;

// What has no part in the header.
mod guard;
mod handle;
mod text;

pub use mailbox::*;
pub use services::*;
pub use session::*;
pub use station::*;
pub use status::*;
pub use values::*;
