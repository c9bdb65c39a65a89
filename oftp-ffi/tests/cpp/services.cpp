// The file services of oftp.hpp: keys, envelopes, responses, challenges, hashes; and what is thrown
// in progress comes out with its type. Usage: services FOLDER-OF-KEYS

#include <oftp.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

#define EXPECT(condition)                                                                         \
    do {                                                                                          \
        if (!(condition)) {                                                                       \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                  \
            std::exit(1);                                                                         \
        }                                                                                         \
    } while (false)

/// What is thrown in progress: no std::exception.
struct Thrown {
    std::uint64_t done;
};

std::string keys_folder;

oftp::Keystore keystore(std::initializer_list<const char *> names) {
    oftp::Keystore made;
    for (const char *name : names) {
        made.add_file((keys_folder + name).c_str());
    }
    return made;
}

oftp::Trust trust(const char *name) {
    oftp::Trust made;
    made.pin(keystore({name}));
    return made;
}

oftp_status code_of(const std::function<void()> &call) {
    try {
        call();
    } catch (const oftp::Error &error) {
        return error.what()[0] != 0 ? error.code() : 0;
    }
    return OFTP_OK;
}

/// A file without a name, at its beginning.
struct File {
    std::FILE *file = std::tmpfile();

    File() = default;
    explicit File(oftp::bytes octets) {
        EXPECT(std::fwrite(octets.data(), 1, octets.size(), file) == octets.size());
        std::rewind(file);
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    ~File() { std::fclose(file); }

    int fd() const { return fileno(file); }
    std::string content() const {
        std::string all(1 << 20, ' ');
        std::rewind(file);
        all.resize(std::fread(all.data(), 1, all.size(), file));
        return all;
    }
};

std::string noise(std::size_t len) {
    std::string octets;
    for (std::uint32_t n = 1; octets.size() < len; n = n * 1664525 + 1013904223) {
        octets += static_cast<char>(n >> 24);
    }
    return octets;
}

const std::string content = noise(200'000);

/// ALPHA's plan to seal for BETA, and BETA's to open it.
struct Plans {
    oftp::Keystore alpha = keystore({"alpha.key", "alpha.pem"});
    oftp::Keystore beta = keystore({"beta.key", "beta.pem"});
    oftp::Trust of_alpha = trust("alpha.pem"), of_beta = trust("beta.pem");
    oftp::SealPlan seal;
    oftp::OpenPlan open;

    Plans() {
        seal.signer = alpha.capi();
        seal.partner = of_beta.capi();
        seal.compression = 6;
        open.security = OFTP_SECURITY_ENCRYPTED | OFTP_SECURITY_SIGNED;
        open.compression = 1;
        open.keystore = beta.capi();
        open.trust = of_alpha.capi();
    }
};

void keys() {
    oftp::Keystore all = keystore({"alpha.key", "alpha.pem", "beta.pem"});
    const oftp::Keystore::Counts counts = all.counts();
    EXPECT(counts.keys == 1 && counts.certificates == 2 && counts.crls == 0);
    const oftp::CertificateInfo info = all.certificate(1);
    EXPECT(info.has_key == 0 && all.find(info.fingerprint) == 1);
    const oftp::Octets pem = all.certificate_pem(1);
    EXPECT(pem.text().find("-----BEGIN CERTIFICATE-----") == 0 && pem.data()[pem.size()] == 0);
    EXPECT(code_of([&] { (void)all.key_pem(1); }) == OFTP_E_KEY);
    EXPECT(code_of([&] { (void)all.certificate(2); }) == OFTP_E_VALUE);

    const oftp::Octets locked = all.key_pem(0, "secret");
    oftp::Keystore again;
    EXPECT(code_of([&] { again.add_memory(locked, "wrong"); }) == OFTP_E_KEY);
    again.add_memory(locked, "secret");
    EXPECT(again.counts().keys == 1);
    const File file{oftp::bytes(pem)};
    again.add_fd(file.fd());
    EXPECT(again.counts().certificates == 1);

    const oftp::Trust beta = trust("beta.pem");
    const oftp::bytes der(info.der, info.der_len);
    beta.check(der, OFTP_PURPOSE_SIGN_FILE);
    EXPECT(oftp::as_text(beta.newest(OFTP_PURPOSE_ENCRYPT_FILE)) == oftp::as_text(der));
    EXPECT(code_of([&] { trust("gamma.pem").check(der, OFTP_PURPOSE_SIGN_FILE); }) ==
           OFTP_E_DISTRUST);

    // What was moved from is empty, and what was assigned to has freed its own.
    oftp_keystore *const old = again.capi();
    again = std::move(all);
    EXPECT(all.capi() == nullptr && again.counts().certificates == 2);
    EXPECT(oftp_keystore_counts(old, nullptr, nullptr, nullptr) == OFTP_E_BAD_HANDLE);
    oftp::Octets first = again.certificate_pem(0), second = again.certificate_pem(1);
    const std::string text(second.text());
    first = std::move(second);
    EXPECT(first.text() == text && second.empty());
}

void memory() {
    const Plans plans;
    std::uint64_t last = 0;
    const oftp::Octets sealed =
        oftp::seal(plans.seal, content, [&](std::uint64_t done, std::uint64_t total) {
            EXPECT(done > last && done <= total && total == content.size());
            last = done;
        });
    EXPECT(last == content.size());
    const oftp::Content opened = oftp::open(plans.open, sealed);
    EXPECT(oftp::as_text(opened.octets) == content);
    EXPECT(opened.opened.octets == content.size() && opened.opened.signer_count == 1);
    EXPECT(plans.alpha.find(opened.opened.signer_fingerprint) == 0);

    // One octet of it is another.
    std::string damaged(sealed.text());
    damaged[damaged.size() / 2] ^= 1;
    try {
        (void)oftp::open(plans.open, damaged);
        EXPECT(!"reached");
    } catch (const oftp::OpenError &error) {
        EXPECT(error.code() == OFTP_E_CMS && error.what()[0] != 0);
        EXPECT(error.opened().nerp_reason != 0 && error.opened().efna_reason != 0);
    }
}

/// Every service that tells its progress.
void progress() {
    const Plans plans;
    const oftp::Octets sealed = oftp::seal(plans.seal, content);
    const auto with = [&](auto told) {
        const File in(content), message{oftp::bytes(sealed)}, out;
        oftp::Hash hash;
        const std::function<void()> calls[] = {
            [&] { (void)oftp::seal(plans.seal, content, told); },
            [&] { oftp::seal(plans.seal, in.fd(), out.fd(), told); },
            [&] { (void)oftp::open(plans.open, sealed, told); },
            [&] { oftp::open(plans.open, message.fd(), out.fd(), told); },
            [&] { hash.update_fd(in.fd(), told); },
            [&] { (void)oftp::hash_fd(0, in.fd(), told); },
        };
        int caught = 0;
        for (const auto &call : calls) {
            std::rewind(in.file);
            try {
                call();
            } catch (const Thrown &thrown) {
                EXPECT(thrown.done > 0);
                caught += 100;
            } catch (const oftp::Error &error) {
                EXPECT(error.code() == OFTP_E_CALLBACK);
                caught += 1;
            }
        }
        return caught;
    };
    EXPECT(with([](std::uint64_t done, std::uint64_t) { throw Thrown{done}; }) == 600);
    EXPECT(with([](std::uint64_t, std::uint64_t) -> oftp_status { return -1; }) == 6);
    EXPECT(with([](std::uint64_t, std::uint64_t) -> oftp_status { return OFTP_OK; }) == 0);
    EXPECT(with(nullptr) == 0);
}

void descriptors() {
    const Plans plans;
    const File in(content), between, out;
    oftp::seal(plans.seal, in.fd(), between.fd());
    std::rewind(between.file);
    const oftp::Opened opened = oftp::open(plans.open, between.fd(), out.fd());
    EXPECT(opened.octets == content.size() && out.content() == content);
    // It is not signed by whom we trust.
    oftp::OpenPlan wrong = plans.open;
    const oftp::Trust gamma = trust("gamma.pem");
    wrong.trust = gamma.capi();
    std::rewind(between.file);
    try {
        oftp::open(wrong, between.fd(), out.fd());
        EXPECT(!"reached");
    } catch (const oftp::OpenError &error) {
        EXPECT(error.opened().nerp_reason == OFTP_NERP_INVALID_SIGNATURE);
    }
}

/// Push and pull: octets, and the records of a V file.
void streams(bool records) {
    Plans plans;
    plans.seal.record_length = plans.open.record_length = records ? 20'000 : 0;
    std::vector<std::string> parts{content.substr(0, 20'000), "", "short"};
    std::array<std::uint8_t, 1000> room{};
    std::string message, expected, came;
    oftp::Sealer sealer(plans.seal);
    const auto pull = [&] {
        while (const std::size_t len = sealer.pull(room)) {
            message += oftp::as_text(oftp::bytes(room).subspan(0, len));
        }
    };
    for (const std::string &part : parts) {
        expected += part + (records ? "|" : "");
        for (oftp::bytes rest(part); records ? !sealer.push_record(rest) : !rest.empty(); pull()) {
            rest = records ? rest : rest.subspan(sealer.push(rest));
        }
    }
    sealer.end();
    EXPECT(!sealer.is_done());
    pull();
    EXPECT(sealer.is_done() && sealer.held() > 0);

    oftp::Opener opener(plans.open);
    EXPECT(code_of([&] { (void)opener.result(); }) == OFTP_E_USER);
    oftp::bytes rest(message);
    for (bool ended = false; !opener.is_done();) {
        if (!rest.empty()) {
            rest = rest.subspan(opener.push(rest));
        } else if (!std::exchange(ended, true)) {
            opener.end();
        }
        for (;;) {
            oftp::Opener::Piece piece;
            if (records) {
                piece = opener.pull_record(room);
            } else {
                piece.len = opener.pull(room);
            }
            came += oftp::as_text(oftp::bytes(room).subspan(0, piece.len));
            came += piece.end_of_record ? "|" : "";
            if (piece.len == 0 && !piece.end_of_record) {
                break;
            }
        }
    }
    EXPECT(came == expected && opener.result().signer_count == 1 && opener.held() > 0);
}

void responses() {
    const Plans plans;
    const oftp::HashValue hash = oftp::hash_memory(0, content);
    oftp::EndResponse response;
    oftp::set(response.dsn, "FILE");
    oftp::set(response.date, "20260101");
    oftp::set(response.time, "1200000001");
    oftp::set(response.destination, "O0013ALPHA");
    oftp::set(response.originator, "O0013BETA");
    response.hash = hash.data();
    response.hash_len = hash.size();
    const oftp::CertificateInfo info = plans.beta.certificate(0);
    const auto signed_by = [&](const oftp::Octets &signature) {
        oftp::EndResponse copy = response;
        copy.signature = signature.data();
        copy.signature_len = signature.size();
        return copy;
    };
    const oftp::Octets eerp = oftp::response_sign_eerp(response, 0, plans.beta, info.fingerprint);
    const oftp::Fingerprint signer =
        oftp::response_verify_eerp(signed_by(eerp), plans.of_beta, hash);
    EXPECT(plans.beta.find(signer.data()) == 0);
    EXPECT(code_of([&] {
               oftp::response_verify_eerp(signed_by(eerp), plans.of_alpha, hash);
           }) == OFTP_E_CMS);

    oftp::set(response.creator, "O0013BETA");
    response.reason = OFTP_NERP_NOT_DELIVERED;
    const oftp::Octets nerp = oftp::response_sign_nerp(response, 0, plans.beta);
    EXPECT(oftp::response_verify_nerp(signed_by(nerp), plans.of_beta, {}) == signer);

    const oftp::Challenge challenge = oftp::challenge_seal(plans.of_beta);
    EXPECT(oftp::challenge_open(plans.beta, challenge.sealed) == challenge.plain);
    EXPECT(code_of([&] { (void)oftp::challenge_open(plans.alpha, challenge.sealed); }) ==
           OFTP_E_CMS);
}

void hashes() {
    const File file(content);
    oftp::Hash hash;
    hash.update(std::string_view(content).substr(0, 5));
    lseek(file.fd(), 5, SEEK_SET);
    hash.update_fd(file.fd());
    lseek(file.fd(), 0, SEEK_SET);
    EXPECT(hash.value() == oftp::hash_memory(0, content) && hash.value().size() == 32);
    EXPECT(hash.value() == oftp::hash_fd(0, file.fd()));
    EXPECT(hash.value() != oftp::hash_memory(1, content));
    EXPECT(code_of([] { oftp::Hash no_such(11); }) == OFTP_E_VALUE);
}

} // namespace

int main(int, char **argv) {
    keys_folder = argv[1] + std::string("/");
    keys();
    memory();
    progress();
    descriptors();
    streams(false);
    streams(true);
    responses();
    hashes();
    std::puts("all services serve");
    return 0;
}
