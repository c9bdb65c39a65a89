//! Any octets as an envelope, a challenge, or a signed response. Two fixed keys stand behind it,
//! which nobody else has: what is accepted with a signature must be what alpha once signed.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use oftp_core::wire::{Command, Level, Quirks, decode};
use oftp_secure::challenge::{LONGEST, open_challenge};
use oftp_secure::cms::{OpenError, OpenPlan, Opener, Transform};
use oftp_secure::response::{Expected, verify_eerp, verify_nerp};
use oftp_secure::{Credential, Keystore, Trust};

/// The content of every envelope of the corpus that alpha has signed.
pub const CONTENT: &[u8] = b"Call-off 4711: 200 brake discs, Monday, gate 3.\r\n";

/// SHA-256 of the file that the end responses of the corpus are for.
pub const HASH: [u8; 32] = [0x5A; 32];

/// What an opener may hold: four MiB of small parts, a zlib window, and buffers between layers.
const MEMORY: usize = 16 << 20;

/// Alpha, who signs.
pub static ALPHA: LazyLock<Credential> = LazyLock::new(|| {
    credential(
        include_bytes!("../../data/fuzz/alpha.key"),
        include_bytes!("../../data/fuzz/alpha.pem"),
    )
});

/// Beta, who decrypts.
pub static BETA: LazyLock<Credential> = LazyLock::new(|| {
    credential(
        include_bytes!("../../data/fuzz/beta.key"),
        include_bytes!("../../data/fuzz/beta.pem"),
    )
});

fn credential(key: &[u8], certificate: &[u8]) -> Credential {
    let mut store = Keystore::read(key, None).expect("key");
    store.add(Keystore::read(certificate, None).expect("certificate"));
    store.credentials().expect("a pair").remove(0)
}

fn trust() -> Trust {
    Trust {
        pinned: vec![ALPHA.certificate.clone()],
        ..Trust::default()
    }
}

/// 2026-12-02: both certificates are valid, whenever this runs.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_796_200_000)
}

/// The first octet says which layers are announced and how the rest, an envelope, is cut into
/// pieces. Opening it
///
/// * does not panic, ends, and holds no more than it may;
/// * comes to the same content, or to none, whatever the pieces;
/// * never accepts a content under alpha's signature that alpha did not sign.
///
/// # Panics
/// When one of these does not hold.
pub fn cms(data: &[u8]) {
    let Some((&how, message)) = data.split_first() else {
        return;
    };
    let whole = opened(plan(how), message, usize::MAX);
    let pieces = opened(plan(how), message, 1 + usize::from(how >> 3));
    // Of two faults in two layers the pieces decide which is seen first.
    assert_eq!(whole.as_ref().ok(), pieces.as_ref().ok());
    if let Ok(content) = whole
        && how & 4 != 0
    {
        assert_eq!(content, CONTENT, "a forgery");
    }
}

/// The content of an input of [`cms`].
///
/// # Errors
/// What is wrong with it.
pub fn opens(data: &[u8]) -> Result<Vec<u8>, String> {
    let (&how, message) = data.split_first().ok_or("nothing")?;
    opened(plan(how), message, usize::MAX)
}

fn plan(how: u8) -> OpenPlan {
    OpenPlan {
        encrypted: how & 1 != 0,
        compressed: how & 2 != 0,
        signed: how & 4 != 0,
        keys: vec![BETA.clone()],
        limit: Some(1 << 20),
        ..OpenPlan::new(trust(), now())
    }
}

fn opened(plan: OpenPlan, message: &[u8], piece: usize) -> Result<Vec<u8>, String> {
    let mut opener = Opener::new(plan);
    let content = run(&mut opener, message, piece);
    assert!(opener.held() <= MEMORY, "{} octets are held", opener.held());
    match content {
        Ok(content) => {
            assert!(opener.is_done() && opener.opened().is_some());
            Ok(content)
        }
        Err(error) => {
            assert!(opener.opened().is_none(), "opened in spite of {error}");
            assert!(matches!(error.nerp_reason().code(), 16 | 31..=33));
            Err(error.to_string())
        }
    }
}

fn run(opener: &mut Opener, message: &[u8], piece: usize) -> Result<Vec<u8>, OpenError> {
    let mut content = Vec::new();
    let mut room = vec![0; piece.clamp(1, 4096)];
    let mut rest = message;
    loop {
        let now = &rest[..rest.len().min(piece)];
        rest = &rest[opener.push(now)?..];
        if rest.is_empty() {
            opener.end()?;
        }
        loop {
            match opener.pull(&mut room)? {
                0 => break,
                octets => content.extend_from_slice(&room[..octets]),
            }
        }
        if rest.is_empty() {
            return Ok(content);
        }
    }
}

/// `data` is a challenge (AUCHCHAL): it is answered or not, and what is longer than any challenge
/// is not.
///
/// # Panics
/// When a promise does not hold.
pub fn challenge(data: &[u8]) {
    let answer = open_challenge(data, std::slice::from_ref(&BETA));
    assert!(answer.is_err() || data.len() <= LONGEST);
    if let Err(error) = answer {
        assert!(!error.to_string().is_empty());
    }
}

/// `data` is an EERP or a NERP at level 2.0. Only what alpha has signed is a proof: the responses
/// of the corpus, with no octet changed that a signature covers.
///
/// # Panics
/// When a forgery is taken for a proof.
pub fn response(data: &[u8]) {
    let trust = trust();
    let expected = Expected {
        hash: Some(&HASH),
        trust: &trust,
        now: now(),
        refuse_legacy: false,
    };
    let Ok(decoded) = decode(data, Level::V2_0, Quirks::TOLERANT) else {
        return;
    };
    let (proof, dsn, hash) = match &decoded.command {
        Command::Eerp(eerp) => (verify_eerp(eerp, expected), eerp.dsn, &eerp.hsh),
        Command::Nerp(nerp) => (verify_nerp(nerp, expected), nerp.dsn, &nerp.hsh),
        _ => return,
    };
    if let Ok(signers) = proof {
        assert_eq!(signers, std::slice::from_ref(&ALPHA.certificate));
        assert_eq!(hash[..], HASH);
        assert_eq!(dsn.trimmed(), b"CALL-OFF");
    }
}
