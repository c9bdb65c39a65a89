//! `oftp keygen`, and the options that it shares with `oftp cert`.

use std::path::PathBuf;

use clap::Args;
use oftp_secure::keygen::{DEFAULT_BITS, DEFAULT_DAYS};
use oftp_secure::keystore::{Passphrase, PassphraseError};

use super::values;

const EXAMPLES: &str = "\
Examples:
  Make own.key and own.pem, a certificate for files, responses, authentication and TLS:
    oftp keygen --name \"Example Ltd\" --id O0013000001EXAMPLE --host oftp.example.com --out own

  The same with an encrypted key; the passphrase stands in a file that only you can read:
    oftp keygen --name \"Example Ltd\" --out own --passphrase-file passphrase

Give own.pem to your partners, and own.key to nobody. Where partners want a certificate of an
authority, ask it for one: oftp cert request --key own.key ...";

/// Options of `oftp keygen`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct KeygenArgs {
    /// Whom the certificate is for.
    #[command(flatten)]
    pub owner: OwnerArgs,
    /// Length of the RSA key: 2048, 3072 or 4096. 3072 is what is recommended for keys that are
    /// used beyond 2030; 2048 is for partners that cannot read more
    #[arg(long, value_name = "BITS", default_value_t = DEFAULT_BITS)]
    pub bits: u32,
    /// How long the certificate is valid
    #[arg(long, value_name = "DAYS", default_value_t = DEFAULT_DAYS,
        value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: u32,
    /// Where to write: PREFIX.key and PREFIX.pem
    #[arg(long, value_name = "PREFIX", required_unless_present_all = ["key", "cert"])]
    pub out: Option<PathBuf>,
    /// Where to write the private key, instead of PREFIX.key
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Where to write the certificate, instead of PREFIX.pem
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Encrypts the private key.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Overwrite files that exist
    #[arg(long)]
    pub force: bool,
}

impl KeygenArgs {
    /// Where the private key and the certificate go.
    #[must_use]
    pub fn files(&self) -> [PathBuf; 2] {
        let beside = |extension: &str| {
            let mut path = self.out.clone().unwrap_or_default().into_os_string();
            path.push(extension);
            PathBuf::from(path)
        };
        let key = self.key.clone().unwrap_or_else(|| beside(".key"));
        let cert = self.cert.clone().unwrap_or_else(|| beside(".pem"));
        [key, cert]
    }
}

/// Whom a certificate is for.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Owner")]
pub struct OwnerArgs {
    /// Common name: the company, the station, or its host
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Identification code of the station; it becomes the serial number of the subject
    #[arg(long, value_name = "ID", value_parser = values::code)]
    pub id: Option<String>,
    /// Name of the host that partners call, for TLS; may be given several times
    #[arg(long = "host", value_name = "HOST")]
    pub hosts: Vec<String>,
    /// The company
    #[arg(long, value_name = "NAME")]
    pub organization: Option<String>,
    /// Country code, two letters
    #[arg(long, value_name = "CODE", value_parser = country)]
    pub country: Option<String>,
}

/// Where the passphrase of private keys comes from. Never from the command line itself, where
/// other users of the machine could read it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Passphrase")]
pub struct PassphraseArgs {
    /// Passphrase of the private key, from a file
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    pub passphrase_file: Option<PathBuf>,
    /// Passphrase of the private key, from an environment variable
    #[arg(long, value_name = "VARIABLE")]
    pub passphrase_env: Option<String>,
}

impl PassphraseArgs {
    /// Fetches the passphrase; `None` if none is given.
    ///
    /// # Errors
    /// The passphrase cannot be read.
    pub fn resolve(&self) -> Result<Option<Passphrase>, PassphraseError> {
        let file = self.passphrase_file.as_deref().map(Passphrase::from_file);
        let variable = self.passphrase_env.as_deref().map(Passphrase::from_env);
        file.or(variable).transpose()
    }
}

fn country(text: &str) -> Result<String, String> {
    if text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_alphabetic()) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err("a country has two letters, for example DE".to_owned())
    }
}
