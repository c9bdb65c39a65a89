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

from typing import TYPE_CHECKING

from ._events import *  # noqa: F403
from ._events import __all__ as _events_all
from ._exceptions import *  # noqa: F403
from ._exceptions import __all__ as _exceptions_all
from ._fields import *  # noqa: F403
from ._fields import __all__ as _fields_all
from ._oftp import Session, __version__, quirk_names
from ._reasons import EfnaReason, EsidReason, NerpReason, SfnaReason
from ._values import *  # noqa: F403
from ._values import __all__ as _values_all

if TYPE_CHECKING:
    from ._connection import Connection as Connection
    from ._connection import connect as connect
    from ._files import MEMORY as MEMORY
    from ._files import Handler as Handler
    from ._files import ReceivedFile as ReceivedFile
    from ._files import Refuse as Refuse
    from ._files import SentFile as SentFile
    from ._files import Sink as Sink
    from ._monitor import UserMonitor as UserMonitor
    from ._server import Server as Server
    from ._server import serve as serve
    from ._session import run_session as run_session
    from ._sources import How as How
    from ._sources import Source as Source
    from ._stations import Identity as Identity
    from ._stations import Partner as Partner

__all__ = [  # noqa: PLE0604
    "EfnaReason",
    "EsidReason",
    "NerpReason",
    "Session",
    "SfnaReason",
    "__version__",
    "quirk_names",
]
__all__ += _events_all
__all__ += _exceptions_all
__all__ += _fields_all
__all__ += _values_all

#: What is imported when it is asked for: who only needs `Session` opens no sockets.
_LAZY = {
    "UserMonitor": "._monitor",
    "run_session": "._session",
    "connect": "._connection",
    "serve": "._server",
    "Server": "._server",
    "Connection": "._connection",
    "How": "._sources",
    "Source": "._sources",
    "Handler": "._files",
    "MEMORY": "._files",
    "ReceivedFile": "._files",
    "Refuse": "._files",
    "SentFile": "._files",
    "Sink": "._files",
    "Identity": "._stations",
    "Partner": "._stations",
}
__all__ += _LAZY


def __getattr__(name: str) -> object:
    """What is imported when it is asked for (PEP 562)."""
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(module, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
