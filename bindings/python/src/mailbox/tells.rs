//! What a mailbox tells, as the dataclasses of `oftp.mailbox`.

use oftp_core::mailbox::Response;
use oftp_core::wire::Sfid;
use oftp_station::monitor::{Answer, Ending, Progress, Proof, Summary, Tell};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::fields::{from_agreed, from_eerp, from_nerp, make, virtual_file};
use crate::session::{numbered, of_trace};
use crate::values::from_x;

const MAILBOX: &str = "oftp.mailbox";

/// One step, while the mailbox is not held any more.
pub(super) enum Told {
    Tell(Box<Tell>),
    Ended(Box<Summary>),
    Data(Vec<u8>, Vec<usize>),
    Write(Py<PyBytes>),
    Work,
    Disconnect,
    Wait(Option<f64>),
    Over,
}

impl Told {
    /// Whether the mailbox does not tell it again by itself.
    pub(super) const fn is_told_once(&self) -> bool {
        matches!(self, Self::Tell(_) | Self::Ended(_) | Self::Data(..))
    }

    pub(super) fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::Tell(tell) => of_tell(py, tell),
            Self::Ended(summary) => make(py, MAILBOX, "Ended", (of_summary(py, summary)?,)),
            Self::Data(octets, ends) => {
                let fields = (PyBytes::new(py, octets), PyTuple::new(py, ends)?);
                make(py, MAILBOX, "Data", fields)
            }
            Self::Write(octets) => make(py, MAILBOX, "Write", (octets,)),
            Self::Work => make(py, MAILBOX, "Work", ()),
            Self::Disconnect => make(py, MAILBOX, "Disconnect", ()),
            Self::Wait(deadline) => make(py, MAILBOX, "Wait", (*deadline,)),
            Self::Over => make(py, MAILBOX, "Over", ()),
        }
    }
}

fn file<'py>(py: Python<'py>, sfid: &Sfid) -> PyResult<Bound<'py, PyAny>> {
    virtual_file(py, sfid)
}

fn response<'py>(py: Python<'py>, response: &Response) -> PyResult<Bound<'py, PyAny>> {
    match response {
        Response::Eerp(eerp) => from_eerp(py, eerp),
        Response::Nerp(nerp) => from_nerp(py, nerp),
    }
}

/// The name of the answer and its reason.
fn answer<'py>(
    py: Python<'py>,
    answer: Option<Answer>,
) -> PyResult<(&'static str, Option<Bound<'py, PyAny>>)> {
    let Some(answer) = answer else {
        return Ok(("", None));
    };
    let class = match answer {
        Answer::Sfna(_) => "SfnaReason",
        Answer::Efna(_) => "EfnaReason",
        Answer::Nerp(_) => "NerpReason",
    };
    Ok((answer.name(), Some(numbered(py, class, answer.code())?)))
}

fn of_tell<'py>(py: Python<'py>, tell: &Tell) -> PyResult<Bound<'py, PyAny>> {
    match tell {
        Tell::Up { partner, agreed } => {
            let fields = (from_x(partner.as_octets()), from_agreed(py, agreed)?);
            make(py, MAILBOX, "Up", fields)
        }
        Tell::Offered(sfid) => make(py, MAILBOX, "Offered", (file(py, sfid)?,)),
        Tell::Complete(sfid) => make(py, MAILBOX, "Complete", (file(py, sfid)?,)),
        Tell::Received { sfid, path } => {
            let path = path.as_os_str();
            make(py, MAILBOX, "Received", (file(py, sfid)?, path))
        }
        Tell::TurnedAway {
            sfid,
            answer: given,
            text,
        } => {
            let (name, reason) = answer(py, *given)?;
            make(
                py,
                MAILBOX,
                "TurnedAway",
                (file(py, sfid)?, name, reason, text),
            )
        }
        Tell::Sent(id) => make(py, MAILBOX, "Sent", (*id,)),
        Tell::Refused {
            id,
            answer: given,
            retry,
            text,
        } => {
            let (name, reason) = answer(py, *given)?;
            make(py, MAILBOX, "Refused", (*id, name, reason, *retry, text))
        }
        Tell::Response {
            id,
            response: given,
            proof,
            text,
        } => {
            let proof = match proof {
                Proof::Unsigned => 0,
                Proof::Signed => 1,
                Proof::NotChecked => 2,
                Proof::Worthless => 3,
                Proof::NoFile => 4,
            };
            let proof = make(py, MAILBOX, "Proof", (proof,))?;
            make(
                py,
                MAILBOX,
                "Response",
                (*id, response(py, given)?, proof, text),
            )
        }
        Tell::ResponseSent(given) => make(py, MAILBOX, "ResponseSent", (response(py, given)?,)),
        Tell::Warning(text) => make(py, MAILBOX, "Warning", (text,)),
        Tell::Quirk { quirk, command } => make(py, MAILBOX, "Quirk", (*quirk, *command)),
        Tell::Trace(trace) => of_trace(py, trace),
        other => make(py, MAILBOX, "Warning", (format!("{other:?}"),)),
    }
}

/// How a session went.
pub(super) fn of_summary<'py>(py: Python<'py>, summary: &Summary) -> PyResult<Bound<'py, PyAny>> {
    let ending = match summary.ending {
        Ending::None => "none",
        Ending::Normal => "normal",
        Ending::Irregular => "irregular",
        Ending::ByUs => "by us",
        Ending::Failed => "failed",
        Ending::NoConnection => "no connection",
    };
    let reason = summary
        .reason
        .map(|reason| numbered(py, "EsidReason", reason.code()));
    let more = pyo3::types::PyDict::new(py);
    more.set_item("ending", make(py, MAILBOX, "Ending", (ending,))?)?;
    more.set_item("reason", reason.transpose()?)?;
    more.set_item("text", &summary.text)?;
    more.set_item("partner", from_x(summary.partner.as_octets()))?;
    let counts = [
        ("sent", summary.sent),
        ("refused", summary.refused),
        ("received", summary.received),
        ("turned_away", summary.turned_away),
        ("delivered", summary.delivered),
        ("failed", summary.failed),
        ("worthless", summary.worthless),
        ("responses", summary.responses),
        ("waiting", summary.waiting),
        ("open", summary.open),
    ];
    for (name, count) in counts {
        more.set_item(name, count)?;
    }
    py.import(MAILBOX)?.getattr("Result")?.call((), Some(&more))
}

/// How far a file is.
pub(super) fn of_progress<'py>(
    py: Python<'py>,
    progress: &Progress,
) -> PyResult<Bound<'py, PyAny>> {
    let total = progress.blocks.saturating_mul(1024);
    make(
        py,
        MAILBOX,
        "Progress",
        (progress.id, progress.octets, total),
    )
}
