"""Files for a station: from a path, a file object, octets or records, to its spool."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO

from ._exceptions import UserError
from ._oftp import StationHost
from ._sources import Source, is_octets, is_records, name_of
from ._station_values import Submission

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["submit"]


def submit(host: StationHost, partner: str, source: Source, said: Submission) -> dict[str, Any]:
    """Queues it. May take as long as reading it twice."""
    unknown = said.keys() - Submission.__annotations__.keys()
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))}: no such option of a file")
    more: dict[str, Any] = dict(said)
    name = more.pop("name", None) or name_of(source) or said.get("dsn")
    if name is None:
        raise UserError("dsn: a dataset name or a `name` is needed for what has no name of its own")
    if isinstance(source, str | os.PathLike):
        return host.submit(partner, name, path=source, **more)
    if is_octets(source):
        return host.submit(partner, name, octets=source, **more)  # type: ignore[arg-type]
    # Read once, to its end, and with the interpreter: the station gets a copy of its own.
    with tempfile.NamedTemporaryFile(prefix="oftp-") as copy:
        if is_records(source):
            _write_records(source, copy, more)  # type: ignore[arg-type]
        else:
            file_object: Any = source
            if not isinstance(file_object.read(0), bytes):
                raise TypeError("the file is open as text: open it in binary mode")
            shutil.copyfileobj(file_object, copy, 1 << 20)
        copy.flush()
        return host.submit(partner, name, copy=copy.name, **more)


def _write_records(
    records: Iterable[ReadableBuffer], out: BinaryIO, more: dict[str, Any]
) -> None:
    if "records" in more:
        raise UserError("records: an iterable has records of its own")
    is_variable = more.setdefault("format", "V") == "V"
    length = more.get("record_length", 0)
    longest = 0
    for number, record in enumerate(records, 1):
        octets = memoryview(record).cast("B")
        if is_variable:
            out.write(len(octets).to_bytes(4, "big"))
            longest = max(longest, len(octets))
        elif more["format"] == "F" and len(octets) != length:
            raise UserError(
                f"record {number} has {len(octets)} octets; in this F file all have {length} "
                "(record_length)"
            )
        out.write(octets)
    if is_variable:
        more["records"] = "length32"
        more["record_length"] = length or max(longest, 1)
