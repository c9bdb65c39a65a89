//! What the fuzz targets do with their octets, here so that ordinary tests replay the corpora.
//!
//! Each function fails (panics) when a promise of the engine does not hold; the octets are a script
//! that `script::Script` reads, and every octet string is one.

pub mod envelope;
mod pair;
mod peer;
mod script;
mod session;
mod stream;
mod watch;
mod wire;

pub use envelope::{challenge, cms, response};
pub use pair::pair;
pub use session::session;
pub use stream::stream;
pub use wire::wire;

/// What a target does with its octets.
pub type Target = fn(&[u8]);

/// The targets by name, as in the folders of the corpora.
pub const TARGETS: [(&str, Target); 7] = [
    ("wire", wire),
    ("stream", stream),
    ("session", session),
    ("pair", pair),
    ("cms", cms),
    ("challenge", challenge),
    ("response", response),
];
