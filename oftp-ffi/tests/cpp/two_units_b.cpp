// See two_units_a.cpp.

#include <oftp.hpp>
#include <oftp.hpp> // twice in one, too

bool in_b();

bool in_b() {
    struct Nothing : oftp::UserMonitor {
    } monitor;
    oftp::Session session(monitor);
    if (session.dispatch().sum() != 0 || session.deadline()) {
        return false;
    }
    oftp::MailboxConfig config;
    config.code = "O0013A";
    oftp::Mailbox mailbox(config);
    if (mailbox.result().files_waiting != 0 || oftp::hash_memory(0, {}).size() != 32) {
        return false;
    }
    // OFTP_WANT_CONNECT lasts until it is answered, even before it was told.
    oftp::Connect us;
    oftp::set(us.code, "O0013A");
    oftp::Session early(monitor), late(monitor), given_up(monitor);
    early.connect_rq(us);
    early.n_con_cf();
    late.connect_rq(us);
    const bool told = late.dispatch().connect() && late.wants().connect();
    late.n_rst_ind();
    given_up.connect_rq(us);
    (void)given_up.dispatch();
    given_up.abort_rq();
    return told && !early.dispatch().connect() && late.dispatch().sum() == OFTP_WANT_CLOSE &&
           given_up.dispatch().sum() == OFTP_WANT_CLOSE;
}
