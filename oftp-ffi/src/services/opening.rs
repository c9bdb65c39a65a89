//! What stands behind an `oftp_cms_opener`.

use oftp_core::wire::{EfnaReason, NerpReason};
use oftp_secure::cms::{OpenError, OpenPlan, Opener, Transform};
use oftp_secure::record_lengths::{LengthReader, RecordError};
use zeroize::Zeroizing;

use super::opener::oftp_cms_opener;
use super::plan::{Unopened, oftp_cms_opened};
use super::stream::PIECE;
use crate::handle::Object;
use crate::status::{Outcome, oftp_code};

/// A message that is being opened.
pub(super) struct Opening {
    opener: Opener,
    lengths: Option<LengthReader>,
    /// Octets of the content whose records were not given yet, from `at` to `end`.
    content: Zeroizing<Vec<u8>>,
    at: usize,
    end: usize,
    ended: bool,
    encrypted: bool,
    signed: bool,
    failed: Option<Unopened>,
}

impl Object for Opening {
    type Handle = oftp_cms_opener;
    const NAME: &'static str = "opener";
}

impl Opening {
    pub(super) fn new(plan: OpenPlan, records: Option<u32>) -> Self {
        Self {
            encrypted: plan.encrypted,
            signed: plan.signed,
            opener: Opener::new(plan),
            lengths: records.map(LengthReader::new),
            content: Zeroizing::default(),
            at: 0,
            end: 0,
            ended: false,
            failed: None,
        }
    }

    /// What is known of the message, once it is done or has failed.
    pub(super) fn result(&self) -> Option<oftp_cms_opened> {
        if let Some(failed) = &self.failed {
            return Some(oftp_cms_opened::failed(failed));
        }
        let opened = self.opener.opened().filter(|_| self.is_done());
        opened.as_ref().map(oftp_cms_opened::of)
    }

    pub(super) fn held(&self) -> usize {
        self.opener.held() + self.content.capacity()
    }

    pub(super) fn end(&mut self) -> Outcome {
        self.ended = true;
        self.step(Opener::end)
    }

    pub(super) fn check(&self, records: Option<bool>) -> Outcome {
        let misuse = |text| Err(oftp_code::OFTP_E_USER.because(text));
        if let Some(failed) = &self.failed {
            return Err(failed.clone().into());
        }
        match (records, self.lengths.is_some()) {
            (None, _) if self.ended => {
                misuse("oftp_cms_opener_end was called: nothing more can come")
            }
            (Some(true), false) => misuse("record_length of the plan is 0: pull octets"),
            (Some(false), true) => misuse("record_length of the plan is set: pull records"),
            _ => Ok(()),
        }
    }

    /// Keeps what is wrong with the message.
    pub(super) fn step<T>(
        &mut self,
        step: impl FnOnce(&mut Opener) -> Result<T, OpenError>,
    ) -> Outcome<T> {
        step(&mut self.opener)
            .map_err(|error| self.failed.insert(Unopened::from(error)).clone().into())
    }

    /// Lengths that are wrong may be those of a content that was tampered with: as long as no
    /// signature says otherwise, the partner learns no more than that (threat model A5).
    fn wrong_record(&mut self, error: RecordError) -> crate::status::Fail {
        let proven = !self.encrypted || self.signed && self.opener.is_done();
        let (nerp, efna) = match (proven, self.signed) {
            (true, _) => (
                NerpReason::INVALID_RECORD_FORMAT,
                EfnaReason::INVALID_RECORD_COUNT,
            ),
            (_, true) => (
                NerpReason::INVALID_FILE_SIGNATURE,
                EfnaReason::INVALID_FILE_SIGNATURE,
            ),
            _ => (
                NerpReason::FILE_DECRYPTION_FAILURE,
                EfnaReason::FILE_DECRYPTION_FAILURE,
            ),
        };
        let failed = Unopened {
            text: format!("{error} (RFC 5024 6.5)"),
            nerp_reason: nerp.code().into(),
            efna_reason: efna.code().into(),
        };
        self.failed.insert(failed).clone().into()
    }

    /// A part of a record, and whether the record ends with it.
    pub(super) fn pull_record(&mut self, out: &mut [u8]) -> Outcome<(usize, bool)> {
        if self.content.is_empty() {
            let none = |_| oftp_code::OFTP_E_MEMORY.because("no memory for a buffer");
            self.content.try_reserve_exact(PIECE).map_err(none)?;
            self.content.resize(PIECE, 0);
        }
        loop {
            // No more of the content than fits: lengths are left out, so the record's octets fit.
            let rest = &self.content[self.at..self.end];
            let mut input = &rest[..rest.len().min(out.len())];
            let before = input.len();
            let Some(lengths) = &mut self.lengths else {
                return Ok((0, false));
            };
            let piece = match lengths.next(&mut input) {
                Ok(piece) => piece,
                Err(error) => return Err(self.wrong_record(error)),
            };
            let used = before - input.len();
            let found = piece.map(|piece| {
                out[..piece.octets.len()].copy_from_slice(piece.octets);
                (piece.octets.len(), piece.end_of_record)
            });
            self.at += used;
            if let Some(found) = found {
                return Ok(found);
            }
            if self.at < self.end {
                if used == 0 {
                    return Ok((0, false));
                }
                continue;
            }
            self.at = 0;
            let mut content = std::mem::take(&mut self.content);
            let pulled = self.step(|opener| opener.pull(&mut content));
            self.content = content;
            self.end = pulled?;
            if self.end > 0 {
                continue;
            }
            if self.opener.is_done()
                && let Some(Err(error)) = self.lengths.as_ref().map(LengthReader::finish)
            {
                return Err(self.wrong_record(error));
            }
            return Ok((0, false));
        }
    }

    pub(super) fn is_done(&self) -> bool {
        let whole = self.lengths.as_ref().is_none_or(|l| l.finish().is_ok());
        self.failed.is_none() && self.opener.is_done() && self.at == self.end && whole
    }
}
