"""The mailboxes of a server: one for each session that runs, used again by the next ones. What a
session leaves goes on in the next one with its partner (RFC 5024 4.3.6)."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from ._exceptions import FileRefused, UserError
from ._exchange import Exchange, files_of
from ._files import SentFile
from ._oftp import Mailbox
from ._sources import How, Source, queue, virtual_file
from ._stations import Partner

__all__ = ["Pool"]


@dataclass(slots=True)
class _Waiting:
    """A file for a partner who has not called yet."""

    sent: SentFile
    source: Source


class Pool:
    """Mailboxes of one station, and files for partners who will call.

    :param first: A mailbox that knows the partners and the folder. It runs no session: all others
        are its siblings, and between sessions it has their files.
    :param partners: Who may call.
    """

    def __init__(self, first: Mailbox, partners: Iterable[Partner]) -> None:
        self.first = first
        self.code = first.code
        self._codes = {partner.code for partner in partners}
        self._lock = threading.Lock()
        self._idle: list[Mailbox] = [first.sibling()]
        self._waiting: dict[str, list[_Waiting]] = {}

    def take(self) -> Mailbox:
        """A mailbox for a session; whose is not known before it is up."""
        with self._lock:
            return self._idle.pop() if self._idle else self.first.sibling()

    def give_back(self, mailbox: Mailbox, partner: str = "") -> None:
        """Its session is over, or did not begin. What it has left for its partner is kept where the
        next one finds it, whichever mailbox that has."""
        with self._lock:
            if partner:
                _move(mailbox, self.first, partner)
            self._idle.append(mailbox)

    def up(self, exchange: Exchange) -> list[SentFile]:
        """The session is up: files that wait for its partner are its, those that earlier sessions
        have left, too. Takes as long as hashing and sealing them.

        :returns: Those that cannot be read or sealed; why is their `SentFile.error`."""
        mailbox, partner = exchange.mailbox, exchange.partner
        with self._lock:
            waiting = self._waiting.pop(partner, [])
            _move(self.first, mailbox, partner)
        unsendable: list[SentFile] = []
        while waiting:
            sent, source = waiting[0].sent, waiting[0].source
            try:
                sent.id = queue(mailbox, sent.file, source, partner, None)
            except Exception as error:  # Also those of an iterator of the user's.
                sent.error = FileRefused(f"{sent.file.dsn} cannot be sent: {error}")
                sent.error.__cause__ = error
                unsendable.append(sent)
            except BaseException:
                with self._lock:
                    self._waiting.setdefault(partner, [])[:0] = waiting
                raise
            else:
                exchange.sent[sent.id] = sent
            del waiting[0]
        return unsendable

    def wait(self, partner: str, source: Source, how: How) -> SentFile:
        """Queues a file for a partner who will call."""
        if partner not in self._codes:
            raise UserError(f"partner {partner!r} is not known: add it to `partners`")
        file = virtual_file(source, how, partner=partner, own=self.code)
        sent = SentFile(0, file, partner)
        with self._lock:
            self._waiting.setdefault(partner, []).append(_Waiting(sent, source))
        return sent


def _move(old: Mailbox, new: Mailbox, partner: str) -> None:
    """Moves the files for a partner."""
    before, after = files_of(old), files_of(new)
    for id_, new_id in new.adopt(old, partner):
        sent = before.pop(id_, None)
        if sent is not None:
            sent.id = new_id
            after[new_id] = sent
