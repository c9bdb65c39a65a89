"""`UserMonitor`: the party above a session, which decides (RFC 5024 chapter 3)."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Sequence
from enum import Enum
from typing import TypeAlias, TypeVar

from ._events import (
    AbortInd,
    AuthenticationInd,
    CdInd,
    CloseFileCf,
    CloseFileCfNegative,
    CloseFileInd,
    ConnectCf,
    ConnectInd,
    DataCf,
    DataInd,
    EerpInd,
    NerpInd,
    OpenChallengeInd,
    PartnerInd,
    QuirkInd,
    ReleaseInd,
    RtrCf,
    SealChallengeInd,
    StartFileCf,
    StartFileCfNegative,
    StartFileInd,
    Trace,
)
from ._fields import Connect
from ._oftp import Session
from ._reasons import EfnaReason, EsidReason, SfnaReason

__all__ = ["Answer", "Octets", "Piece", "Pieces", "Unset", "UserMonitor"]

T = TypeVar("T")


class Unset(Enum):
    """What a method answers that is not overridden."""

    UNSET = 0



#: Anything with the buffer protocol that holds octets.
Octets: TypeAlias = bytes | bytearray | memoryview
#: Octets of a file that is sent; for F and V files with the offsets behind which a record ends.
Piece: TypeAlias = Octets | tuple[Octets, Sequence[int]]
#: The data of a file that is sent. Asked for only while there is credit and room.
Pieces: TypeAlias = Iterable[Piece] | AsyncIterable[Piece]
#: What a method answers; coroutines only in asyncio.
Answer: TypeAlias = T | EsidReason | Unset | None | Awaitable[T | EsidReason | Unset | None]


class UserMonitor:
    """Decides what a session does: one method for each indication and confirmation. Override what
    you handle; run it by `oftp.run_session` or `oftp.asyncio.run_session`.

    A method that is not overridden **refuses**, in the way that its text tells, and never accepts
    anything; notices are skipped. ``return super().data_ind(session, event)`` does the same.

    A method answers by what it returns, or by a call of the session; ``None`` leaves the answer to
    such a call, now or later (`call_soon`). An `EsidReason` ends the session, from any method;
    `EsidReason.NORMAL` says that there is nothing more to send: the turn is passed on (CD), and
    when it comes back unused the session ends (ESID 00). An exception ends the session with ESID 99
    and comes out of ``run_session``.

    In asyncio a method may be a coroutine. While it takes its time nothing more is told, and the
    partner is held back.
    """

    def call_soon(self, session: Session, function: Callable[[], object]) -> None:
        """Has this called between two events, by the thread or task that runs `session`, which one
        thread at a time may use: for answers that are given later.

        :raises RuntimeError: This monitor does not run that session now.
        """
        runners: dict[int, Callable[[Callable[[], object]], None]]
        runners = self.__dict__.get("_runners", {})
        try:
            call = runners[id(session)]
        except KeyError:
            raise RuntimeError("this monitor does not run that session") from None
        call(function)

    def connect_ind(
        self, session: Session, event: ConnectInd
    ) -> Answer[Connect]:
        """F_CONNECT_IND (3.2.1): a caller names itself. Check its code and password; return what
        we say of ourselves, or `EsidReason` 3, 4 or 8. Not defined: ESID 03. A code with control
        characters is left with ESID 03 before, and `abort_ind` tells it."""
        return Unset.UNSET

    def partner_ind(self, session: Session, event: PartnerInd) -> Answer[None]:
        """Before secure authentication of a session that we opened: the partner has named itself.
        After `EsidReason` 3 or 4 no challenge is made for it. A notice."""
        return Unset.UNSET

    def connect_cf(self, session: Session, event: ConnectCf) -> Answer[None]:
        """F_CONNECT_CF (3.2.1): the session is up and the turn is ours. Check who the partner
        is; begin with what there is to send. Not defined: as `EsidReason.NORMAL`."""
        return Unset.UNSET

    def start_file_ind(
        self, session: Session, event: StartFileInd
    ) -> Answer[bool | SfnaReason]:
        """F_START_FILE_IND (3.3.1): the partner offers a file. ``True`` takes it from its
        beginning, an `SfnaReason` refuses it; for a restart call `Session.start_file_rs`. Not
        defined, or ``False``: SFNA 14, no retry. A dataset name or code with control characters is
        refused before (SFNA 01, 02, 03)."""
        return Unset.UNSET

    def start_file_cf(self, session: Session, event: StartFileCf) -> Answer[Pieces]:
        """F_START_FILE_CF (3.3.1): the partner takes our file. Return its data from
        ``event.position`` on; F_CLOSE_FILE_RQ follows by itself. ``None``: they are given by
        `Session.data_rq` and `Session.close_file_rq`. Must be defined to send files."""
        return Unset.UNSET

    def start_file_cf_negative(self, session: Session, event: StartFileCfNegative) -> Answer[None]:
        """F_START_FILE_CF(-) (3.3.1): the partner does not take our file. The turn is still ours.
        Not defined: as `EsidReason.NORMAL`."""
        return Unset.UNSET

    def data_ind(self, session: Session, event: DataInd) -> Answer[None]:
        """F_DATA_IND (3.3.2): data of the file that is being received, once for each Data Exchange
        Buffer. Must be defined to receive files: else ESID 08."""
        return Unset.UNSET

    def data_cf(self, session: Session, event: DataCf) -> Answer[None]:
        """F_DATA_CF (3.3.2): `Session.data_rq` can be called again. A notice."""
        return Unset.UNSET

    def close_file_ind(
        self, session: Session, event: CloseFileInd
    ) -> Answer[bool | EfnaReason]:
        """F_CLOSE_FILE_IND (3.3.3): the file is complete. Make it safe, then return ``True``; or
        an `EfnaReason`. Where ``event.fault`` says that its counts are wrong, ``True`` is EFNA with
        that reason. Not defined, or ``False``: EFNA with that reason, else 99."""
        return Unset.UNSET

    def close_file_cf(self, session: Session, event: CloseFileCf) -> Answer[None]:
        """F_CLOSE_FILE_CF (3.3.3): the partner has our file. The turn is ours, unless
        ``event.speaker`` is false: then it goes over by itself. Not defined: where it is ours, as
        `EsidReason.NORMAL`."""
        return Unset.UNSET

    def close_file_cf_negative(self, session: Session, event: CloseFileCfNegative) -> Answer[None]:
        """F_CLOSE_FILE_CF(-) (3.3.3): the partner does not accept our file. The turn is still
        ours. Not defined: as `EsidReason.NORMAL`."""
        return Unset.UNSET

    def cd_ind(self, session: Session, event: CdInd) -> Answer[None]:
        """F_CD_IND (3.3.4): the turn is ours. Send; pass it back after a file or response by
        `Session.cd_rq`; or end the session. Not defined: as `EsidReason.NORMAL`, ESID 00."""
        return Unset.UNSET

    def eerp_ind(self, session: Session, event: EerpInd) -> Answer[bool]:
        """F_EERP_IND (3.3.5): a file of ours has arrived. Make that safe, then return ``True``.
        Not defined, or ``False``: ESID 99, as what is not safe must not be confirmed."""
        return Unset.UNSET

    def nerp_ind(self, session: Session, event: NerpInd) -> Answer[bool]:
        """F_NERP_IND (3.3.6): a file of ours has not arrived, and will not. As `eerp_ind`."""
        return Unset.UNSET

    def rtr_cf(self, session: Session, event: RtrCf) -> Answer[None]:
        """F_RTR_CF (3.3.5): the partner has our EERP or NERP. The turn is still ours. Not defined:
        as `EsidReason.NORMAL`."""
        return Unset.UNSET

    def release_ind(self, session: Session, event: ReleaseInd) -> Answer[None]:
        """F_RELEASE_IND (3.4.1): the partner has ended the session normally. A notice."""
        return Unset.UNSET

    def abort_ind(self, session: Session, event: AbortInd) -> Answer[None]:
        """F_ABORT_IND (3.4.2): the session has failed. Not defined: ``run_session`` raises
        `oftp.SessionAborted`."""
        return Unset.UNSET

    def seal_challenge_ind(
        self, session: Session, event: SealChallengeInd
    ) -> Answer[tuple[bytes, bytes]]:
        """Secure authentication (4.2.4): make a challenge for this partner; return its 20 octets
        and their envelope. Not defined: ESID 11."""
        return Unset.UNSET

    def open_challenge_ind(self, session: Session, event: OpenChallengeInd) -> Answer[bytes]:
        """Secure authentication: open the partner's challenge; return its 20 octets. Not defined:
        ESID 11."""
        return Unset.UNSET

    def authentication_ind(self, session: Session, event: AuthenticationInd) -> Answer[None]:
        """Secure authentication of a caller is done, both ways (5.3.18). A notice."""
        return Unset.UNSET

    def quirk_ind(self, session: Session, event: QuirkInd) -> Answer[None]:
        """The partner went beyond the letter, and a quirk took it. A notice."""
        return Unset.UNSET

    def trace(self, session: Session, event: Trace) -> Answer[None]:
        """Every command, and every row of the state tables, where `Config.trace` says so. A
        notice."""
        return Unset.UNSET
