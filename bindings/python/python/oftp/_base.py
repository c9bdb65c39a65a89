"""What a connection is in both front-ends: a mailbox that runs, and the files of its session."""

from __future__ import annotations

from ._exceptions import CertificateError, UserError
from ._exchange import Exchange, MailboxMachine
from ._fields import EndResponse
from ._files import Handler, SentFile
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
    ) -> None:
        self.mailbox = mailbox
        self._pool = pool
        self._calls = calls
        self._own_context = own_context
        self._required = required
        self._exchange = Exchange(mailbox, handler, has_folder=has_folder)
        self._failure: CertificateError | None = None
        self._machine = MailboxMachine(mailbox, self._say_connected)
        self._machine.wants_progress = type(handler).progress is not Handler.progress
        if pool is not None:
            pool.begin(self._exchange)

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

    def _note(self, told: Told | Progress) -> None:
        """Before anybody is told: a server's files for this partner are queued."""
        if self._pool is not None and isinstance(told, Up):
            self._exchange.partner = told.partner
            self._pool.up(self._exchange)

    def _check(self) -> None:
        """After a session that did not come as far as it was wanted."""
        if self._failure is not None:
            raise self._failure
        self._exchange.check()

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
        if self.mailbox.has_session:
            self.mailbox.release(EsidReason.EMERGENCY_CLOSE_DOWN, "this station shuts down")

    def _leave(self) -> None:
        """The connection is gone: what was not finished is kept."""
        self.mailbox.suspend()
        if self._pool is not None:
            self._pool.end(self._exchange)
            self._pool = None
