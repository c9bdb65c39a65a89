//! A partner that knows the commands, and sends them whenever the script says.

use oftp_core::virtual_file::Encoder;
use oftp_core::wire::{
    Auch, Aurp, Capability, Cd, Cdt, Command, Eerp, Efid, Efna, EfnaReason, Efpa, Esid, EsidReason,
    Level, Nerp, NerpReason, RecordFormat, Rtr, Secd, Sfid, Sfna, SfnaReason, Sfpa, Ssid, Ssrm,
    Text, UserData, sth,
};

use super::script::Script;
use crate::pair::{ALPHA, BETA, code, password};
use crate::stations::sfid;

/// The octets in every challenge of the own side; a partner that opens it sends them back.
pub(super) const PLAIN: [u8; 20] = *b"twenty random octets";

/// One Stream Transmission Buffer with a command that is right by itself.
pub(super) fn well_formed(script: &mut Script<'_>, level: Level) -> Vec<u8> {
    let mut octets = Vec::new();
    if script.octet().is_multiple_of(18) {
        data(script, &mut octets);
    } else {
        // A value that the level does not have leaves the buffer empty: nothing is sent.
        let _ = command(script, level).encode(level, &mut octets);
    }
    framed(&octets)
}

/// The same with a few octets changed, cut off or put on, and the header of its new length.
pub(super) fn damaged(script: &mut Script<'_>, level: Level) -> Vec<u8> {
    let mut octets = well_formed(script, level).split_off(sth::OCTETS);
    for _ in 0..script.octet() % 4 {
        let (place, value) = (script.octet(), script.octet());
        if let Some(octet) = octets.get_mut(usize::from(place)) {
            *octet = value;
        }
    }
    octets.truncate(octets.len().saturating_sub(usize::from(script.octet() % 4)));
    octets.extend_from_slice(script.octets());
    framed(&octets)
}

/// Any octets with the right header.
pub(super) fn framed(octets: &[u8]) -> Vec<u8> {
    let mut framed = sth::header(octets.len().max(1)).to_vec();
    framed.extend_from_slice(octets);
    framed
}

fn data(script: &mut Script<'_>, out: &mut Vec<u8>) {
    let compression = script.flag();
    let ends = script.flag();
    let octets = script.octets();
    // What does not fit is not sent.
    let _ = Encoder::new(out, 128, compression).write(octets, ends);
}

fn command(script: &mut Script<'_>, level: Level) -> Command<'static> {
    match script.octet() % 17 {
        0 => Command::Ssrm(Ssrm),
        1 => Command::Ssid(ssid(script, level)),
        2 => Command::Sfid(file(script, ALPHA, BETA)),
        3 => Command::Sfpa(Sfpa {
            acnt: u64::from(script.octet()),
        }),
        4 => Command::Sfna(Sfna {
            reas: SfnaReason::new(script.octet() % 100),
            rrtr: script.flag(),
            reast: Text::default(),
        }),
        5 => Command::Cdt(Cdt),
        6 => Command::Efid(Efid {
            rcnt: u64::from(script.octet()),
            ucnt: script.number() as u64,
        }),
        7 => Command::Efpa(Efpa { cd: script.flag() }),
        8 => Command::Efna(Efna {
            reas: EfnaReason::new(script.octet() % 100),
            reast: Text::default(),
        }),
        9 => Command::Esid(Esid {
            reas: EsidReason::new(script.octet() % 100),
            reast: Text::default(),
        }),
        10 => Command::Cd(Cd),
        11 => Command::Eerp(eerp(script, ALPHA, BETA)),
        12 => Command::Nerp(nerp(script, ALPHA, BETA)),
        13 => Command::Rtr(Rtr),
        14 => Command::Secd(Secd),
        15 => Command::Auch(Auch {
            chal: script.octets().to_vec(),
        }),
        _ => Command::Aurp(Aurp {
            rsp: if script.flag() { [0; 20] } else { PLAIN },
        }),
    }
}

fn ssid(script: &mut Script<'_>, level: Level) -> Ssid {
    Ssid {
        lev: level.digit(),
        code: code(ALPHA),
        pswd: password("SECRET"),
        sdeb: script.pick(&[99_999, 128, 200, 4096]),
        sr: script.pick(&[
            Capability::Both,
            Capability::SenderOnly,
            Capability::ReceiverOnly,
        ]),
        cmpr: script.flag(),
        rest: script.flag(),
        spec: false,
        cred: script.pick(&[64, 1, 2, 999]),
        auth: script.flag() && level == Level::V2_0,
        user: UserData::default(),
    }
}

/// A file that any side may offer.
pub(super) fn file(script: &mut Script<'_>, from: &str, to: &str) -> Sfid {
    let format = format(script);
    let lrecl = match format {
        RecordFormat::U | RecordFormat::T => 0,
        RecordFormat::F | RecordFormat::V => script.pick(&[1, 0, 10, 80, 99_999]),
    };
    Sfid {
        rest: u64::from(script.octet()),
        ..sfid("FUZZ", from, to, format, lrecl)
    }
}

pub(super) fn format(script: &mut Script<'_>) -> RecordFormat {
    use RecordFormat::{F, T, U, V};
    script.pick(&[U, T, F, V])
}

pub(super) fn eerp(script: &mut Script<'_>, from: &str, to: &str) -> Eerp {
    let file = sfid("FUZZ", from, to, RecordFormat::U, 0);
    Eerp {
        dsn: file.dsn,
        stamp: file.stamp,
        user: file.user,
        dest: file.orig,
        orig: file.dest,
        hsh: Vec::new(),
        sig: script.octets().to_vec(),
    }
}

pub(super) fn nerp(script: &mut Script<'_>, from: &str, to: &str) -> Nerp {
    let eerp = eerp(script, from, to);
    Nerp {
        dsn: eerp.dsn,
        stamp: eerp.stamp,
        dest: eerp.dest,
        orig: eerp.orig,
        crea: eerp.orig,
        reas: NerpReason::new(script.octet() % 100),
        reast: Text::default(),
        hsh: eerp.hsh,
        sig: eerp.sig,
    }
}
