//! Files in the journal: their rows, and the states that they go through (design chapter
//! "Delivery").
//!
//! ```text
//! out:  taking -> queued -> efid_sent -> sent -> done        EERP
//!                    |          |          '---> rejected    NERP
//!                    |          '-------> sent               SFNA 13: EFPA was lost
//!                    '-> failed                              SFNA, EFNA: a person decides
//!                    '-> cancelled
//! in:   receiving -> received -> delivered -> closed         RTR, or no response is wanted
//!           |            '-----> refused                     NERP: it counts as not received
//!           '-> (no row)                                     EFNA: it starts afresh
//! ```

mod change;
mod find;
mod row;

use std::fmt;
use std::str::FromStr;

pub use change::{
    NewFile, Stamping, change, drop_reception, drop_taking, enqueue, forget_far_retries,
    note_trouble, receive, update,
};
pub use find::{
    Filter, WaitingRow, by_identity, by_name, children, find, get, has_far_retries, history, late,
    open, sendable, waiting, waiting_partners,
};
pub use row::{Change, FileRow};

use super::JournalError;

/// The number of a file: its delivery id for hooks and hosts, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey(pub i64);

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which way a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// From a partner to us.
    In,
    /// From us to a partner.
    Out,
}

impl Way {
    /// As the journal and people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileState {
    /// Out: it is on its way from the outbox into the spool.
    Taking,
    /// Out: to be sent, for the first time or again.
    Queued,
    /// Out: all of it was sent, EFPA has not come. SFNA 13 now means that the partner has it.
    EfidSent,
    /// Out: the partner has it (EFPA); its end response has not come.
    Sent,
    /// Out: its destination has it (EERP), or none is expected.
    Done,
    /// Out: it did not reach its destination (NERP).
    Rejected,
    /// Out: the partner does not take it, or it cannot be sent: `resend` tries again.
    Failed,
    /// Out: a person took it back.
    Cancelled,
    /// In: the transfer runs, or was cut and can go on.
    Receiving,
    /// In: all of it is on the disk, and its partner may know that (EFPA).
    Received,
    /// In: it is in the inbox, or queued for the next station.
    Delivered,
    /// In: its end response is confirmed (RTR), or none is sent.
    Closed,
    /// In: it came whole and is not what it should be (NERP).
    Refused,
}

impl FileState {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Taking,
        Self::Queued,
        Self::EfidSent,
        Self::Sent,
        Self::Done,
        Self::Rejected,
        Self::Failed,
        Self::Cancelled,
        Self::Receiving,
        Self::Received,
        Self::Delivered,
        Self::Closed,
        Self::Refused,
    ];

    /// As the journal and people write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taking => "taking",
            Self::Queued => "queued",
            Self::EfidSent => "efid_sent",
            Self::Sent => "sent",
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Receiving => "receiving",
            Self::Received => "received",
            Self::Delivered => "delivered",
            Self::Closed => "closed",
            Self::Refused => "refused",
        }
    }

    /// Whether something is still to happen. What failed waits for a person, and is closed.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(
            self,
            Self::Done
                | Self::Rejected
                | Self::Failed
                | Self::Cancelled
                | Self::Closed
                | Self::Refused
        )
    }

    /// From where this state can be reached. A state can always be noted once more: what was done
    /// before a crash may be done again after it.
    #[must_use]
    pub const fn follows(self) -> &'static [Self] {
        match self {
            Self::Taking | Self::Receiving => &[],
            Self::Queued => &[Self::Taking, Self::EfidSent, Self::Failed],
            Self::EfidSent => &[Self::Queued],
            // R4: an end response may come though EFPA was lost, even to what was cut earlier.
            Self::Sent => &[Self::EfidSent],
            // What a person gave up may have arrived all the same.
            Self::Done | Self::Rejected => &[
                Self::Queued,
                Self::EfidSent,
                Self::Sent,
                Self::Failed,
                Self::Cancelled,
            ],
            Self::Failed => &[Self::Taking, Self::Queued, Self::EfidSent],
            Self::Cancelled => &[Self::Taking, Self::Queued, Self::EfidSent, Self::Failed],
            Self::Received => &[Self::Receiving],
            Self::Delivered => &[Self::Received],
            Self::Closed => &[Self::Delivered],
            Self::Refused => &[Self::Received, Self::Delivered],
        }
    }
}

impl FromStr for FileState {
    type Err = JournalError;

    fn from_str(name: &str) -> Result<Self, JournalError> {
        let mut all = Self::ALL.into_iter();
        all.find(|state| state.name() == name)
            .ok_or_else(|| JournalError::Content(format!("a file in state {name}")))
    }
}

impl fmt::Display for FileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
