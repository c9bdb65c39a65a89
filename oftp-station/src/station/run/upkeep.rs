//! What a station does beside its sessions: outboxes, overdue responses, what is kept no longer.

use std::time::{Duration, SystemTime};

use serde_json::json;
use tokio::time::{Instant, sleep};

use super::super::config::Config;
use super::super::intake::outbox::Scanner;
use super::super::intake::{believed_last, prune, remove_orphans};
use super::super::journal::event::{self, Kind};
use super::super::journal::file::{self, Change};
use super::super::journal::{JournalError, now};
use super::super::{Shared, abandoned};
use crate::driver::aside;
use crate::exchange::Voice;

/// How often overdue responses are looked for.
const OVERDUE: Duration = Duration::from_secs(10);

/// How often what is kept no longer is removed.
const PRUNE: Duration = Duration::from_secs(3600);

/// Looks at the outboxes until `stop` is done.
pub(super) async fn outboxes(shared: Shared, voice: Voice, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    let begin = Instant::now();
    let mut scanner = Scanner::default();
    let mut told: Vec<String> = Vec::new();
    loop {
        let config = shared.config();
        let look = aside(|| scanner.look(shared.journal(), &config, begin.elapsed()));
        if look.queued > 0 {
            shared.wake();
        }
        for trouble in look.troubles.iter().filter(|one| !told.contains(one)) {
            voice.error(&format!("outbox: {trouble}"));
        }
        told = look.troubles;
        tokio::select! {
            () = &mut stop => return,
            () = sleep(config.outbox_interval) => {}
        }
    }
}

/// Does the rest until `stop` is done.
pub(super) async fn upkeep(shared: Shared, voice: Voice, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    aside(|| orphans(&shared, &voice));
    let mut pruned: Option<Instant> = None;
    loop {
        if let Err(error) = aside(|| tell_overdue(&shared)) {
            voice.error(&format!("overdue responses: {error}"));
        }
        if pruned.is_none_or(|last| last.elapsed() >= PRUNE) {
            pruned = Some(Instant::now());
            let config = shared.config();
            if let Err(error) = aside(|| remove_old(&shared, &config)) {
                voice.error(&format!("what is old cannot be removed: {error}"));
            }
        }
        tokio::select! {
            () = &mut stop => return,
            () = sleep(OVERDUE) => {}
        }
    }
}

/// Removes what is kept no longer.
fn remove_old(shared: &Shared, config: &Config) -> Result<(), JournalError> {
    prune(shared.journal(), config, now())?;
    let believed = believed_last(shared.journal())?;
    if let (Some(now), Some(age)) = (believed, config.retention.unfinished) {
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        abandoned::give_up(shared, now.saturating_sub(age))?;
    }
    Ok(())
}

/// Tells people of end responses that have not come in time, once for each file.
pub(super) fn tell_overdue(shared: &Shared) -> Result<(), JournalError> {
    let now = now();
    if shared
        .journal()
        .read(|connection| file::late(connection, now))?
        .is_empty()
    {
        return Ok(());
    }
    shared.journal().write(move |connection| {
        for row in file::late(connection, now)? {
            let what = Change {
                due: Some(None),
                ..Change::default()
            };
            file::update(connection, row.key, what)?;
            let (partner, key) = (Some(row.partner.as_str()), Some(row.key));
            let detail = json!({ "name": row.name, "sent": row.transferred });
            event::note(connection, Kind::ResponseOverdue, partner, key, &detail)?;
        }
        Ok(())
    })
}

/// What a crash left in the spool.
fn orphans(shared: &Shared, voice: &Voice) {
    let (config, now) = (shared.config(), SystemTime::now());
    match remove_orphans(shared.journal(), shared.folder(), &config.retention, now) {
        Ok(orphans) => {
            for path in orphans.unknown {
                let trouble = format!(
                    "{} belongs to no file of the queue: whoever wanted it sent never heard that \
                     it is queued; send it again, or remove it",
                    path.display()
                );
                shared.journal().post(move |connection| {
                    let detail = json!({ "trouble": trouble });
                    event::note(connection, Kind::Alarm, None, None, &detail)
                });
            }
        }
        Err(error) => voice.error(&format!("the spool cannot be looked through: {error}")),
    }
}
