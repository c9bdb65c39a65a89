"""`run_session`: one session with its `UserMonitor` over a socket, blocking."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Iterator

from ._blocking import Driver
from ._dispatch import Dispatch
from ._machine import DataWanted
from ._monitor import UserMonitor
from ._oftp import Session

__all__ = ["run_session"]


def run_session(session: Session, monitor: UserMonitor, sock: socket.socket) -> None:
    """Runs one session over a connection, until both are over.

    A session of which `Session.connect_rq` was asked is the Initiator, another one the Responder.

    :param session: A new session.
    :param monitor: Decides what it does; its methods are functions.
    :param sock: A connected socket, plain or `ssl.SSLSocket`. It is closed at the end.
    :raises SessionAborted: The session has failed, and the monitor does not define
        `UserMonitor.abort_ind`.
    :raises OSError: The handshake of TLS has failed.

    What a method raises ends the session with ESID 99, and is raised. Ctrl-C ends it so, too.
    """
    dispatch = Dispatch(session, monitor)
    driver = Driver(dispatch.machine, sock)
    runners = monitor.__dict__.setdefault("_runners", {})
    runners[id(session)] = driver.call_soon
    try:
        driver.run(_Monitored(dispatch))
    finally:
        del runners[id(session)]
        dispatch.machine.has_data = False
        driver.close()
        _close(dispatch)
    dispatch.raise_abort()


class _Monitored:
    """Shows the monitor what is told."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch

    def __call__(self, event: object) -> bool:
        if isinstance(event, DataWanted):
            self._supply()
        else:
            self._tell(event)
        return False

    def _tell(self, event: object) -> None:
        dispatch = self._dispatch
        try:
            answer = dispatch.ask(event)
            if inspect.isawaitable(answer):
                if inspect.iscoroutine(answer):
                    answer.close()
                raise TypeError(
                    f"the answer to {type(event).__name__} is a coroutine: use "
                    "oftp.asyncio.run_session"
                )
            more = dispatch.take(event, answer)
        except Exception as error:
            if not dispatch.came_too_late(error):
                raise
            return
        if more is not None:
            self._tell(more)

    def _supply(self) -> None:
        dispatch = self._dispatch
        sending = dispatch.sending
        while sending is not None and sending.has_room:
            if sending.wants_piece:
                pieces = sending.pieces
                if not isinstance(pieces, Iterator):
                    raise TypeError(
                        "the data of a file come from an asynchronous iterator: use "
                        "oftp.asyncio.run_session"
                    )
                try:
                    sending.give(next(pieces))
                except StopIteration:
                    sending.end()
            elif sending.put():
                dispatch.machine.has_data, dispatch.sending = False, None
                return


def _close(dispatch: Dispatch) -> None:
    """Lets a generator that gave data clean up."""
    sending, dispatch.sending = dispatch.sending, None
    close = getattr(sending.pieces, "close", None) if sending is not None else None
    if close is not None:
        close()
