//! EnvelopedData (RFC 5652 chapter 6): a new content key for each message, encrypted for each
//! recipient.

use zeroize::Zeroizing;

use super::segments::{Segments, begin, end, head};
use crate::asn1::{constructed, integer, oid, oid_only, primitive, tag};
use crate::certificate::Certificate;
use crate::cms::algorithm;
use crate::cms::error::{Layer, SealError};
use crate::cms::identifier::Identifier;
use crate::cms::pipeline::{Buffer, Stage};
use crate::crypto::{Encryptor, random};
use crate::suite::Suite;

/// Makes EnvelopedData.
#[derive(Debug)]
pub(in crate::cms) struct EnvelopedWriter {
    segments: Segments,
    encryptor: Option<Encryptor>,
}

impl EnvelopedWriter {
    pub(in crate::cms) fn new(
        suite: &Suite,
        recipients: &[Certificate],
        by_key: bool,
    ) -> Result<Self, SealError> {
        let mut key = Zeroizing::new(vec![0; suite.cipher.key_octets()]);
        let mut iv = vec![0; suite.cipher.iv_octets()];
        random(&mut key)?;
        random(&mut iv)?;
        let encryptor = Encryptor::new(suite.cipher, &key, &iv)?;
        let infos = recipients
            .iter()
            .map(|recipient| recipient_info(suite, recipient, by_key, &key))
            .collect::<Result<Vec<_>, _>>()?;
        let infos = primitive(tag::SET, &sorted(infos));
        let version = integer(if by_key { 2 } else { 0 });
        let mut head = head(Layer::Encryption, &[&version, &infos]);
        head.extend(begin(tag::SEQUENCE));
        head.extend(oid_only(oid::DATA));
        head.extend(algorithm::cipher(suite.cipher, &iv));
        head.extend(begin(tag::CONTEXT_0_CONSTRUCTED));
        Ok(Self {
            segments: Segments::new(head),
            encryptor: Some(encryptor),
        })
    }
}

/// KeyTransRecipientInfo.
fn recipient_info(
    suite: &Suite,
    recipient: &Certificate,
    by_key: bool,
    key: &[u8],
) -> Result<Vec<u8>, SealError> {
    let error = |problem| SealError::Recipient {
        certificate: recipient.to_string(),
        problem,
    };
    let id = Identifier::of(recipient, by_key);
    let id = id.ok_or_else(|| error("it bears no subject key identifier"))?;
    let public = recipient.public_key();
    let public = public.map_err(|_| error("its key is no RSA key"))?;
    let wrapped = public.wrap(suite.transport, suite.hash, key);
    let wrapped = wrapped.map_err(|_| error("its key is too short for the cipher suite"))?;
    Ok(constructed(
        tag::SEQUENCE,
        &[
            &integer(if by_key { 2 } else { 0 }),
            &id,
            &algorithm::transport(suite),
            &primitive(tag::OCTET_STRING, &wrapped),
        ],
    ))
}

/// The elements of a SET OF in their order (X.690 11.6).
pub(super) fn sorted(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort_unstable();
    elements.concat()
}

impl Stage for EnvelopedWriter {
    type Problem = SealError;

    fn push(&mut self, input: &[u8], out: &mut Buffer) -> Result<usize, SealError> {
        let encryptor = self.encryptor.as_mut().ok_or(SealError::Crypto)?;
        encryptor.update(input, self.segments.content())?;
        self.segments.write(out);
        Ok(input.len())
    }

    fn end(&mut self, out: &mut Buffer) -> Result<bool, SealError> {
        let encryptor = self.encryptor.take().ok_or(SealError::Crypto)?;
        encryptor.finish(self.segments.content())?;
        self.segments.finish(out);
        out.end().extend(end(5));
        Ok(true)
    }

    fn held(&self) -> usize {
        self.segments.held()
    }
}
