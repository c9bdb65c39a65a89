//! Sizes in 1K blocks, as SFIDFSIZ and SFIDOSIZ announce them (RFC 5024 section 5.3.3).

/// Octets in one block of a size or of a restart position of a U or T file.
pub const BLOCK_OCTETS: u64 = 1024;

/// The size of a file of `octets` octets in 1K blocks, rounded up (CF-27): an empty file has 0
/// blocks, a file of one octet has 1.
#[must_use]
pub const fn size_blocks(octets: u64) -> u64 {
    octets.div_ceil(BLOCK_OCTETS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up() {
        let sizes = [(0, 0), (1, 1), (900, 1), (1024, 1), (1025, 2), (2048, 2)];
        for (octets, blocks) in sizes {
            assert_eq!(size_blocks(octets), blocks, "{octets} octets");
        }
        assert_eq!(size_blocks(u64::MAX), 1 << 54);
    }
}
