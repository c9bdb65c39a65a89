"""Files in their envelopes (RFC 5024 chapter 6), signed end responses, and the challenges of
secure authentication.

```python
sealed = cms.seal("invoice.edi", "invoice.cms", sign_with=own, encrypt_for=trust, compress=True)
opened = cms.open("invoice.cms", "invoice.edi", decrypt_with=own, decompress=True, signed_by=trust)
```

Memory stays constant, however long a file is, unless its octets are asked for as `bytes`. Other
threads run while this module works with keys and octets.

A message that cannot be opened is a `CmsError`. Its text is for the own log; its `reason` is all
that a partner may know.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, cast

from ._cms import Layer, Opened, Sealed
from ._exceptions import UserError
from ._fields import VirtualFile
from ._octets import Progress, Sink, Source, Target, reading, writing
from ._oftp import Certificate, Hash, Keystore, Opener, Sealer, Trust, cms_layer
from ._responses import check_response, make_challenge, open_challenge, sign_response
from ._values import RecordFormat, Security

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = [
    "Hash",
    "Layer",
    "Opened",
    "Opener",
    "Sealed",
    "Sealer",
    "check_response",
    "hash_file",
    "inspect",
    "make_challenge",
    "open",
    "open_challenge",
    "seal",
    "sign_response",
]

#: Octets that are pushed and pulled at once: as much as a layer takes.
_STEP = 1 << 16


def seal(
    source: Source | Iterable[ReadableBuffer],
    target: Target | None = None,
    *,
    sign_with: Keystore | None = None,
    encrypt_for: Certificate | Trust | Iterable[Certificate | Trust] | None = None,
    compress: bool | int = False,
    suite: int = 4,
    signers: Sequence[Certificate] = (),
    at: datetime | None = None,
    with_certificates: bool = False,
    record_length: int = 0,
    progress: Progress | None = None,
) -> Sealed:
    """Puts a file into its envelopes: signs, compresses, encrypts, in this order, what is asked
    for, and at least one.

    :param source: A path, octets, or a binary file; with `record_length` the records of a V file.
    :param target: A path of a new file, which appears when it is complete and never replaces
        another, or a binary file; ``None``: the message is returned.
    :param sign_with: Who signs: by its newest valid certificate.
    :param encrypt_for: For whom: certificates as they are, and of each trust the newest that is
        good. ``None``: it is not encrypted.
    :param compress: ``True``, or a level of zlib from 1 to 9.
    :param suite: The cipher suite, 1 to 10 (SFIDCIPH).
    :param signers: Which certificates of `sign_with` sign instead of the newest.
    :param at: The time in the signatures, at which certificates must be valid; ``None``: now.
    :param with_certificates: Put the signers' certificates inside, which 6.2 recommends not to.
    :param record_length: A V file: the longest record, 1 to 65,535 octets (SFIDLRECL). Their
        lengths are written before them (6.5).
    :param progress: Called with the octets read so far, and those there are or ``None``. What it
        raises stops the work.
    :raises UserError: Nothing is asked for, or a value is wrong; a record is too long.
    :raises CertificateError: A key or a certificate cannot be used, or none is good.
    :raises OSError: A file cannot be read or written; `FileExistsError`: the target is there.
    """
    sealer = Sealer(
        sign_with=sign_with,
        encrypt_for=encrypt_for,
        compress=compress,
        suite=suite,
        signers=signers,
        at=at,
        with_certificates=with_certificates,
        record_length=record_length,
    )
    hashed = Hash(suite)
    security = Security.NONE
    if sign_with is not None:
        security |= Security.SIGNED
    if encrypt_for is not None:
        security |= Security.ENCRYPTED

    def drain(sink: Sink) -> None:
        while octets := sealer.pull(_STEP):
            hashed.update(octets)
            sink.write(octets)

    with writing(target) as sink:
        if record_length:
            original = 0
            for record in cast("Iterable[ReadableBuffer]", source):
                while not sealer.push_record(record):
                    drain(sink)
                original += 2 + memoryview(record).nbytes
                if progress is not None:
                    progress(original, None)
        else:
            with reading(cast("Source", source)) as (pieces, total):
                original = _push(sealer, pieces, total, progress, lambda: drain(sink))
        sealer.finish()
        drain(sink)
        message = sink.collected()
    return Sealed(
        message=message,
        octets=sink.octets,
        original_octets=original,
        hash=hashed.digest(),
        suite=suite,
        security=security,
        compressed=bool(compress),
    )


def open(
    source: Source,
    target: Target | None = None,
    *,
    decrypt_with: Keystore | None = None,
    decompress: bool = False,
    signed_by: Trust | None = None,
    file: VirtualFile | None = None,
    purpose: str = "sign_file",
    at: datetime | None = None,
    limit: int | None = None,
    refuse_legacy: bool = False,
    record_length: int = 0,
    progress: Progress | None = None,
) -> Opened:
    """Takes a file out of its envelopes: decrypts, decompresses, checks the signature, what is
    asked for. What is not asked for is content, even if it looks like an envelope.

    A path appears, and `bytes` are returned, when everything about the message is right. **What is
    written to a binary file is provisional until this returns**: signatures stand behind the
    content. Whoever uses it before that uses what an attacker may have written.

    :param source: A path, octets, or a binary file.
    :param target: As for `seal`.
    :param decrypt_with: Our private keys with their certificates, old and new; ``None``: it is not
        encrypted.
    :param decompress: Whether it is compressed.
    :param signed_by: Whose signature it must have; ``None``: it is not signed.
    :param file: What was announced. Its security and compression say which of the three are used,
        and which must be given; a V file gives `record_length`.
    :param purpose: What the signer's certificate must be good for (`certificates.Purpose`).
    :param at: When it must be valid; ``None``: now.
    :param limit: The most octets of content that may come out: what was announced (SFIDOSIZ), or
        the room that is there. Without one a small file may become a very large one.
    :param refuse_legacy: Refuse 3DES and SHA-1, which suites 01 to 03 and 05 need.
    :param record_length: A V file: the longest record (SFIDLRECL). The lengths of the records are
        taken out (6.5), and their ends are told.
    :param progress: As for `seal`.
    :raises CmsError: The message is wrong.
    :raises CertificateError: `decrypt_with` has no key, or one without its certificate.
    :raises UserError: A value is wrong, or what `file` needs is not given.
    :raises OSError: As for `seal`.
    """
    if file is not None:
        if file.security & Security.ENCRYPTED and decrypt_with is None:
            raise UserError("the file is encrypted (SFIDSEC): give decrypt_with")
        if file.security & Security.SIGNED and signed_by is None:
            raise UserError("the file is signed (SFIDSEC): give signed_by")
        decrypt_with = decrypt_with if file.security & Security.ENCRYPTED else None
        signed_by = signed_by if file.security & Security.SIGNED else None
        decompress = file.compression == 1
        if file.format is RecordFormat.V:
            record_length = record_length or file.record_length
    opener = Opener(
        decrypt_with=decrypt_with,
        decompress=decompress,
        signed_by=signed_by,
        purpose=purpose,
        at=at,
        limit=limit,
        refuse_legacy=refuse_legacy,
        record_length=record_length,
    )
    ends: list[int] = []

    def drain(sink: Sink) -> None:
        if record_length:
            while (record := opener.pull_record()) is not None:
                sink.write(record)
                ends.append(sink.octets)
        else:
            while octets := opener.pull(_STEP):
                sink.write(octets)

    with writing(target) as sink:
        with reading(source) as (pieces, total):
            _push(opener, pieces, total, progress, lambda: drain(sink))
        opener.finish()
        drain(sink)
        opened = opener.opened
        assert opened is not None, "it ended without an error"
        content = sink.collected()
    layers = (
        (decrypt_with is not None, Layer.ENCRYPTION),
        (decompress, Layer.COMPRESSION),
        (signed_by is not None, Layer.SIGNATURE),
    )
    return dataclasses.replace(
        opened,
        content=content,
        ends=tuple(ends),
        layers=tuple(layer for is_there, layer in layers if is_there),
    )


def inspect(source: Source, *, decrypt_with: Keystore | None = None) -> tuple[Layer, ...]:
    """The layers of a message, from the outside in, as far as they can be seen. Nothing is
    checked: in a session SFIDSEC and SFIDCOMP say what is there.

    :param source: A path, octets, or a binary file, of which at most 1 MiB is read.
    :param decrypt_with: Looks into what is encrypted.
    :raises CmsError: What is encrypted cannot be opened.
    :raises OSError: The file cannot be read.
    """
    with reading(source) as (pieces, _):
        begin = bytes(next(pieces, b""))
    layers: list[Layer] = []
    head = begin[:32]
    order = list(Layer)
    while found := cms_layer(head):
        layer = Layer(found)
        if layers and order.index(layer) <= order.index(layers[-1]):
            break
        layers.append(layer)
        if layer is Layer.SIGNATURE or layer is Layer.ENCRYPTION and decrypt_with is None:
            break
        opener = Opener(
            decrypt_with=decrypt_with if Layer.ENCRYPTION in layers else None,
            decompress=Layer.COMPRESSION in layers,
        )
        opener.push(begin)
        head = opener.pull(32)
    return tuple(layers)


def hash_file(source: Source, suite: int = 4, *, progress: Progress | None = None) -> bytes:
    """The hash of a file by a cipher suite: what EERPHSH and NERPHSH hold of a file as it was
    transmitted (5.3.13).

    :param source: A path, octets, or a binary file.
    :param suite: The cipher suite, 1 to 10 (SFIDCIPH).
    :param progress: As for `seal`.
    :raises UserError: There is no such suite.
    :raises OSError: The file cannot be read.
    """
    hashed = Hash(suite)
    done = 0
    with reading(source) as (pieces, total):
        for piece in pieces:
            hashed.update(piece)
            done += len(piece)
            if progress is not None:
                progress(done, total)
    return hashed.digest()


def _push(
    transform: Sealer | Opener,
    pieces: Iterator[memoryview],
    total: int | None,
    progress: Progress | None,
    drain: Callable[[], None],
) -> int:
    """Sends all pieces through; how many octets there were."""
    done = 0
    for piece in pieces:
        at = 0
        while at < len(piece):
            at += transform.push(piece[at : at + _STEP])
            drain()
        done += len(piece)
        if progress is not None:
            progress(done, total)
    return done
