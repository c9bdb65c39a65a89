//! Which files are taken, and who comes in.

use oftp::*;

use super::support::{Station, noise, pair, session, sized};

/// What becomes of a file, by the reason of SFNA; 0: it was stored.
fn offered(
    change: impl FnOnce(&mut oftp_partner),
    file: impl FnOnce(&Station) -> oftp_virtual_file,
) -> i32 {
    let (alpha, beta) = pair();
    beta.knows("OALPHA", change);
    let file = file(&alpha);
    alpha.send(
        &file,
        &noise(5000 * usize::from(file.format != oftp_format::OFTP_FORMAT_V as i32)),
    );
    session(&alpha, &beta);
    assert_eq!(
        alpha.result().ending,
        oftp_ending::OFTP_ENDING_NORMAL as i32
    );
    let refused = alpha
        .log
        .lines
        .iter()
        .find_map(|line| line.strip_prefix("refused 1 SFNA "));
    let reason = refused.map_or(0, |line| line.split(' ').next().unwrap().parse().unwrap());
    assert_eq!(beta.stored().is_empty(), reason != 0);
    assert_eq!(beta.result().files_turned_away, u64::from(reason != 0));
    assert_eq!(alpha.result().files_waiting, 0);
    reason
}

fn plain(alpha: &Station) -> oftp_virtual_file {
    alpha.file("A", "OBETA", oftp_format::OFTP_FORMAT_U, 0)
}

fn to(destination: &'static str) -> impl FnOnce(&Station) -> oftp_virtual_file {
    move |alpha| {
        let mut file = plain(alpha);
        file.destination = [0; 26];
        super::support::fill(&mut file.destination, destination);
        file
    }
}

fn from(originator: &'static str) -> impl FnOnce(&Station) -> oftp_virtual_file {
    move |alpha| {
        let mut file = plain(alpha);
        file.originator = [0; 26];
        super::support::fill(&mut file.originator, originator);
        file
    }
}

#[test]
fn files_are_refused_by_policy() {
    assert_eq!(offered(|_| {}, plain), 0);
    assert_eq!(offered(|_| {}, to("OTHER")), 2);
    let other = [c"OTHER".as_ptr()];
    let listed = |partner: &mut oftp_partner| {
        partner.destinations = other.as_ptr();
        partner.destination_count = 1;
    };
    assert_eq!(offered(listed, to("OTHER")), 0);
    assert_eq!(offered(listed, to("OTHER2")), 2);
    assert_eq!(offered(|p| p.any_destination = 1, to("OTHER2")), 0);
    assert_eq!(offered(|_| {}, from("X1234567890123456ABC")), 3);
    assert_eq!(
        offered(|p| p.any_origin = 1, from("X1234567890123456ABC")),
        0
    );
    let listed = |partner: &mut oftp_partner| {
        partner.origins = other.as_ptr();
        partner.origin_count = 1;
    };
    assert_eq!(offered(listed, from("OTHER")), 0);
    assert_eq!(offered(|p| p.formats = c"FV".as_ptr(), plain), 4);
    assert_eq!(offered(|p| p.max_size = 4, plain), 6);
    assert_eq!(offered(|p| p.max_size = 5, plain), 0);
    let required = oftp_rule::OFTP_RULE_REQUIRED as i32;
    assert_eq!(offered(|p| p.encryption = required, plain), 17);
    assert_eq!(offered(|p| p.signing = required, plain), 20);
    assert_eq!(offered(|p| p.signed_responses = required, plain), 99);
    let compressed = |alpha: &Station| oftp_virtual_file {
        compression: 1,
        ..plain(alpha)
    };
    let forbidden = oftp_rule::OFTP_RULE_FORBIDDEN as i32;
    assert_eq!(offered(|p| p.compression = forbidden, compressed), 18);
    assert_eq!(offered(|_| {}, compressed), 0);
    let records = |alpha: &Station| alpha.file("V", "OBETA", oftp_format::OFTP_FORMAT_V, 70_000);
    assert_eq!(offered(|p| p.max_record = 60_000, records), 5);
    // Its length would not fit before it.
    assert_eq!(offered(|_| {}, records), 5);
}

#[test]
fn a_file_that_grows_beyond_its_size_is_not_kept() {
    let (alpha, beta) = pair();
    beta.knows("OALPHA", |partner| partner.max_size = 10);
    let file = oftp_virtual_file {
        size: 1,
        ..plain(&alpha)
    };
    alpha.send(&file, &noise(200_000));
    session(&alpha, &beta);
    assert_eq!(alpha.result().reason, 8, "{:?}", alpha.log.lines);
    assert!(beta.stored().is_empty());
    let partial = std::fs::read_dir(beta.folder.path().join(".partial")).unwrap();
    assert_eq!(partial.count(), 0);
}

#[test]
fn who_is_not_known_does_not_come_in() {
    let (alpha, beta) = (
        Station::new("OALPHA", |_| {}),
        Station::new("OBETA", |_| {}),
    );
    alpha.knows("OBETA", |_| {});
    session(&alpha, &beta);
    assert_eq!((alpha.result().reason, beta.result().reason), (3, 3));
    beta.knows("OALPHA", |partner| partner.password = c"OTHER".as_ptr());
    session(&alpha, &beta);
    assert_eq!((alpha.result().reason, beta.result().reason), (4, 4));
    let text = super::support::text(alpha.result().text);
    assert!(text.contains("(ESID 04 invalid password"), "{text}");
    assert_eq!(beta.result().ending, oftp_ending::OFTP_ENDING_BY_US as i32);
    let hidden = Station::new("OBETA", |config| config.hide_unknown = 1);
    session(&alpha, &hidden);
    assert_eq!(alpha.result().reason, 4);
    // And the partner that is called must be who it says.
    let gamma = Station::new("OGAMMA", |_| {});
    gamma.knows("OALPHA", |_| {});
    let (one, two) = super::support::sockets();
    use std::os::fd::AsRawFd;
    alpha.calls("OBETA");
    gamma.answers();
    alpha.attach(one.as_raw_fd(), None);
    gamma.attach(two.as_raw_fd(), None);
    super::support::run((&alpha, &one), (&gamma, &two));
    assert_eq!((alpha.result().reason, gamma.result().reason), (3, 3));
}

#[test]
fn a_duplicate_is_refused_also_by_another_mailbox() {
    let (alpha, beta) = pair();
    alpha.send(&plain(&alpha), b"octets");
    session(&alpha, &beta);
    drop(alpha);
    let alpha = Station::new("OALPHA", |_| {});
    alpha.knows("OBETA", |_| {});
    alpha.send(&plain(&alpha), b"octets");
    session(&alpha, &beta);
    alpha.assert_told("refused 1 SFNA 13 0");
    beta.assert_told("turned_away A SFNA 13");
}

#[test]
fn what_is_agreed_is_what_the_partner_may() {
    let (alpha, beta) = pair();
    let small = oftp_config {
        buffer_size: 128,
        window: 1,
        ..sized()
    };
    beta.knows("OALPHA", |partner| partner.session = &raw const small);
    alpha.send(&plain(&alpha), &noise(50_000));
    session(&alpha, &beta);
    assert!(beta.only_stored() == noise(50_000));
}
