//! TLS: whose certificate, and what is wrong with it.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use oftp_secure::Certificate;
use oftp_secure::tls::{TlsError, server_name};
use oftp_secure::trust::{DistrustKind, usage_name, utc};
use tokio::net::TcpStream;

use super::keys::{days_left, ends_soon};
use super::look::look;
use super::{Stage, Step};
use crate::driver::Tls;
use crate::exit_code::ExitCode;
use crate::security::{Keys, Use};
use crate::station::config::partner::CallTls;

/// A call by TLS.
pub(super) struct Call<'a> {
    pub(super) tls: &'a CallTls,
    pub(super) keys: &'a Keys,
    /// The host as it is configured.
    pub(super) host: &'a str,
    pub(super) address: SocketAddr,
    pub(super) within: Duration,
}

/// The handshake, by the very settings by which the station calls.
pub(super) async fn shake_hands(
    stream: TcpStream,
    call: Call<'_>,
) -> Result<(Tls, Step), Box<Step>> {
    let name = match &call.tls.name {
        Some(name) => name.clone(),
        None => server_name(call.host).map_err(|error| {
            let step = Step::failed(
                Stage::Tls,
                ExitCode::Usage,
                error.to_string(),
                "the partner's certificate must be for a name or an address",
            );
            Box::new(step.advice("correct `address`, or name the host by `tls_name`"))
        })?,
    };
    let config = call.tls.config.clone();
    match Tls::connect(stream, config, name.clone(), call.within).await {
        Ok(tls) => {
            let step = secured(&tls, &call);
            Ok((tls, step))
        }
        Err(error) => {
            let mut step = explained(&error);
            if let TlsError::Distrusted(_) = error {
                let seen = look(call.address, name, call.within).await;
                step = chain(step, &seen.chain);
                step = held(step, &call);
            }
            Err(Box::new(step))
        }
    }
}

fn secured(tls: &Tls, call: &Call<'_>) -> Step {
    let now = SystemTime::now();
    let certificates = tls.certificates();
    let mut step = Step::ok(Stage::Tls, tls.protocol());
    step = chain(step, &certificates);
    let trust = call.keys.partner.trust(Use::Tls);
    let own = certificates.first();
    let pinned = own.is_some_and(|own| trust.pinned.contains(own));
    step = step.with(
        "trusted",
        match pinned {
            true => "it is the very certificate that the partner gave to us",
            false => "an authority of the partner vouches for it",
        },
    );
    step = match call.keys.own.valid(Use::Tls, now) {
        Ok(own) => step.with(
            "our certificate",
            format!("{}, if the partner asks for one", own.certificate),
        ),
        Err(_) => step.with("our certificate", "none: the partner must not ask for one"),
    };
    match own.filter(|own| ends_soon(own, now)) {
        None => step,
        Some(own) => step.warn(format!(
            "the partner's certificate ends in {} days: ask for the new one now",
            days_left(own, now)
        )),
    }
}

/// The certificates that the other side has shown.
fn chain(step: Step, certificates: &[Certificate]) -> Step {
    let now = SystemTime::now();
    let mut step = step;
    for (index, one) in certificates.iter().enumerate() {
        let what = if index == 0 { "certificate" } else { "with it" };
        step = step.with(what, one.to_string());
        if index > 0 {
            continue;
        }
        step = step
            .with(
                "valid",
                format!(
                    "{} to {} ({} days left)",
                    utc(one.not_before()),
                    utc(one.not_after()),
                    days_left(one, now)
                ),
            )
            .with(
                "names",
                match one.dns_names() {
                    names if names.is_empty() => "none".to_owned(),
                    names => names.join(", "),
                },
            )
            .with("usage (EKU)", usages(one))
            .with("key", one.key_kind().to_string())
            .with("SHA-256", one.fingerprint_hex());
    }
    step
}

fn usages(certificate: &Certificate) -> String {
    certificate.extended_key_usage().map_or_else(
        || "any".to_owned(),
        |usages| {
            let names: Vec<_> = usages.into_iter().map(usage_name).collect();
            names.join(", ")
        },
    )
}

/// The certificates that we have of the partner.
fn held(step: Step, call: &Call<'_>) -> Step {
    let trust = call.keys.partner.trust(Use::Tls);
    let pinned = trust.pinned.iter().map(|one| {
        let sha = one.fingerprint_hex();
        ("we have", format!("{one}, SHA-256 {sha}"))
    });
    let anchors = trust.anchors.iter();
    let anchors = anchors.map(|one| ("we trust", format!("the authority {one}")));
    pinned
        .chain(anchors)
        .fold(step, |step, (what, value)| step.with(what, value))
}

/// What went wrong with TLS.
pub(super) fn explained(error: &TlsError) -> Step {
    let failed = |code, meaning: &str| Step::failed(Stage::Tls, code, error.to_string(), meaning);
    match error {
        TlsError::Network(_) | TlsError::Closed => failed(
            ExitCode::Connection,
            "the other side hung up during the handshake, without an alert that says why",
        )
        .advice("it may be no OFTP station, or not want our certificate: ask for its log")
        .advice("it may take only versions of TLS or cipher suites that are not secure any more"),
        TlsError::TimeOut { heard, .. } => failed(
            ExitCode::TimeOut,
            match heard {
                true => "the other side began with TLS, and stopped in the middle",
                false => "the other side took the call and is silent: it may not speak TLS",
            },
        )
        .advice("check the port: TLS is usually on 6619, plain OFTP on 3305")
        .advice("ask the partner what its log says of our call"),
        TlsError::NotTls { sent } => {
            let is_oftp = sent.starts_with(&[0x10, 0]);
            failed(
                ExitCode::Protocol,
                match is_oftp {
                    true => "an OFTP station answers there, but without TLS",
                    false => "something else than an OFTP station with TLS answers there",
                },
            )
            .advice("check the port: TLS is usually on 6619, plain OFTP on 3305")
            .advice(match is_oftp {
                true => {
                    "ask the partner for its port with TLS; tls = \"off\" does without, then \
                         anybody on the way can read passwords and files"
                }
                false => "check host and port with the partner",
            })
        }
        TlsError::Distrusted(distrust) => distrusted(error, &distrust.kind),
        TlsError::Refused(_) | TlsError::NoCertificate => failed(
            ExitCode::SessionRefused,
            "the other side does not want to speak TLS with us; its alert says why",
        )
        .advice("give the partner our certificate (or its authority), and ask for its log"),
        TlsError::Unusable { .. } | TlsError::HostName(_) => {
            failed(ExitCode::Usage, "our own settings for TLS do not serve")
        }
        _ => failed(
            ExitCode::SessionRefused,
            "the two sides find no way to speak TLS with each other",
        )
        .advice("ask the partner for TLS 1.2 or 1.3 with ECDHE and AES-GCM"),
    }
}

/// The partner's certificate is not taken.
fn distrusted(error: &TlsError, kind: &DistrustKind) -> Step {
    let failed = |meaning: &str| {
        Step::failed(
            Stage::Tls,
            ExitCode::SessionRefused,
            error.to_string(),
            meaning,
        )
    };
    match kind {
        DistrustKind::SomeoneElses { .. } | DistrustKind::UnknownIssuer { .. } => failed(
            "whoever answers shows a certificate of which nothing here says that it is the \
             partner's: the partner has a new one, or this is not the partner",
        )
        .advice(
            "compare its SHA-256 (given here) with the partner, by telephone and not by this \
             connection; if it is right, name the certificate in `certificates` of the partner",
        )
        .advice("if an authority certifies the partner, name that in `authorities`")
        .advice("check host and port: another partner or a proxy may answer there"),
        DistrustKind::WrongName { .. } => failed(
            "the certificate is good, but for another host than the one that is called",
        )
        .advice(
            "if it is the partner's, write the name in the certificate as `tls_name`, or call it \
             by that name in `address`",
        )
        .advice(
            "or name this very certificate in `certificates` of the partner: then its name \
                 does not matter",
        ),
        DistrustKind::Expired { .. } => failed("the partner's certificate has ended")
            .advice("ask the partner for its new certificate, and to use it")
            .advice("check the clock of this machine"),
        DistrustKind::NotYetValid { .. } => failed("the partner's certificate does not count yet")
            .advice("check the clock of this machine: `date -u`")
            .advice("else wait until then, or ask the partner to use the old one for so long"),
        DistrustKind::WrongUsage { .. } => failed(
            "the certificate says itself that it is not for servers of TLS (extended key usage)",
        )
        .advice("ask the partner for a certificate with serverAuth"),
        DistrustKind::Revoked { .. } => {
            failed("the authority says that this certificate must not be used any more")
                .advice("ask the partner for its new certificate; until then do not exchange files")
        }
        DistrustKind::UnknownStatus { .. }
        | DistrustKind::OldList { .. }
        | DistrustKind::UnreadableList => failed(
            "nothing tells whether the certificate is revoked, and `require_crl` demands to know",
        )
        .advice("get the authority's present list of revoked certificates for `crl`"),
        _ => failed("the certificate is not made as it must be").advice(
            "ask the partner for another certificate; `oftp cert check` tells what is wrong",
        ),
    }
}
