//! Chance that can be had again: `OFTP_SEED` says with which number it begins.

use std::time::SystemTime;

/// A sequence of numbers that looks like chance (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// Chance as `OFTP_SEED` has it, or as the clock has it; the number is printed either way.
    pub(crate) fn new(test: &str) -> Self {
        let seed = match std::env::var("OFTP_SEED") {
            Ok(seed) => seed.parse().expect("OFTP_SEED is a number"),
            Err(_) => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                u64::from(since.expect("a time").subsec_nanos())
            }
        };
        eprintln!("{test}: OFTP_SEED={seed}");
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below this.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

/// Whether everything is to be tried, and not a sample: `OFTP_SWEEP=full`.
pub(crate) fn is_full() -> bool {
    std::env::var("OFTP_SWEEP").is_ok_and(|sweep| sweep == "full")
}

impl From<u64> for Chance {
    fn from(seed: u64) -> Self {
        Self(seed)
    }
}
