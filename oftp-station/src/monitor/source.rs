//! Where the octets of a file to send come from.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::MonitorError;

/// Octets of a host that can be read at any place: an object in a language of its own.
pub trait ReadAt: Send {
    /// Reads octets from `offset` on into `out`; how many, at least 1. 0 means that the source
    /// has become shorter than it was said to be. The same octets may be read again: when a file
    /// is restarted, sealed, or its records are counted.
    ///
    /// # Errors
    /// Any: the file is then not sent, and a session in which it is sent is ended (ESID 99).
    fn read_at(&self, out: &mut [u8], offset: u64) -> io::Result<usize>;
}

/// Octets of a file to send, which stay the same until it is sent.
#[derive(Debug)]
pub struct Source {
    octets: Octets,
    len: u64,
}

enum Octets {
    File(File),
    Memory(Vec<u8>),
    Host(Box<dyn ReadAt>),
}

impl std::fmt::Debug for Octets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File",
            Self::Memory(_) => "Memory",
            Self::Host(_) => "Host",
        })
    }
}

impl Source {
    /// A regular file as it is now.
    ///
    /// # Errors
    /// It is none, or the system says no.
    pub fn file(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(no_file());
        }
        Ok(Self {
            len: metadata.len(),
            octets: Octets::File(file),
        })
    }

    /// The regular file at this path.
    ///
    /// # Errors
    /// [`MonitorError::Io`]: it cannot be opened, or is no regular file.
    pub fn path(path: &Path) -> Result<Self, MonitorError> {
        // Opening a pipe would wait for its other end, so look first.
        let opened = match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => Err(no_file()),
            Ok(_) => File::open(path).and_then(Self::file),
            Err(error) => Err(error),
        };
        opened.map_err(|error| MonitorError::io(path.display().to_string(), error))
    }

    /// These octets.
    #[must_use]
    pub const fn memory(octets: Vec<u8>) -> Self {
        Self {
            len: octets.len() as u64,
            octets: Octets::Memory(octets),
        }
    }

    /// `len` octets that the host reads. They are dropped when the file is sent or forgotten, and
    /// as soon as it has been sealed.
    #[must_use]
    pub fn host(octets: Box<dyn ReadAt>, len: u64) -> Self {
        Self {
            len,
            octets: Octets::Host(octets),
        }
    }

    /// How many octets there are.
    #[expect(
        clippy::len_without_is_empty,
        reason = "an empty one is like any other"
    )]
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Fills `out` from this place on.
    pub(super) fn read_at(&self, mut out: &mut [u8], mut offset: u64) -> io::Result<()> {
        match &self.octets {
            Octets::File(file) => match file.read_exact_at(out, offset) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(shorter()),
                result => result,
            },
            Octets::Memory(octets) => {
                let start = usize::try_from(offset).map_err(|_| shorter())?;
                let from = octets.get(start..).and_then(|rest| rest.get(..out.len()));
                out.copy_from_slice(from.ok_or_else(shorter)?);
                Ok(())
            }
            Octets::Host(host) => {
                while !out.is_empty() {
                    let taken = match host.read_at(out, offset)? {
                        0 => return Err(shorter()),
                        taken => taken.min(out.len()),
                    };
                    out = &mut out[taken..];
                    offset += taken as u64;
                }
                Ok(())
            }
        }
    }
}

fn no_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")
}

fn shorter() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it has become shorter")
}
