/*
 * oftp/mailbox.hpp - mailboxes and what they tell; a part of oftp.hpp.
 *
 * Licence: MIT or Apache-2.0.
 */

#ifndef OFTP_MAILBOX_HPP
#define OFTP_MAILBOX_HPP

#include "base.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace oftp {

/** What a mailbox is told before it begins. */
using MailboxConfig = Initialised<oftp_mailbox_config>;
/** Who a partner is, which files are taken from it, and its certificates. */
using Partner = Initialised<oftp_partner>;
/** TLS below a session. */
using Tls = Initialised<oftp_tls>;
/** How a session went. `text` is borrowed until the next one begins or the mailbox is freed. */
using Result = Initialised<oftp_result>;

/** A mailbox that somebody else owns: what a callback is given. All functions of a mailbox but
 *  those that run a session, the end, and send_source(). It is one token wide, to be copied; one
 *  that is used after the mailbox's end throws Error OFTP_E_BAD_HANDLE. */
class MailboxRef {
public:
    explicit MailboxRef(oftp_mailbox *handle) noexcept : handle_(handle) {}

    /** The handle, still owned by whom it was; NULL in a Mailbox that was moved from. */
    [[nodiscard]] oftp_mailbox *capi() const noexcept { return handle_; }

    void add_partner(const oftp_partner &partner) const {
        check(oftp_mailbox_add_partner(handle_, &partner));
    }
    /** \param folder An existing one; NULL: none any more. */
    void receive_into(const char *folder) const {
        check(oftp_mailbox_receive_into(handle_, folder));
    }

    // The role in the next session.

    void call(const char *partner) const { check(oftp_mailbox_call(handle_, partner)); }
    void answer() const { check(oftp_mailbox_answer(handle_)); }

    // Files to send. What is returned is their name in callbacks. A `partner` of NULL is the
    // file's destination, or the only one.

    std::uint64_t send_file(const char *partner, const oftp_virtual_file &file,
                            const char *path) const {
        std::uint64_t id = 0;
        check(oftp_mailbox_send_file(handle_, partner, &file, path, &id));
        return id;
    }
    std::uint64_t send_fd(const char *partner, const oftp_virtual_file &file, int fd) const {
        std::uint64_t id = 0;
        check(oftp_mailbox_send_fd(handle_, partner, &file, fd, &id));
        return id;
    }
    std::uint64_t send_memory(const char *partner, const oftp_virtual_file &file,
                              bytes octets) const {
        std::uint64_t id = 0;
        check(oftp_mailbox_send_memory(handle_, partner, &file, octets.data(), octets.size(),
                                       &id));
        return id;
    }

    /** The hash of what is transmitted of a file; empty where no signed response is asked for. */
    [[nodiscard]] std::vector<std::uint8_t> file_hash(std::uint64_t id) const {
        std::vector<std::uint8_t> hash(OFTP_HASH_MAX);
        std::size_t len = 0;
        check(oftp_mailbox_file_hash(handle_, id, hash.data(), hash.size(), &len));
        hash.resize(len);
        return hash;
    }
    /** A file that an earlier mailbox has sent: its response is known for one of ours. */
    std::uint64_t expect_response(const char *partner, const oftp_virtual_file &file,
                                  bytes hash = {}) const {
        std::uint64_t id = 0;
        check(oftp_mailbox_expect_response(handle_, partner, &file, hash.data(), hash.size(), &id));
        return id;
    }

    /** A file is not to be sent any more, or its response is not waited for. */
    void forget(std::uint64_t id) const { check(oftp_mailbox_forget(handle_, id)); }

    // Answers to file_offered and file_complete, and responses that were left for later.

    void accept_file(std::uint64_t position = 0, std::uint64_t octets = 0) const {
        check(oftp_mailbox_accept_file(handle_, position, octets));
    }
    void refuse_file(std::int32_t reason, std::int32_t retry_later = OFTP_DEFAULT,
                     const char *text = nullptr) const {
        check(oftp_mailbox_refuse_file(handle_, reason, retry_later, text));
    }
    void file_stored(std::int32_t reply = OFTP_REPLY_EERP, std::int32_t reason = 0,
                     const char *text = nullptr) const {
        check(oftp_mailbox_file_stored(handle_, reply, reason, text));
    }
    void file_not_stored(std::int32_t reason, const char *text = nullptr) const {
        check(oftp_mailbox_file_not_stored(handle_, reason, text));
    }
    void send_eerp(const char *partner, const oftp_end_response &response) const {
        check(oftp_mailbox_send_eerp(handle_, partner, &response));
    }
    void send_nerp(const char *partner, const oftp_end_response &response) const {
        check(oftp_mailbox_send_nerp(handle_, partner, &response));
    }

    // The session that runs, or was the last.

    void release(std::int32_t reason, const char *text = nullptr) const {
        check(oftp_mailbox_release(handle_, reason, text));
    }
    [[nodiscard]] Result result() const {
        Result result;
        check(oftp_mailbox_result(handle_, &result));
        return result;
    }

protected:
    oftp_mailbox *handle_;
};

/** The members of oftp_mailbox_events but the finalizer, as OFTP_HPP_MEMBERS of session.hpp. */
#define OFTP_HPP_EVENTS(X)                                                                        \
    X(up, (oftp_mailbox * m, const char *p, const oftp_agreed *a, void *u),                       \
      (MailboxRef, std::string_view, const oftp_agreed &), (MailboxRef(m), p, *a))                \
    X(file_offered, (oftp_mailbox * m, const oftp_virtual_file *f, void *u),                      \
      (MailboxRef, const oftp_virtual_file &), (MailboxRef(m), *f))                               \
    X(data, (oftp_mailbox * m, const oftp_data *d, void *u),                                      \
      (MailboxRef, bytes, span<const std::size_t>),                                               \
      (MailboxRef(m), bytes(d->octets, d->len),                                                   \
       span<const std::size_t>(d->record_ends, d->record_count)))                                 \
    X(file_complete, (oftp_mailbox * m, const oftp_virtual_file *f, void *u),                     \
      (MailboxRef, const oftp_virtual_file &), (MailboxRef(m), *f))                               \
    X(file_received, (oftp_mailbox * m, const oftp_virtual_file *f, const char *p, void *u),      \
      (MailboxRef, const oftp_virtual_file &, const char *), (MailboxRef(m), *f, p))              \
    X(file_turned_away,                                                                           \
      (oftp_mailbox * m, const oftp_virtual_file *f, const char *a, std::int32_t r,               \
       const char *t, void *u),                                                                   \
      (MailboxRef, const oftp_virtual_file &, std::string_view, std::int32_t, std::string_view),  \
      (MailboxRef(m), *f, a, r, t))                                                               \
    X(file_sent, (oftp_mailbox * m, std::uint64_t i, void *u), (MailboxRef, std::uint64_t),       \
      (MailboxRef(m), i))                                                                         \
    X(file_refused,                                                                               \
      (oftp_mailbox * m, std::uint64_t i, const char *a, std::int32_t r, std::int32_t l,          \
       const char *t, void *u),                                                                   \
      (MailboxRef, std::uint64_t, std::string_view, std::int32_t, bool, std::string_view),        \
      (MailboxRef(m), i, a, r, l != 0, t))                                                        \
    X(response_received,                                                                          \
      (oftp_mailbox * m, std::uint64_t i, const oftp_end_response *r, std::int32_t n,             \
       std::int32_t p, const char *t, void *u),                                                   \
      (MailboxRef, std::uint64_t, const oftp_end_response &, bool, std::int32_t,                  \
       std::string_view),                                                                         \
      (MailboxRef(m), i, *r, n != 0, p, t))                                                       \
    X(response_sent, (oftp_mailbox * m, const oftp_end_response *r, std::int32_t n, void *u),     \
      (MailboxRef, const oftp_end_response &, bool), (MailboxRef(m), *r, n != 0))                 \
    X(ended, (oftp_mailbox * m, const oftp_result *r, void *u),                                   \
      (MailboxRef, const oftp_result &), (MailboxRef(m), *r))                                     \
    X(warning, (oftp_mailbox * m, const char *t, void *u), (MailboxRef, std::string_view),        \
      (MailboxRef(m), t))                                                                         \
    X(quirk, (oftp_mailbox * m, const char *q, const char *c, void *u),                           \
      (MailboxRef, std::string_view, std::string_view), (MailboxRef(m), q, c))                    \
    X(trace, (oftp_mailbox * m, const oftp_trace *t, void *u), (MailboxRef, const oftp_trace &),  \
      (MailboxRef(m), *t))

/** What a mailbox tells: derive from it and override what you want to know.
 *
 *  As with a UserMonitor, a method that your class overrides is a member of oftp_mailbox_events
 *  that is set, which is seen at compile time in the type that the mailbox is made with. A method
 *  returns OFTP_OK; or OFTP_PASSTHROUGH, as all of these do, for what is done where it is not set;
 *  or throws, which ends the session. */
class MailboxEvents {
public:
    MailboxEvents() = default;
    MailboxEvents(const MailboxEvents &) = default;
    MailboxEvents &operator=(const MailboxEvents &) = default;
    virtual ~MailboxEvents() = default;

    /** Methods of a MailboxEvents: what of it is set. */
    using Members = std::uint32_t;

    /** The session is up, with this partner. */
    virtual oftp_status up(MailboxRef, std::string_view /*partner*/, const oftp_agreed &) {
        return OFTP_PASSTHROUGH;
    }
    /** A file is offered. Answer by accept_file() or refuse_file(), or pass it to the folder. */
    virtual oftp_status file_offered(MailboxRef, const oftp_virtual_file &) {
        return OFTP_PASSTHROUGH;
    }
    /** Octets of the file that was accepted by accept_file(), and where records end in them, as
     *  offsets behind their last octet. Must be overridden to accept files. */
    virtual oftp_status data(MailboxRef, bytes, span<const std::size_t>) {
        return OFTP_PASSTHROUGH;
    }
    /** All of that file is here. Answer by file_stored() or file_not_stored(). */
    virtual oftp_status file_complete(MailboxRef, const oftp_virtual_file &) {
        return OFTP_PASSTHROUGH;
    }
    /** A file lies in the folder under this path, and is answered. */
    virtual oftp_status file_received(MailboxRef, const oftp_virtual_file &,
                                      const char * /*path*/) {
        return OFTP_PASSTHROUGH;
    }
    /** A file of the partner came to nothing: what it was told, why, and words. */
    virtual oftp_status file_turned_away(MailboxRef, const oftp_virtual_file &,
                                         std::string_view /*answer*/, std::int32_t /*reason*/,
                                         std::string_view /*text*/) {
        return OFTP_PASSTHROUGH;
    }
    /** The partner has stored a file of ours. */
    virtual oftp_status file_sent(MailboxRef, std::uint64_t /*id*/) { return OFTP_PASSTHROUGH; }
    /** A file of ours was not taken. */
    virtual oftp_status file_refused(MailboxRef, std::uint64_t /*id*/, std::string_view /*answer*/,
                                     std::int32_t /*reason*/, bool /*retry_later*/,
                                     std::string_view /*text*/) {
        return OFTP_PASSTHROUGH;
    }
    /** An EERP or NERP came; what it is worth, an oftp_proof. */
    virtual oftp_status response_received(MailboxRef, std::uint64_t /*id*/,
                                          const oftp_end_response &, bool /*negative*/,
                                          std::int32_t /*proof*/, std::string_view /*text*/) {
        return OFTP_PASSTHROUGH;
    }
    /** The partner has taken a response of ours. */
    virtual oftp_status response_sent(MailboxRef, const oftp_end_response &, bool /*negative*/) {
        return OFTP_PASSTHROUGH;
    }
    /** The session has ended. */
    virtual oftp_status ended(MailboxRef, const oftp_result &) { return OFTP_PASSTHROUGH; }
    /** Something is not as it was asked for, or a fault of this side. */
    virtual oftp_status warning(MailboxRef, std::string_view /*text*/) { return OFTP_PASSTHROUGH; }
    /** A quirk of this name took what the partner sent in this command. */
    virtual oftp_status quirk(MailboxRef, std::string_view, std::string_view /*command*/) {
        return OFTP_PASSTHROUGH;
    }
    /** Every command and every row of the state tables. It costs time. */
    virtual oftp_status trace(MailboxRef, const oftp_trace &) { return OFTP_PASSTHROUGH; }
};

/** Octets of a file to send (oftp_source). */
class Source {
public:
    Source() = default;
    Source(const Source &) = default;
    Source &operator=(const Source &) = default;
    virtual ~Source() = default;

    /** How many octets there are. Asked once, by send_source(). */
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /** Reads octets from `offset` on into `room`; the same ones may be read again. It may not use
     *  the mailbox. What it throws comes out of send_source() if that reads; in a session it ends
     *  the session, as a read error does, and comes out of run() or ready().
     *  \return How many, at least 1. */
    virtual std::size_t read_at(span<std::uint8_t> room, std::uint64_t offset) = 0;
};

namespace detail {

/** The user_data of a mailbox's callbacks. */
struct MailboxHost {
    std::shared_ptr<MailboxEvents> events = {};
    /** What a callback threw first, on its way to the call that called back. */
    std::exception_ptr thrown = {};
    /** ready() has thrown in the place of telling that the session has ended. */
    bool ended = false;
    /** The Mailbox was destroyed inside a callback: the call that called back frees the handle. */
    bool abandoned = false;

    static MailboxHost &of(void *user_data) noexcept {
        return *static_cast<MailboxHost *>(user_data);
    }
    static void finalizer(void *user_data) { delete static_cast<MailboxHost *>(user_data); }

    void keep_thrown() noexcept {
        if (!thrown) {
            thrown = std::current_exception();
        }
    }
    /** Calls back, and lets no exception into the frames of the library. */
    template <class Body>
    auto calling(Body body) noexcept -> decltype(body()) {
        try {
            return body();
        } catch (...) {
            keep_thrown();
            return OFTP_E_CALLBACK;
        }
    }
};

/** The user_data of a source. */
struct Reader {
    std::shared_ptr<Source> source;
    MailboxHost *host;

    static std::ptrdiff_t read_at(std::uint8_t *octets, std::size_t len, std::uint64_t offset,
                                  void *user_data) noexcept {
        Reader &reader = *static_cast<Reader *>(user_data);
        return reader.host->calling([&] {
            const span<std::uint8_t> room(octets, len);
            return static_cast<std::ptrdiff_t>(reader.source->read_at(room, offset));
        });
    }
    static void finalizer(void *user_data) { delete static_cast<Reader *>(user_data); }
};

/** For each event what session.hpp has for each member of a UserMonitor. */
namespace events {

enum class Member : unsigned {
#define OFTP_HPP_X(member, c_parameters, parameters, arguments) member,
    OFTP_HPP_EVENTS(OFTP_HPP_X)
#undef OFTP_HPP_X
        count
};
static_assert(sizeof(oftp_mailbox_events) ==
                  sizeof(std::size_t) +
                      (static_cast<std::size_t>(Member::count) + 1) * sizeof(void (*)()),
              "OFTP_HPP_EVENTS lacks a member of oftp_mailbox_events");

#define OFTP_HPP_X(member, c_parameters, parameters, arguments)                                   \
    template <class E, class = void>                                                              \
    struct overrides_##member : std::true_type {};                                                \
    template <class E>                                                                            \
    struct overrides_##member<                                                                    \
        E, std::enable_if_t<                                                                      \
               std::is_same_v<decltype(&E::member), oftp_status(MailboxEvents::*) parameters>>>   \
        : std::false_type {};                                                                     \
    inline std::int32_t call_##member c_parameters noexcept {                                     \
        MailboxHost &host = MailboxHost::of(u);                                                   \
        return host.calling([&] { return host.events->member arguments; });                       \
    }
OFTP_HPP_EVENTS(OFTP_HPP_X)
#undef OFTP_HPP_X

} // namespace events
} // namespace detail

/** What of a MailboxEvents class is set: the methods that it, or a base of it, overrides. */
template <class Events>
[[nodiscard]] constexpr MailboxEvents::Members events_of() noexcept {
    static_assert(std::is_base_of_v<MailboxEvents, Events>, "derive it from oftp::MailboxEvents");
    MailboxEvents::Members members = 0;
#define OFTP_HPP_X(member, c_parameters, parameters, arguments)                                   \
    if (detail::events::overrides_##member<Events>::value) {                                      \
        members |= MailboxEvents::Members{1}                                                      \
                   << static_cast<unsigned>(detail::events::Member::member);                      \
    }
    OFTP_HPP_EVENTS(OFTP_HPP_X)
#undef OFTP_HPP_X
    return members;
}

/** A mailbox and its owner (oftp_mailbox_new, oftp_mailbox_free). Its events are given by their
 *  own type, as a Session's monitor is:
 *
 *      Log log;                                                  // outlives the mailbox
 *      oftp::Mailbox mailbox(log, config);
 *      oftp::Mailbox mailbox(std::make_unique<Log>(), config);   // the mailbox owns it
 *      oftp::Mailbox mailbox(config);                            // nobody is told
 *
 *  A Mailbox that is destroyed inside one of its own callbacks ends when the call that called back
 *  returns. It must not be destroyed while another thread uses it. */
class Mailbox : public MailboxRef {
public:
    explicit Mailbox(const oftp_mailbox_config &config)
        : Mailbox(std::shared_ptr<MailboxEvents>(), 0, config) {}

    /** A mailbox whose events outlive it.
     *  \throws Error as oftp_mailbox_new says. */
    template <class Events,
              class = std::enable_if_t<std::is_base_of_v<MailboxEvents, Events>>>
    Mailbox(Events &events, const oftp_mailbox_config &config)
        : Mailbox(detail::unowned(&events), config) {}

    /** A mailbox that owns its events. */
    template <class Events>
    Mailbox(std::shared_ptr<Events> events, const oftp_mailbox_config &config)
        : Mailbox(events, events_of<Events>(), config) {
        static_assert(!std::is_same_v<Events, MailboxEvents>,
                      "give the events by their own type, or say what is set by events_of()");
    }
    template <class Events>
    Mailbox(std::unique_ptr<Events> events, const oftp_mailbox_config &config)
        : Mailbox(std::shared_ptr<Events>(std::move(events)), config) {}

    /** A mailbox with events whose own type is not known here.
     *  \param members What of it is set: events_of<its own type>(). */
    Mailbox(std::shared_ptr<MailboxEvents> events, MailboxEvents::Members members,
            const oftp_mailbox_config &config)
        : MailboxRef(nullptr), host_(nullptr) {
        auto host = std::make_unique<detail::MailboxHost>();
        host->events = std::move(events);
        Initialised<oftp_mailbox_events> table;
        table.finalizer = &detail::MailboxHost::finalizer;
#define OFTP_HPP_X(member, c_parameters, parameters, arguments)                                   \
    if (host->events &&                                                                           \
        (members >> static_cast<unsigned>(detail::events::Member::member) & 1) != 0) {            \
        table.member = &detail::events::call_##member;                                            \
    }
        OFTP_HPP_EVENTS(OFTP_HPP_X)
#undef OFTP_HPP_X
        check(oftp_mailbox_new(&handle_, &config, &table, host.get()));
        host_ = host.release();
    }

    Mailbox(Mailbox &&other) noexcept
        : MailboxRef(std::exchange(other.handle_, nullptr)),
          host_(std::exchange(other.host_, nullptr)) {}
    Mailbox &operator=(Mailbox &&other) noexcept {
        Mailbox moved(std::move(other));
        std::swap(handle_, moved.handle_);
        std::swap(host_, moved.host_);
        return *this;
    }
    Mailbox(const Mailbox &) = delete;
    Mailbox &operator=(const Mailbox &) = delete;
    ~Mailbox() {
        if (oftp_mailbox_free(handle_) == OFTP_E_REENTERED) {
            host_->abandoned = true;
        }
    }

    /** Runs one session on a connected socket until it has ended: oftp_run_fd.
     *  \throws What a callback threw first, with its type; Error as oftp_run_fd says. How the
     *  session went tells result(), in that case too. */
    Result run(int fd, const oftp_tls *tls = nullptr) {
        Result result;
        call_back([&](oftp_mailbox *handle) { return oftp_run_fd(handle, fd, tls, &result); });
        return result;
    }
    Result run(int fd, const oftp_tls &tls) { return run(fd, &tls); }

    /** The same for an event loop: oftp_mailbox_attach_fd. */
    void attach(int fd, const oftp_tls *tls = nullptr) {
        call_back([&](oftp_mailbox *handle) { return oftp_mailbox_attach_fd(handle, fd, tls); });
        host_->ended = false;
    }
    void attach(int fd, const oftp_tls &tls) { attach(fd, &tls); }
    /** What a session waits for, as poll(2) takes it. */
    struct PollSet {
        short events = 0;
        int timeout_ms = 0;
    };
    [[nodiscard]] PollSet poll_set() const {
        PollSet set;
        check(oftp_mailbox_poll_set(handle_, &set.events, &set.timeout_ms));
        return set;
    }
    /** Goes on with the session.
     *  \return Whether it has ended.
     *  \throws What a callback threw first, with its type; Error as oftp_mailbox_ready says. The
     *  session is then being ended: call it again until it returns true. */
    bool ready() {
        if (host_ != nullptr && std::exchange(host_->ended, false)) {
            return true;
        }
        return call_back([](oftp_mailbox *handle) { return oftp_mailbox_ready(handle); }) != 0;
    }

    /** Queues octets that `source` reads, and keeps it as long as it is needed.
     *  \return The name of the file in callbacks.
     *  \throws What read_at() or size() threw; Error as oftp_mailbox_send_source says. */
    std::uint64_t send_source(const char *partner, const oftp_virtual_file &file,
                              std::shared_ptr<Source> source) {
        auto reader = std::make_unique<detail::Reader>();
        Initialised<oftp_source> table;
        if (source) { // else there is no read_at, which is an error of oftp_mailbox_send_source
            table.size = source->size();
            table.read_at = &detail::Reader::read_at;
        }
        table.finalizer = &detail::Reader::finalizer;
        table.user_data = reader.get();
        reader->source = std::move(source);
        reader->host = host_;
        std::uint64_t id = 0;
        call_back([&](oftp_mailbox *handle) {
            const oftp_status status =
                oftp_mailbox_send_source(handle, partner, &file, &table, &id);
            if (status >= 0) {
                (void)reader.release(); // its finalizer frees it
            }
            return status;
        });
        return id;
    }

private:
    /** A call that may call back: what was thrown in it comes out of it. */
    template <class Call>
    oftp_status call_back(Call call) {
        // A callback may destroy or move *this, and there may be a call around this one.
        oftp_mailbox *const handle = handle_;
        detail::MailboxHost *const host = host_;
        std::exception_ptr error;
        if (host != nullptr) {
            error = std::exchange(host->thrown, nullptr);
        }
        const oftp_status status = call(handle);
        std::exception_ptr failure;
        if (host != nullptr) {
            failure = std::exchange(host->thrown, error);
        }
        if (status < 0 && !failure) {
            failure = std::make_exception_ptr(Error(status, oftp_last_error()));
        }
        if (host != nullptr) {
            host->ended = host->ended || (failure && status == 1);
            if (host->abandoned) {
                oftp_mailbox_free(handle); // OFTP_E_REENTERED where there is a call around
            }
        }
        if (failure) {
            std::rethrow_exception(failure);
        }
        return status;
    }

    /** Freed by the finalizer. */
    detail::MailboxHost *host_;
};

#undef OFTP_HPP_EVENTS

} // namespace oftp

#endif /* OFTP_MAILBOX_HPP */
