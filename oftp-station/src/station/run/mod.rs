//! A running station: everything of it in one process, from the lock to a graceful stop.
//!
//! ```text
//! open      the folder, the lock, the journal, and what an earlier process left
//! control   how it is stopped and told to read its configuration again
//! ports     where it listens, and how it calls
//! upkeep    outboxes, overdue responses, what is kept no longer
//! orders    what other processes want
//! reload    another configuration in the place of the present one
//! ```

mod control;
mod open;
mod orders;
mod ports;
mod reload;
mod upkeep;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinSet;

pub use control::Handle;
pub use open::{Station, StationError};

use super::hooks::Hooks;
use super::journal::{event, fact};
use super::session::Answering;
use super::watch::{Health, Log, Metrics, http};
use super::{Shared, caller, recover};
use crate::driver::aside;
use crate::exchange::Voice;
use crate::serve::{ServeLimits, serve};

/// The fact that says whether the last process ended in good order.
const CLEAN: &str = "clean";

/// Callers beyond the limit that are told to come back, before further ones are just closed.
const TOLD_TO_COME_BACK: usize = 64;

/// Who hears what a station tells.
#[derive(Debug, Clone)]
pub struct Ears {
    /// Warnings and errors that are about no line of the history.
    pub voice: Voice,
    /// Where the history is written to, too.
    pub log: Option<Log>,
}

impl Station {
    /// Runs until [`Handle::stop`] is called, or another process orders it. `listening` hears the
    /// addresses that are listened on, when the station is at work.
    ///
    /// Nothing new is begun then; sessions may come to their end, 30 seconds at most: a transfer
    /// that is cut goes on after the next start.
    ///
    /// # Errors
    /// [`StationError`]: it cannot begin its work, or the journal failed at its end.
    pub async fn run(
        self,
        ears: Ears,
        listening: impl FnOnce(&[SocketAddr]),
    ) -> Result<(), StationError> {
        let Ears { voice, log } = ears;
        let (shared, handle) = (self.shared.clone(), self.handle());
        aside(|| recover::clear_spool(&shared))?;
        let config = shared.config();
        let (ports, addresses) = ports::bind(&config).await?;
        let metrics = match config.metrics {
            Some(address) => Some(
                // One beyond this machine was named on purpose, and `oftp check` warns of it.
                http::bind(address, true)
                    .await
                    .map_err(StationError::Metrics)?,
            ),
            None => None,
        };
        let hooks = Hooks::new(shared.clone());
        let figures =
            Metrics::new(shared.clone(), hooks.tally().clone()).map_err(StationError::Metrics)?;
        shared.set_hooks(Some(hooks.clone()));
        let (ordered, orders) = unbounded_channel();
        orders::take_at_start(&shared, &ordered)?;
        begin(&self, &addresses)?;

        let health = Health::default();
        let numbers = Arc::new(AtomicU64::new(0));
        let mut parts = Parts {
            tasks: JoinSet::new(),
            health: health.clone(),
        };
        let limits = ServeLimits {
            sessions: config.limits.incoming,
            connections: config.limits.incoming + TOLD_TO_COME_BACK,
            ..ServeLimits::default()
        };
        if !ports.is_empty() {
            let answering = Answering::new(shared.clone(), voice.clone(), numbers.clone());
            let serving = serve(ports, Arc::new(answering), limits, handle.stopped());
            parts.run("the listener", async {
                serving.await;
            });
        }
        let network = Arc::new(ports::Network::new(voice.clone(), numbers));
        parts.run(
            "the caller",
            caller::run(
                shared.clone(),
                network,
                orders,
                voice.clone(),
                handle.stopped(),
            ),
        );
        parts.run(
            "the courier",
            recover::courier(shared.clone(), voice.clone(), handle.stopped()),
        );
        parts.run(
            "the outboxes",
            upkeep::outboxes(shared.clone(), voice.clone(), handle.stopped()),
        );
        parts.run(
            "the upkeep",
            upkeep::upkeep(shared.clone(), voice.clone(), handle.stopped()),
        );
        if !self.sound.load(Ordering::Relaxed) {
            let checking = check(
                shared.clone(),
                self.sound.clone(),
                handle.clone(),
                voice.clone(),
            );
            parts.tasks.spawn(checking);
        }
        parts.run(
            "the orders",
            orders::orders(shared.clone(), handle.clone(), ordered, voice.clone()),
        );
        parts.run(
            "the configuration",
            reload::reload(shared.clone(), handle.clone(), log.clone(), voice.clone()),
        );
        parts.run(
            "the hooks",
            told(hooks.run(handle.stopped()), voice.clone()),
        );
        if let Some(listener) = metrics {
            let (shared, stop) = (shared.clone(), handle.stopped());
            let count = figures.clone().follow(handle.stopped());
            parts.run("the figures", told(count, voice.clone()));
            let serving = http::serve(listener, shared, figures, health, stop);
            parts.run("the metrics", serving);
        }
        // The log hears of the end, too.
        let end = Handle::default();
        let mut logging = JoinSet::new();
        if let Some(log) = log {
            let (journal, stop) = (shared.journal().clone(), end.stopped());
            let voice = voice.clone();
            logging.spawn(async move { told(log.follow(&journal, stop), voice).await });
        }
        listening(&addresses);
        let failed = parts.until_stopped(&handle, &voice).await;
        shared.set_hooks(None);
        let ended = aside(|| finish(&self));
        end.stop();
        while logging.join_next().await.is_some() {}
        failed.and(ended)
    }
}

/// What runs beside each other.
struct Parts {
    tasks: JoinSet<()>,
    health: Health,
}

impl Parts {
    fn run(&mut self, name: &str, part: impl Future<Output = ()> + Send + 'static) {
        let pulse = self.health.runs(name);
        self.tasks.spawn(async move {
            // Dropped with the task, however that ends.
            let _pulse = pulse;
            part.await;
        });
    }

    /// Where a part fails, the others end in good order: half a station would look well and do half
    /// of its work. Whoever watches over the process starts it again.
    async fn until_stopped(&mut self, handle: &Handle, voice: &Voice) -> Result<(), StationError> {
        let mut failed = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                voice.error(&format!("a part of the station failed: {error}"));
                failed = Err(StationError::Part(error.to_string()));
                handle.stop();
            }
        }
        handle.stopped().await;
        failed
    }
}

async fn told<E: std::fmt::Display>(part: impl Future<Output = Result<(), E>>, voice: Voice) {
    if let Err(error) = part.await {
        voice.error(&error.to_string());
    }
}

/// From now on an end is none in good order, until the journal says so.
fn begin(station: &Station, addresses: &[SocketAddr]) -> Result<(), StationError> {
    let ports: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let detail = json!({
        "ports": ports,
        "process": std::process::id(),
        "version": env!("CARGO_PKG_VERSION"),
    });
    let journal = station.shared.journal();
    journal.write(move |connection| {
        fact::set(connection, CLEAN, "0")?;
        event::note(connection, event::Kind::StationStarted, None, None, &detail)
    })?;
    Ok(())
}

/// Looks through the journal while the station runs, and stops it where that is damaged.
async fn check(shared: Shared, sound: Arc<AtomicBool>, handle: Handle, voice: Voice) {
    match shared.journal().check_beside(handle.stopped()).await {
        Ok(is_done) => sound.store(is_done, Ordering::Relaxed),
        Err(error) => {
            voice.error(&format!("{error}; the station stops"));
            handle.stop();
        }
    }
}

fn finish(station: &Station) -> Result<(), StationError> {
    let journal = station.shared.journal();
    // Who has not looked through the journal leaves that to the next one.
    let clean = if station.sound.load(Ordering::Relaxed) {
        "1"
    } else {
        "0"
    };
    journal.write(move |connection| {
        fact::set(connection, CLEAN, clean)?;
        let none = json!({});
        event::note(connection, event::Kind::StationStopped, None, None, &none)
    })?;
    Ok(())
}
