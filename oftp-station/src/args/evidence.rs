//! `oftp evidence`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::StationArg;

const EXAMPLES: &str = "\
Examples:
  Check the proof that a partner has a file, and that it is this file:
    oftp evidence verify evidence/20260131.1204550001.INVOICE.OA.OB.out --file INVOICE.cms

  Check all proofs of a station, trusting the certificate that the partner has confirmed by phone:
    oftp evidence verify evidence --trust partner.pem

  See which proofs there are:
    oftp evidence list

No station and no network are needed. What lies in a folder is read by other programs too:
`sha256sum -c SHA256SUMS`, `openssl cms -verify -binary -inform DER -in response.p7m`.

Exit code 0: everything is as it must be, and proves that the file was delivered, or by a signed
NERP that it was not. 12: something is not, or the response is not signed and so proves nothing.";

/// Options of `oftp evidence`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct EvidenceArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: EvidenceAction,
}

/// What `oftp evidence` does.
#[derive(Clone, Debug, Subcommand)]
pub enum EvidenceAction {
    /// Say what proofs of delivery are worth, one line for each thing that is checked
    #[command(after_long_help = EXAMPLES)]
    Verify(VerifyArgs),
    /// List the proofs that there are, unchecked
    List(ListArgs),
}

/// Options of `oftp evidence verify`.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// Folders of evidence, or folders that hold such ones
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// The file that was sent, or its envelope where it was secured: its hash must be the one that
    /// the response names
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Certificates, authorities and revocation lists that you trust, instead of the certificates
    /// that lie in the folder
    #[arg(long, value_name = "CERT")]
    pub trust: Vec<PathBuf>,
}

/// Options of `oftp evidence list`.
#[derive(Args, Clone, Debug)]
pub struct ListArgs {
    /// A folder that holds evidence; by default that of the station
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Whose evidence is listed where no path is given.
    #[command(flatten)]
    pub station: StationArg,
}
