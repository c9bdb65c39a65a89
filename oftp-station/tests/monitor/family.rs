//! Monitors of one station beside each other.

use oftp_station::monitor::{Ending, MonitorError, Sending, Source, Tell};

use super::common::{Side, code, file, monitor, session};

fn sending(name: &str) -> Sending {
    Sending {
        partner: None,
        sfid: file(name, "OALPHA", "OBETA"),
        source: Source::memory(vec![7; 5000]),
    }
}

#[test]
fn a_sibling_sends_what_it_has_adopted() {
    let mut first = monitor("OALPHA", "alpha", "OBETA", "beta", None);
    let before = first.send(sending("A")).expect("queued");
    let mut alpha = Side::new(first.sibling());
    let names = alpha.monitor.adopt(&mut first, &code("OBETA"));
    let names = names.expect("nobody runs");
    assert_eq!((names[0].0, names.len()), (before, 1));
    assert_eq!(first.result().waiting, 0);

    let mut beta = Side::new(monitor("OBETA", "beta", "OALPHA", "alpha", None));
    beta.takes = true;
    session(&mut alpha, &mut beta, |_, _| {});
    assert!(beta.taken == vec![7; 5000]);
    assert!(
        alpha
            .told
            .iter()
            .any(|tell| matches!(tell, Tell::Sent(id) if *id == names[0].1))
    );
    assert_eq!(alpha.monitor.result().ending, Ending::Normal);
}

#[test]
fn nothing_is_taken_of_a_session_that_runs() {
    let mut first = monitor("OALPHA", "alpha", "OBETA", "beta", None);
    first.send(sending("A")).expect("queued");
    let mut other = first.sibling();
    first.call(&code("OBETA")).expect("a session");
    let refused = other.adopt(&mut first, &code("OBETA"));
    assert!(matches!(refused, Err(MonitorError::SessionRuns)));
}

#[test]
fn files_for_others_stay() {
    let mut first = monitor("OALPHA", "alpha", "OBETA", "beta", None);
    first.send(sending("A")).expect("queued");
    let mut other = first.sibling();
    assert_eq!(other.adopt(&mut first, &code("OGAMMA")).expect("none"), []);
    assert_eq!(first.result().waiting, 1);
}
