/*
 * oftp/session.hpp - sessions and their User Monitor; a part of oftp.hpp.
 *
 * Licence: MIT or Apache-2.0.
 */

#ifndef OFTP_SESSION_HPP
#define OFTP_SESSION_HPP

#include "base.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace oftp {

/** What a session waits for: a sum of oftp_want. */
class Wants {
public:
    constexpr explicit Wants(std::int32_t sum) noexcept : sum_(sum) {}

    /** Open a connection, then call n_con_cf() or n_rst_ind(). Set until then. */
    [[nodiscard]] constexpr bool connect() const noexcept { return has(OFTP_WANT_CONNECT); }
    /** Read octets of the partner, and only then. */
    [[nodiscard]] constexpr bool read() const noexcept { return has(OFTP_WANT_READ); }
    /** Octets are to be sent: pending(), sent(), then dispatch() again. */
    [[nodiscard]] constexpr bool write() const noexcept { return has(OFTP_WANT_WRITE); }
    /** Close the connection once all octets are sent. */
    [[nodiscard]] constexpr bool close() const noexcept { return has(OFTP_WANT_CLOSE); }
    /** dispatch() has something to do. */
    [[nodiscard]] constexpr bool dispatch() const noexcept { return has(OFTP_WANT_DISPATCH); }
    /** The sum as oftp.h has it. */
    [[nodiscard]] constexpr std::int32_t sum() const noexcept { return sum_; }

private:
    [[nodiscard]] constexpr bool has(oftp_want want) const noexcept {
        return (sum_ & static_cast<std::int32_t>(want)) != 0;
    }

    std::int32_t sum_;
};

// ---------------------------------------------------------------------------------------------
// Sessions

/** A session that somebody else owns: what a callback is given. All functions of a session but
 *  dispatch() and the end, which callbacks must not call. It is one token wide, to be copied; one
 *  that is used after the session's end throws Error OFTP_E_BAD_HANDLE. */
class SessionRef {
public:
    /** Clock of tick() and deadline(). */
    using clock = std::chrono::steady_clock;

    explicit SessionRef(oftp_session *handle) noexcept : handle_(handle) {}

    /** The handle, still owned by whom it was; NULL in a Session that was moved from. */
    [[nodiscard]] oftp_session *capi() const noexcept { return handle_; }

    // The network service (RFC 5024 chapter 2).

    void n_con_ind(const char *called = nullptr, const char *calling = nullptr) const {
        check(oftp_n_con_ind(handle_, called, calling));
    }
    void n_con_cf() const { check(oftp_n_con_cf(handle_)); }
    void n_data_ind(bytes octets) const {
        check(oftp_n_data_ind(handle_, octets.data(), octets.size()));
    }
    /** Room to read octets of the network into; then call received(). */
    [[nodiscard]] span<std::uint8_t> receive_space() const {
        std::uint8_t *space = nullptr;
        std::size_t room = 0;
        check(oftp_receive_space(handle_, &space, &room));
        return {space, room};
    }
    void received(std::size_t octets) const { check(oftp_received(handle_, octets)); }
    void n_disc_ind() const { check(oftp_n_disc_ind(handle_)); }
    void n_rst_ind() const { check(oftp_n_rst_ind(handle_)); }
    /** The octets to be sent next, borrowed until the next call on this session. */
    [[nodiscard]] bytes pending() const {
        const std::uint8_t *octets = nullptr;
        std::size_t len = 0;
        check(oftp_pending(handle_, &octets, &len));
        return {octets, len};
    }
    void sent(std::size_t octets) const { check(oftp_sent(handle_, octets)); }

    // Time and state.

    [[nodiscard]] Wants wants() const { return Wants(check(oftp_wants(handle_))); }
    void tick(clock::time_point now = clock::now()) const {
        using std::chrono::milliseconds;
        const auto ms = std::chrono::duration_cast<milliseconds>(now.time_since_epoch());
        check(oftp_tick(handle_, static_cast<std::uint64_t>(ms.count())));
    }
    /** When tick() is due without any input; nothing: never. */
    [[nodiscard]] std::optional<clock::time_point> deadline() const {
        std::uint64_t ms = 0;
        check(oftp_deadline(handle_, &ms));
        if (ms == UINT64_MAX) {
            return std::nullopt;
        }
        return clock::time_point(std::chrono::milliseconds(ms));
    }
    /** The state by its name in RFC 5024 chapter 9; a static string. */
    [[nodiscard]] const char *state() const {
        const char *name = nullptr;
        check(oftp_state(handle_, &name));
        return name;
    }
    [[nodiscard]] oftp_agreed agreement() const {
        Initialised<oftp_agreed> agreed;
        check(oftp_agreement(handle_, &agreed));
        return agreed;
    }

    // The service primitives (RFC 5024 chapter 3).

    void connect_rq(const oftp_connect &connect) const {
        check(oftp_connect_rq(handle_, &connect));
    }
    void connect_rs(const oftp_connect &connect) const {
        check(oftp_connect_rs(handle_, &connect, nullptr));
    }
    void connect_rs(const oftp_connect &connect, const oftp_config &config) const {
        check(oftp_connect_rs(handle_, &connect, &config));
    }
    void start_file_rq(const oftp_virtual_file &file) const {
        check(oftp_start_file_rq(handle_, &file));
    }
    void start_file_rs(std::uint64_t position = 0, std::uint64_t octets = 0) const {
        check(oftp_start_file_rs(handle_, position, octets));
    }
    void start_file_rs_negative(std::int32_t reason, std::int32_t retry_later = OFTP_DEFAULT,
                                const char *text = nullptr) const {
        check(oftp_start_file_rs_negative(handle_, reason, retry_later, text));
    }
    /** \return How many octets were taken: what one Data Exchange Buffer has room for. */
    [[nodiscard]] std::size_t data_rq(bytes octets, std::uint32_t flags = 0) const {
        std::size_t taken = 0;
        check(oftp_data_rq(handle_, octets.data(), octets.size(), flags, &taken));
        return taken;
    }
    void data_ready() const { check(oftp_data_ready(handle_)); }
    void data_from(std::uint64_t octets) const { check(oftp_data_from(handle_, octets)); }
    void close_file_rq(std::uint64_t records = OFTP_COUNTED,
                       std::uint64_t octets = OFTP_COUNTED) const {
        check(oftp_close_file_rq(handle_, records, octets));
    }
    void close_file_rs(std::int32_t speaker = OFTP_DEFAULT) const {
        check(oftp_close_file_rs(handle_, speaker));
    }
    void close_file_rs_negative(std::int32_t reason, const char *text = nullptr) const {
        check(oftp_close_file_rs_negative(handle_, reason, text));
    }
    void eerp_rq(const oftp_end_response &response) const {
        check(oftp_eerp_rq(handle_, &response));
    }
    void nerp_rq(const oftp_end_response &response) const {
        check(oftp_nerp_rq(handle_, &response));
    }
    void rtr_rs() const { check(oftp_rtr_rs(handle_)); }
    void cd_rq() const { check(oftp_cd_rq(handle_)); }
    void release_rq(std::int32_t reason, const char *text = nullptr) const {
        check(oftp_release_rq(handle_, reason, text));
    }
    void abort_rq() const { check(oftp_abort_rq(handle_)); }
    /** \param plain 20 octets; NULL: there is no usable certificate. */
    void seal_challenge_rs(const std::uint8_t *plain, bytes sealed) const {
        check(oftp_seal_challenge_rs(handle_, plain, sealed.data(), sealed.size()));
    }
    /** \param plain 20 octets; NULL: the challenge cannot be opened. */
    void open_challenge_rs(const std::uint8_t *plain) const {
        check(oftp_open_challenge_rs(handle_, plain));
    }

protected:
    oftp_session *handle_;
};

/** The members of oftp_user_monitor but the finalizer, with the parameters and the arguments of
 *  their methods: X(member, (parameters in C), (parameters in C++), (arguments)). */
#define OFTP_HPP_MEMBERS(X)                                                                       \
    X(connect_ind, (oftp_session * s, const oftp_ssid *p, void *u),                               \
      (SessionRef, const oftp_ssid &), (SessionRef(s), *p))                                       \
    X(partner_ind, (oftp_session * s, const oftp_ssid *p, const oftp_agreed *a, void *u),         \
      (SessionRef, const oftp_ssid &, const oftp_agreed &), (SessionRef(s), *p, *a))              \
    X(connect_cf, (oftp_session * s, const oftp_ssid *p, const oftp_agreed *a, void *u),          \
      (SessionRef, const oftp_ssid &, const oftp_agreed &), (SessionRef(s), *p, *a))              \
    X(start_file_ind, (oftp_session * s, const oftp_virtual_file *f, void *u),                    \
      (SessionRef, const oftp_virtual_file &), (SessionRef(s), *f))                               \
    X(start_file_cf, (oftp_session * s, const oftp_start_file_answer *a, void *u),                \
      (SessionRef, const oftp_start_file_answer &), (SessionRef(s), *a))                          \
    X(data_ind, (oftp_session * s, const oftp_data *d, void *u),                                  \
      (SessionRef, bytes, span<const std::size_t>),                                               \
      (SessionRef(s), bytes(d->octets, d->len),                                                   \
       span<const std::size_t>(d->record_ends, d->record_count)))                                 \
    X(data_cf, (oftp_session * s, void *u), (SessionRef), (SessionRef(s)))                        \
    X(data_space, (oftp_session * s, oftp_space * r, void *u), (SessionRef, oftp_space &),        \
      (SessionRef(s), *r))                                                                        \
    X(close_file_ind, (oftp_session * s, const oftp_file_end *e, void *u),                        \
      (SessionRef, const oftp_file_end &), (SessionRef(s), *e))                                   \
    X(close_file_cf, (oftp_session * s, const oftp_close_file_answer *a, void *u),                \
      (SessionRef, const oftp_close_file_answer &), (SessionRef(s), *a))                          \
    X(cd_ind, (oftp_session * s, void *u), (SessionRef), (SessionRef(s)))                         \
    X(eerp_ind, (oftp_session * s, const oftp_end_response *r, void *u),                          \
      (SessionRef, const oftp_end_response &), (SessionRef(s), *r))                               \
    X(nerp_ind, (oftp_session * s, const oftp_end_response *r, void *u),                          \
      (SessionRef, const oftp_end_response &), (SessionRef(s), *r))                               \
    X(rtr_cf, (oftp_session * s, void *u), (SessionRef), (SessionRef(s)))                         \
    X(release_ind, (oftp_session * s, const char *t, void *u), (SessionRef, std::string_view),    \
      (SessionRef(s), t))                                                                         \
    X(abort_ind, (oftp_session * s, const oftp_abort *a, void *u),                                \
      (SessionRef, const oftp_abort &), (SessionRef(s), *a))                                      \
    X(seal_challenge_ind, (oftp_session * s, const char *c, void *u),                             \
      (SessionRef, std::string_view), (SessionRef(s), c))                                         \
    X(open_challenge_ind, (oftp_session * s, const std::uint8_t *o, std::size_t n, void *u),      \
      (SessionRef, bytes), (SessionRef(s), bytes(o, n)))                                          \
    X(authentication_ind, (oftp_session * s, void *u), (SessionRef), (SessionRef(s)))             \
    X(quirk_ind, (oftp_session * s, const char *q, const char *c, void *u),                       \
      (SessionRef, std::string_view, std::string_view), (SessionRef(s), q, c))                    \
    X(trace, (oftp_session * s, const oftp_trace *t, void *u), (SessionRef, const oftp_trace &),  \
      (SessionRef(s), *t))

/** The User Monitor of RFC 5024 chapter 3: derive from it and override what you handle.
 *
 *  A method that your class overrides is a member of oftp_user_monitor that is set; one that it
 *  does not override is not set, and refuses as oftp.h says. Which ones are overridden is seen at
 *  compile time in the type that the session is made with (see Session), so no list needs keeping.
 *
 *  A method returns OFTP_OK; or OFTP_PASSTHROUGH, as all of these do, for what is done where it is
 *  not set; or throws. */
class UserMonitor {
public:
    UserMonitor() = default;
    UserMonitor(const UserMonitor &) = default;
    UserMonitor &operator=(const UserMonitor &) = default;
    virtual ~UserMonitor() = default;

    /** Methods of a UserMonitor: what of it is set. */
    using Members = std::uint32_t;

    /** F_CONNECT_IND: a caller names itself. Answer by connect_rs(), or release_rq(). */
    virtual oftp_status connect_ind(SessionRef, const oftp_ssid &) { return OFTP_PASSTHROUGH; }
    /** The partner has named itself; its authentication follows. */
    virtual oftp_status partner_ind(SessionRef, const oftp_ssid &, const oftp_agreed &) {
        return OFTP_PASSTHROUGH;
    }
    /** F_CONNECT_CF: the session is up and the turn is ours. */
    virtual oftp_status connect_cf(SessionRef, const oftp_ssid &, const oftp_agreed &) {
        return OFTP_PASSTHROUGH;
    }
    /** F_START_FILE_IND: a file is offered. Answer by start_file_rs() or its negative. */
    virtual oftp_status start_file_ind(SessionRef, const oftp_virtual_file &) {
        return OFTP_PASSTHROUGH;
    }
    /** F_START_FILE_CF: the answer to our file. Must be overridden to send files. */
    virtual oftp_status start_file_cf(SessionRef, const oftp_start_file_answer &) {
        return OFTP_PASSTHROUGH;
    }
    /** F_DATA_IND: octets of the file that is being received, and where records end in them, as
     *  offsets behind their last octet. Must be overridden to receive files. */
    virtual oftp_status data_ind(SessionRef, bytes, span<const std::size_t>) {
        return OFTP_PASSTHROUGH;
    }
    /** F_DATA_CF: data_rq() can be called again. */
    virtual oftp_status data_cf(SessionRef) { return OFTP_PASSTHROUGH; }
    /** Room for octets of the file that is being sent: fill it. Where this is overridden, data
     *  cannot be given by data_rq(). */
    virtual oftp_status data_space(SessionRef, oftp_space &) { return OFTP_PASSTHROUGH; }
    /** F_CLOSE_FILE_IND: the file is complete. Answer by close_file_rs() or its negative. */
    virtual oftp_status close_file_ind(SessionRef, const oftp_file_end &) {
        return OFTP_PASSTHROUGH;
    }
    /** F_CLOSE_FILE_CF: the answer to the end of our file. */
    virtual oftp_status close_file_cf(SessionRef, const oftp_close_file_answer &) {
        return OFTP_PASSTHROUGH;
    }
    /** F_CD_IND: the turn is ours, unasked. */
    virtual oftp_status cd_ind(SessionRef) { return OFTP_PASSTHROUGH; }
    /** F_EERP_IND: a file of ours has arrived. Answer by rtr_rs(). */
    virtual oftp_status eerp_ind(SessionRef, const oftp_end_response &) {
        return OFTP_PASSTHROUGH;
    }
    /** F_NERP_IND: a file of ours has not arrived, and will not. Answer by rtr_rs(). */
    virtual oftp_status nerp_ind(SessionRef, const oftp_end_response &) {
        return OFTP_PASSTHROUGH;
    }
    /** F_RTR_CF: the partner has our EERP or NERP. */
    virtual oftp_status rtr_cf(SessionRef) { return OFTP_PASSTHROUGH; }
    /** F_RELEASE_IND: the partner ended the session normally, with these words. */
    virtual oftp_status release_ind(SessionRef, std::string_view) { return OFTP_PASSTHROUGH; }
    /** F_ABORT_IND: the session has failed. */
    virtual oftp_status abort_ind(SessionRef, const oftp_abort &) { return OFTP_PASSTHROUGH; }
    /** Make a challenge for the partner of this code. Answer by seal_challenge_rs(). */
    virtual oftp_status seal_challenge_ind(SessionRef, std::string_view) {
        return OFTP_PASSTHROUGH;
    }
    /** Open the partner's challenge. Answer by open_challenge_rs(). */
    virtual oftp_status open_challenge_ind(SessionRef, bytes) { return OFTP_PASSTHROUGH; }
    /** Secure authentication of a caller is done, both ways. */
    virtual oftp_status authentication_ind(SessionRef) { return OFTP_PASSTHROUGH; }
    /** A quirk of this name took what the partner sent in this command. */
    virtual oftp_status quirk_ind(SessionRef, std::string_view, std::string_view) {
        return OFTP_PASSTHROUGH;
    }
    /** Every command and every row of the state tables. It costs time. */
    virtual oftp_status trace(SessionRef, const oftp_trace &) { return OFTP_PASSTHROUGH; }
};

/** The network below a session, where it is to push octets (oftp_network_service). Without one
 *  they are pulled by pending(); if in doubt, pull. */
class NetworkService {
public:
    NetworkService() = default;
    NetworkService(const NetworkService &) = default;
    NetworkService &operator=(const NetworkService &) = default;
    virtual ~NetworkService() = default;

    /** N_CON_RQ: open a connection, then call n_con_cf() or n_rst_ind(). */
    virtual oftp_status n_con_rq(SessionRef) { return OFTP_PASSTHROUGH; }
    /** N_DATA_RQ: send these octets. \return How many were taken; 0: none now. */
    virtual std::size_t n_data_rq(SessionRef, bytes octets) = 0;
    /** N_DISC_RQ: close the connection once what was given before is sent. */
    virtual oftp_status n_disc_rq(SessionRef) { return OFTP_PASSTHROUGH; }
};

namespace detail {

/** The user_data of a session's callbacks. */
struct Host {
    UserMonitor *monitor = nullptr;
    NetworkService *network = nullptr;
    /** Keep the two above, where the session owns them. */
    std::shared_ptr<void> keep_monitor = {}, keep_network = {};
    /** What a callback threw, on its way to dispatch(). */
    std::exception_ptr thrown = {};
    /** The Session was destroyed inside a callback: dispatch() frees the handle. */
    bool abandoned = false;

    static Host &of(void *user_data) noexcept { return *static_cast<Host *>(user_data); }
    static void finalizer(void *user_data) { delete static_cast<Host *>(user_data); }

    /** Calls back, and lets no exception into the frames of the library. */
    template <class Body>
    auto calling(Body body) noexcept -> decltype(body()) {
        try {
            return body();
        } catch (...) {
            thrown = std::current_exception();
            return OFTP_E_CALLBACK;
        }
    }

    static std::int32_t n_con_rq(oftp_session *s, void *u) noexcept {
        Host &host = of(u);
        return host.calling([&] { return host.network->n_con_rq(SessionRef(s)); });
    }
    static std::ptrdiff_t n_data_rq(oftp_session *s, const std::uint8_t *octets, std::size_t len,
                                    void *u) noexcept {
        Host &host = of(u);
        return host.calling([&] {
            const std::size_t taken = host.network->n_data_rq(SessionRef(s), bytes(octets, len));
            return static_cast<std::ptrdiff_t>(taken);
        });
    }
    static std::int32_t n_disc_rq(oftp_session *s, void *u) noexcept {
        Host &host = of(u);
        return host.calling([&] { return host.network->n_disc_rq(SessionRef(s)); });
    }
};

/** The position of each member in UserMonitor::Members. */
enum class Member : unsigned {
#define OFTP_HPP_X(member, c_parameters, parameters, arguments) member,
    OFTP_HPP_MEMBERS(OFTP_HPP_X)
#undef OFTP_HPP_X
        count
};
static_assert(sizeof(oftp_user_monitor) ==
                  sizeof(std::size_t) +
                      (static_cast<std::size_t>(Member::count) + 1) * sizeof(void (*)()),
              "OFTP_HPP_MEMBERS lacks a member of oftp_user_monitor");

// For each member whether a class overrides it: a pointer to a method that it does not override
// has the type of a pointer to UserMonitor's. One that cannot be taken (private, overloaded) is
// of the class itself. And for each member the function that the library calls.
#define OFTP_HPP_X(member, c_parameters, parameters, arguments)                                   \
    template <class M, class = void>                                                              \
    struct overrides_##member : std::true_type {};                                                \
    template <class M>                                                                            \
    struct overrides_##member<                                                                    \
        M, std::enable_if_t<                                                                      \
               std::is_same_v<decltype(&M::member), oftp_status(UserMonitor::*) parameters>>>     \
        : std::false_type {};                                                                     \
    inline std::int32_t call_##member c_parameters noexcept {                                     \
        Host &host = Host::of(u);                                                                 \
        return host.calling([&] { return host.monitor->member arguments; });                      \
    }
OFTP_HPP_MEMBERS(OFTP_HPP_X)
#undef OFTP_HPP_X

} // namespace detail

/** What of a UserMonitor class is set: the methods that it, or a base of it, overrides. */
template <class Monitor>
[[nodiscard]] constexpr UserMonitor::Members members_of() noexcept {
    static_assert(std::is_base_of_v<UserMonitor, Monitor>, "derive it from oftp::UserMonitor");
    UserMonitor::Members members = 0;
#define OFTP_HPP_X(member, c_parameters, parameters, arguments)                                   \
    if (detail::overrides_##member<Monitor>::value) {                                             \
        members |= UserMonitor::Members{1} << static_cast<unsigned>(detail::Member::member);      \
    }
    OFTP_HPP_MEMBERS(OFTP_HPP_X)
#undef OFTP_HPP_X
    return members;
}

/** A session and its owner (oftp_session_new, oftp_session_free).
 *
 *  The monitor is given by its own type, as what that type overrides is what is set:
 *
 *      Receiver receiver;                                   // outlives the session
 *      oftp::Session session(receiver);
 *      oftp::Session session(std::make_unique<Receiver>()); // the session owns it
 *
 *  Code that knows only a UserMonitor says by members_of() what is set. A subclass of the type
 *  that is given may override less, but what it overrides in addition is not called.
 *
 *  A Session that is destroyed inside one of its own callbacks ends when that dispatch() returns.
 *  It must not be destroyed while another thread uses it. */
class Session : public SessionRef {
public:
    /** A session whose monitor, and network service if there is one, outlive it.
     *  \throws Error as oftp_session_new says. */
    template <class Monitor,
              class = std::enable_if_t<std::is_base_of_v<UserMonitor, Monitor>>>
    explicit Session(Monitor &monitor, const oftp_config &config = Config(),
                     NetworkService *network = nullptr)
        : Session(detail::unowned(&monitor), config, detail::unowned(network)) {}

    /** A session that owns its monitor, and its network service if there is one. Where the
     *  monitor needs the session again after dispatch(), keep a copy of the shared_ptr. */
    template <class Monitor>
    explicit Session(std::shared_ptr<Monitor> monitor, const oftp_config &config = Config(),
                     std::shared_ptr<NetworkService> network = nullptr)
        : Session(monitor, members_of<Monitor>(), config, std::move(network)) {
        static_assert(!std::is_same_v<Monitor, UserMonitor>,
                      "give the monitor by its own type, or say what is set by members_of()");
    }
    template <class Monitor>
    explicit Session(std::unique_ptr<Monitor> monitor, const oftp_config &config = Config(),
                     std::shared_ptr<NetworkService> network = nullptr)
        : Session(std::shared_ptr<Monitor>(std::move(monitor)), config, std::move(network)) {}

    /** A session with a monitor whose own type is not known here.
     *  \param members What of it is set: members_of<its own type>(). */
    Session(std::shared_ptr<UserMonitor> monitor, UserMonitor::Members members,
            const oftp_config &config = Config(), std::shared_ptr<NetworkService> network = nullptr)
        : SessionRef(nullptr), host_(nullptr) {
        auto host = std::make_unique<detail::Host>();
        host->monitor = monitor.get();
        host->network = network.get();
        host->keep_monitor = std::move(monitor);
        host->keep_network = std::move(network);
        Initialised<oftp_user_monitor> table;
        table.finalizer = &detail::Host::finalizer;
#define OFTP_HPP_X(member, c_parameters, parameters, arguments)                                   \
    if ((members >> static_cast<unsigned>(detail::Member::member) & 1) != 0) {                    \
        table.member = &detail::call_##member;                                                    \
    }
        OFTP_HPP_MEMBERS(OFTP_HPP_X)
#undef OFTP_HPP_X
        Initialised<oftp_network_service> service;
        service.n_con_rq = &detail::Host::n_con_rq;
        service.n_data_rq = &detail::Host::n_data_rq;
        service.n_disc_rq = &detail::Host::n_disc_rq;
        // Without a monitor the table is NULL, which is an error of oftp_session_new.
        check(oftp_session_new(&handle_, &config, host->monitor ? &table : nullptr,
                               host->network ? &service : nullptr, host.get()));
        host_ = host.release();
    }

    Session(Session &&other) noexcept
        : SessionRef(std::exchange(other.handle_, nullptr)),
          host_(std::exchange(other.host_, nullptr)) {}
    Session &operator=(Session &&other) noexcept {
        Session moved(std::move(other));
        std::swap(handle_, moved.handle_);
        std::swap(host_, moved.host_);
        return *this;
    }
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;
    ~Session() {
        if (oftp_session_free(handle_) == OFTP_E_REENTERED) {
            host_->abandoned = true;
        }
    }

    /** Runs the session until it waits. The only function that calls back.
     *  \return What it waits for.
     *  \throws What a callback threw, with its type; Error as oftp_dispatch says. Call it again
     *  to go on behind the callback. */
    Wants dispatch() {
        // A callback may destroy or move *this.
        oftp_session *const handle = handle_;
        detail::Host *const host = host_;
        const oftp_status status = oftp_dispatch(handle);
        std::exception_ptr error;
        if (status == OFTP_E_CALLBACK) {
            error = std::exchange(host->thrown, nullptr);
        }
        if (status < 0 && !error) {
            error = std::make_exception_ptr(Error(status, oftp_last_error()));
        }
        // Not where this is itself a call inside a callback.
        if (host != nullptr && host->abandoned && status != OFTP_E_REENTERED) {
            oftp_session_free(handle);
        }
        if (error) {
            std::rethrow_exception(error);
        }
        return Wants(status);
    }

private:
    /** Freed by the finalizer. */
    detail::Host *host_;
};

#undef OFTP_HPP_MEMBERS

} // namespace oftp

#endif /* OFTP_SESSION_HPP */
