//! Everything that a user of the command `oftp` may be told.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;

use super::PeerText;
use crate::identity::Identity;

/// Something that happened. With `--json` each is one line of JSON whose `event` names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Waiting for calls.
    Listening {
        /// The address waited on.
        address: SocketAddr,
    },
    /// The network connection stands.
    Connected {
        /// The other end.
        address: SocketAddr,
    },
    /// TLS protects the connection.
    Secured {
        /// Version and cipher suite.
        protocol: String,
        /// The certificate of the other end, if it has shown one.
        certificate: Option<String>,
    },
    /// The start phase is over (F_CONNECT_CF or F_CONNECT_IND, RFC 5024 section 3.2).
    SessionStarted(Negotiated),
    /// A file was offered to this side.
    FileOffered {
        /// The file.
        file: FileId,
        /// SFIDFSIZ in blocks of 1,024 octets.
        blocks: u64,
        /// SFIDDESC.
        description: PeerText,
    },
    /// A file is sent under a name, stamp or position that the user did not give.
    FilePrepared {
        /// The file.
        file: FileId,
        /// The local file.
        path: PathBuf,
        /// Whether a transfer that was cut goes on.
        resumes: bool,
    },
    /// Data begins to flow (SFPA).
    FileStarted {
        /// The file.
        file: FileId,
        /// Which way it goes.
        direction: Direction,
        /// Octets of the Virtual File that need not be sent again.
        resumed_at: u64,
        /// Octets of the whole Virtual File; an estimate where it is received.
        total: u64,
    },
    /// Data has flowed.
    FileProgress {
        /// The file.
        file: FileId,
        /// Which way it goes.
        direction: Direction,
        /// Octets so far, those before a restart included.
        octets: u64,
        /// Octets of the whole Virtual File; an estimate where it is received.
        total: u64,
    },
    /// A file has arrived at the other side, or at this one (EFPA).
    FileDone {
        /// The file.
        file: FileId,
        /// Which way it went.
        direction: Direction,
        /// Octets of the Virtual File (EFIDUCNT).
        octets: u64,
        /// Records of the Virtual File (EFIDRCNT).
        records: u64,
        /// Where it is stored, on the receiving side.
        path: Option<PathBuf>,
    },
    /// A file is put into its envelope, or taken out of it.
    EnvelopeProgress {
        /// The file.
        file: FileId,
        /// The local file.
        path: PathBuf,
        /// Out: into its envelope, to be sent. In: out of it.
        direction: Direction,
        /// Octets that are behind.
        octets: u64,
        /// All octets.
        total: u64,
    },
    /// An envelope is made (`oftp cms seal`).
    EnvelopeMade {
        /// The local file that is in it.
        path: PathBuf,
        /// Octets of the envelope.
        octets: u64,
        /// Its hash by the cipher suite, in hexadecimal.
        hash: String,
    },
    /// An envelope is opened (`oftp cms open`).
    EnvelopeOpened {
        /// The local file that it was.
        path: PathBuf,
        /// Its layers by their names in RFC 5652 and RFC 3274, from the outside.
        layers: Vec<String>,
        /// Octets of the content.
        octets: u64,
        /// Whose signatures hold.
        signed_by: Vec<String>,
    },
    /// An envelope that came is opened, and its content published.
    FileOpened {
        /// The file.
        file: FileId,
        /// Octets of the content.
        octets: u64,
        /// Records of an F or V file, else 0.
        records: u64,
        /// Where it is stored.
        path: PathBuf,
        /// Whether it was encrypted.
        encrypted: bool,
        /// Whether it was compressed.
        compressed: bool,
        /// Whose signatures hold.
        signed_by: Vec<String>,
    },
    /// A file was not begun (SFNA), or not taken after it was sent (EFNA).
    FileRefused {
        /// The file.
        file: FileId,
        /// Which way it should have gone.
        direction: Direction,
        /// `SFNA` or `EFNA`.
        command: &'static str,
        /// Why.
        reason: Reason,
        /// Whether it may be offered again.
        retry: bool,
    },
    /// A transfer was cut.
    FileSuspended {
        /// The file.
        file: FileId,
        /// Which way it went.
        direction: Direction,
        /// Octets kept for a restart.
        octets: u64,
    },
    /// An End to End Response, or a negative one.
    Response {
        /// `EERP` or `NERP`.
        command: &'static str,
        /// Which way it went.
        direction: Direction,
        /// The file it is for.
        file: FileId,
        /// Why it is negative.
        reason: Option<Reason>,
        /// Whose signature it bears: the partner's, if it holds, or our own.
        signed_by: Option<String>,
        /// Where a signed response that came is kept.
        receipt: Option<PathBuf>,
    },
    /// The other side departed from the letter in a way that is tolerated.
    QuirkUsed {
        /// The name of the quirk, as in `--quirks`.
        name: String,
    },
    /// A command or a step of the state tables (`--trace`).
    Trace {
        /// For example `9.10 K OPOP SFPA -> OPO`.
        line: String,
    },
    /// The user should know, but the work goes on.
    Warning {
        /// What, and what to do about it.
        text: String,
    },
    /// Something failed.
    Error {
        /// What, and what to do about it.
        text: String,
    },
    /// The session is over.
    SessionEnded {
        /// Who ended it.
        by: Side,
        /// Why (ESID); `None` where the connection was lost without a word.
        reason: Option<Reason>,
    },
}

/// What the two sides agreed on (SSID, RFC 5024 section 5.3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Negotiated {
    /// SSIDCODE of the other side.
    pub partner: PeerText,
    /// The release level, for example `2.0`.
    pub level: String,
    /// SSIDSDEB: octets of a Data Exchange Buffer.
    pub buffer: u32,
    /// SSIDCRED: Data Exchange Buffers before a CDT is due.
    pub credit: u16,
    /// SSIDCMPR.
    pub compression: bool,
    /// SSIDREST.
    pub restart: bool,
    /// SSIDAUTH.
    pub authentication: bool,
}

/// The identity of a file, fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct FileId {
    /// SFIDDSN.
    pub dsn: PeerText,
    /// SFIDDATE.
    pub date: PeerText,
    /// SFIDTIME.
    pub time: PeerText,
    /// SFIDORIG.
    pub originator: PeerText,
    /// SFIDDEST.
    pub destination: PeerText,
}

impl From<&Identity> for FileId {
    fn from(identity: &Identity) -> Self {
        let [date, time, dsn, originator, destination] = identity
            .fields()
            .map(|field| PeerText::new(field.as_octets()));
        Self {
            dsn,
            date,
            time,
            originator,
            destination,
        }
    }
}

/// A reason code with its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The code, two digits on the wire.
    pub code: u8,
    /// What it means in RFC 5024.
    pub meaning: String,
    /// What the other side added (REAST).
    pub text: PeerText,
}

/// Which way something goes, seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the other side.
    Out,
    /// From the other side.
    In,
}

/// One of the two stations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// This one.
    Local,
    /// The other one.
    Remote,
}
