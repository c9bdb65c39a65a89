//! `oftp cms`: envelopes of files, without a session.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::security::{KeyArgs, ProtectArgs};
use super::values::FormatArgs;

const EXAMPLES: &str = "\
Examples:
  Sign, compress and encrypt a drawing for a partner:
    oftp cms seal drawing.CATPart -o drawing.cms --sign --compress --encrypt \\
        --own-key me.pem --partner-cert partner.pem

  Open what came; the layers are found out if --layers does not name them:
    oftp cms open drawing.cms -o drawing.CATPart --own-key me.pem --partner-cert partner.pem

  Look at the proof of delivery that `oftp send --receipts` has kept:
    oftp cms open receipts/20260131.1204550001.INVOICE.OA.OB.p7m -o proof \\
        --partner-cert partner.pem

What is written is read by `openssl cms -decrypt`, `-verify` (with -binary -inform DER) and
BouncyCastle, and the reverse.";

/// Options of `oftp cms`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{}", crate::exit_code::ExitCode::HELP))]
pub struct CmsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: CmsAction,
}

/// What `oftp cms` does.
#[derive(Clone, Debug, Subcommand)]
pub enum CmsAction {
    /// Put a file into an envelope: sign, compress, encrypt, in this order, each or none
    #[command(after_long_help = EXAMPLES)]
    Seal(Box<SealArgs>),
    /// Take a file out of its envelope, and check who has signed it
    #[command(after_long_help = EXAMPLES)]
    Open(Box<OpenArgs>),
}

/// Where the result goes.
#[derive(Args, Clone, Debug)]
pub struct OutputFileArgs {
    /// Where to write. The file is there when all of it is right, and not before
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

/// Options of `oftp cms seal`.
#[derive(Args, Clone, Debug)]
pub struct SealArgs {
    /// The file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the envelope goes.
    #[command(flatten)]
    pub output: OutputFileArgs,
    /// What is done.
    #[command(flatten)]
    pub protect: ProtectArgs,
    /// The format of the file: records of a V file get their lengths (RFC 5024 section 6.5).
    #[command(flatten)]
    pub format: FormatArgs,
    /// Keys and certificates.
    #[command(flatten)]
    pub keys: KeyArgs,
}

/// Options of `oftp cms open`.
#[derive(Args, Clone, Debug)]
pub struct OpenArgs {
    /// The envelope. Records of a V file come out behind their lengths, 2 octets each
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the content goes.
    #[command(flatten)]
    pub output: OutputFileArgs,
    /// The layers that there must be, as SFIDSEC and SFIDCOMP announce them: sign, compress,
    /// encrypt. Without it all layers that are there are opened
    #[arg(long, value_name = "LAYERS", value_delimiter = ',')]
    pub layers: Vec<LayerArg>,
    /// Take no 3DES and no SHA-1
    #[arg(long)]
    pub no_legacy: bool,
    /// Keys and certificates.
    #[command(flatten)]
    pub keys: KeyArgs,
}

/// A layer of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LayerArg {
    /// SignedData
    Sign,
    /// CompressedData
    Compress,
    /// EnvelopedData
    Encrypt,
}
