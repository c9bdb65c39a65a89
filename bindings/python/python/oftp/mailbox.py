"""A mailbox: files, end responses and policies over any number of sessions, without network I/O.

`oftp.connect` and `oftp.serve` move its octets over sockets, and are what most users want. This
module is for those who have a network of their own. A `Mailbox` is driven by one ordered queue:

```text
match mailbox.next():
    case Write(octets)    write them, then mailbox.sent(n); it comes again while something is left
    case Work()           mailbox.work(), which may take seconds, on any thread; then tick
    case Disconnect()     close the connection; mailbox.disconnected()
    case Wait(deadline)   read if mailbox.wants_octets; tick before input and at the deadline
    case Over()           no session runs any more
    case told             something for the user; `Offered` and `Complete` want an answer
```
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Literal, TypeAlias

from ._events import Trace, Wait
from ._fields import Agreed, EndResponse, VirtualFile
from ._oftp import Mailbox

__all__ = [
    "Complete",
    "Data",
    "Disconnect",
    "Ended",
    "Ending",
    "Mailbox",
    "Offered",
    "Over",
    "Progress",
    "Proof",
    "Quirk",
    "Received",
    "Refused",
    "Response",
    "ResponseSent",
    "Result",
    "Sent",
    "Step",
    "Told",
    "Trace",
    "TurnedAway",
    "Up",
    "Wait",
    "Warning",
    "Work",
    "Write",
]


class Ending(StrEnum):
    """How a session ended."""

    #: None has ended yet.
    NONE = "none"
    #: As it should (ESID 00).
    NORMAL = "normal"
    #: Without ESID 00, but nothing was in progress.
    IRREGULAR = "irregular"
    #: We ended it.
    BY_US = "by us"
    #: The partner ended it, or the network.
    FAILED = "failed"
    #: There was no connection, or its TLS could not be agreed on.
    NO_CONNECTION = "no connection"


class Proof(IntEnum):
    """What an end response that came is worth."""

    #: Not signed, and not asked to be.
    UNSIGNED = 0
    #: Signed by the partner, for just the octets that were sent.
    SIGNED = 1
    #: Signed without being asked, and nothing is known of the partner to check it by.
    NOT_CHECKED = 2
    #: It proves nothing, and the file stays open: a signature is missing or wrong.
    WORTHLESS = 3
    #: It belongs to no file of ours.
    NO_FILE = 4


@dataclass(frozen=True, slots=True)
class Write:
    """Write these octets; then `Mailbox.sent`."""

    octets: bytes

    def __repr__(self) -> str:
        return f"Write({len(self.octets)} octets)"


@dataclass(frozen=True, slots=True)
class Work:
    """Call `Mailbox.work`: it takes keys or a whole file, and may take seconds."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection, then `Mailbox.disconnected`."""


@dataclass(frozen=True, slots=True)
class Over:
    """No session runs, and all is told."""


@dataclass(frozen=True, slots=True)
class Up:
    """The session is up, with this partner."""

    partner: str
    agreed: Agreed


@dataclass(frozen=True, slots=True)
class Offered:
    """The partner offers a file that its policy allows (SFID). Answer by `Mailbox.accept_file`
    (its octets come as `Data`), `Mailbox.refuse_file`, or `Mailbox.offer_passed`: the folder takes
    it; now or later."""

    file: VirtualFile


@dataclass(frozen=True, slots=True)
class Data:
    """Octets of the file that was accepted; `ends` are offsets behind which a record ends."""

    octets: bytes
    ends: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"Data({len(self.octets)} octets, {len(self.ends)} records end)"


@dataclass(frozen=True, slots=True)
class Complete:
    """All of that file is here, and its counts agree (EFID). Make it safe, then
    `Mailbox.stored`; else `Mailbox.not_stored`; now or later."""

    file: VirtualFile


@dataclass(frozen=True, slots=True)
class Received:
    """A file lies in the folder, opened if it was secured, and is answered."""

    file: VirtualFile
    path: str


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A file of the partner came to nothing. `answer` is what it was told, ``"SFNA"``, ``"EFNA"``
    or ``"NERP"`` with `reason`; ``""``: the session ended before all of it was here, and what came
    is kept for a restart."""

    file: VirtualFile
    answer: Literal["SFNA", "EFNA", "NERP", ""]
    reason: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The partner has stored a file of ours (EFPA)."""

    id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A file of ours was not taken (SFNA, EFNA), or could not be offered or read (``""``). Where
    `retry_later` it is kept for the next session, else forgotten."""

    id: int
    answer: Literal["SFNA", "EFNA", "NERP", ""]
    reason: int | None
    retry_later: bool
    text: str


@dataclass(frozen=True, slots=True)
class Response:
    """An end response came; `id` is its file's, ``None`` where it belongs to none. Make it safe,
    then `Mailbox.response_told`: only then the partner hears that we have it (RTR)."""

    id: int | None
    response: EndResponse
    proof: Proof
    text: str


@dataclass(frozen=True, slots=True)
class ResponseSent:
    """The partner has taken a response of ours (RTR)."""

    response: EndResponse


@dataclass(frozen=True, slots=True)
class Result:
    """How a session went, and what is left to do.

    :ivar ending: How it ended.
    :ivar reason: The reason of the ESID that was sent or received; ``None``: there was none.
    :ivar text: What happened, for people.
    :ivar partner: The partner's code; empty where it is not known.
    :ivar sent: Files of ours that the partner has stored in this session (EFPA).
    :ivar refused: Files of ours that it did not take.
    :ivar received: Files that came and were stored.
    :ivar turned_away: Files that came and were refused, or could not be opened.
    :ivar delivered: Files of ours that an EERP has closed.
    :ivar failed: Files of ours that a NERP has closed.
    :ivar worthless: Responses that prove nothing, or belong to no file.
    :ivar responses: Responses of ours that the partner has taken.
    :ivar waiting: Files still to be sent, to any partner.
    :ivar open: Files that were sent in any session and have no response yet.
    """

    ending: Ending
    reason: int | None
    text: str
    partner: str
    sent: int
    refused: int
    received: int
    turned_away: int
    delivered: int
    failed: int
    worthless: int
    responses: int
    waiting: int
    open: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The session has ended. The last that is told of it."""

    result: Result


@dataclass(frozen=True, slots=True)
class Warning:
    """Something is not as it was asked for, or a fault of this side."""

    text: str


@dataclass(frozen=True, slots=True)
class Quirk:
    """The partner went beyond the letter in this command, and a quirk of this name took it."""

    quirk: str
    command: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has come: `octets` of it, of about `total` (SFIDFSIZ, rounded up to 1,024)."""

    id: int | None
    octets: int
    total: int


#: What a mailbox tells its user.
Told: TypeAlias = (
    Up
    | Offered
    | Data
    | Complete
    | Received
    | TurnedAway
    | Sent
    | Refused
    | Response
    | ResponseSent
    | Ended
    | Warning
    | Quirk
    | Trace
)

#: All that `Mailbox.next` returns.
Step: TypeAlias = Told | Write | Work | Disconnect | Wait | Over
