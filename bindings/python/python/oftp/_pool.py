"""The mailboxes of a server: one for each session that runs, used again by the next ones. What a
session leaves goes on in the next one with its partner (RFC 5024 4.3.6)."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from ._exceptions import FileRefused, UserError
from ._exchange import Exchange, files_of
from ._fields import EndResponse, VirtualFile
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
        #: Of sessions that run, or that have not noticed yet that they do not any more.
        self._running: list[Mailbox] = []
        self._waiting: dict[str, list[_Waiting]] = {}

    def take(self) -> Mailbox:
        """A mailbox for a session; whose is not known before it is up."""
        with self._lock:
            mailbox = self._idle.pop() if self._idle else self.first.sibling()
            self._running.append(mailbox)
            return mailbox

    def give_back(self, mailbox: Mailbox, partner: str = "") -> None:
        """Its session is over, or did not begin. What it has left for its partner is kept where the
        next one finds it, whichever mailbox that has."""
        with self._lock:
            if partner:
                _move(mailbox, self.first, partner)
            self._running.remove(mailbox)
            self._idle.append(mailbox)

    def is_elsewhere(self, exchange: Exchange, response: EndResponse) -> bool:
        """Whether the file of a response is one of another session with its partner: of one that was
        cut, and has not noticed yet, or only since this one is up."""
        with self._lock:
            others = [one for one in self._running if one is not exchange.mailbox]
            others.append(self.first)
        return any(
            sent.partner == exchange.partner and _is_of(response, sent.file)
            for other in others
            for sent in list(files_of(other).values())
        )

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


def _is_of(response: EndResponse, file: VirtualFile) -> bool:
    """Whether a response is that of a file: its stamps may be those of level 1.3, and some stations
    do not change originator and destination over (field practice)."""
    stamp = (file.date, file.time)
    if len(response.date) == 6:
        stamp = (file.date[-6:], file.time[:6])
    ends = {file.originator, file.destination}
    return (
        response.dsn == file.dsn
        and (response.date, response.time) == stamp
        and {response.originator, response.destination} == ends
    )


def _move(old: Mailbox, new: Mailbox, partner: str) -> None:
    """Moves the files for a partner."""
    before, after = files_of(old), files_of(new)
    for id_, new_id in new.adopt(old, partner):
        sent = before.pop(id_, None)
        if sent is not None:
            sent.id = new_id
            after[new_id] = sent
