"""The front-end for asyncio: the names of `oftp` that wait, as coroutines.

* `run_session`: one session with a `oftp.UserMonitor`.
"""

from __future__ import annotations

from ._session import run_session

__all__ = ["run_session"]
