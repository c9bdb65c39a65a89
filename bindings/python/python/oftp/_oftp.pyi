"""The extension module: building blocks of the package. `oftp.Session` is public here."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, final

from _typeshed import ReadableBuffer as Buffer

from ._events import Event
from ._exceptions import WireError
from ._fields import Agreed, Config, Connect, EndResponse, VirtualFile

__version__: str

_List: TypeAlias = Literal["ESID", "SFNA", "EFNA", "NERP"]

def quirk_names() -> list[str]:
    """The names of all quirks, those of the tolerant preset first."""

def reason_meaning(list: _List, code: int) -> str: ...
def reasons(list: _List) -> list[tuple[int, str, int | None]]: ...

# Building blocks of `oftp.wire`. A level is the digit of SSIDLEV: 1, 2, 4 or 5.

_WireField: TypeAlias = tuple[
    str,
    int | None,
    Literal["F", "V"],
    Literal["X", "9", "U", "T"],
    int | str | None,
    bytes,
    bool,
]

def wire_layouts() -> list[tuple[str, int, int, int, int, list[_WireField]]]:
    """The layouts of all commands, lowest level first: command, its code, level, octets of the
    shortest and of the longest, and the fields: name, offset, format, type, length (octets, the
    field that tells them, or all that is left), octets when not given, whether secret."""

def wire_split(
    octets: Buffer, level_digit: int, /
) -> tuple[str | None, int, list[tuple[str, bytes]], bytes]:
    """Cuts an Exchange Buffer: command, level of the layout, fields that are there in full, and
    the octets that belong to none."""

def wire_explain(
    octets: Buffer, level_digit: int, /
) -> tuple[
    str | None, int, list[tuple[str, int, bytes, str, str]], bytes, WireError | None
]:
    """Explains an Exchange Buffer: as `wire_split`, a field with name, offset, octets, value and
    meaning; and what is wrong."""

def wire_check(octets: Buffer, level_digit: int, names: Sequence[str], /) -> list[str]:
    """Checks an Exchange Buffer with these quirks; the names of those that were needed.

    :raises WireError: A session would refuse it."""

def wire_header(octets: int, version: int, flags: int, /) -> bytes:
    """The Stream Transmission Header of that many octets.

    :raises UserError: A value has too many bits."""

def wire_exchange_buffer_octets(header: Buffer, most: int | None = None, /) -> int:
    """How many octets follow this header, `most` at most.

    :raises WireError: It is no header, or tells more."""

def wire_subrecords(
    octets: Buffer, ends: Sequence[int], compression: bool, limit: int, /
) -> bytes:
    """The payload of a DATA of at most `limit` octets.

    :raises UserError: It does not fit; `ends` are wrong."""

def wire_data_of(payload: Buffer, compression: bool, /) -> tuple[bytes, list[int]]:
    """The octets in a payload, and where records end.

    :raises WireError: Its subrecords are wrong."""

@final
class Session:
    """One OFTP session as a sans-IO state machine (RFC 5024 chapters 2 to 4), in either role.

    Primitives of the User Monitor (`connect_rq`, `start_file_rq` ...), events of the network
    (`n_con_cf`, `n_data_ind` ...) and the time (`tick`) go in; one ordered queue comes out.
    **After every call, drain `poll_output` until it returns `Wait`.** What is received is decoded
    while the queue is drained: who stops draining stops the partner by the credit window.

    One thread at a time may use it; different sessions are independent.
    """

    def __new__(cls, config: Config | None = None) -> Session: ...
    def poll_output(self) -> Event:
        """The next item of the ordered output queue. `NDataRq` comes again until `sent` has taken
        all of its octets, and what follows it waits."""
    def sent(self, octets: int) -> None:
        """That many octets of `NDataRq` are sent."""
    def tick(self, now: float) -> None:
        """The time, in seconds since any fixed moment; before each input and at the deadline of
        `Wait`."""
    def n_con_ind(self) -> None:
        """N_CON_IND: somebody has opened a connection to this side: be the Responder."""
    def n_con_cf(self) -> None:
        """N_CON_CF: the connection asked for by `NConRq` is open."""
    def n_data_ind(self, octets: Buffer) -> None:
        """N_DATA_IND: octets came, in pieces of any size. Copied."""
    def n_disc_ind(self) -> None:
        """N_DISC_IND: the partner has closed the connection."""
    def n_rst_ind(self) -> None:
        """N_RST_IND: the connection was reset, or could not be opened."""
    def connect_rq(self, connect: Connect) -> None:
        """F_CONNECT_RQ (3.2.1): call the partner.

        :raises UserError: The session has or had a connection; a field is wrong."""
    def connect_rs(self, connect: Connect, config: Config | None = None) -> None:
        """F_CONNECT_RS: take the caller. `config` has what holds for this partner: its
        capabilities and quirks replace those of the session."""
    def start_file_rq(self, file: VirtualFile) -> None:
        """F_START_FILE_RQ (3.3.1): offer a file."""
    def start_file_rs(self, position: int = 0, octets: int = 0) -> None:
        """F_START_FILE_RS: take the file from `position` on, at most the one offered: records
        (F, V) or blocks of 1,024 octets. `octets` are those before it, for V files only."""
    def start_file_rs_negative(
        self, reason: int, retry_later: bool = False, text: str = ""
    ) -> None:
        """F_START_FILE_RS(-): do not take it (SFNA). `reason` is a `SfnaReason`."""
    def data_rq(self, octets: Buffer, ends: Sequence[int] = ()) -> int:
        """F_DATA_RQ (3.3.2): fill one Data Exchange Buffer with as much as fits, and send it. May
        be called while `can_send_data`.

        :param ends: For F and V files: offsets in `octets` behind which a record ends.
        :returns: How many octets were taken: give the rest again, with its ends. An end right
            behind the last octet taken is taken with it.
        :raises UserError: No file is open, or credit is used up; a record is longer than
            `record_length`, or not exactly as long (F)."""
    def data_from(self, octets: int) -> None:
        """How many octets of a V file are before the position where the partner wants it to go on;
        before the first `data_rq`. For other files they are known."""
    def close_file_rq(self, records: int | None = None, octets: int | None = None) -> None:
        """F_CLOSE_FILE_RQ (3.3.3): all data are given. Counts that are ``None`` are those of what
        was given.

        :raises UserError: No file is open; credit is used up: wait for `DataCf`; the last record
            has no end."""
    def close_file_rs(self, speaker: bool = False) -> None:
        """F_CLOSE_FILE_RS: the file is safe (EFPA). `speaker`: ask for the turn."""
    def close_file_rs_negative(self, reason: int, text: str = "") -> None:
        """F_CLOSE_FILE_RS(-): it is not accepted (EFNA). `reason` is an `EfnaReason`."""
    def eerp_rq(self, response: EndResponse) -> None:
        """F_EERP_RQ (3.3.5): send an End to End Response. Never one byte is changed by the
        session; `RtrCf` follows."""
    def nerp_rq(self, response: EndResponse) -> None:
        """F_NERP_RQ: send a Negative End Response, from level 1.4 on."""
    def rtr_rs(self) -> None:
        """F_RTR_RS: the response that came is safe."""
    def cd_rq(self) -> None:
        """F_CD_RQ (3.3.4): give the turn to the partner."""
    def release_rq(self, reason: int = 0, text: str = "") -> None:
        """F_RELEASE_RQ (3.4): end the session, normally (0) or not (an `EsidReason`)."""
    def abort_rq(self) -> None:
        """F_ABORT_RQ: end it at once."""
    def seal_challenge_rs(self, plain: bytes | None = None, sealed: bytes | None = None) -> None:
        """Answers `SealChallengeInd` with 20 octets and their envelope; with nothing: there is no
        certificate of the partner, and ESID 11 ends the session."""
    def open_challenge_rs(self, plain: bytes | None = None) -> None:
        """Answers `OpenChallengeInd` with the 20 octets; ``None``: it cannot be opened, ESID 11."""
    @property
    def state(self) -> str:
        """The state of RFC 5024 chapter 9, as in ``IDLESP``."""
    @property
    def agreed(self) -> Agreed | None:
        """What both sides agreed on."""
    @property
    def is_initiator(self) -> bool:
        """Whether this side opened the connection (V.Caller)."""
    @property
    def is_over(self) -> bool:
        """Whether the connection has come and gone."""
    @property
    def can_send_data(self) -> bool:
        """A file is open for sending and there is credit."""
    @property
    def wants_octets(self) -> bool:
        """Whether to read from the network: not while an answer is owed."""
    @property
    def has_sent_esid(self) -> bool:
        """Whether this side has sent ESID: do not lose its last octets."""
    @property
    def transmit_pending(self) -> int:
        """Octets encoded and not sent yet."""
    @property
    def receive_pending(self) -> int:
        """Octets received and not decoded yet."""
    @property
    def next_deadline(self) -> float | None:
        """When `tick` is due without any input."""
