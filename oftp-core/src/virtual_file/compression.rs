//! Finding the runs of equal octets that are worth a compressed subrecord (RFC 5024 section 7.2).
//!
//! A compressed subrecord takes 2 octets. Inside plain text it also costs the header of the text
//! that follows, so that a run pays from 4 octets on; where a new subrecord begins anyway, it
//! pays from 3 on. Shorter runs stay plain, and the compressed form is never the longer one.

/// Shortest run that saves an octet in the middle of a plain subrecord.
pub(super) const MIN_RUN_INSIDE: usize = 4;

/// Shortest run that saves an octet where a subrecord begins anyway.
const MIN_RUN_AT_START: usize = 3;

const WORD: usize = size_of::<u64>();

/// Where runs may start that one look at a block decides; of the order of a plain subrecord.
const BLOCK: usize = 32;

/// Octets that a block of starts has to see.
const BLOCK_SEEN: usize = BLOCK + MIN_RUN_INSIDE - 1;

/// The start of the first run that is worth compressing. `at_start` says that a subrecord begins
/// with the first octet anyway.
pub(super) fn find_run(octets: &[u8], at_start: bool) -> Option<usize> {
    if let Some(&[a, b, c]) = octets.first_chunk::<MIN_RUN_AT_START>()
        && at_start
        && a == b
        && b == c
    {
        return Some(0);
    }
    let mut at = 0;
    while let Some(block) = octets
        .get(at..)
        .and_then(|rest| rest.first_chunk::<BLOCK_SEEN>())
    {
        if block_has_run(block) {
            break;
        }
        at += BLOCK;
    }
    find_run_by_word(octets, at)
}

/// Whether four equal octets start in this block. Written without branches, so that the compiler
/// compares whole vectors: data without runs passes at the speed of reading it.
fn block_has_run(block: &[u8; BLOCK_SEEN]) -> bool {
    let mut found = 0;
    for at in 0..BLOCK {
        let differs = (block[at] ^ block[at + 1])
            | (block[at + 1] ^ block[at + 2])
            | (block[at + 2] ^ block[at + 3]);
        found |= u8::from(differs == 0);
    }
    found != 0
}

/// The first four equal octets from `at` on, eight starts at a time.
fn find_run_by_word(octets: &[u8], mut at: usize) -> Option<usize> {
    const SEEN: usize = WORD + MIN_RUN_INSIDE - 1;
    while let Some(seen) = octets.get(at..).and_then(|rest| rest.first_chunk::<SEEN>()) {
        let differs = (word(seen, 0) ^ word(seen, 1))
            | (word(seen, 1) ^ word(seen, 2))
            | (word(seen, 2) ^ word(seen, 3));
        if let Some(first) = first_zero_octet(differs) {
            return Some(at + first);
        }
        at += WORD;
    }
    let tail = octets.get(at..)?;
    let four_equal = |four: &[u8]| four.iter().all(|&octet| octet == four[0]);
    tail.windows(MIN_RUN_INSIDE)
        .position(four_equal)
        .map(|first| at + first)
}

/// How many octets at the start are equal to the first one.
pub(super) fn run_length(octets: &[u8]) -> usize {
    let Some(&octet) = octets.first() else {
        return 0;
    };
    let run_word = u64::from_le_bytes([octet; WORD]);
    let (words, _) = octets.as_chunks::<WORD>();
    for (index, &chunk) in words.iter().enumerate() {
        let differs = u64::from_le_bytes(chunk) ^ run_word;
        if differs != 0 {
            return index * WORD + differs.trailing_zeros() as usize / 8;
        }
    }
    let counted = words.len() * WORD;
    counted
        + octets[counted..]
            .iter()
            .take_while(|&&other| other == octet)
            .count()
}

/// The eight octets from `at` on, the first one in the lowest bits.
fn word<const N: usize>(octets: &[u8; N], at: usize) -> u64 {
    let mut word = [0; WORD];
    word.copy_from_slice(&octets[at..at + WORD]);
    u64::from_le_bytes(word)
}

/// The index of the lowest octet of the word that is zero.
fn first_zero_octet(word: u64) -> Option<usize> {
    const LOW_BITS: u64 = u64::from_le_bytes([0x01; WORD]);
    const HIGH_BITS: u64 = u64::from_le_bytes([0x80; WORD]);
    // A borrow can mark octets above a zero one by mistake, never below: the lowest is right.
    let zeros = word.wrapping_sub(LOW_BITS) & !word & HIGH_BITS;
    (zeros != 0).then(|| zeros.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find_slowly(octets: &[u8], at_start: bool) -> Option<usize> {
        let run = |at: usize, len: usize| {
            octets
                .get(at..at + len)
                .is_some_and(|run| run.iter().all(|&o| o == run[0]))
        };
        (0..octets.len()).find(|&at| run(at, 4) || (at_start && at == 0 && run(0, 3)))
    }

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(
            octets in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(0x80)], 0..200),
            quiet in 0..200usize,
            at_start: bool,
        ) {
            let mut text: Vec<u8> = (0..quiet).map(|i| i as u8).collect();
            text.extend(octets);
            prop_assert_eq!(find_run(&text, at_start), find_slowly(&text, at_start));
        }

        #[test]
        fn measures_runs(len in 0..300usize, rest in prop::collection::vec(0u8..3, 0..20)) {
            let mut text = vec![7; len];
            text.extend(&rest);
            let expected = if len == 0 {
                rest.iter().take_while(|&&o| o == rest[0]).count()
            } else {
                len
            };
            prop_assert_eq!(run_length(&text), expected);
        }
    }
}
