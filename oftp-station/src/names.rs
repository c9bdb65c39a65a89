//! File names derived from the identity of a Virtual File, and back.
//!
//! `/`, `.` and `&` are legal in a dataset name (RFC 5024 Appendix B) and old levels allow any
//! octet, so a name that a peer chose never reaches the file system as it is. A stored name is
//! the five fields of the identity, stamps first, joined by dots:
//!
//! ```text
//! 20260131.1204550001.INVOICE_2F4711.O0013000001ORIG.O0013000002DEST
//! ```
//!
//! Within a field `A-Z`, `0-9` and an inner `-` stand for themselves, every other octet is
//! `_` and two hexadecimal digits; lower case is escaped too, so that names stay distinct where
//! the file system ignores case. A field for which this would be longer, an empty field, and a
//! date that is not all digits are written as `__` and the digits of all their octets. Each field
//! has exactly one such spelling, so distinct identities have distinct names, and each name
//! begins with a digit or `_`: no hidden file, no option, no device name. The longest name has
//! 198 octets.

use crate::identity::{Field, Identity};

/// The longest name that [`stored_name`] gives for fields within the limits of the protocol.
pub const LONGEST_NAME: usize = 202;

/// The name under which a Virtual File is stored.
#[must_use]
pub fn stored_name(identity: &Identity) -> String {
    let mut names = identity.fields().map(|field| escape(field.as_octets()));
    // The first field begins the file name: only digits keep it clear of device names (CON, NUL).
    let date = identity.date.as_octets();
    if !date.iter().all(u8::is_ascii_digit) {
        names[0] = in_digits(date);
    }
    names.join(".")
}

/// The identity that [`stored_name`] turned into `name`, or `None` if it made no such name.
#[must_use]
pub fn identity_of(name: &str) -> Option<Identity> {
    let mut fields = name.split('.').map(|part| unescape(part).map(Field::new));
    let mut next = || fields.next().flatten();
    let identity = Identity {
        date: next()?,
        time: next()?,
        dsn: next()?,
        originator: next()?,
        destination: next()?,
    };
    // Only the one right spelling counts, else two names would stand for one identity.
    (stored_name(&identity) == name).then_some(identity)
}

/// One field as a part of a file name.
#[must_use]
pub fn escape(octets: &[u8]) -> String {
    let mut name = String::new();
    for (index, &octet) in octets.iter().enumerate() {
        match octet {
            b'A'..=b'Z' | b'0'..=b'9' => name.push(char::from(octet)),
            b'-' if index > 0 => name.push('-'),
            _ => {
                name.push('_');
                push_digits(&mut name, octet);
            }
        }
    }
    let digits = in_digits(octets);
    if name.is_empty() || digits.len() < name.len() {
        digits
    } else {
        name
    }
}

/// The octets that [`escape`] (or the all-digits spelling) turned into `name`.
#[must_use]
pub fn unescape(name: &str) -> Option<Vec<u8>> {
    if let Some(digits) = name.strip_prefix("__") {
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        return rest
            .is_empty()
            .then(|| pairs.iter().map(octet_of).collect())?;
    }
    let mut octets = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'_' {
            let (pair, after) = rest.split_first_chunk::<2>()?;
            octets.push(octet_of(pair)?);
            rest = after;
        } else {
            octets.push(first);
        }
    }
    Some(octets)
}

fn in_digits(octets: &[u8]) -> String {
    let mut name = String::from("__");
    for &octet in octets {
        push_digits(&mut name, octet);
    }
    name
}

fn push_digits(name: &mut String, octet: u8) {
    const DIGITS: [u8; 16] = *b"0123456789ABCDEF";
    for nibble in [octet >> 4, octet & 15] {
        name.push(char::from(DIGITS[usize::from(nibble)]));
    }
}

fn octet_of(pair: &[u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn identity(date: &str, time: &str, dsn: &str, originator: &str, to: &str) -> Identity {
        Identity {
            date: Field::new(date),
            time: Field::new(time),
            dsn: Field::new(dsn),
            originator: Field::new(originator),
            destination: Field::new(to),
        }
    }

    #[test]
    fn an_ordinary_name_stays_readable() {
        let name = stored_name(&identity("20260131", "1204550001", "INVOICE-1", "OA", "OB"));
        assert_eq!(name, "20260131.1204550001.INVOICE-1.OA.OB");
    }

    #[test]
    fn a_path_is_escaped() {
        let name = stored_name(&identity(
            "20260131",
            "1204550001",
            "../../ETC/X",
            "-A",
            "O B",
        ));
        assert_eq!(
            name,
            "20260131.1204550001.__2E2E2F2E2E2F4554432F58._2DA.O_20B"
        );
    }

    #[test]
    fn a_device_name_and_empty_fields_are_spelt_in_digits() {
        let name = stored_name(&identity("CON", "", "NUL", "a", "OB"));
        assert_eq!(name, "__434F4E.__.NUL._61.OB");
        assert_eq!(
            identity_of(&name),
            Some(identity("CON", "", "NUL", "a", "OB"))
        );
    }

    #[test]
    fn the_longest_fields_fit_a_file_system() {
        let [date, time, dsn, code] = [8, 10, 26, 25].map(|octets| "a".repeat(octets));
        let name = stored_name(&identity(&date, &time, &dsn, &code, &code));
        assert_eq!(name.len(), LONGEST_NAME);
    }

    /// (threat model N10)
    #[test]
    fn padding_makes_no_difference() {
        let padded = identity("20260131", "1204550001", "A   ", "OA ", "OB ");
        assert_eq!(padded, identity("20260131", "1204550001", "A", "OA", "OB"));
    }

    #[test]
    fn other_spellings_and_other_files_are_not_taken_for_stored_names() {
        for name in [
            "",
            "README",
            "20260131.1204550001._41.OA.OB",
            "20260131.1.A.OA",
            "1.2.A.B.C.D",
        ] {
            assert_eq!(identity_of(name), None, "{name}");
        }
    }

    fn field(longest: usize) -> impl Strategy<Value = Field> {
        let octet = prop_oneof![4 => b'A'..=b'D', 2 => b'a'..=b'd', 2 => any::<u8>(),
            2 => prop::sample::select(b"/.-_ &0".to_vec())];
        prop::collection::vec(octet, 0..=longest).prop_map(Field::new)
    }

    fn any_identity() -> impl Strategy<Value = Identity> {
        (field(8), field(10), field(26), field(25), field(25)).prop_map(
            |(date, time, dsn, originator, destination)| Identity {
                date,
                time,
                dsn,
                originator,
                destination,
            },
        )
    }

    proptest! {
        /// (threat model N1, N3, N11)
        #[test]
        fn every_name_is_safe_and_leads_back(identity in any_identity()) {
            let name = stored_name(&identity);
            prop_assert!(name.len() <= LONGEST_NAME);
            prop_assert!(name.bytes().all(|o| o.is_ascii_uppercase() || o.is_ascii_digit()
                || matches!(o, b'-' | b'_' | b'.')));
            prop_assert!(name.starts_with(|c: char| c.is_ascii_digit() || c == '_'));
            prop_assert!(!name.contains("..") && !name.ends_with('.'));
            prop_assert_eq!(identity_of(&name), Some(identity));
        }

        /// (threat model N3)
        #[test]
        fn distinct_identities_have_distinct_names_even_without_case(
            short in prop::collection::vec((field(2), field(2)), 60)
        ) {
            let mut seen: HashMap<String, Identity> = HashMap::new();
            for (dsn, originator) in short {
                let identity = Identity { dsn, originator, ..identity("1", "1", "", "", "OB") };
                let name = stored_name(&identity).to_lowercase();
                if let Some(other) = seen.insert(name, identity.clone()) {
                    prop_assert_eq!(other, identity);
                }
            }
        }
    }
}
