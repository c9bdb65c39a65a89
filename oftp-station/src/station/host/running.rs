//! The station on its threads: one for its beginning and its end, and those of its runtime.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::Notify;

use super::super::config::Config;
use super::super::folder::Lock;
use super::super::journal::Journal;
use super::super::run::{Ears, Handle, Station};
use super::super::shared::Shared;
use super::super::watch::Log;
use super::bell::{Bell, until};
use super::{Host, HostError, Inside, locked};
use crate::exchange::Voice;

type Ended = Result<(), HostError>;

/// How long tasks that were cut have for their last turn.
const LAST_TURN: Duration = Duration::from_millis(50);

/// A station that runs, or has run and nobody has looked at its end yet.
#[derive(Debug)]
pub(super) struct Running {
    shared: Shared,
    addresses: Vec<SocketAddr>,
    handle: Handle,
    cut: Arc<Notify>,
    over: Arc<AtomicBool>,
    thread: JoinHandle<Ended>,
}

impl Running {
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    pub(super) const fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub(super) const fn handle(&self) -> &Handle {
        &self.handle
    }
}

/// Says that the thread is at its end, however it came to that.
struct AtEnd {
    over: Arc<AtomicBool>,
    bell: Arc<Bell>,
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        self.bell.ring();
    }
}

impl Host {
    /// Runs the station, until [`stop`](Self::stop), the end of this host, or an order of another
    /// process (`oftp stop`). The configuration is read anew. Returns when the ports are listened
    /// on; after an end that was none in good order all of the journal is read before.
    ///
    /// # Errors
    /// [`HostError::Runs`]; the station runs in another process; its configuration has faults; an
    /// address cannot be listened on; its files cannot be used.
    pub fn start(&self) -> Result<(), HostError> {
        let inside = self.inside()?;
        let _turn = locked(&inside.turn);
        if inside.is_running() {
            return Err(HostError::Runs(inside.folder.path().to_owned()));
        }
        // What an earlier run ended with was of interest to nobody.
        inside.state().running = None;
        let lock = inside.folder.lock()?;
        let config = Config::load(&inside.folder)?;
        let station = Station::with_config(lock.clone(), config)?;
        let running = inside.run(station, lock)?;
        let mut state = inside.state();
        state.config = running.shared.config();
        state.journal = running.shared.journal().clone();
        state.running = Some(running);
        drop(state);
        inside.bell.ring();
        Ok(())
    }

    /// Begins to stop, and does not wait: nothing new is begun, and sessions may come to their end,
    /// 30 seconds at most.
    ///
    /// # Errors
    /// [`HostError::Forked`].
    pub fn begin_stop(&self) -> Result<(), HostError> {
        if let Some(running) = &self.inside()?.state().running {
            running.handle.stop();
        }
        Ok(())
    }

    /// Waits until the station has ended its work, for so long at most (`None`: for ever); gives
    /// whether it has.
    ///
    /// # Errors
    /// [`HostError::Forked`].
    pub fn wait_stopped(&self, wait: Option<Duration>) -> Result<bool, HostError> {
        let inside = self.inside()?;
        let until = until(wait);
        loop {
            let seen = inside.bell.rung();
            if !inside.is_running() {
                return Ok(true);
            }
            if !inside.bell.wait(seen, until) {
                return Ok(false);
            }
        }
    }

    /// Stops the station: in good order where its sessions end within this time, else they are cut,
    /// and their files go on where they were after the next start. Nothing of it runs any more when
    /// this returns, even with an error; where it does not run this does nothing.
    ///
    /// Gives whether it ended in good order.
    ///
    /// # Errors
    /// [`HostError::Forked`]; what the station failed with, since the start or at its end.
    pub fn stop(&self, within: Duration) -> Result<bool, HostError> {
        let inside = self.inside()?;
        let _turn = locked(&inside.turn);
        self.begin_stop()?;
        let in_order = self.wait_stopped(Some(within))?;
        if !in_order && let Some(running) = &inside.state().running {
            running.cut.notify_one();
        }
        // Only what is in the hands of the disk is waited for now.
        self.wait_stopped(None)?;
        let running = inside.state().running.take();
        match running {
            Some(running) => joined(running.thread).map(|()| in_order),
            None => Ok(true),
        }
    }
}

fn joined(thread: JoinHandle<Ended>) -> Ended {
    thread
        .join()
        .unwrap_or_else(|panic| Err(HostError::Bug(words(panic.as_ref()))))
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a thread of the station failed").to_owned()
}

impl Inside {
    fn run(&self, station: Station, lock: Lock) -> Result<Running, HostError> {
        let (shared, handle) = (station.shared().clone(), station.handle());
        let ears = self.ears(&station)?;
        let (cut, over) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let (told, heard) = mpsc::channel();
        let at_end = AtEnd {
            over: over.clone(),
            bell: self.bell.clone(),
        };
        let journal = shared.journal().clone();
        let (end, bell) = (cut.clone(), self.bell.clone());
        let work = move || {
            let _at_end = at_end;
            let threads = std::thread::available_parallelism().map_or(2, usize::from);
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .thread_name("oftp-station")
                .worker_threads(threads.max(2))
                .enable_all()
                .build()
                .map_err(|error| HostError::io("the threads of the station".as_ref(), error))?;
            let shared = station.shared().clone();
            let ended = runtime.block_on(async {
                tokio::spawn(follow(journal, bell));
                let listening = move |addresses: &[SocketAddr]| {
                    // Who started it waits for this.
                    let _ = told.send(addresses.to_vec());
                };
                let ended = tokio::select! {
                    ended = station.run(ears, listening) => ended,
                    () = end.notified() => Ok(()),
                };
                // What is cut is dropped when its turn comes: not after its timers are gone.
                tokio::time::sleep(LAST_TURN).await;
                ended
            });
            // Where it was cut they are still there, and hold what holds them.
            shared.set_hooks(None);
            drop(shared);
            // What was cut may still be writing: until that is over nobody else may run the station.
            drop(runtime);
            drop(lock);
            ended.map_err(HostError::from)
        };
        let thread = std::thread::Builder::new()
            .name("oftp-host".to_owned())
            .spawn(work)
            .map_err(|error| HostError::io("a thread for the station".as_ref(), error))?;
        match heard.recv() {
            Ok(addresses) => Ok(Running {
                shared,
                addresses,
                handle,
                cut,
                over,
                thread,
            }),
            // It has come to its end before it listened.
            Err(_) => {
                drop(shared);
                joined(thread)?;
                Err(HostError::NotRunning(self.folder.path().to_owned()))
            }
        }
    }

    /// A library has no streams of its own: without a file for the log what is told is kept.
    fn ears(&self, station: &Station) -> Result<Ears, HostError> {
        let config = station.shared().config();
        let log = match &config.log.file {
            Some(path) => {
                let log = Log::open(&config.log).map_err(|error| HostError::io(path, error))?;
                Some(log)
            }
            None => None,
        };
        let voice = match &log {
            Some(log) => Voice::logging(log.clone()),
            None => Voice::kept(self.messages.clone()),
        };
        for trouble in station.troubles() {
            voice.warn(trouble);
        }
        Ok(Ears { voice, log })
    }
}

/// Rings whenever something was written.
async fn follow(journal: Journal, bell: Arc<Bell>) {
    let mut seen = 0;
    loop {
        seen = journal.changed(seen).await;
        bell.ring();
    }
}
