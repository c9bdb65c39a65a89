//! Which files are taken: the decisions that RFC 5024 leaves to the User Monitor (5.3.5, 5.3.11),
//! as data.

use crate::wire::{IdentificationCode, RecordFormat, Security, Sfid, SfnaReason, character_set};

/// Whether a service is wanted on files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rule {
    /// Files without it are refused.
    Required,
    /// Both are taken.
    #[default]
    Allowed,
    /// Files with it are refused.
    Forbidden,
}

impl Rule {
    const fn refuses(self, present: bool) -> bool {
        matches!(
            (self, present),
            (Self::Required, false) | (Self::Forbidden, true)
        )
    }
}

/// Whose files a partner may bring (SFIDORIG).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origins {
    /// Its own, and those of other subaddresses of its organisation (SIOICD and SIOORG equal).
    #[default]
    Organisation,
    /// Those of everybody: the partner is a clearing centre.
    Any,
    /// Its own and these.
    Listed(Vec<IdentificationCode>),
}

/// Which files are taken from a partner.
#[derive(Debug, Clone)]
pub struct FilePolicy {
    /// Destinations served here beside our own code (SFIDDEST); `None`: every destination.
    pub destinations: Option<Vec<IdentificationCode>>,
    /// Originators for whom the partner may speak.
    pub origins: Origins,
    /// Record formats taken (SFIDFMT).
    pub formats: Vec<RecordFormat>,
    /// Longest record taken in octets, 0 to 99,999 (SFIDLRECL).
    pub max_record: u32,
    /// Largest file taken in blocks of 1024 octets (SFIDFSIZ); `None`: no limit.
    pub max_blocks: Option<u64>,
    /// Signed files (SFIDSEC 02, 03).
    pub signing: Rule,
    /// Encrypted files (SFIDSEC 01, 03).
    pub encryption: Rule,
    /// Compressed files (SFIDCOMP).
    pub compression: Rule,
    /// Files whose originator wants a signed end response (SFIDSIGN).
    pub signed_responses: Rule,
    /// Cipher suites taken (SFIDCIPH).
    pub suites: Vec<u8>,
    /// The suite that is meant where a signed end response is wanted and none is named (SFIDSIGN Y
    /// with SFIDCIPH 00); `None`: such files are refused (CF-13).
    pub unnamed_suite: Option<u8>,
    /// Refuse dataset names beyond the characters of Appendix B.
    pub strict_names: bool,
}

impl Default for FilePolicy {
    fn default() -> Self {
        use RecordFormat::{F, T, U, V};
        Self {
            destinations: Some(Vec::new()),
            origins: Origins::default(),
            formats: vec![F, V, U, T],
            max_record: 99_999,
            max_blocks: None,
            signing: Rule::default(),
            encryption: Rule::default(),
            compression: Rule::default(),
            signed_responses: Rule::default(),
            suites: (0..=6).collect(),
            unnamed_suite: None,
            strict_names: false,
        }
    }
}

/// A refusal of an offered file, for SFNA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// SFNAREAS.
    pub reason: SfnaReason,
    /// SFNARRTR: whether another try in a later session makes sense.
    pub retry: bool,
    /// SFNAREAST.
    pub text: String,
}

impl Refusal {
    fn never(reason: SfnaReason, text: impl Into<String>) -> Self {
        Self {
            reason,
            retry: false,
            text: text.into(),
        }
    }
}

impl FilePolicy {
    /// Decides on an offered file by its SFID alone (5.3.3, 5.3.5).
    ///
    /// # Errors
    /// The refusal that the partner must get.
    pub fn check(
        &self,
        sfid: &Sfid,
        own: &IdentificationCode,
        partner: &IdentificationCode,
    ) -> Result<(), Refusal> {
        self.check_name(sfid)?;
        self.check_stations(sfid, own, partner)?;
        self.check_shape(sfid)?;
        self.check_security(sfid)
    }

    fn check_name(&self, sfid: &Sfid) -> Result<(), Refusal> {
        let name = sfid.dsn.trimmed();
        let problem = if name.is_empty() {
            "the dataset name is empty"
        } else if name.iter().any(u8::is_ascii_control) {
            "the dataset name holds control characters"
        } else if self.strict_names
            && !sfid
                .dsn
                .trimmed()
                .iter()
                .all(|&octet| character_set::contains(octet))
        {
            "the dataset name has characters beyond RFC 5024 Appendix B"
        } else {
            return Ok(());
        };
        Err(Refusal::never(SfnaReason::INVALID_FILENAME, problem))
    }

    fn check_stations(
        &self,
        sfid: &Sfid,
        own: &IdentificationCode,
        partner: &IdentificationCode,
    ) -> Result<(), Refusal> {
        let same = |a: &IdentificationCode, b: &IdentificationCode| a.trimmed() == b.trimmed();
        if let Some(served) = &self.destinations
            && !same(&sfid.dest, own)
            && !served.iter().any(|code| same(code, &sfid.dest))
        {
            return Err(Refusal::never(
                SfnaReason::INVALID_DESTINATION,
                format!("destination {} is not served here", sfid.dest),
            ));
        }
        let allowed = same(&sfid.orig, partner)
            || match &self.origins {
                Origins::Any => true,
                Origins::Organisation => {
                    sfid.orig.icd() == partner.icd() && sfid.orig.org() == partner.org()
                }
                Origins::Listed(codes) => codes.iter().any(|code| same(code, &sfid.orig)),
            };
        if allowed {
            return Ok(());
        }
        Err(Refusal::never(
            SfnaReason::INVALID_ORIGIN,
            format!("{partner} may not send for {}", sfid.orig),
        ))
    }

    fn check_shape(&self, sfid: &Sfid) -> Result<(), Refusal> {
        if !self.formats.contains(&sfid.fmt) {
            return Err(Refusal::never(
                SfnaReason::RECORD_FORMAT_NOT_SUPPORTED,
                format!("record format {} is not taken here", sfid.fmt),
            ));
        }
        // 65536 is tolerated in a secured V file: no record can have that length (CF-10).
        if sfid.lrecl > self.max_record {
            return Err(Refusal::never(
                SfnaReason::RECORD_LENGTH_NOT_SUPPORTED,
                format!(
                    "records of more than {} octets are not taken",
                    self.max_record
                ),
            ));
        }
        match self.max_blocks {
            Some(limit) if sfid.fsiz > limit => Err(Refusal::never(
                SfnaReason::FILE_SIZE_TOO_BIG,
                format!("files of more than {limit} KiB are not taken"),
            )),
            _ => Ok(()),
        }
    }

    /// The cipher suite of a file: the one it names, or the one that is meant (CF-13).
    #[must_use]
    pub const fn suite_of(&self, sfid: &Sfid) -> u8 {
        match self.unnamed_suite {
            Some(suite) if sfid.ciph == 0 && sfid.sign => suite,
            _ => sfid.ciph,
        }
    }

    fn check_security(&self, sfid: &Sfid) -> Result<(), Refusal> {
        let secured = sfid.sec != Security::None;
        if (secured || sfid.comp != 0) && sfid.env == 0 || secured && sfid.ciph == 0 {
            return Err(Refusal::never(
                SfnaReason::UNSPECIFIED,
                "SFIDSEC, SFIDCIPH, SFIDCOMP and SFIDENV contradict each other",
            ));
        }
        if sfid.env > 1 {
            return Err(Refusal::never(
                SfnaReason::UNSPECIFIED,
                format!("file envelope {} is not known", sfid.env),
            ));
        }
        if self.compression == Rule::Required && sfid.comp == 0 {
            // No code says so: 18 is for what is not allowed.
            return Err(Refusal::never(
                SfnaReason::UNSPECIFIED,
                "files must be compressed",
            ));
        }
        if sfid.comp > 1 || self.compression.refuses(sfid.comp != 0) {
            return Err(Refusal::never(
                SfnaReason::COMPRESSION_NOT_ALLOWED,
                "this kind of compression is not taken here",
            ));
        }
        if self.signed_responses.refuses(sfid.sign) {
            // No code says so.
            let text = if sfid.sign {
                "end responses are not signed here"
            } else {
                "a signed end response must be asked for"
            };
            return Err(Refusal::never(SfnaReason::UNSPECIFIED, text));
        }
        let suite = self.suite_of(sfid);
        if (secured || sfid.sign) && (suite == 0 || !self.suites.contains(&suite)) {
            return Err(Refusal::never(
                SfnaReason::CIPHER_SUITE_NOT_SUPPORTED,
                format!("cipher suite {:02} is not taken here", sfid.ciph),
            ));
        }
        let signed = sfid.sec.is_signed();
        let encrypted = sfid.sec.is_encrypted();
        if self.encryption.refuses(encrypted) {
            return Err(if encrypted {
                Refusal::never(
                    SfnaReason::ENCRYPTED_FILE_NOT_ALLOWED,
                    "encrypted files are not taken",
                )
            } else {
                Refusal::never(
                    SfnaReason::UNENCRYPTED_FILE_NOT_ALLOWED,
                    "files must be encrypted",
                )
            });
        }
        if self.signing.refuses(signed) {
            return Err(if signed {
                Refusal::never(
                    SfnaReason::SIGNED_FILE_NOT_ALLOWED,
                    "signed files are not taken",
                )
            } else {
                Refusal::never(
                    SfnaReason::UNSIGNED_FILE_NOT_ALLOWED,
                    "files must be signed",
                )
            });
        }
        Ok(())
    }
}
