//! Monitors of one station whose sessions run side by side: they share keys, the folder and what
//! is owed to partners, and a file of ours belongs to the one whose session can send it.

use std::collections::VecDeque;

use oftp_core::wire::IdentificationCode;

use super::{Monitor, MonitorError, Summary};

impl Monitor {
    /// Another monitor of the same station, with the same partners, keys and folder. Two monitors
    /// that were each told of the same folder would both send the responses that lie there.
    ///
    /// What an earlier process left in the folder is [opened](Self::open_what_was_left) first, once
    /// for all of them; what is still to be told of it the new one tells.
    #[must_use]
    pub fn sibling(&mut self) -> Self {
        self.open_what_was_left();
        Self {
            settings: self.settings.clone(),
            hide_unknown: self.hide_unknown,
            security: self.security.clone(),
            own: self.own.clone(),
            partner_keys: self.partner_keys.clone(),
            partners: self.partners.clone(),
            spool: self.spool.clone(),
            inbox: self.inbox.clone(),
            owed: self.owed.clone(),
            has_left: false,
            left: VecDeque::new(),
            posts: Vec::new(),
            next_id: 1,
            run: None,
            tells: match self.run {
                Some(_) => VecDeque::new(),
                None => std::mem::take(&mut self.tells),
            },
            told: None,
            score: Summary::default(),
            kick: false,
        }
    }

    /// Takes over all files of ours for this partner from a monitor that runs no session: those to
    /// be sent, as far as they have come, and those whose end response has not come. Gives their
    /// names there and here.
    ///
    /// # Errors
    /// [`MonitorError::SessionRuns`]: in `from`.
    pub fn adopt(
        &mut self,
        from: &mut Self,
        partner: &IdentificationCode,
    ) -> Result<Vec<(u64, u64)>, MonitorError> {
        from.check_free()?;
        let is_for = |code: &IdentificationCode| code.trimmed() == partner.trimmed();
        let (moved, kept) = std::mem::take(&mut from.posts)
            .into_iter()
            .partition(|post| is_for(&post.partner));
        from.posts = kept;
        let mut names = Vec::new();
        for mut post in moved {
            post.tried = false;
            let old = post.id;
            names.push((old, self.enqueue(post)));
        }
        Ok(names)
    }
}
