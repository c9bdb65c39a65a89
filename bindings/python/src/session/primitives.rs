//! The service primitives: F_*_RQ and F_*_RS by their names without `F_` (RFC 5024 chapter 3).

use oftp_core::session::{CloseFileRs, SealedChallenge, StartFileRs};
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{EfnaReason, EsidReason, SfnaReason, Text};
use pyo3::prelude::*;

use super::Session;
use super::sending::Sending;
use crate::error::{Error, Outcome};
use crate::fields;
use crate::values::reason;

impl Session {
    fn primitive(&self, body: impl FnOnce(&mut super::Inner) -> Outcome) -> PyResult<()> {
        self.with(body).map_err(Into::into)
    }
}

#[pymethods]
impl Session {
    fn connect_rq(&self, connect: &Bound<'_, PyAny>) -> PyResult<()> {
        let rq = fields::connect_rq(connect)?;
        self.primitive(|inner| Ok(inner.session.connect_rq(rq)?))
    }

    #[pyo3(signature = (connect, config=None))]
    fn connect_rs(
        &self,
        connect: &Bound<'_, PyAny>,
        config: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let mut rs = fields::connect_rs(connect)?;
        if let Some(config) = config {
            let config = super::config(config)?;
            rs.capabilities = Some(config.capabilities);
            rs.quirks = Some(config.quirks);
        }
        self.primitive(|inner| Ok(inner.session.connect_rs(rs)?))
    }

    fn start_file_rq(&self, file: &Bound<'_, PyAny>) -> PyResult<()> {
        let sfid = fields::sfid(file)?;
        self.primitive(|inner| {
            let outgoing = Sending::new(&sfid);
            inner.session.start_file_rq(sfid)?;
            inner.outgoing = Some(outgoing);
            Ok(())
        })
    }

    #[pyo3(signature = (position=0, octets=0))]
    fn start_file_rs(&self, position: u64, octets: u64) -> PyResult<()> {
        self.primitive(|inner| {
            let position = match inner.incoming {
                None => RestartPosition::START,
                Some(structure) => RestartPosition::new(structure, position, octets)
                    .map_err(|error| Error::value(error.to_string()))?,
            };
            Ok(inner
                .session
                .start_file_rs(StartFileRs::Positive(position))?)
        })
    }

    #[pyo3(signature = (reason, retry_later=false, text=""))]
    fn start_file_rs_negative(&self, reason: u8, retry_later: bool, text: &str) -> PyResult<()> {
        let rs = StartFileRs::Negative {
            reason: SfnaReason::new(self::reason(reason, 1)?),
            retry: retry_later,
            text: Text::new(text),
        };
        self.primitive(|inner| Ok(inner.session.start_file_rs(rs)?))
    }

    #[pyo3(signature = (octets, ends=Vec::new()), text_signature = "($self, octets, ends=())")]
    fn data_rq(&self, octets: &Bound<'_, PyAny>, ends: Vec<usize>) -> PyResult<usize> {
        crate::buffer::with(octets, |octets| {
            self.with(|inner| match &mut inner.outgoing {
                Some(file) => file.data_rq(&mut inner.session, octets, &ends),
                // The session says what is wrong.
                None => Ok(inner
                    .session
                    .data_rq(|encoder| encoder.write(octets, false).octets)?),
            })
        })
        .map_err(Into::into)
    }

    fn data_from(&self, octets: u64) -> PyResult<()> {
        self.primitive(|inner| match &mut inner.outgoing {
            Some(file) => file.data_from(octets),
            None => Err(Error::value("data_from: no file is open for sending")),
        })
    }

    #[pyo3(signature = (records=None, octets=None))]
    fn close_file_rq(&self, records: Option<u64>, octets: Option<u64>) -> PyResult<()> {
        self.primitive(|inner| {
            let rq = match &mut inner.outgoing {
                Some(file) => {
                    file.finish(&mut inner.session)?;
                    file.close(records, octets)?
                }
                None => oftp_core::session::CloseFileRq {
                    records: records.unwrap_or(0),
                    octets: octets.unwrap_or(0),
                },
            };
            Ok(inner.session.close_file_rq(rq)?)
        })
    }

    #[pyo3(signature = (speaker=false))]
    fn close_file_rs(&self, speaker: bool) -> PyResult<()> {
        let rs = CloseFileRs::Positive { speaker };
        self.primitive(|inner| Ok(inner.session.close_file_rs(rs)?))
    }

    #[pyo3(signature = (reason, text=""))]
    fn close_file_rs_negative(&self, reason: u8, text: &str) -> PyResult<()> {
        let rs = CloseFileRs::Negative {
            reason: EfnaReason::new(self::reason(reason, 1)?),
            text: Text::new(text),
        };
        self.primitive(|inner| Ok(inner.session.close_file_rs(rs)?))
    }

    fn eerp_rq(&self, response: &Bound<'_, PyAny>) -> PyResult<()> {
        let eerp = fields::eerp(response)?;
        self.primitive(|inner| Ok(inner.session.eerp_rq(eerp)?))
    }

    fn nerp_rq(&self, response: &Bound<'_, PyAny>) -> PyResult<()> {
        let nerp = fields::nerp(response)?;
        self.primitive(|inner| Ok(inner.session.nerp_rq(nerp)?))
    }

    fn rtr_rs(&self) -> PyResult<()> {
        self.primitive(|inner| Ok(inner.session.rtr_rs()?))
    }

    fn cd_rq(&self) -> PyResult<()> {
        self.primitive(|inner| Ok(inner.session.cd_rq()?))
    }

    #[pyo3(signature = (reason=0, text=""))]
    fn release_rq(&self, reason: u8, text: &str) -> PyResult<()> {
        let reason = EsidReason::new(self::reason(reason, 0)?);
        self.primitive(|inner| Ok(inner.session.release_rq(reason, Text::new(text))?))
    }

    fn abort_rq(&self) -> PyResult<()> {
        self.primitive(|inner| Ok(inner.session.abort_rq()?))
    }

    #[pyo3(signature = (plain=None, sealed=None))]
    fn seal_challenge_rs(&self, plain: Option<Vec<u8>>, sealed: Option<Vec<u8>>) -> PyResult<()> {
        let answer = match (plain, sealed) {
            (None, None) => None,
            (Some(plain), Some(sealed)) => Some(SealedChallenge {
                plain: challenge(plain)?,
                sealed,
            }),
            _ => {
                return Err(Error::value(
                    "plain and sealed belong together: give both, or none to refuse",
                )
                .into());
            }
        };
        self.primitive(|inner| Ok(inner.session.seal_challenge_rs(answer)?))
    }

    #[pyo3(signature = (plain=None))]
    fn open_challenge_rs(&self, plain: Option<Vec<u8>>) -> PyResult<()> {
        let plain = plain.map(challenge).transpose()?;
        self.primitive(|inner| Ok(inner.session.open_challenge_rs(plain)?))
    }
}

/// AURPRSP has 20 octets.
fn challenge(octets: Vec<u8>) -> Outcome<[u8; 20]> {
    <[u8; 20]>::try_from(octets).map_err(|octets| {
        Error::value(format!(
            "a challenge has 20 octets, not {} (RFC 5024 5.3.18)",
            octets.len()
        ))
    })
}
