//! The network service of RFC 5024 chapter 2.2 over TCP or TLS: moves octets between a connection
//! and a [`Mailbox`], and hands everything else to a [`Handler`].
//!
//! One task per session. Memory is bounded by two exchange buffers per direction, whatever the
//! credit window: what is received waits in the kernel while the handler stores, and no more is
//! encoded than one buffer (or 64 KiB of small ones) ahead of the connection. TLS adds 64 KiB and
//! a record in each direction.
//!
//! ```text
//! handler  what a session asks of the station
//! jobs     work that takes a while, beside the session
//! link     the connection: TCP, or TLS over it
//! tls      TLS: the handshake, records, close_notify
//! ```

mod clock;
mod handler;
mod jobs;
mod link;
mod tls;

use std::io::{self, IoSlice};
use std::time::Duration;

use oftp_core::mailbox::{Event, Mail, Mailbox};
use tokio::time::{sleep_until, timeout};

pub use clock::Clock;
pub use handler::{Handler, StoreFault};
pub use jobs::Jobs;
pub(crate) use jobs::aside;
pub use link::Link;
pub use tls::{HANDSHAKE, Tls};

use crate::room::Place;

/// How many slices one vectored write takes: blocks of a mailbox are few.
const SLICES: usize = 8;

/// How long the end of a connection may take after the last octet.
const LINGER: Duration = Duration::from_secs(2);

/// Why a caller had to go.
const SENT_OUT: &str = "it had not said who it is, and too many others called; its place was \
                        given to another one";

/// As much is heard of a partner that has closed while we were writing.
const LAST_WORDS: usize = 64 * 1024;

/// Runs one session over a connection until it is closed.
///
/// The mailbox has been told [`n_con_cf`](Mailbox::n_con_cf) or
/// [`n_con_ind`](Mailbox::n_con_ind). How the session ended is told by [`Event::Ended`]. Jobs that
/// still run then are waited for.
///
/// # Errors
/// Only when the operating system refuses the connection's options; faults of the network are
/// the session's business.
pub async fn run<H: Handler>(
    link: impl Into<Link>,
    mailbox: &mut Mailbox,
    handler: &mut H,
    clock: Clock,
) -> io::Result<()> {
    go(None, link.into(), mailbox, handler, clock).await
}

/// The same for a caller, who has this place among all that have called.
pub(crate) async fn run_in<H: Handler>(
    place: Place,
    link: Link,
    mailbox: &mut Mailbox,
    handler: &mut H,
    clock: Clock,
) -> io::Result<()> {
    go(Some(place), link, mailbox, handler, clock).await
}

async fn go<H: Handler>(
    place: Option<Place>,
    link: Link,
    mailbox: &mut Mailbox,
    handler: &mut H,
    clock: Clock,
) -> io::Result<()> {
    // Commands are small and wait for answers: nothing may wait for more octets.
    link.stream().set_nodelay(true)?;
    Driver {
        place,
        link,
        mailbox,
        handler,
        jobs: Jobs::new(),
        clock,
    }
    .run()
    .await;
    Ok(())
}

struct Driver<'a, H> {
    /// That of a caller.
    place: Option<Place>,
    link: Link,
    mailbox: &'a mut Mailbox,
    handler: &'a mut H,
    jobs: Jobs<H>,
    clock: Clock,
}

/// What to do after one item of the mailbox.
enum Next {
    Go,
    /// A write is stuck.
    WaitToWrite,
    /// Nothing to do until octets come, or until this time.
    WaitToRead(Option<Duration>),
    /// The connection cannot be written any more.
    Broken,
    Close,
}

impl<H: Handler> Driver<'_, H> {
    async fn run(mut self) {
        loop {
            // One busy session must not starve the others of its thread.
            tokio::task::coop::consume_budget().await;
            if let Some(then) = self.jobs.done() {
                self.mailbox.tick(self.clock.now());
                then(self.handler, self.mailbox, &mut self.jobs);
            }
            if let Some(place) = &mut self.place {
                place.look_at(self.mailbox);
            }
            match self.step() {
                Next::Go => {}
                Next::WaitToRead(deadline) => self.wait_to_read(deadline).await,
                Next::WaitToWrite => self.wait_to_write().await,
                Next::Broken => {
                    self.hear_last_words();
                    break;
                }
                Next::Close => {
                    self.close().await;
                    break;
                }
            }
        }
        // The partner is not kept waiting for what no longer concerns it.
        drop(self.link);
        // After a reset, F_ABORT_IND comes behind N_DISC_RQ (9.9 D).
        drain(self.mailbox, self.handler, &mut self.jobs);
        while let Some(then) = self.jobs.next().await {
            then(self.handler, self.mailbox, &mut self.jobs);
            drain(self.mailbox, self.handler, &mut self.jobs);
        }
    }

    fn step(&mut self) -> Next {
        match self.mailbox.poll() {
            Mail::NDataRq(pending) => {
                let mut slices = [IoSlice::new(&[]); SLICES];
                let mut count = 0;
                for (slot, slice) in slices.iter_mut().zip(pending.slices()) {
                    *slot = IoSlice::new(slice);
                    count += 1;
                }
                match self.link.try_write_vectored(&slices[..count]) {
                    Ok(octets) => {
                        self.mailbox.sent(octets);
                        Next::Go
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        // Nobody reads what is left of a session that is over.
                        if self.mailbox.session().is_over() {
                            Next::Close
                        } else {
                            Next::WaitToWrite
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => Next::Go,
                    Err(_) => Next::Broken,
                }
            }
            Mail::Data(data) => {
                if let Err(fault) = self.handler.data(data) {
                    self.mailbox.cannot_store(&fault.to_string());
                }
                Next::Go
            }
            Mail::Event(event) => {
                self.handler.event(self.mailbox, event, &mut self.jobs);
                Next::Go
            }
            Mail::Trace(trace) => {
                self.handler.trace(trace);
                Next::Go
            }
            Mail::NConRq | Mail::NConRs => Next::Go,
            Mail::NDiscRq => Next::Close,
            Mail::Wait(deadline) => {
                if self.mailbox.session().is_over() {
                    Next::Close
                } else {
                    Next::WaitToRead(deadline)
                }
            }
        }
    }

    async fn wait_to_read(&mut self, deadline: Option<Duration>) {
        // A challenge may be owed: what comes behind it stays in the network.
        let may_read = self.mailbox.session().wants_octets();
        // Octets are there more often than not: then there is no need to wait, nor for a timer.
        if may_read && self.read() {
            return;
        }
        self.wait(may_read, false, deadline).await;
    }

    async fn wait_to_write(&mut self) {
        // A partner's farewell is to be noticed, and no more than that is to pile up.
        let may_read = self.mailbox.session().wants_octets();
        let deadline = self.mailbox.next_deadline();
        if self.wait(may_read, true, deadline).await {
            self.read();
        }
    }

    /// Until something can go on, a job is done, or this time. True when there may be octets.
    async fn wait(&mut self, to_read: bool, to_write: bool, deadline: Option<Duration>) -> bool {
        let clock = self.clock;
        let due = async {
            match deadline {
                Some(deadline) => sleep_until(clock.at(deadline)).await,
                None => std::future::pending().await,
            }
        };
        let mut then = None;
        let mut out = false;
        let readable = tokio::select! {
            biased;
            () = sent_out(self.place.as_ref()) => {
                out = true;
                false
            }
            () = self.link.writable(), if to_write => false,
            () = self.link.readable(), if to_read => true,
            Some(next) = self.jobs.next() => {
                then = Some(next);
                false
            }
            () = due => false,
        };
        self.mailbox.tick(self.clock.now());
        if out {
            self.handler.network_fault(SENT_OUT);
            self.mailbox.n_rst_ind();
        }
        if let Some(then) = then {
            then(self.handler, self.mailbox, &mut self.jobs);
        }
        readable
    }

    /// Reads once, straight into the session. False when nothing was there.
    fn read(&mut self) -> bool {
        match self.link.try_read(self.mailbox.receive_space()) {
            Ok(0) => self.mailbox.n_disc_ind(),
            Ok(octets) => {
                self.mailbox.tick(self.clock.now());
                self.mailbox.received(octets);
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => return false,
                io::ErrorKind::Interrupted => {}
                // The end of TCP without that of TLS: whether it is early, the session knows (L1).
                io::ErrorKind::UnexpectedEof => self.mailbox.n_disc_ind(),
                io::ErrorKind::InvalidData => {
                    self.handler.network_fault(&error.to_string());
                    self.mailbox.n_rst_ind();
                }
                _ => self.mailbox.n_rst_ind(),
            },
        }
        true
    }

    /// The partner has closed while we were writing. What it said before says why.
    fn hear_last_words(&mut self) {
        let mut last = vec![0; LAST_WORDS];
        let mut heard = 0;
        while let Ok(octets @ 1..) = self.link.try_read(&mut last[heard..]) {
            heard += octets;
        }
        self.mailbox.n_data_ind(&last[..heard]);
        drain(self.mailbox, self.handler, &mut self.jobs);
        self.mailbox.n_rst_ind();
        drain(self.mailbox, self.handler, &mut self.jobs);
    }

    /// Both sides close (2.2.3). A close with unread octets would reset the connection, and the
    /// partner could lose our ESID: they are swallowed for a moment first.
    async fn close(&mut self) {
        let told = self.mailbox.session().has_sent_esid();
        let closed = async {
            if self.link.shutdown().await.is_ok() && told {
                link::swallow(self.link.stream()).await;
            }
        };
        tokio::select! {
            () = sent_out(self.place.as_ref()) => {}
            _ = timeout(LINGER, closed) => {}
        }
    }
}

/// Until a caller has to go.
async fn sent_out(place: Option<&Place>) {
    match place {
        Some(place) => place.sent_out().await,
        None => std::future::pending().await,
    }
}

/// Handles all that a mailbox without a connection says.
fn drain<H: Handler>(mailbox: &mut Mailbox, handler: &mut H, jobs: &mut Jobs<H>) {
    loop {
        match mailbox.poll() {
            Mail::NDataRq(pending) => {
                let octets = pending.len();
                mailbox.sent(octets);
            }
            // No data can be sent any more.
            Mail::Event(Event::DataWanted { .. }) => {}
            Mail::Data(data) => {
                if let Err(fault) = handler.data(data) {
                    mailbox.cannot_store(&fault.to_string());
                }
            }
            Mail::Event(event) => handler.event(mailbox, event, jobs),
            Mail::Trace(trace) => handler.trace(trace),
            Mail::NConRq | Mail::NConRs | Mail::NDiscRq => {}
            Mail::Wait(_) => return,
        }
    }
}
