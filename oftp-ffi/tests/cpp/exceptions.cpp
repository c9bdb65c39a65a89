// An exception that is thrown inside a callback comes out of dispatch() with its type, and the
// session lives on: each callback throws once, in a session of its own that then goes to its
// normal end. Also: what a Session does that is moved or destroyed inside a callback.

#include <oftp.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

#define EXPECT(condition)                                                                         \
    do {                                                                                          \
        if (!(condition)) {                                                                       \
            std::fprintf(stderr, "%s:%d: %s (callback %s)\n", __FILE__, __LINE__, #condition,     \
                         throws_in.c_str());                                                      \
            std::exit(1);                                                                         \
        }                                                                                         \
    } while (false)

/// Which callback throws, once.
std::string throws_in;
int thrown = 0;

/// What it throws: no std::exception, and not to be copied by slicing.
struct Thrown {
    std::string where;
};

/// Ends every callback.
oftp_status out_of(const char *callback) {
    if (throws_in == callback) {
        throws_in += ", caught";
        thrown++;
        throw Thrown{callback};
    }
    return OFTP_OK;
}

const std::string content(5000, 'x');

oftp::Connect named(const char *code) {
    oftp::Connect us;
    oftp::set(us.code, code);
    oftp::set(us.password, "SECRET");
    us.authentication = OFTP_YES;
    return us;
}

/// Both sides; what only one of them is told is overridden in the same class.
struct Monitor : oftp::UserMonitor {
    std::string received, end;
    oftp::EndResponse response;
    std::size_t given = 0;
    int responses = 0;

    oftp_status connect_ind(oftp::SessionRef s, const oftp_ssid &) override {
        s.connect_rs(named("O0013B"));
        return out_of("connect_ind");
    }
    oftp_status partner_ind(oftp::SessionRef, const oftp_ssid &, const oftp_agreed &) override {
        return out_of("partner_ind");
    }
    oftp_status connect_cf(oftp::SessionRef s, const oftp_ssid &p, const oftp_agreed &) override {
        EXPECT(std::string_view(p.code) == "O0013B");
        oftp::VirtualFile file;
        oftp::set(file.dsn, "FILE");
        oftp::set(file.date, "20260101");
        oftp::set(file.time, "1200000001");
        oftp::set(file.destination, "O0013B");
        oftp::set(file.originator, "O0013A");
        s.start_file_rq(file);
        return out_of("connect_cf");
    }
    oftp_status start_file_ind(oftp::SessionRef s, const oftp_virtual_file &file) override {
        response = oftp::end_response_for(file);
        s.start_file_rs();
        return out_of("start_file_ind");
    }
    oftp_status start_file_cf(oftp::SessionRef, const oftp_start_file_answer &a) override {
        EXPECT(a.positive == 1);
        return out_of("start_file_cf");
    }
    oftp_status data_ind(oftp::SessionRef, oftp::bytes octets,
                         oftp::span<const std::size_t> ends) override {
        EXPECT(ends.empty());
        received += oftp::as_text(octets);
        return out_of("data_ind");
    }
    oftp_status data_cf(oftp::SessionRef) override { return out_of("data_cf"); }
    oftp_status data_space(oftp::SessionRef, oftp_space &space) override {
        // What is written does not count when this throws.
        space.len = content.copy(reinterpret_cast<char *>(space.octets), space.room, given);
        space.end_of_file = given + space.len == content.size();
        out_of("data_space");
        given += space.len;
        return OFTP_OK;
    }
    oftp_status close_file_ind(oftp::SessionRef s, const oftp_file_end &file_end) override {
        EXPECT(file_end.octets == content.size());
        s.close_file_rs(OFTP_YES);
        s.eerp_rq(response);
        return out_of("close_file_ind");
    }
    oftp_status close_file_cf(oftp::SessionRef, const oftp_close_file_answer &a) override {
        EXPECT(a.positive == 1 && a.speaker == 0);
        return out_of("close_file_cf");
    }
    oftp_status cd_ind(oftp::SessionRef s) override {
        s.release_rq(OFTP_ESID_NORMAL);
        return out_of("cd_ind");
    }
    oftp_status eerp_ind(oftp::SessionRef s, const oftp_end_response &) override {
        s.rtr_rs();
        return out_of("eerp_ind");
    }
    oftp_status nerp_ind(oftp::SessionRef s, const oftp_end_response &) override {
        s.rtr_rs();
        return out_of("nerp_ind");
    }
    oftp_status rtr_cf(oftp::SessionRef s) override {
        if (++responses == 1) {
            oftp::set(response.creator, "O0013B");
            response.reason = OFTP_NERP_NOT_DELIVERED;
            s.nerp_rq(response);
        } else {
            s.cd_rq();
        }
        return out_of("rtr_cf");
    }
    oftp_status release_ind(oftp::SessionRef, std::string_view) override {
        end = "released";
        return out_of("release_ind");
    }
    oftp_status abort_ind(oftp::SessionRef, const oftp_abort &) override {
        end = "aborted";
        return out_of("abort_ind");
    }
    oftp_status seal_challenge_ind(oftp::SessionRef s, std::string_view code) override {
        EXPECT(code == "O0013A" || code == "O0013B");
        // Not sealed at all: that is no matter of the session.
        const std::array<std::uint8_t, 20> plain{1, 2, 3};
        s.seal_challenge_rs(plain.data(), plain);
        return out_of("seal_challenge_ind");
    }
    oftp_status open_challenge_ind(oftp::SessionRef s, oftp::bytes sealed) override {
        s.open_challenge_rs(sealed.data());
        return out_of("open_challenge_ind");
    }
    oftp_status authentication_ind(oftp::SessionRef) override {
        return out_of("authentication_ind");
    }
    oftp_status quirk_ind(oftp::SessionRef, std::string_view quirk, std::string_view) override {
        EXPECT(quirk == "any_cr");
        return out_of("quirk_ind");
    }
    oftp_status trace(oftp::SessionRef, const oftp_trace &) override { return out_of("trace"); }
};

struct Network : oftp::NetworkService {
    std::string sent;
    bool connecting = false, closed = false;

    oftp_status n_con_rq(oftp::SessionRef) override {
        connecting = true;
        return out_of("n_con_rq");
    }
    std::size_t n_data_rq(oftp::SessionRef, oftp::bytes octets) override {
        out_of("n_data_rq");
        sent += oftp::as_text(octets);
        return octets.size();
    }
    oftp_status n_disc_rq(oftp::SessionRef) override {
        closed = true;
        return out_of("n_disc_rq");
    }
};

/// Dispatches, again where a callback has thrown.
oftp::Wants go_on(oftp::Session &session) {
    for (;;) {
        try {
            return session.dispatch();
        } catch (const Thrown &caught) {
            EXPECT(throws_in == caught.where + ", caught");
        }
    }
}

/// Two sessions in memory, to their end. The initiator pushes, the responder is pulled.
struct Pair {
    std::shared_ptr<Monitor> a_monitor, b_monitor;
    std::shared_ptr<Network> network;
    oftp::Session a, b;

    template <class Responder>
    explicit Pair(std::shared_ptr<Responder> responder)
        : a_monitor(std::make_shared<Monitor>()), b_monitor(responder),
          network(std::make_shared<Network>()), a(a_monitor, small(), network),
          b(responder, small()) {}

    static oftp::Config small() {
        oftp::Config config;
        config.window = 1;
        config.buffer_size = 1024;
        return config;
    }

    void run(bool aborts) {
        a.connect_rq(named("O0013A"));
        EXPECT(go_on(a).connect() && network->connecting);
        a.n_con_cf();
        b.n_con_ind("here", "there");
        bool first = true;
        for (int round = 0; round < 200; round++) {
            if (aborts && round == 4) {
                a.abort_rq();
            }
            go_on(a);
            if (!network->sent.empty()) {
                b.n_data_ind(network->sent);
                network->sent.clear();
            }
            if (network->closed) {
                network->closed = false;
                b.n_disc_ind();
            }
            const oftp::Wants wants = go_on(b);
            const oftp::bytes pending = b.pending();
            if (!pending.empty()) {
                std::string octets(oftp::as_text(pending));
                b.sent(pending.size());
                if (first) { // the SSRM, with something else than CR at its end
                    octets.back() = '!';
                    first = false;
                }
                a.n_data_ind(octets);
            } else if (wants.close()) {
                a.n_disc_ind();
            }
        }
        EXPECT(go_on(a).close() && go_on(b).close());
    }
};

void throws_once(const char *callback) {
    const std::string_view name = callback;
    const bool aborts = name == "abort_ind" || name == "n_disc_rq";
    throws_in = callback;
    thrown = 0;
    Pair pair(std::make_shared<Monitor>());
    pair.run(aborts);
    EXPECT(thrown == 1);
    if (aborts) {
        EXPECT(pair.b_monitor->end == "aborted");
    } else {
        EXPECT(pair.b_monitor->end == "released" && pair.b_monitor->received == content);
    }
}

/// A method that is overridden and passes on: data are never dropped in silence.
void passes_on() {
    struct Passes : Monitor {
        std::int32_t reason = 0;
        oftp_status data_ind(oftp::SessionRef, oftp::bytes,
                             oftp::span<const std::size_t>) override {
            return OFTP_PASSTHROUGH;
        }
        oftp_status abort_ind(oftp::SessionRef, const oftp_abort &abort) override {
            reason = abort.reason;
            return OFTP_OK;
        }
    };
    auto passes = std::make_shared<Passes>();
    Pair pair(passes);
    pair.run(false);
    EXPECT(passes->reason == OFTP_ESID_RESOURCES_NOT_AVAILABLE);
    EXPECT(pair.a_monitor->end == "aborted");
}

/// What is thrown before the answer leaves the answer owed: it can be given outside.
void answer_outside() {
    struct Throws : oftp::UserMonitor {
        oftp_status connect_ind(oftp::SessionRef, const oftp_ssid &) override {
            throw std::out_of_range("no such partner");
        }
    } throws;
    struct Silent : oftp::UserMonitor {
    } silent;
    oftp::Session a(silent), b(throws);
    a.connect_rq(named("O0013A"));
    a.dispatch();
    a.n_con_cf();
    b.n_con_ind();
    b.dispatch();
    a.n_data_ind(b.pending());
    b.sent(b.pending().size());
    a.dispatch();
    b.n_data_ind(a.pending());
    try {
        b.dispatch();
        EXPECT(!"reached");
    } catch (const std::out_of_range &error) {
        EXPECT(error.what() == std::string("no such partner"));
    }
    EXPECT(std::string_view(b.state()) == "A_WF_CONRS");
    b.connect_rs(named("O0013B"));
    EXPECT(b.dispatch().write());
}

/// A callback that returns the status of a call in it: the text says why that failed.
void why_a_callback_failed() {
    struct Fails : oftp::UserMonitor {
        oftp_status abort_ind(oftp::SessionRef s, const oftp_abort &) override {
            return oftp_cd_rq(s.capi());
        }
    } fails;
    oftp::Session session(fails);
    session.n_con_ind();
    session.n_rst_ind();
    try {
        session.dispatch();
        EXPECT(!"reached");
    } catch (const oftp::Error &error) {
        const std::string_view text = error.what();
        EXPECT(text.find("abort_ind returned -7: F_CD_RQ refused") == 0);
    }
}

/// Callbacks that misuse their own session.
void inside_callbacks() {
    struct Inside : oftp::UserMonitor {
        std::unique_ptr<oftp::Session> session;
        int what = 0;
        bool *gone = nullptr;
        ~Inside() override { *gone = true; }
        oftp_status abort_ind(oftp::SessionRef s, const oftp_abort &) override {
            if (what == 0) { // dispatch() inside dispatch(): an Error, which comes out
                session->dispatch();
            } else if (what == 1) { // destroyed: it ends when dispatch() returns
                session.reset();
                EXPECT(std::string_view(s.state()) == "IDLE");
            } else { // moved
                session = std::make_unique<oftp::Session>(std::move(*session));
            }
            return what == 0 ? OFTP_OK : -1;
        }
    };
    for (int what = 0; what < 3; what++) {
        auto monitor = std::make_shared<Inside>();
        bool gone = false;
        monitor->what = what;
        monitor->gone = &gone;
        monitor->session = std::make_unique<oftp::Session>(monitor);
        oftp::Session &session = *monitor->session;
        oftp_session *const handle = session.capi();
        session.n_con_ind();
        session.n_rst_ind();
        Inside *const inside = monitor.get();
        monitor.reset(); // the session alone keeps it now
        try {
            session.dispatch();
            EXPECT(!"reached");
        } catch (const oftp::Error &error) {
            EXPECT(error.code() == (what == 0 ? OFTP_E_REENTERED : OFTP_E_CALLBACK));
            EXPECT(error.name() == std::string(what == 0 ? "OFTP_E_REENTERED" : "OFTP_E_CALLBACK"));
            EXPECT(error.what()[0] != 0);
        }
        if (what == 1) {
            EXPECT(gone && oftp_wants(handle) == OFTP_E_BAD_HANDLE);
        } else {
            EXPECT(!gone && inside->session->capi() == handle);
            auto last = std::move(inside->session);
            EXPECT(last->dispatch().close());
            last.reset();
            EXPECT(gone);
        }
    }
}

} // namespace

int main() {
    for (const char *callback :
         {"connect_ind", "partner_ind", "connect_cf", "start_file_ind", "start_file_cf",
          "data_ind", "data_cf", "data_space", "close_file_ind", "close_file_cf", "cd_ind",
          "eerp_ind", "nerp_ind", "rtr_cf", "release_ind", "abort_ind", "seal_challenge_ind",
          "open_challenge_ind", "authentication_ind", "quirk_ind", "trace", "n_con_rq",
          "n_data_rq", "n_disc_rq"}) {
        throws_once(callback);
    }
    throws_in.clear();
    passes_on();
    answer_outside();
    why_a_callback_failed();
    inside_callbacks();
    std::puts("every exception came out");
    return 0;
}
