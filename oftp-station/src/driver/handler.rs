//! What a session asks of the station.

use oftp_core::mailbox::{Event, Mailbox};
use oftp_core::session::{DataInd, Trace};

use super::Jobs;

/// What the station does with files; called between the movements of octets.
///
/// Calls must not block for long, except that durable writes are the price of an EFPA. What takes
/// long, such as all work with keys, is a [job](Jobs), and its answer comes when it is done.
pub trait Handler: Sized + Send + 'static {
    /// Something happened, or an answer is wanted: see [`Event`]. An answer may be given at once,
    /// or by what follows a job.
    fn event(&mut self, mailbox: &mut Mailbox, event: Event, jobs: &mut Jobs<Self>);

    /// Octets of the file that is being received.
    ///
    /// # Errors
    /// When they cannot be stored; the session then ends with ESID 08.
    fn data(&mut self, data: DataInd<'_>) -> Result<(), StoreFault>;

    /// A line of the trace.
    fn trace(&mut self, _trace: Trace) {}

    /// Why there is no connection any more, in words: the end of the session follows as an event
    /// that does not know them.
    fn network_fault(&mut self, _fault: &str) {}
}

/// The file that is being received cannot be stored: the session ends with ESID 08, and what is
/// safe already stays for a restart.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreFault(pub String);
