"""Files as a connection tells of them: those that are sent, and those that come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ._exceptions import FileRefused, NotDelivered
from ._fields import EndResponse, VirtualFile
from ._reasons import EfnaReason, NerpReason, SfnaReason
from .mailbox import Progress, Proof

__all__ = ["MEMORY", "Handler", "ReceivedFile", "Refuse", "SentFile", "Sink"]


class Refuse(Exception):
    """Raised by a `Handler`: this file is not taken. From `Handler.offered` it is told by SFNA, from
    `Handler.received` of a file that is not in the folder by EFNA, or by NERP where `after` is set.

    :param reason: A `SfnaReason`, `EfnaReason` or `NerpReason`.
    :param text: Words for the partner, level 2.0, at most 999 octets.
    :param retry_later: Whether another try makes sense (SFNA).
    :param after: Take the file (EFPA), and say by NERP that it cannot be used.
    """

    def __init__(
        self,
        reason: SfnaReason | EfnaReason | NerpReason | int,
        text: str = "",
        *,
        retry_later: bool = False,
        after: bool = False,
    ) -> None:
        super().__init__(f"refused: {reason}")
        self.reason = int(reason)
        self.text = text
        self.retry_later = retry_later
        self.after = after


class SentFile:
    """A file of ours.

    :ivar id: Its name in the mailbox; 0: it waits for its partner to call.
    :ivar file: As it is offered, without what is filled in later (sizes, envelope).
    :ivar partner: To whom it goes (SSIDCODE).
    :ivar stored: Whether the partner has it (EFPA).
    :ivar response: Its end response, once it came and closed the file.
    :ivar proof: What the response is worth.
    :ivar error: Why it was not taken or delivered.
    :ivar doubt: What was wrong with a response that proved nothing; the file stays open.
    """

    def __init__(self, id: int, file: VirtualFile, partner: str) -> None:
        self.id = id
        self.file = file
        self.partner = partner
        self.stored = False
        self.response: EndResponse | None = None
        self.proof: Proof | None = None
        self.error: FileRefused | NotDelivered | None = None
        self.doubt: str | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether an EERP has closed it."""
        return self.response is not None and not self.response.is_negative

    def __repr__(self) -> str:
        if self.error is not None:
            how = type(self.error).__name__
        elif self.response is not None:
            how = "delivered"
        else:
            how = "stored" if self.stored else "waiting"
        return f"<SentFile {self.id} {self.file.dsn!r} {how}>"


@dataclass(slots=True)
class ReceivedFile:
    """A file that came.

    :ivar file: As it was offered.
    :ivar path: Where it lies in the folder; ``None``: it went to memory or to a sink.
    :ivar data: Its octets, where it went to memory; of V and F files without the lengths of
        records.
    :ivar ends: For F and V files in memory: offsets in `data` behind which a record ends.
    """

    file: VirtualFile
    path: str | None = None
    data: bytes = field(default=b"", repr=False)
    ends: tuple[int, ...] = field(default=(), repr=False)

    def records(self) -> Iterator[bytes]:
        """The records of an F or V file in memory."""
        start = 0
        for end in self.ends:
            yield self.data[start:end]
            start = end


class Sink:
    """Where the octets of a file go that a `Handler` takes itself. Its methods may be coroutines in
    `oftp.asyncio`; any binary file object with `write` will do as well."""

    def write(self, octets: bytes, /) -> object:
        """Octets in order, once per Data Exchange Buffer. In V files each record comes behind its
        length, 2 octets, most significant first."""
        raise NotImplementedError


#: For `Handler.offered`: keep the file in memory.
MEMORY: Literal["memory"] = "memory"


class Handler:
    """What is asked and told while a connection runs. All methods do nothing by themselves; in
    `oftp.asyncio` they may be coroutines. An exception that is not `Refuse` ends the session by
    ESID 99 and is raised out of the call that ran it; a file that was not stored by then is not
    acknowledged."""

    def up(self, partner: str) -> object:
        """The session is up."""

    def offered(self, file: VirtualFile) -> object:
        """The partner offers a file that its policy allows.

        :returns: ``None``: the folder takes it, or memory where there is none; `MEMORY`; or a
            `Sink`, or a binary file object, which is flushed before `received`: to have it on the
            disk is for that. Memory is bounded by `Partner.max_size` alone.
        :raises Refuse: It is not taken."""

    def received(self, received: ReceivedFile) -> object:
        """A file is here. One in the folder is already acknowledged; any other is acknowledged when
        this returns: make it safe before.

        :raises Refuse: It could not be stored, or used."""

    def turned_away(self, file: VirtualFile, answer: str, reason: int | None, text: str) -> object:
        """A file of the partner came to nothing: `oftp.mailbox.TurnedAway`."""

    def stored(self, sent: SentFile) -> object:
        """The partner has stored a file of ours (EFPA)."""

    def refused(self, sent: SentFile) -> object:
        """The partner did not take a file of ours: `SentFile.error`."""

    def response(self, sent: SentFile | None, response: EndResponse, proof: Proof) -> object:
        """An end response came; ``None``: for no file of this connection. The partner is told that
        we have it (RTR) when this returns: make it safe before."""

    def response_sent(self, response: EndResponse) -> object:
        """The partner has taken a response of ours (RTR)."""

    def progress(self, progress: Progress) -> object:
        """Octets of a file have moved, in either direction: about once per mebibyte."""

    def warning(self, text: str) -> object:
        """Something is not as it was asked for, or a fault of this side."""

    def quirk(self, quirk: str, command: str) -> object:
        """The partner went beyond the letter, and a quirk of this name took it."""

    def trace(self, text: str) -> object:
        """A command or a row of the state tables, where `Config.trace` asks for it."""
