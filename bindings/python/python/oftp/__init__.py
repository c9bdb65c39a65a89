"""ODETTE File Transfer Protocol, levels 1.2 to 2.0 (RFC 5024, RFC 2204).

Four ways in, from the shortest to the barest:

* the command ``oftp`` (or ``python -m oftp``);
* `oftp.connect` and `oftp.serve`: files over sockets, blocking; `oftp.asyncio` has the same names;
* `oftp.Session`: the protocol without any I/O, for your own event loop;
* `oftp.wire`: single commands, legal or not; `oftp.testing` makes peers of them.

`oftp.cms` secures files, `oftp.certificates` keeps keys. The tree of exceptions is in
`oftp.OftpError`'s module.
"""

from __future__ import annotations

from . import _events, _exceptions, _fields, _values
from ._events import *  # noqa: F403
from ._exceptions import *  # noqa: F403
from ._fields import *  # noqa: F403
from ._oftp import Session, __version__, quirk_names
from ._reasons import EfnaReason, EsidReason, NerpReason, SfnaReason
from ._values import *  # noqa: F403

__all__: list[str] = [  # noqa: PLE0604
    "EfnaReason",
    "EsidReason",
    "NerpReason",
    "Session",
    "SfnaReason",
    "__version__",
    "quirk_names",
]
__all__ += _events.__all__
__all__ += _exceptions.__all__
__all__ += _fields.__all__
__all__ += _values.__all__
