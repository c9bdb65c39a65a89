"""What a `Session` tells: indications, confirmations and network requests (RFC 5024 chapters 2
and 3). They are frozen, compare by value, and can be matched:

```python
match event:
    case StartFileInd(file=file) if file.originator in known:
        session.start_file_rs(0)
    case StartFileInd():
        session.start_file_rs_negative(SfnaReason.INVALID_ORIGIN)
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ._fields import Agreed, EndResponse, Ssid, VirtualFile
from ._values import Capability, Origin

__all__ = [
    "AbortInd",
    "AuthenticationInd",
    "CdInd",
    "CloseFileCf",
    "CloseFileCfNegative",
    "CloseFileInd",
    "ConnectCf",
    "ConnectInd",
    "DataCf",
    "DataInd",
    "EerpInd",
    "Event",
    "NConRq",
    "NConRs",
    "NDataRq",
    "NDiscRq",
    "NerpInd",
    "OpenChallengeInd",
    "PartnerInd",
    "QuirkInd",
    "ReleaseInd",
    "RtrCf",
    "SealChallengeInd",
    "StartFileCf",
    "StartFileCfNegative",
    "StartFileInd",
    "Trace",
    "Wait",
]


@dataclass(frozen=True, slots=True)
class NConRq:
    """N_CON_RQ: open a connection, then `Session.n_con_cf`."""


@dataclass(frozen=True, slots=True)
class NConRs:
    """N_CON_RS: the incoming connection is accepted. Over TCP there is nothing to do."""


@dataclass(frozen=True, slots=True)
class NDataRq:
    """N_DATA_RQ: write these octets, then say how many by `Session.sent`. It comes again until all
    are sent, and what follows it waits."""

    octets: bytes

    def __repr__(self) -> str:
        return f"NDataRq({len(self.octets)} octets)"


@dataclass(frozen=True, slots=True)
class NDiscRq:
    """N_DISC_RQ: close the connection."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do until something comes in, or until `deadline`, in seconds of the clock given to
    `Session.tick`; ``None``: no timer runs."""

    deadline: float | None


@dataclass(frozen=True, slots=True)
class ConnectInd:
    """F_CONNECT_IND: somebody calls. Answer by `Session.connect_rs`, or turn away by
    `Session.release_rq` with reason 3, 4 or 8."""

    ssid: Ssid
    mode: Capability


@dataclass(frozen=True, slots=True)
class ConnectCf:
    """F_CONNECT_CF: the session is up."""

    ssid: Ssid
    agreed: Agreed


@dataclass(frozen=True, slots=True)
class PartnerInd:
    """The partner's SSID came, and secure authentication follows: whoever it says it is, it has
    not proved it. Check its code and password now (ST-48)."""

    ssid: Ssid
    agreed: Agreed


@dataclass(frozen=True, slots=True)
class SealChallengeInd:
    """A challenge is wanted, sealed for this partner: `Session.seal_challenge_rs`."""

    partner: str


@dataclass(frozen=True, slots=True)
class OpenChallengeInd:
    """The partner's challenge is to be opened: `Session.open_challenge_rs`."""

    sealed: bytes


@dataclass(frozen=True, slots=True)
class AuthenticationInd:
    """Secure authentication has succeeded in both directions."""


@dataclass(frozen=True, slots=True)
class StartFileInd:
    """F_START_FILE_IND: a file is offered. Answer by `Session.start_file_rs` or
    `Session.start_file_rs_negative`."""

    file: VirtualFile


@dataclass(frozen=True, slots=True)
class StartFileCf:
    """F_START_FILE_CF: the partner takes the file, from this position on."""

    position: int


@dataclass(frozen=True, slots=True)
class StartFileCfNegative:
    """F_START_FILE_CF(-): the partner does not take the file (SFNA)."""

    reason: int
    retry_later: bool
    text: str


@dataclass(frozen=True, slots=True)
class DataInd:
    """F_DATA_IND: octets of the file, those of one Data Exchange Buffer. `ends` are the offsets in
    `data` behind which a record ends, for files with records."""

    data: bytes
    ends: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return f"DataInd({len(self.data)} octets, {len(self.ends)} records end)"


@dataclass(frozen=True, slots=True)
class DataCf:
    """F_DATA_CF: more data can be taken."""


@dataclass(frozen=True, slots=True)
class CloseFileInd:
    """F_CLOSE_FILE_IND: all of the file is here. `fault` is what is wrong with its counts or
    records (a reason of EFNA), `None` if they agree. Answer by `Session.close_file_rs` or
    `Session.close_file_rs_negative`."""

    records: int
    octets: int
    fault: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class CloseFileCf:
    """F_CLOSE_FILE_CF: the partner has the file (EFPA). `speaker`: the turn is still ours; else the
    partner asked for it, and it goes over by itself."""

    speaker: bool


@dataclass(frozen=True, slots=True)
class CloseFileCfNegative:
    """F_CLOSE_FILE_CF(-): the partner does not accept the file (EFNA)."""

    reason: int
    text: str


@dataclass(frozen=True, slots=True)
class CdInd:
    """F_CD_IND: the turn is ours."""


@dataclass(frozen=True, slots=True)
class EerpInd:
    """F_EERP_IND: an End to End Response came. Make it safe, then `Session.rtr_rs`."""

    response: EndResponse


@dataclass(frozen=True, slots=True)
class NerpInd:
    """F_NERP_IND: a Negative End Response came. Make it safe, then `Session.rtr_rs`."""

    response: EndResponse


@dataclass(frozen=True, slots=True)
class RtrCf:
    """F_RTR_CF: the partner has taken the response (RTR)."""


@dataclass(frozen=True, slots=True)
class ReleaseInd:
    """F_RELEASE_IND: the session has ended normally."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class AbortInd:
    """F_ABORT_IND: the session has ended abnormally. `text` says why, for people."""

    reason: int | None
    origin: Origin
    text: str


@dataclass(frozen=True, slots=True)
class QuirkInd:
    """The partner went beyond the letter in this command, and a quirk of this name took it."""

    quirk: str
    command: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A command, or a row of the state tables. `kind` is ``received``, ``sent`` or ``step``;
    `octets` are those of the command (of DATA, its first)."""

    kind: Literal["received", "sent", "step"]
    text: str
    octets: bytes = b""
    level: int = 5


#: All that `Session.poll_output` returns.
Event: TypeAlias = (
    NConRq
    | NConRs
    | NDataRq
    | NDiscRq
    | Wait
    | ConnectInd
    | ConnectCf
    | PartnerInd
    | SealChallengeInd
    | OpenChallengeInd
    | AuthenticationInd
    | StartFileInd
    | StartFileCf
    | StartFileCfNegative
    | DataInd
    | DataCf
    | CloseFileInd
    | CloseFileCf
    | CloseFileCfNegative
    | CdInd
    | EerpInd
    | NerpInd
    | RtrCf
    | ReleaseInd
    | AbortInd
    | QuirkInd
    | Trace
)
