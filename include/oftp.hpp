/*
 * oftp.hpp - liboftp for C++17. Header only; it has no logic of its own, oftp.h is the reference.
 *
 * Licence: MIT or Apache-2.0.
 *
 * What it adds to oftp.h:
 *
 *   Session       owns an oftp_session; SessionRef does not own one: what a callback gets, and
 *                 what may be kept to answer later
 *   UserMonitor, NetworkService
 *                 oftp_user_monitor and oftp_network_service as virtual methods
 *   Mailbox       owns an oftp_mailbox; MailboxRef does not
 *   MailboxEvents, Source
 *                 oftp_mailbox_events and oftp_source as virtual methods
 *   Station       owns an oftp_station
 *   Keystore, Trust, Sealer, Opener, Hash, Octets
 *                 own the handles of the file services
 *   seal(), open(), response_sign_eerp(), challenge_seal() ...
 *                 the services that are one call
 *   Config, Connect, VirtualFile, EndResponse, Partner, SealPlan ...
 *                 the structures of these names, initialised
 *   bytes, span   views of octets and of record ends, as std::span of C++20
 *   Error         what a function throws that fails
 *
 * Every method has the name of its function in oftp.h without `oftp_` and its object, and does
 * what that one's text says; only what differs is said here. A status below 0 becomes an Error.
 * What owns a handle frees it at the end of its scope, and is movable, not copyable; capi() gives
 * the handle for whatever is not wrapped.
 *
 * Exceptions in callbacks. A method of a UserMonitor, NetworkService, MailboxEvents or Source may
 * throw, and so may what is told of progress. The exception does not touch the frames of the
 * library: it comes out of the call that called back (Session::dispatch(), Mailbox::run(),
 * Mailbox::ready(), seal() ...), with its type. A session lives on, as after OFTP_E_CALLBACK: what
 * the callback was told is not told again, and the answer to it is still owed. That of a mailbox
 * ends, and the mailbox lives on. pthread_exit and cancellation are no exceptions: they must not
 * end a thread inside a callback.
 *
 * Threads: as in oftp.h. Built with -fno-exceptions this header does not compile.
 */

#ifndef OFTP_HPP
#define OFTP_HPP

#include "oftp/base.hpp"
#include "oftp/mailbox.hpp"
#include "oftp/services.hpp"
#include "oftp/session.hpp"
#include "oftp/station.hpp"

#endif /* OFTP_HPP */
