"""Where octets come from and go to: paths, buffers, and binary files."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, SupportsRead, SupportsWrite

    #: A path, octets, or a binary file, from its position on.
    Source: TypeAlias = str | os.PathLike[str] | ReadableBuffer | SupportsRead[bytes]
    #: A path of a file that is not there yet, or a binary file.
    Target: TypeAlias = str | os.PathLike[str] | SupportsWrite[bytes]
else:
    # What type checkers are told has no names before Python 3.12.
    Source = str | os.PathLike[str] | bytes | BinaryIO
    Target = str | os.PathLike[str] | BinaryIO

#: Octets that are read at once; progress is told behind each.
PIECE = 1 << 20

#: Called with the octets done so far and those there are, ``None``: not known.
Progress: TypeAlias = Callable[[int, int | None], object]


@contextmanager
def reading(source: Source) -> Generator[tuple[Iterator[memoryview], int | None], None, None]:
    """The pieces of a source, and how many octets it has, if that is known."""
    if isinstance(source, str | os.PathLike):
        with open(source, "rb", buffering=0) as file:
            yield _of_file(file), os.fstat(file.fileno()).st_size or None
        return
    given: Any = source
    if hasattr(given, "read"):
        yield _of_file(given), _rest(given)
        return
    with memoryview(given) as whole, whole.cast("B") as octets:
        yield (octets[at : at + PIECE] for at in range(0, len(octets), PIECE)), len(octets)


def _of_file(file: SupportsRead[bytes]) -> Iterator[memoryview]:
    while octets := file.read(PIECE):
        yield memoryview(octets)


def _rest(file: object) -> int | None:
    """Octets from the position of a file to its end, where it can tell."""
    if not hasattr(file, "seekable"):
        return None
    file = cast("BinaryIO", file)
    if not file.seekable():
        return None
    at = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(at)
    return max(end - at, 0)


class Sink:
    """Takes octets: collects them, or writes them to a file."""

    def __init__(self, file: SupportsWrite[bytes] | None) -> None:
        self._file = file
        self._pieces: list[bytes] = []
        self.octets = 0

    def write(self, octets: bytes) -> None:
        """Takes octets, all of them."""
        self.octets += len(octets)
        if self._file is None:
            self._pieces.append(octets)
            return
        rest = memoryview(octets)
        while rest:
            # Files without a buffer may take fewer; others need not say how many.
            written = self._file.write(bytes(rest))
            rest = rest[written if isinstance(written, int) else len(rest) :]

    def collected(self) -> bytes:
        """What was taken, where there is no file."""
        return b"".join(self._pieces)


@contextmanager
def writing(target: Target | None) -> Generator[Sink, None, None]:
    """Where octets go. A path is written beside its place and gets its name when all is well; a
    file that is there is never replaced."""
    if target is None:
        yield Sink(None)
    elif isinstance(target, str | os.PathLike):
        path = Path(target)
        if os.path.lexists(path):
            raise _exists(path)
        beside = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with open(beside, "xb") as file:
                yield Sink(file)
                _sync(file)
            _publish(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    else:
        yield Sink(target)


def _exists(path: Path) -> FileExistsError:
    return FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _publish(beside: Path, path: Path) -> None:
    try:
        os.link(beside, path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError:
        # A file system without links: the name is taken first, so that nothing is replaced.
        with open(path, "xb"):
            beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
