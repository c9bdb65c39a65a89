//! The log of a running station: every line of the history, and what else is to be told while it
//! runs; as text or as lines of JSON, to standard error or to a file.
//!
//! ```text
//! 2026-11-26T13:45:01.123Z info file_queued partner=beta file=17 name=invoice.txt
//! 2026-11-26T13:45:02.456Z warning message partner=beta session=3 "the certificate ends soon"
//! ```
//!
//! What came from a partner is escaped: one event is one line. Values of secrets are hidden. A file
//! is opened again by [`Log::reopen`], after it was rotated.

mod redact;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::super::config::LogConfig;
use super::super::journal::event::EventRow;
use super::super::journal::follow::Follower;
use super::super::journal::{Journal, JournalError, now};
use crate::report::{Event, visible};

/// Where the journal says how far the history is in the log.
const PLACE: &str = "log_seen";
/// What could not be read is tried again after this time.
const AGAIN: Duration = Duration::from_secs(1);

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// A command, or a row of the state tables.
    Trace,
    /// What went as it should.
    Info,
    /// The work goes on, but people should look at it.
    Warning,
    /// Something failed.
    Error,
}

impl Severity {
    const fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The log of a station. Clones write to the same place.
#[derive(Debug, Clone)]
pub struct Log {
    place: Arc<Mutex<Place>>,
    partner: Option<Arc<str>>,
}

#[derive(Debug)]
struct Place {
    config: LogConfig,
    /// `None`: standard error.
    file: Option<File>,
}

impl Log {
    /// The log that is configured.
    ///
    /// # Errors
    /// Its file cannot be opened.
    pub fn open(config: &LogConfig) -> io::Result<Self> {
        let place = Place {
            file: file_of(config)?,
            config: config.clone(),
        };
        Ok(Self {
            place: Arc::new(Mutex::new(place)),
            partner: None,
        })
    }

    /// Goes on as this configuration says, and opens its file again: the old one may have been
    /// moved away.
    ///
    /// # Errors
    /// The file cannot be opened; then all stays as it was.
    pub fn reload(&self, config: &LogConfig) -> io::Result<()> {
        let file = file_of(config)?;
        let mut place = self.place();
        place.file = file;
        place.config = config.clone();
        Ok(())
    }

    /// Opens the file again.
    ///
    /// # Errors
    /// It cannot be opened; then the old one is written on.
    pub fn reopen(&self) -> io::Result<()> {
        let config = self.place().config.clone();
        self.reload(&config)
    }

    /// The same log, with the name of a partner in each message.
    #[must_use]
    pub fn of_partner(&self, name: &str) -> Self {
        Self {
            place: self.place.clone(),
            partner: Some(name.into()),
        }
    }

    /// Writes a message; `session` is the number of the session that it comes from, 0 for none. A
    /// log that cannot be written is no reason to stop the work: then the line goes to standard
    /// error.
    pub fn message(&self, severity: Severity, session: u64, text: &str) {
        if severity == Severity::Trace && !self.place().config.trace {
            return;
        }
        let mut line = Line::new(now(), severity, "message");
        line.partner = self.partner.as_deref();
        line.session = session;
        line.words = Words::Text(redact::text(text));
        self.write(&line);
    }

    /// What went as it should.
    pub fn info(&self, text: &str) {
        self.message(Severity::Info, 0, text);
    }

    /// The work goes on, but people should look at it.
    pub fn warn(&self, text: &str) {
        self.message(Severity::Warning, 0, text);
    }

    /// Something failed.
    pub fn error(&self, text: &str) {
        self.message(Severity::Error, 0, text);
    }

    /// What a session tells, as far as the history does not.
    pub(crate) fn hear(&self, session: u64, event: &Event) {
        match event {
            Event::Trace { line } => self.message(Severity::Trace, session, line),
            Event::Warning { text } => self.message(Severity::Warning, session, text),
            Event::Error { text } => self.message(Severity::Error, session, text),
            Event::QuirkUsed { .. } => self.message(Severity::Info, session, &event.to_string()),
            _ => {}
        }
    }

    /// Writes what is new in the history, until `stop` is done.
    ///
    /// # Errors
    /// The journal cannot be read at the beginning.
    pub async fn follow(
        self,
        journal: &Journal,
        stop: impl Future<Output = ()>,
    ) -> Result<(), JournalError> {
        let mut follower = Follower::named(journal, PLACE)?;
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                rows = follower.next() => match rows {
                    Ok(rows) => rows.iter().for_each(|row| self.event(row)),
                    Err(error) => {
                        self.error(&format!("the history cannot be read: {error}"));
                        tokio::time::sleep(AGAIN).await;
                    }
                },
            }
        }
        while let Ok(rows) = follower.read()
            && !rows.is_empty()
        {
            rows.iter().for_each(|row| self.event(row));
        }
        follower.keep();
        Ok(())
    }

    /// Writes a line of the history.
    fn event(&self, row: &EventRow) {
        let severity = if row.kind.is_alarm() {
            Severity::Warning
        } else {
            Severity::Info
        };
        let mut line = Line::new(row.at, severity, row.kind.name());
        line.partner = row.partner.as_deref();
        line.file = row.file.map(|file| file.0);
        line.number = Some(row.id);
        line.words = Words::Detail(redact::value(&row.detail));
        self.write(&line);
    }

    fn write(&self, line: &Line<'_>) {
        let mut place = self.place();
        let mut text = if place.config.json {
            line.json()
        } else {
            line.text()
        };
        text.push('\n');
        let written = match &mut place.file {
            Some(file) => file.write_all(text.as_bytes()),
            None => Err(io::ErrorKind::NotFound.into()),
        };
        if written.is_err() {
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn file_of(config: &LogConfig) -> io::Result<Option<File>> {
    let open = |path: &std::path::PathBuf| {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        options.open(path).map_err(|error| {
            io::Error::new(error.kind(), format!("the log {}: {error}", path.display()))
        })
    };
    config.file.as_ref().map(open).transpose()
}

/// A line before it is written.
struct Line<'a> {
    at: i64,
    severity: Severity,
    kind: &'a str,
    partner: Option<&'a str>,
    session: u64,
    file: Option<i64>,
    /// The number in the history.
    number: Option<i64>,
    words: Words,
}

enum Words {
    Text(String),
    Detail(Value),
}

impl<'a> Line<'a> {
    const fn new(at: i64, severity: Severity, kind: &'a str) -> Self {
        Self {
            at,
            severity,
            kind,
            partner: None,
            session: 0,
            file: None,
            number: None,
            words: Words::Text(String::new()),
        }
    }

    fn time(&self) -> String {
        let time = jiff::Timestamp::from_millisecond(self.at).unwrap_or_default();
        format!("{time:.3}")
    }

    fn text(&self) -> String {
        let mut text = format!("{} {} {}", self.time(), self.severity.name(), self.kind);
        let mut add = |name: &str, value: &Value| {
            if !value.is_null() {
                text.push_str(&format!(" {}={}", visible(name), shown(value)));
            }
        };
        add("partner", &json!(self.partner));
        if self.session > 0 {
            add("session", &json!(self.session));
        }
        add("file", &json!(self.file));
        match &self.words {
            Words::Text(words) => text.push_str(&format!(" {}", visible(words))),
            Words::Detail(Value::Object(all)) => {
                all.iter().for_each(|(name, value)| add(name, value));
            }
            Words::Detail(other) => add("detail", other),
        }
        text
    }

    fn json(&self) -> String {
        let mut all = Map::new();
        let mut add = |name: &str, value: Value| {
            if !value.is_null() {
                all.insert(name.to_owned(), value);
            }
        };
        add("time", json!(self.time()));
        add("level", json!(self.severity.name()));
        add("event", json!(self.kind));
        add("number", json!(self.number));
        add("partner", json!(self.partner.map(visible)));
        add("session", json!((self.session > 0).then_some(self.session)));
        add("file", json!(self.file));
        match &self.words {
            Words::Text(text) => add("text", json!(visible(text))),
            Words::Detail(detail) => add("detail", escaped(detail)),
        }
        Value::Object(all).to_string()
    }
}

/// A value in a line of text: bare where it is a plain word, else as JSON writes it.
fn shown(value: &Value) -> String {
    let is_plain = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:+@%".contains(c);
        !text.is_empty() && text.chars().all(plain)
    };
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        other => visible(&other.to_string()),
    }
}

/// A value whose strings show nothing but what they are.
fn escaped(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(visible(text)),
        Value::Array(all) => all.iter().map(escaped).collect(),
        Value::Object(all) => {
            let all = all.iter();
            Value::Object(
                all.map(|(name, value)| (visible(name), escaped(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
