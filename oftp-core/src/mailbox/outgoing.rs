//! Sending: queued files and responses, one after the other, while we are the Speaker.

use std::collections::VecDeque;
use std::time::Duration;

use super::Mailbox;
use super::mail::{Event, FileId, Response};
use crate::session::{CloseFileCf, CloseFileRq, StartFileCf, UserError};
use crate::state::State;
use crate::virtual_file::{Encoder, RecordState, RestartPosition, Structure, Written};
use crate::wire::{EsidReason, Sfid};

/// As much is encoded ahead of the network: small exchange buffers leave together.
const AHEAD: usize = 64 * 1024;

/// What a mailbox has to send.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    pub(super) files: VecDeque<(FileId, Box<Sfid>)>,
    pub(super) responses: VecDeque<Response>,
    pub(super) current: Option<Current>,
    /// The response that waits for RTR.
    pub(super) unconfirmed: Option<Response>,
    /// More responses are to come before the turn may go.
    pub(super) turn_held_until: Option<Duration>,
}

/// The file that is being sent.
#[derive(Debug)]
pub(super) struct Current {
    id: FileId,
    sfid: Box<Sfid>,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// SFID is sent.
    Offered,
    /// SFPA has come; the source is being opened.
    Opening {
        position: u64,
    },
    Open(Progress),
    /// All data are given, EFID waits for credit (9.11 note 1).
    Closing(Progress),
    /// EFID is sent.
    Closed,
}

/// How far the file that is being sent has come.
#[derive(Debug, Clone, Copy)]
struct Progress {
    counts: RecordState,
    /// The last octets were marked as the end of a record, or of the file.
    marked: bool,
}

impl Progress {
    fn new(sfid: &Sfid, position: RestartPosition) -> Self {
        Self {
            counts: RecordState::new(Structure::of(sfid), position),
            marked: false,
        }
    }

    fn add(&mut self, written: Written) {
        self.counts.add(written.octets as u64, written.ended);
        if written.octets > 0 || written.ended {
            self.marked = written.ended;
        }
    }

    /// A stream ends with a mark even when it is empty (DX-02), a record with its own.
    const fn lacks_end_mark(&self) -> bool {
        if self.counts.structure().has_records() {
            self.counts.has_open_record()
        } else {
            !self.marked
        }
    }
}

/// One Data Exchange Buffer being filled by [`Mailbox::supply`].
#[derive(Debug)]
pub struct SendBuffer<'a, 'b> {
    encoder: &'a mut Encoder<'b>,
    progress: &'a mut Progress,
}

impl SendBuffer<'_, '_> {
    /// Puts octets of the Virtual File into the buffer, as many as fit; `end_of_record` marks the
    /// last of them: the end of a record (F, V), or of the file (U, T and secured files). Says
    /// how many octets were taken and whether the end was.
    pub fn write(&mut self, octets: &[u8], end_of_record: bool) -> Written {
        let written = self.encoder.write(octets, end_of_record);
        self.progress.add(written);
        written
    }

    /// Whether nothing more fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.encoder.is_full()
    }
}

/// What [`Mailbox::supply`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// There is more to come.
    More,
    /// That was all: EFID follows.
    End,
}

impl Mailbox {
    /// Queues a file for this session. Its SFID is completed by the session's level; SFIDREST is
    /// where it could restart (only sent when restart was agreed, else 0).
    pub fn queue_file(&mut self, sfid: Sfid) -> FileId {
        let id = FileId(self.next_id);
        self.next_id += 1;
        self.outgoing.files.push_back((id, Box::new(sfid)));
        id
    }

    /// Takes back a file that was queued and is not offered yet, for example because its end
    /// response has come. Whether it was there; no event tells of it any more.
    pub fn withdraw_file(&mut self, id: FileId) -> bool {
        let before = self.outgoing.files.len();
        self.outgoing.files.retain(|(queued, _)| *queued != id);
        self.outgoing.files.len() < before
    }

    /// Queues an EERP or NERP: it leaves before any file, when the turn is ours.
    pub fn queue_response(&mut self, response: Response) {
        self.outgoing.responses.push_back(response);
    }

    /// Files and responses that are still to be sent.
    #[must_use]
    pub fn to_send(&self) -> usize {
        self.outgoing.files.len()
            + self.outgoing.responses.len()
            + usize::from(self.outgoing.current.is_some())
            + usize::from(self.outgoing.unconfirmed.is_some())
    }

    /// Keeps the turn, or what would end the session, for responses and files in the making: while
    /// held, a Speaker with nothing queued neither passes the turn (CD) nor ends the session
    /// (ESID 00); what is queued goes out as ever (4.3.6, 3.3.4). Default: not held.
    ///
    /// It is held for `longest` from now, or until this is called again; `None` lets it go. The
    /// partner waits meanwhile, and its timer runs: hold the turn for less than that (180 s is
    /// usual). A response that takes longer is for the next session.
    pub fn hold_turn(&mut self, longest: Option<Duration>) {
        self.outgoing.turn_held_until = longest.map(|longest| self.now.saturating_add(longest));
    }

    /// The Speaker has something to do: queued things, or the turn to pass on.
    pub(super) fn has_to_speak(&self) -> bool {
        let outgoing = &self.outgoing;
        let queued = !outgoing.responses.is_empty() || !outgoing.files.is_empty();
        (queued || outgoing.turn_held_until.is_none()) && self.is_idle_speaker()
    }

    /// The idle Speaker does the next thing: responses, then files, then the turn is passed or
    /// the session ended (4.3.8, 3.4.1).
    pub(super) fn speak(&mut self) {
        // What cannot be sent is told before anything else is done: the turn is not passed on while
        // whoever hears of it has more to queue.
        if let Some(response) = self.outgoing.responses.pop_front() {
            let issued = match &response {
                Response::Eerp(eerp) => self.session.eerp_rq((**eerp).clone()),
                Response::Nerp(nerp) => self.session.nerp_rq((**nerp).clone()),
            };
            return match issued {
                Ok(()) => self.outgoing.unconfirmed = Some(response),
                Err(error) => self.tell(Event::ResponseUnsendable { response, error }),
            };
        }
        if let Some((id, mut sfid)) = self.outgoing.files.pop_front() {
            if !self.session.agreed().is_some_and(|agreed| agreed.restart) {
                sfid.rest = 0;
            }
            return match self.session.start_file_rq((*sfid).clone()) {
                Ok(()) => {
                    self.outgoing.current = Some(Current {
                        id,
                        sfid,
                        phase: Phase::Offered,
                    });
                }
                Err(error) => self.tell(Event::FileUnsendable { id, error }),
            };
        }
        if self.outgoing.turn_held_until.is_none() {
            self.yield_turn();
        }
    }

    pub(super) fn start_file_cf(&mut self, answer: StartFileCf) {
        let Some(current) = &mut self.outgoing.current else {
            return;
        };
        let id = current.id;
        match answer {
            StartFileCf::Positive { position } => {
                current.phase = Phase::Opening { position };
                self.tell(Event::FileWanted { id, position });
            }
            StartFileCf::Negative {
                reason,
                retry,
                text,
            } => {
                self.outgoing.current = None;
                self.tell(Event::FileRefused {
                    id,
                    reason,
                    retry,
                    text,
                });
            }
        }
    }

    /// Answers [`Event::FileWanted`]: the source stands at `position`, whose octets count for
    /// EFID. The position must be the one that was asked for.
    ///
    /// # Errors
    /// [`UserError`] when no source is asked for, or for another position.
    pub fn source_ready(&mut self, position: RestartPosition) -> Result<(), UserError> {
        if let Some(current) = &mut self.outgoing.current
            && matches!(current.phase, Phase::Opening { position: asked } if asked == position.count())
        {
            current.phase = Phase::Open(Progress::new(&current.sfid, position));
            self.wants_data = true;
            return Ok(());
        }
        Err(self.misuse("source_ready", "no source is asked for at this position"))
    }

    /// Answers [`Event::DataWanted`]: `fill` writes octets and record ends of the file into one
    /// Data Exchange Buffer until it is full or there is no more, and says whether the file is at
    /// its end. Where a U or T file ends without a mark, the mark is added (field practice).
    ///
    /// A `fill` that writes nothing and says [`Supply::More`] has nothing now: it is not asked
    /// again. Call this again when there is something, in time for the partner's timer.
    ///
    /// # Errors
    /// [`UserError`] when no data are wanted.
    pub fn supply(
        &mut self,
        fill: impl FnOnce(&mut SendBuffer<'_, '_>) -> Supply,
    ) -> Result<(), UserError> {
        let Some(Current {
            phase: phase @ Phase::Open(_),
            ..
        }) = &mut self.outgoing.current
        else {
            return Err(self.misuse("supply", "no data are wanted"));
        };
        let Phase::Open(progress) = phase else {
            return Ok(());
        };
        let (supplied, wrote) = self.session.data_rq(|encoder| {
            let mut buffer = SendBuffer { encoder, progress };
            let supply = fill(&mut buffer);
            if supply == Supply::End && buffer.progress.lacks_end_mark() {
                let _ = buffer.write(&[], true);
            }
            (supply, !buffer.encoder.is_empty())
        })?;
        if supplied == Supply::End && !progress.lacks_end_mark() {
            *phase = Phase::Closing(*progress);
        }
        self.close_when_possible();
        self.wants_data = wrote && self.is_source_open();
        Ok(())
    }

    fn is_source_open(&self) -> bool {
        matches!(
            &self.outgoing.current,
            Some(Current {
                phase: Phase::Open(_),
                ..
            })
        )
    }

    /// EFID, as soon as there is credit (9.11 note 1).
    pub(super) fn close_when_possible(&mut self) {
        let Some(current) = &mut self.outgoing.current else {
            return;
        };
        let Phase::Closing(progress) = &current.phase else {
            return;
        };
        if self.session.state() != State::Opo {
            return;
        }
        let counts = progress.counts.efid_counts();
        let rq = CloseFileRq {
            records: counts.rcnt,
            octets: counts.ucnt,
        };
        current.phase = Phase::Closed;
        if let Err(error) = self.session.close_file_rq(rq) {
            let text = "the file cannot be closed";
            self.end_session(EsidReason::UNSPECIFIED, text, &error.to_string());
        }
    }

    pub(super) fn close_file_cf(&mut self, answer: CloseFileCf) {
        let Some(current) = self.outgoing.current.take() else {
            return;
        };
        let id = current.id;
        match answer {
            CloseFileCf::Positive { .. } => {
                self.counters.idle_turns = 0;
                self.tell(Event::FileSent { id });
            }
            CloseFileCf::Negative { reason, text } => {
                self.tell(Event::FileNotAccepted { id, reason, text });
            }
        }
    }

    pub(super) fn rtr_cf(&mut self) {
        self.counters.idle_turns = 0;
        if let Some(response) = self.outgoing.unconfirmed.take() {
            self.tell(Event::ResponseSent(response));
        }
    }

    /// The file to ask data for now, if there is one and there is room for them.
    pub(super) fn data_wanted(&self) -> Option<FileId> {
        if !self.wants_data
            || !self.session.can_send_data()
            || self.session.transmit_pending() >= AHEAD
        {
            return None;
        }
        self.outgoing.current.as_ref().map(|current| current.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::{Directory, Identity, Settings};
    use crate::wire::{
        DatasetName, IdentificationCode, Password, RecordFormat, Security, Stamp, Text, UserData,
    };

    #[test]
    fn a_queued_file_can_be_taken_back_once() {
        let code = IdentificationCode::new("OALPHA").expect("a code");
        let identity = Identity {
            code,
            password: Password::default(),
            user: UserData::default(),
        };
        let mut mailbox = Mailbox::answer(Settings::new(identity), Directory::default());
        let mut queue = |dsn| {
            mailbox.queue_file(Sfid {
                dsn: DatasetName::new(dsn).expect("a name"),
                stamp: Stamp::new("20261126", "1200000001").expect("a stamp"),
                user: UserData::default(),
                dest: code,
                orig: code,
                fmt: RecordFormat::U,
                lrecl: 0,
                fsiz: 1,
                osiz: 1,
                rest: 0,
                sec: Security::None,
                ciph: 0,
                comp: 0,
                env: 0,
                sign: false,
                desc: Text::default(),
            })
        };
        let (first, second) = (queue("FIRST"), queue("SECOND"));
        assert!(mailbox.withdraw_file(first));
        assert!(!mailbox.withdraw_file(first));
        assert_eq!(mailbox.to_send(), 1);
        assert!(mailbox.withdraw_file(second));
        assert_eq!(mailbox.to_send(), 0);
    }
}
