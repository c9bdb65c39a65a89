//! Values that several commands take.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use thiserror::Error;

use crate::records::{Format, RecordLayout};

/// The port of OFTP over TCP without TLS.
pub const DEFAULT_PORT: u16 = 3305;

/// The port of OFTP over TLS (RFC 5024 section 2.4).
pub const DEFAULT_TLS_PORT: u16 = 6619;

/// A host and perhaps a port: `HOST`, `HOST:PORT`, `1.2.3.4:PORT`, `[::1]:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// A name or an address, without brackets.
    pub host: String,
    /// The TCP port, where one is given.
    pub port: Option<u16>,
}

impl Endpoint {
    /// The port, or the one that is registered (RFC 5024 section 2.4).
    #[must_use]
    pub fn port(&self, tls: bool) -> u16 {
        let registered = if tls { DEFAULT_TLS_PORT } else { DEFAULT_PORT };
        self.port.unwrap_or(registered)
    }

    /// Reads the address of a listener, where a number alone is a port: `[ADDRESS:]PORT`.
    ///
    /// # Errors
    /// The text is no address.
    pub fn to_listen(text: &str) -> Result<Self, EndpointError> {
        match text.parse() {
            Ok(port) => Ok(Self {
                host: "::".to_owned(),
                port: Some(port),
            }),
            Err(_) => text.parse(),
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || EndpointError {
            text: text.to_owned(),
        };
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(wrong)?;
                match port.strip_prefix(':') {
                    Some(port) => (host, Some(port)),
                    None if port.is_empty() => (host, None),
                    None => return Err(wrong()),
                }
            }
            // More than one colon: an IPv6 address that stands alone.
            None if text.matches(':').count() > 1 => (text, None),
            None => text
                .split_once(':')
                .map_or((text, None), |(host, port)| (host, Some(port))),
        };
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c == '/') {
            return Err(wrong());
        }
        let port = port.map(|port| port.parse().map_err(|_| wrong()));
        Ok(Self {
            host: host.to_owned(),
            port: port.transpose()?,
        })
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]")?;
        } else {
            f.write_str(host)?;
        }
        port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// A text that is no address.
#[derive(Debug, Error)]
#[error("`{text}` is no address; write HOST, HOST:PORT or [IPV6]:PORT")]
pub struct EndpointError {
    text: String,
}

/// Reads an identification code (SSIDCODE, SFIDORIG, SFIDDEST).
pub(super) fn code(text: &str) -> Result<String, String> {
    field(text, 25)
}

/// Reads a dataset name (SFIDDSN).
pub(super) fn dsn(text: &str) -> Result<String, String> {
    field(text, 26)
}

/// Reads user data (SSIDUSER, SFIDUSER).
pub(super) fn user_data(text: &str) -> Result<String, String> {
    field(text, 8)
}

/// Whether every character is allowed is for the protocol to say; here only what cannot be.
fn field(text: &str, longest: usize) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.len() > longest {
        return Err(format!(
            "it has {} characters, at most {longest} fit",
            text.len()
        ));
    }
    match text
        .chars()
        .find(|character| !matches!(character, ' '..='~'))
    {
        Some(wrong) => Err(format!("{wrong:?} is not allowed in it")),
        None => Ok(text.to_owned()),
    }
}

/// SFIDFMT on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// Fixed-length records
    #[value(name = "F", alias = "f")]
    Fixed,
    /// Records of various lengths
    #[value(name = "V", alias = "v")]
    Variable,
    /// Octets without structure
    #[value(name = "U", alias = "u")]
    Unstructured,
    /// Text: ASCII, lines that end with CR LF
    #[value(name = "T", alias = "t")]
    Text,
}

/// The format of the files to send.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Format")]
pub struct FormatArgs {
    /// Format of the files to send
    #[arg(long, value_name = "FORMAT", default_value = "U")]
    pub format: FormatArg,
    /// Length of F records; longest V record (else found by reading the file)
    #[arg(long, value_name = "OCTETS",
        value_parser = clap::value_parser!(u32).range(1..=99_999),
        required_if_eq("format", "F"))]
    pub record_length: Option<u32>,
    /// How V records lie in local files
    #[arg(long, value_name = "LAYOUT", default_value = "lf")]
    pub records: RecordLayout,
}

impl FormatArgs {
    /// The same for a [`Source`](crate::outbox::Source).
    #[must_use]
    pub fn format(&self) -> Format {
        let length = self.record_length.unwrap_or(0);
        match self.format {
            FormatArg::Fixed => Format::Fixed(length),
            FormatArg::Variable => Format::Variable(length),
            FormatArg::Unstructured => Format::Unstructured,
            FormatArg::Text => Format::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, host, port) in [
            ("example.org", "example.org", 3305),
            ("example.org:6000", "example.org", 6000),
            ("[::1]:6000", "::1", 6000),
            ("[::1]", "::1", 3305),
            ("::1", "::1", 3305),
        ] {
            let endpoint: Endpoint = text.parse().expect(text);
            assert_eq!((endpoint.host.as_str(), endpoint.port(false)), (host, port));
            assert_eq!(
                endpoint.to_string().parse::<Endpoint>().expect("again"),
                endpoint
            );
        }
        for wrong in [
            "", ":3305", "a:b", "a:70000", "[::1", "[::1]x", "http://a", "a b",
        ] {
            assert!(wrong.parse::<Endpoint>().is_err(), "{wrong}");
        }
        let unnamed: Endpoint = "example.org".parse().expect("address");
        assert_eq!(unnamed.port(true), 6619);
        assert_eq!(
            Endpoint::to_listen("4000").expect("port").to_string(),
            "[::]:4000"
        );
        assert_eq!(
            Endpoint::to_listen("127.0.0.1:1")
                .expect("both")
                .to_string(),
            "127.0.0.1:1"
        );
    }

    #[test]
    fn fields_have_limits() {
        assert!(code(&"O".repeat(25)).is_ok() && code(&"O".repeat(26)).is_err());
        assert!(dsn(&"A".repeat(26)).is_ok() && dsn("A\n").is_err() && dsn(" ").is_err());
        assert!(user_data("123456789").is_err());
    }
}
