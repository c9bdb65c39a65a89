"""The exceptions of the package. Whose fault it was tells the class:

```text
OftpError                       everything this package raises, but OSError and TypeError
├── UserError                   the caller's mistake: nothing has changed; mend the call
│   └── ConfigError               oftp.toml of a station has faults
├── SessionAborted              the session has ended abnormally (F_ABORT_IND, ESID)
│   ├── CommandNotRecognised      ESID 01
│   ├── ProtocolViolation         ESID 02
│   ├── UserCodeNotKnown          ESID 03
│   ├── InvalidPassword           ESID 04
│   ├── EmergencyCloseDown        ESID 05
│   ├── InvalidData               ESID 06
│   ├── SizeError                 ESID 07
│   ├── ResourcesNotAvailable     ESID 08
│   ├── SessionTimeOut            ESID 09
│   ├── ModeIncompatible          ESID 10
│   ├── InvalidChallengeResponse  ESID 11
│   ├── AuthenticationIncompatible  ESID 12
│   └── UnspecifiedAbort          ESID 99, and every number that the RFC does not list
├── FileRefused                 the partner does not take a file (SFNA, EFNA)
├── NotDelivered                a Negative End Response came for a file (NERP)
├── WireError                   octets that are no command, or hold what it may not
├── CmsError                    a secured file that cannot be opened, a signature that is wrong
├── CertificateError            keys and certificates that cannot be read, used or trusted
└── InternalError               a bug of this package
```

What the operating system refuses is an `OSError`, a time-out of a call a `TimeoutError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

if TYPE_CHECKING:
    from ._keys import Problem

__all__ = [
    "AuthenticationIncompatible",
    "CertificateError",
    "CmsError",
    "CommandNotRecognised",
    "ConfigError",
    "ConfigFault",
    "EmergencyCloseDown",
    "FileRefused",
    "InternalError",
    "InvalidChallengeResponse",
    "InvalidData",
    "InvalidPassword",
    "ModeIncompatible",
    "NotDelivered",
    "OftpError",
    "ProtocolViolation",
    "ResourcesNotAvailable",
    "SessionAborted",
    "SessionTimeOut",
    "SizeError",
    "UnspecifiedAbort",
    "UserCodeNotKnown",
    "UserError",
    "WireError",
]


class OftpError(Exception):
    """Everything that this package raises, but `OSError`, `TimeoutError` and `TypeError`."""


class UserError(OftpError, ValueError):
    """The caller's mistake: a primitive that the state does not allow, or a value out of its
    range. Nothing has changed by the call.

    :ivar primitive: The primitive that was refused, as in ``F_START_FILE_RQ``; ``None`` where a
        value was wrong before any primitive.
    :ivar state: The state of RFC 5024 chapter 9 that refused it, as in ``IDLESP``.
    """

    def __init__(
        self, text: str, *, primitive: str | None = None, state: str | None = None
    ) -> None:
        super().__init__(text)
        self.primitive = primitive
        self.state = state


class ConfigFault(NamedTuple):
    """One thing that is wrong with the configuration of a station.

    :ivar file: The file.
    :ivar line: The line, from 1; 0: it is about the file as a whole.
    :ivar column: The column in characters, from 1; 0: it is about the line as a whole.
    :ivar key: The key with all that it stands in, as in ``partner.audi.address``; empty: none.
    :ivar text: What is wrong, and what to do.
    """

    file: str
    line: int
    column: int
    key: str
    text: str


class ConfigError(UserError):
    """The configuration of a station has faults, or is not there. Its text has a line for each.

    :ivar faults: All of them, in the order of their lines.
    """

    def __init__(
        self, text: str, *, faults: Sequence[tuple[str, int, int, str, str]] = ()
    ) -> None:
        super().__init__(text)
        self.faults = tuple(ConfigFault(*fault) for fault in faults)


class WireError(OftpError):
    """Octets that are no command, or that hold what the command may not (RFC 5024 chapter 5).

    :ivar reason: The reason of the ESID that answers it: 1, 6 or 7.
    :ivar command: The command, as in ``SFID``; ``None`` where its code is unknown.
    :ivar field: The field, as in ``SFIDFSIZ``; ``None`` where the fault lies in none.
    :ivar offset: Octets from the start of the Exchange Buffer (of the Stream Transmission Header
        for its own faults).
    """

    def __init__(
        self,
        text: str,
        *,
        reason: int = 6,
        command: str | None = None,
        field: str | None = None,
        offset: int = 0,
    ) -> None:
        super().__init__(text)
        self.reason = reason
        self.command = command
        self.field = field
        self.offset = offset


class SessionAborted(OftpError):
    """The session has ended abnormally (F_ABORT_IND, RFC 5024 3.5.2). What was not finished goes
    on in another session.

    :ivar reason: The reason of the ESID that was sent or received, 0 to 99; ``None`` where there
        was none: the connection broke.
    :ivar origin: ``"L"``: this side ended it; ``"D"``: the partner or the network.
    """

    #: The reason that a subclass stands for.
    code: ClassVar[int | None] = None

    def __init__(
        self, text: str, *, reason: int | None = None, origin: Literal["L", "D"] = "D"
    ) -> None:
        super().__init__(text)
        self.reason = self.code if reason is None else reason
        self.origin = origin

    @staticmethod
    def of(
        text: str, *, reason: int | None, origin: Literal["L", "D"] = "D"
    ) -> SessionAborted:
        """The exception of a reason: the subclass that stands for it, `UnspecifiedAbort` for a
        number that RFC 5024 5.3.11 does not list, `SessionAborted` itself where there is none."""
        if reason is None or reason == 0:
            return SessionAborted(text, reason=reason, origin=origin)
        for kind in SessionAborted.__subclasses__():
            if kind.code == reason:
                return kind(text, reason=reason, origin=origin)
        return UnspecifiedAbort(text, reason=reason, origin=origin)


class CommandNotRecognised(SessionAborted):
    """ESID 01: command not recognised."""

    code = 1


class ProtocolViolation(SessionAborted):
    """ESID 02: protocol violation."""

    code = 2


class UserCodeNotKnown(SessionAborted):
    """ESID 03: user code not known."""

    code = 3


class InvalidPassword(SessionAborted):
    """ESID 04: invalid password in SSID."""

    code = 4


class EmergencyCloseDown(SessionAborted):
    """ESID 05: local site emergency close down."""

    code = 5


class InvalidData(SessionAborted):
    """ESID 06: command contained invalid data."""

    code = 6


class SizeError(SessionAborted):
    """ESID 07: Exchange Buffer size error."""

    code = 7


class ResourcesNotAvailable(SessionAborted):
    """ESID 08: resources not available."""

    code = 8


class SessionTimeOut(SessionAborted):
    """ESID 09: time out."""

    code = 9


class ModeIncompatible(SessionAborted):
    """ESID 10: mode or capabilities incompatible."""

    code = 10


class InvalidChallengeResponse(SessionAborted):
    """ESID 11: invalid challenge response. The RFC knows one answer for every cause; which
    certificate it was says the local log alone."""

    code = 11


class AuthenticationIncompatible(SessionAborted):
    """ESID 12: secure authentication requirements incompatible."""

    code = 12


class UnspecifiedAbort(SessionAborted):
    """ESID 99: unspecified abort code, and every number that the RFC does not list."""

    code = 99


class FileRefused(OftpError):
    """The partner does not take a file (SFNA before, EFNA after the transfer), or it could not be
    offered.

    :ivar cause: The reason of SFNA or EFNA, 1 to 99; ``None``: this side could not read or offer
        the file.
    :ivar retry_later: Whether another try makes sense (SFNARRTR). The file is then still queued.
    :ivar text: The partner's own words; empty below level 2.0.
    :ivar answer: ``"SFNA"``, ``"EFNA"``, or ``""`` where the file was not offered.
    """

    def __init__(
        self,
        message: str,
        *,
        cause: int | None = None,
        retry_later: bool = False,
        text: str = "",
        answer: str = "",
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.retry_later = retry_later
        self.text = text
        self.answer = answer


class NotDelivered(OftpError):
    """A Negative End Response came for a file (NERP, RFC 5024 5.3.14): it did not reach its
    destination, or could not be used there.

    :ivar reason: NERPREAS, 0 to 99.
    :ivar creator: NERPCREA: the station that gave up.
    :ivar text: Its own words; empty below level 2.0.
    """

    def __init__(
        self, message: str, *, reason: int = 99, creator: str = "", text: str = ""
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.creator = creator
        self.text = text


class CmsError(OftpError):
    """A secured file that cannot be opened, a signature that is wrong (RFC 5024 chapter 6).

    The text is for the own log and for nobody else. The attributes are all that a partner may
    know: they are the same for everything that fails inside what was encrypted.

    :ivar kind: What failed: ``"decrypt"``, ``"signature"``, ``"decompress"``, ``"size"`` or
        ``"records"``; of an end response ``"unsigned"``, ``"signature"``, ``"other_content"``,
        ``"other_hash"`` or ``"other_file"``.
    :ivar reason: The reason of the Negative End Response that says so, as in 33 (`NerpReason`).
    :ivar file_reason: The same for EFNA, where files are opened before they are accepted
        (`EfnaReason`).
    """

    def __init__(
        self, text: str, *, kind: str = "", reason: int = 99, file_reason: int = 99
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.reason = reason
        self.file_reason = file_reason


class CertificateError(OftpError):
    """Keys and certificates that cannot be read, used or trusted.

    :ivar problem: What is wrong with a certificate that is not trusted; ``None``: it cannot be
        read or used at all.
    """

    def __init__(self, text: str, *, problem: Problem | None = None) -> None:
        super().__init__(text)
        self.problem = problem


class InternalError(OftpError):
    """A bug of this package. Please report it with its text."""
