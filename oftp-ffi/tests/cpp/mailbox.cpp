// The mailbox of oftp.hpp: a secured file over TLS into a folder; what is thrown inside each event,
// or by a source, comes out of run() and ready() with its type; a mailbox that is destroyed inside
// an event. Usage: mailbox FOLDER-OF-KEYS EMPTY-FOLDER

#include <oftp.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;

#define EXPECT(condition)                                                                         \
    do {                                                                                          \
        if (!(condition)) {                                                                       \
            std::fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition,              \
                         current.c_str());                                                        \
            std::exit(1);                                                                         \
        }                                                                                         \
    } while (false)

/// What is being tried.
std::string current;
fs::path keys_folder, work;

/// What an event throws: no std::exception, and not to be copied by slicing.
struct Thrown {
    std::string where;
};

std::string read(const fs::path &path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Two ends of a stream.
struct Pipe {
    int ends[2];
    Pipe() { EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
    ~Pipe() { close(ends[0]), close(ends[1]); }
    Pipe(const Pipe &) = delete;
    Pipe &operator=(const Pipe &) = delete;
};

oftp::VirtualFile file(const char *dsn, std::int32_t format = OFTP_FORMAT_U) {
    oftp::VirtualFile made;
    oftp::set(made.dsn, dsn);
    oftp::set(made.date, "20260101");
    oftp::set(made.time, "1200000001");
    oftp::set(made.originator, "OALPHA");
    oftp::set(made.destination, "OBETA");
    made.format = format;
    return made;
}

/// Both sides; ALPHA calls and sends, BETA answers.
struct Station : oftp::MailboxEvents {
    /// Which event throws.
    std::string throws_in;
    std::vector<std::string> told;
    std::string streamed, path;
    std::int32_t proof = -1;

    oftp_status tell(std::string event) {
        told.push_back(event);
        if (event == throws_in) {
            throw Thrown{std::move(event)};
        }
        return OFTP_OK;
    }

    oftp_status up(oftp::MailboxRef, std::string_view partner, const oftp_agreed &agreed) override {
        EXPECT((partner == "OALPHA" || partner == "OBETA") && agreed.buffer_size > 0);
        return tell("up");
    }
    oftp_status file_offered(oftp::MailboxRef mailbox, const oftp_virtual_file &offered) override {
        const std::string_view dsn = offered.dsn;
        if (dsn == "STREAMED") {
            mailbox.accept_file();
        } else if (dsn == "REFUSED") {
            mailbox.refuse_file(OFTP_FILE_TOO_BIG, OFTP_NO, "no");
        }
        tell("file_offered");
        return dsn == "FOLDER" ? OFTP_PASSTHROUGH : OFTP_OK;
    }
    oftp_status data(oftp::MailboxRef, oftp::bytes octets,
                     oftp::span<const std::size_t> ends) override {
        streamed += oftp::as_text(octets);
        EXPECT(ends.empty());
        return tell("data");
    }
    oftp_status file_complete(oftp::MailboxRef mailbox, const oftp_virtual_file &) override {
        mailbox.file_stored();
        return tell("file_complete");
    }
    oftp_status file_received(oftp::MailboxRef, const oftp_virtual_file &,
                              const char *where) override {
        path = where;
        return tell("file_received");
    }
    oftp_status file_turned_away(oftp::MailboxRef, const oftp_virtual_file &, std::string_view,
                                 std::int32_t, std::string_view) override {
        return tell("file_turned_away");
    }
    oftp_status file_sent(oftp::MailboxRef, std::uint64_t id) override {
        EXPECT(id > 0);
        return tell("file_sent");
    }
    oftp_status file_refused(oftp::MailboxRef, std::uint64_t id, std::string_view answer,
                             std::int32_t reason, bool retry_later, std::string_view) override {
        EXPECT(id > 0 && !retry_later);
        EXPECT(answer.empty() ? reason == -1
                              : answer == "SFNA" && (reason == OFTP_FILE_TOO_BIG ||
                                                     reason == OFTP_FILE_INVALID_DESTINATION));
        return tell("file_refused");
    }
    oftp_status response_received(oftp::MailboxRef, std::uint64_t, const oftp_end_response &,
                                  bool, std::int32_t worth, std::string_view) override {
        proof = worth;
        return tell("response_received");
    }
    oftp_status response_sent(oftp::MailboxRef, const oftp_end_response &, bool) override {
        return tell("response_sent");
    }
    oftp_status ended(oftp::MailboxRef, const oftp_result &) override { return tell("ended"); }
    oftp_status warning(oftp::MailboxRef, std::string_view) override { return tell("warning"); }
    oftp_status quirk(oftp::MailboxRef, std::string_view, std::string_view) override {
        return tell("quirk");
    }
    oftp_status trace(oftp::MailboxRef, const oftp_trace &) override { return tell("trace"); }
};
static_assert(oftp::events_of<Station>() == (1u << 14) - 1);
static_assert(oftp::events_of<oftp::MailboxEvents>() == 0);

/// A station and what the test keeps of it.
struct Side {
    std::shared_ptr<Station> station = std::make_shared<Station>();
    oftp::Mailbox mailbox;
    std::string caught;

    Side(const char *code, const oftp::MailboxConfig &config) : mailbox(station, named(code, config)) {}

    static oftp::MailboxConfig named(const char *code, oftp::MailboxConfig config) {
        config.code = code;
        return config;
    }
    void knows(const char *code, const char *certificates) {
        const std::string file_of_them = (keys_folder / certificates).string();
        oftp::Partner partner;
        partner.code = code;
        partner.certificates = file_of_them.c_str();
        mailbox.add_partner(partner);
    }
    /// Goes on, and keeps what is thrown. Whether the session has ended.
    bool ready() {
        try {
            return mailbox.ready();
        } catch (const Thrown &thrown) {
            caught += thrown.where;
            return false;
        }
    }
    void run(int fd) {
        try {
            mailbox.run(fd);
        } catch (const Thrown &thrown) {
            caught += thrown.where;
        }
        shutdown(fd, SHUT_RDWR); // lets the other side go on
    }
};

/// ALPHA and BETA. With keys of their own or without.
struct Two {
    Side alpha, beta;
    fs::path inbox;

    explicit Two(bool keys) : alpha("OALPHA", own("alpha", keys)), beta("OBETA", own("beta", keys)) {
        static int count = 0;
        inbox = work / std::to_string(++count);
        fs::create_directory(inbox);
        alpha.knows("OBETA", "beta.pem");
        beta.knows("OALPHA", "alpha.pem");
        beta.mailbox.receive_into(inbox.c_str());
        alpha.mailbox.call("OBETA");
        beta.mailbox.answer();
    }

    static oftp::MailboxConfig own(const char *name, bool keys) {
        static std::string octets; // until the mailbox is made
        oftp::MailboxConfig config;
        if (keys) {
            octets = read((keys_folder / name).string() + ".key") +
                     read((keys_folder / name).string() + ".pem");
            config.own_keys_data = oftp::bytes(octets).data();
            config.own_keys_len = octets.size();
        }
        return config;
    }

    /// One session in one thread, by the non-blocking form.
    void session(const oftp_tls *tls = nullptr, bool changed = false) {
        const Pipe near, far; // ALPHA - near - this loop - far - BETA
        alpha.mailbox.attach(near.ends[0], tls);
        beta.mailbox.attach(far.ends[0], tls);
        bool alpha_over = false, beta_over = false;
        while (!alpha_over || !beta_over) {
            alpha_over = alpha_over || alpha.ready();
            beta_over = beta_over || beta.ready();
            carry(near.ends[1], far.ends[1], nullptr);
            carry(far.ends[1], near.ends[1], &changed);
        }
    }

    /// Octets on their way; the first ones, the SSRM, with something else than CR at its end.
    static void carry(int from, int to, bool *change) {
        char octets[4096];
        const ssize_t came = recv(from, octets, sizeof octets, MSG_DONTWAIT);
        if (came > 0) {
            if (change != nullptr && *change) {
                octets[came - 1] = '!';
                *change = false;
            }
            (void)!send(to, octets, static_cast<std::size_t>(came), MSG_NOSIGNAL);
        } else if (came == 0) {
            shutdown(to, SHUT_WR);
        }
    }

    /// One session in two threads, by the blocking form.
    void run() {
        const Pipe line;
        std::thread other([&] { beta.run(line.ends[1]); });
        alpha.run(line.ends[0]);
        other.join();
    }
};

void secured() {
    current = "secured";
    Two two(true);
    std::string content;
    for (int n = 0; content.size() < 100'000; n++) {
        content += std::to_string(n * n);
    }
    oftp::VirtualFile secret = file("FOLDER");
    secret.security = OFTP_SECURITY_ENCRYPTED | OFTP_SECURITY_SIGNED;
    secret.compression = 1;
    secret.signed_response = 1;
    EXPECT(two.alpha.mailbox.send_memory("OBETA", secret, content) == 1);
    const oftp::Tls tls;
    two.session(&tls);
    const oftp::Result result = two.alpha.mailbox.result();
    EXPECT(result.ending == OFTP_ENDING_NORMAL && result.files_delivered == 1);
    EXPECT(two.alpha.station->proof == OFTP_PROOF_SIGNED);
    EXPECT(two.beta.mailbox.result().files_received == 1);
    EXPECT(two.beta.station->path.find(two.inbox.string()) == 0);
    EXPECT(read(two.beta.station->path) == content);
}

/// A session with all that can be told, in which one side throws in one event.
void throws(const char *event, bool at_alpha, bool blocking) {
    current = event;
    Two two(false);
    Side &side = at_alpha ? two.alpha : two.beta;
    side.station->throws_in = event;
    oftp::VirtualFile streamed = file("STREAMED");
    streamed.signed_response = 1; // which BETA cannot sign, and warns of
    two.alpha.mailbox.send_memory(nullptr, file("FOLDER"), std::string_view("in a folder"));
    two.alpha.mailbox.send_memory(nullptr, streamed, std::string_view("streamed"));
    two.alpha.mailbox.send_memory(nullptr, file("REFUSED"), std::string_view("refused"));
    oftp::VirtualFile elsewhere = file("ELSEWHERE"); // which BETA's policy turns away
    oftp::set(elsewhere.destination, "OELSE");
    two.alpha.mailbox.send_memory("OBETA", elsewhere, std::string_view("elsewhere"));
    blocking ? two.run() : two.session(nullptr, true);
    // It throws once more where it is told once more while the session is being ended.
    EXPECT(side.caught.find(event) == 0);
    EXPECT((at_alpha ? two.beta : two.alpha).caught.empty());
    const std::int32_t ending = side.mailbox.result().ending;
    const bool late = current == "ended";
    EXPECT(ending == (late ? OFTP_ENDING_NORMAL : OFTP_ENDING_BY_US));
    // It goes on in a new session, and is freed with what it owns.
    side.station->throws_in.clear();
    two.alpha.mailbox.call("OBETA");
    two.beta.mailbox.answer();
    two.session();
    EXPECT(two.alpha.mailbox.result().ending == OFTP_ENDING_NORMAL);
    const std::weak_ptr<Station> owned = side.station;
    oftp_mailbox *const handle = side.mailbox.capi();
    side.station.reset();
    EXPECT(!owned.expired());
    { const oftp::Mailbox last = std::move(side.mailbox); }
    EXPECT(owned.expired() && oftp_mailbox_answer(handle) == OFTP_E_BAD_HANDLE);
}

/// Octets that can be read or not.
struct Octets : oftp::Source {
    std::string octets;
    bool broken;
    Octets(std::string content, bool breaks) : octets(std::move(content)), broken(breaks) {}

    std::uint64_t size() const override { return octets.size(); }
    std::size_t read_at(oftp::span<std::uint8_t> room, std::uint64_t offset) override {
        if (broken) {
            throw Thrown{"read_at"};
        }
        return octets.copy(reinterpret_cast<char *>(room.data()), room.size(), offset);
    }
};

void sources() {
    current = "sources";
    Two two(false);
    oftp::Mailbox &mailbox = two.alpha.mailbox;
    // The records of a V file are counted at once.
    auto broken = std::make_shared<Octets>(std::string("\0\1x", 3), true);
    const oftp::VirtualFile records = file("FOLDER", OFTP_FORMAT_V);
    try {
        mailbox.send_source(nullptr, records, broken);
        EXPECT(!"reached");
    } catch (const Thrown &) {
        EXPECT(broken.use_count() == 1);
    }
    try {
        mailbox.send_source(nullptr, records, nullptr);
        EXPECT(!"reached");
    } catch (const oftp::Error &error) {
        EXPECT(error.code() == OFTP_E_NULL);
    }
    // Those of a U file are read in the session, which ends; the other file waits for the next.
    mailbox.send_source(nullptr, file("FOLDER"), broken);
    auto good = std::make_shared<Octets>("good", false);
    mailbox.send_source(nullptr, file("STREAMED"), good);
    EXPECT(broken.use_count() == 2 && good.use_count() == 2);
    two.session();
    EXPECT(two.alpha.caught == "read_at" && mailbox.result().files_refused == 1);
    EXPECT(mailbox.result().ending == OFTP_ENDING_BY_US && mailbox.result().files_waiting == 1);
    mailbox.call("OBETA");
    two.beta.mailbox.answer();
    two.session();
    EXPECT(mailbox.result().files_delivered == 1 && two.beta.station->streamed == "good");
    { const oftp::Mailbox last = std::move(mailbox); }
    EXPECT(broken.use_count() == 1 && good.use_count() == 1);
}

/// An event that destroys its own mailbox: it ends when the call that called back returns.
void destroyed_inside() {
    current = "destroyed inside";
    struct Destroys : oftp::MailboxEvents {
        std::unique_ptr<oftp::Mailbox> mailbox;
        bool *gone = nullptr;
        ~Destroys() override { *gone = true; }
        oftp_status ended(oftp::MailboxRef still, const oftp_result &) override {
            mailbox.reset();
            (void)still.result();
            throw Thrown{"ended"};
        }
    };
    const Pipe line;
    bool gone = false;
    auto events = std::make_shared<Destroys>();
    events->gone = &gone;
    oftp::MailboxConfig config;
    config.code = "OALPHA";
    events->mailbox = std::make_unique<oftp::Mailbox>(events, config);
    oftp::Mailbox &mailbox = *events->mailbox;
    oftp_mailbox *const handle = mailbox.capi();
    mailbox.answer();
    shutdown(line.ends[1], SHUT_RDWR);
    events.reset(); // the mailbox alone keeps it now
    try {
        mailbox.run(line.ends[0]);
        EXPECT(!"reached");
    } catch (const Thrown &) {
        EXPECT(gone && oftp_mailbox_answer(handle) == OFTP_E_BAD_HANDLE);
    }
}

} // namespace

int main(int, char **argv) {
    keys_folder = argv[1];
    work = argv[2];
    secured();
    const struct {
        const char *event;
        bool at_alpha;
    } all[] = {{"up", true},           {"file_offered", false},  {"data", false},
               {"file_complete", false}, {"file_received", false}, {"file_turned_away", false},
               {"file_sent", true},    {"file_refused", true},   {"response_received", true},
               {"response_sent", false}, {"ended", true},          {"warning", false},
               {"quirk", true},        {"trace", true}};
    for (const auto &[event, at_alpha] : all) {
        throws(event, at_alpha, false);
        if (event != std::string_view("quirk")) { // the line is as it should be
            throws(event, at_alpha, true);
        }
    }
    sources();
    destroyed_inside();
    std::puts("every exception came out");
    return 0;
}
