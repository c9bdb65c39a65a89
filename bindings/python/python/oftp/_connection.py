"""`connect`: a session with files, blocking (RFC 5024 chapters 3 and 4)."""

# `connect` and the server are of the family.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import inspect
import os
import socket
import ssl
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self, Unpack

from ._base import Base
from ._blocking import Driver
from ._exceptions import UserError
from ._exchange import Calls
from ._fields import Config, EndResponse
from ._files import Handler, ReceivedFile, SentFile
from ._oftp import Mailbox
from ._opening import Tls, address_of, context, mailbox_of
from ._pool import Pool
from ._sources import How, Source
from ._stations import Identity, Partner
from .mailbox import Progress, Result, Told

__all__ = ["Connection", "connect"]


def connect(
    host: str,
    port: int | None = None,
    *,
    partner: Partner | str,
    identity: Identity | None = None,
    inbox: str | os.PathLike[str] | None = None,
    handler: Handler | None = None,
    config: Config | None = None,
    tls: Tls = False,
    timeout: float | None = 60.0,
    mailbox: Mailbox | None = None,
) -> Connection:
    """Calls a partner, and returns when the session is up.

    :param host: Where the partner is called.
    :param port: Its port; ``None``: 3305, or 6619 with TLS.
    :param partner: Whom to call; its code is enough where `mailbox` knows it.
    :param identity: Who this side is; its code and password, and its keys for all that takes keys.
    :param inbox: A folder for files that come (`Mailbox.receive_into`), made if it is not there;
        ``None``: they are kept in memory, or go where `handler` says.
    :param handler: What is asked and told meanwhile.
    :param config: What the session may use, and its times.
    :param tls: ``True``: by the keys of `identity` and the certificates of `partner`; or a context
        of your own, which then says whom to trust.
    :param timeout: Seconds until the session is up; ``None``: no limit.
    :param mailbox: One of an earlier connection: what was left goes on where it stopped. `identity`
        and `config` are then those that it was made with.
    :raises SessionAborted: The partner ended it: `InvalidPassword`, `UserCodeNotKnown` ...
    :raises CertificateError: A key is missing, or the certificate shown is not the partner's.
    :raises OSError: Nobody answers; a time-out is a `TimeoutError`.
    """
    partners = [partner] if isinstance(partner, Partner) else []
    code = partner.code if isinstance(partner, Partner) else partner
    box = mailbox_of(identity, partners, config=config, inbox=inbox, mailbox=mailbox)
    secured = context(box, tls, server=False, required=False)
    box.call(code)
    try:
        sock = socket.create_connection(address_of(host, port, tls), timeout)
        try:
            if secured is not None:
                # The driver makes the handshake.
                sock = secured.wrap_socket(
                    sock, server_hostname=host or None, do_handshake_on_connect=False
                )
        except BaseException:
            sock.close()
            raise
    except BaseException:
        box.suspend()
        raise
    connection = Connection(
        box,
        sock,
        handler or Handler(),
        has_folder=box.has_folder,
        calls=(code, host),
        own_context=isinstance(tls, ssl.SSLContext),
    )
    try:
        connection._run(lambda: connection.is_up, timeout)
        connection._check_up()
    except BaseException:
        connection.close()
        raise
    return connection


class Connection(Base):
    """A session with a partner, blocking. One thread at a time may use it. What is called by it, a
    `Handler` or an iterator of records, may `queue` files, but not run it.

    It stands still while none of its methods is called: partners wait for some minutes at most. As
    a context manager it ends the session in order: what is queued is sent, what the partner has is
    received, both give their end responses; leaving by an exception ends it at once (ESID 99). What
    was not finished goes on by ``connect(..., mailbox=connection.mailbox)``.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        sock: socket.socket,
        handler: Handler,
        *,
        has_folder: bool,
        calls: tuple[str, str] | None = None,
        own_context: bool = False,
        required: bool = False,
        pool: Pool | None = None,
        collects: bool = True,
    ) -> None:
        self._runner: int | None = None
        self._busy = threading.Lock()
        super().__init__(
            mailbox,
            handler,
            has_folder=has_folder,
            calls=calls,
            own_context=own_context,
            required=required,
            pool=pool,
            collects=collects,
        )
        self._ssl = sock if isinstance(sock, ssl.SSLSocket) else None
        self._driver: Driver[Told | Progress] = Driver(self._machine, sock)

    def _tls(self) -> object:
        return self._ssl

    def _cut(self) -> None:
        self._driver.cut()

    # -- files ------------------------------------------------------------------------------------

    def send(
        self, source: Source, *, timeout: float | None = None, **how: Unpack[How]
    ) -> SentFile:
        """Sends a file, and returns when the partner has stored it (EFPA).

        :param source: A path; a binary file object, from where it stands to its end; octets; or an
            iterable of records. A V file in a file or in octets has each record behind its length,
            2 octets, most significant first.
        :param timeout: Seconds; ``None``: no limit. After `TimeoutError` it goes on with the next
            call.
        :param how: ``dsn``, ``destination``, ``originator``, ``format``, ``record_length``,
            ``user``, ``description``, ``sign``, ``encrypt``, ``compress``, ``suite``,
            ``signed_response``: see `oftp.How`.
        :raises FileRefused: The partner does not take it.
        :raises CertificateError: A key that is needed is missing.
        :raises SessionAborted: The session has failed meanwhile: the file waits in `mailbox`.
        """
        self._check_free()
        sent = self.queue(source, **how)
        self.wait_stored(sent, timeout=timeout)
        return sent

    def queue(self, source: Source, **how: Unpack[How]) -> SentFile:
        """As `send`, but only queues it: it is sent by the calls that follow. It is hashed and sealed
        now."""
        self._check_session()
        if self._runner != threading.get_ident():
            self._check_free()
        return self._queue(source, how)

    def wait_stored(self, sent: SentFile, *, timeout: float | None = None) -> None:
        """Runs the session until the partner has stored a file that was queued (EFPA).

        :raises FileRefused: It did not take it.
        :raises SessionAborted: The session has failed meanwhile."""
        self._run(lambda: sent.stored or sent.error is not None, timeout)
        self._check_stored(sent)

    def wait_response(self, sent: SentFile, *, timeout: float | None = None) -> EndResponse:
        """Runs the session until the end response of a file came. The turn is given to the partner
        for it. Stations may answer in a session of their own, hours later.

        :raises NotDelivered: It was negative.
        :raises FileRefused: The file was not even taken.
        :raises TimeoutError: It has not come in time, or the session has ended without it."""
        self._run(lambda: sent.response is not None or sent.error is not None, timeout)
        return self._response_of(sent)

    def receive(self, *, timeout: float | None = None) -> ReceivedFile | None:
        """The next file that came, running the session until there is one; the turn is given to the
        partner for it.

        :returns: ``None``: the session has ended, and there is none."""
        came = self._exchange.came
        self._run(lambda: bool(came), timeout)
        return came.popleft() if came else None

    def __iter__(self) -> Iterator[ReceivedFile]:
        """The files that come, to the end of the session."""
        while (received := self.receive()) is not None:
            yield received

    # -- the end ----------------------------------------------------------------------------------

    def finish(self, *, timeout: float | None = None) -> Result:
        """Runs the session to its end: what is queued is sent, and what the partner has received.

        :raises SessionAborted: It has failed."""
        self._run(lambda: False, timeout)
        return self.result

    def close(self) -> None:
        """Ends the session at once, by ESID 99 where it has not ended; never raises. What was not
        finished stays in `mailbox`. Where it is run at this moment, by another thread or by the call
        that has called this, it is as `end_soon`."""
        if self._closed:
            return
        if os.getpid() != self._pid:
            # The session is the parent's; here are copies of its descriptors.
            self._closed = True
            self._driver.forsake()
            return
        if not self._busy.acquire(blocking=False):
            self.end_soon()
            return
        try:
            self._driver.close(99, "closed")
        except OSError:
            pass  # The connection is gone in any case.
        finally:
            self._busy.release()
            self._leave()

    def end_soon(self) -> None:
        """Has the session ended by ESID 05 by the thread that runs it. May be called by any."""
        self._driver.call_soon(self._end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None and not self._closed:
                self.finish()
        finally:
            self.close()

    # -- within -----------------------------------------------------------------------------------

    def _run(self, done: Callable[[], bool], timeout: float | None) -> None:
        """Runs until `done`, or to the end of the session."""

        def until(told: Told | Progress) -> bool:
            self._make(self._on(told))
            return done()

        if not done():
            self._check_open()
            with self._turn():
                self._driver.run(until, timeout)
            if not done():
                self._check()

    @contextmanager
    def _turn(self) -> Generator[None, None, None]:
        """This thread runs the session."""
        if not self._busy.acquire(blocking=False):
            raise _busy()
        self._runner = threading.get_ident()
        try:
            yield
        finally:
            self._runner = None
            self._busy.release()

    def _check_free(self) -> None:
        if self._busy.locked():
            raise _busy()

    def __del__(self) -> None:
        # Where the constructor has failed there is no driver; at the end of the interpreter there
        # is nothing to say it to.
        if sys.is_finalizing():
            return
        if not getattr(self, "_closed", True) and hasattr(self, "_driver"):
            warnings.warn(f"unclosed connection to {self.partner}", ResourceWarning, source=self)
            self._driver.forsake()
            if os.getpid() == self._pid:
                self._leave()

    def _make(self, calls: Calls) -> None:
        """Makes the calls of the user's."""
        try:
            call = next(calls)
            while True:
                try:
                    result = call()
                    if inspect.isawaitable(result):
                        if inspect.iscoroutine(result):
                            result.close()
                        raise UserError("coroutines as handlers are for oftp.asyncio")
                except BaseException as error:
                    call = calls.throw(error)
                else:
                    call = calls.send(result)
        except StopIteration:
            pass
        except BaseException as error:
            self._exchange.fail(error)
            raise


def _busy() -> UserError:
    return UserError(
        "the connection is run by another thread, or by the call that a handler was called from: "
        "one at a time"
    )
