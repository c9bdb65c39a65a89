//! Writes elements as DER.

use super::tag;

/// The length octets for this many content octets.
#[must_use]
pub fn length(octets: usize) -> Vec<u8> {
    if octets < 0x80 {
        return vec![octets as u8];
    }
    let all = octets.to_be_bytes();
    let skip = all.iter().take_while(|octet| **octet == 0).count();
    let mut out = vec![0x80 | (all.len() - skip) as u8];
    out.extend_from_slice(&all[skip..]);
    out
}

/// An element with this tag and content.
#[must_use]
pub fn primitive(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend(length(content.len()));
    out.extend_from_slice(content);
    out
}

/// An element with this tag that holds these elements.
#[must_use]
pub fn constructed(tag: u8, elements: &[&[u8]]) -> Vec<u8> {
    primitive(tag, &elements.concat())
}

/// A small INTEGER.
#[must_use]
pub fn integer(value: u8) -> Vec<u8> {
    if value < 0x80 {
        primitive(tag::INTEGER, &[value])
    } else {
        primitive(tag::INTEGER, &[0, value])
    }
}

/// An OCTET STRING.
#[must_use]
pub fn octet_string(content: &[u8]) -> Vec<u8> {
    primitive(tag::OCTET_STRING, content)
}

/// An OBJECT IDENTIFIER by its content octets.
#[must_use]
pub fn oid_only(oid: &[u8]) -> Vec<u8> {
    primitive(tag::OID, oid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_the_shortest() {
        assert_eq!(length(0), [0]);
        assert_eq!(length(127), [127]);
        assert_eq!(length(128), [0x81, 128]);
        assert_eq!(length(65_536), [0x83, 1, 0, 0]);
        assert_eq!(integer(200), [2, 2, 0, 200]);
    }
}
