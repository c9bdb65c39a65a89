//! How a running station is stopped and told to read its configuration again: by signals, by orders
//! in the journal, by a host of the library.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

/// The control of a station. Clones control the same one.
#[derive(Debug, Clone, Default)]
pub struct Handle(Arc<Control>);

#[derive(Debug, Default)]
struct Control {
    stop: watch::Sender<bool>,
    reload: Notify,
}

impl Handle {
    /// Ends the station in good order.
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// Reads the configuration again.
    pub fn reload(&self) {
        self.0.reload.notify_one();
    }

    /// Until [`stop`](Self::stop) is called.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stop = self.0.stop.subscribe();
        async move {
            // The sender lives as long as any clone; without one nothing is to be waited for.
            let _ = stop.wait_for(|stop| *stop).await;
        }
    }

    /// Whether [`stop`](Self::stop) was called.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.stop.borrow()
    }

    pub(super) async fn reload_wanted(&self) {
        self.0.reload.notified().await;
    }
}
