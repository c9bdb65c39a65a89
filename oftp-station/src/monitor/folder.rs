//! The folder for files that come.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use oftp_core::mailbox::Reply;
use oftp_core::wire::IdentificationCode;

use super::{Monitor, MonitorError, Tell};
use crate::exchange::{self, Owed, Voice};
use crate::inbox::{Inbox, InboxOptions};
use crate::records::RecordLayout;

impl Monitor {
    /// Files that come go into a folder, unless the host takes one itself: under names made of the
    /// five fields that make a file unique (RFC 5024 1.5.2), whole or not at all, on the disk
    /// before EFPA is sent. Files that were cut go on where they stopped, duplicates are refused
    /// (SFNA 13), also by another process. U, T and F files lie as they are; in V files each
    /// record stands behind its length, 2 octets, most significant first. Secured files are opened
    /// after EFPA ([`Step::Work`](super::Step::Work)), and answered by EERP or NERP.
    ///
    /// `None`: no folder any more.
    ///
    /// # Errors
    /// [`MonitorError::SessionRuns`]; [`MonitorError::Folder`]: it cannot be used, for example
    /// because its sub-folders belong to others.
    pub fn receive_into(&mut self, folder: Option<&Path>) -> Result<(), MonitorError> {
        self.check_free()?;
        let Some(folder) = folder else {
            self.inbox = None;
            return Ok(());
        };
        let options = InboxOptions {
            layout: RecordLayout::Length16,
            ..InboxOptions::default()
        };
        let wrong = |error: &dyn std::fmt::Display| MonitorError::Folder(error.to_string());
        let inbox = Inbox::open(folder, options).map_err(|error| wrong(&error))?;
        let owed = Owed::in_folder(inbox.owed_folder()).map_err(|error| wrong(&error))?;
        for row in &self.partners {
            let code = row.partner.code;
            owed.leave(code, self.owed.take(&code));
        }
        self.owed = owed;
        self.inbox = Some(inbox);
        self.has_left = true;
        Ok(())
    }

    /// Whether files that come go into a folder.
    #[must_use]
    pub const fn has_folder(&self) -> bool {
        self.inbox.is_some()
    }

    /// Opens and signs what an earlier process left in the folder (files in their envelopes,
    /// responses to be signed), and what could not be opened in an earlier session; nothing where
    /// nothing can be left. Takes as long as that takes. Call it before each session, when all
    /// partners are there with their certificates; nothing while one runs. What goes wrong is told
    /// by [`Tell::Warning`], and tried again the next time; [`Tell::Received`] does not tell of
    /// what an earlier process left.
    pub fn open_what_was_left(&mut self) {
        // A file that the session is to open itself must not be opened twice.
        if self.run.is_some() {
            return;
        }
        while let Some(work) = self.left.pop_front() {
            self.open_file(work);
        }
        let Some(inbox) = self.inbox.clone().filter(|_| self.has_left) else {
            return;
        };
        let lines = Arc::default();
        let limit = |partner: &IdentificationCode| {
            let blocks = self.partner(partner)?.partner.policy.max_blocks?;
            Some(blocks.saturating_mul(1024))
        };
        let done = exchange::open_what_was_left(
            &inbox,
            self.settings.identity.code,
            &Reply::Eerp,
            &self.security,
            &self.owed,
            &limit,
            &Voice::kept(Arc::clone(&lines)),
        );
        self.has_left = !done;
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        self.tells.extend(lines.drain(..).map(Tell::Warning));
    }
}
