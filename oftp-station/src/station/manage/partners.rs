//! Every partner, and how it goes with it.

use std::collections::HashMap;

use serde::Serialize;

use super::time::rfc3339;
use crate::report::visible;
use crate::station::config::{Config, PartnerConfig};
use crate::station::journal::partner::{self, PartnerRow};
use crate::station::journal::{Journal, JournalError};
use crate::station::shared::Sessions;

/// What waits for a partner, or of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Files for it that are not sent yet.
    pub to_send: u64,
    /// Files that it has, whose end response has not come.
    pub unanswered: u64,
    /// Files of it that are not at their end.
    pub incoming: u64,
    /// End responses that we owe to it.
    pub responses: u64,
    /// Files for it that failed, and wait for a person.
    pub failed: u64,
}

/// What waits, by partner.
///
/// # Errors
/// The journal cannot be read.
pub fn waiting(journal: &Journal) -> Result<HashMap<String, Waiting>, JournalError> {
    journal.read(|connection| {
        let mut all: HashMap<String, Waiting> = HashMap::new();
        let mut files = connection.prepare_cached(
            "SELECT partner, direction, state, count(*) FROM file WHERE open = 1 GROUP BY 1, 2, 3 \
             UNION ALL \
             SELECT partner, direction, state, count(*) FROM file WHERE state = 'failed' \
             GROUP BY 1, 2, 3",
        )?;
        let mut rows = files.query([])?;
        while let Some(row) = rows.next()? {
            let count = count(row, 3)?;
            let waiting = all.entry(row.get(0)?).or_default();
            let (way, state): (String, String) = (row.get(1)?, row.get(2)?);
            match (way.as_str(), state.as_str()) {
                ("in", _) => waiting.incoming += count,
                (_, "sent") => waiting.unanswered += count,
                (_, "failed") => waiting.failed += count,
                _ => waiting.to_send += count,
            }
        }
        let mut owed = connection
            .prepare_cached("SELECT partner, count(*) FROM response WHERE open = 1 GROUP BY 1")?;
        let mut rows = owed.query([])?;
        while let Some(row) = rows.next()? {
            all.entry(row.get(0)?).or_default().responses = count(row, 1)?;
        }
        Ok(all)
    })
}

fn count(row: &rusqlite::Row<'_>, column: usize) -> Result<u64, JournalError> {
    let count: i64 = row.get(column)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A partner as it is shown: one object of `oftp partners --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartnerView {
    /// Its name in the configuration.
    pub name: String,
    /// Its code in SSID.
    pub code: String,
    /// Where it is called, tried in this order; none: it calls us.
    pub addresses: Vec<String>,
    /// The highest level spoken with it.
    pub level: String,
    /// Whether it is called over TLS.
    pub tls: bool,
    /// A person has stopped it.
    pub held: bool,
    /// When the last session was up.
    pub last_session: Option<String>,
    /// Attempts at a session that failed in a row.
    pub failures: u32,
    /// When an attempt failed last.
    pub last_failure: Option<String>,
    /// Why it failed.
    pub trouble: Option<String>,
    /// What waits.
    #[serde(flatten)]
    pub waiting: Waiting,
    /// Sessions that run, where this process runs the station.
    pub sessions: Option<usize>,
    /// Sessions that we call for at a time, at most.
    pub most_sessions: usize,
}

impl PartnerView {
    /// All partners of a configuration, in its order. `sessions` gives those that run, where this
    /// process runs the station.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn all(
        journal: &Journal,
        config: &Config,
        sessions: Option<&HashMap<String, Sessions>>,
    ) -> Result<Vec<Self>, JournalError> {
        let known = journal.read(partner::all)?;
        let waiting = waiting(journal)?;
        let partners = config.partners.iter();
        Ok(partners
            .map(|partner| {
                let name = &partner.name;
                let running = sessions.map(|all| all.get(name).copied().unwrap_or_default());
                Self::new(
                    partner,
                    known.get(name).cloned().unwrap_or_default(),
                    waiting.get(name).copied().unwrap_or_default(),
                    running,
                    config,
                )
            })
            .collect())
    }

    fn new(
        partner: &PartnerConfig,
        known: PartnerRow,
        waiting: Waiting,
        sessions: Option<Sessions>,
        config: &Config,
    ) -> Self {
        let addresses = partner.addresses.iter().map(ToString::to_string);
        Self {
            name: partner.name.clone(),
            code: partner.mailbox.code.to_string(),
            addresses: addresses.collect(),
            level: level(partner, config),
            tls: partner.tls.is_some(),
            held: known.held,
            last_session: known.last_session.map(rfc3339),
            failures: known.failures,
            last_failure: known.last_failure.map(rfc3339),
            trouble: known.trouble.as_deref().map(visible),
            waiting,
            sessions: sessions.map(|sessions| sessions.outgoing + sessions.incoming),
            most_sessions: partner.sessions,
        }
    }
}

fn level(partner: &PartnerConfig, config: &Config) -> String {
    let special = partner.mailbox.capabilities.as_ref();
    let capabilities = special.unwrap_or(&config.session.config.capabilities);
    capabilities.level.to_string()
}
