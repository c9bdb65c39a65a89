//! The numbers of events and states. They never change; new ones come behind.

use ::oftp_station::station::journal::event::Kind;
use ::oftp_station::station::journal::file::FileState;

/// What has happened (`oftp_station_event`).
#[repr(C)]
pub enum oftp_event {
    /// A file is being taken from an outbox.
    OFTP_EVENT_FILE_TAKING = 1,
    /// A file is queued to be sent.
    OFTP_EVENT_FILE_QUEUED = 2,
    /// All of a file was sent; EFPA is to come.
    OFTP_EVENT_FILE_EFID_SENT = 3,
    /// The partner has a file (EFPA).
    OFTP_EVENT_FILE_SENT = 4,
    /// A file has reached its destination (EERP).
    OFTP_EVENT_FILE_DONE = 5,
    /// A file did not reach its destination (NERP).
    OFTP_EVENT_FILE_REJECTED = 6,
    /// A file cannot be sent, or is not taken: a person is to decide.
    OFTP_EVENT_FILE_FAILED = 7,
    /// A person took a file back.
    OFTP_EVENT_FILE_CANCELLED = 8,
    /// The transfer of a file to us has begun.
    OFTP_EVENT_FILE_RECEIVING = 9,
    /// A file has come whole.
    OFTP_EVENT_FILE_RECEIVED = 10,
    /// A file is in the inbox, or queued for the next station.
    OFTP_EVENT_FILE_DELIVERED = 11,
    /// The end response of a file that came is confirmed.
    OFTP_EVENT_FILE_CLOSED = 12,
    /// A file came whole and is not what it should be (NERP).
    OFTP_EVENT_FILE_REFUSED = 13,
    /// A file that was offered is not taken (SFNA).
    OFTP_EVENT_FILE_TURNED_AWAY = 14,
    /// Something is wrong with a file, which stays where it is.
    OFTP_EVENT_FILE_TROUBLE = 15,
    /// A person has stopped a file, or lets it go on.
    OFTP_EVENT_FILE_HELD = 16,
    /// A file was queued anew: `as` is the number of the new one, `of` that of the old one.
    OFTP_EVENT_FILE_RESENT = 17,
    /// The end response of a file is overdue.
    OFTP_EVENT_RESPONSE_OVERDUE = 18,
    /// An end response came that proves nothing, or belongs to no file of ours.
    OFTP_EVENT_RESPONSE_DOUBTFUL = 19,
    /// A session is up.
    OFTP_EVENT_SESSION_STARTED = 20,
    /// A session, or the attempt at one, is over.
    OFTP_EVENT_SESSION_ENDED = 21,
    /// A partner cannot be reached, or refuses us, again and again.
    OFTP_EVENT_PARTNER_TROUBLE = 22,
    /// A partner is well again.
    OFTP_EVENT_PARTNER_WELL = 23,
    /// A person has stopped a partner, or lets it go on.
    OFTP_EVENT_PARTNER_HELD = 24,
    /// A hook failed.
    OFTP_EVENT_HOOK_FAILED = 25,
    /// The station has begun its work.
    OFTP_EVENT_STATION_STARTED = 26,
    /// The station has ended its work.
    OFTP_EVENT_STATION_STOPPED = 27,
    /// The configuration was read again, or could not be.
    OFTP_EVENT_CONFIG_RELOADED = 28,
    /// Something that people should know.
    OFTP_EVENT_ALARM = 29,
}

/// How far a file has come (`oftp_station_wait_file`).
#[repr(C)]
pub enum oftp_file_state {
    /// Out: it is on its way from the outbox into the spool.
    OFTP_STATE_TAKING = 1,
    /// Out: to be sent, for the first time or again.
    OFTP_STATE_QUEUED = 2,
    /// Out: all of it was sent, EFPA has not come. SFNA 13 now means that the partner has it.
    OFTP_STATE_EFID_SENT = 3,
    /// Out: the partner has it (EFPA); its end response has not come.
    OFTP_STATE_SENT = 4,
    /// Out: its destination has it (EERP), or none is expected.
    OFTP_STATE_DONE = 5,
    /// Out: it did not reach its destination (NERP).
    OFTP_STATE_REJECTED = 6,
    /// Out: the partner does not take it, or it cannot be sent: `resend` tries again.
    OFTP_STATE_FAILED = 7,
    /// Out: a person took it back.
    OFTP_STATE_CANCELLED = 8,
    /// In: the transfer runs, or was cut and can go on.
    OFTP_STATE_RECEIVING = 9,
    /// In: all of it is on the disk, and its partner may know that (EFPA).
    OFTP_STATE_RECEIVED = 10,
    /// In: it is in the inbox, or queued for the next station.
    OFTP_STATE_DELIVERED = 11,
    /// In: its end response is confirmed (RTR), or none is sent.
    OFTP_STATE_CLOSED = 12,
    /// In: it came whole and is not what it should be (NERP).
    OFTP_STATE_REFUSED = 13,
}

pub(super) const fn event_code(kind: Kind) -> i32 {
    use oftp_event as E;
    let code = match kind {
        Kind::FileTaking => E::OFTP_EVENT_FILE_TAKING,
        Kind::FileQueued => E::OFTP_EVENT_FILE_QUEUED,
        Kind::FileEfidSent => E::OFTP_EVENT_FILE_EFID_SENT,
        Kind::FileSent => E::OFTP_EVENT_FILE_SENT,
        Kind::FileDone => E::OFTP_EVENT_FILE_DONE,
        Kind::FileRejected => E::OFTP_EVENT_FILE_REJECTED,
        Kind::FileFailed => E::OFTP_EVENT_FILE_FAILED,
        Kind::FileCancelled => E::OFTP_EVENT_FILE_CANCELLED,
        Kind::FileReceiving => E::OFTP_EVENT_FILE_RECEIVING,
        Kind::FileReceived => E::OFTP_EVENT_FILE_RECEIVED,
        Kind::FileDelivered => E::OFTP_EVENT_FILE_DELIVERED,
        Kind::FileClosed => E::OFTP_EVENT_FILE_CLOSED,
        Kind::FileRefused => E::OFTP_EVENT_FILE_REFUSED,
        Kind::FileTurnedAway => E::OFTP_EVENT_FILE_TURNED_AWAY,
        Kind::FileTrouble => E::OFTP_EVENT_FILE_TROUBLE,
        Kind::FileHeld => E::OFTP_EVENT_FILE_HELD,
        Kind::FileResent => E::OFTP_EVENT_FILE_RESENT,
        Kind::ResponseOverdue => E::OFTP_EVENT_RESPONSE_OVERDUE,
        Kind::ResponseDoubtful => E::OFTP_EVENT_RESPONSE_DOUBTFUL,
        Kind::SessionStarted => E::OFTP_EVENT_SESSION_STARTED,
        Kind::SessionEnded => E::OFTP_EVENT_SESSION_ENDED,
        Kind::PartnerTrouble => E::OFTP_EVENT_PARTNER_TROUBLE,
        Kind::PartnerWell => E::OFTP_EVENT_PARTNER_WELL,
        Kind::PartnerHeld => E::OFTP_EVENT_PARTNER_HELD,
        Kind::HookFailed => E::OFTP_EVENT_HOOK_FAILED,
        Kind::StationStarted => E::OFTP_EVENT_STATION_STARTED,
        Kind::StationStopped => E::OFTP_EVENT_STATION_STOPPED,
        Kind::ConfigReloaded => E::OFTP_EVENT_CONFIG_RELOADED,
        Kind::Alarm => E::OFTP_EVENT_ALARM,
    };
    code as i32
}

pub(super) const fn state_code(state: FileState) -> i32 {
    use oftp_file_state as S;
    let code = match state {
        FileState::Taking => S::OFTP_STATE_TAKING,
        FileState::Queued => S::OFTP_STATE_QUEUED,
        FileState::EfidSent => S::OFTP_STATE_EFID_SENT,
        FileState::Sent => S::OFTP_STATE_SENT,
        FileState::Done => S::OFTP_STATE_DONE,
        FileState::Rejected => S::OFTP_STATE_REJECTED,
        FileState::Failed => S::OFTP_STATE_FAILED,
        FileState::Cancelled => S::OFTP_STATE_CANCELLED,
        FileState::Receiving => S::OFTP_STATE_RECEIVING,
        FileState::Received => S::OFTP_STATE_RECEIVED,
        FileState::Delivered => S::OFTP_STATE_DELIVERED,
        FileState::Closed => S::OFTP_STATE_CLOSED,
        FileState::Refused => S::OFTP_STATE_REFUSED,
    };
    code as i32
}

/// The state with this code.
pub(super) fn state_of(code: i32) -> Option<FileState> {
    let mut all = FileState::ALL.into_iter();
    all.find(|state| state_code(*state) == code)
}
