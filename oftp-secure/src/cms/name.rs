//! Whether two X.500 names are the same though their octets are not: products write them again
//! with other string types, letters and spaces (RFC 5280 7.1).

use crate::asn1::{Asn1Error, Element, Reader, tag};

const UTF8: u8 = 0x0C;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const IA5: u8 = 0x16;
const UNIVERSAL: u8 = 0x1C;
const BMP: u8 = 0x1E;

/// One type with its value, in a form that can be compared.
type Attribute = (Vec<u8>, Value);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Text(String),
    Other(Vec<u8>),
}

/// Whether both are the same name.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    match (read(a), read(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

fn read(name: &[u8]) -> Result<Vec<Vec<Attribute>>, Asn1Error> {
    let mut names = Reader::new(name).expect(tag::SEQUENCE, "name")?.reader();
    let mut parts = Vec::new();
    while !names.is_empty() {
        let mut set = names.expect(tag::SET, "part of a name")?.reader();
        let mut part = Vec::new();
        while !set.is_empty() {
            let mut pair = set.expect(tag::SEQUENCE, "part of a name")?.reader();
            let kind = pair.expect(tag::OID, "type of a name")?.content.to_vec();
            part.push((kind, value(&pair.any()?)));
        }
        part.sort();
        parts.push(part);
    }
    Ok(parts)
}

fn value(element: &Element<'_>) -> Value {
    let octets = element.content;
    let text = match element.tag {
        UTF8 => String::from_utf8(octets.to_vec()).ok(),
        PRINTABLE | IA5 | TELETEX => Some(octets.iter().copied().map(char::from).collect()),
        BMP => {
            let units = octets.chunks(2).map(number);
            char::decode_utf16(units.map(|unit| unit as u16))
                .collect::<Result<_, _>>()
                .ok()
        }
        UNIVERSAL => octets.chunks(4).map(number).map(char::from_u32).collect(),
        _ => None,
    };
    match text {
        Some(text) => {
            let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
            Value::Text(words.join(" "))
        }
        None => Value::Other(element.whole.to_vec()),
    }
}

fn number(octets: &[u8]) -> u32 {
    octets
        .iter()
        .fold(0, |sum, octet| (sum << 8) | u32::from(*octet))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::{constructed, oid_only, primitive};

    fn name(parts: &[(u8, &[u8])]) -> Vec<u8> {
        let parts: Vec<_> = parts
            .iter()
            .map(|(tag, text)| {
                let pair = [oid_only(&[0x55, 4, 3]), primitive(*tag, text)].concat();
                constructed(tag::SET, &[&primitive(tag::SEQUENCE, &pair)])
            })
            .collect();
        primitive(tag::SEQUENCE, &parts.concat())
    }

    #[test]
    fn string_types_letters_and_spaces_do_not_matter() {
        let one = name(&[(PRINTABLE, b"Alpha Motors"), (UTF8, "Köln".as_bytes())]);
        for other in [
            name(&[(UTF8, b" alpha  MOTORS"), (TELETEX, b"K\xF6ln")]),
            name(&[(IA5, b"Alpha Motors"), (BMP, b"\0K\0\xF6\0l\0n")]),
        ] {
            assert!(same(&one, &other));
        }
        for other in [
            name(&[(UTF8, b"Alpha Motor"), (UTF8, "Köln".as_bytes())]),
            name(&[(PRINTABLE, b"Alpha Motors")]),
            name(&[(UTF8, "Köln".as_bytes()), (PRINTABLE, b"Alpha Motors")]),
            vec![0x30, 5],
        ] {
            assert!(!same(&one, &other));
        }
    }
}
