//! What a session tells, as the dataclasses of `oftp._events`.

use oftp_core::session::{
    CloseFileCf, CloseFileInd, ConnectInd, DataInd, Event, Origin, StartFileCf, Trace,
};
use oftp_core::wire::Level;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::fields::{from_agreed, from_eerp, from_nerp, from_ssid, make, virtual_file};
use crate::values::{from_text, letter};

/// One thing told, while the session is not held any more.
pub(super) enum Told {
    NConRq,
    NConRs,
    NDataRq(Py<PyBytes>),
    NDiscRq,
    Wait(Option<f64>),
    Data { data: Py<PyBytes>, ends: Vec<usize> },
    Event(Box<Event>),
    Trace(Box<Trace>),
}

const EVENTS: &str = "oftp._events";

/// The octets of a Data Exchange Buffer, expanded into an object of Python at once. An object of
/// octets is none that the garbage collector follows: nothing of the user runs while the session
/// is held.
pub(super) fn data(py: Python<'_>, mut ind: DataInd<'_>) -> PyResult<Told> {
    let len = usize::try_from(ind.octets()).unwrap_or(usize::MAX);
    let mut ends = Vec::with_capacity(ind.records() as usize);
    let data = PyBytes::new_with(py, len, |room| {
        let mut at = 0;
        while let Some(chunk) = ind.read(&mut room[at..]) {
            at += chunk.octets;
            if chunk.end_of_record {
                ends.push(at);
            }
        }
        Ok(())
    })?;
    Ok(Told::Data {
        data: data.unbind(),
        ends,
    })
}

impl Told {
    pub(super) fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::NConRq => make(py, EVENTS, "NConRq", ()),
            Self::NConRs => make(py, EVENTS, "NConRs", ()),
            Self::NDataRq(octets) => make(py, EVENTS, "NDataRq", (octets,)),
            Self::NDiscRq => make(py, EVENTS, "NDiscRq", ()),
            Self::Wait(deadline) => make(py, EVENTS, "Wait", (*deadline,)),
            Self::Data { data, ends } => {
                make(py, EVENTS, "DataInd", (data, PyTuple::new(py, ends)?))
            }
            Self::Event(event) => of_event(py, event),
            Self::Trace(trace) => of_trace(py, trace),
        }
    }
}

fn of_event<'py>(py: Python<'py>, event: &Event) -> PyResult<Bound<'py, PyAny>> {
    match event {
        Event::ConnectInd(ind) => {
            let ConnectInd { ssid, mode, .. } = &**ind;
            let mode = make(py, "oftp._values", "Capability", (letter(mode.letter()),))?;
            make(py, EVENTS, "ConnectInd", (from_ssid(py, ssid)?, mode))
        }
        Event::ConnectCf(cf) => {
            let fields = (from_ssid(py, &cf.ssid)?, from_agreed(py, &cf.agreed)?);
            make(py, EVENTS, "ConnectCf", fields)
        }
        Event::PartnerInd(cf) => {
            let fields = (from_ssid(py, &cf.ssid)?, from_agreed(py, &cf.agreed)?);
            make(py, EVENTS, "PartnerInd", fields)
        }
        Event::StartFileInd(sfid) => make(py, EVENTS, "StartFileInd", (virtual_file(py, sfid)?,)),
        Event::StartFileCf(StartFileCf::Positive { position }) => {
            make(py, EVENTS, "StartFileCf", (*position,))
        }
        Event::StartFileCf(StartFileCf::Negative {
            reason,
            retry,
            text,
        }) => {
            let reason = numbered(py, "SfnaReason", reason.code())?;
            make(
                py,
                EVENTS,
                "StartFileCfNegative",
                (reason, *retry, from_text(text)),
            )
        }
        Event::DataCf => make(py, EVENTS, "DataCf", ()),
        Event::CloseFileInd(CloseFileInd {
            records,
            octets,
            verdict,
        }) => match verdict {
            Ok(()) => make(py, EVENTS, "CloseFileInd", (*records, *octets)),
            Err(fault) => {
                let reason = numbered(py, "EfnaReason", fault.reason.code())?;
                let fields = (*records, *octets, reason, fault.text.clone());
                make(py, EVENTS, "CloseFileInd", fields)
            }
        },
        Event::CloseFileCf(CloseFileCf::Positive { speaker }) => {
            make(py, EVENTS, "CloseFileCf", (*speaker,))
        }
        Event::CloseFileCf(CloseFileCf::Negative { reason, text }) => {
            let reason = numbered(py, "EfnaReason", reason.code())?;
            make(py, EVENTS, "CloseFileCfNegative", (reason, from_text(text)))
        }
        Event::CdInd => make(py, EVENTS, "CdInd", ()),
        Event::EerpInd(eerp) => make(py, EVENTS, "EerpInd", (from_eerp(py, eerp)?,)),
        Event::NerpInd(nerp) => make(py, EVENTS, "NerpInd", (from_nerp(py, nerp)?,)),
        Event::RtrCf => make(py, EVENTS, "RtrCf", ()),
        Event::ReleaseInd { text } => make(py, EVENTS, "ReleaseInd", (from_text(text),)),
        Event::AbortInd(ind) => {
            let reason = ind
                .reason
                .map(|reason| numbered(py, "EsidReason", reason.code()));
            let origin = match ind.origin {
                Origin::Local => "L",
                Origin::Distant => "D",
            };
            let origin = make(py, "oftp._values", "Origin", (origin,))?;
            let fields = (reason.transpose()?, origin, ind.cause.to_string());
            make(py, EVENTS, "AbortInd", fields)
        }
        Event::SealChallengeInd { partner } => {
            let partner = crate::values::from_x(partner.as_octets());
            make(py, EVENTS, "SealChallengeInd", (partner,))
        }
        Event::OpenChallengeInd { sealed } => {
            make(py, EVENTS, "OpenChallengeInd", (PyBytes::new(py, sealed),))
        }
        Event::AuthenticationInd => make(py, EVENTS, "AuthenticationInd", ()),
        Event::QuirkInd { quirk, command } => {
            make(py, EVENTS, "QuirkInd", (*quirk, command.name()))
        }
    }
}

/// A reason as the member of its enumeration, or as a number where it has none.
pub(crate) fn numbered<'py>(py: Python<'py>, class: &str, code: u8) -> PyResult<Bound<'py, PyAny>> {
    make(py, "oftp._reasons", "numbered", (class, code))
}

/// A line of the trace.
pub(crate) fn of_trace<'py>(py: Python<'py>, trace: &Trace) -> PyResult<Bound<'py, PyAny>> {
    let (kind, octets, level) = match trace {
        Trace::Received { level, octets, .. } => ("received", &octets[..], *level),
        Trace::Sent { level, octets, .. } => ("sent", &octets[..], *level),
        Trace::Step(_) => ("step", &[][..], Level::V2_0),
    };
    let fields = (
        kind,
        trace.to_string(),
        PyBytes::new(py, octets),
        level.digit(),
    );
    make(py, EVENTS, "Trace", fields)
}
