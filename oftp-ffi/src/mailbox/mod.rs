//! A ready User Monitor on a connected socket: files to send, a place for what comes, policies.
//!
//! The User Monitor itself is that of `oftp_station`, for every language; this is what C needs
//! around it.
//!
//! ```text
//! config, partner                 what a mailbox is told
//! events, fail                    what it tells
//! send, source, expect            files to send
//! answers                         files that come, by callbacks
//! link, tls, tls_link             the connection
//! drive, tell, runner, run        the session: one step, one callback, the loop
//! ```

mod answers;
mod config;
mod drive;
mod events;
mod expect;
mod fail;
mod link;
mod object;
mod partner;
mod run;
mod runner;
mod send;
mod source;
mod tell;
mod tls;
mod tls_link;

use std::ffi::c_void;

use oftp_station::monitor::{MonitorConfig, keys};

pub use answers::*;
pub use config::oftp_mailbox_config;
pub(crate) use config::{choice, code, path};
pub use events::*;
pub use expect::*;
pub use partner::*;
pub use run::*;
pub use send::*;
pub use source::oftp_source;
pub use tls::oftp_tls;

use crate::guard::{check_out, guard, octets, read, set};
use crate::handle::{create, remove, with};
use crate::session::UserData;
use crate::status::{Outcome, oftp_status};
use object::Instance;

/// A mailbox: a ready User Monitor (RFC 5024 chapter 3) that keeps what is to be sent and what is
/// owed, over any number of sessions, one at a time. A handle is a token, not an address.
///
/// The order of things: `oftp_mailbox_new`, `oftp_mailbox_add_partner`, `oftp_mailbox_send_file`
/// and `oftp_mailbox_receive_into` as wanted; then for each connection `oftp_mailbox_call` or
/// `oftp_mailbox_answer`, and `oftp_run_fd`, or the non-blocking form with
/// `oftp_mailbox_attach_fd`. What a cut leaves unfinished goes on in the next session.
///
/// Work with keys is done on the calling thread: a signature or a decryption takes about a
/// millisecond (a whole handshake of TLS two or three), sealing and opening a file as long as its
/// octets take, some 10 ms per mebibyte where it is compressed. Files are sealed inside
/// `oftp_mailbox_send_*`, before a session; they are opened inside the session, after EFPA was
/// sent and before the turn is passed on.
///
/// The clock is CLOCK_MONOTONIC; certificates are checked by the time of day.
pub enum oftp_mailbox {}

/// Makes a mailbox.
///
/// \param out Receives the handle; free it with `oftp_mailbox_free`.
/// \param config What it is told. Copied. Keys are read now.
/// \param events Its callbacks; NULL: none. Copied: the structure may be on the stack.
/// \param user_data Passed last to every callback, and never looked at.
/// \return `OFTP_OK`; `OFTP_E_NULL`, `OFTP_E_STRUCT_SIZE`, `OFTP_E_VALUE`: a parameter is wrong;
/// `OFTP_E_KEY`: the keys cannot be read. On failure `*out` is not written, and the finalizer is
/// not called.
///
/// Thread safe. Allowed inside callbacks.
///
/// # Safety
/// Pointers are NULL or valid for what they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_new(
    out: *mut *mut oftp_mailbox,
    config: *const oftp_mailbox_config,
    events: *const oftp_mailbox_events,
    user_data: *mut c_void,
) -> oftp_status {
    guard(|| {
        check_out(out, "out")?;
        // SAFETY: by the caller.
        let instance = unsafe {
            let config = read(config)?;
            let events = if events.is_null() {
                oftp_mailbox_events::none()
            } else {
                read(events)?
            };
            let passphrase = (!config.passphrase.is_null())
                .then(|| crate::text::string(config.passphrase, "passphrase"))
                .transpose()?;
            let data = octets(config.own_keys_data, config.own_keys_len, "own_keys_data")?;
            let file = path(config.own_keys);
            let store = keys::load("own_keys", file.as_deref(), data, passphrase)?;
            let config = MonitorConfig {
                settings: config.settings()?,
                hide_unknown: choice(config.hide_unknown, "hide_unknown", false)?,
                no_legacy: choice(config.no_legacy, "no_legacy", false)?,
                own_keys: keys::own(&store)?,
                spool: path(config.spool),
            };
            Instance::new(config, events, UserData(user_data))?
        };
        let handle = create(instance)?;
        // SAFETY: checked above, and valid by the caller.
        unsafe { set(out, "out", handle) }?;
        Ok(0)
    })
}

/// Frees a mailbox, and calls its finalizer. A session that still runs is cut without a word to
/// the partner; the descriptor stays open and is the host's to close. Files that were not sent
/// are forgotten; what came into a folder stays there, with the responses that are owed for it.
/// Other responses (`oftp_mailbox_file_stored`, `oftp_mailbox_send_eerp`, `oftp_mailbox_send_nerp`)
/// that `response_sent` has not told are lost: a host keeps them until then, and gives them to its
/// next mailbox.
///
/// \param mailbox The mailbox; NULL does nothing.
/// \return `OFTP_OK`; `OFTP_E_BAD_HANDLE`; `OFTP_E_BUSY`: another thread is using it;
/// `OFTP_E_REENTERED`: inside a callback of this mailbox.
///
/// # Safety
/// None: a bad handle is an error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oftp_mailbox_free(mailbox: *mut oftp_mailbox) -> oftp_status {
    guard(|| {
        if mailbox.is_null() {
            return Ok(0);
        }
        let mut instance = remove::<Instance>(mailbox)?;
        instance.monitor.suspend();
        let (finalizer, user_data) = (instance.events.finalizer, instance.user_data.0);
        drop(instance);
        if let Some(finalizer) = finalizer {
            // SAFETY: by the contract of the header; called once, as the handle is gone.
            unsafe { finalizer(user_data) };
        }
        Ok(0)
    })
}

/// The body of a call on a mailbox.
fn on(mailbox: *const oftp_mailbox, body: impl FnOnce(&mut Instance) -> Outcome) -> oftp_status {
    guard(|| with::<Instance, _>(mailbox, body).map(|()| 0))
}
