//! Octets in, octets out.

/// Turns octets into others, in pieces of any size and in bounded memory.
///
/// The caller drives: [`push`](Self::push) what there is, [`pull`](Self::pull) what there is to
/// have, [`end`](Self::end) when nothing more will come, and `pull` until
/// [`is_done`](Self::is_done). When `push` takes nothing there is something to pull. After an error
/// every call gives it again.
pub trait Transform {
    /// What can go wrong.
    type Error: Clone + std::error::Error + Send + Sync + 'static;

    /// Takes octets from the beginning of `input`; how many. Fewer than all when the buffers are
    /// full: pull, then push the rest.
    ///
    /// # Errors
    /// The octets cannot be transformed.
    fn push(&mut self, input: &[u8]) -> Result<usize, Self::Error>;

    /// Nothing more will come.
    ///
    /// # Errors
    /// What came is not complete, or wrong as a whole.
    fn end(&mut self) -> Result<(), Self::Error>;

    /// Fills `out` from its beginning as far as there is something for it; how many octets. 0:
    /// more has to be pushed, or it is done.
    ///
    /// # Errors
    /// The octets cannot be transformed.
    fn pull(&mut self, out: &mut [u8]) -> Result<usize, Self::Error>;

    /// Whether the end was reached, everything is right, and everything was pulled.
    fn is_done(&self) -> bool;
}

/// Transforms octets that are all in memory.
///
/// # Errors
/// They cannot be transformed.
pub fn transform<T: Transform>(transform: &mut T, input: &[u8]) -> Result<Vec<u8>, T::Error> {
    let mut out = Vec::with_capacity(input.len());
    let mut piece = [0; 4096];
    let mut rest = input;
    loop {
        let taken = transform.push(rest)?;
        rest = rest.get(taken..).unwrap_or_default();
        if rest.is_empty() {
            transform.end()?;
        }
        while let pulled @ 1.. = transform.pull(&mut piece)? {
            out.extend_from_slice(&piece[..pulled]);
        }
        if rest.is_empty() {
            return Ok(out);
        }
    }
}
