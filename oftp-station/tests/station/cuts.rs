//! The connection cut at every octet of a session: what follows brings everything to its end, and
//! nothing twice (design chapter "Delivery").

use std::path::Path;

use oftp_core::session::Capabilities;
use oftp_station::station::config::PartnerConfig;
use oftp_station::station::journal::file::FileState;

use super::chance::{Chance, is_full};
use super::common::{Listening, Site, partner, quick_folder, ring};
use super::line::{Cut, Line, Passed, Way};
use super::settled::until_quiet;

/// So many cuts of each direction are tried where not all are.
const SAMPLE: u64 = 30;

/// Cut sessions at a time: each of them mostly waits.
const AT_A_TIME: usize = 16;

/// Small buffers and little credit: a session then has many commands, and a file that is cut can
/// go on.
fn small_steps(name: &str, id: &str) -> PartnerConfig {
    let mut row = partner(name, id);
    row.mailbox.capabilities = Some(Capabilities {
        buffer_size: 700,
        window: 2,
        ..Capabilities::default()
    });
    row.retry.attempts = None;
    row
}

fn alpha(folder: tempfile::TempDir) -> Site {
    Site::in_folder(folder, "OALPHA", vec![small_steps("beta", "OBETA")], |_| {})
}

fn beta(folder: tempfile::TempDir) -> Site {
    Site::in_folder(
        folder,
        "OBETA",
        vec![small_steps("alpha", "OALPHA")],
        |_| {},
    )
}

fn long() -> Vec<u8> {
    (0..5_000_u32).map(|n| (n % 253) as u8).collect()
}

/// Two stations with two files each way, one of which has come to its middle.
async fn begun() -> (Site, Site) {
    let (alpha, beta) = (alpha(quick_folder()), beta(quick_folder()));
    alpha.queue("beta", "LONG", &long());
    alpha.queue("beta", "SHORT", b"from alpha");
    beta.queue("alpha", "EMPTY", b"");
    beta.queue("alpha", "BACK", b"from beta");
    let port = Listening::begin(&beta).await;
    let cut = Way {
        cut: Some(3_000),
        ..Way::default()
    };
    let line = Line::to(port.address, cut, Way::default(), Cut::Close).await;
    ring(&alpha, "beta", line.address).await;
    line.end().await;
    port.end().await;
    assert_eq!(beta.states().last(), Some(&FileState::Receiving));
    (alpha, beta)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
    let mode = std::fs::metadata(from).expect("a folder").permissions();
    std::fs::set_permissions(to, mode).expect("a mode");
}

fn copy_of(folder: &Path) -> tempfile::TempDir {
    let place = quick_folder();
    copy(folder, place.path());
    place
}

/// One session over a line with these faults, and then all that is needed.
async fn play(alpha: &Site, beta: &Site, caller: Way, called: Way, cut: Cut, of: &str) -> Passed {
    let (at_alpha, at_beta) = (Listening::begin(alpha).await, Listening::begin(beta).await);
    let line = Line::to(at_beta.address, caller, called, cut).await;
    ring(alpha, "beta", line.address).await;
    let passed = line.end().await;
    let addresses = (Some(at_alpha.address), at_beta.address);
    until_quiet((alpha, "alpha"), (beta, "beta"), addresses, of).await;
    at_alpha.end().await;
    at_beta.end().await;
    passed
}

fn check(alpha: &Site, beta: &Site, of: &str) {
    alpha.is_settled(of);
    beta.is_settled(of);
    assert_eq!(beta.came("alpha"), [long(), b"from alpha".to_vec()], "{of}");
    assert_eq!(
        alpha.came("beta"),
        [b"".to_vec(), b"from beta".to_vec()],
        "{of}"
    );
    for site in [alpha, beta] {
        assert_eq!(site.lines("file_delivered"), [1, 1], "{of}");
        assert_eq!(site.lines("file_done"), [1, 1], "{of}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_cut_at_any_octet_loses_nothing_and_doubles_nothing() {
    let mut chance = Chance::new("cuts");
    let (first, second) = begun().await;
    let places = [first, second].map(Site::closed);
    let whole = |of: &str| {
        let sites = (
            alpha(copy_of(places[0].path())),
            beta(copy_of(places[1].path())),
        );
        (sites, of.to_owned())
    };
    // What a session without faults has to say.
    let ((one, other), of) = whole("recorded");
    let recorded = play(
        &one,
        &other,
        Way::default(),
        Way::default(),
        Cut::Close,
        &of,
    )
    .await;
    check(&one, &other, &of);
    let [up, down] = [&recorded.from_caller, &recorded.from_called].map(|way| way.len() as u64);
    assert!(
        (2_000..5_000).contains(&up) && down > 500,
        "{up} and {down}, restarted"
    );

    let mut cuts = Vec::new();
    for (of_caller, octets) in [(true, up), (false, down)] {
        if is_full() {
            cuts.extend((0..=octets).map(|at| (of_caller, at)));
        } else {
            cuts.extend((0..SAMPLE).map(|_| (of_caller, chance.below(octets + 1))));
        }
    }
    let mut running = tokio::task::JoinSet::new();
    for (number, (of_caller, at)) in cuts.into_iter().enumerate() {
        if running.len() == AT_A_TIME
            && let Some(Err(failed)) = running.join_next().await
        {
            std::panic::resume_unwind(failed.into_panic());
        }
        let how = if number % 4 == 3 {
            Cut::Reset
        } else {
            Cut::Close
        };
        let who = if of_caller { "caller" } else { "called" };
        let ((one, other), of) = whole(&format!("cut after octet {at} of the {who} ({how:?})"));
        let cut = Way {
            cut: Some(at),
            ..Way::default()
        };
        let (caller, called) = match of_caller {
            true => (cut, Way::default()),
            false => (Way::default(), cut),
        };
        running.spawn(async move {
            play(&one, &other, caller, called, how, &of).await;
            check(&one, &other, &of);
        });
    }
    while let Some(ended) = running.join_next().await {
        if let Err(failed) = ended {
            std::panic::resume_unwind(failed.into_panic());
        }
    }
}
