// oftp.hpp in two translation units of one program; the other is two_units_b.cpp. Here: what the
// compiler can check of it.

#include <oftp.hpp>

#include <array>
#include <vector>

namespace {

struct Base : oftp::UserMonitor {
    oftp_status connect_ind(oftp::SessionRef, const oftp_ssid &) override { return OFTP_OK; }

private:
    oftp_status data_ind(oftp::SessionRef, oftp::bytes, oftp::span<const std::size_t>) override {
        return OFTP_OK;
    }
};
struct Derived final : Base {
    oftp_status trace(oftp::SessionRef, const oftp_trace &) noexcept override { return OFTP_OK; }
};

// What is overridden is set: here, in a base, privately, noexcept.
static_assert(oftp::members_of<oftp::UserMonitor>() == 0);
static_assert(oftp::members_of<Base>() == (1u << 0 | 1u << 5));
static_assert(oftp::members_of<Derived>() == (1u << 0 | 1u << 5 | 1u << 20));

using oftp::bytes;
static_assert(std::is_convertible_v<const std::vector<std::uint8_t> &, bytes>);
static_assert(std::is_convertible_v<std::string_view, bytes>);
static_assert(std::is_convertible_v<const std::array<std::byte, 3> &, bytes>);
static_assert(std::is_convertible_v<oftp::span<std::uint8_t>, bytes>);
static_assert(!std::is_convertible_v<std::vector<int> &, bytes>);
static_assert(!std::is_convertible_v<const std::string &, oftp::span<std::uint8_t>>);
static_assert(!std::is_convertible_v<bytes, oftp::span<std::uint8_t>>);

static_assert(!std::is_copy_constructible_v<oftp::Session>);
static_assert(std::is_nothrow_move_constructible_v<oftp::Session>);
static_assert(std::is_trivially_copyable_v<oftp::SessionRef>);
static_assert(!std::is_copy_constructible_v<oftp::Mailbox>);
static_assert(std::is_nothrow_move_constructible_v<oftp::Mailbox>);
static_assert(std::is_trivially_copyable_v<oftp::MailboxRef>);
static_assert(!std::is_copy_constructible_v<oftp::Keystore>);
static_assert(std::is_nothrow_move_assignable_v<oftp::Octets>);
static_assert(std::is_convertible_v<const oftp::Octets &, bytes>);
static_assert(std::is_convertible_v<const oftp::HashValue &, bytes>);
static_assert(std::is_copy_constructible_v<oftp::OpenError>);

struct Warned : oftp::MailboxEvents {
private:
    oftp_status warning(oftp::MailboxRef, std::string_view) override { return OFTP_OK; }
};
static_assert(oftp::events_of<oftp::MailboxEvents>() == 0);
static_assert(oftp::events_of<Warned>() == 1u << 11);
// Its type says nothing of what is set.
static_assert(!std::is_constructible_v<oftp::Session, oftp::NetworkService &>);

oftp_status code_of(void (*call)()) {
    try {
        call();
    } catch (const oftp::Error &error) {
        return error.what()[0] != 0 ? error.code() : 0;
    }
    return 0;
}

} // namespace

bool in_b();

int main() {
    const bool right =
        in_b() && oftp::version() == OFTP_VERSION &&
        // A field that is too long; what only the Speaker may do; no monitor.
        code_of([] {
            oftp::VirtualFile file;
            oftp::set(file.dsn, "123456789012345678901234567");
        }) == OFTP_E_VALUE &&
        code_of([] {
            Derived monitor;
            oftp::Session(monitor).cd_rq();
        }) == OFTP_E_USER &&
        code_of([] { oftp::Session(std::shared_ptr<Derived>()); }) == OFTP_E_NULL;

    // What a library with a longer structure has given, is copied as this header knows it.
    struct {
        oftp_virtual_file known;
        int added;
    } longer = {};
    longer.known.struct_size = sizeof longer;
    oftp::set(longer.known.dsn, "LONGER");
    const oftp::VirtualFile copy(longer.known);
    if (copy.struct_size != sizeof(oftp_virtual_file) || copy.dsn != std::string_view("LONGER")) {
        return 1;
    }

    // A session that was moved from, and a reference that is kept too long.
    oftp::Session first(std::make_unique<Derived>());
    const oftp::SessionRef kept = first;
    oftp::Session second = std::move(first);
    const bool moved = first.capi() == nullptr && second.capi() == kept.capi();
    second = oftp::Session(std::make_unique<Base>());
    try {
        kept.data_ready();
    } catch (const oftp::Error &error) {
        return right && moved && error.code() == OFTP_E_BAD_HANDLE ? 0 : 1;
    }
    return 1;
}
