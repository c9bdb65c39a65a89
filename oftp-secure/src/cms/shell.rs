//! What the three content types have in common when they are read: small elements, the content,
//! and small elements again (RFC 5652 3, 5.1, 6.1; RFC 3274 1.1).
//!
//! ```text
//! SEQUENCE { type, [0] { SEQUENCE {              SignedData   CompressedData   EnvelopedData
//!     head                                       2 elements   2 elements       2 or 3
//!     SEQUENCE { info, [0] content }             explicit     explicit         implicit
//!     tail                                       1 to 3       none             0 or 1
//! } } }
//! ```

use super::ber::{Ber, Token};
use super::error::{Layer, OpenProblem};
use crate::asn1::{Reader, oid, tag};

/// The most octets of all small elements together (certificates, recipients, signatures).
const MOST: usize = 4 << 20;

/// What is read next.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// Head and info were read, the content begins.
    Begin,
    /// Some of the content.
    Content(&'a [u8]),
    /// The tail was read; nothing may follow.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Type,
    Explicit,
    Body,
    Head,
    Info,
    ExplicitContent,
    Content { depth: usize },
    ContentRead,
    InfoRead,
    Tail,
    Closing,
    Done,
}

/// Reads one content type from its first octet to its last.
#[derive(Debug)]
pub(super) struct Shell {
    layer: Layer,
    ber: Ber,
    state: State,
    /// The depth around the small element that is being kept.
    keeping: Option<usize>,
    sequences: usize,
    kept: Vec<u8>,
    head: Vec<u8>,
    info: Vec<u8>,
    tail: Vec<u8>,
}

impl Shell {
    pub(super) fn new(layer: Layer) -> Self {
        Self {
            layer,
            ber: Ber::default(),
            state: State::Start,
            keeping: None,
            sequences: 0,
            kept: Vec::new(),
            head: Vec::new(),
            info: Vec::new(),
            tail: Vec::new(),
        }
    }

    /// The elements before the content.
    pub(super) fn head(&self) -> Reader<'_> {
        Reader::new(&self.head)
    }

    /// The elements beside the content: its type, and its algorithm if it is encrypted.
    pub(super) fn info(&self) -> Reader<'_> {
        Reader::new(&self.info)
    }

    /// The elements behind the content.
    pub(super) fn tail(&self) -> Reader<'_> {
        Reader::new(&self.tail)
    }

    /// Puts back the last `octets` of the last [`Part::Content`].
    pub(super) fn unread(&mut self, octets: usize) {
        self.ber.unread(octets);
    }

    /// How many octets are held.
    pub(super) fn held(&self) -> usize {
        let parts = [&self.kept, &self.head, &self.info, &self.tail];
        parts.into_iter().map(Vec::capacity).sum()
    }

    /// The next part, taken from the beginning of `input`; `None` when more is needed.
    ///
    /// # Errors
    /// It is not the content type that was announced, or no CMS at all.
    pub(super) fn next<'a>(
        &mut self,
        input: &mut &'a [u8],
    ) -> Result<Option<Part<'a>>, OpenProblem> {
        while let Some(token) = self.ber.next(input)? {
            if let Some(depth) = self.keeping {
                self.keep(&token)?;
                if token == Token::Close && self.ber.depth() == depth {
                    self.keeping = None;
                    self.element_kept()?;
                }
            } else if let Some(part) = self.step(token)? {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    /// No more octets will come.
    ///
    /// # Errors
    /// The message is cut off.
    pub(super) fn end(&self) -> Result<(), OpenProblem> {
        if self.state == State::Done && self.ber.is_done() {
            Ok(())
        } else {
            Err(OpenProblem::Cut { at: self.ber.at() })
        }
    }

    fn step<'a>(&mut self, token: Token<'a>) -> Result<Option<Part<'a>>, OpenProblem> {
        let implicit = self.layer == Layer::Encryption;
        self.state = match (self.state, token) {
            (State::Start, Token::Open(tag::SEQUENCE)) => State::Type,
            (State::Type, Token::Primitive(tag::OID)) => return self.start_keeping(),
            (State::Explicit, Token::Open(tag::CONTEXT_0_CONSTRUCTED)) => State::Body,
            (State::Body, Token::Open(tag::SEQUENCE)) => State::Head,
            (State::Head, Token::Open(tag::SEQUENCE)) if self.sequences == self.before_info() => {
                State::Info
            }
            (State::Head, Token::Open(tag)) => {
                self.sequences += usize::from(tag == tag::SEQUENCE);
                return self.start_keeping();
            }
            (State::Head, Token::Primitive(_)) => return self.start_keeping(),
            (State::Info, Token::Open(tag::CONTEXT_0_CONSTRUCTED)) if !implicit => {
                State::ExplicitContent
            }
            (State::Info, Token::Open(tag::CONTEXT_0_CONSTRUCTED))
            | (State::Info, Token::Primitive(tag::CONTEXT_0))
                if implicit =>
            {
                return self.begin();
            }
            (State::Info, Token::Open(_) | Token::Primitive(_)) => return self.start_keeping(),
            (State::Info, Token::Close) => return Err(OpenProblem::NoContent),
            (
                State::ExplicitContent,
                Token::Open(tag::OCTET_STRING_CONSTRUCTED) | Token::Primitive(tag::OCTET_STRING),
            ) => return self.begin(),
            (state @ State::Content { .. }, Token::Octets(octets)) => {
                self.state = state;
                return Ok(Some(Part::Content(octets)));
            }
            (
                state @ State::Content { .. },
                Token::Open(tag::OCTET_STRING_CONSTRUCTED) | Token::Primitive(tag::OCTET_STRING),
            ) => state,
            (state @ State::Content { depth }, Token::Close) => {
                match (self.ber.depth() < depth, implicit) {
                    (false, _) => state,
                    (true, false) => State::ContentRead,
                    (true, true) => State::InfoRead,
                }
            }
            (State::ContentRead, Token::Close) => State::InfoRead,
            (State::InfoRead, Token::Close) => State::Tail,
            (State::Tail, Token::Open(_) | Token::Primitive(_)) => return self.start_keeping(),
            (State::Tail, Token::Close) => State::Closing,
            (State::Closing, Token::Close) if self.ber.depth() > 0 => State::Closing,
            (State::Closing, Token::Close) => {
                self.state = State::Done;
                return Ok(Some(Part::End));
            }
            (state, _) => return Err(self.unexpected(state)),
        };
        Ok(None)
    }

    /// How many SEQUENCEs stand before the one with the content.
    fn before_info(&self) -> usize {
        usize::from(self.layer == Layer::Compression)
    }

    fn begin<'a>(&mut self) -> Result<Option<Part<'a>>, OpenProblem> {
        self.state = State::Content {
            depth: self.ber.depth(),
        };
        Ok(Some(Part::Begin))
    }

    fn start_keeping<'a>(&mut self) -> Result<Option<Part<'a>>, OpenProblem> {
        self.keeping = Some(self.ber.depth() - 1);
        self.kept.extend_from_slice(self.ber.header());
        self.ber.make_opaque();
        Ok(None)
    }

    fn keep(&mut self, token: &Token<'_>) -> Result<(), OpenProblem> {
        match token {
            Token::Octets(octets) => self.kept.extend_from_slice(octets),
            Token::Open(_) => {
                self.kept.extend_from_slice(self.ber.header());
                self.ber.make_opaque();
            }
            Token::Primitive(_) | Token::Close => self.kept.extend_from_slice(self.ber.header()),
        }
        let all = self.kept.len() + self.head.len() + self.info.len() + self.tail.len();
        if all > MOST {
            return Err(OpenProblem::Structure {
                what: "more than 4 MiB beside the content",
                at: self.ber.at(),
            });
        }
        Ok(())
    }

    fn element_kept(&mut self) -> Result<(), OpenProblem> {
        match self.state {
            State::Type => {
                let found = Reader::new(&self.kept).any()?.content;
                if found != self.layer.oid() {
                    return Err(OpenProblem::OtherType {
                        found: type_name(found),
                    });
                }
                self.kept.clear();
                self.state = State::Explicit;
            }
            State::Info => append(&mut self.info, &mut self.kept),
            State::Tail => append(&mut self.tail, &mut self.kept),
            _ => append(&mut self.head, &mut self.kept),
        }
        Ok(())
    }

    fn unexpected(&self, state: State) -> OpenProblem {
        let what = match state {
            State::Start | State::Type | State::Explicit | State::Body => "no CMS message",
            State::Head => "content missing",
            State::ExplicitContent | State::Content { .. } => "content that is no octet string",
            _ => "an element out of place",
        };
        OpenProblem::Structure {
            what,
            at: self.ber.at(),
        }
    }
}

/// Moves the first element as it is: it may be large.
fn append(to: &mut Vec<u8>, kept: &mut Vec<u8>) {
    if to.is_empty() {
        std::mem::swap(to, kept);
    } else {
        to.append(kept);
    }
}

fn type_name(found: &[u8]) -> String {
    match found {
        oid::DATA => "Data".to_owned(),
        oid::SIGNED_DATA => "SignedData".to_owned(),
        oid::ENVELOPED_DATA => "EnvelopedData".to_owned(),
        oid::COMPRESSED_DATA => "CompressedData".to_owned(),
        _ => oid::dotted(found),
    }
}
