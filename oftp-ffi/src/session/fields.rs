//! The fields of SSID, SFID, EERP and NERP as structures, in both directions.

use std::ffi::{CString, c_char};

use oftp_core::session::{Addresses, Agreed, ConnectRq, ConnectRs};
use oftp_core::wire::{
    Eerp, IdentificationCode, Nerp, NerpReason, Password, RecordFormat, Security, Sfid, Ssid,
    Stamp, Text,
};

use super::config::{choice, mode, wrong};
use crate::guard::{Versioned, octets};
use crate::status::{Outcome, oftp_code};
use crate::text::{any, array, field, for_c, strict, string, text};

/// Who we are and how we want a session: the parameters of F_CONNECT_RQ and F_CONNECT_RS
/// (RFC 5024 3.2.1). Initialise with `OFTP_CONNECT_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_connect {
    /// `sizeof(oftp_connect)`.
    pub struct_size: usize,
    /// Our identification code (SSIDCODE), at most 25 characters.
    pub code: [c_char; 26],
    /// Our password (SSIDPSWD), at most 8 characters.
    pub password: [c_char; 9],
    /// User data (SSIDUSER), at most 8 characters.
    pub user: [c_char; 9],
    /// Directions wanted, an `oftp_mode`; 0: as configured.
    pub mode: i32,
    /// Restart wanted, an `oftp_choice`; default yes, where configured.
    pub restart: i32,
    /// Secure authentication (SSIDAUTH), an `oftp_choice`; default no. Both sides must want the
    /// same, else the session ends with ESID 12.
    pub authentication: i32,
    /// F_CONNECT_RQ: the code that must answer; empty: whoever answers. Another one is left with
    /// ESID 03, and `abort_ind` tells it.
    pub partner_code: [c_char; 26],
    /// F_CONNECT_RQ: the password that must answer, where `partner_code` is set; empty: any.
    /// Another one is left with ESID 04.
    pub partner_password: [c_char; 9],
    /// F_CONNECT_RQ: the address called, for logs; NULL: none.
    pub called: *const c_char,
    /// F_CONNECT_RQ: our own address, for logs; NULL: none.
    pub calling: *const c_char,
}

/// The SSID of the partner (RFC 5024 5.3.2).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_ssid {
    /// `sizeof(oftp_ssid)` of the library.
    pub struct_size: usize,
    /// SSIDCODE, without trailing spaces.
    pub code: [c_char; 26],
    /// SSIDPSWD, without trailing spaces. Compare it, and keep it out of logs.
    pub password: [c_char; 9],
    /// SSIDUSER.
    pub user: [c_char; 9],
    /// SSIDLEV, 1 to 9.
    pub level: i32,
    /// SSIDSDEB in octets.
    pub buffer_size: u32,
    /// SSIDCRED.
    pub window: u32,
    /// SSIDSR as the partner sent it, an `oftp_mode` of the partner's side.
    pub mode: i32,
    /// SSIDCMPR, 0 or 1.
    pub compression: i32,
    /// SSIDREST, 0 or 1.
    pub restart: i32,
    /// SSIDAUTH, 0 or 1.
    pub authentication: i32,
    /// Where the call came from, as `oftp_n_con_ind` was told; never NULL.
    pub calling: *const c_char,
    /// Where it came to; never NULL.
    pub called: *const c_char,
}

/// What both sides have agreed on.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_agreed {
    /// `sizeof(oftp_agreed)`.
    pub struct_size: usize,
    /// The release level, an `oftp_level`.
    pub level: i32,
    /// Largest Data Exchange Buffer in octets, command octet included.
    pub buffer_size: u32,
    /// Credit in Data Exchange Buffers.
    pub window: u32,
    /// Directions, an `oftp_mode` of this side.
    pub mode: i32,
    /// Buffer compression, 0 or 1.
    pub compression: i32,
    /// Restart, 0 or 1.
    pub restart: i32,
    /// Secure authentication, 0 or 1.
    pub authentication: i32,
}

/// A Virtual File: the fields of SFID, the parameters of F_START_FILE (RFC 5024 3.3.1, 5.3.3).
/// Initialise with `OFTP_VIRTUAL_FILE_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_virtual_file {
    /// `sizeof(oftp_virtual_file)`.
    pub struct_size: usize,
    /// Dataset name (SFIDDSN), at most 26 characters.
    pub dsn: [c_char; 27],
    /// CCYYMMDD, 8 digits; YYMMDD where a file came at level 1.2 or 1.3.
    pub date: [c_char; 9],
    /// HHMMSScccc, 10 digits, the last four a counter; HHMMSS at level 1.2 or 1.3.
    pub time: [c_char; 11],
    /// User data (SFIDUSER), at most 8 characters.
    pub user: [c_char; 9],
    /// Destination (SFIDDEST): an identification code, at most 25 characters.
    pub destination: [c_char; 26],
    /// Originator (SFIDORIG).
    pub originator: [c_char; 26],
    /// Record format, an `oftp_format`; 0: `OFTP_FORMAT_U`.
    pub format: i32,
    /// Longest record in octets (SFIDLRECL), 0 to 99,999; 0 for U and T.
    pub record_length: u32,
    /// Size as transmitted in blocks of 1,024 octets (SFIDFSIZ): an estimate, rounded up.
    pub size: u64,
    /// Size of the original in blocks of 1,024 octets (SFIDOSIZ); 0: not known.
    pub original_size: u64,
    /// Where the file can go on (SFIDREST): records for F and V, blocks of 1,024 octets for U, T
    /// and all secured or compressed files; 0: at its start.
    pub restart_position: u64,
    /// A sum of `oftp_security`.
    pub security: i32,
    /// Cipher suite (SFIDCIPH), 0 to 99.
    pub cipher_suite: i32,
    /// Compressed as a file (SFIDCOMP): 0 or 1.
    pub compression: i32,
    /// Envelope (SFIDENV): 0 none, 1 CMS. Security and compression need 1.
    pub envelope: i32,
    /// The end response must be signed (SFIDSIGN): 0 or 1.
    pub signed_response: i32,
    /// A description for people (SFIDDESC) in UTF-8, cut to 999 octets, sent at level 2.0; NULL:
    /// none. One that was received is never NULL, and borrowed until the callback returns.
    pub description: *const c_char,
}

/// An End to End Response or Negative End Response: the parameters of F_EERP and F_NERP
/// (RFC 5024 3.3.5, 3.3.6, 5.3.13, 5.3.14). Initialise with `OFTP_END_RESPONSE_INIT`, or by
/// `oftp_end_response_for`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct oftp_end_response {
    /// `sizeof(oftp_end_response)`.
    pub struct_size: usize,
    /// Dataset name of the file.
    pub dsn: [c_char; 27],
    /// Date of the file.
    pub date: [c_char; 9],
    /// Time of the file.
    pub time: [c_char; 11],
    /// EERP only: user data.
    pub user: [c_char; 9],
    /// Whom the response is for: the originator of the file.
    pub destination: [c_char; 26],
    /// Whom it is from: the destination of the file.
    pub originator: [c_char; 26],
    /// NERP only: who made it (NERPCREA).
    pub creator: [c_char; 26],
    /// NERP only: why, an `oftp_nerp_reason`.
    pub reason: i32,
    /// NERP only: why, in words (UTF-8); NULL: none. Never NULL in one that was received.
    pub text: *const c_char,
    /// Hash of the file as transmitted; NULL, 0: none.
    pub hash: *const u8,
    /// Its octets, at most 65,535.
    pub hash_len: usize,
    /// Signature (CMS); NULL, 0: none. `oftp_response_sign_eerp` and `oftp_response_sign_nerp` make
    /// it.
    pub signature: *const u8,
    /// Its octets, at most 65,535.
    pub signature_len: usize,
}

macro_rules! versioned {
    ($($type:ident $first:expr;)*) => {$(
        // SAFETY: repr(C), the size first, and zero is good for integers, arrays and pointers.
        unsafe impl Versioned for $type {
            const NAME: &'static str = stringify!($type);
            const FIRST: usize = $first;
        }
    )*};
}
versioned! {
    oftp_connect std::mem::offset_of!(Self, calling);
    oftp_ssid size_of::<Self>();
    oftp_agreed size_of::<Self>();
    oftp_virtual_file std::mem::offset_of!(Self, description);
    oftp_end_response size_of::<Self>();
}

/// Strings that a structure points to.
pub(super) type Kept = Vec<CString>;

fn keep(kept: &mut Kept, text: impl Into<String>) -> *const c_char {
    let text = for_c(text);
    // The octets of a CString stay where they are when it is moved.
    let pointer = text.as_ptr();
    kept.push(text);
    pointer
}

fn code<const N: usize>(array: &[c_char; N], name: &str) -> Outcome<IdentificationCode> {
    let code: IdentificationCode = strict(array, name)?;
    if code.is_blank() {
        return Err(oftp_code::OFTP_E_VALUE.because(format!("{name} is empty (RFC 5024 5.4)")));
    }
    Ok(code)
}

/// The partner that F_CONNECT_RQ expects.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub(super) code: IdentificationCode,
    pub(super) password: Option<Password>,
}

impl oftp_connect {
    /// # Safety
    /// The pointers are NULL or strings.
    pub(super) unsafe fn request(&self) -> Outcome<(ConnectRq, Option<Expected>)> {
        // SAFETY: by the caller.
        let [called, calling] = unsafe {
            [
                string(self.called, "called")?.to_owned(),
                string(self.calling, "calling")?.to_owned(),
            ]
        };
        let expected = if field(&self.partner_code, "partner_code")?.is_empty() {
            None
        } else {
            let password = field(&self.partner_password, "partner_password")?;
            let password = (!password.is_empty())
                .then(|| strict(&self.partner_password, "partner_password"))
                .transpose()?;
            Some(Expected {
                code: strict(&self.partner_code, "partner_code")?,
                password: password.map(Password::new),
            })
        };
        let rq = ConnectRq {
            code: code(&self.code, "code")?,
            password: Password::new(strict(&self.password, "password")?),
            user: strict(&self.user, "user")?,
            mode: mode(self.mode)?,
            restart: choice(self.restart, "restart", true)?,
            authentication: choice(self.authentication, "authentication", false)?,
            addresses: Addresses { called, calling },
        };
        Ok((rq, expected))
    }

    pub(super) fn response(&self) -> Outcome<ConnectRs> {
        Ok(ConnectRs {
            code: code(&self.code, "code")?,
            password: Password::new(strict(&self.password, "password")?),
            user: strict(&self.user, "user")?,
            mode: mode(self.mode)?,
            restart: choice(self.restart, "restart", true)?,
            authentication: choice(self.authentication, "authentication", false)?,
            capabilities: None,
            quirks: None,
        })
    }
}

impl oftp_ssid {
    pub(super) fn of(ssid: &Ssid, addresses: &Addresses, kept: &mut Kept) -> Self {
        Self {
            struct_size: size_of::<Self>(),
            code: array(ssid.code.trimmed()),
            password: array(trimmed(ssid.pswd.as_octets())),
            user: array(ssid.user.trimmed()),
            level: ssid.lev.into(),
            buffer_size: ssid.sdeb,
            window: ssid.cred.into(),
            mode: ssid.sr.letter().into(),
            compression: ssid.cmpr.into(),
            restart: ssid.rest.into(),
            authentication: ssid.auth.into(),
            calling: keep(kept, addresses.calling.clone()),
            called: keep(kept, addresses.called.clone()),
        }
    }
}

fn trimmed(octets: &[u8]) -> &[u8] {
    let end = octets.iter().rposition(|octet| *octet != b' ');
    &octets[..end.map_or(0, |last| last + 1)]
}

impl oftp_agreed {
    pub(super) fn of(agreed: &Agreed) -> Self {
        Self {
            struct_size: size_of::<Self>(),
            level: agreed.level.digit().into(),
            buffer_size: agreed.buffer_size,
            window: agreed.window.into(),
            mode: agreed.mode.letter().into(),
            compression: agreed.compression.into(),
            restart: agreed.restart.into(),
            authentication: agreed.authentication.into(),
        }
    }
}

fn stamp(date: &[c_char; 9], time: &[c_char; 11]) -> Outcome<Stamp> {
    let (date, time) = (field(date, "date")?, field(time, "time")?);
    let short = (<[u8; 6]>::try_from(date), <[u8; 6]>::try_from(time));
    if let (Ok(date), Ok(time)) = short {
        return Ok(Stamp::Short { date, time });
    }
    let (date, time) = (String::from_utf8_lossy(date), String::from_utf8_lossy(time));
    Stamp::new(&date, &time).map_err(|error| {
        oftp_code::OFTP_E_VALUE.because(format!(
            "date \"{date}\" and time \"{time}\": {error} (RFC 5024 5.3.3 SFIDDATE, SFIDTIME)"
        ))
    })
}

fn small(value: i32, name: &str, most: u8) -> Outcome<u8> {
    u8::try_from(value)
        .ok()
        .filter(|value| *value <= most)
        .ok_or_else(|| wrong(name, value, &format!("0 to {most}")))
}

impl oftp_virtual_file {
    /// The SFID to send.
    ///
    /// # Safety
    /// `description` is NULL or a string.
    pub(crate) unsafe fn to_sfid(self) -> Outcome<Sfid> {
        let letter = match self.format {
            0 => b'U',
            letter => u8::try_from(letter).unwrap_or(0),
        };
        let format = RecordFormat::from_letter(letter)
            .ok_or_else(|| wrong("format", self.format, "'F', 'V', 'U' or 'T' (oftp_format)"))?;
        // OFTP_SECURITY_* are the bits of SFIDSEC.
        let security = small(self.security, "security", 3)?;
        let security = Security::from_code(security.into()).unwrap_or_default();
        let dsn: oftp_core::wire::DatasetName = strict(&self.dsn, "dsn")?;
        if dsn.is_blank() {
            return Err(oftp_code::OFTP_E_VALUE.because("dsn is empty (RFC 5024 5.3.3 SFIDDSN)"));
        }
        Ok(Sfid {
            dsn,
            stamp: stamp(&self.date, &self.time)?,
            user: strict(&self.user, "user")?,
            dest: code(&self.destination, "destination")?,
            orig: code(&self.originator, "originator")?,
            fmt: format,
            lrecl: self.record_length,
            fsiz: self.size,
            osiz: self.original_size,
            rest: self.restart_position,
            sec: security,
            ciph: small(self.cipher_suite, "cipher_suite", 99)?,
            comp: small(self.compression, "compression", 1)?,
            env: small(self.envelope, "envelope", 1)?,
            sign: small(self.signed_response, "signed_response", 1)? == 1,
            // SAFETY: by the caller.
            desc: unsafe { text(self.description, "description") }?,
        })
    }

    /// The SFID received.
    pub(crate) fn of(sfid: &Sfid, kept: &mut Vec<CString>) -> Self {
        Self {
            struct_size: size_of::<Self>(),
            dsn: array(sfid.dsn.trimmed()),
            date: array(sfid.stamp.date()),
            time: array(sfid.stamp.time()),
            user: array(sfid.user.trimmed()),
            destination: array(sfid.dest.trimmed()),
            originator: array(sfid.orig.trimmed()),
            format: sfid.fmt.letter().into(),
            record_length: sfid.lrecl,
            size: sfid.fsiz,
            original_size: sfid.osiz,
            restart_position: sfid.rest,
            security: sfid.sec.code().into(),
            cipher_suite: sfid.ciph.into(),
            compression: sfid.comp.into(),
            envelope: sfid.env.into(),
            signed_response: sfid.sign.into(),
            description: keep(kept, text_of(&sfid.desc)),
        }
    }
}

fn text_of(text: &Text) -> String {
    String::from_utf8_lossy(text.as_octets()).into_owned()
}

impl oftp_end_response {
    /// # Safety
    /// The pointers are as their fields say.
    pub(crate) unsafe fn to_eerp(self) -> Outcome<Eerp> {
        // SAFETY: by the caller.
        let (hsh, sig) = unsafe { self.hash_and_signature() }?;
        Ok(Eerp {
            dsn: any(&self.dsn, "dsn")?,
            stamp: stamp(&self.date, &self.time)?,
            user: any(&self.user, "user")?,
            dest: any(&self.destination, "destination")?,
            orig: any(&self.originator, "originator")?,
            hsh,
            sig,
        })
    }

    /// # Safety
    /// As [`to_eerp`](Self::to_eerp).
    pub(crate) unsafe fn to_nerp(self) -> Outcome<Nerp> {
        // SAFETY: by the caller.
        let (hsh, sig) = unsafe { self.hash_and_signature() }?;
        let reason = small(self.reason, "reason", 99)?;
        Ok(Nerp {
            dsn: any(&self.dsn, "dsn")?,
            stamp: stamp(&self.date, &self.time)?,
            dest: any(&self.destination, "destination")?,
            orig: any(&self.originator, "originator")?,
            crea: any(&self.creator, "creator")?,
            reas: NerpReason::new(reason),
            // SAFETY: by the caller.
            reast: unsafe { text(self.text, "text") }?,
            hsh,
            sig,
        })
    }

    unsafe fn hash_and_signature(&self) -> Outcome<(Vec<u8>, Vec<u8>)> {
        // SAFETY: by the caller.
        let (hash, signature) = unsafe {
            (
                octets(self.hash, self.hash_len, "hash")?,
                octets(self.signature, self.signature_len, "signature")?,
            )
        };
        Ok((hash.to_vec(), signature.to_vec()))
    }

    /// The octets of hash and signature stay where `eerp` has them.
    pub(crate) fn of_eerp(eerp: &Eerp, kept: &mut Vec<CString>) -> Self {
        Self {
            struct_size: size_of::<Self>(),
            dsn: array(eerp.dsn.trimmed()),
            date: array(eerp.stamp.date()),
            time: array(eerp.stamp.time()),
            user: array(eerp.user.trimmed()),
            destination: array(eerp.dest.trimmed()),
            originator: array(eerp.orig.trimmed()),
            creator: [0; 26],
            reason: 0,
            text: keep(kept, ""),
            hash: eerp.hsh.as_ptr(),
            hash_len: eerp.hsh.len(),
            signature: eerp.sig.as_ptr(),
            signature_len: eerp.sig.len(),
        }
    }

    /// As [`of_eerp`](Self::of_eerp).
    pub(crate) fn of_nerp(nerp: &Nerp, kept: &mut Vec<CString>) -> Self {
        Self {
            struct_size: size_of::<Self>(),
            dsn: array(nerp.dsn.trimmed()),
            date: array(nerp.stamp.date()),
            time: array(nerp.stamp.time()),
            user: [0; 9],
            destination: array(nerp.dest.trimmed()),
            originator: array(nerp.orig.trimmed()),
            creator: array(nerp.crea.trimmed()),
            reason: nerp.reas.code().into(),
            text: keep(kept, text_of(&nerp.reast)),
            hash: nerp.hsh.as_ptr(),
            hash_len: nerp.hsh.len(),
            signature: nerp.sig.as_ptr(),
            signature_len: nerp.sig.len(),
        }
    }
}
