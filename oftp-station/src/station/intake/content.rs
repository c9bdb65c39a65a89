//! The octets of a file, from where it lies to the spool: records and characters as they are sent.

use std::fs::File;
use std::io::{BufWriter, Read, Write};

use super::super::convert::{ConvertError, Job, convert};
use super::IntakeError;
use crate::outbox::Problem;

/// How much is read and written at a time.
pub(super) const BUFFER: usize = 128 << 10;

/// Copies a file to the spool, which is converted on the way as this job says.
pub(super) fn copy(
    input: &mut dyn Read,
    name: &str,
    job: Job,
    out: &mut File,
) -> Result<(), IntakeError> {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    convert(input, &mut out, job).map_err(|error| fault(name, error))?;
    out.flush()
        .map_err(|error| IntakeError::disk("spool", error))
}

fn fault(name: &str, error: ConvertError) -> IntakeError {
    match error {
        ConvertError::Read(error) => IntakeError::source(name, Problem::Io(error)),
        ConvertError::Write(error) => IntakeError::disk("spool", error),
        ConvertError::Records(error) => IntakeError::source(name, error.into()),
        error => IntakeError::Conversion {
            name: name.to_owned(),
            error,
        },
    }
}
