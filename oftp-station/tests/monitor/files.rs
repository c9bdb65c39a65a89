//! Files on their way: how far they are, and until when they can be taken back.

use oftp_station::monitor::{Ending, MonitorError, Sending, Source, Tell};

use super::common::{Side, file, monitor, session};

fn pair() -> (Side, Side) {
    let alpha = monitor("OALPHA", "alpha", "OBETA", "beta", None);
    let beta = monitor("OBETA", "beta", "OALPHA", "alpha", None);
    (Side::new(alpha), Side::new(beta))
}

fn sending(name: &str, octets: Vec<u8>) -> Sending {
    Sending {
        partner: None,
        sfid: file(name, "OALPHA", "OBETA"),
        source: Source::memory(octets),
    }
}

#[test]
fn both_sides_see_how_far_a_file_is() {
    let (mut alpha, mut beta) = pair();
    beta.takes = true;
    // Compression would make repeated octets one buffer.
    let octets: Vec<u8> = (0..3_000_000).map(|at: u32| (at % 251) as u8).collect();
    let id = alpha
        .monitor
        .send(sending("A", octets.clone()))
        .expect("sent");
    assert_eq!(alpha.monitor.sending(), None);
    let (mut sent, mut received) = (vec![], vec![]);
    session(&mut alpha, &mut beta, |alpha, beta| {
        if let Some(progress) = alpha.monitor.sending() {
            assert_eq!((progress.id, progress.blocks), (Some(id), 2930));
            sent.push(progress.octets);
        }
        if let Some(progress) = beta.monitor.receiving() {
            assert_eq!((progress.id, progress.blocks), (None, 2930));
            received.push(progress.octets);
        }
    });
    assert!(beta.taken == octets);
    assert!(sent.is_sorted() && received.is_sorted());
    assert_eq!(sent.last(), Some(&3_000_000));
    let between = |all: &[u64]| all.iter().any(|octets| (1..3_000_000).contains(octets));
    assert!(between(&sent) && between(&received));
    assert_eq!(
        (alpha.monitor.sending(), beta.monitor.receiving()),
        (None, None)
    );
    let result = alpha.monitor.result();
    assert_eq!((result.ending, result.delivered), (Ending::Normal, 1));
}

#[test]
fn a_file_can_be_taken_back_until_it_is_offered() {
    let (mut alpha, mut beta) = pair();
    beta.takes = true;
    let monitor = &mut alpha.monitor;
    let gone = monitor.send(sending("GONE", vec![1; 10])).expect("sent");
    assert!(monitor.cancel(gone).expect("known"));
    assert!(matches!(
        monitor.cancel(gone),
        Err(MonitorError::UnknownFile(_))
    ));
    let first = monitor
        .send(sending("FIRST", vec![1; 300_000]))
        .expect("sent");
    let second = monitor.send(sending("SECOND", vec![1; 10])).expect("sent");
    let mut tried = 0;
    session(&mut alpha, &mut beta, |alpha, _| {
        if tried == 0 && alpha.monitor.sending().is_some_and(|one| one.octets > 0) {
            tried += 1;
            assert!(!alpha.monitor.cancel(first).expect("open"));
            assert!(alpha.monitor.cancel(second).expect("waits"));
        }
    });
    assert_eq!(tried, 1);
    let sent = |tell: &Tell| matches!(tell, Tell::Sent(id) if *id == first);
    assert_eq!(alpha.told.iter().filter(|tell| sent(tell)).count(), 1);
    assert_eq!(alpha.monitor.result().delivered, 1);
    assert_eq!(alpha.monitor.result().waiting, 0);
}
