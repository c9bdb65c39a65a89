//! Lines of the protocol trace: every command with its fields, every row of the state tables.

use oftp_core::session::Trace;

use crate::decode;

/// The lines for one item of the trace.
#[must_use]
pub fn lines(trace: &Trace) -> Vec<String> {
    let (way, level, octets, len) = match trace {
        Trace::Step(step) => return vec![format!("   {step}")],
        Trace::Received { level, octets, len } => ("<-", *level, octets, *len),
        Trace::Sent { level, octets, len } => ("->", *level, octets, *len),
    };
    vec![format!("{way} {}", decode::summary(octets, len, level))]
}
