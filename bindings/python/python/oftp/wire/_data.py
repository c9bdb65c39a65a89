"""What a DATA command carries: subrecords (RFC 5024 sections 5.3.6 and 7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._exceptions import UserError
from .._oftp import wire_data_of, wire_subrecords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import ReadableBuffer

__all__ = ["data_of", "subrecords"]


def subrecords(
    data: ReadableBuffer,
    ends: Iterable[int] = (),
    compression: bool = False,
    limit: int = 99_999,
) -> bytes:
    """The payload of a `Data` command: subrecords as long as they can be, the last one cut.

    :param data: Octets of the Virtual File.
    :param ends: Offsets in `data` behind which a record ends. A file of format U or T is one
        record, which ends with the file.
    :param compression: Whether runs of one octet become compressed subrecords (SSIDCMPR).
    :param limit: Octets of the Data Exchange Buffer, command code included (SSIDSDEB).
    :raises UserError: It does not fit; `ends` do not rise or lie outside of `data`.
    """
    try:
        return wire_subrecords(data, list(ends), compression, limit)
    except OverflowError:
        raise UserError("ends and limit count octets: none can be negative") from None


def data_of(payload: ReadableBuffer, compression: bool = True) -> tuple[bytes, tuple[int, ...]]:
    """Octets of the Virtual File in the payload of a `Data` command, and the offsets in them
    behind which a record ends.

    :param payload: What follows the command code (DATABUF).
    :param compression: Whether compressed subrecords are allowed (SSIDCMPR).
    :raises WireError: A subrecord that goes past the end (reason 7), or is compressed although it
        must not be (reason 6), with its offset.
    """
    octets, ends = wire_data_of(payload, compression)
    return octets, tuple(ends)
