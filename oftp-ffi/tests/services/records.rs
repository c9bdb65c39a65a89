//! V files: lengths before records, put in and taken out (RFC 5024 6.5).

use oftp::oftp_code::*;
use oftp::*;

use crate::common::*;
use crate::streaming::{drain, opener, sealer};

fn seal_records(layers: i32, records: &[Vec<u8>]) -> Vec<u8> {
    let mut plan = seal_plan(layers);
    plan.record_length = 65_535;
    let sealer = sealer(&plan);
    let mut out = Vec::new();
    // SAFETY: all pointers are to what is there.
    unsafe {
        for record in records {
            let mut taken = 0;
            while taken == 0 {
                let (data, len) = (record.as_ptr(), record.len());
                ok(oftp_cms_sealer_push_record(
                    sealer,
                    data,
                    len,
                    &raw mut taken,
                ));
                if taken == 0 {
                    drain(sealer, 999, &mut out);
                }
            }
        }
        ok(oftp_cms_sealer_end(sealer));
        drain(sealer, 999, &mut out);
        assert_eq!(oftp_cms_sealer_is_done(sealer), 1);
        ok(oftp_cms_sealer_free(sealer));
    }
    out
}

/// The records, or the reason for the partner.
fn open_records(
    layers: i32,
    longest: u32,
    message: &[u8],
    room: usize,
) -> Result<Vec<Vec<u8>>, i32> {
    let mut plan = open_plan(layers);
    plan.record_length = longest;
    let opener = opener(&plan);
    let (mut records, mut buffer) = (vec![Vec::new()], vec![0; room]);
    // SAFETY: all pointers are to what is there.
    unsafe {
        let mut pull = |records: &mut Vec<Vec<u8>>| loop {
            let (mut len, mut ends) = (0, 0);
            let at = buffer.as_mut_ptr();
            let status = oftp_cms_opener_pull_record(opener, at, room, &raw mut len, &raw mut ends);
            if status < 0 || (len, ends) == (0, 0) {
                return status;
            }
            records.last_mut().expect("one").extend(&buffer[..len]);
            if ends == 1 {
                records.push(Vec::new());
            }
        };
        let mut status = 0;
        let mut rest = message;
        while status == 0 && !rest.is_empty() {
            let mut taken = 0;
            let (data, len) = (rest.as_ptr(), rest.len());
            status = oftp_cms_opener_push(opener, data, len, &raw mut taken);
            rest = &rest[taken..];
            if status == 0 {
                status = pull(&mut records);
            }
        }
        if status == 0 {
            status = oftp_cms_opener_end(opener);
        }
        if status == 0 {
            status = pull(&mut records);
        }
        let mut known = result();
        let done = oftp_cms_opener_is_done(opener);
        ok(oftp_cms_opener_result(opener, &raw mut known));
        ok(oftp_cms_opener_free(opener));
        assert_eq!(done == 1, status == 0);
        if status < 0 {
            return Err(known.nerp_reason);
        }
    }
    assert_eq!(records.pop(), Some(Vec::new()));
    Ok(records)
}

#[test]
fn records_come_back_with_their_boundaries() {
    let records = [
        vec![],
        b"abc".to_vec(),
        content(65_535),
        vec![],
        content(60_000),
        content(65_535),
        b"z".to_vec(),
        vec![],
    ];
    for layers in 1..8 {
        let message = seal_records(layers, &records);
        for room in [1, 80, 100_000] {
            let opened = open_records(layers, 65_535, &message, room);
            assert!(opened.as_deref() == Ok(&records[..]), "layers {layers}");
        }
    }
    assert_eq!(open_records(4, 9, &seal_records(4, &[]), 9), Ok(Vec::new()));
}

#[test]
fn lengths_are_two_octets_before_each_record() {
    let message = seal_records(4, &[b"ab".to_vec(), vec![], b"c".to_vec()]);
    let (_, octets, _) = open(&open_plan(4), &message);
    assert_eq!(octets, b"\0\x02ab\0\0\0\x01c");
}

#[test]
fn a_record_that_is_too_long_is_refused_by_either_side() {
    let mut plan = seal_plan(4);
    plan.record_length = 80;
    let sealer = sealer(&plan);
    let mut taken = 7;
    // SAFETY: all pointers are to what is there.
    unsafe {
        let status = oftp_cms_sealer_push_record(sealer, content(81).as_ptr(), 81, &raw mut taken);
        fails(status, OFTP_E_VALUE, "record 1 has 81 octets");
        assert_eq!(taken, 7);
        ok(oftp_cms_sealer_free(sealer));
    }
    let long = [content(81)];
    assert_eq!(open_records(4, 80, &seal_records(4, &long), 99), Err(14));
    assert_eq!(open_records(1, 80, &seal_records(1, &long), 99), Err(33));
}

#[test]
fn lengths_that_do_not_fit_are_told_only_where_that_tells_nothing_about_a_key() {
    // Cut within the record.
    let octets = b"\0\x05abc";
    for (layers, reason) in [(2, 14), (4, 14), (1, 33), (3, 14), (7, 14)] {
        let message = seal(&seal_plan(layers), octets);
        assert_eq!(
            open_records(layers, 80, &message, 99),
            Err(reason),
            "layers {layers}"
        );
    }
}

#[test]
fn a_file_that_ends_within_a_record_is_not_done_whoever_asks_first() {
    let message = seal(&seal_plan(4), b"\0\x05abc");
    let mut plan = open_plan(4);
    plan.record_length = 80;
    let opener = opener(&plan);
    // SAFETY: all pointers are to what is there.
    unsafe {
        let mut taken = 0;
        let (data, len) = (message.as_ptr(), message.len());
        ok(oftp_cms_opener_push(opener, data, len, &raw mut taken));
        ok(oftp_cms_opener_end(opener));
        let (mut buffer, mut len, mut ends) = ([0; 99], 0, 7);
        let at = buffer.as_mut_ptr();
        let (len_at, ends_at) = (&raw mut len, &raw mut ends);
        ok(oftp_cms_opener_pull_record(opener, at, 99, len_at, ends_at));
        assert_eq!((&buffer[..len], ends), (&b"abc"[..], 0));
        assert_eq!(oftp_cms_opener_is_done(opener), 0);
        let status = oftp_cms_opener_pull_record(opener, at, 99, len_at, ends_at);
        fails(status, OFTP_E_CMS, "lacks 2 octets");
        ok(oftp_cms_opener_free(opener));
    }
}
