"""The extension module: building blocks of the package. `oftp.Session` is public here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, Literal, TypeAlias, final

from _typeshed import ReadableBuffer as Buffer
from _typeshed import StrPath

from ._cms import Opened
from ._events import Event
from ._exceptions import WireError
from ._fields import Agreed, Config, Connect, EndResponse, VirtualFile
from ._keys import Owner, Problem
from ._stations import Identity, Partner
from .mailbox import Progress, Result, Step

__version__: str

_Line: TypeAlias = tuple[int, int, str, str | None, int | None, str]
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
        :returns: How many octets were taken: give the rest again, with its ends. Ends right behind
            the last octet taken are taken with it, and those at 0 where none was taken.
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
    def ends_wait(self) -> int:
        """Ends of records that `data_rq` took and that had no room: they are sent before the octets
        that it is given next, or by `close_file_rq`."""
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
    def sibling(self) -> Mailbox:
        """Another mailbox of the same station, for a session beside this one's: with the same
        partners and keys, and the same folder. What an earlier process left in the folder is opened
        first."""
    def adopt(self, other: Mailbox, partner: str) -> list[tuple[int, int]]:
        """Takes over all files for this partner from a mailbox that runs no session: those to be
        sent, as far as they have come, and those whose end response has not come.

        :returns: Their names there and here.
        :raises UserError: The other one runs a session."""
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
        self, file: VirtualFile, hash: bytes = ..., *, partner: str | None = None
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
        shown: Sequence[bytes] = ...,
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
    def waits_for_answer(self) -> bool:
        """Whether the file that `Offered` told still waits for an answer: not when the session has
        ended meanwhile."""
    @property
    def waits_to_be_stored(self) -> bool:
        """The same for the file that `Complete` told."""
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

@final
class Certificate:
    """One X.509 certificate, read with tolerance. It compares by its octets, and can be pickled.

    :param octets: One certificate, in DER or PEM.
    :raises CertificateError: It is none, or there are several.
    """

    def __new__(cls, octets: Buffer) -> Certificate: ...
    @property
    def subject(self) -> str:
        """The owner's name (RFC 4514)."""
    @property
    def issuer(self) -> str:
        """The issuer's name (RFC 4514)."""
    @property
    def serial(self) -> str:
        """The serial number in hexadecimal."""
    @property
    def not_before(self) -> datetime:
        """Valid from this time on, in UTC."""
    @property
    def not_after(self) -> datetime:
        """Valid to this time, in UTC."""
    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate in hexadecimal: what partners compare."""
    @property
    def key_algorithm(self) -> str:
        """``RSA``, the name of an elliptic curve as in ``P-256``, or ``unknown``."""
    @property
    def key_bits(self) -> int | None:
        """Length of an RSA key."""
    @property
    def common_names(self) -> list[str]:
        """Common names (CN) of the owner."""
    @property
    def identification(self) -> list[str]:
        """Serial numbers of the subject: where ODETTE puts the identification code."""
    @property
    def hosts(self) -> list[str]:
        """Names of hosts in the subject alternative name."""
    @property
    def uris(self) -> list[str]:
        """URIs in the subject alternative name."""
    @property
    def key_usage(self) -> str | None:
        """Key usage, as in ``digitalSignature, keyEncipherment``; ``None``: every usage."""
    @property
    def extended_key_usage(self) -> list[str] | None:
        """Extended key usage, as in ``serverAuth``; ``None``: every usage."""
    @property
    def is_self_signed(self) -> bool:
        """Whether issuer and owner have the same name."""
    @property
    def is_authority(self) -> bool:
        """Whether it may sign other certificates."""
    @property
    def der(self) -> bytes:
        """The certificate in DER."""
    @property
    def pem(self) -> str:
        """The certificate in PEM, for a partner."""
    def write(self, path: StrPath, *, replace: bool = False) -> None:
        """Writes it to a new file, in PEM.

        :raises FileExistsError: The file is there, and is not to be replaced."""
    def __getnewargs__(self) -> tuple[bytes]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Keystore:
    """Private keys, certificates, and lists of revoked certificates (CRLs). It never changes."""

    @staticmethod
    def read(octets: Buffer, *, passphrase: str | None = None) -> Keystore:
        """What these octets hold: keys, certificates and CRLs in PEM (several blocks in any order)
        or DER, keys as PKCS#8, PKCS#1 or SEC 1, encrypted or not, PKCS#12, bundles in PKCS#7.

        :param passphrase: Opens what is encrypted.
        :raises CertificateError: There is nothing, it is damaged, or the passphrase is missing or
            wrong."""
    @staticmethod
    def load(*paths: StrPath, passphrase: str | None = None) -> Keystore:
        """What these files hold, each as for `read` and of at most 64 MiB.

        :raises CertificateError: As `read`.
        :raises OSError: A file cannot be read."""
    @staticmethod
    def generate(
        owner: Owner | str, *, bits: int = 3072, days: int = 1095, at: datetime | None = None
    ) -> Keystore:
        """A new RSA key with a certificate that it signs itself, for everything that OFTP does:
        signatures, encryption, authentication, TLS. Takes up to some seconds.

        :param owner: Whom it is for; a string is the name alone.
        :param bits: 2048, 3072 or 4096.
        :param days: Days of validity, 1 to 36,500, from an hour before `at` on.
        :param at: When it is made; ``None``: now.
        :raises UserError: A length, the days or a name cannot be."""
    @property
    def certificates(self) -> list[Certificate]:
        """All certificates, in the order in which they were read."""
    @property
    def own(self) -> list[Certificate]:
        """Those whose private key is here, the one that became valid last first."""
    @property
    def has_key(self) -> bool:
        """Whether there is a private key."""
    @property
    def crls(self) -> list[bytes]:
        """Lists of revoked certificates in DER, for `Trust`."""
    def request(self, owner: Owner | str, *, certificate: Certificate | None = None) -> str:
        """A request that an authority certify a key (PKCS#10), in PEM.

        :param owner: Whom the new certificate is for.
        :param certificate: Whose key; ``None``: the newest.
        :raises CertificateError: There is no such key, or it is not RSA.
        :raises UserError: A name cannot stand in a certificate."""
    def key_pem(
        self, *, passphrase: str | None = None, certificate: Certificate | None = None
    ) -> str:
        """A private key in PEM (PKCS#8), encrypted (PBES2, AES-256) if there is a passphrase.

        :param certificate: Whose key; ``None``: the newest.
        :raises CertificateError: There is no such key."""
    def write_key(
        self,
        path: StrPath,
        *,
        passphrase: str | None = None,
        certificate: Certificate | None = None,
        replace: bool = False,
    ) -> None:
        """Writes a private key to a new file that only its owner may read, as `key_pem` makes it.

        :param replace: Whether a file that is there is replaced, at once or not at all.
        :raises FileExistsError: The file is there, and is not to be replaced.
        :raises CertificateError: There is no such key."""
    def __or__(self, value: Keystore, /) -> Keystore:
        """What both hold. A certificate that both have does not come twice."""
    def __ror__(self, value: Keystore, /) -> Keystore: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...

@final
class Trust:
    """What is known of the certificates of one partner. A valid certificate of somebody else is
    worth nothing.

    :param pinned: Certificates that the partner has given to us, self-signed or not: each is
        trusted as it is. Of these, the newest that is valid is encrypted for.
    :param authorities: Certificates of authorities of this partner.
    :param intermediates: Certificates between these and the partner's.
    :param crls: Lists of revoked certificates in DER (`Keystore.crls`). A list counts where an
        authority or a certificate above signed it.
    :param names: Names one of which an authority's certificate for this partner bears: a host
        name, a common name, or an identification code as serial number of the subject. Empty: the
        authorities certify nobody but this partner.
    :param min_rsa_bits: The shortest RSA key.
    :param sha1: Whether certificates are taken whose issuer signed with SHA-1.
    :param unknown_revocation: Whether certificates are taken of which no list says whether they
        are revoked.
    :param max_crl_age: How old a list may be; ``None``: as old as its issuer allows.
    :raises CertificateError: One of `crls` is no list.
    """

    def __new__(
        cls,
        pinned: Sequence[Certificate] = ...,
        *,
        authorities: Sequence[Certificate] = ...,
        intermediates: Sequence[Certificate] = ...,
        crls: Sequence[bytes] = ...,
        names: Sequence[str] = ...,
        min_rsa_bits: int = 2048,
        sha1: bool = False,
        unknown_revocation: bool = True,
        max_crl_age: timedelta | None = None,
    ) -> Trust: ...
    def check(
        self,
        certificate: Certificate,
        purpose: str = "sign_file",
        *,
        at: datetime | None = None,
        sent_with: Sequence[Certificate] = ...,
    ) -> None:
        """Whether a certificate is the partner's and may be used so.

        :param purpose: What for, an `oftp.certificates.Purpose`.
        :param at: When, with a time zone; ``None``: now.
        :param sent_with: Certificates that came with it. They help to find the way to an
            authority, and are not trusted for that.
        :raises CertificateError: It is not; its `problem` says why and what to do."""
    def problems(
        self,
        certificate: Certificate,
        *purposes: str,
        at: datetime | None = None,
        sent_with: Sequence[Certificate] = ...,
    ) -> list[Problem]:
        """What `check` finds for each of these purposes, the same only once. Without any, for all
        but TLS. A check ends at the first thing that is wrong."""
    def newest(
        self, purpose: str = "encrypt_file", *, at: datetime | None = None
    ) -> Certificate:
        """The partner's certificate for this purpose: of the pinned ones that `check` takes, the
        one that became valid last.

        :raises CertificateError: There is none."""
    @property
    def pinned(self) -> list[Certificate]:
        """Certificates that are trusted as they are."""
    @property
    def authorities(self) -> list[Certificate]:
        """Certificates of authorities."""
    @property
    def names(self) -> list[str]:
        """Names of the partner."""

# For oftp.testing.pki alone.
def throwaway_key() -> Keystore: ...
def throwaway_certificate(
    key: Keystore,
    owner: Owner | str,
    issuer: Keystore | None,
    usages: Sequence[str],
    not_before: datetime,
    not_after: datetime,
) -> Keystore: ...
def throwaway_crl(
    issuer: Keystore, revoked: Sequence[Certificate], made: datetime, next: datetime
) -> bytes: ...

@final
class Sealer:
    """Puts content into its envelopes: octets in, octets out, as `zlib.compressobj` does it. It
    holds some buffers of 64 KiB, however long the file is. One thread at a time may use it.

    Keys and certificates are tried before the first octet. `oftp.cms.seal` has the parameters.

    :param signed_attributes: Whether signatures cover attributes with the digest, or the content
        itself, without a time.
    :param signing_time: Whether the signatures hold the time.
    :param by_key_identifier: Name certificates by subject key identifier, and not by issuer and
        serial number.
    :raises UserError: Nothing is asked for, or a value is wrong.
    :raises CertificateError: A key or certificate cannot be used, or none is good.
    """

    def __new__(
        cls,
        *,
        sign_with: Keystore | None = None,
        encrypt_for: Certificate | Trust | Iterable[Certificate | Trust] | None = None,
        compress: bool | int | None = None,
        suite: int = 4,
        signers: Sequence[Certificate] = ...,
        at: datetime | None = None,
        signed_attributes: bool = True,
        signing_time: bool = True,
        by_key_identifier: bool = False,
        with_certificates: bool = False,
        record_length: int = 0,
    ) -> Sealer: ...
    def push(self, octets: Buffer) -> int:
        """Takes octets of the content; how many, from the beginning. When it takes fewer than all
        there is something to pull: pull, then push the rest.

        :raises UserError: `finish` was called, or records are wanted."""
    def push_record(self, record: Buffer) -> bool:
        """Takes the next record of a V file, and writes its length before it (RFC 5024 6.5).
        ``False``: pull, then push it again.

        :raises UserError: The record is too long, `finish` was called, or `record_length` is 0."""
    def finish(self) -> None:
        """The content has ended: pull what is still to come.

        :raises UserError: That was told before."""
    def pull(self, octets: int = 1_048_576) -> bytes:
        """Octets of the message, at most so many, and never more than 1 MiB. None: push more, or
        it is done."""
    @property
    def is_done(self) -> bool:
        """Whether the message is complete, and all was pulled."""
    @property
    def held(self) -> int:
        """Octets that all buffers hold, in use or not."""

@final
class Opener:
    """Takes a content out of its envelopes: octets in, octets out. It holds some buffers of
    64 KiB, however long the file is. One thread at a time may use it.

    **What is pulled is provisional until `is_done`**: signatures stand behind the content. Whoever
    uses it before that uses what an attacker may have written; on an error, delete it.

    `oftp.cms.open` has the parameters.

    :raises UserError: A value is wrong.
    :raises CertificateError: `decrypt_with` has no key, or one without its certificate.
    """

    def __new__(
        cls,
        *,
        decrypt_with: Keystore | None = None,
        decompress: bool = False,
        signed_by: Trust | None = None,
        purpose: str = "sign_file",
        at: datetime | None = None,
        limit: int | None = None,
        refuse_legacy: bool = False,
        record_length: int = 0,
    ) -> Opener: ...
    def push(self, octets: Buffer) -> int:
        """Takes octets of the message, as `Sealer.push`.

        :raises CmsError: The message is wrong, now and in every later call.
        :raises UserError: `finish` was called."""
    def finish(self) -> None:
        """The message has ended: pull what is still to come.

        :raises CmsError: It is wrong, or not complete.
        :raises UserError: That was told before."""
    def pull(self, octets: int = 1_048_576) -> bytes:
        """Octets of the content, at most so many, and never more than 1 MiB. None: push more, or
        it is done.

        :raises CmsError: The message is wrong.
        :raises UserError: `record_length` is set."""
    def pull_record(self) -> bytes | None:
        """The next record of a V file. ``None``: push more, or it is done.

        :raises CmsError: The message, or a length of a record is wrong.
        :raises UserError: `record_length` is 0."""
    @property
    def is_done(self) -> bool:
        """Whether the end was told, everything is right, and all was pulled. Only then may the
        content be used."""
    @property
    def opened(self) -> Opened | None:
        """What is known of the message, once it is done."""
    @property
    def held(self) -> int:
        """Octets that all buffers hold, in use or not."""

@final
class Hash:
    """The hash of a file as it is transmitted (EERPHSH, NERPHSH; RFC 5024 5.3.13), in the making.

    :param suite: The cipher suite of the file, 1 to 10 (SFIDCIPH).
    """

    def __new__(cls, suite: int = 4) -> Hash: ...
    def update(self, octets: Buffer) -> None:
        """Hashes the next octets."""
    def digest(self) -> bytes:
        """The hash of all octets so far: 20, 32 or 64. More may follow."""
    @property
    def name(self) -> str:
        """The algorithm, as in ``SHA-256``."""

def cms_layer(head: bytes) -> str | None: ...
def response_sign(
    response: EndResponse,
    keystore: Keystore,
    suite: int,
    certificate: Certificate | None,
    at: datetime | None,
) -> bytes: ...
def response_check(
    response: EndResponse,
    trust: Trust,
    hash: bytes | None,
    at: datetime | None,
    refuse_legacy: bool,
) -> list[Certificate]: ...
def challenge_seal(
    partner: Certificate | Trust, suite: int, at: datetime | None
) -> tuple[bytes, bytes]: ...
def challenge_open(sealed: bytes, keystore: Keystore) -> tuple[bytes | None, str]: ...

@final
class StationHost:
    """The half of `oftp.Station` that is Rust's. Waits at most as long as it is told, with the
    interpreter released."""

    def __new__(cls, folder: StrPath) -> StationHost: ...
    def start(self) -> None:
        """Runs the station, until the ports are listened on."""
    def begin_stop(self) -> None:
        """Begins to stop, and does not wait."""
    def wait_stopped(self, seconds: float) -> bool:
        """Whether the station has ended its work in this time."""
    def stop(self, seconds: float) -> bool:
        """Stops the station, which cuts what has not ended in this time."""
    def is_running(self) -> bool:
        """Whether this object runs the station."""
    def is_run(self) -> bool:
        """Whether any process runs it."""
    def addresses(self) -> list[tuple[str, int]]:
        """Hosts and ports that are listened on."""
    def messages(self) -> list[str]:
        """Takes what was told beside the history."""
    def reload(self) -> None:
        """Reads the configuration again."""
    def call(self, partner: str) -> None:
        """Lets a partner be called soon."""
    def events(self, after: int, most: int, seconds: float) -> list[_Line]:
        """Lines of the history: number, ms since 1970, kind, partner, file, detail in JSON."""
    def last_event(self) -> int:
        """The number of the last line of the history."""
    def submit(
        self,
        partner: str,
        name: str,
        *,
        path: StrPath | None = None,
        octets: Buffer | None = None,
        copy: StrPath | None = None,
        dsn: str | None = None,
        description: str | None = None,
        destination: str | None = None,
        originator: str | None = None,
        user: str | None = None,
        format: str | None = None,
        record_length: int = 0,
        records: str | None = None,
        sign: bool | None = None,
        encrypt: bool | None = None,
        compress: bool | None = None,
        signed_response: bool | None = None,
        suite: int | None = None,
        priority: int | None = None,
        hold: bool = False,
    ) -> dict[str, Any]:
        """Queues a file: one of `path`, `octets` and `copy`, which is a file that nobody shall know
        of."""
    def settled(self, file: int, seconds: float) -> dict[str, Any]:
        """A file, once it is at its end or the time is over."""
    def file(self, file: int) -> dict[str, Any]:
        """A file."""
    def files(
        self,
        *,
        direction: str | None = None,
        partner: str | None = None,
        state: str | None = None,
        open: bool | None = None,
        text: str | None = None,
        since: int | None = None,
        before: int | None = None,
        limit: int = 0,
    ) -> list[dict[str, Any]]:
        """Files, the last first."""
    def details(self, file: int) -> str:
        """Everything about a file, in JSON."""
    def hold(self, file: int) -> dict[str, Any]:
        """Stops a file that waits to be sent."""
    def release(self, file: int) -> dict[str, Any]:
        """Lets it go on."""
    def cancel(self, file: int, force: bool) -> dict[str, Any]:
        """Takes it back."""
    def resend(self, file: int, force: bool) -> dict[str, Any]:
        """Queues it once more."""
    def hold_partner(self, partner: str, held: bool) -> None:
        """Stops a partner, or lets it go on."""
    def partners(self) -> str:
        """All partners, in JSON."""
    def status(self) -> str:
        """The station as a whole, in JSON."""
