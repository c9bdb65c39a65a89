"""`serve`: a port where partners call, blocking, a thread for each session (RFC 5024 2.2)."""

# `connect` and the server are of the family.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import atexit
import logging
import os
import selectors
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Unpack

from ._connection import Connection
from ._exceptions import OftpError, UserError
from ._fields import Config
from ._files import Handler, SentFile
from ._opening import Tls, address_of, context, listen, mailbox_of
from ._pool import Pool
from ._sources import How, Source
from ._stations import Identity, Partner

__all__ = ["Server", "serve"]

_log = logging.getLogger("oftp")

#: Seconds until calls are accepted again, where descriptors or threads are short.
_PAUSE = 0.1
#: Seconds that sessions have to end at the end of the interpreter.
_AT_EXIT = 5.0

#: What makes a handler for each session.
Handlers = Handler | Callable[[], Handler] | None


def serve(
    host: str = "127.0.0.1",
    port: int | None = None,
    *,
    identity: Identity,
    partners: Sequence[Partner],
    inbox: str | os.PathLike[str] | None = None,
    handler: Handlers = None,
    config: Config | None = None,
    tls: Tls = False,
    client_certificates: bool = False,
    max_sessions: int = 64,
) -> Server:
    """Opens a port where partners call.

    :param host: Where to listen: by default on this machine alone; ``""``: everywhere.
    :param port: ``None``: 3305, or 6619 with TLS; 0: any free one, `Server.port` tells which.
    :param identity: Who this side is.
    :param partners: Who may call.
    :param inbox: A folder for files that come; ``None``: memory, or where `handler` says.
    :param handler: What is asked and told: one for all sessions, which then run in several threads
        at once; or a class or function that makes one for each.
    :param config: What sessions may use, and their times.
    :param tls: As in `connect`.
    :param client_certificates: Turn callers away who show no certificate.
    :param max_sessions: Others wait in the queue of the system.
    :raises OSError: The port is taken, or may not be used.
    :raises CertificateError: Keys cannot be read, or there is none for TLS.
    """

    first = mailbox_of(identity, partners, config=config, inbox=inbox)
    secured = context(first, tls, server=True, required=client_certificates)
    pool = Pool(first, partners)
    listener = listen(*address_of(host, port, tls), backlog=128)
    return Server(
        listener,
        pool,
        handler,
        secured,
        has_folder=inbox is not None,
        own_context=isinstance(tls, ssl.SSLContext),
        required=client_certificates,
        max_sessions=max_sessions,
    )


_servers: weakref.WeakSet[Server] = weakref.WeakSet()


class Server:
    """A port where partners call. Each session runs in a thread of its own; as a context manager it
    is closed at the end, sessions that run are ended (ESID 05)."""

    def __init__(
        self,
        listener: socket.socket,
        pool: Pool,
        handler: Handlers,
        context: ssl.SSLContext | None,
        *,
        has_folder: bool,
        own_context: bool,
        required: bool,
        max_sessions: int,
    ) -> None:
        self._listener = listener
        self._address: tuple[str, int] = listener.getsockname()[:2]
        self._pid = os.getpid()
        self._pool = pool
        self._handler = handler
        self._context = context
        self._has_folder = has_folder
        self._own_context = own_context
        self._required = required
        self._max_sessions = max_sessions
        self._threads: dict[threading.Thread, Connection | None] = {}
        # A signal handler may call `shutdown` while its thread holds it.
        self._lock = threading.RLock()
        #: `serve_forever` is to return; no session is to go on.
        self._stopping = False
        self._closing = False
        #: Set while nobody is in `serve_forever`.
        self._idle = threading.Event()
        self._idle.set()
        self._serving = 0
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._ear.setblocking(False)
        listener.setblocking(False)
        _servers.add(self)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where it listens."""
        return self._address

    @property
    def port(self) -> int:
        """The port where it listens."""
        return self._address[1]

    def queue(self, partner: str, source: Source, **how: Unpack[How]) -> SentFile:
        """Keeps a file for a partner who will call. The source is read when the partner calls.

        :param partner: The partner's code.
        :param source: As in `Connection.send`.
        :param how: As in `Connection.send`.
        """
        return self._pool.wait(partner, source, how)

    def serve_forever(self) -> None:
        """Answers calls until `shutdown` is called, in another thread or in a handler; or Ctrl-C.

        :raises UserError: It is closed, or another thread does this already."""
        with self._lock:
            self._check_open()
            if not self._idle.is_set():
                raise UserError("the server already answers calls in another thread")
            self._idle.clear()
            self._serving = threading.get_ident()
            self._stopping = False
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._ear, selectors.EVENT_READ)
                self._answer_all(selector)
        finally:
            self._serving = 0
            self._idle.set()

    def serve_one(self, *, timeout: float | None = None) -> Connection:
        """Waits for one call and returns its session, which is not up yet: `Connection.finish` runs
        it. Its end is the caller's matter.

        :raises TimeoutError: Nobody has called."""
        self._check_open()
        end = None if timeout is None else time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            while True:
                left = None if end is None else max(0.0, end - time.monotonic())
                if not selector.select(left):
                    raise TimeoutError(f"nobody has called in {timeout} seconds")
                try:
                    sock, _ = self._listener.accept()
                except (BlockingIOError, ConnectionError):
                    continue
                return self._answer(sock, collects=True)

    def shutdown(self) -> None:
        """Has `serve_forever` return. Sessions that run go on."""
        self._stopping = True
        self._ring()

    def close(self) -> None:
        """Answers no more calls, ends the sessions that run (ESID 05) and waits for their threads,
        but for one that has called this itself. A handler that does not return is waited for."""
        self._close(None)

    def _close(self, patience: float | None) -> None:
        """`patience`: seconds for all threads; ``None``: no limit."""
        if os.getpid() != self._pid:
            # The sessions are the parent's.
            self._listener.close()
            return
        with self._lock:
            if self._closing:
                return
            self._closing = self._stopping = True
        self._ring()
        if self._serving != threading.get_ident():
            self._idle.wait(patience)
        self._listener.close()
        with self._lock:
            running = list(self._threads.items())
        for _, connection in running:
            if connection is not None:
                connection.end_soon()
        end = None if patience is None else time.monotonic() + patience
        for thread, _ in running:
            if thread is not threading.current_thread():
                thread.join(None if end is None else max(0.0, end - time.monotonic()))
        with self._lock:
            self._bell.close()
            self._ear.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # -- within -----------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closing:
            raise UserError("the server is closed")

    def _ring(self) -> None:
        """Wakes `serve_forever`."""
        with self._lock:
            try:
                self._bell.send(b"\0")
            except OSError:
                pass  # It rings already, or everything is over.

    def _answer_all(self, selector: selectors.BaseSelector) -> None:
        listening = False
        while not self._stopping:
            has_room = len(self._threads) < self._max_sessions
            if has_room is not listening:
                if has_room:
                    selector.register(self._listener, selectors.EVENT_READ)
                else:
                    selector.unregister(self._listener)
                listening = has_room
            selector.select()
            try:
                self._ear.recv(4096)
            except BlockingIOError:
                pass
            if listening and not self._stopping and not self._accept():
                # What is short comes back when a session ends, or others give it back.
                selector.unregister(self._listener)
                listening = False
                selector.select(_PAUSE)

    def _accept(self) -> bool:
        """Answers a call where there is one. False: something of the system is short."""
        try:
            sock, address = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return True
        except OSError as error:
            _log.warning("a call could not be accepted: %s", error)
            return False
        thread = threading.Thread(
            target=self._session, args=(sock, address), name=f"oftp {address[0]}", daemon=True
        )
        with self._lock:
            self._threads[thread] = None
        try:
            thread.start()
        except RuntimeError as error:  # No thread can be made.
            _log.warning("a call could not be answered: %s", error)
            with self._lock:
                del self._threads[thread]
            sock.close()
            return False
        return True

    def _answer(self, sock: socket.socket, *, collects: bool) -> Connection:
        mailbox = self._pool.take()
        try:
            sock.setblocking(True)
            if self._context is not None:
                # The driver makes the handshake.
                sock = self._context.wrap_socket(
                    sock, server_side=True, do_handshake_on_connect=False
                )
            handler = self._handler() if callable(self._handler) else self._handler
            mailbox.answer()
            return Connection(
                mailbox,
                sock,
                handler or Handler(),
                has_folder=self._has_folder,
                own_context=self._own_context,
                required=self._required,
                pool=self._pool,
                collects=collects,
            )
        except BaseException:
            sock.close()
            mailbox.suspend()
            self._pool.give_back(mailbox)
            raise

    def _session(self, sock: socket.socket, address: tuple[str, int]) -> None:
        me = threading.current_thread()
        try:
            connection = self._answer(sock, collects=False)
            try:
                with self._lock:
                    self._threads[me] = connection
                    is_late = self._closing
                if is_late:
                    connection.end_soon()
                connection.finish()
            finally:
                connection.close()
        except (OftpError, OSError) as error:
            _log.warning("session with %s: %s", address[0], error)
        except Exception:
            _log.exception("session with %s: a handler has failed", address[0])
        finally:
            with self._lock:
                del self._threads[me]
            self._ring()


def _close_all() -> None:
    """At the end of the interpreter: its threads must not be stopped in the middle of something,
    and partners hear why."""
    for server in list(_servers):
        server._close(_AT_EXIT)


atexit.register(_close_all)
