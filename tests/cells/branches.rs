//! The cases of rows that the plain events of the matrix do not come to.

use oftp_core::session::{CloseFileRs, Role, SealedChallenge, StartFileRs, UserError};
use oftp_core::state::State;
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{
    Auch, Aurp, Capability, Command, EfnaReason, Efpa, Secd, Sfid, SfnaReason, Sfpa, Ssid, Text,
};
use oftp_tests::lone::{Lone, Setup, Side};
use oftp_tests::spec::{StateTables, state};

use super::expected::{self, Cell};
use super::fire::{Fired, fire};
use super::{Seen, check};

/// What is special, the side, the state, the event of the matrix, how the session is set up, how
/// the event is raised, and the outputs or "UE".
struct Branch {
    side: Side,
    state: State,
    event: &'static str,
    setup: fn(&mut Setup),
    raise: fn(&mut Lone) -> Result<(), UserError>,
    outputs: &'static [&'static str],
    next: State,
}

/// An F_START_FILE_RQ and the like that is refused.
const UE: &[&str] = &["UE"];
const ESID_02: &[&str] = &["ESID(R=02)", "F_ABORT_IND(R=02,AO=L)"];
const ESID_10: &[&str] = &["ESID(R=10)", "F_ABORT_IND(R=10,AO=L)"];
const ESID_11: &[&str] = &["ESID(R=11)", "F_ABORT_IND(R=11,AO=L)"];
const ESID_12: &[&str] = &["ESID(R=12)", "F_ABORT_IND(R=12,AO=L)"];

macro_rules! branch {
    ($side:ident $state:ident $event:literal, $setup:expr, $raise:expr, $outputs:expr => $next:ident) => {
        Branch {
            side: Side::$side,
            state: State::$state,
            event: $event,
            setup: $setup,
            raise: $raise,
            outputs: $outputs,
            next: State::$next,
        }
    };
}

#[rustfmt::skip]
const BRANCHES: &[Branch] = &[
    branch!(Initiator Idle "F_CONNECT_RQ", |s| s.config.role = Role::Responder, plain_connect,
        &["F_ABORT_IND(R=-,AO=L)"] => Idle),
    branch!(Initiator Idle "F_CONNECT_RQ", |s| s.config.capabilities.mode = Capability::SenderOnly,
        |l| { let rq = oftp_core::session::ConnectRq { mode: Capability::ReceiverOnly, ..l.setup.connect_rq() };
              l.session.connect_rq(rq) }, &["F_ABORT_IND(R=-,AO=L)"] => Idle),
    branch!(Responder Idle "N_CON_IND", |s| s.config.role = Role::Initiator,
        |l| { l.session.n_con_ind(oftp_core::session::Addresses::default()); Ok(()) }, &["N_DISC_RQ"] => Idle),
    branch!(Initiator IWfSsid "SSID", |s| s.authentication = true, |l| ssid(l, |_| {}), &["SECD"] => WfAuch),
    branch!(Initiator IWfSsid "SSID", |s| s.authentication = true, |l| ssid(l, |s| s.auth = false), ESID_12 => WfNdisc),
    branch!(Initiator IWfSsid "SSID", plain, |l| ssid(l, |s| s.auth = true), ESID_12 => WfNdisc),
    branch!(Initiator IWfSsid "SSID", plain, |l| ssid(l, |s| s.spec = true), ESID_10 => WfNdisc),
    branch!(Responder ANcOnly "SSID", |s| s.config.capabilities.mode = Capability::SenderOnly,
        |l| ssid(l, |s| s.sr = Capability::SenderOnly), &["ESID(R=10)"] => WfNdisc),
    branch!(Responder AWfConrs "F_CONNECT_RS", |s| s.authentication = true,
        |l| { let rs = l.setup.connect_rs(); l.session.connect_rs(rs) }, &["SSID"] => WfSecd),
    branch!(Responder AWfConrs "F_CONNECT_RS", |s| s.authentication = true, |l| connect_rs(l, false, Capability::Both), ESID_12 => WfNdisc),
    branch!(Responder AWfConrs "F_CONNECT_RS", plain, |l| connect_rs(l, true, Capability::Both), ESID_12 => WfNdisc),
    branch!(Responder AWfConrs "F_CONNECT_RS", |s| s.sr = Capability::SenderOnly,
        |l| connect_rs(l, false, Capability::SenderOnly), ESID_10 => WfNdisc),
    branch!(Initiator WfAuch "AUCH", plain, not_opened, ESID_11 => WfNdisc),
    branch!(Responder WfAuch "AUCH", plain, not_opened, ESID_11 => WfNdisc),
    branch!(Initiator WfSecd "SECD", plain, not_sealed, ESID_11 => WfNdisc),
    branch!(Responder WfSecd "SECD", plain, not_sealed, ESID_11 => WfNdisc),
    branch!(Initiator WfAurp "AURP", plain, wrong_response, ESID_11 => WfNdisc),
    branch!(Responder WfAurp "AURP", plain, wrong_response, ESID_11 => WfNdisc),
    branch!(Initiator IdleSp "F_START_FILE_RQ", |s| s.restart = false, |l| offer(l, 4), UE => IdleSp),
    branch!(Initiator IdleSp "F_START_FILE_RQ", |s| s.sr = Capability::SenderOnly, |l| offer(l, 0), UE => IdleSp),
    branch!(Initiator WfCd "F_START_FILE_RQ", |s| s.restart = false, |l| offer(l, 4), UE => WfCd),
    branch!(Initiator Opop "SFPA", |s| s.rest = 4, |l| answer(l, 5), ESID_02 => WfNdisc),
    branch!(Initiator Opop "SFPA", |s| s.rest = 4, |l| answer(l, 4), &["F_START_FILE_CF(+)"] => Opo),
    branch!(Initiator Opo "F_DATA_RQ", |s| s.credit = 1, |l| fired(l, "F_DATA_RQ"), &["DATA"] => OpoWfc),
    branch!(Initiator IdleSp "F_EERP_RQ", plain, |l| { let mut eerp = l.setup.own_eerp();
        eerp.hsh = vec![1]; eerp.sig = vec![2]; l.session.eerp_rq(eerp) }, &["EERP"] => WfRtr),
    branch!(Initiator IdleSp "F_NERP_RQ", plain, |l| { let mut nerp = l.setup.own_nerp();
        nerp.hsh = vec![1]; nerp.sig = vec![2]; l.session.nerp_rq(nerp) }, &["NERP"] => WfRtr),
    branch!(Initiator Clop "EFPA", plain, |l| { l.peer(&Command::Efpa(Efpa { cd: true })); Ok(()) },
        &["F_CLOSE_FILE_CF(+,SP=No)", "CD"] => IdleLi),
    branch!(Responder IdleLi "SFID", |s| s.restart = false, |l| sfid(l, 4), ESID_02 => WfNdisc),
    branch!(Responder IdleLi "SFID", |s| s.sr = Capability::ReceiverOnly, |l| sfid(l, 0), ESID_02 => WfNdisc),
    branch!(Responder Opip "F_START_FILE_RS", plain, |l| l.session.start_file_rs(StartFileRs::Negative {
        reason: SfnaReason::DUPLICATE_FILE, retry: false, text: Text::default() }), &["SFNA"] => IdleLi),
    branch!(Responder Opip "F_START_FILE_RS", |s| s.rest = 4, |l| from(l, 5), UE => Opip),
    branch!(Responder Opip "F_START_FILE_RS", |s| s.rest = 4, |l| from(l, 4), &["SFPA"] => Opi),
    branch!(Responder Opi "DATA", |s| s.credit = 1, |l| fired(l, "DATA"), &["F_DATA_IND", "CDT"] => Opi),
    branch!(Responder Clip "F_CLOSE_FILE_RS", plain, |l| l.session.close_file_rs(CloseFileRs::Negative {
        reason: EfnaReason::new(12), text: Text::default() }), &["EFNA"] => IdleLi),
    branch!(Responder Clip "F_CLOSE_FILE_RS", plain, |l| l.session.close_file_rs(CloseFileRs::Positive { speaker: true }),
        &["EFPA(CD-Req)"] => WfCd),
];

/// Raises them all.
pub(crate) fn all(tables: &StateTables, seen: &mut Seen) {
    for branch in BRANCHES {
        let mut setup = Setup::new(branch.side);
        (branch.setup)(&mut setup);
        let what = format!("{:?} {} {}", branch.side, branch.state, branch.event);
        let mut lone = Lone::in_state(setup, branch.state).expect("its own side");
        let raised = (branch.raise)(&mut lone);
        lone.drain();
        assert_eq!(lone.session.state(), branch.next, "{what}");
        if branch.outputs == UE {
            assert!(raised.is_err(), "{what}");
            assert!(lone.did.is_empty(), "{what}: {:?}", lone.did);
            continue;
        }
        assert!(raised.is_ok(), "{what}: {raised:?}");
        assert_eq!(lone.outputs(), branch.outputs, "{what}");
        let columns = &tables.resolved_columns.states;
        let column = columns.iter().position(|name| state(name) == branch.state);
        let row = tables.resolved.iter().find(|row| row.event == branch.event);
        let text = &row.expect("an event").cells[column.expect("a state")];
        let cell = expected::cell(tables, text, branch.event);
        assert!(matches!(cell, Cell::Row(..)), "{what}");
        check(&lone, branch.state, &Fired::Done, &cell, &what, seen);
    }
}

const fn plain(_: &mut Setup) {}

fn fired(lone: &mut Lone, event: &str) -> Result<(), UserError> {
    assert_eq!(fire(lone, event), Fired::Done);
    Ok(())
}

fn plain_connect(lone: &mut Lone) -> Result<(), UserError> {
    let rq = lone.setup.connect_rq();
    lone.session.connect_rq(rq)
}

fn ssid(lone: &mut Lone, change: fn(&mut Ssid)) -> Result<(), UserError> {
    let mut ssid = lone.setup.ssid();
    change(&mut ssid);
    lone.peer(&Command::Ssid(ssid));
    Ok(())
}

fn connect_rs(lone: &mut Lone, auth: bool, mode: Capability) -> Result<(), UserError> {
    let rs = oftp_core::session::ConnectRs {
        authentication: auth,
        mode,
        ..lone.setup.connect_rs()
    };
    lone.session.connect_rs(rs)
}

fn not_opened(lone: &mut Lone) -> Result<(), UserError> {
    lone.peer(&Command::Auch(Auch { chal: vec![0x30] }));
    lone.session.open_challenge_rs(None)
}

fn not_sealed(lone: &mut Lone) -> Result<(), UserError> {
    lone.peer(&Command::Secd(Secd));
    let answer: Option<SealedChallenge> = None;
    lone.session.seal_challenge_rs(answer)
}

fn wrong_response(lone: &mut Lone) -> Result<(), UserError> {
    lone.peer(&Command::Aurp(Aurp { rsp: [0xff; 20] }));
    Ok(())
}

fn offer(lone: &mut Lone, rest: u64) -> Result<(), UserError> {
    let sfid = Sfid {
        rest,
        ..lone.setup.own_file()
    };
    lone.session.start_file_rq(sfid)
}

fn sfid(lone: &mut Lone, rest: u64) -> Result<(), UserError> {
    let sfid = Sfid {
        rest,
        ..lone.setup.peer_file()
    };
    lone.peer(&Command::Sfid(sfid));
    Ok(())
}

fn answer(lone: &mut Lone, acnt: u64) -> Result<(), UserError> {
    lone.peer(&Command::Sfpa(Sfpa { acnt }));
    Ok(())
}

fn from(lone: &mut Lone, blocks: u64) -> Result<(), UserError> {
    use oftp_core::virtual_file::Structure;
    let structure = Structure::of(&lone.setup.peer_file());
    let position = RestartPosition::new(structure, blocks, 0).expect("small");
    lone.session.start_file_rs(StartFileRs::Positive(position))
}
