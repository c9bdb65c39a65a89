"""The fields of SSID, SFID, EERP and NERP as primitives carry them (RFC 5024 chapter 3, 5.3).

Field names are those of the C library; the RFC's own are in the descriptions. Strings are Latin 1
without the spaces that fill a field, so that what a partner sent goes back to it unchanged.
`oftp.wire` has the commands themselves, legal or not.
"""

from __future__ import annotations

from dataclasses import dataclass

from ._values import Capability, Level, RecordFormat, Role, Security

__all__ = [
    "Agreed",
    "Config",
    "Connect",
    "EndResponse",
    "Ssid",
    "VirtualFile",
    "end_response_for",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a session is told before it begins: the constants of RFC 5024 9.7.

    :ivar role: Which side it may take.
    :ivar level: The highest release level that is offered or answered.
    :ivar min_level: The lowest that is taken.
    :ivar buffer_size: The largest Data Exchange Buffer, 128 to 99,999 octets (SSIDSDEB).
    :ivar window: Credit, 1 to 999 Data Exchange Buffers (SSIDCRED).
    :ivar compression: Whether buffers may be compressed (SSIDCMPR).
    :ivar restart: Whether files may be restarted (SSIDREST).
    :ivar mode: Directions (SSIDSR).
    :ivar quirks: Tolerances by name, `oftp.quirk_names`; ``tolerant`` (default) and ``strict`` are
        presets.
    :ivar inactivity: Seconds without anything before ESID 09.
    :ivar start: Seconds for the SSIDs.
    :ivar authentication: Seconds for the answers of secure authentication.
    :ivar disconnect: Seconds between our ESID and the end of the connection.
    :ivar trace: Whether every command and row of the state tables is told (`Trace`).
    """

    role: Role = Role.BOTH
    level: Level = Level.V2_0
    min_level: Level = Level.V1_2
    buffer_size: int = 99_999
    window: int = 64
    compression: bool = True
    restart: bool = True
    mode: Capability = Capability.BOTH
    quirks: tuple[str, ...] = ("tolerant",)
    inactivity: float = 180.0
    start: float = 30.0
    authentication: float = 30.0
    disconnect: float = 10.0
    trace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """Parameters of F_CONNECT_RQ and F_CONNECT_RS (RFC 5024 3.2.1).

    :ivar code: The own identification code, 1 to 25 characters (SSIDCODE).
    :ivar password: The own password, up to 8 characters (SSIDPSWD).
    :ivar user: User data, up to 8 characters (SSIDUSER).
    :ivar mode: Directions wanted.
    :ivar restart: Whether restarts are wanted.
    :ivar authentication: Whether secure authentication is wanted, level 2.0 only (SSIDAUTH).
    """

    code: str
    password: str = ""
    user: str = ""
    mode: Capability = Capability.BOTH
    restart: bool = True
    authentication: bool = False

    def __repr__(self) -> str:
        return (
            f"Connect(code={self.code!r}, password='***', user={self.user!r}, "
            f"mode={self.mode!r}, restart={self.restart!r}, "
            f"authentication={self.authentication!r})"
        )


@dataclass(frozen=True, slots=True)
class Ssid:
    """The partner's SSID (RFC 5024 5.3.2)."""

    code: str
    password: str
    user: str
    level: int
    buffer_size: int
    window: int
    mode: Capability
    compression: bool
    restart: bool
    authentication: bool

    def __repr__(self) -> str:
        return f"Ssid(code={self.code!r}, password='***', user={self.user!r}, level={self.level})"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides agreed on (RFC 5024 5.3.2, 9.6)."""

    level: Level
    buffer_size: int
    window: int
    compression: bool
    restart: bool
    mode: Capability
    authentication: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualFile:
    """A Virtual File as F_START_FILE carries it (RFC 5024 3.3.1, 5.3.3).

    :ivar dsn: Dataset name, 1 to 26 characters (SFIDDSN).
    :ivar date: Date stamp, CCYYMMDD; YYMMDD below level 1.4 (SFIDDATE).
    :ivar time: Time stamp, HHMMSScccc; HHMMSS below level 1.4 (SFIDTIME).
    :ivar destination: Identification code of the receiving station (SFIDDEST).
    :ivar originator: Identification code of the sending station (SFIDORIG).
    :ivar user: User data, up to 8 characters (SFIDUSER).
    :ivar format: Record format (SFIDFMT).
    :ivar record_length: Octets: of every record of an F file, of the longest of a V file; 0 for U
        and T (SFIDLRECL).
    :ivar size: Blocks of 1,024 octets as it is sent (SFIDFSIZ).
    :ivar original_size: Blocks of 1,024 octets before it was secured and compressed (SFIDOSIZ).
    :ivar restart_position: Where it goes on: records (F, V) or blocks (SFIDREST).
    :ivar security: Security services (SFIDSEC).
    :ivar cipher_suite: RFC 5024 10.2; 0: none (SFIDCIPH).
    :ivar compression: 1: ZLIB (SFIDCOMP).
    :ivar envelope: 1: CMS (SFIDENV).
    :ivar signed_response: Whether a signed end response is wanted (SFIDSIGN).
    :ivar description: UTF-8, up to 999 octets (SFIDDESC).
    """

    dsn: str
    date: str
    time: str
    destination: str
    originator: str
    user: str = ""
    format: RecordFormat = RecordFormat.U
    record_length: int = 0
    size: int = 0
    original_size: int = 0
    restart_position: int = 0
    security: Security = Security.NONE
    cipher_suite: int = 0
    compression: int = 0
    envelope: int = 0
    signed_response: bool = False
    description: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str, str]:
        """The five fields that make it unique (RFC 5024 1.5.2): dataset name, date, time,
        originator, destination."""
        return (self.dsn, self.date, self.time, self.originator, self.destination)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndResponse:
    """An End to End Response or Negative End Response (RFC 5024 5.3.13, 5.3.14).

    Originator and destination are those of the response: the file's, changed over.

    :ivar reason: ``None``: positive (EERP); else NERPREAS, 0 to 99.
    :ivar creator: Who made a negative one (NERPCREA).
    :ivar text: Words of a negative one, up to 999 octets, level 2.0 (NERPREAST).
    :ivar hash: Hash of the Virtual File as it was sent (EERPHSH), level 2.0.
    :ivar signature: A CMS over it (EERPSIG), level 2.0.
    """

    dsn: str
    date: str
    time: str
    destination: str
    originator: str
    user: str = ""
    reason: int | None = None
    creator: str = ""
    text: str = ""
    hash: bytes = b""
    signature: bytes = b""

    @property
    def is_negative(self) -> bool:
        """Whether it is a NERP."""
        return self.reason is not None

    @property
    def identity(self) -> tuple[str, str, str, str, str]:
        """The identity of its file: as `VirtualFile.identity`."""
        return (self.dsn, self.date, self.time, self.destination, self.originator)


def end_response_for(
    file: VirtualFile, *, reason: int | None = None, creator: str = "", text: str = ""
) -> EndResponse:
    """The response to a file: its names and stamps, destination and originator changed over.

    :param file: The file that was received.
    :param reason: ``None``: an EERP; else a NERP with this reason, 1 to 99.
    :param creator: Who makes the NERP; empty: the file's destination.
    :param text: Words of the NERP.
    """
    return EndResponse(
        dsn=file.dsn,
        date=file.date,
        time=file.time,
        user=file.user,
        destination=file.originator,
        originator=file.destination,
        reason=reason,
        creator="" if reason is None else creator or file.destination,
        text="" if reason is None else text,
    )
