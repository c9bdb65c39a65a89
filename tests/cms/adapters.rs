//! Sealing and opening behind [`std::io`].

use std::io::{self, Read, Write};

use oftp_secure::cms::{
    self, OpenProblem, Opener, Reader, SealError, SealPlan, Sealer, Transform, Writer,
};

use crate::common::{Layers, edifact, names, open, open_plan, seal, seal_plan, suite};

/// Gives few octets at a time, and is interrupted before each.
struct Slow<'a> {
    octets: &'a [u8],
    interrupted: bool,
}

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let some = self.octets.len().min(out.len()).min(777);
        let (octets, rest) = self.octets.split_at(some);
        out[..some].copy_from_slice(octets);
        self.octets = rest;
        Ok(some)
    }
}

fn slow(octets: &[u8]) -> Slow<'_> {
    Slow {
        octets,
        interrupted: false,
    }
}

#[test]
fn whole_files_with_progress() {
    let content = edifact(200_000);
    let (mut sealed, mut opened, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let plan = seal_plan(4, Layers::ALL);
    let progress = |octets| told.push(octets);
    cms::seal(plan, &mut slow(&content), &mut sealed, progress).expect("seals");
    assert!(told.is_sorted() && told.last() == Some(&200_000));
    told.clear();
    let plan = open_plan(Layers::ALL);
    let progress = |octets| told.push(octets);
    let what = cms::open(plan, &mut slow(&sealed), &mut opened, progress).expect("opens");
    assert!(opened == content);
    assert_eq!(
        (what.octets, names(&what.signers)),
        (200_000, vec!["CN=alpha".to_owned()])
    );
    assert_eq!(told.last(), Some(&(sealed.len() as u64)));
}

#[test]
fn readers_and_writers_do_the_same() {
    let content = edifact(200_000);
    let sealer = || Sealer::new(seal_plan(4, Layers::ALL)).expect("plan");
    let mut writer = Writer::new(Vec::new(), sealer());
    for piece in content.chunks(70_001) {
        writer.write_all(piece).expect("writes");
    }
    let (written, sealer_at_end) = writer.finish().expect("ends");
    assert!(sealer_at_end.is_done());
    let mut read = Vec::new();
    Reader::new(slow(&content), sealer())
        .read_to_end(&mut read)
        .expect("reads");
    for sealed in [written, read] {
        assert!(open(open_plan(Layers::ALL), &sealed).expect("opens").0 == content);
        let mut opened = Vec::new();
        let mut reader = Reader::new(slow(&sealed), Opener::new(open_plan(Layers::ALL)));
        reader.read_to_end(&mut opened).expect("reads");
        assert!(opened == content);
        assert_eq!(reader.transform().opened().expect("opened").octets, 200_000);
        let mut writer = Writer::new(Vec::new(), Opener::new(open_plan(Layers::ALL)));
        writer.write_all(&sealed).expect("writes");
        let (opened, opener) = writer.finish().expect("ends");
        assert!(opened == content && opener.opened().is_some());
    }
}

#[test]
fn the_end_of_a_cut_message_is_an_error_and_can_be_found_again() {
    let sealed = seal(seal_plan(4, Layers::SIGNED), &edifact(1000));
    let cut = &sealed[..sealed.len() - 1];
    let mut reader = Reader::new(cut, Opener::new(open_plan(Layers::SIGNED)));
    let error = reader.read_to_end(&mut Vec::new()).expect_err("cut");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    let found = cms::open_error(&error).expect("a problem of the message");
    assert!(matches!(found.problem, OpenProblem::Cut { .. }), "{error}");
    let plan = open_plan(Layers::SIGNED);
    let error = cms::open(plan, &mut &*cut, &mut Vec::new(), |_| ()).expect_err("cut");
    assert!(cms::open_error(&error).is_some() && cms::seal_error(&error).is_none());
    let plan = SealPlan::new(suite(4));
    let error = cms::seal(plan, &mut &*cut, &mut Vec::new(), |_| ()).expect_err("plan");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert_eq!(cms::seal_error(&error), Some(&SealError::NoLayer));
}
