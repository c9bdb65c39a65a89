//! What a session holds while nothing happens in it.

use oftp_core::mailbox::{Directory, Mailbox, Settings};
use tokio::net::{TcpListener, TcpStream};

use super::Visit;
use crate::driver::{self, Clock, Link};
use crate::exchange::Voice;
use crate::station::testing;

/// Beside it there are the buffers of the mailbox and what the runtime needs for a task.
const MOST: usize = 3 * 1024 + 512;

/// What is rare, such as the file that is on its way, lies elsewhere.
#[tokio::test]
async fn an_idle_session_is_small() {
    let place = tempfile::tempdir().expect("folder");
    let shared = testing::station(place.path(), |_| {});
    let settings = Settings::new(shared.config().own.clone());
    let mut mailbox = Mailbox::answer(settings, Directory::default());
    let mut visit = Visit::new(shared, Voice::kept(std::sync::Arc::default()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let stream = TcpStream::connect(address).await.expect("connected");
    let parts = [size_of_val(&mailbox), size_of_val(&visit)];
    let link = Link::from(stream);
    let task = driver::run(link, &mut mailbox, &mut visit, Clock::default());
    let driver = size_of_val(&task);
    let all = parts.iter().sum::<usize>() + driver;
    assert!(all < MOST, "mailbox and visit {parts:?}, driver {driver}");
}
