//! The character set of strings (RFC 5024 Appendix B, the same in RFC 2204).

/// The 43 characters that a string field may hold: a subset of ISO 646.
pub const APPENDIX_B: &[u8; 43] = b" &()-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Whether `octet` is one of the characters of Appendix B.
pub fn contains(octet: u8) -> bool {
    APPENDIX_B.contains(&octet)
}

/// Writes octets for people to read: printable ISO 646 as it is, everything else as `\xNN`.
pub(crate) fn write_escaped(f: &mut std::fmt::Formatter<'_>, octets: &[u8]) -> std::fmt::Result {
    for &octet in octets {
        match octet {
            b' '..=b'~' => std::fmt::Write::write_char(f, char::from(octet))?,
            _ => write!(f, "\\x{octet:02X}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_set_has_no_lower_case_and_no_underscore() {
        assert!((0..=255).filter(|&octet| super::contains(octet)).count() == 43);
        assert!(super::contains(b'&') && super::contains(b' '));
        assert!(!super::contains(b'a') && !super::contains(b'_') && !super::contains(b'\r'));
    }
}
