"""ODETTE File Transfer Protocol, levels 1.2 to 2.0 (RFC 5024, RFC 2204).

Five ways in, from the shortest to the barest:

* the command ``oftp`` (or ``python -m oftp``);
* `oftp.Station`: a station with its folder and its partners, which exchanges files by itself;
* `oftp.connect` and `oftp.serve`: files over sockets, blocking; `oftp.asyncio` has the same names;
* `oftp.Session`: the protocol without any I/O, for your own event loop;
* `oftp.wire`: single commands, legal or not; `oftp.testing` makes peers of them.

`oftp.cms` secures files, `oftp.certificates` keeps keys. The tree of exceptions is in
`oftp.OftpError`'s module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._oftp import Session, __version__, quirk_names

if TYPE_CHECKING:
    from . import _events, _exceptions, _fields, _reasons, _values
    from . import asyncio as asyncio
    from . import certificates as certificates
    from . import cms as cms
    from . import mailbox as mailbox
    from . import testing as testing
    from . import wire as wire
    from ._events import *
    from ._exceptions import *
    from ._fields import *
    from ._reasons import *
    from ._values import *
    from ._connection import Connection as Connection
    from ._connection import connect as connect
    from ._files import Handler as Handler
    from ._files import MEMORY as MEMORY
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
    from ._station import Station as Station
    from ._station_values import StationEvent as StationEvent
    from ._station_values import StationFile as StationFile
    from ._station_values import StationPartner as StationPartner
    from ._station_values import StationStatus as StationStatus
    from ._station_values import Submission as Submission
    from ._stations import Identity as Identity
    from ._stations import Partner as Partner

    __all__ = ["Session", "__version__", "quirk_names"]
    __all__ += _events.__all__
    __all__ += _exceptions.__all__
    __all__ += _fields.__all__
    __all__ += _reasons.__all__
    __all__ += _values.__all__
    __all__ += [
        "connect",
        "Connection",
        "Handler",
        "How",
        "Identity",
        "MEMORY",
        "Partner",
        "ReceivedFile",
        "Refuse",
        "run_session",
        "SentFile",
        "serve",
        "Server",
        "Sink",
        "Source",
        "Station",
        "StationEvent",
        "StationFile",
        "StationPartner",
        "StationStatus",
        "Submission",
        "UserMonitor",
    ]
else:
    # Making the classes takes most of an import's time, and the command needs none of them: all
    # are made as soon as one is asked for (PEP 562).

    #: Names of front-ends by their modules, which are imported one by one.
    _LAZY = {
        "connect": "._connection",
        "Connection": "._connection",
        "Handler": "._files",
        "How": "._sources",
        "Identity": "._stations",
        "MEMORY": "._files",
        "Partner": "._stations",
        "ReceivedFile": "._files",
        "Refuse": "._files",
        "run_session": "._session",
        "SentFile": "._files",
        "serve": "._server",
        "Server": "._server",
        "Sink": "._files",
        "Source": "._sources",
        "Station": "._station",
        "StationEvent": "._station_values",
        "StationFile": "._station_values",
        "StationPartner": "._station_values",
        "StationStatus": "._station_values",
        "Submission": "._station_values",
        "UserMonitor": "._monitor",
    }
    _MODULES = ("asyncio", "certificates", "cms", "mailbox", "testing", "wire")

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name in _LAZY:
            value = globals()[name] = getattr(import_module(_LAZY[name], __name__), name)
            return value
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        _make_the_rest()
        try:
            return globals()[name]
        except KeyError:
            text = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(text, name=name) from None

    def __dir__() -> list[str]:
        _make_the_rest()
        return sorted({*globals(), *_LAZY, *_MODULES})

    def _make_the_rest() -> None:
        from importlib import import_module

        names = ["Session", "__version__", "quirk_names", *_LAZY]
        for name in ("_events", "_exceptions", "_fields", "_reasons", "_values"):
            module = import_module(f"{__name__}.{name}")
            names += module.__all__
            globals().update({name: getattr(module, name) for name in module.__all__})
        globals()["__all__"] = names
