//! Sessions in threads (threat model X4): many at once, one in two threads, one that moves. Also
//! run under ThreadSanitizer (`make tsan`).

#[path = "support/mod.rs"]
mod support;

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use oftp::*;
use support::c_side::{CSide, Seen, config, exchange, last_error};

const BUSY: i32 = -3;
const BAD_HANDLE: i32 = -2;

fn pair(octets: usize) -> (CSide, CSide) {
    let seen = |caller| Seen {
        caller,
        format: b'U'.into(),
        authenticate: true,
        content: if caller {
            vec![0x5A; octets]
        } else {
            Vec::new()
        },
        ..Seen::default()
    };
    let config = config(5);
    (
        CSide::new(seen(true), &config),
        CSide::new(seen(false), &config),
    )
}

#[test]
fn many_sessions_in_many_threads() {
    thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || {
                for round in 0..25 {
                    let octets = 1000 * number + round;
                    let (mut caller, mut called) = pair(octets);
                    exchange(&mut caller, &mut called);
                    assert!(caller.seen.eerp_received, "{:?}", caller.seen.abort);
                    assert_eq!(called.seen.received.len(), octets);
                }
            });
        }
    });
}

/// (threat model X4)
#[test]
fn a_session_moves_between_threads() {
    let (mut caller, mut called) = pair(500_000);
    caller.call();
    let mut octets = Vec::new();
    // Every step in a thread of its own.
    while !caller.seen.eerp_received {
        let step = thread::scope(|scope| {
            let caller = &mut caller;
            scope.spawn(move || caller.turn()).join().expect("no panic")
        });
        if caller.wants & 1 != 0 {
            // SAFETY: the sessions are alive.
            unsafe {
                oftp_n_con_ind(called.session, std::ptr::null(), std::ptr::null());
                oftp_n_con_cf(caller.session);
            }
        }
        octets.extend(step);
        called.feed(&std::mem::take(&mut octets));
        let back = thread::scope(|scope| {
            let called = &mut called;
            scope.spawn(move || called.turn()).join().expect("no panic")
        });
        caller.feed(&back);
    }
    assert_eq!(called.seen.received.len(), 500_000);
}

/// (threat model X4)
#[test]
fn two_threads_in_one_session_are_told_so() {
    let (caller, _called) = pair(0);
    let session = caller.session as usize;
    let (busy, done) = (AtomicU32::new(0), AtomicBool::new(false));
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                let session = session as *mut oftp_session;
                while !done.load(Ordering::Relaxed) {
                    // SAFETY: a bad handle is an error.
                    let status = unsafe { oftp_n_data_ind(session, [0x10, 0].as_ptr(), 0) };
                    match status {
                        0 => assert_eq!(last_error(), ""),
                        BUSY => {
                            assert!(last_error().contains("another thread"), "{}", last_error());
                            if busy.fetch_add(1, Ordering::Relaxed) == 100 {
                                done.store(true, Ordering::Relaxed);
                            }
                        }
                        other => panic!("{other}: {}", last_error()),
                    }
                }
            });
        }
    });
}

/// (threat model X3, X4)
#[test]
fn a_session_that_another_thread_frees_is_gone_and_nothing_else() {
    let rounds = 200;
    for _ in 0..rounds {
        let (caller, _called) = pair(0);
        let session = caller.session as usize;
        let start = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let session = session as *mut oftp_session;
                    start.wait();
                    loop {
                        // SAFETY: a bad handle is an error.
                        match unsafe { oftp_tick(session, 5) } {
                            0 | BUSY => {}
                            BAD_HANDLE => break,
                            other => panic!("{other}: {}", last_error()),
                        }
                    }
                });
            }
            scope.spawn(|| {
                start.wait();
                // SAFETY: a bad handle is an error.
                while unsafe { oftp_session_free(session as *mut oftp_session) } == BUSY {}
            });
        });
    }
}
