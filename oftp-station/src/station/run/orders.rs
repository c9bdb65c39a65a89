//! What other processes want of the running station: they write it into the journal.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::super::Shared;
use super::super::journal::order::{self, Order};
use super::super::journal::{JournalError, Watch};
use super::Handle;
use crate::driver::aside;
use crate::exchange::Voice;

/// How often the journal is looked at for what other processes have changed.
const LOOK: Duration = Duration::from_millis(500);

/// Orders that were left while nothing ran: calls are made, the others have had their effect.
pub(super) fn take_at_start(
    shared: &Shared,
    calls: &UnboundedSender<String>,
) -> Result<(), JournalError> {
    for order in shared.journal().write(order::take)? {
        if let Order::Call(partner) = order {
            let _ = calls.send(partner);
        }
    }
    Ok(())
}

/// Looks for changes of other processes until the station stops, and carries out their orders.
pub(super) async fn orders(
    shared: Shared,
    handle: Handle,
    calls: UnboundedSender<String>,
    voice: Voice,
) {
    let stop = handle.stopped();
    tokio::pin!(stop);
    let mut watch = None;
    let mut told = String::new();
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        match aside(|| look(&shared, &mut watch)) {
            Ok(None) => told.clear(),
            Ok(Some(orders)) => {
                told.clear();
                for order in orders {
                    match order {
                        // Who takes them is gone only when the station stops.
                        Order::Call(partner) => drop(calls.send(partner)),
                        Order::Reload => handle.reload(),
                        Order::Stop => handle.stop(),
                    }
                }
                shared.wake();
            }
            Err(error) => {
                let error = error.to_string();
                if error != told {
                    voice.error(&format!("orders cannot be read: {error}"));
                    told = error;
                }
            }
        }
    }
}

/// The orders, where anything has changed since the last look.
fn look(shared: &Shared, watch: &mut Option<Watch>) -> Result<Option<Vec<Order>>, JournalError> {
    let journal = shared.journal();
    let changed = match watch {
        Some(watch) => watch.has_changed()?,
        None => {
            *watch = Some(journal.watch()?);
            true
        }
    };
    if !changed {
        return Ok(None);
    }
    if journal.read(order::is_any)? {
        return journal.write(order::take).map(Some);
    }
    Ok(Some(Vec::new()))
}
