//! What a check has found, in plain words.

use serde::Serialize;

use crate::exit_code::ExitCode;
use crate::report::visible;

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// What `oftp.toml` says of the partner.
    Configuration,
    /// The keys that are needed, ours and the partner's.
    Keys,
    /// The address of its host.
    Dns,
    /// The connection.
    Tcp,
    /// TLS over it (RFC 5024 2.3).
    Tls,
    /// The greeting (4.2.1).
    Ssrm,
    /// Who we are, and what is agreed (4.2.2).
    Ssid,
    /// Secure authentication (4.2.3).
    Authentication,
    /// A test file (4.3).
    File,
    /// Its end response (4.3.5).
    Response,
    /// The end of the session (4.6).
    End,
}

impl Stage {
    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Keys => "keys",
            Self::Dns => "name (DNS)",
            Self::Tcp => "connection (TCP)",
            Self::Tls => "TLS",
            Self::Ssrm => "greeting (SSRM)",
            Self::Ssid => "identification (SSID)",
            Self::Authentication => "authentication",
            Self::File => "test file",
            Self::Response => "end response",
            Self::End => "end of session (ESID)",
        }
    }
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All is well.
    Ok,
    /// It works, but somebody should look at it.
    Warning,
    /// It does not work.
    Failed,
    /// It was not tried.
    Skipped,
}

/// A step of a check. Everything that a partner said is escaped in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What was checked.
    pub step: Stage,
    /// How it went.
    pub verdict: Verdict,
    /// What was found, or what happened.
    pub found: String,
    /// More of it: what it is, and its value.
    pub details: Vec<(&'static str, String)>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// What to try, the likeliest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<String>,
    /// The exit code of a check that fails here.
    #[serde(skip)]
    pub exit_code: ExitCode,
}

impl Step {
    /// A step that went well.
    #[must_use]
    pub fn ok(step: Stage, found: impl AsRef<str>) -> Self {
        Self {
            step,
            verdict: Verdict::Ok,
            found: visible(found.as_ref()),
            details: Vec::new(),
            meaning: None,
            advice: Vec::new(),
            exit_code: ExitCode::Done,
        }
    }

    /// A step that was not tried.
    #[must_use]
    pub fn skipped(step: Stage, why: impl AsRef<str>) -> Self {
        Self {
            verdict: Verdict::Skipped,
            ..Self::ok(step, why)
        }
    }

    /// A step that failed: what happened, and what it means.
    #[must_use]
    pub fn failed(
        step: Stage,
        exit_code: ExitCode,
        found: impl AsRef<str>,
        meaning: impl AsRef<str>,
    ) -> Self {
        Self {
            verdict: Verdict::Failed,
            meaning: Some(visible(meaning.as_ref())),
            exit_code,
            ..Self::ok(step, found)
        }
    }

    /// The same with one more thing that was found.
    #[must_use]
    pub fn with(mut self, what: &'static str, value: impl AsRef<str>) -> Self {
        self.details.push((what, visible(value.as_ref())));
        self
    }

    /// The same with one more thing to try.
    #[must_use]
    pub fn advice(mut self, what: impl AsRef<str>) -> Self {
        self.advice.push(visible(what.as_ref()));
        self
    }

    /// The same with something that somebody should look at.
    #[must_use]
    pub fn warn(mut self, what: impl AsRef<str>) -> Self {
        if self.verdict == Verdict::Ok {
            self.verdict = Verdict::Warning;
        }
        self.advice(what)
    }

    /// A failure that is none, since there is another way.
    #[must_use]
    pub fn but(self, way: &str) -> Self {
        let demoted = Self {
            verdict: Verdict::Warning,
            exit_code: ExitCode::Done,
            ..self
        };
        demoted.advice(way)
    }
}
