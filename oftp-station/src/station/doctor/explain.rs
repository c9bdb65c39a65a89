//! What the end of a session means, and what to try.

use oftp_core::mailbox::Ended;
use oftp_core::session::AbortCause;
use oftp_core::wire::{EsidReason, Problem};

use super::probe::Probe;
use super::{Stage, Step};
use crate::exit_code::ExitCode;
use crate::report::PeerText;
use crate::station::config::{Config, PartnerConfig};

/// How a session ended, where that is not as it should.
#[derive(Debug, Default)]
pub(super) struct Fault {
    /// What happened.
    pub(super) found: String,
    pub(super) exit_code: ExitCode,
    kind: Kind,
    /// The reason of ESID, whoever sent it.
    reason: Option<u8>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    /// The partner said why (ESID).
    Told,
    /// We did, or would have.
    Ours,
    /// The two sides do not fit.
    Misfit,
    /// What came is no OFTP.
    Strange,
    Silent,
    Closed,
    #[default]
    Other,
}

impl Fault {
    pub(super) fn of(ended: &Ended, exit_code: ExitCode, with_tls: bool) -> Self {
        let (kind, reason, found) = match ended {
            Ended::Normally => (Kind::Other, None, String::new()),
            Ended::ByUs { reason, why } => (Kind::Ours, Some(*reason), why.clone()),
            Ended::Irregularly(abort) | Ended::Failed(abort) => {
                let (kind, found) = match &abort.cause {
                    AbortCause::EsidReceived { text, .. } => {
                        let text = PeerText::new(text.as_octets());
                        let meaning = abort.reason.map_or("", |reason| reason.meaning());
                        let code = abort.reason.map_or(0, EsidReason::code);
                        let says = if text.is_empty() { "" } else { "; it says: " };
                        let words = format!(
                            "the partner ended the session: ESID {code:02}, {meaning}{says}{text}"
                        );
                        (Kind::Told, words)
                    }
                    AbortCause::Incompatible(what) => (Kind::Misfit, what.clone()),
                    AbortCause::Invalid(error) => {
                        let is_strange = matches!(
                            error.problem,
                            Problem::StreamVersion { .. } | Problem::StreamLength { .. }
                        );
                        let kind = if is_strange {
                            Kind::Strange
                        } else {
                            Kind::Other
                        };
                        (kind, error.to_string())
                    }
                    AbortCause::TimeOut { .. } => {
                        (Kind::Silent, "the partner said nothing in time".to_owned())
                    }
                    AbortCause::Disconnected { .. } | AbortCause::Reset { .. } => {
                        let by = if with_tls { " (TLS)" } else { "" };
                        let words = format!("the other side closed the connection{by}");
                        (Kind::Closed, words)
                    }
                    other => (Kind::Other, other.to_string()),
                };
                (kind, abort.reason, found)
            }
        };
        Self {
            found,
            exit_code,
            kind,
            reason: reason.map(EsidReason::code),
        }
    }

    fn failed(&self, stage: Stage, meaning: &str) -> Step {
        let code = self.exit_code.or(ExitCode::SessionLost);
        Step::failed(stage, code, &self.found, meaning)
    }
}

/// The greeting did not come.
pub(super) fn no_greeting(fault: &Fault) -> Step {
    let failed = |meaning: &str| fault.failed(Stage::Ssrm, meaning);
    match fault.kind {
        Kind::Silent => {
            failed("somebody took the call, and does not greet as an OFTP station does at once")
                .advice("check the port: 3305 is usual for plain TCP, 6619 for TLS")
                .advice(
                    "a proxy or firewall may take calls for a station that does not run: ask the \
                 partner for its log",
                )
        }
        Kind::Closed => failed("somebody took the call, and hung up without a word")
            .advice("the partner may let in known addresses only: tell it ours")
            .advice("its station may be overloaded or not run behind a proxy: ask for its log")
            .advice("the port may be one with TLS: check `tls` and `address` of the partner"),
        Kind::Strange | Kind::Other if fault.exit_code == ExitCode::Protocol => {
            failed("something else than an OFTP station answers there")
                .advice("check host and port with the partner")
        }
        Kind::Told => failed("the station there does not want to talk, before it knows who calls")
            .advice("try again later; ask the partner for its log"),
        _ => failed("there was no greeting of an OFTP station")
            .advice("check host and port with the partner"),
    }
}

/// The session did not get beyond the exchange of SSID.
pub(super) fn not_identified(fault: &Fault, config: &Config, partner: &PartnerConfig) -> Step {
    let failed = |meaning: &str| fault.failed(Stage::Ssid, meaning);
    let own = partner.mailbox.identity.as_ref().unwrap_or(&config.own);
    let own = own.code;
    match (fault.kind, fault.reason) {
        (Kind::Told, Some(3)) => failed(
            "it does not know the identification code that we send, or not from our address or \
             with our certificate",
        )
        .advice(format!(
            "ask the partner which code it has for us; we send `{own}`, and every blank in it counts"
        ))
        .advice("`own_id` of the partner in oftp.toml sets another code for this partner")
        .advice("if it knows the code: ask whether our address, or our certificate for TLS, is the \
                 one that it expects"),
        (Kind::Told, Some(4)) => failed("it knows us, and does not take our password")
            .advice("agree on the password anew: at most 8 characters, mostly capitals and digits")
            .advice("`password` of the partner in oftp.toml, or of [station], names where it is kept; \
                     a line end in the file does not count, a blank does"),
        (Kind::Ours, Some(3)) => failed(
            "another station than the partner answers at this address, so it was told nothing more",
        )
        .advice("check `id` of the partner, and `address`: which of the two is right, the partner \
                 knows")
        .advice("a clearing centre answers by its own code: make it the partner, and the other a \
                 station behind it (`stations`)"),
        (Kind::Ours, Some(4)) => failed(
            "the partner sends another password than the one that we expect of it: it may not be \
             the partner",
        )
        .advice("agree on its password anew, and see `their_password` of the partner"),
        (Kind::Told, Some(8)) => failed(
            "it has no room for another session now, or allows only one of ours at a time",
        )
        .advice("try again in some minutes, and while the station has no session with it"),
        (Kind::Told | Kind::Misfit, Some(12)) => failed(
            "one side wants secure authentication, the other does not (SSIDAUTH): both must agree",
        )
        .advice(match partner.mailbox.authentication {
            true => "ask the partner to switch it on for us, or write authentication = false",
            false => "write authentication = true for the partner, or ask it to switch it off",
        }),
        (Kind::Told | Kind::Misfit | Kind::Ours, Some(10 | 2)) => failed(
            "the two sides do not fit: protocol level, direction (send only, receive only), \
             buffer, credit or authentication",
        )
        .advice(format!(
            "compare with the partner what each allows; here it is level {}, see `level` and \
             `lowest_level`",
            levels(config, partner)
        ))
        .advice("a partner that takes calls by TLS only refuses plain ones like this: see `tls`")
        .advice("a partner that is only to send cannot take the files of a check"),
        (Kind::Told, Some(1 | 6 | 7)) => failed("it does not understand what we say")
            .advice("try a lower `level` for the partner; --trace shows what was said, which its \
                     support can judge"),
        (Kind::Silent, _) => failed("it greeted, and did not answer when we said who we are")
            .advice("some stations do so where they do not know the caller: ask for its log"),
        (Kind::Closed, _) => failed(
            "it hung up when we said who we are, without saying why: so do stations that do not \
             know the caller, or want no other session",
        )
        .advice(format!("ask the partner whether it knows `{own}`, and for its log")),
        _ => failed("the two sides did not get to know each other")
            .advice("--trace shows what was said; the partner's log shows its side"),
    }
}

/// Secure authentication failed.
pub(super) fn not_authenticated(fault: &Fault, probe: &Probe) -> Step {
    let failed = |meaning: &str| {
        let code = match fault.exit_code {
            ExitCode::Done => ExitCode::SessionRefused,
            code => code,
        };
        Step::failed(Stage::Authentication, code, &fault.found, meaning)
    };
    match (&probe.opened, &probe.challenged) {
        (Some(Err(_)), _) => failed(
            "the partner's challenge was made for another certificate than those whose keys we \
             have: it has an old one of ours, or somebody else's",
        )
        .advice(
            "give the partner our present certificate, and compare the serial numbers given here",
        )
        .advice(
            "or add the old key in [keys] of oftp.toml, until the partner has the new \
                 certificate",
        ),
        (_, Some(Err(_))) => failed("no challenge can be made for the partner")
            .advice("name the certificate of the partner in `certificates`"),
        (Some(Ok(())), None) => failed(
            "we opened the partner's challenge, and it does not take our answer, or does not go on",
        )
        .advice("ask the partner for its log"),
        (_, Some(Ok(_))) => failed(
            "the partner could not open our challenge: it was made for a certificate whose key it \
             does not have (any more)",
        )
        .advice(
            "compare the serial number given here with the certificate that the partner uses to \
                 authenticate; if it has a new one, name that in `certificates`",
        )
        .advice("the other way round it may be our answer that it did not take: ask for its log"),
        (None, None) => {
            failed("secure authentication did not begin").advice("ask the partner for its log")
        }
    }
}

/// The test file was not taken.
pub(super) fn file_refused(words: &str, sfna: Option<u8>, code: ExitCode) -> Step {
    let failed = |meaning: &str| Step::failed(Stage::File, code, words, meaning);
    match sfna {
        Some(1) => failed("it does not like the dataset name")
            .advice("ask the partner which names it takes; --send-test FILE sends another one"),
        Some(2) => failed("it does not know the destination of the file").advice(
            "ask the partner whether files for its own code are taken, or which code to use",
        ),
        Some(3) => failed("it takes no files of our code")
            .advice("ask the partner to allow files of our code (SFIDORIG)"),
        Some(4 | 5) => failed("it does not take this record format or length")
            .advice("ask the partner which formats it takes; a check sends format U"),
        Some(6) => failed("the file is too big for it, or its disk is full")
            .advice("try again later, or a smaller file"),
        Some(13) => failed("it has a file of the same identity already")
            .advice("try again: each check has a stamp of its own"),
        Some(15) => failed("it does not take this cipher suite")
            .advice("agree on another one: `suite` in `protect` of the partner"),
        Some(16) => failed("it takes no encrypted files")
            .advice("write encrypt = false in `protect` of the partner"),
        Some(17) => failed("it takes only encrypted files")
            .advice("write encrypt = true in `protect` of the partner"),
        Some(18) => failed("it takes no compressed files")
            .advice("write compress = false in `protect` of the partner"),
        Some(19) => failed("it takes no signed files")
            .advice("write sign = false in `protect` of the partner"),
        Some(20) => failed("it takes only signed files")
            .advice("write sign = true in `protect` of the partner"),
        _ => failed("it does not take the file").advice("ask the partner for its log"),
    }
}

fn levels(config: &Config, partner: &PartnerConfig) -> String {
    let usual = &config.session.config.capabilities;
    let own = partner.mailbox.capabilities.as_ref().unwrap_or(usual);
    format!("{} down to {}", own.level, own.min_level)
}
