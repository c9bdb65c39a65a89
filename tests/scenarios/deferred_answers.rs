//! A User Monitor may answer a minute later: the session waits, and loses nothing.

use std::time::Duration;

use oftp_core::session::{CloseFileRs, StartFileRs};
use oftp_core::state::State;
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{Command, Efid, Sfpa};
use oftp_tests::lone::{Lone, Setup, Side};

#[test]
fn every_answer_can_come_a_minute_later() {
    let mut lone = Lone::in_state(Setup::new(Side::Responder), State::AWfConrs).expect("called");
    lone.wait(60);
    let rs = lone.setup.connect_rs();
    lone.session.connect_rs(rs).expect("a caller waits");
    lone.drain();
    let offer = lone.setup.peer_file();
    lone.peer(&Command::Sfid(offer));
    lone.wait(60);
    lone.session
        .start_file_rs(StartFileRs::Positive(RestartPosition::START))
        .expect("a file is offered");
    lone.drain();
    lone.peer(&Command::Data(b"\x81A"));
    lone.peer(&Command::Efid(Efid { rcnt: 0, ucnt: 1 }));
    lone.wait(60);
    lone.session
        .close_file_rs(CloseFileRs::Positive { speaker: false })
        .expect("a file is complete");
    lone.drain();
    let eerp = lone.setup.peer_eerp();
    lone.peer(&Command::Eerp(eerp));
    lone.wait(60);
    lone.session.rtr_rs().expect("an EERP waits");
    lone.drain();
    let commands: Vec<u8> = lone.sent.iter().map(|buffer| buffer[0]).collect();
    assert_eq!(commands, b"X24P");
    assert_eq!(lone.session.state(), State::IdleLi);
}

#[test]
fn the_source_of_a_file_can_be_opened_a_minute_later() {
    use oftp_core::mailbox::{Event, Mail, Mailbox};
    use oftp_core::session::Addresses;
    use oftp_core::wire::{Level, RecordFormat, Ssrm, sth};
    use oftp_tests::pair::{ALPHA, BETA};
    use oftp_tests::stations::{partner, settings, sfid};

    let called = Mailbox::call(settings(ALPHA), partner(BETA), Addresses::default());
    let mut mailbox = called.expect("no authentication");
    mailbox.queue_file(sfid("FILE", ALPHA, BETA, RecordFormat::U, 0));
    mailbox.n_con_cf();
    let ssid = Setup::new(Side::Initiator).ssid();
    let mut wanted = false;
    for command in [
        Command::Ssrm(Ssrm),
        Command::Ssid(ssid),
        Command::Sfpa(Sfpa { acnt: 0 }),
    ] {
        let mut buffer = Vec::new();
        command.encode(Level::V2_0, &mut buffer).expect("fits");
        mailbox.n_data_ind(&sth::header(buffer.len()));
        mailbox.n_data_ind(&buffer);
        loop {
            match mailbox.poll() {
                Mail::NDataRq(pending) => {
                    let octets = pending.len();
                    mailbox.sent(octets);
                }
                Mail::Event(Event::FileWanted { .. }) => wanted = true,
                Mail::Wait(_) => break,
                _ => {}
            }
        }
    }
    assert!(wanted);
    mailbox.tick(Duration::from_secs(60));
    assert!(mailbox.supply(|_| oftp_core::mailbox::Supply::End).is_err());
    mailbox
        .source_ready(RestartPosition::START)
        .expect("asked for");
    let mut asked = false;
    loop {
        match mailbox.poll() {
            Mail::Event(Event::DataWanted { .. }) => asked = true,
            Mail::Wait(_) => break,
            _ => {}
        }
    }
    assert!(asked);
}
