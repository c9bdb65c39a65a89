/*
 * oftp/base.hpp - what all of oftp.hpp uses: errors, views, structures, handles.
 *
 * Licence: MIT or Apache-2.0.
 */

#ifndef OFTP_BASE_HPP
#define OFTP_BASE_HPP

#include "../oftp.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace oftp {

// ---------------------------------------------------------------------------------------------
// Errors

/** A call failed: an oftp_code, and in what() the text of oftp_last_error(). */
class Error : public std::runtime_error {
public:
    Error(oftp_status code, const char *text) : std::runtime_error(text), code_(code) {}

    /** An oftp_code, less than 0. */
    [[nodiscard]] oftp_status code() const noexcept { return code_; }
    /** Its name, such as "OFTP_E_USER"; a static string. */
    [[nodiscard]] const char *name() const noexcept { return oftp_status_name(code_); }

private:
    oftp_status code_;
};

/** Throws an Error for a status below 0, and gives the others back. Call it right after the
 *  function whose status it is: the text is that of the last call of this thread. */
inline oftp_status check(oftp_status status) {
    if (status < 0) {
        throw Error(status, oftp_last_error());
    }
    return status;
}

/** The release of the library at run time; OFTP_VERSION is that of the header. */
[[nodiscard]] inline std::string_view version() noexcept { return oftp_version(); }

// ---------------------------------------------------------------------------------------------
// Views

namespace detail {

/** Whether elements of type E can be seen as T: they are T, or characters, and T an octet. */
template <class E, class T>
constexpr bool can_view() noexcept {
    using Plain = std::remove_cv_t<E>;
    constexpr bool octets = std::is_same_v<Plain, char> || std::is_same_v<Plain, std::byte>;
    return std::is_convertible_v<E (*)[], T (*)[]> ||
           (octets && std::is_same_v<std::remove_cv_t<T>, std::uint8_t> &&
            (std::is_const_v<T> || !std::is_const_v<E>));
}

} // namespace detail

/** A view of values that lie one behind the other, which it does not own: as std::span, to which
 *  it converts in C++20. */
template <class T>
class span {
public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;
    using iterator = T *;

    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}

    /** A view of a std::vector, std::array, std::string_view ... of T, or of characters where T is
     *  an octet. The container must outlive the view. */
    template <class C, class E = std::remove_pointer_t<decltype(std::declval<C &>().data())>,
              class = decltype(std::declval<C &>().size()),
              class = std::enable_if_t<!std::is_same_v<std::decay_t<C>, span> &&
                                       detail::can_view<E, T>()>>
    constexpr span(C &&container) noexcept // NOLINT: it is meant to convert
        : span(pointer(container.data()), container.size()) {}

    [[nodiscard]] constexpr T *data() const noexcept { return data_; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] constexpr T *begin() const noexcept { return data_; }
    [[nodiscard]] constexpr T *end() const noexcept { return data_ + size_; }
    /** An element; the index is not checked. */
    [[nodiscard]] constexpr T &operator[](std::size_t index) const noexcept {
        return data_[index];
    }
    /** The elements from `first` on, at most `count`; empty behind the end. */
    [[nodiscard]] constexpr span subspan(std::size_t first,
                                         std::size_t count = SIZE_MAX) const noexcept {
        const std::size_t from = first < size_ ? first : size_;
        const std::size_t rest = size_ - from;
        return span(data_ + from, count < rest ? count : rest);
    }

private:
    template <class E>
    static constexpr T *pointer(E *data) noexcept {
        if constexpr (std::is_convertible_v<E (*)[], T (*)[]>) {
            return data;
        } else {
            return reinterpret_cast<T *>(data);
        }
    }

    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/** Octets to be read. What a callback gets is borrowed until it returns. */
using bytes = span<const std::uint8_t>;

/** The same octets as characters, for std::string and streams. */
[[nodiscard]] inline std::string_view as_text(bytes octets) noexcept {
    return {reinterpret_cast<const char *>(octets.data()), octets.size()};
}

// ---------------------------------------------------------------------------------------------
// Structures

/** Writes a text into a field of a structure, such as VirtualFile::dsn, with the 0 behind it.
 *  \throws Error OFTP_E_VALUE: it is too long, or holds a 0; the field is as it was. */
template <std::size_t N>
void set(char (&field)[N], std::string_view text) {
    if (text.size() >= N || text.find('\0') != std::string_view::npos) {
        const std::string why = "'" + std::string(text) + "' does not fit: at most " +
                                std::to_string(N - 1) + " characters, none of them 0";
        throw Error(OFTP_E_VALUE, why.c_str());
    }
    std::memset(field, 0, N);
    std::memcpy(field, text.data(), text.size());
}

/** A structure of oftp.h whose fields are all 0, their defaults, and whose size is set. */
template <class Structure>
struct Initialised : Structure {
    Initialised() noexcept : Structure() { this->struct_size = sizeof(Structure); }
    /** A copy of one that a callback got. Pointers in it stay borrowed. */
    Initialised(const Structure &other) noexcept : Initialised() { // NOLINT: converts
        // The library may know a longer or shorter one than this header.
        const std::size_t theirs = other.struct_size, ours = sizeof(Structure);
        std::memcpy(static_cast<Structure *>(this), &other, theirs < ours ? theirs : ours);
        this->struct_size = ours;
    }
};

/** What a session is told before it begins. */
using Config = Initialised<oftp_config>;
/** Who we are and how we want a session: F_CONNECT_RQ and F_CONNECT_RS. */
using Connect = Initialised<oftp_connect>;
/** The fields of SFID, the parameters of F_START_FILE. `description` is a pointer: it must live
 *  until start_file_rq has returned, and in a copy of a received file it is borrowed. */
using VirtualFile = Initialised<oftp_virtual_file>;
/** The parameters of F_EERP and F_NERP, with pointers as VirtualFile has one. */
using EndResponse = Initialised<oftp_end_response>;

/** The end response for a file: oftp_end_response_for. */
[[nodiscard]] inline EndResponse end_response_for(const oftp_virtual_file &file) {
    EndResponse response;
    check(oftp_end_response_for(&file, &response));
    return response;
}

// ---------------------------------------------------------------------------------------------
// Handles

namespace detail {

/** The owner of a handle: freed at the end of its scope, movable, not copyable. */
template <class Handle, oftp_status (*Free)(Handle *)>
class Owned {
public:
    Owned(Owned &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Owned &operator=(Owned &&other) noexcept {
        Owned moved(std::move(other));
        std::swap(handle_, moved.handle_);
        return *this;
    }
    Owned(const Owned &) = delete;
    Owned &operator=(const Owned &) = delete;

    /** The handle, still owned by this; NULL in one that was moved from. */
    [[nodiscard]] Handle *capi() const noexcept { return handle_; }

protected:
    Owned() noexcept = default;
    explicit Owned(Handle *handle) noexcept : handle_(handle) {}
    ~Owned() { Free(handle_); }

    Handle *handle_ = nullptr;
};

/** A pointer that keeps nothing, to what outlives it. */
template <class T>
[[nodiscard]] std::shared_ptr<T> unowned(T *object) {
    return std::shared_ptr<T>(std::shared_ptr<void>(), object);
}

} // namespace detail

} // namespace oftp

#endif /* OFTP_BASE_HPP */
