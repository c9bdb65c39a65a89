//! Real processes, the folders they work in, scripted partners, and a line that can be cut.

mod formats;
mod keys;
mod peer;
mod place;
mod process;
mod proxy;

pub(crate) use formats::{every_format, layout};
pub(crate) use keys::{ALPHA, BETA, PASSPHRASE, certificate, credential};
pub(crate) use peer::{Peer, code, code_of, data, level_of, sfid, ssid};
pub(crate) use place::{Listener, Place};
pub(crate) use process::{LIMIT, Process, Run};
pub(crate) use proxy::{Cut, Proxy};

/// Octets that no two positions within some MB share by accident, and that do not compress.
pub(crate) fn noise(octets: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut all = Vec::with_capacity(octets + 8);
    while all.len() < octets {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        all.extend_from_slice(&state.to_le_bytes());
    }
    all.truncate(octets);
    all
}
