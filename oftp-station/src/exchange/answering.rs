//! The end responses to secured files, and signed ones to any: what takes keys and time, beside
//! the session that received the file (RFC 5024 3.3.5, 4.3.6, 6.3).

use oftp_core::mailbox::{Mailbox, Reply, Response, eerp_for, nerp_for};
use oftp_core::wire::{IdentificationCode, NerpReason, Sfid, Text};
use oftp_secure::Suite;
use oftp_secure::crypto::Digest;

use super::{Exchange, Owed, Voice, file_id, reason};
use crate::driver::Jobs;
use crate::inbox::{InboxError, SealedFile, Verdict};
use crate::report::{Direction, Event, FileId};
use crate::security::{self, Keys, Opened, Opening};

/// A file that came, and what is to be done before it is answered.
#[derive(Debug)]
pub struct Work {
    /// In its envelope, if it has one.
    pub sealed: Option<SealedFile>,
    /// As what it was offered.
    pub sfid: Sfid,
    /// Who brought it (SSIDCODE).
    pub partner: IdentificationCode,
    /// Who answers.
    pub own: IdentificationCode,
    /// The hash of what was transmitted, where that was computed on the way.
    pub hash: Option<Vec<u8>>,
    /// The suite of its signed response.
    pub suite: Option<&'static Suite>,
    /// The keys between us and its originator.
    pub keys: Keys,
    /// Whether it is answered at all.
    pub reply: Reply,
    /// What is not taken, and what is kept.
    pub settings: security::Settings,
    /// How many octets its content may have.
    pub limit: Option<u64>,
    /// Where its response is kept until it is confirmed.
    pub owed: Owed,
}

/// What has become of it.
#[derive(Debug)]
pub struct Done {
    /// As what it was offered.
    pub sfid: Sfid,
    /// Its envelope; `None` where it had none, or nothing became of it.
    pub opened: Option<Opened>,
    /// The response to be sent; `None`: none now.
    pub response: Option<Response>,
    /// Why nothing became of it: a fault of this side.
    pub faults: Vec<String>,
    /// What is not as it was asked for.
    pub warnings: Vec<String>,
}

impl Work {
    /// Opens the file and makes its response: for a thread of its own.
    #[must_use]
    pub fn run(mut self) -> Done {
        let mut done = Done {
            sfid: self.sfid.clone(),
            opened: None,
            response: None,
            faults: Vec::new(),
            warnings: Vec::new(),
        };
        if let Err(error) = self.answer(&mut done) {
            // It lies where it was, and is opened when the station begins again.
            done.faults
                .push(format!("{}: {error}", file_id(&self.sfid)));
        }
        done
    }

    fn answer(&mut self, done: &mut Done) -> Result<(), InboxError> {
        let sealed = self.sealed.take();
        let refused = match &sealed {
            Some(sealed) => self.open(sealed, done)?,
            None => None,
        };
        let mut response = match refused {
            None => Response::Eerp(Box::new(eerp_for(&self.sfid))),
            // Whatever is wrong, the partner learns no more than the code (threat model E4).
            Some(reason) => {
                let nerp = nerp_for(&self.sfid, self.own, reason, Text::default());
                Response::Nerp(Box::new(nerp))
            }
        };
        if self.reply == Reply::Eerp {
            self.sign(&mut response, sealed.as_ref(), done)?;
            // Before the envelope goes, from which it could be made again.
            if let Err(error) = self.owed.keep(self.partner, &response) {
                done.warnings.push(not_kept(&error));
            }
            done.response = Some(response);
        }
        match (sealed, refused) {
            (Some(sealed), None) => sealed.opened(),
            (Some(sealed), Some(_)) => {
                let path = sealed.refused()?;
                done.warnings.push(format!(
                    "the envelope lies in {}; `oftp cms open` tries again",
                    path.display()
                ));
                Ok(())
            }
            (None, _) => Ok(()),
        }
    }

    /// Opens the file, or does what an earlier process decided on it; the reason why it is refused.
    fn open(&self, sealed: &SealedFile, done: &mut Done) -> Result<Option<NerpReason>, InboxError> {
        let opened = match sealed.verdict() {
            Some(Verdict::Publish) => self.publish(sealed)?,
            Some(Verdict::Refuse(code)) => Opened::Refused {
                reason: NerpReason::new(code),
                why: "that was found before this station was killed".to_owned(),
            },
            None => security::open(sealed, &self.opening())?,
        };
        let refused = match &opened {
            Opened::Published { .. } => None,
            Opened::Refused { reason, .. } => {
                sealed.decide(Verdict::Refuse(reason.code()))?;
                Some(*reason)
            }
        };
        done.opened = Some(opened);
        Ok(refused)
    }

    /// The content was complete when the station was killed.
    fn publish(&self, sealed: &SealedFile) -> Result<Opened, InboxError> {
        sealed.finish_publishing()?;
        let path = sealed.published_path();
        Ok(Opened::Published {
            octets: path.metadata().map_or(0, |file| file.len()),
            path,
            records: 0,
            signers: Vec::new(),
        })
    }

    fn opening(&self) -> Opening {
        Opening {
            sfid: self.sfid.clone(),
            keys: self.keys.clone(),
            no_legacy: self.settings.no_legacy,
            limit: self.limit,
            envelopes: self.settings.envelopes.clone(),
        }
    }

    fn sign(
        &self,
        response: &mut Response,
        sealed: Option<&SealedFile>,
        done: &mut Done,
    ) -> Result<(), InboxError> {
        let (true, Some(suite)) = (self.sfid.sign, self.suite) else {
            return Ok(());
        };
        let hash = match (&self.hash, sealed) {
            (Some(hash), _) => hash.clone(),
            (None, Some(sealed)) => hash_of(sealed, suite)?,
            (None, None) => return Ok(()),
        };
        if let Err(error) = security::sign(response, &hash, suite, &self.keys) {
            let file = file_id(&self.sfid);
            done.warnings.push(not_signed(&file, &error.to_string()));
        }
        Ok(())
    }
}

/// A response is not on the disk.
pub(super) fn not_kept(error: &std::io::Error) -> String {
    format!("a response would be lost if this station were killed: {error}")
}

/// A response goes out as it is.
pub(super) fn not_signed(file: &FileId, error: &str) -> String {
    format!("{file}: the End to End Response is not signed, though that was asked for: {error}")
}

fn hash_of(sealed: &SealedFile, suite: &Suite) -> Result<Vec<u8>, InboxError> {
    use std::io::Read;
    let mut digest = Digest::new(suite.hash);
    let mut file = sealed.reader()?;
    let mut block = vec![0; 64 << 10];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(digest.finish()),
            Ok(octets) => digest.update(&block[..octets]),
            Err(error) => {
                return Err(InboxError::Io {
                    doing: "reading an envelope".to_owned(),
                    error,
                });
            }
        }
    }
}

impl Done {
    /// Tells the user, and gives the response.
    pub(super) fn tell(self, voice: &Voice) -> Option<Response> {
        let file = file_id(&self.sfid);
        match self.opened {
            Some(Opened::Published {
                path,
                octets,
                records,
                signers,
            }) => voice.tell(&Event::FileOpened {
                file,
                octets,
                records,
                path,
                encrypted: self.sfid.sec.is_encrypted(),
                compressed: self.sfid.comp != 0,
                signed_by: signers,
            }),
            Some(Opened::Refused { reason: code, why }) => {
                voice.error(&format!("{file} cannot be opened: {why}"));
                voice.tell(&Event::FileRefused {
                    file,
                    direction: Direction::In,
                    command: "NERP",
                    reason: reason(code.code(), code.meaning(), ""),
                    retry: false,
                });
            }
            None => {}
        }
        self.warnings.iter().for_each(|text| voice.warn(text));
        self.faults.iter().for_each(|text| voice.error(text));
        self.response
    }
}

impl Exchange {
    /// Opens and answers a file that came, while the session goes on.
    pub(super) fn answer_later(
        &mut self,
        mailbox: &mut Mailbox,
        work: Work,
        jobs: &mut Jobs<Self>,
    ) {
        self.hold(mailbox);
        let partner = work.partner;
        jobs.spawn(
            move || work.run(),
            move |exchange, mailbox, _, done| {
                if !done.faults.is_empty() {
                    exchange.outcome.local_fault();
                }
                let response = done.tell(&exchange.voice);
                if let Some(response) = response {
                    if exchange.ended {
                        exchange.owed.leave(partner, [response]);
                    } else {
                        exchange.owe(mailbox, response);
                    }
                }
                exchange.let_go(mailbox);
            },
        );
    }
}
