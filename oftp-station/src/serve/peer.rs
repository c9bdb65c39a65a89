//! Who calls, as far as the connection tells, and which partners that can be.

use std::net::SocketAddr;

use oftp_core::mailbox::{Denial, Directory, Partner};
use oftp_core::wire::{EsidReason, IdentificationCode};
use oftp_secure::Certificate;

/// Who calls, as far as the connection tells.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// What TLS says; `None`: the connection is plain.
    pub tls: Option<PeerTls>,
}

/// What TLS says of a caller.
#[derive(Debug, Clone)]
pub struct PeerTls {
    /// Its certificates, its own first; empty where it showed none. They have been checked.
    pub certificates: Vec<Certificate>,
    /// Version and cipher suite.
    pub protocol: String,
}

impl Peer {
    /// Denies the partners of a directory that cannot be this caller, whatever it says in SSID:
    ///
    /// - by ESID 03 those whose certificate it did not show (threat model S15). `owners` are the
    ///   codes for which its certificate is good, and only counts where it showed one;
    /// - by ESID 10 those that must use TLS, on a plain connection (S11), and those that must show
    ///   a certificate, where it showed none.
    pub fn deny_others(
        &self,
        directory: &mut Directory,
        owners: &[IdentificationCode],
        needs: impl Fn(&Partner) -> Needs,
    ) {
        let shown = self.tls.as_ref().and_then(|tls| tls.certificates.first());
        directory.deny(|partner| {
            let needs = needs(partner);
            let denial = match (&self.tls, shown) {
                (None, _) if needs != Needs::Nothing => (
                    EsidReason::MODE_INCOMPATIBLE,
                    "this partner must use TLS, and called without it".to_owned(),
                ),
                (Some(_), None) if needs == Needs::Certificate => (
                    EsidReason::MODE_INCOMPATIBLE,
                    "this partner must show a certificate for TLS, and showed none".to_owned(),
                ),
                (_, Some(certificate)) if !is_among(owners, &partner.code) => (
                    EsidReason::USER_CODE_NOT_KNOWN,
                    format!("the certificate shown for TLS is not this partner's: {certificate}"),
                ),
                _ => return None,
            };
            let (reason, why) = denial;
            Some(Denial { reason, why })
        });
    }
}

fn is_among(codes: &[IdentificationCode], code: &IdentificationCode) -> bool {
    codes.iter().any(|other| other.trimmed() == code.trimmed())
}

/// What a partner's connection must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Plain TCP will do.
    Nothing,
    /// TLS, with or without a certificate of its own.
    Tls,
    /// TLS, and a certificate of its own.
    Certificate,
}
