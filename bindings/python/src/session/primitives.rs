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
    /// F_CONNECT_RQ (3.2.1): call the partner.
    ///
    /// :raises UserError: The session has or had a connection; a field is wrong.
    fn connect_rq(&self, connect: &Bound<'_, PyAny>) -> PyResult<()> {
        let rq = fields::connect_rq(connect)?;
        self.primitive(|inner| Ok(inner.session.connect_rq(rq)?))
    }

    /// F_CONNECT_RS: take the caller. `config` has what holds for this partner: its
    /// capabilities and quirks replace those of the session.
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

    /// F_START_FILE_RQ (3.3.1): offer a file.
    fn start_file_rq(&self, file: &Bound<'_, PyAny>) -> PyResult<()> {
        let sfid = fields::sfid(file)?;
        self.primitive(|inner| {
            let outgoing = Sending::new(&sfid);
            inner.session.start_file_rq(sfid)?;
            inner.outgoing = Some(outgoing);
            Ok(())
        })
    }

    /// F_START_FILE_RS: take the file from `position` on, at most the one offered: records
    /// (F, V) or blocks of 1,024 octets. `octets` are those before it, for V files only.
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

    /// F_START_FILE_RS(-): do not take it (SFNA). `reason` is a `SfnaReason`.
    #[pyo3(signature = (reason, retry_later=false, text=""))]
    fn start_file_rs_negative(&self, reason: u8, retry_later: bool, text: &str) -> PyResult<()> {
        let rs = StartFileRs::Negative {
            reason: SfnaReason::new(self::reason(reason, 1)?),
            retry: retry_later,
            text: Text::new(text),
        };
        self.primitive(|inner| Ok(inner.session.start_file_rs(rs)?))
    }

    /// F_DATA_RQ (3.3.2): fill one Data Exchange Buffer with as much as fits, and send it. May
    /// be called while `can_send_data`.
    ///
    /// :param ends: For F and V files: offsets in `octets` behind which a record ends.
    /// :returns: How many octets were taken: give the rest again, with its ends. Ends right behind
    ///     the last octet taken are taken with it, and those at 0 where none was taken.
    /// :raises UserError: No file is open, or credit is used up; a record is longer than
    ///     `record_length`, or not exactly as long (F).
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

    /// How many octets of a V file are before the position where the partner wants it to go on;
    /// before the first `data_rq`. For other files they are known.
    fn data_from(&self, octets: u64) -> PyResult<()> {
        self.primitive(|inner| match &mut inner.outgoing {
            Some(file) => file.data_from(octets),
            None => Err(Error::value("data_from: no file is open for sending")),
        })
    }

    /// F_CLOSE_FILE_RQ (3.3.3): all data are given. Counts that are ``None`` are those of what
    /// was given.
    ///
    /// :raises UserError: No file is open; credit is used up: wait for `DataCf`; the last record
    ///     has no end.
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

    /// F_CLOSE_FILE_RS: the file is safe (EFPA). `speaker`: ask for the turn.
    #[pyo3(signature = (speaker=false))]
    fn close_file_rs(&self, speaker: bool) -> PyResult<()> {
        let rs = CloseFileRs::Positive { speaker };
        self.primitive(|inner| Ok(inner.session.close_file_rs(rs)?))
    }

    /// F_CLOSE_FILE_RS(-): it is not accepted (EFNA). `reason` is an `EfnaReason`.
    #[pyo3(signature = (reason, text=""))]
    fn close_file_rs_negative(&self, reason: u8, text: &str) -> PyResult<()> {
        let rs = CloseFileRs::Negative {
            reason: EfnaReason::new(self::reason(reason, 1)?),
            text: Text::new(text),
        };
        self.primitive(|inner| Ok(inner.session.close_file_rs(rs)?))
    }

    /// F_EERP_RQ (3.3.5): send an End to End Response. Never one byte is changed by the
    /// session; `RtrCf` follows.
    fn eerp_rq(&self, response: &Bound<'_, PyAny>) -> PyResult<()> {
        let eerp = fields::eerp(response)?;
        self.primitive(|inner| Ok(inner.session.eerp_rq(eerp)?))
    }

    /// F_NERP_RQ: send a Negative End Response, from level 1.4 on.
    fn nerp_rq(&self, response: &Bound<'_, PyAny>) -> PyResult<()> {
        let nerp = fields::nerp(response)?;
        self.primitive(|inner| Ok(inner.session.nerp_rq(nerp)?))
    }

    /// F_RTR_RS: the response that came is safe.
    fn rtr_rs(&self) -> PyResult<()> {
        self.primitive(|inner| Ok(inner.session.rtr_rs()?))
    }

    /// F_CD_RQ (3.3.4): give the turn to the partner.
    fn cd_rq(&self) -> PyResult<()> {
        self.primitive(|inner| Ok(inner.session.cd_rq()?))
    }

    /// F_RELEASE_RQ (3.4): end the session, normally (0) or not (an `EsidReason`).
    #[pyo3(signature = (reason=0, text=""))]
    fn release_rq(&self, reason: u8, text: &str) -> PyResult<()> {
        let reason = EsidReason::new(self::reason(reason, 0)?);
        self.primitive(|inner| Ok(inner.session.release_rq(reason, Text::new(text))?))
    }

    /// F_ABORT_RQ: end it at once.
    fn abort_rq(&self) -> PyResult<()> {
        self.primitive(|inner| Ok(inner.session.abort_rq()?))
    }

    /// Answers `SealChallengeInd` with 20 octets and their envelope; with nothing: there is no
    /// certificate of the partner, and ESID 11 ends the session.
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

    /// Answers `OpenChallengeInd` with the 20 octets; ``None``: it cannot be opened, ESID 11.
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
