//! Lines of the protocol trace: every command with its fields, every row of the state tables.

use oftp_core::session::Trace;
use oftp_core::wire::explain;

/// The lines for one item of the trace.
#[must_use]
pub fn lines(trace: &Trace) -> Vec<String> {
    let (way, level, octets, len) = match trace {
        Trace::Step(step) => return vec![format!("   {step}")],
        Trace::Received { level, octets, len } => ("<-", *level, octets, *len),
        Trace::Sent { level, octets, len } => ("->", *level, octets, *len),
    };
    let explained = explain(octets, level);
    let name = explained.command.map_or("?", |code| code.name());
    let mut line = format!("{way} {name}, {len} octets");
    // Of DATA only the first octet is traced; the command code and the CR at the end say nothing.
    let fields = explained.fields.iter().skip(1);
    let told = fields.filter(|field| len == octets.len() && !field.name.ends_with("CR"));
    for field in told {
        line.push_str(&format!(" {}={}", field.name, field.value.trim_end()));
    }
    vec![line]
}
