"""The shapes of golden vectors: see `oftp.testing.vectors`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from oftp import Level

__all__ = [
    "CommandVector",
    "HeaderVector",
    "LargeVector",
    "MappingVector",
    "NegativeVector",
    "RestartVector",
    "SignedVector",
    "SpecialLogicVector",
    "Step",
    "StreamVector",
    "TextVector",
    "TraceVector",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vector:
    """:ivar id: Its name in the collection, as in ``SFID-2.0-1``.
    :ivar note: What is special about it."""

    id: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandVector(_Vector):
    """A command (RFC 5024 5.3) and what its fields hold.

    :ivar command: Its name.
    :ivar levels: The levels at which it reads so.
    :ivar octets: The Exchange Buffer.
    :ivar fields: By the RFC's names: text without the spaces that fill a field, digits as they are
        printed, lengths as numbers, binary contents and CR in hex.
    :ivar receive_only: Whether it must be taken, but not sent.
    """

    command: str
    levels: tuple[Level, ...]
    octets: bytes
    fields: Mapping[str, str | int]
    receive_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedVector(_Vector):
    """The octets of an EERP or NERP that its signature covers (RFC 5024 5.3.13, 5.3.14)."""

    command: str
    octets: bytes
    sha1: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderVector(_Vector):
    """A Stream Transmission Header (RFC 5024 8.2).

    :ivar exchange_buffer_octets: How long the Exchange Buffer behind it is.
    :ivar header: The four octets.
    :ivar buffer: Header and Exchange Buffer together, where they are short.
    """

    exchange_buffer_octets: int
    header: bytes
    buffer: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamVector(_Vector):
    """What TCP gave, in its pieces, and the Exchange Buffers in it."""

    chunks: tuple[bytes, ...]
    exchange_buffers: tuple[bytes, ...]
    receive_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingVector(_Vector):
    """A file and the Data Exchange Buffers that carry it (RFC 5024 chapter 7, appendix A).

    :ivar format: SFIDFMT.
    :ivar max_buffer: SSIDSDEB.
    :ivar compression: Whether buffer compression is agreed on.
    :ivar policy: ``fill``: a sender fills every buffer; ``any``: one way of several to cut it.
    :ivar stream: The file, of the formats U and T.
    :ivar records: Its records, of the formats F and V.
    :ivar record_length: SFIDLRECL.
    :ivar record_count: EFIDRCNT.
    :ivar unit_count: EFIDUCNT.
    :ivar buffers: The commands DATA.
    :ivar receive_only: Whether it must be taken, but not sent.
    """

    format: str
    max_buffer: int
    compression: bool
    policy: str
    stream: bytes | None
    records: tuple[bytes, ...] | None
    record_length: int
    record_count: int
    unit_count: int
    buffers: tuple[bytes, ...]
    receive_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeVector(_Vector):
    """A Data Exchange Buffer near the limits.

    :ivar octets: The command DATA.
    :ivar sha256: Its digest in hex.
    :ivar file_sha256: That of the file that it carries; empty if it carries a part.
    """

    format: str
    max_buffer: int
    octets: bytes
    sha256: str
    file_sha256: str
    record_count: int
    unit_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextVector(_Vector):
    """Octets of a T file (RFC 5024 appendix A): lines of at most 2,048 characters.

    :ivar is_valid: Whether they are text in that sense.
    :ivar is_ambiguous: Whether the RFC leaves it open.
    """

    octets: bytes
    is_valid: bool
    is_ambiguous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartVector(_Vector):
    """Where a file goes on (RFC 5024 5.3.3, 5.3.4).

    :ivar format: SFIDFMT.
    :ivar counted_as: By which rule positions are counted: secured files as ``U``.
    :ivar offered: SFIDREST.
    :ivar answer: SFPAACNT, if an answer is allowed.
    :ivar more: All else that it says, by its own names: what is held, where data begin, counts.
    """

    format: str
    counted_as: str
    offered: int
    answer: int | None
    more: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialLogicVector(_Vector):
    """An Exchange Buffer in the envelope of Special Logic (RFC 5024 appendix C.2)."""

    exchange_buffer: bytes | None
    block_sequence_number: int | None
    checksum: bytes | None
    envelope: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeVector(_Vector):
    """What a partner must not send, where it must not send it, and what the answer is.

    :ivar level: The level of the session.
    :ivar state: The state of RFC 5024 chapter 9 of the side that receives it.
    :ivar octets: The Exchange Buffer; ``None`` where only `raw` is given, or where something else
        than octets happens (`context`).
    :ivar raw: Octets with their own Stream Transmission Header.
    :ivar expect: The answer: ``esid``, ``sfna``, ``efna`` and ``retry``, or ``action``.
    :ivar accept: What else a tester must take from others: reasons, or ``disconnect``.
    :ivar context: What was agreed on, or is known, before.
    """

    level: Level
    state: str
    octets: bytes | None
    raw: bytes | None
    expect: Mapping[str, str]
    accept: tuple[str, ...]
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a session: who sends it, its name, and its octets with the Stream
    Transmission Header."""

    side: Literal["initiator", "responder"]
    command: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceVector(_Vector):
    """A whole session.

    :ivar level: Its level.
    :ivar steps: Its commands in order.
    :ivar final: The states of RFC 5024 chapter 9 of Initiator and Responder after the last one.
    :ivar parameters: What else has to be known to play a side.
    """

    level: Level
    steps: tuple[Step, ...]
    final: tuple[str, str]
    parameters: Mapping[str, Any]
