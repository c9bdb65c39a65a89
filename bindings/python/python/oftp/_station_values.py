"""What a station tells: its files, its partners, lines of its history."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, TypedDict

__all__ = [
    "StationEvent",
    "StationFile",
    "StationPartner",
    "StationStatus",
    "Submission",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Submission(TypedDict, total=False):
    """What is said of a file for a partner. What is not given says the rule for its name in
    ``oftp.toml``, else what the partner has there.

    :ivar name: Its local name, by which the rules choose; not given: the source's own.
    :ivar dsn: Dataset name (SFIDDSN).
    :ivar description: SFIDDESC, level 2.0.
    :ivar destination: For whom (SFIDDEST).
    :ivar originator: From whom (SFIDORIG).
    :ivar user: SFIDUSER, up to 8 characters.
    :ivar format: Record format; of an iterable of records it is V where nothing is said.
    :ivar record_length: Of F files the length of every record, 1 to 99,999 octets; of V files the
        longest.
    :ivar records: How the records of a V file lie in a path, a file object or octets.
    :ivar sign: Sign it. As soon as one of these five is given, the rules have no say in the others.
    :ivar encrypt: Encrypt it for the partner.
    :ivar compress: Compress it (ZLIB).
    :ivar signed_response: Ask for a signed end response.
    :ivar suite: Cipher suite (RFC 5024 10.2).
    :ivar priority: 0 first, 9 last.
    :ivar hold: It waits until it is released.
    """

    name: str
    dsn: str
    description: str
    destination: str
    originator: str
    user: str
    format: Literal["F", "V", "U", "T"]
    record_length: int
    records: Literal["lf", "crlf", "length16", "length32"]
    sign: bool
    encrypt: bool
    compress: bool
    signed_response: bool
    suite: int
    priority: int
    hold: bool


@dataclass(frozen=True, slots=True)
class StationEvent:
    """A line of the history of a station: something that happened.

    :ivar id: Its number: larger than those of all lines before it.
    :ivar at: When, by the clock on the wall (UTC).
    :ivar kind: What, as in ``"file_received"`` and ``"session_ended"``.
    :ivar partner: With which partner, by its name in ``oftp.toml``.
    :ivar file: With which file: its number.
    :ivar detail: What else is to be said. Texts in it may be the words of a partner.
    """

    id: int
    at: datetime
    kind: str
    partner: str | None
    file: int | None
    detail: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class StationFile:
    """A file of a station, as it was when it was asked for.

    :ivar id: Its number in the station.
    :ivar direction: ``"out"``: from us to a partner.
    :ivar state: How far it has come. Out: ``taking``, ``queued``, ``efid_sent``, ``sent``, then
        ``done`` (EERP), ``rejected`` (NERP), ``failed`` or ``cancelled``. In: ``receiving``,
        ``received``, ``delivered``, then ``closed`` or ``refused``.
    :ivar partner: From or to which partner, by its name in ``oftp.toml``.
    :ivar dsn: Dataset name (SFIDDSN).
    :ivar date: SFIDDATE.
    :ivar time: SFIDTIME.
    :ivar originator: SFIDORIG.
    :ivar destination: SFIDDEST.
    :ivar description: SFIDDESC.
    :ivar name: Its local name.
    :ivar waits_for: What it waits for: ``person``, ``spool``, ``session``, ``retry``, ``efpa``,
        ``response``, ``data``, ``delivery`` or ``rtr``; ``None``: nothing any more.
    :ivar octets: Octets of what is transmitted; 0: not known yet.
    :ivar position: Where an interrupted transfer may go on (SFIDREST), in its units.
    :ivar priority: 0 first, 9 last.
    :ivar held: A person has stopped it.
    :ivar attempts: Sessions in which it was tried.
    :ivar parent: The file that came and is forwarded by this one.
    :ivar trouble: The last trouble with it.
    :ivar created: When it was queued or offered.
    :ivar changed: When it changed last.
    :ivar transferred: When EFPA came or left.
    :ivar due: When its end response is overdue.
    :ivar retry_at: When it is tried again at the earliest.
    :ivar path: Out: from where it was taken. In: where it was delivered.
    :ivar is_open: Whether something is still to happen with it.
    """

    id: int
    direction: Literal["in", "out"]
    state: str
    partner: str
    dsn: str
    date: str
    time: str
    originator: str
    destination: str
    description: str
    name: str
    waits_for: str | None
    octets: int
    position: int
    priority: int
    held: bool
    attempts: int
    parent: int | None
    trouble: str | None
    created: datetime
    changed: datetime
    transferred: datetime | None
    due: datetime | None
    retry_at: datetime | None
    path: str | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class StationPartner:
    """A partner of a station, and how it goes with it.

    :ivar name: Its name in ``oftp.toml``.
    :ivar code: Its code (SSIDCODE).
    :ivar addresses: Where it is called; none: it calls us.
    :ivar level: The highest level spoken with it.
    :ivar tls: Whether it is called over TLS.
    :ivar held: A person has stopped it.
    :ivar last_session: When the last session was up.
    :ivar failures: Attempts at a session that failed in a row.
    :ivar last_failure: When an attempt failed last.
    :ivar trouble: Why it failed.
    :ivar to_send: Files for it that are not sent yet.
    :ivar unanswered: Files that it has, whose end response has not come.
    :ivar incoming: Files of it that are not at their end.
    :ivar responses: End responses that we owe to it.
    :ivar failed: Files for it that failed, and wait for a person.
    :ivar sessions: Sessions that run, where this object runs the station.
    :ivar most_sessions: Sessions that we call for at a time, at most.
    """

    name: str
    code: str
    addresses: tuple[str, ...]
    level: str
    tls: bool
    held: bool
    last_session: datetime | None
    failures: int
    last_failure: datetime | None
    trouble: str | None
    to_send: int
    unanswered: int
    incoming: int
    responses: int
    failed: int
    sessions: int | None
    most_sessions: int


@dataclass(frozen=True, slots=True)
class StationStatus:
    """A station as a whole.

    :ivar running: A process runs it.
    :ivar process: Which one, where that is known.
    :ivar files: How many files are not at their end, or failed and wait for a person, by direction
        and state.
    :ivar responses: End responses that we owe.
    :ivar oldest_waiting: The number of the file of ours that has waited to be sent for the longest
        time.
    :ivar overdue: The numbers of files whose end response is overdue, a hundred at most.
    :ivar alarms: How many lines of the history of the last 24 hours people should look at, a
        hundred at most.
    :ivar free: Octets that are free on the disk of the folder.
    """

    running: bool
    process: int | None
    files: Mapping[tuple[str, str], int] = field(hash=False)
    responses: int
    oldest_waiting: int | None
    overdue: tuple[int, ...]
    alarms: int
    free: int


def event_of(line: tuple[int, int, str, str | None, int | None, str]) -> StationEvent:
    id, at, kind, partner, file, detail = line
    return StationEvent(id, _time(at), kind, partner, file, json.loads(detail))


def file_of(row: dict[str, Any]) -> StationFile:
    for name in ("created", "changed", "transferred", "due", "retry_at"):
        if row[name] is not None:
            row[name] = _time(row[name])
    if row["path"] is not None:
        row["path"] = os.fsdecode(row["path"])
    return StationFile(**row)


def partner_of(row: dict[str, Any]) -> StationPartner:
    row["addresses"] = tuple(row["addresses"])
    for name in ("last_session", "last_failure"):
        if row[name] is not None:
            row[name] = datetime.fromisoformat(row[name])
    return StationPartner(**row)


def status_of(row: dict[str, Any]) -> StationStatus:
    oldest = row["oldest_waiting"]
    return StationStatus(
        running=row["running"],
        process=row["process"],
        files={(one["direction"], one["state"]): one["count"] for one in row["files"]},
        responses=row["responses"],
        oldest_waiting=None if oldest is None else oldest["id"],
        overdue=tuple(one["id"] for one in row["overdue"]),
        alarms=len(row["alarms"]),
        free=row["free"],
    )


def _time(ms: int) -> datetime:
    """The clock of a machine may be anywhere, and years beyond 9999 are none of Python's."""
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        return datetime.max.replace(tzinfo=timezone.utc)
