//! A whole station in the host's process: the same one that `oftp run` runs, on a folder.
//!
//! The station itself is `oftp_station::station::host`, for every language; this is its coat.
//!
//! ```text
//! run       opened, run on threads of its own, stopped
//! submit    files to send
//! events    lines of the history and ends of files, waited for
//! desk      files and partners steered
//! shown     what a person would look at, as JSON
//! values    the numbers of events and states
//! fail      its errors
//! ```

mod values;

mod run;

mod submit;

mod events;

mod desk;

mod shown;

mod fail;

use std::sync::Arc;

use ::oftp_station::station::host::Host;
use ::oftp_station::station::journal::file::FileKey;

pub use desk::*;
pub use events::*;
pub use run::*;
pub use shown::*;
pub use submit::*;
pub use values::*;

use crate::guard::guard;
use crate::handle::{Object, with};
use crate::status::{Fail, Outcome, oftp_code, oftp_status};

/// A station: all partners, files and sessions of a folder, as `oftp init` makes it and `oftp run`
/// runs it (`oftp.toml` is its configuration). It listens, calls by its schedules, sends, receives,
/// answers and tries again by itself; what it has accepted survives the end of the process. A
/// handle is a token, not an address.
///
/// The order of things: `oftp_station_open`; `oftp_station_start`, where this process is to run it;
/// then `oftp_station_submit` as wanted, and `oftp_station_event_next` again and again, each time
/// with the number of the last event that was dealt with; `oftp_station_stop`, `oftp_station_free`.
/// Files can be submitted, steered and looked at whether it runs or not, and in whichever process
/// it runs. `partner` is always a name of `oftp.toml` (`[partner.NAME]`), never a code.
///
/// Unlike other objects a station may be used by several threads at once: while one waits in
/// `oftp_station_event_next` others submit and stop. Each function waits for the disk or for what
/// its text says. Nothing calls the host back. A station that runs has threads of its own, which
/// never run code of the host and have SIGPIPE blocked, as have the hooks that they start.
pub enum oftp_station {}

/// What stands behind an `oftp_station`.
struct Station {
    /// A call has its own share of it, so that a second one need not wait for the first.
    host: Arc<Host>,
}

impl Object for Station {
    type Handle = oftp_station;
    const NAME: &'static str = "oftp_station";
    const WAITS: bool = true;
}

/// The body of a call on a station.
fn on(
    station: *const oftp_station,
    body: impl FnOnce(&Host) -> Outcome<oftp_status>,
) -> oftp_status {
    guard(|| body(&*host(station)?))
}

fn host(station: *const oftp_station) -> Outcome<Arc<Host>> {
    with::<Station, _>(station, |station| Ok(station.host.clone()))
}

/// The number of a file, as the journal has it.
fn file(number: u64) -> Outcome<FileKey> {
    i64::try_from(number)
        .map(FileKey)
        .map_err(|_| oftp_code::OFTP_E_NOT_FOUND.because(format!("there is no file {number}")))
}

/// A number of the journal, which has none below 0.
fn number(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn value(text: impl Into<String>) -> Fail {
    oftp_code::OFTP_E_VALUE.because(text)
}
