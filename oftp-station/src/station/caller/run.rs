//! The loop around the scheduler.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use super::super::Shared;
use super::gather::gather;
use super::{Call, CallResult, Scheduler};
use crate::chance;
use crate::driver::aside;
use crate::exchange::Voice;

/// How often it is looked without a reason: pauses end, windows open.
const LOOK: Duration = Duration::from_secs(1);

/// The least time between two looks.
const GAP: Duration = Duration::from_millis(20);

/// How long sessions may go on after the order to stop.
const GRACE: Duration = Duration::from_secs(30);

/// Calls partners until `stop` is done; sessions that run then may come to their end. `orders` are
/// the names of partners that people want to be called.
pub async fn run<C: Call>(
    shared: Shared,
    call: Arc<C>,
    mut orders: UnboundedReceiver<String>,
    voice: Voice,
    stop: impl Future<Output = ()>,
) {
    let mut scheduler = Scheduler::new(chance::fraction);
    let begin = Instant::now();
    let mut sessions = Sessions::default();
    let mut told = String::new();
    tokio::pin!(stop);
    loop {
        let looked = Instant::now();
        match aside(|| gather(&shared)) {
            Ok(facts) => {
                told.clear();
                for start in scheduler.next(begin.elapsed(), &facts) {
                    sessions.begin(&shared, &call, start.partner);
                }
            }
            Err(error) => {
                let error = error.to_string();
                if error != told {
                    voice.error(&format!("nobody can be called: {error}"));
                    told = error;
                }
            }
        }
        tokio::select! {
            () = &mut stop => break,
            Some((partner, result)) = sessions.next_end() => {
                scheduler.ended(&partner, &result, begin.elapsed());
            }
            Some(partner) = orders.recv() => {
                order(&shared, &mut scheduler, &partner, &voice);
            }
            () = shared.woken() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        // Sessions that send a thousand files wake us a thousand times.
        tokio::time::sleep_until(looked + GAP).await;
    }
    let all = async { while sessions.next_end().await.is_some() {} };
    let _ = tokio::time::timeout(GRACE, all).await;
}

/// The sessions that we called for and that run.
#[derive(Default)]
struct Sessions {
    tasks: JoinSet<CallResult>,
    partners: HashMap<Id, String>,
}

impl Sessions {
    fn begin<C: Call>(&mut self, shared: &Shared, call: &Arc<C>, name: String) {
        let (shared, call) = (shared.clone(), call.clone());
        let partner = shared.config().partner(&name).cloned();
        let task = self.tasks.spawn(async move {
            match partner {
                Some(partner) => call.call(&shared, partner).await,
                // Gone since the facts were gathered.
                None => CallResult::Done { files: 0 },
            }
        });
        self.partners.insert(task.id(), name);
    }

    /// The next one that ends; `None`: none runs. May be dropped while it waits.
    async fn next_end(&mut self) -> Option<(String, CallResult)> {
        let (id, result) = match self.tasks.join_next_with_id().await? {
            Ok((id, result)) => (id, result),
            Err(error) => {
                let lost = CallResult::Lost(format!("the session failed here: {error}"));
                (error.id(), lost)
            }
        };
        let partner = self.partners.remove(&id).unwrap_or_default();
        Some((partner, result))
    }
}

/// A partner that cannot be called is named: nothing would happen otherwise.
fn order(shared: &Shared, scheduler: &mut Scheduler, name: &str, voice: &Voice) {
    match shared.config().partner(name) {
        None => voice.error(&format!(
            "{name} cannot be called: there is no such partner"
        )),
        Some(partner) if partner.addresses.is_empty() => voice.error(&format!(
            "{name} cannot be called: it has no address in oftp.toml"
        )),
        Some(_) => scheduler.order(name),
    }
}
