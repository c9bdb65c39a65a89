//! The 39 events of the resolved matrix, each as something that can be done to a session.

use oftp_core::session::{
    Addresses, CloseFileRq, CloseFileRs, SealedChallenge, StartFileRs, UserError,
};
use oftp_core::state::State;
use oftp_core::virtual_file::RestartPosition;
use oftp_core::wire::{
    Auch, Aurp, Cd, Cdt, Command, Efid, Efna, EfnaReason, Esid, EsidReason, Rtr, Secd, Sfna,
    SfnaReason, Sfpa, Ssrm, Text,
};
use oftp_tests::lone::{Lone, OWN_CHALLENGE, PEER_CHALLENGE, efpa};

/// What came of an attempt to raise an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fired {
    /// It was raised.
    Done,
    /// It was a primitive, and was refused.
    Refused,
    /// No timer runs in this state of this side: there is no such event.
    NoTimer,
}

/// The reason of F_REL_RQ(Err).
pub(crate) const RELEASE: EsidReason = EsidReason::new(8);
/// The reason of "ESID R=Error".
pub(crate) const RECEIVED: EsidReason = EsidReason::new(5);

pub(crate) fn fire(lone: &mut Lone, event: &str) -> Fired {
    let result = match event.split_once('_') {
        Some(("F", _)) => primitive(lone, event),
        Some(("N", _)) => {
            network(lone, event);
            Ok(())
        }
        _ if event == "TIME-OUT" => match lone.session.next_deadline() {
            Some(deadline) => {
                lone.session.tick(deadline);
                Ok(())
            }
            None => return Fired::NoTimer,
        },
        _ if event == "Invalid Buffer" => {
            lone.buffer(b"Z");
            Ok(())
        }
        _ => {
            peer(lone, event);
            Ok(())
        }
    };
    lone.drain();
    match result {
        Ok(()) => Fired::Done,
        Err(error) => {
            assert_eq!(error.state, lone.session.state());
            assert!(error.to_string().contains(error.state.name()), "{error}");
            Fired::Refused
        }
    }
}

fn primitive(lone: &mut Lone, event: &str) -> Result<(), UserError> {
    let setup = lone.setup.clone();
    let session = &mut lone.session;
    match event {
        "F_CONNECT_RQ" => session.connect_rq(setup.connect_rq()),
        "F_CONNECT_RS" => session.connect_rs(setup.connect_rs()),
        "F_START_FILE_RQ" => session.start_file_rq(setup.own_file()),
        "F_START_FILE_RS" => session.start_file_rs(StartFileRs::Positive(RestartPosition::START)),
        "F_DATA_RQ" => session.data_rq(|buffer| {
            let _ = buffer.write(b"A", true);
        }),
        "F_CLOSE_FILE_RQ" => session.close_file_rq(CloseFileRq {
            records: 0,
            octets: 1,
        }),
        "F_CLOSE_FILE_RS" => session.close_file_rs(CloseFileRs::Positive { speaker: false }),
        "F_EERP_RQ" => session.eerp_rq(setup.own_eerp()),
        "F_NERP_RQ" => session.nerp_rq(setup.own_nerp()),
        "F_RTR_RS" => session.rtr_rs(),
        "F_CD_RQ" => session.cd_rq(),
        "F_REL_RQ(Ok)" => session.release_rq(EsidReason::NORMAL, Text::default()),
        "F_REL_RQ(Err)" => session.release_rq(RELEASE, Text::default()),
        "F_ABORT_RQ" => session.abort_rq(),
        other => panic!("{other} is no primitive"),
    }
}

fn network(lone: &mut Lone, event: &str) {
    match event {
        "N_CON_IND" => lone.session.n_con_ind(Addresses::default()),
        "N_CON_CF" => lone.session.n_con_cf(),
        "N_DISC_IND" => lone.session.n_disc_ind(),
        "N_RST_IND" => lone.session.n_rst_ind(),
        other => panic!("{other} is no event of the network"),
    }
}

fn peer(lone: &mut Lone, event: &str) {
    let setup = lone.setup.clone();
    let command = match event {
        "SSRM" => Command::Ssrm(Ssrm),
        "SSID" => Command::Ssid(setup.ssid()),
        "SECD" => Command::Secd(Secd),
        "AUCH" => Command::Auch(Auch {
            chal: vec![0x30, 2],
        }),
        "AURP" => Command::Aurp(Aurp { rsp: OWN_CHALLENGE }),
        "SFID" => Command::Sfid(setup.peer_file()),
        "SFPA" => Command::Sfpa(Sfpa { acnt: setup.rest }),
        "SFNA" => Command::Sfna(Sfna {
            reas: SfnaReason::DUPLICATE_FILE,
            rrtr: false,
            reast: Text::default(),
        }),
        "DATA" => Command::Data(b"\x81A"),
        "CDT" => Command::Cdt(Cdt),
        "EFID" => Command::Efid(Efid { rcnt: 0, ucnt: 0 }),
        "EFPA" => efpa(),
        "EFNA" => Command::Efna(Efna {
            reas: EfnaReason::new(12),
            reast: Text::default(),
        }),
        "ESID R=Normal" => esid(EsidReason::NORMAL),
        "ESID R=Error" => esid(RECEIVED),
        "CD" => Command::Cd(Cd),
        "EERP" => Command::Eerp(setup.peer_eerp()),
        "NERP" => Command::Nerp(setup.peer_nerp()),
        "RTR" => Command::Rtr(Rtr),
        other => panic!("{other} is no command"),
    };
    let state = lone.session.state();
    lone.peer(&command);
    // The rows of SECD and AUCH are taken when the User Monitor has done its part.
    match (state, event) {
        (State::WfSecd, "SECD") => lone
            .session
            .seal_challenge_rs(Some(SealedChallenge {
                plain: OWN_CHALLENGE,
                sealed: vec![0x30, 1],
            }))
            .expect("a challenge is wanted"),
        (State::WfAuch, "AUCH") => lone
            .session
            .open_challenge_rs(Some(PEER_CHALLENGE))
            .expect("a challenge is to be opened"),
        _ => {}
    }
}

fn esid(reas: EsidReason) -> Command<'static> {
    Command::Esid(Esid {
        reas,
        reast: Text::default(),
    })
}
