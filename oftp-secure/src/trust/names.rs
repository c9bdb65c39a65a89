//! Whether a certificate of an authority bears the partner's name (threat model S15, C3).

use super::DistrustKind;
use crate::asn1::oid;
use crate::certificate::Certificate;

/// Whether the certificate bears one of these names; with no names, any certificate does.
pub(super) fn check(certificate: &Certificate, wanted: &[String]) -> Result<(), DistrustKind> {
    let hosts = certificate.dns_names();
    let mut found = certificate.subject_attribute(oid::COMMON_NAME);
    found.extend(certificate.subject_attribute(oid::SERIAL_NUMBER));
    let bears = |name: &String| {
        let is_host = |host: &String| is_host(host, name);
        hosts.iter().any(is_host) || found.iter().any(|found| found.eq_ignore_ascii_case(name))
    };
    if wanted.is_empty() || wanted.iter().any(bears) {
        return Ok(());
    }
    found.extend(hosts);
    found.dedup();
    let wanted = wanted.to_vec();
    Err(DistrustKind::WrongName { found, wanted })
}

/// Whether the host name of a certificate, perhaps with `*` as its first label, is this one
/// (RFC 6125 6.4.3).
fn is_host(pattern: &str, name: &str) -> bool {
    let name = name.trim_end_matches('.');
    match pattern.strip_prefix("*.") {
        Some(domain) => name.split_once('.').is_some_and(|(label, rest)| {
            !label.is_empty() && domain.contains('.') && rest.eq_ignore_ascii_case(domain)
        }),
        None => pattern.eq_ignore_ascii_case(name),
    }
}
