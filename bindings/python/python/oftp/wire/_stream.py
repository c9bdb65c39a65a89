"""Exchange Buffers in a stream of octets (RFC 5024 section 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._exceptions import UserError, WireError
from .._oftp import wire_exchange_buffer_octets, wire_header
from ._command import Command
from ._raw import Raw

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Stream", "frame", "header"]


def header(octets: int, *, version: int = 1, flags: int = 0) -> bytes:
    """The Stream Transmission Header of an Exchange Buffer. Wrong values are allowed, as far as
    its bits can say them.

    :param octets: Octets of the Exchange Buffer, without the header: -4 to 16,777,211, of which 1
        to 99,999 are legal.
    :param version: 0 to 15; 1 is the only one.
    :param flags: 0 to 15; reserved, 0.
    :raises UserError: A value has too many bits.
    """
    try:
        return wire_header(octets, version, flags)
    except OverflowError:
        values = f"octets {octets}, version {version}, flags {flags}"
        raise UserError(f"{values}: a value has more bits than the header") from None


def frame(buffer: Command | Raw | ReadableBuffer) -> bytes:
    """An Exchange Buffer behind its Stream Transmission Header: a Stream Transmission Buffer.

    :param buffer: The command, or its octets.
    :raises UserError: The header cannot say its length.
    """
    if isinstance(buffer, Command | Raw):
        octets = buffer.encode()
    else:
        octets = bytes(memoryview(buffer))
    return header(len(octets)) + octets


class Stream:
    """Finds Exchange Buffers in a stream that comes in pieces of any size: feed it, then iterate.

    It does not ask what the Exchange Buffers hold: `parse` takes them all.

    :param max_octets: The longest Exchange Buffer that is taken; ``None``: the longest that the
        protocol can have, 99,999 octets.
    :raises UserError: `max_octets` is less than 1.
    """

    __slots__ = ("_held", "_lost", "_max_octets")

    def __init__(self, max_octets: int | None = None) -> None:
        if max_octets is not None and max_octets < 1:
            raise UserError(f"max_octets is {max_octets}, must be at least 1")
        self._max_octets = max_octets
        self._held = bytearray()
        self._lost: WireError | None = None

    def feed(self, octets: ReadableBuffer) -> None:
        """Takes octets from the connection, by copying them."""
        if self._lost is None:
            self._held += memoryview(octets)

    @property
    def pending(self) -> int:
        """Octets that were fed and have not come out yet."""
        return len(self._held)

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        """The next whole Exchange Buffer, without its header. Iteration ends where more octets are
        needed, and goes on when they have been fed.

        :raises WireError: A header that is none (reason 7). Where the next one starts is lost
            then: all octets are dropped, and every further call raises it again.
        """
        if self._lost is not None:
            raise self._lost
        start = len(header(0))
        if len(self._held) < start:
            raise StopIteration
        try:
            end = start + wire_exchange_buffer_octets(self._held[:start], self._max_octets)
        except WireError as error:
            self._lost = error
            self._held.clear()
            raise
        if len(self._held) < end:
            raise StopIteration
        octets = bytes(self._held[start:end])
        del self._held[:end]
        return octets
