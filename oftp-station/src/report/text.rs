//! Events as lines of text for people.

use std::fmt::{self, Display, Formatter};

use super::event::{Direction, Event, FileId, Negotiated, Reason, Side};

impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listening { address } => write!(f, "listening on {address}"),
            Self::Connected { address } => write!(f, "connected with {address}"),
            Self::Secured {
                protocol,
                certificate,
            } => {
                write!(f, "secured by {protocol}")?;
                certificate
                    .as_ref()
                    .map_or(Ok(()), |certificate| write!(f, ", with {certificate}"))
            }
            Self::SessionStarted(negotiated) => negotiated.fmt(f),
            Self::FileOffered {
                file,
                blocks,
                description,
            } => {
                write!(f, "{file} offered, {blocks} KiB")?;
                if description.is_empty() {
                    Ok(())
                } else {
                    write!(f, ": {description}")
                }
            }
            Self::FilePrepared {
                file,
                path,
                resumes,
            } => {
                let how = if *resumes { "resumed as" } else { "sent as" };
                write!(f, "{} is {how} {file}", path.display())
            }
            Self::FileStarted {
                file,
                resumed_at: 0,
                ..
            } => write!(f, "{file} started"),
            Self::FileStarted {
                file, resumed_at, ..
            } => {
                write!(f, "{file} resumed after {resumed_at} octets")
            }
            Self::FileProgress {
                file,
                octets,
                total,
                ..
            } => {
                write!(f, "{file}: {octets} of {total} octets")
            }
            Self::FileDone {
                file,
                direction,
                octets,
                records,
                path,
            } => {
                let done = match direction {
                    Direction::Out => "sent",
                    Direction::In => "received",
                };
                write!(f, "{file} {done}, {octets} octets")?;
                if *records > 0 {
                    write!(f, " in {records} records")?;
                }
                path.as_ref()
                    .map_or(Ok(()), |path| write!(f, ", stored as {}", path.display()))
            }
            Self::EnvelopeProgress {
                path,
                octets,
                total,
                ..
            } => {
                write!(f, "{}: {octets} of {total} octets", path.display())
            }
            Self::EnvelopeMade { path, octets, hash } => {
                write!(
                    f,
                    "{} secured, {octets} octets, hash {hash}",
                    path.display()
                )
            }
            Self::EnvelopeOpened {
                path,
                layers,
                octets,
                signed_by,
            } => {
                write!(f, "{} opened", path.display())?;
                for layer in layers {
                    write!(f, ", {layer}")?;
                }
                for signer in signed_by {
                    write!(f, ", signed by {signer}")?;
                }
                write!(f, "; {octets} octets")
            }
            Self::FileOpened {
                file,
                octets,
                path,
                encrypted,
                compressed,
                signed_by,
                ..
            } => {
                write!(f, "{file} opened")?;
                for (was, word) in [(encrypted, "decrypted"), (compressed, "decompressed")] {
                    if *was {
                        write!(f, ", {word}")?;
                    }
                }
                for signer in signed_by {
                    write!(f, ", signed by {signer}")?;
                }
                write!(f, "; {octets} octets, stored as {}", path.display())
            }
            Self::FileRefused {
                file,
                command,
                reason,
                retry,
                ..
            } => {
                let again = if *retry {
                    "may be sent again"
                } else {
                    "must not be sent again"
                };
                write!(f, "{file} refused, {again}: {command} {reason}")
            }
            Self::FileSuspended { file, octets, .. } => {
                write!(f, "{file} cut; {octets} octets are kept for a restart")
            }
            Self::Response {
                command,
                direction,
                file,
                reason,
                signed_by,
                receipt,
            } => {
                let done = match direction {
                    Direction::Out => "sent",
                    Direction::In => "received",
                };
                write!(f, "{command} {done} for {file}")?;
                if let Some(signer) = signed_by {
                    write!(f, ", signed by {signer}")?;
                }
                if let Some(receipt) = receipt {
                    write!(f, ", kept as {}", receipt.display())?;
                }
                reason
                    .as_ref()
                    .map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
            Self::QuirkUsed { name } => write!(f, "tolerated of the other side: {name}"),
            Self::Trace { line } => f.write_str(line),
            Self::Warning { text } => write!(f, "warning: {text}"),
            Self::Error { text } => write!(f, "error: {text}"),
            Self::SessionEnded { by, reason } => {
                let by = match by {
                    Side::Local => "this side",
                    Side::Remote => "the other side",
                };
                match reason {
                    Some(reason) => write!(f, "session ended by {by}: {reason}"),
                    None => write!(f, "connection closed by {by} without an end of session"),
                }
            }
        }
    }
}

impl Display for Negotiated {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            partner,
            level,
            buffer,
            credit,
            ..
        } = self;
        write!(
            f,
            "session with {partner}: level {level}, buffer {buffer}, credit {credit}"
        )?;
        for (agreed, what) in [
            (self.compression, "compression"),
            (self.restart, "restart"),
            (self.authentication, "secure authentication"),
        ] {
            if agreed {
                write!(f, ", {what}")?;
            }
        }
        Ok(())
    }
}

impl Display for FileId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}", self.dsn, self.date, self.time)
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:02} {}", self.code, self.meaning)?;
        if self.text.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.text)
        }
    }
}
