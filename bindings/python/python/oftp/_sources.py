"""Files to send: from a path, a file object, octets or records, to a Virtual File in a mailbox
(RFC 5024 1.5, 5.3.3)."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias, TypedDict, Union

from ._exceptions import UserError
from ._fields import VirtualFile
from ._oftp import Mailbox, dataset_name
from ._values import RecordFormat, Security

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["How", "Source", "queue", "stamp", "virtual_file"]

#: What can be sent: a path; a binary file object, from where it stands to its end; octets; or an
#: iterable of records.
Source: TypeAlias = Union[
    str, "os.PathLike[str]", BinaryIO, "ReadableBuffer", Iterable["ReadableBuffer"]
]

#: The longest record that the 2 octets before it can say.
_LONGEST = 65_535

_lock = threading.Lock()
_last = 0


def stamp() -> tuple[str, str]:
    """Date and time of a new Virtual File (SFIDDATE, SFIDTIME): CCYYMMDD and HHMMSScccc of local
    time. The counter is the tenth of a millisecond, and no two stamps of a process are the same:
    they are what makes files of one name unique (RFC 5024 1.5.2)."""
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns() // 100_000)
        seconds, counter = divmod(_last, 10_000)
    local = time.localtime(seconds)
    return time.strftime("%Y%m%d", local), time.strftime("%H%M%S", local) + f"{counter:04}"


class How(TypedDict, total=False):
    """How a file is sent.

    :ivar dsn: Dataset name; not given: made of the source's own name.
    :ivar destination: For whom (SFIDDEST); not given: the partner.
    :ivar originator: From whom (SFIDORIG); not given: this side.
    :ivar format: Record format; not given: V for an iterable of records, else U.
    :ivar record_length: Of F files the length of every record, 1 to 99,999 octets; of V files the
        longest, 0: as it is found.
    :ivar user: SFIDUSER, up to 8 characters.
    :ivar description: SFIDDESC, level 2.0, up to 999 octets.
    :ivar sign: Sign it.
    :ivar encrypt: Encrypt it for the partner.
    :ivar compress: Compress it (ZLIB).
    :ivar suite: Cipher suite (RFC 5024 10.2); 0: 04 where one is needed.
    :ivar signed_response: Ask for a signed end response.
    """

    dsn: str
    destination: str
    originator: str
    format: Literal["F", "V", "U", "T"]
    record_length: int
    user: str
    description: str
    sign: bool
    encrypt: bool
    compress: bool
    suite: int
    signed_response: bool


def virtual_file(source: Source, how: How, *, partner: str, own: str) -> VirtualFile:
    """The Virtual File that a source is sent as."""
    unknown = how.keys() - How.__annotations__.keys()
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))}: no such option of a file")
    date, time_ = stamp()
    dsn = how.get("dsn")
    if dsn is None:
        name = name_of(source)
        if name is None:
            raise UserError("dsn: a dataset name is needed for what has no name of its own")
        dsn = dataset_name(name)
    format = how.get("format") or ("V" if is_records(source) else "U")
    security = Security.NONE
    if how.get("sign"):
        security |= Security.SIGNED
    if how.get("encrypt"):
        security |= Security.ENCRYPTED
    return VirtualFile(
        dsn=dsn,
        date=date,
        time=time_,
        destination=how.get("destination") or partner,
        originator=how.get("originator") or own,
        user=how.get("user", ""),
        format=RecordFormat(format),
        record_length=how.get("record_length", 0),
        security=security,
        cipher_suite=how.get("suite", 0),
        compression=int(how.get("compress", False)),
        signed_response=how.get("signed_response", False),
        description=how.get("description", ""),
    )


def queue(
    mailbox: Mailbox, file: VirtualFile, source: Source, partner: str | None, spool: str | None
) -> int:
    """Queues it; its name in what the mailbox tells. May take as long as reading, hashing and
    sealing it."""
    if isinstance(source, str | os.PathLike):
        return mailbox.send_path(file, source, partner=partner)
    if is_octets(source):
        return mailbox.send_octets(file, source, partner=partner)  # type: ignore[arg-type]
    # The mailbox reads it again when it is restarted: it gets a copy of its own.
    with tempfile.NamedTemporaryFile(dir=spool, prefix="oftp-") as copy:
        if hasattr(source, "read"):
            file_object: Any = source
            if not isinstance(file_object.read(0), bytes):
                raise TypeError("the file is open as text: open it in binary mode")
            shutil.copyfileobj(source, copy, 1 << 20)  # type: ignore[arg-type,type-var]
        else:
            _write_records(source, copy, file)  # type: ignore[arg-type]
        copy.flush()
        # What was opened stays readable when the name is gone.
        return mailbox.send_path(file, copy.name, partner=partner)


def _write_records(
    records: Iterable[ReadableBuffer], out: BinaryIO, file: VirtualFile
) -> None:
    is_variable = file.format is RecordFormat.V
    length = file.record_length
    for number, record in enumerate(records, 1):
        octets = memoryview(record).cast("B")
        if is_variable:
            if len(octets) > _LONGEST:
                raise UserError(
                    f"record {number} has {len(octets)} octets; {_LONGEST} are the most for a V file"
                )
            out.write(len(octets).to_bytes(2, "big"))
        elif file.format is RecordFormat.F and len(octets) != length:
            raise UserError(
                f"record {number} has {len(octets)} octets; in this F file all have {length} "
                "(record_length)"
            )
        out.write(octets)


def is_octets(source: object) -> bool:
    try:
        memoryview(source).release()  # type: ignore[arg-type]
    except TypeError:
        return False
    return True


def is_records(source: object) -> bool:
    return not (
        isinstance(source, (str, os.PathLike)) or hasattr(source, "read") or is_octets(source)
    )


def name_of(source: Source) -> str | None:
    if isinstance(source, str | os.PathLike):
        return Path(source).name
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) and name else None
