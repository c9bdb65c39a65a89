"""The front-end for asyncio: the names of `oftp` that wait, as coroutines.

* `connect` calls a partner, `serve` is called: files over sessions;
* `Station`: a station with its folder and its partners;
* `run_session`: one session with a `oftp.UserMonitor`.

Methods of `oftp.Handler` and `oftp.UserMonitor` may be functions or coroutines.
"""

from __future__ import annotations

from ._connection import Connection, connect
from ._server import Server, serve
from ._session import run_session
from ._station import Station

__all__ = ["Connection", "Server", "Station", "connect", "run_session", "serve"]
