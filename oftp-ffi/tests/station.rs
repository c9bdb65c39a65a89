//! Whole stations, by their C functions alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::ffi::{CStr, CString};
use std::path::Path;
use std::ptr::null_mut;
use std::sync::mpsc;

use oftp::oftp_code::*;
use oftp::oftp_event::*;
use oftp::oftp_file_state::*;
use oftp::*;

/// How long something is waited for, in milliseconds: an answer to a hang, not a measure of speed.
const LIMIT: u32 = 120_000;

fn last_error() -> String {
    // SAFETY: never NULL.
    let text = unsafe { CStr::from_ptr(oftp_last_error()) };
    text.to_string_lossy().into_owned()
}

#[track_caller]
fn ok(status: oftp_status) -> oftp_status {
    assert!(status >= 0, "{status}: {}", last_error());
    status
}

#[track_caller]
fn fails(status: oftp_status, code: oftp_code, text: &str) {
    assert_eq!(status, code as i32, "{}", last_error());
    assert!(last_error().contains(text), "{}", last_error());
}

fn sized<T>() -> T {
    // SAFETY: all structures of the header may be all zero, and begin with their size.
    unsafe {
        let mut value = std::mem::zeroed::<T>();
        (&raw mut value).cast::<usize>().write(size_of::<T>());
        value
    }
}

/// A folder of a station with one partner, which is called at this port.
fn folder(id: &str, partner: &str, partner_id: &str, port: Option<u32>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let address = port.map(|port| format!("address = [\"127.0.0.1:{port}\"]\n"));
    let text = format!(
        "[station]\nid = \"{id}\"\n[[listen]]\naddress = \"127.0.0.1:0\"\ntls = false\n\
         [partner.{partner}]\nid = \"{partner_id}\"\ntls = \"off\"\n{}",
        address.unwrap_or_default()
    );
    std::fs::write(folder.path().join("oftp.toml"), text).unwrap();
    folder
}

fn open(folder: &Path) -> *mut oftp_station {
    let folder = CString::new(folder.to_str().unwrap()).unwrap();
    let mut station = null_mut();
    // SAFETY: both are there.
    ok(unsafe { oftp_station_open(&raw mut station, folder.as_ptr()) });
    station
}

fn octets(name: &CStr, octets: &[u8]) -> oftp_station_file {
    let mut file: oftp_station_file = sized();
    file.octets = octets.as_ptr();
    file.len = octets.len();
    file.name = name.as_ptr();
    file
}

/// What a function gives as JSON.
fn json(give: impl FnOnce(*mut *mut oftp_octets) -> oftp_status) -> String {
    let (mut octets, mut data, mut len) = (null_mut(), std::ptr::null(), 0);
    ok(give(&raw mut octets));
    // SAFETY: the places are there, the octets until they are freed.
    unsafe {
        ok(oftp_octets_get(octets, &raw mut data, &raw mut len));
        let text = String::from_utf8(std::slice::from_raw_parts(data, len).to_vec()).unwrap();
        ok(oftp_octets_free(octets));
        text
    }
}

#[test]
fn two_stations_exchange_a_file_and_its_response() {
    let beta_folder = folder("OBETA", "alpha", "OALPHA", None);
    let beta = open(beta_folder.path());
    let mut port = 0;
    // SAFETY: handles are tokens; pointers are to what is there.
    unsafe {
        ok(oftp_station_start(beta));
        assert_eq!(oftp_station_is_running(beta), 1);
        ok(oftp_station_port(beta, 0, &raw mut port));
        fails(
            oftp_station_port(beta, 1, &raw mut port),
            OFTP_E_NOT_FOUND,
            "index 1",
        );
        let alpha_folder = folder("OALPHA", "beta", "OBETA", Some(port));
        let alpha = open(alpha_folder.path());
        ok(oftp_station_start(alpha));
        let (mut id, mut state) = (0, 0);
        let file = octets(c"invoice.edi", b"goods");
        ok(oftp_station_submit(
            alpha,
            c"beta".as_ptr(),
            &raw const file,
            &raw mut id,
        ));
        assert_eq!(
            ok(oftp_station_wait_file(alpha, id, LIMIT, &raw mut state)),
            1
        );
        assert_eq!(state, OFTP_STATE_DONE as i32);
        assert_eq!(
            ok(oftp_station_wait_file(beta, 1, LIMIT, &raw mut state)),
            1
        );
        assert_eq!(state, OFTP_STATE_CLOSED as i32);
        assert_eq!(ok(oftp_station_stop(alpha, LIMIT)), 0);
        // Nobody runs it: the whole history, and then nothing is waited for.
        let (mut after, mut kinds) = (0, Vec::new());
        loop {
            let mut event: oftp_station_event = sized();
            let next = oftp_station_event_next(alpha, after, LIMIT, &raw mut event, null_mut());
            if ok(next) == 0 {
                break;
            }
            assert!(event.id > after && event.at_ms > 0);
            after = event.id;
            if event.file == id {
                assert_eq!(CStr::from_ptr(event.partner.as_ptr()), c"beta");
                kinds.push(event.kind);
            }
        }
        let way = [OFTP_EVENT_FILE_QUEUED, OFTP_EVENT_FILE_EFID_SENT];
        let way = way
            .into_iter()
            .chain([OFTP_EVENT_FILE_SENT, OFTP_EVENT_FILE_DONE]);
        assert_eq!(kinds, way.map(|kind| kind as i32).collect::<Vec<_>>());
        let mut last = 0;
        ok(oftp_station_last_event(alpha, &raw mut last));
        assert_eq!(last, after);
        let shown = json(|json| oftp_station_file_json(alpha, id, json));
        assert!(
            shown.contains("\"done\"") && shown.contains("invoice.edi"),
            "{shown}"
        );
        let mut filter: oftp_station_filter = sized();
        filter.direction = 2;
        let came = json(|json| oftp_station_files_json(beta, &raw const filter, json));
        assert!(
            came.starts_with('[') && came.contains("\"closed\""),
            "{came}"
        );
        filter.direction = 1;
        let none = json(|json| oftp_station_files_json(beta, &raw const filter, json));
        assert_eq!(none, "[]");
        let partners = json(|json| oftp_station_partners_json(alpha, json));
        assert!(partners.contains("\"beta\""), "{partners}");
        let status = json(|json| oftp_station_status_json(beta, json));
        assert!(status.contains("\"running\":true"), "{status}");
        assert!(json(|json| oftp_station_messages_json(alpha, json)).starts_with('['));
        ok(oftp_station_free(alpha));
        ok(oftp_station_free(beta));
        fails(oftp_station_is_running(beta), OFTP_E_BAD_HANDLE, "freed");
    }
}

#[test]
fn files_and_partners_are_steered() {
    let folder = folder("OALPHA", "beta", "OBETA", None);
    let station = open(folder.path());
    let (mut id, mut again, mut state) = (0, 0, 0);
    let mut file = octets(c"a", b"x");
    file.priority = -1;
    file.held = oftp_choice::OFTP_YES as i32;
    // SAFETY: handles are tokens; pointers are to what is there.
    unsafe {
        let beta = c"beta".as_ptr();
        ok(oftp_station_submit(
            station,
            beta,
            &raw const file,
            &raw mut id,
        ));
        let shown = json(|json| oftp_station_file_json(station, id, json));
        assert!(
            shown.contains("\"priority\":0") && shown.contains("\"held\":true"),
            "{shown}"
        );
        ok(oftp_station_release(station, id));
        ok(oftp_station_hold(station, id));
        ok(oftp_station_hold_partner(station, beta, 0));
        ok(oftp_station_cancel(station, id, 0));
        assert_eq!(
            ok(oftp_station_wait_file(station, id, 0, &raw mut state)),
            1
        );
        assert_eq!(state, OFTP_STATE_CANCELLED as i32);
        fails(oftp_station_hold(station, id), OFTP_E_USER, "");
        ok(oftp_station_resend(station, id, 0, &raw mut again));
        assert_ne!(again, id);
        let waits = oftp_station_wait_file(station, again, LIMIT, &raw mut state);
        fails(waits, OFTP_E_USER, "no process runs the station");
        fails(
            oftp_station_call(station, beta),
            OFTP_E_VALUE,
            "it calls us",
        );
        ok(oftp_station_free(station));
    }
}

#[test]
fn what_is_wrong_is_told() {
    let nowhere = tempfile::tempdir().unwrap();
    let at = CString::new(nowhere.path().to_str().unwrap()).unwrap();
    let mut none = null_mut();
    let broken = folder("OALPHA", "beta", "OBETA", None);
    let config = broken.path().join("oftp.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(
        &config,
        text.replace("[partner.beta]\nid", "[partner.beta]\nidd"),
    )
    .unwrap();
    let faulty = CString::new(broken.path().to_str().unwrap()).unwrap();
    let whole = folder("OALPHA", "beta", "OBETA", None);
    let station = open(whole.path());
    // SAFETY: handles are tokens; pointers are to what is there.
    unsafe {
        fails(
            oftp_station_open(&raw mut none, at.as_ptr()),
            OFTP_E_CONFIG,
            "oftp.toml",
        );
        // File, line and key.
        let opened = oftp_station_open(&raw mut none, faulty.as_ptr());
        fails(opened, OFTP_E_CONFIG, "oftp.toml:7");
        assert!(last_error().contains("idd"), "{}", last_error());
        assert!(none.is_null());
        let mut file = octets(c"a", b"x");
        let submit = |partner: &CStr, file: &oftp_station_file| {
            oftp_station_submit(station, partner.as_ptr(), file, null_mut())
        };
        fails(submit(c"gamma", &file), OFTP_E_NOT_FOUND, "beta");
        file.priority = 10;
        fails(submit(c"beta", &file), OFTP_E_VALUE, "priority is 10");
        file = octets(c"a", b"x");
        file.path = c"/nowhere/at/all".as_ptr();
        fails(submit(c"beta", &file), OFTP_E_VALUE, "both set");
        file.octets = std::ptr::null();
        fails(submit(c"beta", &file), OFTP_E_IO, "cannot be read");
        file.path = std::ptr::null();
        fails(submit(c"beta", &file), OFTP_E_NULL, "one is needed");
        fails(
            oftp_station_hold(station, u64::MAX),
            OFTP_E_NOT_FOUND,
            "no file",
        );
        fails(oftp_station_hold(station, 77), OFTP_E_NOT_FOUND, "77");
        ok(oftp_station_start(station));
        fails(oftp_station_start(station), OFTP_E_USER, "runs already");
        ok(oftp_station_free(station));
    }
}

#[test]
fn freeing_stops_it_and_wakes_who_waits() {
    let folder = folder("OALPHA", "beta", "OBETA", None);
    let station = open(folder.path());
    let mut last = 0;
    // SAFETY: handles are tokens; pointers are to what is there.
    unsafe {
        ok(oftp_station_start(station));
        ok(oftp_station_last_event(station, &raw mut last));
    }
    let (token, (ready, waits)) = (station.addr(), mpsc::channel());
    let waiting = std::thread::spawn(move || {
        let station = std::ptr::without_provenance_mut(token);
        let (mut after, mut kinds) = (last, Vec::new());
        ready.send(()).unwrap();
        loop {
            let mut event: oftp_station_event = sized();
            // SAFETY: the handle is a token, which may be freed; the event is there.
            let next = unsafe {
                oftp_station_event_next(station, after, LIMIT, &raw mut event, null_mut())
            };
            if next <= 0 {
                return (next, kinds);
            }
            after = event.id;
            kinds.push(event.kind);
        }
    });
    waits.recv().unwrap();
    // SAFETY: handles are tokens.
    unsafe { ok(oftp_station_free(station)) };
    // Its lock is free again.
    let again = open(folder.path());
    // SAFETY: handles are tokens.
    unsafe {
        ok(oftp_station_start(again));
        ok(oftp_station_free(again));
    }
    let (ended, _) = waiting.join().unwrap();
    assert!(ended == 0 || ended == OFTP_E_BAD_HANDLE as i32, "{ended}");
}
