//! What the session showed, step by step.

use std::net::SocketAddr;

use oftp_core::mailbox::{Ended, Response};
use oftp_core::session::Agreed;

use super::explain::{self, Fault};
use super::probe::{Fate, Probe};
use super::{Stage, Step};
use crate::exchange::exit_code_of;
use crate::exit_code::ExitCode;
use crate::report::PeerText;
use crate::security::{Checked, Use};
use crate::station::config::{Config, PartnerConfig};

/// The steps of the session up to the one that failed.
pub(super) fn steps(probe: &Probe, config: &Config, partner: &PartnerConfig) -> Vec<Step> {
    let fault = fault(probe, partner);
    if let Some(words) = &probe.network_fault
        && probe.agreed.is_none()
    {
        return vec![refused_by_tls(words)];
    }
    let mut steps = Vec::new();
    if !probe.greeted {
        steps.push(explain::no_greeting(&fault));
        return steps;
    }
    steps.push(Step::ok(
        Stage::Ssrm,
        "an OFTP station answers (ODETTE FTP READY)",
    ));
    let proven = probe.agreed.is_some();
    let authenticates = probe.challenged.is_some() || probe.opened.is_some();
    if !proven && !authenticates {
        let step = explain::not_identified(&fault, config, partner);
        steps.push(identified(step, probe));
        return steps;
    }
    let agreed = probe.agreed.as_ref().map_or_else(
        || "the partner is the right one, and its password too".to_owned(),
        words_of,
    );
    let mut step = identified(Step::ok(Stage::Ssid, agreed), probe);
    for quirk in &probe.quirks {
        step = step.with("beyond the letter", quirk);
    }
    if let Some(agreed) = &probe.agreed
        && agreed.buffer_size < 1024
    {
        step = step.warn(format!(
            "the buffer of {} octets makes large files slow; ask the partner for a larger one",
            agreed.buffer_size
        ));
    }
    steps.push(step);
    steps.push(authentication(probe, config, partner, &fault));
    if !proven {
        return steps;
    }
    if probe.file.is_some() {
        steps.push(file(probe, &fault));
        if matches!(probe.fate, Some(Fate::Stored)) {
            steps.push(response(probe, partner));
        }
    }
    steps.push(end(probe, &fault));
    steps
}

/// TLS is spoken where plain OFTP is expected.
pub(super) fn tls_where_plain(address: SocketAddr) -> Step {
    Step::failed(
        Stage::Ssrm,
        ExitCode::Protocol,
        format!("no greeting comes from {address}, but TLS is spoken there"),
        "the port is one with TLS, and the partner is configured without",
    )
    .advice("write tls = \"required\" for the partner, and its certificate in `certificates`")
    .advice("or ask the partner for its port without TLS, usually 3305")
}

fn fault(probe: &Probe, partner: &PartnerConfig) -> Fault {
    let Some(ended) = &probe.ended else {
        return Fault::default();
    };
    let with_tls = partner.tls.is_some();
    Fault::of(ended, exit_code_of(ended), with_tls)
}

/// In TLS 1.3 a client hears only after the handshake that its certificate was refused.
fn refused_by_tls(words: &str) -> Step {
    Step::failed(
        Stage::Tls,
        ExitCode::SessionRefused,
        words,
        "the partner ended TLS after our part of the handshake: mostly it wants a certificate of \
         ours, or does not know the one that we have shown",
    )
    .advice("give the partner our certificate for TLS (or that of its authority)")
    .advice("name our key and certificate for TLS in [keys] of oftp.toml, if there is none")
}

fn identified(step: Step, probe: &Probe) -> Step {
    let step = match &probe.offered {
        Some(offered) => step.with("we said", offered),
        None => step,
    };
    match &probe.answered {
        Some(answered) => step.with("it said", answered),
        None => step,
    }
}

fn words_of(agreed: &Agreed) -> String {
    format!(
        "level {}, buffer {}, credit {}, compression {}, restart {}",
        agreed.level,
        agreed.buffer_size,
        agreed.window,
        on(agreed.compression),
        on(agreed.restart)
    )
}

const fn on(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn authentication(probe: &Probe, config: &Config, partner: &PartnerConfig, fault: &Fault) -> Step {
    if !partner.mailbox.authentication {
        return Step::skipped(Stage::Authentication, "not agreed (SSIDAUTH N)");
    }
    let mut step = if probe.agreed.is_some() {
        Step::ok(
            Stage::Authentication,
            "each side has proved that it has its key",
        )
    } else {
        explain::not_authenticated(fault, probe)
    };
    if let Some(Ok(certificate)) = &probe.challenged {
        step = step.with("our challenge was for", certificate);
    }
    if let Some(Err(why)) = &probe.opened {
        step = step.with("its challenge", why);
    }
    for own in config.security.ring.own().all(Use::Auth) {
        let sha = own.certificate.fingerprint_hex();
        let own = format!("{}, SHA-256 {sha}", own.certificate);
        step = step.with("we can open those for", own);
    }
    step
}

fn file(probe: &Probe, fault: &Fault) -> Step {
    let octets = probe
        .file
        .as_ref()
        .map_or(0, super::test_file::Prepared::octets);
    match &probe.fate {
        Some(Fate::Stored) => Step::ok(
            Stage::File,
            format!("{octets} octets sent, and stored by the partner (EFPA)"),
        ),
        Some(Fate::Refused {
            words,
            sfna,
            exit_code,
        }) => explain::file_refused(words, *sfna, *exit_code),
        None => Step::failed(
            Stage::File,
            fault.exit_code.or(ExitCode::SessionLost),
            &fault.found,
            "the session ended while the file was sent",
        )
        .advice("try again with --trace, and ask the partner for its log"),
    }
}

fn response(probe: &Probe, partner: &PartnerConfig) -> Step {
    let Some((response, checked)) = &probe.response else {
        return if partner.responses.expected {
            Step::ok(Stage::Response, "not in this session").warn(
                "many stations send it later, when the file has reached its application; then it \
                 comes to the station, which does not know the test file, and no harm is done",
            )
        } else {
            Step::skipped(
                Stage::Response,
                "the partner sends none, by its configuration",
            )
        };
    };
    if let Response::Nerp(nerp) = response {
        let text = PeerText::new(nerp.reast.as_octets());
        let found = format!(
            "NERP {:02}: {}{}{text}",
            nerp.reas.code(),
            nerp.reas.meaning(),
            if text.is_empty() { "" } else { "; it says: " }
        );
        return Step::failed(
            Stage::Response,
            ExitCode::FileRejected,
            found,
            "the file arrived, and could not be delivered there",
        )
        .advice(
            "31 to 33: compare the certificates of both sides, and what is agreed on signatures, \
             compression and encryption; else ask the partner what its log says",
        );
    }
    match checked {
        Checked::Signed { signer, .. } => {
            Step::ok(Stage::Response, format!("EERP, signed by {signer}"))
        }
        Checked::Unsigned => Step::ok(Stage::Response, "EERP, not signed, and not asked to be"),
        Checked::NotChecked => Step::ok(Stage::Response, "EERP").warn(
            "it is signed, and nothing is known to check that by: name the certificate of the \
             partner in `certificates`",
        ),
        Checked::Worthless { why } => Step::failed(
            Stage::Response,
            ExitCode::NoResponse,
            format!("an EERP came that proves nothing: {why}"),
            "files to this partner would stay open, since their delivery is not proved",
        )
        .advice("compare the partner's certificate for end responses with it, by its SHA-256")
        .advice("if it cannot sign, write signed_eerp = false in `protect` of the partner"),
    }
}

fn end(probe: &Probe, fault: &Fault) -> Step {
    match &probe.ended {
        Some(Ended::Normally) => Step::ok(Stage::End, "the session ended as it should (ESID 00)"),
        _ if probe.left => Step::ok(
            Stage::End,
            "the partner has end responses or files for the station: the check left them there",
        ),
        Some(Ended::Irregularly(_)) => Step::ok(Stage::End, &fault.found).warn(
            "the partner left without the proper words (ESID 00); nothing is lost by it, but its \
             software could do better",
        ),
        _ => Step::failed(
            Stage::End,
            fault.exit_code.or(ExitCode::SessionLost),
            &fault.found,
            "the session was up, and did not end as it should",
        )
        .advice("try again with --trace, and ask the partner for its log"),
    }
}
