"""What is known of secured files, for `oftp.cms`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from ._fields import VirtualFile
from ._oftp import Certificate
from ._values import Security

__all__ = ["Layer", "Opened", "Sealed"]


class Layer(StrEnum):
    """One service of RFC 5024 chapter 6, by the content type of CMS."""

    ENCRYPTION = "EnvelopedData"
    COMPRESSION = "CompressedData"
    SIGNATURE = "SignedData"


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of a message that was opened to its end.

    :ivar signers: Whose signatures hold: at least one where a signature was asked for.
    :ivar other_signatures: Signatures that do not count, in words.
    :ivar hash: The hash algorithm of the first signature that holds, as in ``SHA-256``.
    :ivar cipher: The cipher of the content, as in ``AES-256``.
    :ivar octets: Octets of content.
    :ivar is_legacy: Whether 3DES or SHA-1 was used.
    :ivar content: The content; empty where it went to a target.
    :ivar ends: Offsets in the content behind which a record ends, for V files.
    :ivar layers: The layers that were opened, from the outside in.
    """

    signers: tuple[Certificate, ...]
    other_signatures: tuple[str, ...]
    hash: str | None
    cipher: str | None
    octets: int
    is_legacy: bool
    content: bytes = dataclasses.field(default=b"", repr=False)
    ends: tuple[int, ...] = dataclasses.field(default=(), repr=False)
    layers: tuple[Layer, ...] = ()

    @property
    def signer(self) -> Certificate | None:
        """The first of `signers`."""
        return self.signers[0] if self.signers else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A message that was made.

    :ivar message: The message; empty where it went to a target.
    :ivar octets: Octets of the message.
    :ivar original_octets: Octets of the content, of a V file with the lengths of its records.
    :ivar hash: The hash of the message by the suite: what a signed end response holds when the
        message arrived as it is (EERPHSH).
    :ivar suite: The cipher suite.
    :ivar security: Whether it is encrypted and signed (SFIDSEC).
    :ivar compressed: Whether it is compressed (SFIDCOMP).
    """

    message: bytes = dataclasses.field(repr=False)
    octets: int
    original_octets: int
    hash: bytes
    suite: int
    security: Security
    compressed: bool

    def announce(self, file: VirtualFile) -> VirtualFile:
        """The file with the fields that announce this message: security, cipher suite,
        compression, envelope, and both sizes (RFC 5024 5.3.3)."""
        needs_suite = self.security != Security.NONE or file.signed_response
        return dataclasses.replace(
            file,
            security=self.security,
            cipher_suite=self.suite if needs_suite else 0,
            compression=int(self.compressed),
            envelope=1,
            size=-(-self.octets // 1024),
            original_size=-(-self.original_octets // 1024),
        )
