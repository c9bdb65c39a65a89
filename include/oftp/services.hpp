/*
 * oftp/services.hpp - keys, envelopes, signed end responses, challenges, hashes; a part of
 * oftp.hpp.
 *
 * Licence: MIT or Apache-2.0.
 *
 * Where a `time` is a parameter it is in Unix seconds, and 0 is now; a `suite` of 0 is 4, and a
 * `passphrase` of NULL is none. A fingerprint is 32 octets, the SHA-256 of a certificate.
 */

#ifndef OFTP_SERVICES_HPP
#define OFTP_SERVICES_HPP

#include "base.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

namespace oftp {

/** What a certificate says. Its pointers are borrowed until the keystore is freed. */
using CertificateInfo = Initialised<oftp_certificate_info>;
/** Whom a certificate is for. */
using Owner = Initialised<oftp_owner>;
/** What is asked of certificates. */
using TrustOptions = Initialised<oftp_trust_options>;
/** How a file is put into its envelopes. Keystores and trust are given by their capi(). */
using SealPlan = Initialised<oftp_cms_seal_plan>;
/** What was announced of a file, and what is needed to open it. */
using OpenPlan = Initialised<oftp_cms_open_plan>;
/** What is known of a message that was opened, or why it was not. */
using Opened = Initialised<oftp_cms_opened>;

/** The SHA-256 of a certificate. */
using Fingerprint = std::array<std::uint8_t, 32>;

/** Octets that the library made; a container for views. */
class Octets : public detail::Owned<oftp_octets, &oftp_octets_free> {
public:
    /** Takes a handle over. \throws Error OFTP_E_BAD_HANDLE */
    explicit Octets(oftp_octets *handle) : Owned(handle) {
        const std::uint8_t *data = nullptr;
        std::size_t len = 0;
        check(oftp_octets_get(handle, &data, &len));
        view_ = bytes(data, len);
    }

    Octets(Octets &&other) noexcept
        : Owned(std::move(other)), view_(std::exchange(other.view_, bytes())) {}
    Octets &operator=(Octets &&other) noexcept {
        Octets moved(std::move(other));
        Owned::operator=(std::move(moved));
        view_ = moved.view_;
        return *this;
    }

    /** They are borrowed until their owner is destroyed or assigned to; moving it leaves them in
     *  place. */
    [[nodiscard]] const std::uint8_t *data() const noexcept { return view_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
    [[nodiscard]] bool empty() const noexcept { return view_.empty(); }
    /** The same as characters, such as PEM. */
    [[nodiscard]] std::string_view text() const noexcept { return as_text(view_); }

private:
    bytes view_;
};

// ---------------------------------------------------------------------------------------------
// Keys and certificates

/** Private keys, certificates, and lists of revoked certificates. */
class Keystore : public detail::Owned<oftp_keystore, &oftp_keystore_free> {
public:
    Keystore() { check(oftp_keystore_new(&handle_)); }

    void add_memory(bytes data, const char *passphrase = nullptr) {
        check(oftp_keystore_add_memory(handle_, data.data(), data.size(), passphrase));
    }
    void add_file(const char *path, const char *passphrase = nullptr) {
        check(oftp_keystore_add_file(handle_, path, passphrase));
    }
    void add_fd(int fd, const char *passphrase = nullptr) {
        check(oftp_keystore_add_fd(handle_, fd, passphrase));
    }

    /** How much a keystore holds. */
    struct Counts {
        std::size_t keys = 0, certificates = 0, crls = 0;
    };
    [[nodiscard]] Counts counts() const {
        Counts counts;
        check(oftp_keystore_counts(handle_, &counts.keys, &counts.certificates, &counts.crls));
        return counts;
    }
    [[nodiscard]] CertificateInfo certificate(std::size_t index) const {
        CertificateInfo info;
        check(oftp_keystore_certificate(handle_, index, &info));
        return info;
    }
    /** \return The index of the certificate with this fingerprint. */
    [[nodiscard]] std::size_t find(const std::uint8_t *fingerprint) const {
        std::size_t index = 0;
        check(oftp_keystore_find(handle_, fingerprint, &index));
        return index;
    }
    /** \return The index of the new certificate. */
    std::size_t generate(const oftp_owner &owner) {
        std::size_t index = 0;
        check(oftp_keystore_generate(handle_, &owner, &index));
        return index;
    }

    [[nodiscard]] Octets key_pem(std::size_t index, const char *passphrase = nullptr) const {
        oftp_octets *pem = nullptr;
        check(oftp_keystore_key_pem(handle_, index, passphrase, &pem));
        return Octets(pem);
    }
    [[nodiscard]] Octets certificate_pem(std::size_t index) const {
        oftp_octets *pem = nullptr;
        check(oftp_keystore_certificate_pem(handle_, index, &pem));
        return Octets(pem);
    }
    [[nodiscard]] Octets request_pem(std::size_t index, const oftp_owner &owner) const {
        oftp_octets *pem = nullptr;
        check(oftp_keystore_request_pem(handle_, index, &owner, &pem));
        return Octets(pem);
    }
    void write_key(std::size_t index, const char *path, const char *passphrase = nullptr,
                   bool replace = false) const {
        check(oftp_keystore_write_key(handle_, index, path, passphrase, replace ? 1 : 0));
    }
    void write_certificate(std::size_t index, const char *path, bool replace = false) const {
        check(oftp_keystore_write_certificate(handle_, index, path, replace ? 1 : 0));
    }
};

/** What is known of the certificates of one partner. */
class Trust : public detail::Owned<oftp_trust, &oftp_trust_free> {
public:
    explicit Trust(const oftp_trust_options &options = TrustOptions()) {
        oftp::check(oftp_trust_new(&handle_, &options));
    }

    void pin(const Keystore &certificates) {
        oftp::check(oftp_trust_pin(handle_, certificates.capi()));
    }
    void add_authorities(const Keystore &authorities) {
        oftp::check(oftp_trust_add_authorities(handle_, authorities.capi()));
    }
    void add_intermediates(const Keystore &intermediates) {
        oftp::check(oftp_trust_add_intermediates(handle_, intermediates.capi()));
    }
    void add_crls(const Keystore &crls) {
        oftp::check(oftp_trust_add_crls(handle_, crls.capi()));
    }
    void add_name(const char *name) { oftp::check(oftp_trust_add_name(handle_, name)); }

    /** Returns if the certificate is the partner's and may be used so.
     *  \throws Error OFTP_E_DISTRUST: it is not, or may not. */
    void check(bytes der, std::int32_t purpose, std::int64_t time = 0) const {
        oftp::check(oftp_trust_check(handle_, der.data(), der.size(), purpose, time));
    }
    /** \return The certificate in DER. */
    [[nodiscard]] Octets newest(std::int32_t purpose, std::int64_t time = 0) const {
        oftp_octets *der = nullptr;
        oftp::check(oftp_trust_newest(handle_, purpose, time, &der));
        return Octets(der);
    }
};

// ---------------------------------------------------------------------------------------------
// Progress

namespace detail {

/** Whom a service tells how far it is, and what that one throws. */
template <class Progress>
class Told {
public:
    explicit Told(Progress &progress) noexcept : progress_(progress) {}

    [[nodiscard]] oftp_progress function() const noexcept {
        if constexpr (std::is_null_pointer_v<Progress>) {
            return nullptr;
        } else {
            return &call;
        }
    }
    [[nodiscard]] void *user_data() noexcept { return this; }

    /** check() for the service: what was thrown comes out first. */
    void check(oftp_status status) {
        if (thrown_) {
            std::rethrow_exception(std::exchange(thrown_, nullptr));
        }
        oftp::check(status);
    }

private:
    static std::int32_t call(std::uint64_t done, std::uint64_t total, void *user_data) noexcept {
        Told &told = *static_cast<Told *>(user_data);
        try {
            using Result = decltype(told.progress_(done, total));
            static_assert(std::is_void_v<Result> || std::is_same_v<Result, oftp_status>,
                          "progress returns nothing, or an oftp_status: less than 0 stops");
            if constexpr (std::is_void_v<Result>) {
                told.progress_(done, total);
                return OFTP_OK;
            } else {
                return told.progress_(done, total);
            }
        } catch (...) {
            told.thrown_ = std::current_exception();
            return OFTP_E_CALLBACK;
        }
    }

    Progress &progress_;
    std::exception_ptr thrown_;
};

/** The type of a `progress` that was given: what may be called, or nullptr. */
template <class Progress>
using told_t = Told<std::remove_reference_t<Progress>>;

} // namespace detail

// In what follows `progress` is anything that may be called with the octets done and the octets
// to do, as oftp_progress without its user_data:
//
//     oftp::seal(plan, file,
//                [&](std::uint64_t done, std::uint64_t total) { bar.set(done, total); })
//
// It returns nothing, or an oftp_status that stops the work if it is less than 0. What it throws
// stops the work as well, and comes out.

// ---------------------------------------------------------------------------------------------
// Envelopes

/** Puts a content into its envelopes: octets in, octets out. */
class Sealer : public detail::Owned<oftp_cms_sealer, &oftp_cms_sealer_free> {
public:
    explicit Sealer(const oftp_cms_seal_plan &plan) { check(oftp_cms_sealer_new(&handle_, &plan)); }

    /** \return How many octets were taken. */
    [[nodiscard]] std::size_t push(bytes octets) {
        std::size_t taken = 0;
        check(oftp_cms_sealer_push(handle_, octets.data(), octets.size(), &taken));
        return taken;
    }
    /** \return Whether it was taken. */
    [[nodiscard]] bool push_record(bytes record) {
        std::int32_t taken = 0;
        check(oftp_cms_sealer_push_record(handle_, record.data(), record.size(), &taken));
        return taken != 0;
    }
    void end() { check(oftp_cms_sealer_end(handle_)); }
    /** \return How many octets there are now in `out`, from its beginning. */
    [[nodiscard]] std::size_t pull(span<std::uint8_t> out) {
        std::size_t len = 0;
        check(oftp_cms_sealer_pull(handle_, out.data(), out.size(), &len));
        return len;
    }
    [[nodiscard]] bool is_done() const { return check(oftp_cms_sealer_is_done(handle_)) != 0; }
    [[nodiscard]] std::size_t held() const {
        std::size_t held = 0;
        check(oftp_cms_sealer_held(handle_, &held));
        return held;
    }
};

/** Takes a content out of its envelopes. What is pulled is provisional until is_done(). */
class Opener : public detail::Owned<oftp_cms_opener, &oftp_cms_opener_free> {
public:
    explicit Opener(const oftp_cms_open_plan &plan) { check(oftp_cms_opener_new(&handle_, &plan)); }

    /** \return How many octets were taken. */
    [[nodiscard]] std::size_t push(bytes octets) {
        std::size_t taken = 0;
        check(oftp_cms_opener_push(handle_, octets.data(), octets.size(), &taken));
        return taken;
    }
    void end() { check(oftp_cms_opener_end(handle_)); }
    /** \return How many octets there are now in `out`, from its beginning. */
    [[nodiscard]] std::size_t pull(span<std::uint8_t> out) {
        std::size_t len = 0;
        check(oftp_cms_opener_pull(handle_, out.data(), out.size(), &len));
        return len;
    }
    /** Octets of one record, and whether it ends behind them. */
    struct Piece {
        std::size_t len = 0;
        bool end_of_record = false;
    };
    [[nodiscard]] Piece pull_record(span<std::uint8_t> out) {
        std::size_t len = 0;
        std::int32_t end = 0;
        check(oftp_cms_opener_pull_record(handle_, out.data(), out.size(), &len, &end));
        return {len, end != 0};
    }
    [[nodiscard]] bool is_done() const { return check(oftp_cms_opener_is_done(handle_)) != 0; }
    [[nodiscard]] Opened result() const {
        Opened opened;
        check(oftp_cms_opener_result(handle_, &opened));
        return opened;
    }
    [[nodiscard]] std::size_t held() const {
        std::size_t held = 0;
        check(oftp_cms_opener_held(handle_, &held));
        return held;
    }
};

/** A message is wrong: OFTP_E_CMS of open(), with the reasons that a partner may know. */
class OpenError : public Error {
public:
    explicit OpenError(const oftp_cms_opened &opened)
        : Error(OFTP_E_CMS, oftp_last_error()), opened_(opened) {}

    /** `nerp_reason` and `efna_reason`; the rest is 0. */
    [[nodiscard]] const Opened &opened() const noexcept { return opened_; }

private:
    Opened opened_;
};

/** What open() makes of a message: its content, and who signed it. */
struct Content {
    Octets octets;
    Opened opened;
};

/** Seals a file that is in memory: oftp_cms_seal_memory. */
template <class Progress = std::nullptr_t>
[[nodiscard]] Octets seal(const oftp_cms_seal_plan &plan, bytes file,
                          Progress &&progress = nullptr) {
    detail::told_t<Progress> told(progress);
    oftp_octets *out = nullptr;
    told.check(oftp_cms_seal_memory(&plan, file.data(), file.size(), told.function(),
                                    told.user_data(), &out));
    return Octets(out);
}

/** Seals a file from one descriptor to another: oftp_cms_seal_fd. */
template <class Progress = std::nullptr_t>
void seal(const oftp_cms_seal_plan &plan, int in_fd, int out_fd, Progress &&progress = nullptr) {
    detail::told_t<Progress> told(progress);
    told.check(oftp_cms_seal_fd(&plan, in_fd, out_fd, told.function(), told.user_data()));
}

/** Opens a message that is in memory: oftp_cms_open_memory.
 *  \throws OpenError, where that gives OFTP_E_CMS. */
template <class Progress = std::nullptr_t>
[[nodiscard]] Content open(const oftp_cms_open_plan &plan, bytes message,
                           Progress &&progress = nullptr) {
    detail::told_t<Progress> told(progress);
    oftp_octets *out = nullptr;
    Opened opened;
    const oftp_status status =
        oftp_cms_open_memory(&plan, message.data(), message.size(), told.function(),
                             told.user_data(), &out, &opened);
    if (status == OFTP_E_CMS) {
        throw OpenError(opened);
    }
    told.check(status);
    return {Octets(out), opened};
}

/** Opens a message from one descriptor to another: oftp_cms_open_fd. What it wrote must not be
 *  used if it throws.
 *  \throws OpenError, where that gives OFTP_E_CMS. */
template <class Progress = std::nullptr_t>
Opened open(const oftp_cms_open_plan &plan, int in_fd, int out_fd, Progress &&progress = nullptr) {
    detail::told_t<Progress> told(progress);
    Opened opened;
    const oftp_status status = oftp_cms_open_fd(&plan, in_fd, out_fd, told.function(),
                                                told.user_data(), &opened);
    if (status == OFTP_E_CMS) {
        throw OpenError(opened);
    }
    told.check(status);
    return opened;
}

// ---------------------------------------------------------------------------------------------
// Signed end responses, and challenges

/** \param fingerprint Which certificate signs; NULL: the newest that is valid.
 *  \return The signature: its data() and size() are what the response's `signature` and
 *  `signature_len` are set to. */
[[nodiscard]] inline Octets response_sign_eerp(const oftp_end_response &response,
                                               std::int32_t suite, const Keystore &keystore,
                                               const std::uint8_t *fingerprint = nullptr,
                                               std::int64_t time = 0) {
    oftp_octets *signature = nullptr;
    check(oftp_response_sign_eerp(&response, suite, keystore.capi(), fingerprint, time,
                                  &signature));
    return Octets(signature);
}

/** As response_sign_eerp(). */
[[nodiscard]] inline Octets response_sign_nerp(const oftp_end_response &response,
                                               std::int32_t suite, const Keystore &keystore,
                                               const std::uint8_t *fingerprint = nullptr,
                                               std::int64_t time = 0) {
    oftp_octets *signature = nullptr;
    check(oftp_response_sign_nerp(&response, suite, keystore.capi(), fingerprint, time,
                                  &signature));
    return Octets(signature);
}

/** Returns if the EERP proves that the partner received what was sent.
 *  \return Which certificate signed.
 *  \throws Error OFTP_E_CMS: it does not. */
inline Fingerprint response_verify_eerp(const oftp_end_response &response, const Trust &trust,
                                        bytes hash, std::int64_t time = 0,
                                        bool refuse_legacy = false) {
    Fingerprint signer{};
    check(oftp_response_verify_eerp(&response, trust.capi(), hash.data(), hash.size(), time,
                                    refuse_legacy ? 1 : 0, signer.data()));
    return signer;
}

/** As response_verify_eerp(); an empty hash is not compared. */
inline Fingerprint response_verify_nerp(const oftp_end_response &response, const Trust &trust,
                                        bytes hash, std::int64_t time = 0,
                                        bool refuse_legacy = false) {
    Fingerprint signer{};
    check(oftp_response_verify_nerp(&response, trust.capi(), hash.data(), hash.size(), time,
                                    refuse_legacy ? 1 : 0, signer.data()));
    return signer;
}

/** The 20 octets of a challenge. */
using ChallengePlain = std::array<std::uint8_t, 20>;

/** A challenge for a partner: what SessionRef::seal_challenge_rs() is given. */
struct Challenge {
    ChallengePlain plain;
    Octets sealed;
};
[[nodiscard]] inline Challenge challenge_seal(const Trust &partner, std::int32_t suite = 0,
                                              std::int64_t time = 0) {
    ChallengePlain plain{};
    oftp_octets *sealed = nullptr;
    check(oftp_challenge_seal(partner.capi(), suite, time, plain.data(), &sealed));
    return {plain, Octets(sealed)};
}

/** \return What SessionRef::open_challenge_rs() is given. */
[[nodiscard]] inline ChallengePlain challenge_open(const Keystore &keystore, bytes sealed) {
    ChallengePlain plain{};
    check(oftp_challenge_open(keystore.capi(), sealed.data(), sealed.size(), plain.data()));
    return plain;
}

// ---------------------------------------------------------------------------------------------
// Hashes

/** The value of a hash: 20, 32 or 64 octets; a container for views. */
struct HashValue {
    std::array<std::uint8_t, OFTP_HASH_MAX> octets{};
    std::size_t len = 0;

    [[nodiscard]] const std::uint8_t *data() const noexcept { return octets.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return len; }

    friend bool operator==(const HashValue &a, const HashValue &b) noexcept {
        return as_text(a) == as_text(b);
    }
    friend bool operator!=(const HashValue &a, const HashValue &b) noexcept { return !(a == b); }
};

/** A hash in the making. It must not be destroyed in the progress of its update_fd(). */
class Hash : public detail::Owned<oftp_hash, &oftp_hash_free> {
public:
    explicit Hash(std::int32_t suite = 0) { check(oftp_hash_new(&handle_, suite)); }

    void update(bytes octets) { check(oftp_hash_update(handle_, octets.data(), octets.size())); }
    template <class Progress = std::nullptr_t>
    void update_fd(int fd, Progress &&progress = nullptr) {
        detail::told_t<Progress> told(progress);
        told.check(oftp_hash_update_fd(handle_, fd, told.function(), told.user_data()));
    }
    [[nodiscard]] HashValue value() const {
        HashValue value;
        check(oftp_hash_value(handle_, value.octets.data(), value.octets.size(), &value.len));
        return value;
    }
};

[[nodiscard]] inline HashValue hash_memory(std::int32_t suite, bytes data) {
    HashValue value;
    check(oftp_hash_memory(suite, data.data(), data.size(), value.octets.data(),
                           value.octets.size(), &value.len));
    return value;
}

template <class Progress = std::nullptr_t>
[[nodiscard]] HashValue hash_fd(std::int32_t suite, int fd, Progress &&progress = nullptr) {
    detail::told_t<Progress> told(progress);
    HashValue value;
    told.check(oftp_hash_fd(suite, fd, told.function(), told.user_data(), value.octets.data(),
                            value.octets.size(), &value.len));
    return value;
}

} // namespace oftp

#endif /* OFTP_SERVICES_HPP */
