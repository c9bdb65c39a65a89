//! A line to a station that counts what goes over it, and may hold it back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use crate::running::LIMIT;

/// A line for any number of connections, one after the other or beside each other.
pub(crate) struct Line {
    pub(crate) address: String,
    /// The octets of each caller.
    carried: Arc<Mutex<Vec<u64>>>,
    held: Receiver<()>,
    release: Sender<()>,
}

impl Line {
    /// A line to this address. After `hold` octets of the first caller nothing more goes through
    /// until that is released.
    pub(crate) fn to(target: &str, hold: Option<u64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let carried: Arc<Mutex<Vec<u64>>> = Arc::default();
        let (holding, held) = channel();
        let (release, released) = channel();
        let (counts, target) = (carried.clone(), target.to_owned());
        std::thread::spawn(move || {
            let mut first = hold.map(|limit| (limit, holding, released));
            for caller in listener.incoming().map_while(Result::ok) {
                // A station that does not run answers nobody.
                let Ok(called) = TcpStream::connect(&target) else {
                    continue;
                };
                let number = {
                    let mut counts = counts.lock().expect("counts");
                    counts.push(0);
                    counts.len() - 1
                };
                let (counts, hold) = (counts.clone(), first.take());
                let (back_from, back_to) = (
                    called.try_clone().expect("a socket"),
                    caller.try_clone().expect("a socket"),
                );
                std::thread::spawn(move || carry(&back_from, &back_to, |_| {}));
                std::thread::spawn(move || {
                    let mut hold = hold;
                    carry(&caller, &called, |octets| {
                        let mut counts = counts.lock().expect("counts");
                        counts[number] += octets as u64;
                        let sum = counts[number];
                        drop(counts);
                        if hold.as_ref().is_some_and(|(limit, ..)| sum >= *limit)
                            && let Some((_, holding, released)) = hold.take()
                        {
                            let _ = holding.send(());
                            let _ = released.recv();
                        }
                    });
                });
            }
        });
        Self {
            address,
            carried,
            held,
            release,
        }
    }

    /// Waits until the line holds back what comes.
    pub(crate) fn wait_until_held(&self) {
        self.held.recv_timeout(LIMIT).expect("octets enough");
    }

    pub(crate) fn release(&self) {
        let _ = self.release.send(());
    }

    /// The octets of each caller.
    pub(crate) fn carried(&self) -> Vec<u64> {
        self.carried.lock().expect("counts").clone()
    }
}

fn carry(mut from: &TcpStream, mut to: &TcpStream, mut count: impl FnMut(usize)) {
    let mut octets = [0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut octets) {
        if to.write_all(&octets[..read]).is_err() {
            break;
        }
        count(read);
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
