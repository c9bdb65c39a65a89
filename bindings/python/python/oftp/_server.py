"""`serve`: a port where partners call, blocking, a thread for each session (RFC 5024 2.2)."""

from __future__ import annotations

import logging
import os
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Unpack

from ._connection import Connection
from ._exceptions import OftpError
from ._fields import Config
from ._files import Handler, SentFile
from ._machine import HANDSHAKE
from ._oftp import Mailbox
from ._opening import Tls, address_of, context, mailbox_of
from ._pool import Pool
from ._sources import How, Source
from ._stations import Identity, Partner

__all__ = ["Server", "serve"]

_log = logging.getLogger("oftp")

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

    def make() -> Mailbox:
        return mailbox_of(identity, partners, config=config, inbox=inbox)

    pool = Pool(make, partners)
    secured = context(pool.first, tls, server=True, required=client_certificates)
    listener = socket.create_server(address_of(host, port, tls), backlog=128)
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
        self._pool = pool
        self._handler = handler
        self._context = context
        self._has_folder = has_folder
        self._own_context = own_context
        self._required = required
        self._room = threading.Semaphore(max_sessions)
        self._threads: dict[threading.Thread, Connection | None] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._bell, self._ear = socket.socketpair()
        listener.setblocking(False)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port where it listens."""
        host, port = self._listener.getsockname()[:2]
        return host, port

    @property
    def port(self) -> int:
        """The port where it listens."""
        return self.address[1]

    def queue(self, partner: str, source: Source, **how: Unpack[How]) -> SentFile:
        """Keeps a file for a partner who will call. The source is read when the partner calls.

        :param partner: The partner's code.
        :param source: As in `Connection.send`.
        :param how: As in `Connection.send`.
        """
        return self._pool.wait(partner, source, how)

    def serve_forever(self) -> None:
        """Answers calls until `shutdown` is called, in another thread or in a handler; or Ctrl-C."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._ear, selectors.EVENT_READ)
            while not self._closing:
                selector.select()
                self._accept()

    def serve_one(self, *, timeout: float | None = None) -> Connection:
        """Waits for one call and returns its session, which is not up yet: `Connection.finish` runs
        it. Its end is the caller's matter.

        :raises TimeoutError: Nobody has called."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            while True:
                if not selector.select(timeout):
                    raise TimeoutError(f"nobody has called in {timeout} seconds")
                try:
                    sock, _ = self._listener.accept()
                except BlockingIOError:
                    continue
                return self._answer(sock)

    def shutdown(self) -> None:
        """Has `serve_forever` return. Sessions that run go on."""
        self._closing = True
        self._bell.send(b"\0")

    def close(self) -> None:
        """Answers no more calls, ends the sessions that run (ESID 05) and waits for their threads."""
        self._closing = True
        self._listener.close()
        with self._lock:
            running = list(self._threads.items())
        for _, connection in running:
            if connection is not None:
                connection.end_soon()
        for thread, _ in running:
            if thread is not threading.current_thread():
                thread.join()
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

    def _accept(self) -> None:
        if not self._room.acquire(blocking=False):
            # Somebody must end first; who closes the server rings.
            self._room.acquire()
        try:
            sock, address = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            self._room.release()
            return
        thread = threading.Thread(
            target=self._session, args=(sock, address), name=f"oftp {address[0]}", daemon=True
        )
        with self._lock:
            self._threads[thread] = None
        thread.start()

    def _answer(self, sock: socket.socket) -> Connection:
        sock.setblocking(True)
        mailbox = self._pool.take()
        try:
            if self._context is not None:
                sock.settimeout(HANDSHAKE)
                sock = self._context.wrap_socket(sock, server_side=True)
            mailbox.answer()
        except BaseException:
            sock.close()
            self._pool.give_back(mailbox)
            raise
        handler = self._handler() if callable(self._handler) else self._handler
        connection = Connection(
            mailbox,
            sock,
            handler or Handler(),
            has_folder=self._has_folder,
            own_context=self._own_context,
            required=self._required,
            pool=self._pool,
        )
        return connection

    def _session(self, sock: socket.socket, address: tuple[str, int]) -> None:
        me = threading.current_thread()
        try:
            connection = self._answer(sock)
            with self._lock:
                self._threads[me] = connection
            if self._closing:
                connection.end_soon()
            try:
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
            self._room.release()
