//! A check as people read it: a line for each step, and below it what belongs to it. As JSON: an
//! object for each step, and one for the end.

use std::io::{self, Write};

use serde_json::json;

use super::{Step, Verdict};
use crate::args::OutputArgs;
use crate::exit_code::ExitCode;
use crate::station::config::PartnerConfig;

/// Where what was found begins, and the details below it.
const FOUND: usize = 32;

/// Lines are broken here, between words.
const WIDTH: usize = 100;

/// A check that is being shown.
pub(super) struct Shown {
    output: OutputArgs,
    partner: String,
    warnings: usize,
    failed: usize,
}

impl Shown {
    pub(super) fn begin(partner: &PartnerConfig, output: OutputArgs) -> Self {
        let shown = Self {
            output,
            partner: partner.name.clone(),
            warnings: 0,
            failed: 0,
        };
        if !output.json && !output.quiet {
            shown.print(&format!("{} ({})", partner.name, partner.mailbox.code));
        }
        shown
    }

    pub(super) fn step(&mut self, step: &Step) {
        self.warnings += usize::from(step.verdict == Verdict::Warning);
        self.failed += usize::from(step.verdict == Verdict::Failed);
        if self.output.json {
            let mut line = json!({ "event": "step", "partner": self.partner });
            if let (Some(line), Ok(serde_json::Value::Object(step))) =
                (line.as_object_mut(), serde_json::to_value(step))
            {
                line.extend(step);
            }
            return self.print(&line.to_string());
        }
        if self.output.quiet && step.verdict != Verdict::Failed {
            return;
        }
        self.print(text(step).trim_end());
    }

    pub(super) fn end(&self, exit_code: ExitCode) {
        if self.output.json {
            return self.print(
                &json!({
                    "event": "checked",
                    "partner": self.partner,
                    "ok": exit_code == ExitCode::Done,
                    "warnings": self.warnings,
                    "exit_code": exit_code.number(),
                })
                .to_string(),
            );
        }
        if self.output.quiet {
            return;
        }
        self.print(match (self.failed, self.warnings) {
            (0, 0) => "all is well",
            (0, _) => "it works; what is marked WARN should be looked at",
            _ => "it does not work yet: see FAIL above, the first of them first",
        });
    }

    /// A reader that has gone is no reason to stop.
    fn print(&self, line: &str) {
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}

/// A step as text.
fn text(step: &Step) -> String {
    let mark = match step.verdict {
        Verdict::Ok => "ok  ",
        Verdict::Warning => "WARN",
        Verdict::Failed => "FAIL",
        Verdict::Skipped => "-   ",
    };
    let mut text = line(&format!("  {mark} {}", step.step.title()), &step.found);
    let mut add = |label: &str, value: &str| {
        text.push_str(&line(&format!("       {label}"), value));
    };
    for (label, value) in &step.details {
        add(label, value);
    }
    if let Some(meaning) = &step.meaning {
        add("what it means", meaning);
    }
    let label = match step.verdict {
        Verdict::Failed => "try",
        _ => "look at",
    };
    for advice in &step.advice {
        add(label, advice);
    }
    text
}

/// A label and its text, on as many lines as it needs.
fn line(label: &str, text: &str) -> String {
    let mut line = format!("{label:<FOUND$}");
    let mut column = FOUND;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > FOUND && column + 1 + length > WIDTH {
            line.push_str(&format!("\n{:FOUND$}", ""));
            column = FOUND;
        }
        if column > FOUND {
            line.push(' ');
            column += 1;
        }
        line.push_str(word);
        column += length;
    }
    line.push('\n');
    line
}
