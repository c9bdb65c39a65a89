//! The words of RFC 5024 9.5: what a transition puts out.

use std::fmt;

/// An output event, as the column "Output Events" of the transition tables prints it.
///
/// Display gives the usual printed form, `F_ABORT_IND(R,AO=L)`. Where the page prints it in
/// another way, the table says so in [`StateTable::misprints`](super::table::StateTable::misprints).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Output {
    /// The session has ended abnormally. Its reason is that of the ESID sent or received; where
    /// there is none, see ST-40.
    FAbortInd {
        /// The abort origin; the page leaves it out in some rows, which
        /// [`completion`](super::completion) fills in.
        ao: Option<Origin>,
    },
    /// The Initiator wants a session.
    FConnectInd,
    /// The session asked for is open.
    FConnectCf,
    /// The Speaker offers a file.
    FStartFileInd,
    /// The file may be sent.
    FStartFileCfPositive,
    /// The file is refused.
    FStartFileCfNegative,
    /// Data have come.
    FDataInd,
    /// The next F_DATA_RQ may come.
    FDataCf,
    /// The Speaker has ended the file.
    FCloseFileInd,
    /// The end of the file is accepted.
    FCloseFileCfPositive {
        /// Whether this side stays the Speaker.
        speaker: bool,
    },
    /// The end of the file is refused.
    FCloseFileCfNegative,
    /// The turn has come unasked.
    FCdInd,
    /// An End to End Response has come.
    FEerpInd,
    /// A Negative End Response has come.
    FNerpInd,
    /// The End Response has been taken.
    FRtrCf,
    /// The session has ended normally.
    FReleaseInd,
    /// Ask the network for a connection.
    NConRq,
    /// Accept the connection.
    NConRs,
    /// Cut the connection.
    NDiscRq,
    /// Send Start Session Ready Message.
    Ssrm,
    /// Send Start Session.
    Ssid,
    /// Send Start File.
    Sfid,
    /// Send Start File Positive Answer.
    Sfpa,
    /// Send Start File Negative Answer.
    Sfna,
    /// Send a Data Exchange Buffer.
    Data,
    /// Send Set Credit.
    Cdt,
    /// Send End File.
    Efid,
    /// Send End File Positive Answer.
    Efpa {
        /// Whether it asks for the turn.
        cd: bool,
    },
    /// Send End File Negative Answer.
    Efna,
    /// Send End Session with the printed reason code; `None`, printed `R`, is the reason that
    /// comes with the event: of F_RELEASE_RQ, or of the fault in an Invalid Buffer.
    Esid(Option<u8>),
    /// Send Change Direction.
    Cd,
    /// Send End to End Response.
    Eerp,
    /// Send Negative End Response.
    Nerp,
    /// Send Ready To Receive.
    Rtr,
    /// Send Security Change Direction.
    Secd,
    /// Send Authentication Challenge.
    Auch,
    /// Send Authentication Response.
    Aurp,
    /// Nothing goes out: the primitive is refused (9.2).
    UserError,
}

/// The abort origin (AO) of F_ABORT_IND (RFC 5024 3.4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// `L`: this entity.
    Local,
    /// `D`: the peer or the network.
    Distant,
}

/// The parameters of ESID and F_ABORT_IND as the page prints them, so that the tables read like it.
pub(super) const R: Option<u8> = None;
pub(super) const R00: Option<u8> = Some(0);
pub(super) const R01: Option<u8> = Some(1);
pub(super) const R02: Option<u8> = Some(2);
pub(super) const R07: Option<u8> = Some(7);
pub(super) const R09: Option<u8> = Some(9);
pub(super) const R10: Option<u8> = Some(10);
pub(super) const R11: Option<u8> = Some(11);
pub(super) const R12: Option<u8> = Some(12);
pub(super) const L: Option<Origin> = Some(Origin::Local);
pub(super) const D: Option<Origin> = Some(Origin::Distant);

/// Where an [`Output`] goes (the groups of RFC 5024 9.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sink {
    /// The User Monitor.
    User,
    /// The Network Service.
    Network,
    /// The peer: a command, that is one N_DATA_RQ (ST-33).
    Peer,
}

impl Output {
    /// The name without its parameters, as RFC 5024 9.5 lists it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FAbortInd { .. } => "F_ABORT_IND",
            Self::FConnectInd => "F_CONNECT_IND",
            Self::FConnectCf => "F_CONNECT_CF",
            Self::FStartFileInd => "F_START_FILE_IND",
            Self::FStartFileCfPositive => "F_START_FILE_CF(+)",
            Self::FStartFileCfNegative => "F_START_FILE_CF(-)",
            Self::FDataInd => "F_DATA_IND",
            Self::FDataCf => "F_DATA_CF",
            Self::FCloseFileInd => "F_CLOSE_FILE_IND",
            Self::FCloseFileCfPositive { .. } => "F_CLOSE_FILE_CF(+)",
            Self::FCloseFileCfNegative => "F_CLOSE_FILE_CF(-)",
            Self::FCdInd => "F_CD_IND",
            Self::FEerpInd => "F_EERP_IND",
            Self::FNerpInd => "F_NERP_IND",
            Self::FRtrCf => "F_RTR_CF",
            Self::FReleaseInd => "F_RELEASE_IND",
            Self::NConRq => "N_CON_RQ",
            Self::NConRs => "N_CON_RS",
            Self::NDiscRq => "N_DISC_RQ",
            Self::Ssrm => "SSRM",
            Self::Ssid => "SSID",
            Self::Sfid => "SFID",
            Self::Sfpa => "SFPA",
            Self::Sfna => "SFNA",
            Self::Data => "DATA",
            Self::Cdt => "CDT",
            Self::Efid => "EFID",
            Self::Efpa { .. } => "EFPA",
            Self::Efna => "EFNA",
            Self::Esid(_) => "ESID",
            Self::Cd => "CD",
            Self::Eerp => "EERP",
            Self::Nerp => "NERP",
            Self::Rtr => "RTR",
            Self::Secd => "SECD",
            Self::Auch => "AUCH",
            Self::Aurp => "AURP",
            Self::UserError => "User Error",
        }
    }

    /// Where it goes; `None` for [`Output::UserError`], which goes nowhere.
    #[must_use]
    pub fn sink(self) -> Option<Sink> {
        match self {
            Self::UserError => None,
            _ if self.name().starts_with("F_") => Some(Sink::User),
            _ if self.name().starts_with("N_") => Some(Sink::Network),
            _ => Some(Sink::Peer),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FAbortInd {
                ao: Some(Origin::Local),
            } => f.write_str("F_ABORT_IND(R,AO=L)"),
            Self::FAbortInd {
                ao: Some(Origin::Distant),
            } => f.write_str("F_ABORT_IND(R,AO=D)"),
            Self::FCloseFileCfPositive { speaker: true } => {
                f.write_str("F_CLOSE_FILE_CF(+,SP=Yes)")
            }
            Self::FCloseFileCfPositive { speaker: false } => {
                f.write_str("F_CLOSE_FILE_CF(+,SP=No)")
            }
            Self::Efpa { cd: true } => f.write_str("EFPA(CD-Req)"),
            Self::Efpa { cd: false } => f.write_str("EFPA(no CD)"),
            Self::Esid(Some(code)) => write!(f, "ESID(R={code:02})"),
            Self::Esid(None) => f.write_str("ESID(R)"),
            other => f.write_str(other.name()),
        }
    }
}
