//! What is remembered of a file while it is being taken: the plan, and how it lies in its outbox,
//! so that another process can finish what one has begun.

use serde::{Deserialize, Serialize};

use super::super::super::config::Conversion;
use super::super::super::convert::code_page::CodePage;
use super::super::super::convert::{Job, Way};
use super::super::super::journal::JournalError;
use super::super::super::plan::Plan;
use crate::records::RecordLayout;

/// What is remembered of a file while it is being taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Taking {
    #[serde(flatten)]
    plan: Plan,
    /// How the records of a V file lie in the outbox.
    from: RecordLayout,
    /// The code page of the partner, where characters are converted.
    code_page: Option<String>,
}

impl Taking {
    /// By this plan and this job.
    pub(super) fn new(plan: Plan, job: &Job) -> Self {
        Self {
            plan,
            from: job.from,
            code_page: match job.conversion {
                Conversion::None => None,
                Conversion::CodePage(number) => Some(number.to_owned()),
            },
        }
    }

    /// As the journal keeps it in the place of the plan.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What became this JSON.
    pub(super) fn from_json(json: &str) -> Result<Self, JournalError> {
        serde_json::from_str(json)
            .map_err(|error| JournalError::Content(format!("plan {json}: {error}")))
    }

    /// What is to be done on the way into the spool.
    pub(super) fn job(&self) -> Job {
        let page = self.code_page.as_deref().and_then(CodePage::of);
        Job {
            format: self.plan.format,
            from: self.from,
            to: RecordLayout::Length32,
            conversion: page.map_or(Conversion::None, |page| Conversion::CodePage(page.number())),
            way: Way::Out,
        }
    }
}
