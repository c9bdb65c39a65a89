//! [`Transform`]s behind [`std::io`].

use std::io::{self, Read, Write};

use super::error::{OpenError, SealError};
use super::open::{OpenPlan, Opened, Opener};
use super::pipeline::CHUNK;
use super::seal::{SealPlan, Sealer};
use super::transform::Transform;

/// Reads what becomes of the octets of another reader.
///
/// An error of the transform is an [`io::Error`] of kind [`InvalidData`](io::ErrorKind::InvalidData)
/// around it. The end of the octets is told only when the transform is done.
#[derive(Debug)]
pub struct Reader<R, T> {
    inner: R,
    transform: T,
    buffer: Vec<u8>,
    /// What of the buffer was not pushed yet.
    rest: std::ops::Range<usize>,
    ended: bool,
}

impl<R: Read, T: Transform> Reader<R, T> {
    /// Transforms the octets of `inner`.
    pub fn new(inner: R, transform: T) -> Self {
        Self {
            inner,
            transform,
            buffer: vec![0; CHUNK],
            rest: 0..0,
            ended: false,
        }
    }

    /// The transform, such as to ask an [`Opener`] for what it knows.
    pub const fn transform(&self) -> &T {
        &self.transform
    }

    /// Both parts.
    pub fn into_parts(self) -> (R, T) {
        (self.inner, self.transform)
    }

    fn feed(&mut self) -> io::Result<()> {
        if self.rest.is_empty() && !self.ended {
            let read = self.inner.read(&mut self.buffer)?;
            self.rest = 0..read;
            if read == 0 {
                self.ended = true;
                return self.transform.end().map_err(invalid);
            }
        }
        let rest = self.buffer.get(self.rest.clone()).unwrap_or_default();
        if !rest.is_empty() {
            self.rest.start += self.transform.push(rest).map_err(invalid)?;
        }
        Ok(())
    }
}

impl<R: Read, T: Transform> Read for Reader<R, T> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let pulled = self.transform.pull(out).map_err(invalid)?;
            if pulled > 0 || out.is_empty() || self.transform.is_done() {
                return Ok(pulled);
            }
            if let Err(error) = self.feed() {
                if error.kind() == io::ErrorKind::Interrupted {
                    continue;
                }
                return Err(error);
            }
        }
    }
}

/// Writes what becomes of octets to another writer.
///
/// Errors as those of [`Reader`]. Nothing is complete before [`finish`](Self::finish).
#[derive(Debug)]
pub struct Writer<W, T> {
    inner: W,
    transform: T,
    buffer: Vec<u8>,
}

impl<W: Write, T: Transform> Writer<W, T> {
    /// Transforms octets for `inner`.
    pub fn new(inner: W, transform: T) -> Self {
        Self {
            inner,
            transform,
            buffer: vec![0; CHUNK],
        }
    }

    /// Writes all that is still to come; both parts.
    ///
    /// # Errors
    /// The transform or the writer fails.
    pub fn finish(mut self) -> io::Result<(W, T)> {
        self.transform.end().map_err(invalid)?;
        self.drain()?;
        self.inner.flush()?;
        Ok((self.inner, self.transform))
    }

    fn drain(&mut self) -> io::Result<()> {
        while let pulled @ 1.. = self.transform.pull(&mut self.buffer).map_err(invalid)? {
            self.inner
                .write_all(self.buffer.get(..pulled).unwrap_or_default())?;
        }
        Ok(())
    }
}

impl<W: Write, T: Transform> Write for Writer<W, T> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut taken = self.transform.push(octets).map_err(invalid)?;
        self.drain()?;
        if taken == 0 && !octets.is_empty() {
            taken = self.transform.push(octets).map_err(invalid)?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.drain()?;
        self.inner.flush()
    }
}

/// Seals what `from` gives into `to`. `progress` is told how many octets were read so far.
///
/// # Errors
/// Of kind [`InvalidInput`](io::ErrorKind::InvalidInput) around a [`SealError`] when the plan
/// cannot be carried out, else those of `from` and `to`.
pub fn seal(
    plan: SealPlan,
    from: &mut impl Read,
    to: &mut impl Write,
    progress: impl FnMut(u64),
) -> io::Result<()> {
    let sealer = Sealer::new(plan);
    let sealer = sealer.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    run(sealer, from, to, progress).map(drop)
}

/// Opens what `from` gives into `to`. `progress` is told how many octets were read so far.
///
/// What is in `to` must not be used before this returns, and not at all if it returns an error.
///
/// # Errors
/// Of kind [`InvalidData`](io::ErrorKind::InvalidData) around an [`OpenError`] when the message is
/// wrong, else those of `from` and `to`. [`open_error`] finds it again.
pub fn open(
    plan: OpenPlan,
    from: &mut impl Read,
    to: &mut impl Write,
    progress: impl FnMut(u64),
) -> io::Result<Opened> {
    let opener = run(Opener::new(plan), from, to, progress)?;
    // The transform has ended without an error and was drained: it is done.
    Ok(opener.opened().unwrap_or_default())
}

/// What [`seal`] or a [`Writer`] of a [`Sealer`] had to say, if it was not an error of files.
#[must_use]
pub fn seal_error(error: &io::Error) -> Option<&SealError> {
    error.get_ref()?.downcast_ref()
}

/// What [`open`] or a [`Reader`] of an [`Opener`] had to say, if it was not an error of files.
#[must_use]
pub fn open_error(error: &io::Error) -> Option<&OpenError> {
    error.get_ref()?.downcast_ref()
}

fn run<T: Transform>(
    transform: T,
    from: &mut impl Read,
    to: &mut impl Write,
    mut progress: impl FnMut(u64),
) -> io::Result<T> {
    let mut writer = Writer::new(to, transform);
    let mut buffer = vec![0; CHUNK];
    let mut done = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        writer.write_all(buffer.get(..read).unwrap_or_default())?;
        done += read as u64;
        progress(done);
    }
    Ok(writer.finish()?.1)
}

fn invalid<E: std::error::Error + Send + Sync + 'static>(error: E) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
