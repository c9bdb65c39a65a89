//! The session of a mailbox, one step at a time: octets between the socket and the User Monitor,
//! and what that tells. Nothing in here waits.

use std::io;
use std::time::Duration;

use oftp_station::monitor::{Monitor, Step, Tell};

use super::link::Link;
use super::object::{Instance, Role, Run, Stage};
use crate::session::oftp_data;
use crate::status::oftp_code;

/// How long the end of a connection may take after the last octet.
const LINGER: Duration = Duration::from_secs(2);

/// As much is swallowed of a partner that has not heard the end.
const SWALLOWED: usize = 1 << 20;

/// As much is heard of a partner that has closed while we were writing.
const LAST_WORDS: usize = 64 * 1024;

/// What to do after one step.
pub(super) enum Turn {
    Go,
    /// The host is to be told something.
    Tell(Tell),
    /// Octets in the buffer of the session that runs.
    Data(oftp_data),
    /// Nothing to do until the socket, the time or the host says so.
    Wait,
    /// The session is over, and all of it told.
    Over,
}

// SAFETY: of the pointers in `Data`, the only ones, nobody makes use before the step that made
// them is over, which is on one thread.
unsafe impl Send for Turn {}

impl Instance {
    pub(super) fn step(&mut self) -> Turn {
        let Some(run) = self.run.as_mut().filter(|_| !self.monitor.has_tells()) else {
            // What there is to tell does not wait for the network.
            return self.drain();
        };
        let now = run.begun.elapsed();
        match run.stage {
            Stage::Handshake { until } => self.shake_hands(now, until),
            Stage::Session => self.session(),
            Stage::Closing { until } => run.close(&self.monitor, now, until),
            Stage::Swallowing { until, octets } => run.swallow(now, until, octets),
            Stage::Draining => {
                self.monitor.disconnected();
                self.drain()
            }
        }
    }

    fn shake_hands(&mut self, now: Duration, until: Duration) -> Turn {
        let Some(run) = &mut self.run else {
            return Turn::Over;
        };
        let Link::Tls(tls) = &mut run.link else {
            run.stage = Stage::Session;
            return Turn::Go;
        };
        let done = match tls.shake_hands() {
            Ok(false) if now >= until => Err(tls.too_late(until)),
            done => done,
        };
        match done {
            Ok(false) => return Turn::Wait,
            Ok(true) => self.begin(),
            Err(error) => {
                let text = error.to_string();
                self.monitor.connection_failed(text.clone());
                self.failed = Some(oftp_code::OFTP_E_TLS.because(text));
                run.tls_failed = true;
                run.stage = Stage::Closing {
                    until: now + LINGER,
                };
            }
        }
        Turn::Go
    }

    /// The connection is there: the session begins.
    pub(super) fn begin(&mut self) {
        let Some(run) = &mut self.run else {
            return;
        };
        let callers = matches!(self.role, Some(Role::Answer)).then(|| {
            // Only now it is known whose certificate was shown.
            let tls = match (&run.link, &run.callers) {
                (Link::Tls(tls), Some(callers)) => Some((callers, tls.certificates())),
                _ => None,
            };
            self.monitor.callers(tls)
        });
        run.stage = Stage::Session;
        self.monitor.connected(run.begun.elapsed(), callers);
    }

    fn session(&mut self) -> Turn {
        let Some(run) = &mut self.run else {
            return Turn::Over;
        };
        match self.monitor.next() {
            Step::Tell(tell) => return Turn::Tell(tell),
            Step::Data { octets, ends } => return Turn::Data(shown(octets, ends)),
            Step::Write(octets) => match run.link.write(octets.slices()) {
                Ok(octets) => {
                    run.stuck = false;
                    self.monitor.sent(octets);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // Nobody reads what is left of a session that is over.
                    if self.monitor.is_over() {
                        run.end();
                    } else {
                        run.stuck = true;
                        return Turn::Wait;
                    }
                }
                Err(_) => run.hear_last_words(&mut self.monitor),
            },
            Step::Work => {
                self.monitor.work();
                // The work took its time.
                self.tick();
            }
            Step::Disconnect => run.end(),
            Step::Wait(_) => {
                if !self.monitor.wants_octets() || !run.read(&mut self.monitor) {
                    return Turn::Wait;
                }
            }
            Step::Over => return Turn::Over,
        }
        Turn::Go
    }

    /// Tells what a session without a connection still says, and does what is left to do.
    fn drain(&mut self) -> Turn {
        match self.monitor.next() {
            Step::Tell(tell) => {
                if matches!(tell, Tell::Ended) {
                    self.run = None;
                    self.role = None;
                }
                Turn::Tell(tell)
            }
            Step::Data { octets, ends } => Turn::Data(shown(octets, ends)),
            Step::Work => {
                self.monitor.work();
                self.tick();
                Turn::Go
            }
            _ => Turn::Over,
        }
    }
}

fn shown(octets: &[u8], ends: &[usize]) -> oftp_data {
    oftp_data {
        struct_size: size_of::<oftp_data>(),
        octets: octets.as_ptr(),
        len: octets.len(),
        record_ends: ends.as_ptr(),
        record_count: ends.len(),
    }
}

impl Run {
    /// Reads once, straight into the session. False when nothing was there; why TLS failed is
    /// kept to be told.
    pub(super) fn read(&mut self, monitor: &mut Monitor) -> bool {
        match self.link.read(monitor.receive_space()) {
            Ok(0) => monitor.n_disc_ind(),
            Ok(octets) => {
                monitor.tick(self.begun.elapsed());
                monitor.received(octets);
            }
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => return false,
                // The end of TCP without that of TLS: whether it is early, the session knows (L1).
                io::ErrorKind::UnexpectedEof => monitor.n_disc_ind(),
                io::ErrorKind::InvalidData => {
                    monitor.fault(error.to_string());
                    monitor.n_rst_ind();
                }
                _ => monitor.n_rst_ind(),
            },
        }
        true
    }

    /// The session wants the connection closed (2.2.3).
    fn end(&mut self) {
        self.stage = Stage::Closing {
            until: self.begun.elapsed() + LINGER,
        };
    }

    fn close(&mut self, monitor: &Monitor, now: Duration, until: Duration) -> Turn {
        let told = self.tls_failed || monitor.has_sent_esid();
        self.stage = match self.link.shutdown() {
            // A close with unread octets would reset the connection, and the partner could lose
            // our ESID: they are swallowed for a moment first.
            Ok(true) if told => Stage::Swallowing { until, octets: 0 },
            Ok(false) if now < until => return Turn::Wait,
            _ => Stage::Draining,
        };
        Turn::Go
    }

    fn swallow(&mut self, now: Duration, until: Duration, octets: usize) -> Turn {
        self.stage = match self.link.swallow() {
            Ok(n @ 1..) if octets < SWALLOWED => Stage::Swallowing {
                until,
                octets: octets + n,
            },
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && now < until => {
                return Turn::Wait;
            }
            _ => Stage::Draining,
        };
        Turn::Go
    }

    /// The partner has closed while we were writing. What it said before says why.
    fn hear_last_words(&mut self, monitor: &mut Monitor) {
        let mut last = vec![0; LAST_WORDS];
        let mut heard = 0;
        loop {
            match self.link.read(&mut last[heard..]) {
                Ok(octets @ 1..) => heard += octets,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    monitor.fault(error.to_string());
                    break;
                }
                _ => break,
            }
        }
        monitor.n_data_ind(&last[..heard]);
        monitor.write_failed();
        self.stage = Stage::Draining;
    }
}
