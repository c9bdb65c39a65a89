//! The network service of RFC 5024 chapter 2.2 over TCP: moves octets between a connection and a
//! [`Mailbox`], and hands everything else to a [`Handler`].
//!
//! One task per session. Memory is bounded by two exchange buffers per direction, whatever the
//! credit window: what is received waits in the kernel while the handler stores, and no more is
//! encoded than one buffer (or 64 KiB of small ones) ahead of the connection.

use std::io::{self, IoSlice};
use std::time::Duration;

use oftp_core::mailbox::{Event, Mail, Mailbox};
use oftp_core::session::{DataInd, Trace};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

/// How many slices one vectored write takes: blocks of a mailbox are few.
const SLICES: usize = 8;

/// How long the end of a connection may take after the last octet, and how much is swallowed.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_OCTETS: usize = 1 << 20;

/// As much is heard of a partner that has closed while we were writing.
const LAST_WORDS: usize = 64 * 1024;

/// What the station does with files; called between the movements of octets.
///
/// Calls must not block for long, except that durable writes are the price of an EFPA.
pub trait Handler {
    /// Something happened, or an answer is wanted: see [`Event`].
    fn event(&mut self, mailbox: &mut Mailbox, event: Event);

    /// Octets of the file that is being received.
    ///
    /// # Errors
    /// When they cannot be stored; the session then ends with ESID 08.
    fn data(&mut self, data: DataInd<'_>) -> Result<(), StoreFault>;

    /// A line of the trace.
    fn trace(&mut self, _trace: Trace) {}
}

/// The file that is being received cannot be stored: the session ends with ESID 08, and what is
/// safe already stays for a restart.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreFault(pub String);

/// The clock of all sessions of this process.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Instant);

impl Default for Clock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock {
    /// The time since the clock was made.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn at(&self, time: Duration) -> Instant {
        // A time beyond what the system can tell is one that never comes.
        self.0
            .checked_add(time)
            .unwrap_or_else(|| self.0 + Duration::from_secs(365 * 24 * 3600))
    }
}

/// Runs one session over a connection until it is closed.
///
/// The mailbox has been told [`n_con_cf`](Mailbox::n_con_cf) or
/// [`n_con_ind`](Mailbox::n_con_ind). How the session ended is told by [`Event::Ended`].
///
/// # Errors
/// Only when the operating system refuses the connection's options; faults of the network are
/// the session's business.
pub async fn run(
    stream: TcpStream,
    mailbox: &mut Mailbox,
    handler: &mut impl Handler,
    clock: Clock,
) -> io::Result<()> {
    // Commands are small and wait for answers: nothing may wait for more octets.
    stream.set_nodelay(true)?;
    Driver {
        stream,
        mailbox,
        handler,
        clock,
    }
    .run()
    .await;
    Ok(())
}

struct Driver<'a, H> {
    stream: TcpStream,
    mailbox: &'a mut Mailbox,
    handler: &'a mut H,
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
            match self.step() {
                Next::Go => {}
                Next::WaitToRead(deadline) => self.wait_to_read(deadline).await,
                Next::WaitToWrite => self.wait_to_write().await,
                Next::Broken => {
                    self.hear_last_words();
                    return;
                }
                Next::Close => {
                    self.close().await;
                    return;
                }
            }
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
                match self.stream.try_write_vectored(&slices[..count]) {
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
                self.handler.event(self.mailbox, event);
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
        // Octets are there more often than not: then there is no need to wait, nor for a timer.
        if self.read() {
            return;
        }
        match deadline {
            None => {
                let _ = self.stream.readable().await;
            }
            Some(deadline) => {
                tokio::select! {
                    biased;
                    _ = self.stream.readable() => {}
                    () = sleep_until(self.clock.at(deadline)) => {}
                }
            }
        }
        self.mailbox.tick(self.clock.now());
    }

    async fn wait_to_write(&mut self) {
        // A partner's farewell is to be noticed, and no more than that is to pile up.
        let may_read = self.mailbox.session().wants_octets();
        let deadline = self.mailbox.next_deadline();
        let deadline = self.clock.at(deadline.unwrap_or(Duration::MAX));
        let readable = tokio::select! {
            biased;
            _ = self.stream.writable() => false,
            _ = self.stream.readable(), if may_read => true,
            () = sleep_until(deadline) => false,
        };
        self.mailbox.tick(self.clock.now());
        if readable {
            self.read();
        }
    }

    /// Reads once, straight into the session. False when nothing was there.
    fn read(&mut self) -> bool {
        match self.stream.try_read(self.mailbox.receive_space()) {
            Ok(0) => self.mailbox.n_disc_ind(),
            Ok(octets) => {
                self.mailbox.tick(self.clock.now());
                self.mailbox.received(octets);
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => return false,
                io::ErrorKind::Interrupted => {}
                _ => self.mailbox.n_rst_ind(),
            },
        }
        true
    }

    /// The partner has closed while we were writing. What it said before says why.
    fn hear_last_words(&mut self) {
        let mut last = vec![0; LAST_WORDS];
        let mut heard = 0;
        while let Ok(octets @ 1..) = self.stream.try_read(&mut last[heard..]) {
            heard += octets;
        }
        self.mailbox.n_data_ind(&last[..heard]);
        let mut reset = false;
        loop {
            match self.mailbox.poll() {
                Mail::NDataRq(pending) => {
                    let octets = pending.len();
                    self.mailbox.sent(octets);
                }
                // No data can be sent any more.
                Mail::Event(Event::DataWanted { .. }) => {}
                Mail::Data(data) => {
                    if let Err(fault) = self.handler.data(data) {
                        self.mailbox.cannot_store(&fault.to_string());
                    }
                }
                Mail::Event(event) => self.handler.event(self.mailbox, event),
                Mail::Trace(trace) => self.handler.trace(trace),
                Mail::NConRq | Mail::NConRs | Mail::NDiscRq => {}
                Mail::Wait(_) if reset => return,
                Mail::Wait(_) => {
                    self.mailbox.n_rst_ind();
                    reset = true;
                }
            }
        }
    }

    /// Both sides close (2.2.3). A close with unread octets would reset the connection, and the
    /// partner could lose our ESID: they are swallowed for a moment first.
    async fn close(&mut self) {
        use tokio::io::AsyncWriteExt;
        if self.stream.shutdown().await.is_err() || !self.mailbox.session().has_sent_esid() {
            return;
        }
        let drained = async {
            let mut swallowed = 0;
            let mut octets = [0; 4096];
            while swallowed < LINGER_OCTETS && self.stream.readable().await.is_ok() {
                match self.stream.try_read(&mut octets) {
                    Ok(0) => return,
                    Ok(n) => swallowed += n,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return,
                }
            }
        };
        let _ = timeout(LINGER, drained).await;
    }
}
