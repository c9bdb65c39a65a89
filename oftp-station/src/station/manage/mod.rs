//! What people and hosts do with a station, whether it runs or not: look at it, and steer it
//! (design chapter "Delivery"). All of it goes through the journal, so that any process can do it;
//! the station that runs notices. The commands of `oftp` are a thin layer over this, and so are the
//! bindings.
//!
//! ```text
//! hold      files and partners, stopped and let go on
//! cancel    files taken back
//! resend    files queued anew, under another stamp
//! octets    where the octets of a file lie
//! view      files and lines of the history, as they are shown
//! details   everything about one file
//! partners  every partner, and how it goes
//! status    the station as a whole
//! time      times for people, and times that people write
//! ```

mod cancel;
mod details;
mod error;
mod hold;
pub mod octets;
mod partners;
mod resend;
mod status;
pub mod time;
mod view;

pub use cancel::cancel;
pub use details::{Details, FieldView, PlaceView, ResponseView, details};
pub use error::ManageError;
pub use hold::{hold, hold_partner};
pub use partners::{PartnerView, Waiting, waiting};
pub use resend::resend;
pub use status::{DAY, StateCount, Status, status};
pub use view::{EventView, FileView, WaitsFor, waits_for};

#[cfg(test)]
mod tests;
