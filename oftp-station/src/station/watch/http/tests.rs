use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use super::super::super::hooks::Tally;
use super::super::super::testing;
use super::*;

/// A station that answers, until this is dropped.
struct Served {
    address: SocketAddr,
    shared: Shared,
    health: Health,
    _stop: oneshot::Sender<()>,
    folder: tempfile::TempDir,
}

async fn served() -> Served {
    let folder = tempfile::tempdir().expect("folder");
    let shared = testing::station(folder.path(), |config| config.limits.free_space = 0);
    let metrics = Metrics::new(shared.clone(), Tally::default()).expect("figures");
    let health = Health::default();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = bind(address, false).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let parts = (shared.clone(), metrics, health.clone());
    tokio::spawn(serve(listener, parts.0, parts.1, parts.2, async {
        let _ = stopped.await;
    }));
    Served {
        address,
        shared,
        health,
        _stop: stop,
        folder,
    }
}

impl Served {
    async fn ask(&self, request: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        let request = format!("{request} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        (head.to_lowercase(), body.to_owned())
    }

    async fn health(&self) -> (bool, Vec<String>) {
        let (head, body) = self.ask("GET /health").await;
        assert!(head.contains("content-type: application/json"), "{head}");
        let mut body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let reasons = serde_json::from_value(body["reasons"].take()).expect("words");
        let is_well = head.starts_with("http/1.1 200");
        assert!(is_well || head.starts_with("http/1.1 503"), "{head}");
        assert_eq!(body["status"] == "well", is_well);
        (is_well, reasons)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_given_as_text() {
    let served = served().await;
    let (head, body) = served.ask("GET /metrics").await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(
        head.contains("content-type: text/plain; version=0.0.4"),
        "{head}"
    );
    assert!(body.contains("\noftp_build_info{version="), "{body}");
    let (head, body) = served.ask("HEAD /metrics").await;
    assert!(
        head.starts_with("http/1.1 200") && body.is_empty(),
        "{head}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_is_answered() {
    let served = served().await;
    for (request, code) in [
        ("GET /", "404"),
        ("GET /metrics/../journal.db", "404"),
        ("POST /metrics", "405"),
        ("DELETE /health", "405"),
        ("no request at all", "400"),
    ] {
        let (head, _) = served.ask(request).await;
        assert!(
            head.starts_with(&format!("http/1.1 {code}")),
            "{request}: {head}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_turns_with_the_parts_that_run() {
    let served = served().await;
    assert_eq!(served.health().await, (true, vec![]));
    let caller = served.health.runs("the caller");
    let port = served.health.runs("port 3305");
    assert_eq!(served.health().await, (true, vec![]));
    drop(caller);
    let gone = "the caller does not run".to_owned();
    assert_eq!(served.health().await, (false, vec![gone.clone()]));
    port.retire();
    assert_eq!(served.health().await, (false, vec![gone]));
    let again = served.health.runs("the caller");
    assert_eq!(served.health().await, (true, vec![]));
    again.retire();
    assert_eq!(served.health().await, (true, vec![]));
    served.health.lacks("port 6619");
    assert_eq!(served.health().await.1, ["port 6619 does not run"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_turns_when_the_disk_is_short() {
    let served = served().await;
    let mut config = testing::config(served.folder.path());
    config.limits.free_space = u64::MAX;
    served.shared.replace_config(config);
    let (is_well, reasons) = served.health().await;
    assert!(
        !is_well && reasons[0].contains("octets are free on the disk"),
        "{reasons:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_turns_when_the_journal_cannot_be_written() {
    let served = served().await;
    // As a disk that fails would have it: no table can be written any more.
    let other = rusqlite::Connection::open(served.shared.folder().journal()).expect("journal");
    other.execute_batch("DROP TABLE fact").expect("dropped");
    let (is_well, reasons) = served.health().await;
    assert!(
        !is_well && reasons[0].contains("the journal"),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn only_a_local_address_is_listened_on() {
    for address in [
        "0.0.0.0:0",
        "[::]:0",
        "192.0.2.1:9305",
        "[::ffff:192.0.2.1]:9305",
    ] {
        let address = address.parse().expect("an address");
        let error = bind(address, false).await.expect_err("not local");
        assert_eq!(
            error.kind(),
            io::ErrorKind::InvalidInput,
            "{address}: {error}"
        );
    }
    for (address, anywhere) in [
        ("127.0.0.1:0", false),
        ("[::ffff:127.0.0.1]:0", false),
        ("0.0.0.0:0", true),
    ] {
        let address = address.parse().expect("an address");
        bind(address, anywhere).await.expect("listened on");
    }
}
