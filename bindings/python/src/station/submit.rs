//! Files to send: what a caller says of them, and their octets.

use std::fs::File;
use std::io::Cursor;
use std::path::PathBuf;

use oftp_station::records::{Format, RecordLayout};
use oftp_station::station::host::Services;
use oftp_station::station::intake::{Content, Submission, Wishes};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::StationHost;
use crate::error::{Error, Outcome};
use crate::values::code;

#[pymethods]
impl StationHost {
    /// Queues a file: one of `path`, `octets` and `copy`, which is a file that nobody shall know
    /// of.
    #[pyo3(signature = (
        partner, name, *, path=None, octets=None, copy=None, dsn=None, description=None,
        destination=None, originator=None, user=None, format=None, record_length=0, records=None,
        sign=None, encrypt=None, compress=None, signed_response=None, suite=None, priority=None,
        hold=false
    ))]
    #[expect(clippy::too_many_arguments, reason = "keywords of Python")]
    fn submit<'py>(
        &self,
        py: Python<'py>,
        partner: &str,
        name: String,
        path: Option<PathBuf>,
        octets: Option<&Bound<'py, PyAny>>,
        copy: Option<PathBuf>,
        dsn: Option<String>,
        description: Option<String>,
        destination: Option<&str>,
        originator: Option<&str>,
        user: Option<String>,
        format: Option<&str>,
        record_length: u32,
        records: Option<&str>,
        sign: Option<bool>,
        encrypt: Option<bool>,
        compress: Option<bool>,
        signed_response: Option<bool>,
        suite: Option<u8>,
        priority: Option<u8>,
        hold: bool,
    ) -> PyResult<Bound<'py, PyDict>> {
        let content = match (path, octets, copy) {
            (Some(path), None, None) => Content::Path(path),
            (None, Some(octets), None) => {
                let octets = crate::buffer::with(octets, |octets| Ok(octets.to_vec()))?;
                Content::Reader(Box::new(Cursor::new(octets)))
            }
            (None, None, Some(copy)) => {
                let file = File::open(&copy).map_err(|error| Error::File(error, copy))?;
                Content::Reader(Box::new(file))
            }
            _ => return Err(Error::value("one of path, octets and copy is needed").into()),
        };
        let named = |text: Option<&str>, name| text.map(|text| code(text, name)).transpose();
        let mut wishes = Wishes {
            dsn,
            description,
            destination: named(destination, "destination")?,
            originator: named(originator, "originator")?,
            user_data: user,
            format: format
                .map(|letter| self::format(letter, record_length))
                .transpose()?,
            layout: records.map(layout).transpose()?,
            conversion: None,
            protection: None,
            priority,
            held: hold,
        };
        let services = Services {
            sign,
            encrypt,
            compress,
            signed_response,
            suite,
        };
        self.file_of(py, |host| {
            wishes.protection = host.protection(partner, services)?;
            let file = Submission {
                content,
                name,
                wishes,
            };
            host.submit(partner, file)
        })
    }
}

fn format(letter: &str, length: u32) -> Outcome<Format> {
    match letter {
        "F" => Ok(Format::Fixed(length)),
        "V" => Ok(Format::Variable(length)),
        "U" => Ok(Format::Unstructured),
        "T" => Ok(Format::Text),
        _ => Err(Error::value(format!(
            "format is {letter:?}, must be \"F\", \"V\", \"U\" or \"T\""
        ))),
    }
}

fn layout(name: &str) -> Outcome<RecordLayout> {
    match name {
        "lf" => Ok(RecordLayout::Lf),
        "crlf" => Ok(RecordLayout::Crlf),
        "length16" => Ok(RecordLayout::Length16),
        "length32" => Ok(RecordLayout::Length32),
        _ => Err(Error::value(format!(
            "records is {name:?}, must be \"lf\", \"crlf\", \"length16\" or \"length32\""
        ))),
    }
}
