"""What a connection is in both front-ends: a mailbox that runs, and the files of its session."""

from __future__ import annotations

import functools
import os
from typing import cast

from ._exceptions import CertificateError, UserError
from ._exchange import Aside, Calls, Exchange
from ._fields import EndResponse
from ._files import Handler, SentFile
from ._mailbox_machine import MailboxMachine
from ._oftp import Mailbox
from ._opening import say_connected
from ._pool import Pool
from ._reasons import EsidReason
from ._sources import How, Source, queue, virtual_file
from .mailbox import Progress, Result, Told, Up

__all__ = ["Base"]


class Base:
    """The part that does not wait.

    :param calls: Partner and host that are called; ``None``: we are called.
    :param own_context: The context of TLS is the caller's own.
    :param required: Callers must show a certificate.
    :param pool: Where the mailbox belongs, of a server.
    :param collects: Files that come are kept for `receive`.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        handler: Handler,
        *,
        has_folder: bool,
        calls: tuple[str, str] | None = None,
        own_context: bool = False,
        required: bool = False,
        pool: Pool | None = None,
        collects: bool = True,
    ) -> None:
        self.mailbox = mailbox
        self._pid = os.getpid()
        self._closed = False
        self._pool = pool
        self._calls = calls
        self._own_context = own_context
        self._required = required
        self._exchange = Exchange(
            mailbox,
            handler,
            has_folder=has_folder,
            collects=collects,
            is_elsewhere=None if pool is None else pool.is_elsewhere,
        )
        self._failure: CertificateError | None = None
        self._machine = MailboxMachine(mailbox, self._say_connected)
        self._machine.wants_progress = type(handler).progress is not Handler.progress

    @property
    def partner(self) -> str:
        """The partner's code (SSIDCODE); empty before the session is up."""
        return self._exchange.partner

    @property
    def is_up(self) -> bool:
        """Whether the session has been up."""
        return self._exchange.is_up

    @property
    def result(self) -> Result:
        """How the session went, or goes."""
        return self._exchange.result or self.mailbox.result

    def _tls(self) -> object:
        """The `ssl` object of the connection; ``None``: it is plain."""
        raise NotImplementedError

    def _cut(self) -> None:
        """Drops the connection without a word."""
        raise NotImplementedError

    def _say_connected(self, now: float) -> None:
        say_connected(
            self.mailbox,
            now,
            self._tls(),
            calls=self._calls,
            own_context=self._own_context,
            required=self._required,
            failed=self._failed,
        )

    def _failed(self, error: CertificateError) -> None:
        self._failure = error

    def _queue(self, source: Source, how: How) -> SentFile:
        file = virtual_file(source, how, partner=self.partner, own=self.mailbox.code)
        id_ = queue(self.mailbox, file, source, self.partner, None)
        return self._exchange.note(id_, file)

    def _on(self, told: Told | Progress) -> Calls:
        """What is to be done about something told. Before anybody hears that the session of a
        server is up, the files for this partner are queued."""
        exchange = self._exchange
        if self._pool is not None and isinstance(told, Up):
            exchange.partner = told.partner
            unsendable = yield Aside(functools.partial(self._pool.up, exchange))
            for sent in cast(list[SentFile], unsendable):
                yield functools.partial(exchange.handler.refused, sent)
        yield from exchange.on(told)

    def _check_open(self) -> None:
        """Whether there is a connection to work with."""
        if os.getpid() != self._pid:
            raise UserError("the connection belongs to another process: call anew in this one")
        if self._closed:
            raise UserError("the connection is closed: call again, with its `mailbox` to go on")

    def _check_session(self) -> None:
        """Whether files can still be sent."""
        self._check_open()
        if self._exchange.result is not None:
            self._check()
            raise UserError("the session has ended: call again, with its `mailbox` to go on")

    def _check(self) -> None:
        """After a session that did not come as far as it was wanted."""
        if self._failure is not None:
            raise self._failure
        self._exchange.check()

    def _check_up(self) -> None:
        """After a session that was to come up."""
        if not self.is_up:
            raise ConnectionAbortedError(
                f"the partner has ended the session before it was up: {self.result.text}"
            )

    def _check_stored(self, sent: SentFile) -> None:
        if sent.error is not None:
            raise sent.error
        if not sent.stored:
            raise UserError(f"the session is over, and {sent.file.dsn} was not sent: call again")

    def _response_of(self, sent: SentFile) -> EndResponse:
        if sent.error is not None:
            raise sent.error
        if sent.response is None:
            raise TimeoutError(
                f"the session has ended, and no end response for {sent.file.dsn} has come: it comes "
                "in another one"
            )
        return sent.response

    def _end(self) -> None:
        """This station shuts down."""
        if self._machine.is_connected:
            self._machine.release(EsidReason.EMERGENCY_CLOSE_DOWN, "this station shuts down")
        else:
            self._cut()

    def _leave(self) -> None:
        """The connection is gone: what was not finished is kept. Once: the mailbox may be another
        connection's by now."""
        if self._closed:
            return
        self._closed = True
        if self._exchange.result is None:
            self._exchange.result = self.mailbox.result
        self.mailbox.suspend()
        if self._pool is not None:
            self._pool.give_back(self.mailbox, self.partner)
            self._pool = None
