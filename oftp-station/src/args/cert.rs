//! `oftp cert`.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, Subcommand, ValueEnum};
use oftp_secure::Purpose;

use super::keygen::{OwnerArgs, PassphraseArgs};

/// Options of `oftp cert`.
#[derive(Args, Clone, Debug)]
pub struct CertArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: CertCommand,
}

/// The commands of `oftp cert`.
#[derive(Subcommand, Clone, Debug)]
pub enum CertCommand {
    /// Print what is in files of certificates, keys and revocation lists
    Show(ShowArgs),
    /// Write a request for a certificate, for an authority to sign
    Request(RequestArgs),
    /// Say whether a certificate may be used, and if not, what would mend it
    Check(CheckArgs),
}

const SHOW: &str = "\
Examples:
  Look at what a partner has sent, and compare its SHA-256 by phone:
    oftp cert show partner.pem

  Look into a PKCS#12 file:
    oftp cert show own.p12 --passphrase-file passphrase";

/// Options of `oftp cert show`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = SHOW)]
pub struct ShowArgs {
    /// Files in PEM, DER, PKCS#7 or PKCS#12
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Opens encrypted keys.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

const REQUEST: &str = "\
Examples:
  Ask an authority for a certificate for a key that oftp keygen made:
    oftp cert request --key own.key --name oftp.example.com --host oftp.example.com \\
      --id O0013000001EXAMPLE --organization \"Example Ltd\" --country GB --out own.csr";

/// Options of `oftp cert request`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = REQUEST)]
pub struct RequestArgs {
    /// The private key that shall be certified
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Whom the certificate is for.
    #[command(flatten)]
    pub owner: OwnerArgs,
    /// Where to write the request; the standard output by default
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Opens the key.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Overwrite a file that exists
    #[arg(long)]
    pub force: bool,
}

const CHECK: &str = "\
Examples:
  Check the certificate of a partner by the authority that issued it:
    oftp cert check partner.pem --ca authority.pem --crl authority.crl --name O0013000001PARTNER

  See whether a self-signed certificate that the partner confirmed can encrypt next year:
    oftp cert check partner.pem --purpose encrypt --at 2027-01-31

Exit code 0: it may be used. 12: it may not, and the text says why and what would mend it.";

/// Options of `oftp cert check`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = CHECK)]
pub struct CheckArgs {
    /// The certificate; what else the file holds may help to find its authority
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Authorities that are trusted; none: the certificate is trusted by itself, as one that its
    /// owner gave to you and confirmed
    #[arg(long, value_name = "FILE")]
    pub ca: Vec<PathBuf>,
    /// Authorities between those and the certificate
    #[arg(long, value_name = "FILE")]
    pub intermediate: Vec<PathBuf>,
    /// Lists of revoked certificates
    #[arg(long, value_name = "FILE")]
    pub crl: Vec<PathBuf>,
    /// Refuse what no list says anything about
    #[arg(long)]
    pub require_crl: bool,
    /// A list that was made longer ago counts as none
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub crl_max_age: Option<u32>,
    /// What it shall be used for
    #[arg(
        long,
        value_name = "PURPOSE",
        value_delimiter = ',',
        default_value = "sign,encrypt,response,auth"
    )]
    pub purpose: Vec<PurposeArg>,
    /// A name that it must bear: host, common name or identification code; of several, one
    #[arg(long, value_name = "NAME")]
    pub name: Vec<String>,
    /// Check it for this day or time, as 2027-01-31 or 2027-01-31T12:04:55Z; now by default
    #[arg(long, value_name = "DATE", value_parser = time)]
    pub at: Option<SystemTime>,
    /// Take signatures with SHA-1 of old authorities
    #[arg(long)]
    pub allow_sha1: bool,
    /// The shortest RSA key that is taken
    #[arg(long, value_name = "BITS", default_value_t = 2048,
        value_parser = clap::value_parser!(u32).range(1024..=16_384))]
    pub min_bits: u32,
    /// Opens a PKCS#12 file.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
}

/// A purpose on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PurposeArg {
    /// Its owner signs files
    Sign,
    /// Files are encrypted for its owner
    Encrypt,
    /// Its owner signs end responses (EERP, NERP)
    Response,
    /// Challenges of secure authentication are encrypted for its owner (AUCH)
    Auth,
    /// Its owner is called by TLS
    TlsServer,
    /// Its owner calls by TLS
    TlsClient,
}

impl From<PurposeArg> for Purpose {
    fn from(purpose: PurposeArg) -> Self {
        match purpose {
            PurposeArg::Sign => Self::SignFile,
            PurposeArg::Encrypt => Self::EncryptFile,
            PurposeArg::Response => Self::SignResponse,
            PurposeArg::Auth => Self::Authenticate,
            PurposeArg::TlsServer => Self::TlsServer,
            PurposeArg::TlsClient => Self::TlsClient,
        }
    }
}

/// A day, which begins at midnight in UTC, or a time.
fn time(text: &str) -> Result<SystemTime, String> {
    let day = text.parse::<jiff::civil::Date>();
    let at_midnight = |day: jiff::civil::Date| day.to_zoned(jiff::tz::TimeZone::UTC);
    let of_day = |day| at_midnight(day).ok().map(|zoned| zoned.timestamp());
    let time = text.parse::<jiff::Timestamp>().ok();
    let time = time.or_else(|| day.ok().and_then(of_day));
    time.map(SystemTime::from)
        .ok_or_else(|| "neither a day like 2027-01-31 nor a time like 2027-01-31T12:04:55Z".into())
}
