"""Signed end responses (RFC 5024 5.3.13, 5.3.14) and the challenges of secure authentication
(4.2.3), for `oftp.cms`."""

from __future__ import annotations

import dataclasses
import logging
from datetime import datetime

from ._exceptions import CmsError
from ._fields import EndResponse, VirtualFile
from ._oftp import (
    Certificate,
    Keystore,
    Trust,
    challenge_open,
    challenge_seal,
    response_check,
    response_sign,
)

__all__ = ["check_response", "make_challenge", "open_challenge", "sign_response"]

_log = logging.getLogger("oftp.cms")


def sign_response(
    response: EndResponse,
    keystore: Keystore,
    suite: int = 4,
    *,
    hash: bytes | None = None,
    certificate: Certificate | None = None,
    at: datetime | None = None,
) -> EndResponse:
    """An end response with its signature, over its fields and the hash of the file as it was
    received. What the signature does not cover: user data, and the reason and text of a NERP.

    :param response: The EERP or NERP that is to be sent.
    :param keystore: Who signs.
    :param suite: The cipher suite of the file (SFIDCIPH).
    :param hash: The hash of the file (`hash_file`); ``None``: the one of the response. A NERP may
        have none.
    :param certificate: Which certificate of the keystore; ``None``: the newest that is valid.
    :param at: The time in the signature; ``None``: now.
    :raises UserError: A field is wrong, or the hash is none of this suite.
    :raises CertificateError: There is no such key, or it cannot sign.
    """
    if hash is not None:
        response = dataclasses.replace(response, hash=hash)
    signature = response_sign(response, keystore, suite, certificate, at)
    return dataclasses.replace(response, signature=signature)


def check_response(
    response: EndResponse,
    trust: Trust,
    *,
    hash: bytes | None,
    file: VirtualFile | None = None,
    at: datetime | None = None,
    refuse_legacy: bool = False,
) -> tuple[Certificate, ...]:
    """Whether a signed end response proves that the partner received what was sent (EERP), or that
    it was not delivered (NERP).

    :param response: What came.
    :param trust: Whose signature counts.
    :param hash: The hash of the file as it was sent, by its suite (`Sealed.hash`); ``None`` for a
        NERP about a file whose hash is not known.
    :param file: The file that was sent: the response must be for it.
    :param at: When the signer's certificate must be valid; ``None``: now.
    :param refuse_legacy: Refuse SHA-1.
    :returns: Whose signatures hold.
    :raises CmsError: It proves nothing: `kind` says why in one word.
    :raises UserError: A field is wrong, or the hash of an EERP is not given.
    """
    if file is not None and response.identity != file.identity:
        raise CmsError(
            f"the response is for the file {response.identity}, not for {file.identity}",
            kind="other_file",
        )
    return tuple(response_check(response, trust, hash, at, refuse_legacy))


def make_challenge(
    partner: Certificate | Trust, suite: int = 4, *, at: datetime | None = None
) -> tuple[bytes, bytes]:
    """A challenge for a partner: 20 new random octets, and the same encrypted for it. They answer
    `SealChallengeInd`: ``session.seal_challenge_rs(*make_challenge(trust))``.

    :param partner: A certificate as it is, or the newest of a trust that is good for it.
    :param suite: The cipher suite, 1 to 10.
    :param at: When the certificate must be valid; ``None``: now.
    :returns: The octets, and the octets sealed.
    :raises CertificateError: There is no good certificate, or nothing can be encrypted for it.
        Answer without octets then: ESID 11 ends the session.
    """
    return challenge_seal(partner, suite, at)


def open_challenge(sealed: bytes, keystore: Keystore) -> bytes | None:
    """Opens a challenge of the partner. The result answers `OpenChallengeInd`:
    ``session.open_challenge_rs(open_challenge(ind.sealed, own))``.

    :param sealed: The challenge (AUCHCHAL).
    :param keystore: Our private keys with their certificates, old and new.
    :returns: The 20 octets; ``None``: it cannot be opened. Why is for the log alone (``oftp.cms``).
    :raises CertificateError: The keystore has no key, or one without its certificate.
    """
    plain, why = challenge_open(sealed, keystore)
    if plain is None:
        _log.warning("%s", why)
    return plain
