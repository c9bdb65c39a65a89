"""A file that comes and that the host takes itself: into memory, or into a sink."""

from __future__ import annotations

import io
from collections.abc import Callable

from ._exceptions import UserError
from ._fields import VirtualFile
from ._files import ReceivedFile
from ._values import RecordFormat
from .mailbox import Data

__all__ = ["Incoming"]


class Incoming:
    """A file that the host takes itself."""

    def __init__(self, file: VirtualFile, sink: object) -> None:
        self.file = file
        #: Writes out what a buffered file still holds.
        self.flush: Callable[[], object] | None = getattr(sink, "flush", None)
        #: ``None`` from its `write` means that nothing was taken.
        self.is_raw = isinstance(sink, io.RawIOBase)
        self._write = None if sink is None else getattr(sink, "write", None)
        if sink is not None and self._write is None:
            raise UserError(
                f"offered returned {type(sink).__name__}: None, MEMORY or an object with write() "
                "is meant"
            )
        self._pieces: list[bytes] = []
        self._ends: list[int] = []
        self._octets = 0
        self._record = bytearray()
        plain = not file.envelope
        self._is_variable = file.format is RecordFormat.V and plain
        self._has_records = file.format in (RecordFormat.V, RecordFormat.F) and plain

    def take(self, data: Data) -> list[bytes]:
        """What is to be written of these octets."""
        if self._write is None:
            self._pieces.append(data.octets)
            if self._has_records:
                self._ends.extend(self._octets + end for end in data.ends)
            self._octets += len(data.octets)
            return []
        if not self._is_variable:
            return [data.octets] if data.octets else []
        pieces: list[bytes] = []
        start = 0
        for end in data.ends:
            self._record += data.octets[start:end]
            start = end
            if len(self._record) > 65_535:
                raise UserError("a record is longer than the 2 octets before it can say")
            pieces.append(len(self._record).to_bytes(2, "big") + bytes(self._record))
            self._record.clear()
        self._record += data.octets[start:]
        return pieces

    def write(self, piece: bytes) -> object:
        assert self._write is not None
        return self._write(piece)

    def done(self) -> ReceivedFile:
        return ReceivedFile(self.file, None, b"".join(self._pieces), tuple(self._ends))
