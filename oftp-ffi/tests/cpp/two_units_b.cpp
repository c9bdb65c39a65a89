// See two_units_a.cpp.

#include <oftp.hpp>
#include <oftp.hpp> // twice in one, too

bool in_b();

bool in_b() {
    struct Nothing : oftp::UserMonitor {
    } monitor;
    oftp::Session session(monitor);
    return session.dispatch().sum() == 0 && !session.deadline();
}
