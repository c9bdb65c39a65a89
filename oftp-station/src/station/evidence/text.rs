//! Octets of the protocol as text: printable ASCII as it is, all else as `\xNN`, and a backslash
//! as two, so that every octet comes back.

/// The text for these octets.
pub(super) fn of(octets: &[u8]) -> String {
    octets.escape_ascii().to_string()
}

/// The octets that became this text; `None`: none did.
pub(super) fn octets(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'\\' => match rest.next()? {
                b't' => b'\t',
                b'r' => b'\r',
                b'n' => b'\n',
                b'x' => {
                    let high = char::from(rest.next()?).to_digit(16)?;
                    let low = char::from(rest.next()?).to_digit(16)?;
                    u8::try_from(high * 16 + low).ok()?
                }
                quoted @ (b'\\' | b'\'' | b'"') => quoted,
                _ => return None,
            },
            octet => octet,
        });
    }
    // One spelling each: what is compared as text is compared octet by octet.
    (of(&octets) == text).then_some(octets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_octet_comes_back(all in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(octets(&of(&all)), Some(all));
        }

        #[test]
        fn what_is_no_text_of_octets_is_refused(text in "\\PC{0,20}") {
            if let Some(all) = octets(&text) {
                prop_assert_eq!(of(&all), text);
            }
        }
    }
}
