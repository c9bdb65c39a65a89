//! What nobody is to foretell: pauses before retries, and who has to go where too many are in.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// From 0 to 1.
#[must_use]
pub fn fraction() -> f64 {
    f64::from(drawn()) / f64::from(u32::MAX)
}

/// From 0 to one less than this; 0 of 0.
pub(crate) fn below(bound: usize) -> usize {
    usize::try_from(drawn()).map_or(0, |drawn| drawn.checked_rem(bound).unwrap_or(0))
}

fn drawn() -> u32 {
    // Each state of the hasher has keys of its own from the system.
    u32::try_from(RandomState::new().hash_one(()) >> 32).unwrap_or(0)
}
