//! Messages taken apart and put together again as nobody here would write them.

use oftp_secure::asn1::{Element, Reader, constructed, length, octet_string, primitive, tag};

/// A content type in its parts.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    kind: Vec<u8>,
    pub(crate) head: Vec<Vec<u8>>,
    pub(crate) info: Vec<Vec<u8>>,
    pub(crate) content: Vec<u8>,
    pub(crate) tail: Vec<Vec<u8>>,
    implicit: bool,
}

/// How lengths and segments are written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    /// DER, but for the order of sets.
    Definite,
    /// Definite lengths that are longer than need be, content in segments of this size.
    Long(usize),
    /// Indefinite lengths, content in segments of this size.
    Indefinite(usize),
    /// Segments within segments, of both kinds, and empty ones.
    Nested(usize),
}

impl Style {
    pub(crate) const ALL: [Self; 6] = [
        Self::Definite,
        Self::Long(1),
        Self::Long(1000),
        Self::Indefinite(1),
        Self::Indefinite(1000),
        Self::Nested(7),
    ];
}

impl Parts {
    pub(crate) fn of(message: &[u8]) -> Self {
        let only = |element: Element<'_>| element.content.to_vec();
        let any = |octets: &[u8]| only(Reader::new(octets).any().expect("element"));
        let info = any(message);
        let mut info = Reader::new(&info);
        let kind = info.any().expect("type").whole.to_vec();
        let body = any(info.any().expect("explicit").content);
        let mut elements = list(&body);
        let of_content = |element: &Vec<u8>| {
            let inside = any(element);
            element[0] == tag::SEQUENCE
                && list(&inside).last().is_some_and(|e| e[0] & !0x20 == 0x80)
        };
        let place = elements.iter().position(of_content).expect("content");
        let tail = elements.split_off(place + 1);
        let mut info = list(&any(&elements.pop().expect("content")));
        let content = info.pop().expect("content");
        let mut inside = Reader::new(&content).any().expect("content");
        let explicit = inside.reader().any();
        // EnvelopedData has an octet string under [0], the others [0] around one.
        let implicit = elements.last().is_some_and(|e| e[0] == tag::SET) && info.len() == 2;
        if !implicit {
            inside = explicit.expect("octet string");
        }
        Self {
            kind,
            head: elements,
            content: inside.octets().expect("octets"),
            info,
            tail,
            implicit,
        }
    }

    pub(crate) fn assemble(&self, style: Style) -> Vec<u8> {
        let content = if self.implicit {
            string(tag::CONTEXT_0, &self.content, style)
        } else {
            let string = string(tag::OCTET_STRING, &self.content, style);
            wrap(tag::CONTEXT_0_CONSTRUCTED, &string, style)
        };
        let info = [self.info.concat(), content].concat();
        let info = wrap(tag::SEQUENCE, &info, style);
        let body = [self.head.concat(), info, self.tail.concat()].concat();
        let body = wrap(tag::SEQUENCE, &body, style);
        let body = wrap(tag::CONTEXT_0_CONSTRUCTED, &body, style);
        wrap(tag::SEQUENCE, &[self.kind.clone(), body].concat(), style)
    }
}

pub(crate) fn list(octets: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = Reader::new(octets);
    let mut elements = Vec::new();
    while !reader.is_empty() {
        elements.push(reader.any().expect("element").whole.to_vec());
    }
    elements
}

/// The elements of the first element.
pub(crate) fn inside(octets: &[u8]) -> Vec<Vec<u8>> {
    list(Reader::new(octets).any().expect("element").content)
}

fn wrap(tag: u8, content: &[u8], style: Style) -> Vec<u8> {
    match style {
        Style::Definite => primitive(tag, content),
        Style::Long(_) => {
            let octets = (content.len() as u64).to_be_bytes();
            [&[tag, 0x88][..], &octets, content].concat()
        }
        Style::Indefinite(_) | Style::Nested(_) => [&[tag, 0x80], content, &[0, 0]].concat(),
    }
}

fn string(tag: u8, octets: &[u8], style: Style) -> Vec<u8> {
    match style {
        Style::Definite => primitive(tag, octets),
        Style::Long(size) | Style::Indefinite(size) => {
            let segments = octets.chunks(size).map(octet_string);
            wrap(tag | 0x20, &segments.collect::<Vec<_>>().concat(), style)
        }
        Style::Nested(size) => {
            let segments = octets.chunks(size).enumerate().map(|(number, segment)| {
                let string = octet_string(segment);
                match number % 4 {
                    0 => constructed(
                        tag::OCTET_STRING_CONSTRUCTED,
                        &[&string, &octet_string(&[])],
                    ),
                    1 => wrap(tag::OCTET_STRING_CONSTRUCTED, &string, style),
                    2 => {
                        let once = wrap(tag::OCTET_STRING_CONSTRUCTED, &string, style);
                        constructed(tag::OCTET_STRING_CONSTRUCTED, &[&once, &once[..0]])
                    }
                    _ => [string, vec![tag::OCTET_STRING_CONSTRUCTED, 0]].concat(),
                }
            });
            wrap(tag | 0x20, &segments.collect::<Vec<_>>().concat(), style)
        }
    }
}

/// The same element with other content and its length mended; for tests that change one thing.
pub(crate) fn with_content(tag: u8, elements: &[Vec<u8>]) -> Vec<u8> {
    let content = elements.concat();
    [vec![tag], length(content.len()), content].concat()
}
