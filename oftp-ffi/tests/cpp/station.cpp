// A station by oftp.hpp: opened on the folder of argv[1], which has a partner `beta`.
#include <oftp.hpp>

#include <chrono>
#include <cstdio>
#include <optional>

int main(int argc, char **argv) {
    using std::chrono::milliseconds;
    if (argc < 2) {
        return 1;
    }
    oftp::Station station(argv[1]);
    oftp::StationFile file;
    file.octets = reinterpret_cast<const std::uint8_t *>("x");
    file.len = 1;
    file.name = "cpp";
    const auto id = station.submit("beta", file);
    station.cancel(id);
    oftp::StationEvent event;
    std::optional<oftp::Octets> json;
    // Nobody runs it: where the history ends nothing is waited for.
    while (station.event_next(event.id, milliseconds(60000), event, json)) {
    }
    if (!json || event.kind != OFTP_EVENT_FILE_CANCELLED || event.id != station.last_event()) {
        return 2;
    }
    std::int32_t state = 0;
    if (!station.wait_file(id, milliseconds(0), state) || state != OFTP_STATE_CANCELLED) {
        return 3;
    }
    station.start();
    if (!station.is_running() || station.port() == 0) {
        return 4;
    }
    try {
        station.start();
        return 5;
    } catch (const oftp::Error &error) {
        if (error.code() != OFTP_E_USER) {
            return 6;
        }
    }
    if (!station.stop(milliseconds(60000)) || station.files_json().text() == "[]") {
        return 7;
    }
    std::puts("a station runs in C++");
    return 0;
}
