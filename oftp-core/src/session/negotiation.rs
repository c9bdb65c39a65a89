//! What two SSIDs agree on (RFC 5024 3.2.1, 5.3.2; predicates P2 and P4 of 9.8).

use super::config::Capabilities;
use super::event::Agreed;
use crate::wire::{Capability, EsidReason, Level, Ssid};

/// Why two SSIDs do not fit: the reason for ESID, and the words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) reason: EsidReason,
    pub(super) text: String,
}

impl Misfit {
    fn new(reason: EsidReason, text: impl Into<String>) -> Self {
        Self {
            reason,
            text: text.into(),
        }
    }

    fn incompatible(text: impl Into<String>) -> Self {
        Self::new(EsidReason::MODE_INCOMPATIBLE, text)
    }
}

/// The mode left for the other side of a connection (3.2.1: it is turned round at every step).
pub(super) const fn mirrored(mode: Capability) -> Capability {
    match mode {
        Capability::SenderOnly => Capability::ReceiverOnly,
        Capability::ReceiverOnly => Capability::SenderOnly,
        Capability::Both => Capability::Both,
    }
}

/// What is left of an own mode when the partner's side allows `other`; `None` where they exclude
/// each other (S with S, R with R).
pub(super) const fn common_mode(own: Capability, other: Capability) -> Option<Capability> {
    match (own, mirrored(other)) {
        (own, Capability::Both) => Some(own),
        (Capability::Both, left) => Some(left),
        (Capability::SenderOnly, Capability::SenderOnly) => Some(Capability::SenderOnly),
        (Capability::ReceiverOnly, Capability::ReceiverOnly) => Some(Capability::ReceiverOnly),
        _ => None,
    }
}

/// The level that an offered SSIDLEV leads to (CF-01): 3 counts as 2, 6 to 9 as our own.
pub(super) fn level_of(digit: u8) -> Option<Level> {
    match digit {
        3 => Some(Level::V1_3),
        6..=9 => Some(Level::V2_0),
        digit => Level::from_digit(digit),
    }
}

/// The Responder's side: what the Initiator's SSID and our capabilities agree on.
pub(super) fn as_responder(
    offer: &Ssid,
    own: &Capabilities,
    mode: Capability,
    restart: bool,
    authentication: bool,
) -> Result<Agreed, Misfit> {
    let level = level_of(offer.lev)
        .ok_or_else(|| Misfit::incompatible("release level of the partner is not known"))?
        .min(own.level);
    floor(level, own)?;
    required_authentication(level, authentication)?;
    let mode = common_mode(mode, offer.sr).ok_or_else(|| modes(offer))?;
    Ok(Agreed {
        level,
        buffer_size: own.buffer_size.min(offer.sdeb),
        window: own.window.min(offer.cred),
        compression: own.compression && offer.cmpr,
        restart: own.restart && restart && offer.rest,
        mode,
        authentication,
    })
}

/// The Initiator's side: what our offer and the Responder's answer agree on.
pub(super) fn as_initiator(
    answer: &Ssid,
    offer: &Ssid,
    own: &Capabilities,
) -> Result<Agreed, Misfit> {
    if answer.lev == 3 {
        return Err(Misfit::incompatible(
            "partner answers release level 3, which does not exist",
        ));
    }
    let level = level_of(answer.lev)
        .ok_or_else(|| Misfit::incompatible("release level of the partner is not known"))?
        .min(own.level);
    floor(level, own)?;
    required_authentication(level, offer.auth)?;
    if answer.cred > offer.cred {
        return Err(Misfit::new(
            EsidReason::PROTOCOL_VIOLATION,
            format!(
                "partner answers a credit of {} to an offer of {}",
                answer.cred, offer.cred
            ),
        ));
    }
    if answer.spec && !offer.spec {
        return Err(Misfit::incompatible(
            "partner wants special logic, which is not for TCP",
        ));
    }
    let mode = common_mode(offer.sr, answer.sr).ok_or_else(|| modes(answer))?;
    Ok(Agreed {
        level,
        buffer_size: offer.sdeb.min(answer.sdeb),
        window: answer.cred,
        compression: offer.cmpr && answer.cmpr,
        restart: offer.rest && answer.rest,
        mode,
        authentication: offer.auth,
    })
}

fn floor(level: Level, own: &Capabilities) -> Result<(), Misfit> {
    if level < own.min_level {
        return Err(Misfit::incompatible(format!(
            "partner speaks release level {level}, the lowest allowed here is {}",
            own.min_level
        )));
    }
    Ok(())
}

fn required_authentication(level: Level, required: bool) -> Result<(), Misfit> {
    if required && level < Level::V2_0 {
        return Err(Misfit::incompatible(format!(
            "secure authentication is required here, release level {level} does not have it"
        )));
    }
    Ok(())
}

pub(super) fn modes(other: &Ssid) -> Misfit {
    let what = match other.sr {
        Capability::SenderOnly => "both sides only send files",
        Capability::ReceiverOnly => "both sides only receive files",
        Capability::Both => "the directions of the two sides do not fit",
    };
    Misfit::incompatible(what)
}
