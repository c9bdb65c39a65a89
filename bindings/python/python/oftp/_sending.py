"""The data of the file that a User Monitor sends, from an iterator (F_DATA_RQ and F_CLOSE_FILE_RQ,
RFC 5024 3.3.2, 3.3.3): asked for only while there is credit and room."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncIterator, Iterator, Sequence

from ._machine import AHEAD
from ._monitor import Piece
from ._oftp import Session

__all__ = ["Sending"]

#: As many octets of a piece are handed over at once: more than a Data Exchange Buffer takes.
_AT_ONCE = 2 * 99_999


class Sending:
    """What is left of one file.

    :ivar pieces: Where the next piece comes from.
    """

    def __init__(self, session: Session, pieces: Iterator[Piece] | AsyncIterator[Piece]) -> None:
        self.pieces = pieces
        self._session = session
        self._octets: bytes | memoryview = b""
        self._ends: Sequence[int] = ()
        self._at = 0
        self._begun = False
        self._has_piece = False
        self._ended = False

    @property
    def has_room(self) -> bool:
        """Whether the session takes something now."""
        return self._session.can_send_data and self._session.transmit_pending < AHEAD

    @property
    def wants_piece(self) -> bool:
        """Whether the next piece is to be asked for."""
        return not self._has_piece and not self._ended

    def give(self, piece: Piece) -> None:
        """The next piece. The caller must not change it before the next is asked for."""
        octets, ends = piece if isinstance(piece, tuple) else (piece, ())
        self._octets = octets if isinstance(octets, bytes) else memoryview(octets).cast("B")
        self._ends = ends
        self._at = 0
        self._begun = False
        self._has_piece = len(self._octets) > 0 or len(ends) > 0

    def end(self) -> None:
        """There are no more pieces."""
        self._ended = True

    def put(self) -> bool:
        """Fills one Data Exchange Buffer, or closes the file. Whether that is closed."""
        if self._has_piece:
            self._put()
        elif self._ended and self._session.ends_wait:
            # They may take the last credit, and EFID needs some.
            self._session.data_rq(b"")
        elif self._ended:
            self._session.close_file_rq()
            return True
        return False

    def _put(self) -> None:
        session, octets, at = self._session, self._octets, self._at
        if not self._begun and len(octets) <= _AT_ONCE:
            at = session.data_rq(octets, self._ends)
        else:
            upto = min(len(octets), at + _AT_ONCE)
            # Ends right at the beginning were taken with what is before.
            first = bisect_right(self._ends, at) if self._begun else 0
            ends = [end - at for end in self._ends[first : bisect_right(self._ends, upto)]]
            at += session.data_rq(memoryview(octets)[at:upto], ends)
        self._at = at
        self._begun = True
        self._has_piece = at < len(octets)
        if not self._has_piece:
            self._octets = b""
            self._ends = ()
