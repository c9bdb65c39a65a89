//! What the journal, the configuration and the clock on the wall say at a moment.

use std::time::Duration;

use jiff::Zoned;

use super::super::Shared;
use super::super::config::Config;
use super::super::journal::file::waiting;
use super::super::journal::{JournalError, file, now, partner};
use super::{Facts, PartnerFacts, Waiting};

/// What is so at this moment. Reads the journal.
pub(super) fn gather(shared: &Shared) -> Result<Facts, JournalError> {
    let config = shared.config();
    let (now, longest) = (now(), longest_pause(&config));
    let (rows, known, far) = shared.journal().read(|connection| {
        Ok((
            waiting(connection, now)?,
            partner::all(connection)?,
            file::has_far_retries(connection, now, longest)?,
        ))
    })?;
    if far {
        // The clock was wrong when these were written, or is now.
        shared
            .journal()
            .post(move |connection| file::forget_far_retries(connection, now, longest));
    }
    let today = Zoned::now();
    let partners = config.partners.iter();
    let partners = partners.map(|one| {
        let waiting = rows.iter().find(|row| row.partner == one.name);
        let held = known.get(&one.name).is_some_and(|row| row.held);
        PartnerFacts {
            name: one.name.clone(),
            callable: !held && !one.addresses.is_empty(),
            open: one.schedule.is_open(&today),
            waiting: waiting.map(|row| Waiting {
                priority: row.priority,
                items: usize::try_from(row.files.max(1)).unwrap_or(usize::MAX),
                newest: row.newest,
            }),
            incoming: shared.sessions(&one.name).incoming,
            retry: one.retry,
            poll: one.schedule.poll,
            sessions: one.sessions,
        }
    });
    Ok(Facts {
        outgoing: config.limits.outgoing,
        partners: partners.collect(),
    })
}

/// No pause of a file is longer, in milliseconds.
fn longest_pause(config: &Config) -> i64 {
    let pauses = config.partners.iter().map(|partner| partner.retry.longest);
    // Whatever the configuration says now: what was written before it was read again counts too.
    let longest = pauses.max().unwrap_or_default().max(LONGEST);
    i64::try_from(longest.as_millis()).unwrap_or(i64::MAX)
}

const LONGEST: Duration = Duration::from_secs(3600);
