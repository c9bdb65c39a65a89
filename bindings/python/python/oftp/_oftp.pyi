"""The extension module: building blocks of the package. `oftp.Session` is public here."""

from collections.abc import Sequence
from os import PathLike
from typing import Literal, TypeAlias, final

from _typeshed import ReadableBuffer as Buffer

from ._events import Event
from ._exceptions import WireError
from ._fields import Agreed, Config, Connect, EndResponse, VirtualFile
from ._stations import Identity, Partner
from .mailbox import Progress, Result, Step

__version__: str

_List: TypeAlias = Literal["ESID", "SFNA", "EFNA", "NERP"]

def dataset_name(path: str | PathLike[str]) -> str:
    """A dataset name (SFIDDSN) for a local file: its name in upper case, with ``-`` for what RFC
    5024 appendix B does not allow, cut to 26 characters."""

def quirk_names() -> list[str]:
    """The names of all quirks, those of the tolerant preset first."""

def run(arguments: Sequence[str]) -> int:
    """The command ``oftp`` with these arguments, without its name: prints, and returns the exit
    code. It holds no interpreter; `oftp.__main__` sees to the signals."""

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

@final
class Mailbox:
    """Files, end responses and policies over any number of sessions, one at a time, without network
    I/O: the User Monitor of `oftp.connect` and `oftp.serve`. What a cut leaves unfinished goes on in
    the next session. See `oftp.mailbox` for the order of things.

    One thread at a time may use it. Calls that touch files or keys release the interpreter.

    :param identity: Who this side is. Its keys are read now.
    :param config: What sessions are told; its role does not matter.
    :param hide_unknown: Answer an unknown code like a wrong password (ESID 04).
    :param no_legacy: Take neither 3DES nor SHA-1 in envelopes and signatures.
    :param spool: An existing folder for envelopes in the making; ``None``: the system's own.
    :param ask_for_turn: Ask for the turn with EFPA where files wait.
    :raises UserError: A value is wrong.
    :raises CertificateError: Keys cannot be read, or have no certificate.
    """

    def __new__(
        cls,
        identity: Identity,
        config: Config | None = None,
        *,
        hide_unknown: bool = False,
        no_legacy: bool = False,
        spool: str | PathLike[str] | None = None,
        ask_for_turn: bool = False,
    ) -> Mailbox: ...
    def add_partner(self, partner: Partner) -> None:
        """Adds a partner, or puts it in the place of the one with the same code. Who is not added
        can neither call nor be called."""
    def receive_into(self, folder: str | PathLike[str] | None = None) -> None:
        """Files that come go into an existing folder: under names made of the five fields that make
        a file unique, whole or not at all, on the disk before EFPA is sent. Files that were cut go
        on where they stopped, duplicates are refused (SFNA 13), also by another process. In V files
        each record stands behind its length, 2 octets, most significant first. Sub-folders with a
        dot belong to the mailbox. ``None``: no folder any more."""
    def send_path(
        self, file: VirtualFile, path: str | PathLike[str], *, partner: str | None = None
    ) -> int:
        """Queues the regular file at this path, as `file`: for the session that runs, or the next
        with its partner. Sizes, envelope, and where they are 0 the suite and the longest record of
        a V file are filled in. It is sealed or hashed now, as it asks for, which takes as long as
        reading it.

        :param partner: To whom (SSIDCODE); ``None``: its destination, or the only partner.
        :returns: Its name in what is told.
        :raises UserError: The partner is not known, or a field is wrong.
        :raises CertificateError: A key that is needed is missing or cannot be used.
        :raises OSError: It cannot be read."""
    def send_octets(self, file: VirtualFile, octets: Buffer, *, partner: str | None = None) -> int:
        """The same for octets in memory, which are copied. Records of a V file stand behind their
        lengths, 2 octets each."""
    def expect_response(
        self, file: VirtualFile, hash: bytes = b"", *, partner: str | None = None
    ) -> int:
        """Tells of a file that an earlier mailbox has sent, so that its end response is known.
        `hash` is what `file_hash` told."""
    def file_hash(self, id: int) -> bytes:
        """The hash that a signed end response must name; empty: none is asked for."""
    def cancel(self, id: int) -> bool:
        """Forgets a file that waits. ``False``: it has been offered in this session, and stays."""
    def accept_file(self, position: int = 0, octets: int = 0) -> None:
        """Answers `Offered`: its octets come as `Data`, from `position` on, at most the one
        offered; `octets` are those before it, for V files."""
    def refuse_file(self, reason: int, retry_later: bool = False, text: str = "") -> None:
        """Answers `Offered`: SFNA with a `SfnaReason`."""
    def offer_passed(self) -> None:
        """Answers `Offered`: the folder takes it, or it is refused where there is none."""
    def cannot_store(self, why: str) -> None:
        """Octets of `Data` cannot be stored: the session is ended (ESID 08)."""
    def stored(self, *, later: bool = False, reason: int | None = None, text: str = "") -> None:
        """Answers `Complete`: the file is safe (EFPA). An EERP follows, signed where the file asks
        for that; or a NERP with this `reason`; or nothing yet, `later`: then `send_response`."""
    def not_stored(self, reason: int, text: str = "") -> None:
        """Answers `Complete`: EFNA with an `EfnaReason`."""
    def send_response(self, partner: str, response: EndResponse) -> None:
        """Queues a response that was left for later."""
    def response_told(self) -> None:
        """The response that was told is safe: RTR is sent, and its file closed."""
    def call(self, partner: str) -> None:
        """Begins a session by calling this partner: open the connection, then `connected`. First
        opens what an earlier process has left in the folder, which may take a while."""
    def answer(self) -> None:
        """Begins a session by answering a call: then `connected`."""
    def connected(
        self,
        now: float,
        *,
        tls: bool = False,
        shown: Sequence[bytes] = (),
        required: bool = False,
    ) -> None:
        """The connection is up, and TLS on it where it is wanted.

        :param now: The first `tick`.
        :param tls: TLS is on it.
        :param shown: Certificates of the caller in DER, its own first: they say which partners it
            may be.
        :param required: Callers without a certificate are turned away."""
    def connection_failed(self, why: str) -> None:
        """There is no connection, or no TLS on it: no session either."""
    def disconnected(self) -> None:
        """The connection is closed, as `Disconnect` wanted."""
    def write_failed(self) -> None:
        """Writing has failed: the partner has closed. Give what could still be read to `n_data_ind`
        first: it says why."""
    def fault(self, why: str) -> None:
        """Why the connection fails, for the text of the session's end."""
    def release(self, reason: int, text: str = "") -> None:
        """Ends the session that runs by ESID with this `EsidReason`."""
    def suspend(self) -> None:
        """Gives the session up without a word: what has come of a file is kept for a restart."""
    def hold_turn(self, longest: float | None = None) -> None:
        """Keeps the session open when nothing is left to do, for this many seconds from now;
        ``None``: lets it go on. Partners wait 180 seconds at most."""
    def next(self) -> Step:
        """The next item of the ordered queue."""
    def sent(self, octets: int) -> None:
        """That many octets of `Write` are written."""
    def work(self) -> None:
        """Does a piece of `Work`. On any thread; nobody else may use the mailbox meanwhile."""
    def tick(self, now: float) -> None:
        """The time, in seconds since any fixed moment."""
    def n_data_ind(self, octets: Buffer) -> None:
        """Octets of the partner came."""
    def n_disc_ind(self) -> None:
        """The partner has closed the connection."""
    def n_rst_ind(self) -> None:
        """The connection was reset."""
    def tls_credential(self, required: bool = True) -> tuple[list[bytes], bytes] | None:
        """Our certificate for TLS with those that vouch for it, and its key (PKCS#8), in DER.

        :raises CertificateError: There is none, and it is `required`; or it has expired."""
    def tls_authorities(self) -> list[bytes]:
        """Certificates by which partners are known for TLS, in DER."""
    def check_called(self, partner: str, host: str, shown: Sequence[bytes]) -> None:
        """Checks the certificates, in DER, that the called partner has shown.

        :raises CertificateError: They are not its, or cannot be trusted."""
    @property
    def next_deadline(self) -> float | None:
        """When `tick` is due without any input."""
    @property
    def wants_octets(self) -> bool:
        """Whether to read from the network now."""
    @property
    def is_ready(self) -> bool:
        """Whether `next` has something to do without any input."""
    @property
    def is_over(self) -> bool:
        """Whether the session has ended, and nobody reads what is left to be written."""
    @property
    def has_session(self) -> bool:
        """Whether a session has begun and not all of its end was told."""
    @property
    def has_sent_esid(self) -> bool:
        """Whether this side has sent ESID: swallow what comes for a moment before closing."""
    @property
    def partner(self) -> str:
        """The partner of the session that runs; empty before it is known."""
    @property
    def code(self) -> str:
        """Our own identification code."""
    @property
    def has_folder(self) -> bool:
        """Whether files that come go into a folder."""
    @property
    def result(self) -> Result:
        """How the last session went, or goes."""
    @property
    def sending(self) -> Progress | None:
        """How far the file is that is sent now."""
    @property
    def receiving(self) -> Progress | None:
        """How far the file is that comes now."""
