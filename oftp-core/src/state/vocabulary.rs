//! The words of RFC 5024 9.3 and 9.4: the states of an entity and the events that reach it.

use std::fmt;

/// An enumeration whose variants carry the names that the RFC prints.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $type {
            $(#[doc = concat!("`", $name, "`: ")] $(#[$variant_doc])* $variant,)+
        }

        impl $type {
            /// Every one of them, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as printed in the tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

named! {
    /// A state of the entity (RFC 5024 9.3), in the order of the RFC.
    ///
    /// `UE` and the empty next state of 9.10 X and 9.11 E are not states (ST-25).
    State {
        /// Responder: connection accepted, SSRM sent; the SSID of the Initiator is awaited.
        ANcOnly = "A_NC_ONLY",
        /// Responder: SSID indicated; the F_CONNECT_RS of the User Monitor is awaited.
        AWfConrs = "A_WF_CONRS",
        /// As WF_CD, and an F_CD_RQ of the User Monitor is held.
        CdStWfCd = "CDSTWFCD",
        /// Listener: EFID indicated; F_CLOSE_FILE_RS is awaited.
        Clip = "CLIP",
        /// Speaker: EFID sent; EFPA or EFNA is awaited.
        Clop = "CLOP",
        /// As WF_CD, and an F_EERP_RQ is held.
        ErStWfCd = "ERSTWFCD",
        /// No connection.
        Idle = "IDLE",
        /// Listener with nothing in progress.
        IdleLi = "IDLELI",
        /// Listener that has just given the turn away on its user's F_CD_RQ; only here is
        /// ESID(00) the normal end.
        IdleLiCd = "IDLELICD",
        /// Speaker with nothing in progress.
        IdleSp = "IDLESP",
        /// Speaker that has just had an unsolicited CD: a normal release is allowed, F_CD_RQ not.
        IdleSpCd = "IDLESPCD",
        /// Initiator: N_CON_RQ issued; N_CON_CF is awaited.
        IWfNc = "I_WF_NC",
        /// Initiator: connected; SSRM is awaited.
        IWfRm = "I_WF_RM",
        /// Initiator: SSID sent; the SSID of the Responder is awaited.
        IWfSsid = "I_WF_SSID",
        /// As WF_CD, and an F_NERP_RQ is held.
        NrStWfCd = "NRSTWFCD",
        /// Listener: file open for input; DATA or EFID is awaited.
        Opi = "OPI",
        /// Listener: SFID indicated; F_START_FILE_RS is awaited.
        Opip = "OPIP",
        /// Speaker: file open for output, with credit in hand.
        Opo = "OPO",
        /// Speaker: SFID sent; SFPA or SFNA is awaited.
        Opop = "OPOP",
        /// Speaker: file open for output, credit used up; CDT is awaited.
        OpoWfc = "OPOWFC",
        /// Listener: EERP or NERP indicated; F_RTR_RS is awaited.
        Rtrp = "RTRP",
        /// As WF_CD, and an F_START_FILE_RQ is held.
        SfStWfCd = "SFSTWFCD",
        /// EFPA with a change direction request sent; CD is awaited. The User Monitor already
        /// takes itself for the Speaker.
        WfCd = "WF_CD",
        /// Speaker: EERP or NERP sent; RTR is awaited.
        WfRtr = "WF_RTR",
        /// ESID sent; N_DISC_IND is awaited.
        WfNdisc = "WF_NDISC",
        /// Secure authentication: SECD is awaited.
        WfSecd = "WF_SECD",
        /// Secure authentication: SECD sent; AUCH is awaited.
        WfAuch = "WF_AUCH",
        /// Secure authentication: AUCH sent; AURP is awaited.
        WfAurp = "WF_AURP",
    }
}

named! {
    /// An input event: a row of the state tables (RFC 5024 9.4).
    ///
    /// The rows are those of the tables, which name a few events differently from 9.4 (ST-45):
    /// one row for F_START_FILE_RS(+) and (-), two for F_RELEASE_RQ and for ESID. The row ESID of
    /// 9.8 stands for both rows of 9.12. N_DATA_IND is no row: it carries a command or is an
    /// Invalid Buffer (ST-33).
    Event {
        /// user: open a session.
        FConnectRq = "F_CONNECT_RQ",
        /// user: accept a session.
        FConnectRs = "F_CONNECT_RS",
        /// user: offer a file.
        FStartFileRq = "F_START_FILE_RQ",
        /// user: accept or refuse a file.
        FStartFileRs = "F_START_FILE_RS",
        /// user: send data.
        FDataRq = "F_DATA_RQ",
        /// user: end the file.
        FCloseFileRq = "F_CLOSE_FILE_RQ",
        /// user: accept or refuse the end of a file.
        FCloseFileRs = "F_CLOSE_FILE_RS",
        /// user: send an End to End Response.
        FEerpRq = "F_EERP_RQ",
        /// user: send a Negative End Response.
        FNerpRq = "F_NERP_RQ",
        /// user: ready for what follows an EERP or NERP.
        FRtrRs = "F_RTR_RS",
        /// user: give the turn away.
        FCdRq = "F_CD_RQ",
        /// user: F_RELEASE_RQ with reason normal.
        FRelRqOk = "F_REL_RQ(Ok)",
        /// user: F_RELEASE_RQ with any other reason.
        FRelRqErr = "F_REL_RQ(Err)",
        /// user: cut the connection.
        FAbortRq = "F_ABORT_RQ",
        /// network: a connection arrives.
        NConInd = "N_CON_IND",
        /// network: the connection asked for is there.
        NConCf = "N_CON_CF",
        /// network: the connection is gone, or could not be made.
        NDiscInd = "N_DISC_IND",
        /// network: the connection was reset.
        NRstInd = "N_RST_IND",
        /// peer: Start Session Ready Message.
        Ssrm = "SSRM",
        /// peer: Start Session.
        Ssid = "SSID",
        /// peer: Security Change Direction.
        Secd = "SECD",
        /// peer: Authentication Challenge.
        Auch = "AUCH",
        /// peer: Authentication Response.
        Aurp = "AURP",
        /// peer: Start File.
        Sfid = "SFID",
        /// peer: Start File Positive Answer.
        Sfpa = "SFPA",
        /// peer: Start File Negative Answer.
        Sfna = "SFNA",
        /// peer: Data Exchange Buffer.
        Data = "DATA",
        /// peer: Set Credit.
        Cdt = "CDT",
        /// peer: End File.
        Efid = "EFID",
        /// peer: End File Positive Answer.
        Efpa = "EFPA",
        /// peer: End File Negative Answer.
        Efna = "EFNA",
        /// peer: End Session with reason 00.
        EsidNormal = "ESID R=Normal",
        /// peer: End Session with any other reason.
        EsidError = "ESID R=Error",
        /// peer: Change Direction.
        Cd = "CD",
        /// peer: End to End Response.
        Eerp = "EERP",
        /// peer: Negative End Response.
        Nerp = "NERP",
        /// peer: Ready To Receive.
        Rtr = "RTR",
        /// internal: the inactivity timer has run out.
        TimeOut = "TIME-OUT",
        /// internal: an Exchange Buffer that cannot be decoded.
        InvalidBuffer = "Invalid Buffer",
    }
}

/// Who raises an [`Event`] (the groups of RFC 5024 9.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The User Monitor, with a primitive of chapter 3.
    User,
    /// The Network Service (2.2).
    Network,
    /// The peer, with a command of chapter 5 or what should have been one.
    Peer,
    /// The entity's own timer.
    Timer,
}

impl Event {
    /// Who raises it.
    #[must_use]
    pub const fn source(self) -> Source {
        match self {
            Self::FConnectRq
            | Self::FConnectRs
            | Self::FStartFileRq
            | Self::FStartFileRs
            | Self::FDataRq
            | Self::FCloseFileRq
            | Self::FCloseFileRs
            | Self::FEerpRq
            | Self::FNerpRq
            | Self::FRtrRs
            | Self::FCdRq
            | Self::FRelRqOk
            | Self::FRelRqErr
            | Self::FAbortRq => Source::User,
            Self::NConInd | Self::NConCf | Self::NDiscInd | Self::NRstInd => Source::Network,
            Self::TimeOut => Source::Timer,
            _ => Source::Peer,
        }
    }
}
