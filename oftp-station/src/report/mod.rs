//! What the user sees: events as lines of text, as lines of JSON, and as progress bars.

mod bars;
mod event;
mod peer_text;
mod text;

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use serde::Serialize;

pub use self::event::{Direction, Event, FileId, Negotiated, Reason, Side};
pub use self::peer_text::{PeerText, visible};

use self::bars::Bars;

/// How events are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// One line of JSON for each event instead of text.
    pub json: bool,
    /// Errors only.
    pub quiet: bool,
    /// Commands and state rows too.
    pub trace: bool,
    /// Progress bars, if the standard error stream is a terminal.
    pub bars: bool,
}

/// Shows events as they happen.
///
/// JSON goes to the standard output. Text goes there too, but warnings, errors and the trace go
/// to the standard error stream, like the bars.
#[derive(Debug)]
pub struct Reporter<Out = io::Stdout, Err = io::Stderr> {
    style: Style,
    out: Out,
    err: Err,
    bars: Option<Bars>,
    last_progress: Option<Instant>,
}

/// Lines of JSON about progress come at most this often.
const PROGRESS_PAUSE: Duration = Duration::from_secs(1);

impl Reporter {
    /// A reporter to the standard streams.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self::to(style, io::stdout(), io::stderr())
    }
}

impl<Out: Write, Err: Write> Reporter<Out, Err> {
    /// A reporter to any two streams.
    pub fn to(style: Style, out: Out, err: Err) -> Self {
        let wanted = style.bars && !style.json && !style.quiet;
        let bars = (wanted && io::stderr().is_terminal()).then(Bars::default);
        Self {
            style,
            out,
            err,
            bars,
            last_progress: None,
        }
    }

    /// Shows an event of a session; sessions of a process are numbered from 1, and 0 is the
    /// process itself.
    ///
    /// # Errors
    /// The stream cannot be written, for example because its reader has gone.
    pub fn report(&mut self, session: u64, event: &Event) -> io::Result<()> {
        if let Some(bars) = &mut self.bars {
            bars.follow(session, event);
        }
        if !self.is_shown(event) {
            return Ok(());
        }
        let (style, out, err) = (self.style, &mut self.out, &mut self.err);
        let mut print = || {
            if style.json {
                let time = jiff::Timestamp::now().to_string();
                let mut line = serde_json::to_vec(&Line {
                    time,
                    session,
                    event,
                })?;
                line.push(b'\n');
                out.write_all(&line)?;
                out.flush()
            } else if is_aside(event) {
                writeln!(err, "{event}")
            } else {
                writeln!(out, "{event}")?;
                out.flush()
            }
        };
        match &self.bars {
            Some(bars) => bars.aside(print),
            None => print(),
        }
    }

    fn is_shown(&mut self, event: &Event) -> bool {
        match event {
            Event::Error { .. } => true,
            Event::Trace { .. } => self.style.trace,
            _ if self.style.quiet => false,
            Event::FileProgress { .. } | Event::EnvelopeProgress { .. } => {
                self.style.json && self.progress_is_due()
            }
            _ => true,
        }
    }

    fn progress_is_due(&mut self) -> bool {
        let now = Instant::now();
        let due = self
            .last_progress
            .is_none_or(|last| now.duration_since(last) >= PROGRESS_PAUSE);
        if due {
            self.last_progress = Some(now);
        }
        due
    }
}

/// A line of JSON: when, in which session, and what.
#[derive(Serialize)]
struct Line<'a> {
    time: String,
    session: u64,
    #[serde(flatten)]
    event: &'a Event,
}

const fn is_aside(event: &Event) -> bool {
    matches!(
        event,
        Event::Warning { .. } | Event::Error { .. } | Event::Trace { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason() -> Event {
        let text = PeerText::new("no\nroom");
        let reason = Reason {
            code: 8,
            meaning: "Resources not available".to_owned(),
            text,
        };
        Event::SessionEnded {
            by: Side::Remote,
            reason: Some(reason),
        }
    }

    fn show(style: Style, events: &[Event]) -> (String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut reporter = Reporter::to(style, &mut out, &mut err);
        for event in events {
            reporter.report(1, event).expect("memory takes it");
        }
        let text = |octets| String::from_utf8(octets).expect("text");
        (text(out), text(err))
    }

    #[test]
    fn text_goes_to_two_streams() {
        let warning = Event::Warning {
            text: "w".to_owned(),
        };
        let trace = Event::Trace {
            line: "t".to_owned(),
        };
        let (out, err) = show(Style::default(), &[reason(), warning, trace]);
        assert_eq!(
            out,
            "session ended by the other side: 08 Resources not available (no\\u{a}room)\n"
        );
        assert_eq!(err, "warning: w\n");
    }

    #[test]
    fn quiet_leaves_errors_and_a_trace_that_was_asked_for() {
        let style = Style {
            quiet: true,
            trace: true,
            ..Style::default()
        };
        let error = Event::Error {
            text: "e".to_owned(),
        };
        let trace = Event::Trace {
            line: "t".to_owned(),
        };
        let (out, err) = show(style, &[reason(), error, trace]);
        assert_eq!((out.as_str(), err.as_str()), ("", "error: e\nt\n"));
    }

    #[test]
    fn json_is_one_object_a_line() {
        let style = Style {
            json: true,
            ..Style::default()
        };
        let (out, err) = show(
            style,
            &[
                reason(),
                Event::Error {
                    text: "e".to_owned(),
                },
            ],
        );
        let lines: Vec<serde_json::Value> = out
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines[0]["event"], "session_ended");
        assert_eq!(lines[0]["session"], 1);
        assert_eq!(lines[0]["reason"]["text"], "no\\u{a}room");
        assert!(
            lines[0]["time"]
                .as_str()
                .is_some_and(|time| time.ends_with('Z'))
        );
        assert_eq!(
            (lines[1]["event"].as_str(), err.as_str()),
            (Some("error"), "")
        );
    }

    #[test]
    fn progress_in_json_does_not_flood() {
        let style = Style {
            json: true,
            ..Style::default()
        };
        let none = PeerText::default;
        let file = FileId {
            dsn: none(),
            date: none(),
            time: none(),
            originator: none(),
            destination: none(),
        };
        let direction = Direction::In;
        let progress = Event::FileProgress {
            file,
            direction,
            octets: 1,
            total: 2,
        };
        let mut reporter = Reporter::to(style, Vec::new(), Vec::new());
        reporter.last_progress = Some(Instant::now() + PROGRESS_PAUSE);
        reporter.report(1, &progress).expect("memory takes it");
        assert!(reporter.out.is_empty());
        reporter.last_progress = None;
        reporter.report(1, &progress).expect("memory takes it");
        assert!(!reporter.out.is_empty());
    }
}
