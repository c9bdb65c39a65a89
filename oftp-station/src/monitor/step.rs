//! What is to be done next, one thing at a time.

use std::time::Duration;

use oftp_core::mailbox::{Event, Mail};
use oftp_core::session::Pending;

use super::session::Stage;
use super::{Monitor, Tell};

/// One item of the ordered output of a [`Monitor`].
#[derive(Debug)]
pub enum Step<'a> {
    /// Tell the user.
    Tell(Tell),
    /// Octets of the file that the host takes itself, of one Data Exchange Buffer: store them. If
    /// that cannot be done, say so by [`cannot_store`](Monitor::cannot_store).
    Data {
        /// The octets; may be none.
        octets: &'a [u8],
        /// Where in them records end, in octets from their start (F and V files).
        ends: &'a [usize],
    },
    /// Write these octets, as many as the network takes, and tell [`sent`](Monitor::sent). Asked
    /// again while something is left, so wait for the network before the next step if it takes
    /// nothing now; keep on reading meanwhile.
    Write(Pending<'a>),
    /// Call [`work`](Monitor::work): it takes keys, waits for the disk, or takes a whole file, and
    /// may take seconds.
    Work,
    /// Close the connection, then say [`disconnected`](Monitor::disconnected).
    Disconnect,
    /// Nothing to do but to read, where [`wants_octets`](Monitor::wants_octets) says so, until
    /// this time: then call [`tick`](Monitor::tick). A time that has passed means at once.
    Wait(Option<Duration>),
    /// No session runs, and all is told.
    Over,
}

/// A step that borrows nothing yet.
enum Next {
    Tell(Tell),
    Data(usize),
    Write,
    Work,
    Disconnect,
    Wait,
    Over,
}

impl Monitor {
    /// The next item of the ordered output. What is not acted on is not repeated, but
    /// [`Step::Write`], [`Step::Work`], [`Step::Disconnect`], [`Step::Wait`] and [`Step::Over`].
    #[expect(
        clippy::should_implement_trait,
        reason = "a step borrows from the monitor, and there is always one"
    )]
    pub fn next(&mut self) -> Step<'_> {
        self.kick = false;
        let next = loop {
            if let Some(next) = self.advance() {
                break next;
            }
        };
        match (next, &self.run) {
            (Next::Tell(tell), _) => Step::Tell(tell),
            (Next::Data(len), Some(run)) => Step::Data {
                octets: &run.scratch[..len],
                ends: &run.ends,
            },
            (Next::Write, Some(run)) => match run.mailbox.session().octets_to_send() {
                Some(octets) => Step::Write(octets),
                // They were there a moment ago, and nobody else can take them.
                None => Step::Wait(run.mailbox.next_deadline()),
            },
            (Next::Work, _) => Step::Work,
            (Next::Disconnect, _) => Step::Disconnect,
            (Next::Wait, _) => Step::Wait(self.next_deadline()),
            (Next::Over | Next::Data(_) | Next::Write, _) => Step::Over,
        }
    }

    /// One turn; `None`: go on.
    fn advance(&mut self) -> Option<Next> {
        if let Some(tell) = self.tells.pop_front() {
            self.note_told(&tell);
            return Some(Next::Tell(tell));
        }
        let Some(run) = &self.run else {
            return Some(Next::Over);
        };
        if !run.urgent.is_empty() {
            return Some(Next::Work);
        }
        match run.stage {
            Stage::Connecting => Some(Next::Wait),
            Stage::Up => self.poll(),
            Stage::Failed => Some(Next::Disconnect),
            Stage::Gone { session: true } => self.drain(),
            Stage::Gone { session: false } => {
                self.finish();
                None
            }
        }
    }

    fn poll(&mut self) -> Option<Next> {
        let run = self.run.as_deref_mut()?;
        match run.mailbox.poll() {
            Mail::NDataRq(_) => return Some(Next::Write),
            Mail::Data(data) => {
                let (incoming, scratch, ends) =
                    (run.incoming.as_mut(), &mut run.scratch, &mut run.ends);
                match Self::receive(incoming, scratch, ends, data) {
                    Ok(len) => return len.map(Next::Data),
                    Err(why) => {
                        run.mailbox.cannot_store(&why);
                        self.warn(why);
                    }
                }
            }
            Mail::NConRq => run.mailbox.n_con_cf(),
            Mail::NConRs => {}
            Mail::NDiscRq => return Some(Next::Disconnect),
            Mail::Event(event) => self.event(event),
            Mail::Trace(trace) => return Some(Next::Tell(Tell::Trace(Box::new(trace)))),
            Mail::Wait(_) => {
                return Some(if run.mailbox.session().is_over() {
                    Next::Disconnect
                } else if run.todo.is_empty() {
                    Next::Wait
                } else {
                    // EFPA is sent: now there is time.
                    Next::Work
                });
            }
        }
        None
    }

    /// Tells what a session without a connection still says, and does what is left to do.
    fn drain(&mut self) -> Option<Next> {
        let run = self.run.as_deref_mut()?;
        match run.mailbox.poll() {
            Mail::NDataRq(pending) => {
                let octets = pending.len();
                run.mailbox.sent(octets);
            }
            Mail::Data(data) => {
                let (incoming, scratch, ends) =
                    (run.incoming.as_mut(), &mut run.scratch, &mut run.ends);
                match Self::receive(incoming, scratch, ends, data) {
                    Ok(len) => return len.map(Next::Data),
                    Err(why) => run.mailbox.cannot_store(&why),
                }
            }
            // No data can be sent any more.
            Mail::Event(Event::DataWanted { .. }) => {}
            Mail::Event(event) => self.event(event),
            Mail::Trace(trace) => return Some(Next::Tell(Tell::Trace(Box::new(trace)))),
            Mail::NConRq | Mail::NConRs | Mail::NDiscRq => {}
            // After a reset, F_ABORT_IND comes behind N_DISC_RQ (9.9 D).
            Mail::Wait(_) if std::mem::take(&mut run.reset) => run.mailbox.n_rst_ind(),
            Mail::Wait(_) if !run.todo.is_empty() => return Some(Next::Work),
            Mail::Wait(_) => self.finish(),
        }
        None
    }

    fn finish(&mut self) {
        self.suspend_incoming();
        // Where the connection was closed before the session had ended.
        self.leave_responses();
        self.run = None;
        self.tell(Tell::Ended);
    }
}
