//! How many may be in: partners with a session, and strangers, who have not said yet who they are
//! (threat model S1, S17).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oftp_core::mailbox::Mailbox;
use tokio::sync::Notify;

use crate::chance;

/// All who are in.
#[derive(Debug)]
pub(crate) struct Room {
    /// Sessions with partners that may be at a time.
    sessions: usize,
    /// Connections that may be at a time, those of strangers among them.
    connections: usize,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    sessions: usize,
    strangers: Vec<Stranger>,
    entered: u64,
}

#[derive(Debug)]
struct Stranger {
    number: u64,
    from: IpAddr,
    out: Arc<Notify>,
}

impl Room {
    pub(crate) fn new(sessions: usize, connections: usize) -> Arc<Self> {
        Arc::new(Self {
            sessions,
            connections,
            inside: Mutex::default(),
        })
    }

    /// A place for one more, for which a stranger may have to go; `None`: there is none.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut inside = self.inside();
        if inside.sessions + inside.strangers.len() >= self.connections {
            inside.send_one_out()?;
        }
        inside.entered += 1;
        let number = inside.entered;
        let out = Arc::new(Notify::new());
        inside.strangers.push(Stranger {
            number,
            from: origin(address),
            out: out.clone(),
        });
        drop(inside);
        Some(Place {
            room: self.clone(),
            number,
            out,
            named: false,
        })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Each change of what is inside is a single step.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Sends out one of the largest crowd, whichever chance takes: who floods us meets itself.
    fn send_one_out(&mut self) -> Option<()> {
        let mut crowds: HashMap<IpAddr, usize> = HashMap::new();
        for stranger in &self.strangers {
            *crowds.entry(stranger.from).or_default() += 1;
        }
        let (crowd, size) = crowds.into_iter().max_by_key(|(_, size)| *size)?;
        let of_crowd = |(_, stranger): &(usize, &Stranger)| stranger.from == crowd;
        let (index, _) = self
            .strangers
            .iter()
            .enumerate()
            .filter(of_crowd)
            .nth(chance::below(size))?;
        self.strangers.swap_remove(index).out.notify_one();
        Some(())
    }

    fn forget(&mut self, number: u64) {
        self.strangers.retain(|stranger| stranger.number != number);
    }
}

/// What counts as one origin: an address of IPv4; of IPv6 the network that one subscriber has.
pub(crate) fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            Ipv6Addr::from_bits(network).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// The place of one connection. It is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    room: Arc<Room>,
    number: u64,
    out: Arc<Notify>,
    /// Whether it is known who has it.
    named: bool,
}

impl Place {
    /// Whether all sessions that may be are taken.
    pub(crate) fn is_full(&self) -> bool {
        self.room.inside().sessions >= self.room.sessions
    }

    /// Before each step of a session: a stranger that has said who it is becomes a partner, and
    /// one that may say so now is told to come back where there is no session left.
    pub(crate) fn look_at(&mut self, mailbox: &mut Mailbox) {
        if self.named {
            return;
        }
        if mailbox.partner().is_some() {
            self.named = true;
            let mut inside = self.room.inside();
            inside.forget(self.number);
            inside.sessions += 1;
        } else {
            mailbox.set_busy(self.is_full());
        }
    }

    /// Until this stranger has to go, which a partner never has to.
    pub(crate) async fn sent_out(&self) {
        if self.named {
            std::future::pending::<()>().await;
        }
        self.out.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.room.inside();
        if self.named {
            inside.sessions -= 1;
        } else {
            inside.forget(self.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(room: &Arc<Room>, address: &str) -> Place {
        room.enter(address.parse().expect("an address"))
            .expect("a place")
    }

    async fn is_out(place: &Place) -> bool {
        tokio::select! {
            biased;
            () = place.sent_out() => true,
            () = std::future::ready(()) => false,
        }
    }

    /// Chance takes one of the address that has the most (threat model S1).
    #[tokio::test]
    async fn who_floods_sends_itself_out() {
        let room = Room::new(2, 8);
        let others = ["10.0.0.2", "10.0.0.3", "2001:db8::1"].map(|from| enter(&room, from));
        let flood: Vec<_> = (0..100).map(|_| enter(&room, "10.0.0.9")).collect();
        for other in &others {
            assert!(!is_out(other).await);
        }
        let mut left = 0;
        for one in &flood {
            left += usize::from(!is_out(one).await);
        }
        assert_eq!(left, 5, "as many as there was room for");
    }

    #[tokio::test]
    async fn a_network_of_ipv6_is_one_origin() {
        let room = Room::new(2, 4);
        let other = enter(&room, "2001:db8:0:2::1");
        let flood: Vec<_> = (0..50)
            .map(|host| enter(&room, &format!("2001:db8:0:1::{host:x}")))
            .collect();
        assert!(!is_out(&other).await);
        // An address of IPv4 is the same one in the clothes of IPv6.
        assert_eq!(
            origin("::ffff:10.0.0.1".parse().expect("an address")),
            "10.0.0.1".parse::<IpAddr>().expect("an address")
        );
        drop(flood);
    }

    #[tokio::test]
    async fn a_place_is_free_again() {
        let room = Room::new(1, 1);
        let first = enter(&room, "10.0.0.1");
        let second = enter(&room, "10.0.0.1");
        assert!(is_out(&first).await, "the only stranger");
        drop(first);
        assert!(!is_out(&second).await);
        drop(second);
        assert!(room.inside().strangers.is_empty());
    }
}
