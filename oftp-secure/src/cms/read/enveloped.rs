//! EnvelopedData (RFC 5652 chapter 6): the recipient is found by its identifier, the content is
//! decrypted on the way.

use zeroize::Zeroizing;

use crate::asn1::{Element, Reader, tag};
use crate::cms::algorithm::{self, Wrapping};
use crate::cms::error::{Layer, OpenProblem};
use crate::cms::identifier::Identifier;
use crate::cms::pipeline::{Buffer, Stage};
use crate::cms::shell::{Part, Shell};
use crate::crypto::{ContentCipher, Decryptor};
use crate::key::Credential;

/// How many recipients an error lists.
const NAMED: usize = 8;

/// Opens EnvelopedData.
#[derive(Debug)]
pub(in crate::cms) struct EnvelopedReader {
    shell: Shell,
    keys: Vec<Credential>,
    refuse_legacy: bool,
    cipher: Option<ContentCipher>,
    decryptor: Option<Decryptor>,
    key_seen: bool,
}

impl EnvelopedReader {
    pub(in crate::cms) fn new(keys: Vec<Credential>, refuse_legacy: bool) -> Self {
        Self {
            shell: Shell::new(Layer::Encryption),
            keys,
            refuse_legacy,
            cipher: None,
            decryptor: None,
            key_seen: false,
        }
    }

    /// The cipher of the content, once its name was read.
    pub(in crate::cms) fn cipher(&self) -> Option<ContentCipher> {
        self.cipher
    }

    /// Whether a private key was used: from then on a failure tells about the key.
    pub(in crate::cms) fn key_seen(&self) -> bool {
        self.key_seen
    }

    fn begin(&mut self) -> Result<(), OpenProblem> {
        let mut info = self.shell.info();
        info.expect(tag::OID, "type of the content")?;
        let encryption = info.expect(tag::SEQUENCE, "content encryption algorithm")?;
        let (cipher, iv) = algorithm::read_cipher(&encryption)?;
        if self.refuse_legacy && cipher == ContentCipher::TripleDes {
            return Err(OpenProblem::Legacy {
                algorithm: cipher.to_string(),
            });
        }
        let mut head = self.shell.head();
        head.expect(tag::INTEGER, "version")?;
        head.optional(tag::CONTEXT_0_CONSTRUCTED)?;
        let recipients = head.expect(tag::SET, "recipients")?;
        let (recipient, own) = self.ours(&recipients)?;
        let wrapping = recipient.wrapping?;
        let own = own.clone();
        let key = own.key.rsa().map_err(|_| OpenProblem::Algorithm {
            algorithm: format!("RSA with the key of {}, which is none,", own.certificate),
        })?;
        let octets = cipher.key_octets();
        self.key_seen = true;
        self.cipher = Some(cipher);
        let content_key: Zeroizing<Vec<u8>> = match wrapping {
            Wrapping::Pkcs1 => key.unwrap_pkcs1(&recipient.wrapped, octets),
            Wrapping::Oaep { hash, mask } => {
                key.unwrap_oaep(&recipient.wrapped, hash, mask, octets)
            }
        }
        .map_err(|_| OpenProblem::Undecipherable)?;
        let decryptor = Decryptor::new(cipher, &content_key, &iv);
        self.decryptor = Some(decryptor.map_err(|_| OpenProblem::Undecipherable)?);
        Ok(())
    }

    /// The first recipient that one of our certificates is named by, never found out by trying.
    fn ours(&self, recipients: &Element<'_>) -> Result<(Recipient, &Credential), OpenProblem> {
        let mut named = Vec::new();
        let mut more = 0;
        let mut list = recipients.reader();
        while !list.is_empty() {
            let name = match Recipient::read(&list.any()?)? {
                Some(recipient) => {
                    let own = self.keys.iter();
                    let mut own = own.filter(|own| recipient.id.names(&own.certificate));
                    if let Some(own) = own.next() {
                        return Ok((recipient, own));
                    }
                    recipient.id.to_string()
                }
                None => "somebody without an RSA key".to_owned(),
            };
            if named.len() < NAMED {
                named.push(name);
            } else {
                more += 1;
            }
        }
        if more > 0 {
            named.push(format!("{more} more"));
        }
        let held = self.keys.iter().map(|own| own.certificate.to_string());
        Err(OpenProblem::NoRecipient {
            named,
            held: held.collect(),
        })
    }

    fn finish(&mut self) -> Result<Vec<u8>, OpenProblem> {
        let mut tail = self.shell.tail();
        tail.optional(tag::CONTEXT_1_CONSTRUCTED)?;
        if !tail.is_empty() {
            return Err(OpenProblem::Structure {
                what: "an element out of place",
                at: 0,
            });
        }
        let mut last = Vec::new();
        let decryptor = self.decryptor.take().ok_or(OpenProblem::Undecipherable)?;
        let finished = decryptor.finish(&mut last);
        finished.map_err(|_| OpenProblem::Undecipherable)?;
        Ok(last)
    }
}

impl Stage for EnvelopedReader {
    type Problem = OpenProblem;

    fn push(&mut self, input: &[u8], out: &mut Buffer) -> Result<usize, OpenProblem> {
        let mut rest = input;
        while let Some(part) = self.shell.next(&mut rest)? {
            match part {
                Part::Begin => self.begin()?,
                Part::Content(octets) => {
                    let decryptor = self.decryptor.as_mut();
                    let decryptor = decryptor.ok_or(OpenProblem::Undecipherable)?;
                    let decrypted = decryptor.update(octets, out.end());
                    decrypted.map_err(|_| OpenProblem::Undecipherable)?;
                }
                Part::End => out.end().append(&mut self.finish()?),
            }
        }
        Ok(input.len())
    }

    fn end(&mut self, _: &mut Buffer) -> Result<bool, OpenProblem> {
        self.shell.end().map(|()| true)
    }

    fn held(&self) -> usize {
        self.shell.held()
    }
}

/// KeyTransRecipientInfo.
struct Recipient {
    id: Identifier,
    wrapping: Result<Wrapping, OpenProblem>,
    wrapped: Vec<u8>,
}

impl Recipient {
    /// `None`: another kind of recipient, with a tag of its own.
    fn read(element: &Element<'_>) -> Result<Option<Self>, OpenProblem> {
        if element.tag != tag::SEQUENCE {
            return Ok(None);
        }
        let mut fields: Reader<'_> = element.reader();
        fields.expect(tag::INTEGER, "version of a recipient")?;
        let id = Identifier::read(&mut fields)?;
        let wrapping = fields.expect(tag::SEQUENCE, "key encryption algorithm")?;
        Ok(Some(Self {
            id,
            wrapping: algorithm::read_transport(&wrapping),
            wrapped: fields.any()?.octets()?,
        }))
    }
}
