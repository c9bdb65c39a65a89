/*
 * oftp/station.hpp - a whole station; a part of oftp.hpp.
 *
 * Licence: MIT or Apache-2.0.
 */

#ifndef OFTP_STATION_HPP
#define OFTP_STATION_HPP

#include "base.hpp"
#include "services.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace oftp {

/** A file for Station::submit. Pointers in it must live until that has returned. */
using StationFile = Initialised<oftp_station_file>;
/** One line of the history of a station. */
using StationEvent = Initialised<oftp_station_event>;
/** Which files are wanted. */
using StationFilter = Initialised<oftp_station_filter>;

/** A whole station: an owned oftp_station. Several threads may use one; its destructor stops it,
 *  within some seconds. */
class Station : public detail::Owned<oftp_station, &oftp_station_free> {
public:
    using milliseconds = std::chrono::milliseconds;

    explicit Station(const char *folder) { check(oftp_station_open(&handle_, folder)); }

    void start() { check(oftp_station_start(handle_)); }
    /** \return Whether it ended in good order; otherwise sessions were cut. */
    bool stop(milliseconds within) { return check(oftp_station_stop(handle_, ms(within))) == 0; }
    [[nodiscard]] bool is_running() const { return check(oftp_station_is_running(handle_)) == 1; }
    [[nodiscard]] std::uint16_t port(std::size_t index = 0) const {
        std::uint32_t port = 0;
        check(oftp_station_port(handle_, index, &port));
        return static_cast<std::uint16_t>(port);
    }
    void reload() { check(oftp_station_reload(handle_)); }

    /** \return The number of the file. */
    std::uint64_t submit(const char *partner, const oftp_station_file &file) {
        std::uint64_t id = 0;
        check(oftp_station_submit(handle_, partner, &file, &id));
        return id;
    }
    /** \return Whether there is one; otherwise `event` is as it was. */
    bool event_next(std::uint64_t after, milliseconds timeout, oftp_station_event &event) {
        return check(oftp_station_event_next(handle_, after, ms(timeout), &event, nullptr)) == 1;
    }
    /** With all that is to be said of it, in JSON. */
    bool event_next(std::uint64_t after, milliseconds timeout, oftp_station_event &event,
                    std::optional<Octets> &json) {
        oftp_octets *text = nullptr;
        if (check(oftp_station_event_next(handle_, after, ms(timeout), &event, &text)) == 0) {
            return false;
        }
        json.emplace(text);
        return true;
    }
    [[nodiscard]] std::uint64_t last_event() const {
        std::uint64_t id = 0;
        check(oftp_station_last_event(handle_, &id));
        return id;
    }
    /** \param state Receives an oftp_file_state. \return Whether nothing is to happen any more. */
    bool wait_file(std::uint64_t id, milliseconds timeout, std::int32_t &state) {
        return check(oftp_station_wait_file(handle_, id, ms(timeout), &state)) == 1;
    }

    void call(const char *partner) { check(oftp_station_call(handle_, partner)); }
    void hold_partner(const char *partner, bool held = true) {
        check(oftp_station_hold_partner(handle_, partner, choice(held)));
    }
    void hold(std::uint64_t id) { check(oftp_station_hold(handle_, id)); }
    void release(std::uint64_t id) { check(oftp_station_release(handle_, id)); }
    void cancel(std::uint64_t id, bool force = false) {
        check(oftp_station_cancel(handle_, id, choice(force)));
    }
    /** \return The number of the new file. */
    std::uint64_t resend(std::uint64_t id, bool force = false) {
        std::uint64_t made = 0;
        check(oftp_station_resend(handle_, id, choice(force), &made));
        return made;
    }

    [[nodiscard]] Octets files_json(const oftp_station_filter &filter = StationFilter()) const {
        oftp_octets *json = nullptr;
        check(oftp_station_files_json(handle_, &filter, &json));
        return Octets(json);
    }
    [[nodiscard]] Octets file_json(std::uint64_t id) const {
        oftp_octets *json = nullptr;
        check(oftp_station_file_json(handle_, id, &json));
        return Octets(json);
    }
    [[nodiscard]] Octets partners_json() const {
        oftp_octets *json = nullptr;
        check(oftp_station_partners_json(handle_, &json));
        return Octets(json);
    }
    [[nodiscard]] Octets status_json() const {
        oftp_octets *json = nullptr;
        check(oftp_station_status_json(handle_, &json));
        return Octets(json);
    }
    Octets messages_json() {
        oftp_octets *json = nullptr;
        check(oftp_station_messages_json(handle_, &json));
        return Octets(json);
    }

private:
    static std::int32_t choice(bool yes) noexcept { return yes ? OFTP_YES : OFTP_NO; }
    /** What is out of range becomes the nearest that is in it. */
    static std::uint32_t ms(milliseconds time) noexcept {
        const auto count = time.count();
        constexpr auto most = std::numeric_limits<std::uint32_t>::max();
        if (count <= 0) {
            return 0;
        }
        return static_cast<unsigned long long>(count) > most ? most
                                                             : static_cast<std::uint32_t>(count);
    }
};

} // namespace oftp

#endif /* OFTP_STATION_HPP */
