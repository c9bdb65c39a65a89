//! Options about security (RFC 5024 chapters 2.3, 4.2.3, 6, 10): keys and certificates, what is
//! done to files that are sent, and what is wanted of files that come.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::keygen::PassphraseArgs;
use super::values;

/// Keys and certificates: our own, and the partner's.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Keys and certificates")]
pub struct KeyArgs {
    /// Own private key, or key and certificate in one file (PEM, DER, PKCS#12). USE is what for:
    /// sign, encrypt, auth, tls or eerp; without it, for all that have no key of their own. Give
    /// the old and the new key at change-over: the newest signs, each opens what was encrypted
    /// for it
    #[arg(long, value_name = "[USE=]FILE")]
    pub own_key: Vec<KeyFile>,
    /// Own certificate, where the file of the key does not hold it
    #[arg(long, value_name = "[USE=]FILE")]
    pub own_cert: Vec<KeyFile>,
    /// Opens the own keys.
    #[command(flatten)]
    pub passphrase: PassphraseArgs,
    /// Certificate that the partner has given to us: it is trusted as it is. Several at
    /// change-over: each counts, the newest is encrypted for. With several partners, or for
    /// a --destination behind the partner, the identification code says whose it is
    #[arg(long, value_name = "[ID:][USE=]FILE")]
    pub partner_cert: Vec<KeyFile>,
    /// Authority that certifies this partner, for signatures and TLS
    #[arg(long, value_name = "[ID:][USE=]FILE")]
    pub partner_ca: Vec<KeyFile>,
    /// Name that certificates of the partner's authority must bear, where it certifies others
    /// as well: a host, a common name, or an identification code
    #[arg(long, value_name = "[ID:]NAME")]
    pub partner_name: Vec<PartnerName>,
    /// List of revoked certificates (CRL) of the partner's authorities
    #[arg(long, value_name = "[ID:]FILE")]
    pub partner_crl: Vec<KeyFile>,
    /// Refuse certificates for which no list of revoked ones is at hand
    #[arg(long)]
    pub require_crl: bool,
    /// Oldest list of revoked certificates that still counts
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3_660))]
    pub crl_max_age: Option<u32>,
    /// Take certificates that are signed with SHA-1
    #[arg(long)]
    pub allow_sha1_certificates: bool,
}

/// What is done to the files that are sent.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Security of the files to send")]
pub struct ProtectArgs {
    /// Sign the files
    #[arg(long)]
    pub sign: bool,
    /// Encrypt the files for the partner
    #[arg(long)]
    pub encrypt: bool,
    /// Compress the files (zlib, 0 to 9). Better than --compression, which only shortens runs of
    /// equal octets on the line
    #[arg(long, value_name = "LEVEL", num_args = 0..=1, require_equals = true,
        default_missing_value = "6", value_parser = clap::value_parser!(u32).range(0..=9))]
    pub compress: Option<u32>,
    /// Ask for End to End Responses that the receiver has signed
    #[arg(long)]
    pub signed_eerp: bool,
    /// Cipher suite, 01 to 10. 04 is AES-256 with SHA-256; 01 (3DES) and 02 (SHA-1) are what
    /// every station has
    #[arg(long, value_name = "SUITE", default_value = "04", value_parser = suite)]
    pub suite: u8,
}

/// What is wanted of files that come.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Security of files that come")]
pub struct AcceptArgs {
    /// Refuse files without this service; may be given several times
    #[arg(long, value_name = "SERVICE", value_delimiter = ',')]
    pub require: Vec<Service>,
    /// Refuse files with this service; may be given several times
    #[arg(long, value_name = "SERVICE", value_delimiter = ',')]
    pub forbid: Vec<Service>,
    /// Cipher suites that are taken, by default 00 to 06
    #[arg(long, value_name = "SUITE", value_delimiter = ',', value_parser = suite_or_none)]
    pub accept_suite: Vec<u8>,
    /// Take no 3DES and no SHA-1, in no suite
    #[arg(long)]
    pub no_legacy: bool,
    /// Cipher suite that is meant where a signed End to End Response is asked for and none is named
    #[arg(long, value_name = "SUITE", value_parser = suite)]
    pub unnamed_suite: Option<u8>,
}

/// A service on files for which there is a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Service {
    /// Signature of the file
    Sign,
    /// Encryption
    Encrypt,
    /// Compression of the file
    Compress,
    /// Request of a signed End to End Response
    SignedEerp,
}

/// What a key or a certificate is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Use {
    /// Signing files
    Sign,
    /// Encrypting files
    Encrypt,
    /// Secure authentication of sessions
    Auth,
    /// TLS
    Tls,
    /// Signing End to End Responses
    Eerp,
}

impl Use {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Sign, Self::Encrypt, Self::Auth, Self::Tls, Self::Eerp];
}

/// A file of keys or certificates: `[ID:][USE=]FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// Whose it is, where that must be said.
    pub partner: Option<String>,
    /// What for; `None`: everything.
    pub purpose: Option<Use>,
    /// The file.
    pub path: PathBuf,
}

impl FromStr for KeyFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (partner, rest) = split_partner(text)?;
        let (purpose, path) = match rest.split_once('=') {
            Some((word, path)) => match Use::from_str(word, false) {
                Ok(purpose) => (Some(purpose), path),
                Err(_) if word.contains(['/', '.']) => (None, rest),
                Err(_) => {
                    return Err(format!(
                        "{word} is no use; there are sign, encrypt, auth, tls, eerp"
                    ));
                }
            },
            None => (None, rest),
        };
        if path.is_empty() {
            return Err("it names no file".to_owned());
        }
        Ok(Self {
            partner,
            purpose,
            path: path.into(),
        })
    }
}

/// A name that a partner's certificates bear: `[ID:]NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerName {
    /// Whose it is, where that must be said.
    pub partner: Option<String>,
    /// The name.
    pub name: String,
}

impl FromStr for PartnerName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (partner, name) = split_partner(text)?;
        Ok(Self {
            partner,
            name: name.to_owned(),
        })
    }
}

/// An identification code has no colon and no slash (RFC 5024 Appendix B has a slash, but no code
/// in use does): what stands before the first colon is one, unless it is a path.
fn split_partner(text: &str) -> Result<(Option<String>, &str), String> {
    match text.split_once(':') {
        Some((code, rest)) if !code.contains('/') => Ok((Some(values::code(code)?), rest)),
        _ => Ok((None, text)),
    }
}

fn suite(text: &str) -> Result<u8, String> {
    match suite_or_none(text)? {
        0 => Err("00 is no cipher suite".to_owned()),
        code => Ok(code),
    }
}

fn suite_or_none(text: &str) -> Result<u8, String> {
    let code = text.parse().ok();
    code.filter(|&code| code == 0 || oftp_secure::Suite::of(code).is_some())
        .ok_or_else(|| "cipher suites are 01 to 10".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_keys_say_whose_and_what_for() {
        let read = |text: &str| text.parse::<KeyFile>().expect(text);
        let whole = read("O0177ALPHA-MOTORS  HUB001:sign=keys/alpha.pem");
        assert_eq!(whole.partner.as_deref(), Some("O0177ALPHA-MOTORS  HUB001"));
        assert_eq!(whole.purpose, Some(Use::Sign));
        assert_eq!(whole.path, PathBuf::from("keys/alpha.pem"));
        assert_eq!(read("tls=a.pem").purpose, Some(Use::Tls));
        assert_eq!(read("a.pem").purpose, None);
        assert_eq!(read("./a=b.pem").path, PathBuf::from("./a=b.pem"));
        assert_eq!(read("./a:b.pem").path, PathBuf::from("./a:b.pem"));
        for wrong in ["", "tls=", "OA:", "speak=a.pem", ":a.pem"] {
            assert!(wrong.parse::<KeyFile>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn suites_are_those_there_are() {
        assert_eq!(suite("04"), Ok(4));
        assert_eq!(suite("10"), Ok(10));
        assert_eq!(suite_or_none("00"), Ok(0));
        for wrong in ["00", "11", "", "x", "-1"] {
            assert!(suite(wrong).is_err(), "{wrong}");
        }
    }
}
