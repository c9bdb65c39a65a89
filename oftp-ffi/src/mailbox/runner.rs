//! What runs a session: from the connection to its end, one turn of the event loop at a time.

use std::ffi::{c_int, c_short};
use std::io;
use std::time::{Duration, Instant};

use super::drive::Turn;
use super::link::Socket;
use super::object::{Instance, Role, Run, Stage};
use super::oftp_mailbox;
use super::tell::Host;
use super::tls::oftp_tls;
use crate::handle::{CallingBack, with};
use crate::status::{Outcome, oftp_code};

impl Instance {
    pub(super) fn choose(&mut self, role: Role) -> Outcome {
        if self.attached {
            return Err(oftp_code::OFTP_E_USER
                .because("a session runs: choose the role for the next one when it has ended"));
        }
        self.monitor.open_what_was_left();
        self.role = Some(role);
        Ok(())
    }

    /// # Safety
    /// `tls` is NULL or valid.
    pub(super) unsafe fn attach(&mut self, fd: c_int, tls: *const oftp_tls) -> Outcome {
        if self.attached {
            return Err(oftp_code::OFTP_E_USER.because("a session runs on this mailbox already"));
        }
        let Some(role) = self.role else {
            return Err(oftp_code::OFTP_E_USER.because(
                "who calls whom? use oftp_mailbox_call or oftp_mailbox_answer before each \
                 connection",
            ));
        };
        let socket = Socket(fd);
        socket
            .check()
            .map_err(|error| oftp_code::OFTP_E_IO.because(format!("fd {fd}: {error}")))?;
        // SAFETY: by the caller.
        let (link, within, callers) = unsafe { self.link(socket, role, tls) }?;
        match role {
            Role::Answer => self.monitor.answer(),
            Role::Call(code) => self.monitor.call(&code),
        }?;
        self.failed = None;
        self.attached = true;
        self.run = Some(Box::new(Run {
            link,
            begun: Instant::now(),
            stage: Stage::Handshake {
                until: within.unwrap_or_default(),
            },
            callers,
            stuck: false,
            tls_failed: false,
        }));
        if within.is_none() {
            self.begin();
        }
        Ok(())
    }

    /// Something may have come: the socket, or the time.
    fn wake(&mut self) {
        self.busy = false;
        if let Some(run) = self.run.as_mut().filter(|run| run.stage == Stage::Session) {
            self.monitor.tick(run.begun.elapsed());
            // A partner's farewell is to be noticed while a write is stuck.
            if std::mem::take(&mut run.stuck) && self.monitor.wants_octets() {
                run.read(&mut self.monitor);
            }
        }
    }

    /// What the host waits for: events of poll(2), and how long from now at most.
    pub(super) fn poll_set(&self) -> Option<(c_short, Option<Duration>)> {
        let Some(run) = &self.run else {
            // All that is left is to say so.
            return self.attached.then_some((0, Some(Duration::ZERO)));
        };
        let now = run.begun.elapsed();
        let (events, until) = match run.stage {
            Stage::Handshake { until } => {
                let out = if run.link.wants_write() {
                    libc::POLLOUT
                } else {
                    0
                };
                (libc::POLLIN | out, Some(until))
            }
            Stage::Session => {
                let mut events = 0;
                let mut until = self.monitor.next_deadline();
                if self.monitor.wants_octets() {
                    events |= libc::POLLIN;
                    if run.link.has_more() {
                        until = Some(now);
                    }
                }
                if run.stuck || run.link.wants_write() {
                    events |= libc::POLLOUT;
                }
                (events, until)
            }
            Stage::Closing { until } => (libc::POLLOUT, Some(until)),
            Stage::Swallowing { until, .. } => (libc::POLLIN, Some(until)),
            Stage::Draining => (0, Some(now)),
        };
        // What the monitor has to do waits for the handshake, and is nothing behind the session.
        let ready = match run.stage {
            Stage::Session => self.monitor.is_ready(),
            _ => self.monitor.has_tells(),
        };
        let at_once = self.busy || ready;
        let until = if at_once { Some(now) } else { until };
        Some((events, until.map(|until| until.saturating_sub(now))))
    }
}

/// A time in milliseconds for poll(2), rounded up; -1: no limit.
pub(super) fn milliseconds(time: Option<Duration>) -> c_int {
    time.map_or(-1, |time| {
        c_int::try_from(time.as_micros().div_ceil(1000)).unwrap_or(c_int::MAX)
    })
}

/// Steps in a row: one busy session must not starve the others of an event loop.
const TURN: u32 = 128;

/// Where a turn has stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Its steps are used up: there is more to do at once, and the host may not have heard all.
    Busy,
    /// All is done and told until the socket, the time or the host says more.
    Waits,
    Over,
}

/// A run of the session: whether it has ended.
pub(super) struct Runner {
    host: Host,
    _calling: CallingBack,
}

impl Runner {
    pub(super) fn begin(mailbox: *mut oftp_mailbox) -> Outcome<Self> {
        let calling = CallingBack::begin::<Instance>(mailbox)?;
        let (events, user_data) = with::<Instance, _>(mailbox, |instance| {
            Ok((*instance.events, instance.user_data.0))
        })?;
        Ok(Self {
            host: Host {
                mailbox,
                events,
                user_data,
            },
            _calling: calling,
        })
    }

    pub(super) fn with<R>(&self, body: impl FnOnce(&mut Instance) -> Outcome<R>) -> Outcome<R> {
        with::<Instance, _>(self.host.mailbox, body)
    }

    /// Goes on for one turn.
    ///
    /// # Errors
    /// A callback failed: the session is being ended.
    pub(super) fn go(&self) -> Outcome<Stop> {
        self.with(|instance| {
            instance.wake();
            Ok(())
        })?;
        for _ in 0..TURN {
            let told = match self.with(|instance| Ok(instance.step()))? {
                Turn::Go => continue,
                Turn::Wait => return Ok(Stop::Waits),
                Turn::Over => {
                    return self.with(|instance| {
                        instance.attached = false;
                        Ok(Stop::Over)
                    });
                }
                Turn::Data(data) => self.host.data(&data),
                Turn::Tell(tell) => {
                    let result = || self.with(|instance| Ok(instance.result()));
                    self.host.tell(tell, result)
                }
            };
            match told {
                Ok(after) => self.with(|instance| {
                    instance.after(after);
                    Ok(())
                })?,
                Err(fail) => {
                    self.with(|instance| {
                        instance.give_up();
                        Ok(())
                    })?;
                    return Err(fail);
                }
            }
        }
        self.with(|instance| {
            instance.busy = true;
            Ok(Stop::Busy)
        })
    }

    /// Waits for the socket or the time.
    fn wait(&self, fd: c_int) -> Outcome {
        let Some((events, timeout)) = self.with(|instance| Ok(instance.poll_set()))? else {
            return Ok(());
        };
        let mut set = libc::pollfd {
            // A connection that has ended would wake us again and again.
            fd: if events == 0 { -1 } else { fd },
            events,
            revents: 0,
        };
        // SAFETY: one structure, which lives.
        if unsafe { libc::poll(&raw mut set, 1, milliseconds(timeout)) } < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(oftp_code::OFTP_E_IO.because(format!("poll: {error}")));
            }
        }
        Ok(())
    }

    pub(super) fn run(&self, fd: c_int) -> Outcome {
        let mut failed = None;
        loop {
            match self.go() {
                Ok(Stop::Over) => break,
                Ok(Stop::Busy) => {}
                Ok(Stop::Waits) => {
                    if !self.with(|instance| Ok(instance.monitor.answer_now()))? {
                        self.wait(fd)?;
                    }
                }
                Err(fail) if fail.code == oftp_code::OFTP_E_CALLBACK as i32 => {
                    failed.get_or_insert(fail);
                }
                Err(fail) => return Err(fail),
            }
        }
        let other = self.with(|instance| Ok(instance.failed.take()))?;
        failed.or(other).map_or(Ok(()), Err)
    }
}
