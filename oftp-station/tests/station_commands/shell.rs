//! `oftp completion` and `oftp man`.

use crate::common::{Station, entries};

#[test]
fn every_shell_has_its_script() {
    let station = Station::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = station.oftp(&["completion", shell]).exits(0);
        for word in ["resend", "history", "partners"] {
            assert!(said.out.contains(word), "no {word} for {shell}");
        }
    }
    station.oftp(&["completion", "cmd"]).exits(2);
}

#[test]
fn every_command_has_its_page() {
    let station = Station::new();
    let page = station.oftp(&["man"]).exits(0);
    assert!(page.out.contains(".TH oftp 1"), "{page}");
    let folder = station.path("man1");
    station
        .oftp(&["man", folder.to_str().expect("UTF-8")])
        .exits(0);
    for name in ["oftp.1", "oftp-send.1", "oftp-queue.1", "oftp-cert-show.1"] {
        let page = std::fs::read_to_string(folder.join(name)).expect(name);
        assert!(page.contains(".TH"), "{name}");
    }
    assert!(entries(&folder) > 20);
}
