//! End to End Responses that a session could not deliver before it ended.

use std::sync::{Arc, Mutex};

use oftp_core::mailbox::Response;
use oftp_core::wire::IdentificationCode;

/// What is owed to partners until they confirm it (RTR), shared by the sessions of a process.
#[derive(Debug, Clone, Default)]
pub struct Owed(Arc<Mutex<Vec<(IdentificationCode, Response)>>>);

/// A partner that takes no responses must not fill the memory: the oldest go first.
const MOST: usize = 10_000;

impl Owed {
    /// Leaves responses for the next session with this partner.
    pub(super) fn leave(
        &self,
        partner: IdentificationCode,
        responses: impl IntoIterator<Item = Response>,
    ) {
        if let Ok(mut owed) = self.0.lock() {
            owed.extend(responses.into_iter().map(|response| (partner, response)));
            let excess = owed.len().saturating_sub(MOST);
            owed.drain(..excess);
        }
    }

    /// Takes what is owed to this partner: the session that asks is to send it.
    pub(super) fn take(&self, partner: &IdentificationCode) -> Vec<Response> {
        self.0.lock().map_or_else(
            |_| Vec::new(),
            |mut owed| {
                let own = owed.extract_if(.., |(to, _)| to.trimmed() == partner.trimmed());
                own.map(|(_, response)| response).collect()
            },
        )
    }
}
