"""What a `UserMonitor` answers, and what is answered where it does not (RFC 5024 chapter 3). Both
front-ends share it: one calls the methods, the other awaits them, too."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any, cast

from . import _events as events  # pyright: ignore[reportPrivateUsage]
from ._exceptions import SessionAborted, UserError
from ._fields import Connect
from ._machine import SessionMachine
from ._monitor import Piece, Unset, UserMonitor
from ._oftp import Session
from ._reasons import EfnaReason, EsidReason, SfnaReason
from ._sending import Sending
from ._values import Origin

__all__ = ["Dispatch"]

#: Names go into logs and paths.
_CONTROL = re.compile("[\x00-\x1f\x7f]")


class Dispatch:
    """The User Monitor of one session.

    :ivar machine: The session, for a driver.
    :ivar sending: The file that is being sent from an iterator.
    :ivar abort: How the session failed, where the monitor does not deal with it.
    """

    def __init__(self, session: Session, monitor: UserMonitor) -> None:
        self.session = session
        self.monitor = monitor
        self.machine = SessionMachine(session)
        self.sending: Sending | None = None
        self.abort: events.AbortInd | None = None

    def ask(self, event: object) -> object:
        """What the monitor answers, or an awaitable of that. To be handed to `take`."""
        if isinstance(event, events.ConnectInd) and _CONTROL.search(event.ssid.code):
            return _TURN_AWAY
        if isinstance(event, events.StartFileInd):
            file = event.file
            for name, reason in (
                (file.dsn, SfnaReason.INVALID_FILENAME),
                (file.destination, SfnaReason.INVALID_DESTINATION),
                (file.originator, SfnaReason.INVALID_ORIGIN),
            ):
                if _CONTROL.search(name):
                    return reason
        method = getattr(self.monitor, _RULES[type(event)][0])
        answer: object = method(self.session, event)
        return answer

    def take(self, event: Any, answer: object) -> events.Event | None:
        """Gives the answer to the session. Something more for the monitor may come of it."""
        session = self.session
        if isinstance(event, events.CloseFileCf | events.CloseFileCfNegative):
            self.machine.has_data, self.sending = False, None
        if answer is None:
            return None
        name, apply, default = _RULES[type(event)]
        if answer is Unset.UNSET or answer is False:
            try:
                return default(self, event)
            except UserError:
                # An answer that is not due any more, because the session has ended, is none.
                return None
        if answer is _TURN_AWAY:
            return self.turn_away(
                EsidReason.USER_CODE_NOT_KNOWN, "the caller's code holds control characters"
            )
        if session.is_over:
            return None
        if answer is EsidReason.NORMAL:
            _nothing_to_say(self, event)
        elif isinstance(answer, EsidReason):
            session.release_rq(answer)
        elif not apply(self, event, answer):
            raise TypeError(
                f"{name} returned {type(answer).__name__}, which is no answer to "
                f"{type(event).__name__}"
            )
        return None

    def turn_away(self, reason: EsidReason, text: str) -> events.AbortInd | None:
        """Ends the session, and says so: RFC 5024 tells nobody."""
        self.session.release_rq(reason)
        return events.AbortInd(reason, Origin.LOCAL, text)

    def came_too_late(self, error: BaseException) -> bool:
        """Whether a method failed only as the session had ended meanwhile, which is told next."""
        return isinstance(error, UserError) and error.primitive is not None and self.session.is_over

    def raise_abort(self) -> None:
        """
        :raises SessionAborted: The session has failed, and the monitor does not deal with it.
        """
        if self.abort is not None:
            abort = self.abort
            raise SessionAborted.of(abort.text, reason=abort.reason, origin=abort.origin.value)


# -- answers ------------------------------------------------------------------------------------


def _connect(dispatch: Dispatch, event: object, answer: object) -> bool:
    if isinstance(answer, Connect):
        dispatch.session.connect_rs(answer)
        return True
    return False


def _start(dispatch: Dispatch, event: object, answer: object) -> bool:
    if isinstance(answer, SfnaReason):
        dispatch.session.start_file_rs_negative(answer)
    elif answer is True:
        dispatch.session.start_file_rs()
    else:
        return False
    return True


def _send(dispatch: Dispatch, event: object, answer: object) -> bool:
    if isinstance(answer, bytes | bytearray | memoryview | str):
        return False  # Iterable, but of numbers or letters.
    # That they give pieces shows when one is sent.
    if isinstance(answer, Iterable):
        pieces = cast("Iterable[Piece]", answer)
        dispatch.sending = Sending(dispatch.session, iter(pieces))
    elif isinstance(answer, AsyncIterable):
        later = cast("AsyncIterable[Piece]", answer)
        dispatch.sending = Sending(dispatch.session, aiter(later))
    else:
        return False
    dispatch.machine.has_data = True
    return True


def _close(dispatch: Dispatch, event: events.CloseFileInd, answer: object) -> bool:
    if isinstance(answer, EfnaReason):
        dispatch.session.close_file_rs_negative(answer)
    elif answer is not True:
        return False
    elif event.fault is not None:
        dispatch.session.close_file_rs_negative(event.fault, event.text)
    else:
        dispatch.session.close_file_rs()
    return True


def _response(dispatch: Dispatch, event: object, answer: object) -> bool:
    if answer is True:
        dispatch.session.rtr_rs()
    return answer is True


def _seal(dispatch: Dispatch, event: object, answer: object) -> bool:
    match answer:
        case (bytes(plain), bytes(sealed)):
            dispatch.session.seal_challenge_rs(plain, sealed)
            return True
        case _:
            return False


def _open(dispatch: Dispatch, event: object, answer: object) -> bool:
    if isinstance(answer, bytes):
        dispatch.session.open_challenge_rs(answer)
        return True
    return False


def _nothing(dispatch: Dispatch, event: object, answer: object) -> bool:
    return False


# -- where nobody answers -----------------------------------------------------------------------


def _unknown_caller(dispatch: Dispatch, event: object) -> None:
    dispatch.session.release_rq(EsidReason.USER_CODE_NOT_KNOWN)


def _no_files(dispatch: Dispatch, event: object) -> None:
    dispatch.session.start_file_rs_negative(
        SfnaReason.FILE_DIRECTION_REFUSED, text="no files are taken here"
    )


def _no_data(dispatch: Dispatch, event: object) -> None:
    raise TypeError("a file was offered, and the monitor defines no start_file_cf to send it")


def _not_stored(dispatch: Dispatch, event: object) -> events.Event | None:
    return dispatch.turn_away(
        EsidReason.RESOURCES_NOT_AVAILABLE, "nobody stores the data: data_ind is not defined"
    )


def _not_safe(dispatch: Dispatch, event: events.CloseFileInd) -> None:
    reason = EfnaReason.UNSPECIFIED if event.fault is None else event.fault
    dispatch.session.close_file_rs_negative(reason, event.text)


def _no_responses(dispatch: Dispatch, event: object) -> events.Event | None:
    return dispatch.turn_away(EsidReason.UNSPECIFIED, "end responses are not taken here")


def _nothing_to_say(dispatch: Dispatch, event: object) -> None:
    """The turn is ours, and goes back; who has just got it, and has nothing to send either, ends
    the session (4.6)."""
    if dispatch.session.state == "IDLESP":
        dispatch.session.cd_rq()
    else:
        dispatch.session.release_rq(EsidReason.NORMAL)


def _nothing_more(dispatch: Dispatch, event: events.CloseFileCf) -> None:
    if event.speaker:
        _nothing_to_say(dispatch, event)


def _cannot_seal(dispatch: Dispatch, event: object) -> None:
    dispatch.session.seal_challenge_rs()


def _cannot_open(dispatch: Dispatch, event: object) -> None:
    dispatch.session.open_challenge_rs()


def _failed(dispatch: Dispatch, event: events.AbortInd) -> None:
    dispatch.abort = event


def _skip(dispatch: Dispatch, event: object) -> None:
    """A notice."""


_TURN_AWAY = object()

#: For each event the method, what its answer does, and what is done where there is none.
_RULES: dict[
    type,
    tuple[
        str,
        Callable[[Dispatch, Any, object], bool],
        Callable[[Dispatch, Any], events.Event | None],
    ],
] = {
    events.ConnectInd: ("connect_ind", _connect, _unknown_caller),
    events.PartnerInd: ("partner_ind", _nothing, _skip),
    events.ConnectCf: ("connect_cf", _nothing, _nothing_to_say),
    events.StartFileInd: ("start_file_ind", _start, _no_files),
    events.StartFileCf: ("start_file_cf", _send, _no_data),
    events.StartFileCfNegative: ("start_file_cf_negative", _nothing, _nothing_to_say),
    events.DataInd: ("data_ind", _nothing, _not_stored),
    events.DataCf: ("data_cf", _nothing, _skip),
    events.CloseFileInd: ("close_file_ind", _close, _not_safe),
    events.CloseFileCf: ("close_file_cf", _nothing, _nothing_more),
    events.CloseFileCfNegative: ("close_file_cf_negative", _nothing, _nothing_to_say),
    events.CdInd: ("cd_ind", _nothing, _nothing_to_say),
    events.EerpInd: ("eerp_ind", _response, _no_responses),
    events.NerpInd: ("nerp_ind", _response, _no_responses),
    events.RtrCf: ("rtr_cf", _nothing, _nothing_to_say),
    events.ReleaseInd: ("release_ind", _nothing, _skip),
    events.AbortInd: ("abort_ind", _nothing, _failed),
    events.SealChallengeInd: ("seal_challenge_ind", _seal, _cannot_seal),
    events.OpenChallengeInd: ("open_challenge_ind", _open, _cannot_open),
    events.AuthenticationInd: ("authentication_ind", _nothing, _skip),
    events.QuirkInd: ("quirk_ind", _nothing, _skip),
    events.Trace: ("trace", _nothing, _skip),
}
