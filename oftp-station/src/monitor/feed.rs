//! A source as a Virtual File: where its records end, and the octets between two places.

use std::io;

use oftp_core::mailbox::{SendBuffer, Supply};
use oftp_core::virtual_file::Structure;
use oftp_core::wire::RecordFormat;
use oftp_secure::crypto::{Digest, Hash};

use super::source::Source;

/// As much is read at a time: more than the largest Data Exchange Buffer takes.
const WINDOW: usize = 256 * 1024;

/// Octets of the length before a record of a V file.
const LENGTH: usize = 2;

const BLOCK: u64 = 1024;

/// How the octets of a source make a Virtual File.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// U, T, and envelopes.
    Stream,
    /// F: records of this length.
    Fixed(u64),
    /// V: each record behind its length, 2 octets, most significant first.
    Variable,
}

impl Layout {
    pub(super) fn of(structure: Structure) -> Self {
        match structure.format() {
            _ if structure.is_enveloped() => Self::Stream,
            RecordFormat::F => Self::Fixed(structure.lrecl().max(1).into()),
            RecordFormat::V => Self::Variable,
            RecordFormat::U | RecordFormat::T => Self::Stream,
        }
    }
}

/// A source that is read from one place to its end.
#[derive(Debug)]
pub(super) struct Feed {
    pub(super) source: Source,
    layout: Layout,
    /// Octets of the source from `start` on; `len` of them count.
    window: Vec<u8>,
    start: u64,
    len: usize,
    /// Where in the source the next octet is.
    at: u64,
    /// Octets and whole records of the Virtual File that are behind.
    octets: u64,
    records: u64,
    /// What is left of the record that has begun.
    open: Option<u64>,
    /// The longest record so far.
    longest: u64,
}

/// What comes next.
enum Next<'a> {
    /// The window is empty.
    Read,
    Piece(&'a [u8], bool),
    End,
}

fn cut() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "its last record is cut off: it is not made of whole records",
    )
}

impl Feed {
    pub(super) const fn new(source: Source, layout: Layout) -> Self {
        Self {
            source,
            layout,
            window: Vec::new(),
            start: 0,
            len: 0,
            at: 0,
            octets: 0,
            records: 0,
            open: None,
            longest: 0,
        }
    }

    pub(super) const fn octets(&self) -> u64 {
        self.octets
    }

    pub(super) const fn longest(&self) -> u64 {
        self.longest
    }

    /// What is behind as a restart position.
    pub(super) const fn position(&self) -> u64 {
        match self.layout {
            Layout::Stream => self.octets / BLOCK,
            Layout::Fixed(_) | Layout::Variable => self.records,
        }
    }

    /// Goes to the start and gives the memory of the window back: the file waits.
    pub(super) fn rest(&mut self) {
        (self.window, self.start, self.len) = (Vec::new(), 0, 0);
        (self.at, self.octets, self.records, self.open) = (0, 0, 0, None);
    }

    /// Goes to a restart position.
    pub(super) fn seek(&mut self, position: u64) -> io::Result<()> {
        let beyond = || io::Error::other("the partner wants to go on behind the end of the file");
        (self.start, self.len) = (0, 0);
        (self.at, self.octets, self.records, self.open) = (0, 0, 0, None);
        let octets = match self.layout {
            Layout::Stream => position.checked_mul(BLOCK),
            Layout::Fixed(record) => {
                self.records = position;
                position.checked_mul(record)
            }
            Layout::Variable => {
                while self.records < position {
                    if !self.pass(&mut |_| {})? {
                        return Err(beyond());
                    }
                }
                return Ok(());
            }
        };
        let octets = octets.filter(|octets| *octets <= self.source.len());
        self.at = octets.ok_or_else(beyond)?;
        self.octets = self.at;
        Ok(())
    }

    /// Reads all of it from the start: checks its records, and hashes it.
    pub(super) fn survey(&mut self, hash: Option<Hash>) -> io::Result<Option<Vec<u8>>> {
        self.seek(0)?;
        if let Layout::Fixed(record) = self.layout
            && !self.source.len().is_multiple_of(record)
        {
            return Err(cut());
        }
        let mut digest = hash.map(Digest::new);
        // Streams and F files show their size without being read.
        if digest.is_none() && self.layout != Layout::Variable {
            self.octets = self.source.len();
            if let Layout::Fixed(record) = self.layout {
                self.records = self.octets / record;
            }
            return Ok(None);
        }
        let mut update = |octets: &[u8]| {
            if let Some(digest) = &mut digest {
                digest.update(octets);
            }
        };
        while self.pass(&mut update)? {}
        Ok(digest.map(Digest::finish))
    }

    /// Passes over one piece; false at the end.
    fn pass(&mut self, each: &mut impl FnMut(&[u8])) -> io::Result<bool> {
        loop {
            let (octets, ended) = match self.next()? {
                Next::End => return Ok(false),
                Next::Piece(octets, ended) => {
                    each(octets);
                    (octets.len(), ended)
                }
                Next::Read => {
                    self.read()?;
                    continue;
                }
            };
            self.advance(octets, ended);
            return Ok(true);
        }
    }

    /// The octets of the source that are in the window and not behind.
    fn waiting(&self) -> &[u8] {
        let behind = self.at.saturating_sub(self.start);
        let behind = usize::try_from(behind).unwrap_or(usize::MAX);
        self.window[..self.len].get(behind..).unwrap_or_default()
    }

    fn read(&mut self) -> io::Result<()> {
        if self.window.is_empty() {
            let none = |_| io::Error::from(io::ErrorKind::OutOfMemory);
            self.window.try_reserve_exact(WINDOW).map_err(none)?;
            self.window.resize(WINDOW, 0);
        }
        let left = self.source.len() - self.at;
        let len = usize::try_from(left).map_or(WINDOW, |left| left.min(WINDOW));
        self.len = 0;
        self.source.read_at(&mut self.window[..len], self.at)?;
        (self.start, self.len) = (self.at, len);
        Ok(())
    }

    fn next(&mut self) -> io::Result<Next<'_>> {
        if self.at == self.source.len() && self.open.is_none() {
            return Ok(Next::End);
        }
        let left = self.source.len() - self.at;
        let record = match self.layout {
            Layout::Stream => left,
            Layout::Fixed(record) => record - self.octets % record,
            Layout::Variable => match self.open {
                Some(open) => open,
                None if left < LENGTH as u64 => return Err(cut()),
                None => {
                    let Some(&length) = self.waiting().first_chunk::<LENGTH>() else {
                        return Ok(Next::Read);
                    };
                    let length = u64::from(u16::from_be_bytes(length));
                    self.at += LENGTH as u64;
                    self.open = Some(length);
                    self.longest = self.longest.max(length);
                    length
                }
            },
        };
        if record > self.source.len() - self.at {
            return Err(cut());
        }
        let waiting = self.waiting();
        if waiting.is_empty() && record > 0 {
            return Ok(Next::Read);
        }
        let taken = usize::try_from(record).map_or(waiting.len(), |r| r.min(waiting.len()));
        Ok(Next::Piece(&waiting[..taken], taken as u64 == record))
    }

    fn advance(&mut self, octets: usize, ended: bool) {
        self.at += octets as u64;
        self.octets += octets as u64;
        if let Some(open) = &mut self.open {
            *open -= octets as u64;
        }
        if ended {
            self.open = None;
            self.records += u64::from(self.layout != Layout::Stream);
        }
    }

    /// Fills one Data Exchange Buffer, and says whether the file is at its end.
    pub(super) fn fill(&mut self, buffer: &mut SendBuffer<'_, '_>) -> io::Result<Supply> {
        loop {
            let (written, all) = match self.next()? {
                Next::End => return Ok(Supply::End),
                Next::Read => {
                    self.read()?;
                    continue;
                }
                Next::Piece(octets, ends) => {
                    let written = buffer.write(octets, ends);
                    let all = written.octets == octets.len() && written.ended == ends;
                    (written, all)
                }
            };
            self.advance(written.octets, written.ended);
            if !all {
                return Ok(Supply::More);
            }
        }
    }

    /// The raw octets, as the content of an envelope (RFC 5024 6.5: V with lengths).
    pub(super) fn content(&self) -> Content<'_> {
        Content {
            source: &self.source,
            at: 0,
        }
    }
}

/// Reads a source from its start.
pub(super) struct Content<'a> {
    source: &'a Source,
    at: u64,
}

impl io::Read for Content<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.source.len() - self.at;
        let len = usize::try_from(left).map_or(out.len(), |left| left.min(out.len()));
        self.source.read_at(&mut out[..len], self.at)?;
        self.at += len as u64;
        Ok(len)
    }
}
