//! Parties with keys, plans, and results out of handles.

use std::ffi::{CStr, CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::LazyLock;

use oftp::*;

/// 2026-11-25.
pub(crate) const NOW: i64 = 1_795_600_000;

pub(crate) const NOBODY: oftp_progress = None;

pub(crate) fn error() -> String {
    // SAFETY: a string until the next call of this thread.
    let text = unsafe { CStr::from_ptr(oftp_last_error()) };
    text.to_string_lossy().into_owned()
}

#[track_caller]
pub(crate) fn ok(status: oftp_status) {
    assert_eq!(status, 0, "{}", error());
}

/// A call fails with this code, and its text has this in it.
#[track_caller]
pub(crate) fn fails(status: oftp_status, code: oftp_code, text: &str) {
    let error = error();
    assert_eq!(status, code as i32, "{error}");
    assert!(error.contains(text), "\"{text}\" is not in: {error}");
}

/// The octets of a handle, which is freed.
pub(crate) fn take(octets: *mut oftp_octets) -> Vec<u8> {
    let (mut data, mut len) = (null(), 0);
    // SAFETY: places for results; the octets are there until the handle is freed.
    unsafe {
        ok(oftp_octets_get(octets, &raw mut data, &raw mut len));
        assert_eq!(*data.add(len), 0, "a 0 stands behind them");
        let copy = std::slice::from_raw_parts(data, len).to_vec();
        ok(oftp_octets_free(octets));
        copy
    }
}

pub(crate) struct Party {
    pub(crate) key: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
}

fn party(name: &str) -> Party {
    let keystore = empty();
    generate(keystore, name);
    let (mut key, mut certificate) = (null_mut(), null_mut());
    // SAFETY: places for results.
    unsafe {
        ok(oftp_keystore_key_pem(keystore, 0, null(), &raw mut key));
        ok(oftp_keystore_certificate_pem(
            keystore,
            0,
            &raw mut certificate,
        ));
        ok(oftp_keystore_free(keystore));
    }
    Party {
        key: take(key),
        certificate: take(certificate),
    }
}

pub(crate) fn owner(name: &CStr) -> oftp_owner {
    oftp_owner {
        struct_size: size_of::<oftp_owner>(),
        name: name.as_ptr(),
        identification: null(),
        organization: null(),
        country: null(),
        hosts: null(),
        bits: 2048,
        days: 0,
        time: NOW - 86_400,
    }
}

/// Adds a new key; the index of its certificate.
pub(crate) fn generate(keystore: *mut oftp_keystore, name: &str) -> usize {
    let name = CString::new(name).expect("no 0");
    let mut index = 0;
    // SAFETY: the name outlives the call.
    ok(unsafe { oftp_keystore_generate(keystore, &owner(&name), &raw mut index) });
    index
}

/// Alpha signs.
pub(crate) static ALPHA: LazyLock<Party> = LazyLock::new(|| party("alpha"));
/// Beta reads.
pub(crate) static BETA: LazyLock<Party> = LazyLock::new(|| party("beta"));
/// Gamma is a stranger.
pub(crate) static GAMMA: LazyLock<Party> = LazyLock::new(|| party("gamma"));

pub(crate) fn empty() -> *mut oftp_keystore {
    let mut keystore = null_mut();
    // SAFETY: a place for the handle.
    ok(unsafe { oftp_keystore_new(&raw mut keystore) });
    keystore
}

pub(crate) fn add(keystore: *mut oftp_keystore, octets: &[u8]) {
    // SAFETY: the octets are there.
    let status =
        unsafe { oftp_keystore_add_memory(keystore, octets.as_ptr(), octets.len(), null()) };
    ok(status);
}

/// Keys and certificates of these parties.
pub(crate) fn own(parties: &[&Party]) -> *mut oftp_keystore {
    let keystore = certificates(parties);
    parties.iter().for_each(|party| add(keystore, &party.key));
    keystore
}

pub(crate) fn certificates(parties: &[&Party]) -> *mut oftp_keystore {
    let keystore = empty();
    for party in parties {
        add(keystore, &party.certificate);
    }
    keystore
}

pub(crate) fn trust(parties: &[&Party]) -> *mut oftp_trust {
    let mut trust = null_mut();
    let pinned = certificates(parties);
    // SAFETY: a place for the handle.
    unsafe {
        ok(oftp_trust_new(&raw mut trust, null()));
        ok(oftp_trust_pin(trust, pinned));
        ok(oftp_keystore_free(pinned));
    }
    trust
}

pub(crate) fn info(keystore: *mut oftp_keystore, index: usize) -> oftp_certificate_info {
    let mut info: oftp_certificate_info = zeroed();
    info.struct_size = size_of_val(&info);
    // SAFETY: a place for the result.
    ok(unsafe { oftp_keystore_certificate(keystore, index, &raw mut info) });
    info
}

/// All of these structures may be zero.
pub(crate) fn zeroed<T: Copy>() -> T {
    // SAFETY: used for structures of the header alone, which may be zero.
    unsafe { std::mem::zeroed() }
}

/// Layers by bits: 1 encrypted, 2 signed (as SFIDSEC), 4 compressed.
pub(crate) fn seal_plan(layers: i32) -> oftp_cms_seal_plan {
    let mut plan: oftp_cms_seal_plan = zeroed();
    plan.struct_size = size_of_val(&plan);
    plan.time = NOW;
    if layers & 1 != 0 {
        plan.partner = trust(&[&BETA]);
    }
    if layers & 2 != 0 {
        plan.signer = own(&[&ALPHA]);
    }
    if layers & 4 != 0 {
        plan.compression = 6;
    }
    plan
}

pub(crate) fn open_plan(layers: i32) -> oftp_cms_open_plan {
    let mut plan: oftp_cms_open_plan = zeroed();
    plan.struct_size = size_of_val(&plan);
    plan.time = NOW;
    plan.security = layers & 3;
    plan.compression = layers >> 2;
    plan.keystore = own(&[&BETA]);
    plan.trust = trust(&[&ALPHA]);
    plan
}

pub(crate) fn result() -> oftp_cms_opened {
    let mut opened: oftp_cms_opened = zeroed();
    opened.struct_size = size_of_val(&opened);
    opened
}

pub(crate) fn seal(plan: &oftp_cms_seal_plan, content: &[u8]) -> Vec<u8> {
    let mut out = null_mut();
    // SAFETY: all pointers are to what is there.
    let status = unsafe {
        let (data, len) = (content.as_ptr(), content.len());
        oftp_cms_seal_memory(plan, data, len, NOBODY, null_mut(), &raw mut out)
    };
    ok(status);
    take(out)
}

/// The status, the content, and what is known.
pub(crate) fn open(
    plan: &oftp_cms_open_plan,
    message: &[u8],
) -> (oftp_status, Vec<u8>, oftp_cms_opened) {
    let (mut out, mut opened) = (null_mut(), result());
    // SAFETY: all pointers are to what is there.
    let status = unsafe {
        let (data, len) = (message.as_ptr(), message.len());
        let (out, opened) = (&raw mut out, &raw mut opened);
        oftp_cms_open_memory(plan, data, len, NOBODY, null_mut(), out, opened)
    };
    if status < 0 {
        assert!(out.is_null(), "nothing comes out on failure");
        return (status, Vec::new(), opened);
    }
    (status, take(out), opened)
}

/// Octets that compress, and differ.
pub(crate) fn content(len: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let octets = std::iter::from_fn(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((state >> 28) as u8 + b'a')
    });
    octets.take(len).collect()
}

/// Notes what a progress callback is told, and cancels after so many calls.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) told: Vec<(u64, u64)>,
    pub(crate) cancel_after: Option<usize>,
}

impl Notes {
    pub(crate) fn pointer(&mut self) -> *mut c_void {
        std::ptr::from_mut(self).cast()
    }
}

pub(crate) unsafe extern "C" fn note(done: u64, total: u64, user_data: *mut c_void) -> i32 {
    // SAFETY: what the tests give.
    let notes = unsafe { &mut *user_data.cast::<Notes>() };
    notes.told.push((done, total));
    match notes.cancel_after {
        Some(calls) if notes.told.len() >= calls => -7,
        _ => 0,
    }
}
