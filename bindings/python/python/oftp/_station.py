"""`Station`: a station with its folder, run by this program.

All waiting is done in slices, between which Python hears Ctrl-C; the interpreter is released
meanwhile, and nothing is called back from another thread.
"""

from __future__ import annotations

import atexit
import json
import os
import threading
import time
import weakref
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from ._oftp import StationHost
from ._station_values import (
    StationEvent,
    StationFile,
    StationPartner,
    StationStatus,
    Submission,
    event_of,
    file_of,
    partner_of,
    status_of,
)
from ._submission import submit

if TYPE_CHECKING:
    from ._sources import Source

__all__ = ["Station"]

#: Seconds between two moments at which Ctrl-C is heard.
SLICE = 0.2
#: Lines of the history that are read at once.
MOST = 256
#: Seconds that sessions may take when the interpreter ends while a station runs.
GRACE = 5.0

#: Stations that this process has started: they end before the interpreter does.
_started: weakref.WeakSet[Station] = weakref.WeakSet()


class Station:
    """A station in a folder made by ``oftp init``: it knows its partners (``oftp.toml``), calls them
    and is called, resumes what was cut, delivers each file once and keeps the proof.

    Opening it reads its configuration and its journal, and runs nothing: files can be queued,
    looked at and steered at once, also beside another process that runs the station. `start` runs
    it within this program, on threads of its own, and so does ``with``::

        with oftp.Station("/var/lib/oftp") as station:
            for event in station.events(after=last):
                ...

    Any thread may use it. Where the program ends while the station runs, that is stopped first. The
    child of a fork has no part in it and can open none: with `multiprocessing` take the start method
    ``spawn``.

    :param folder: The folder.
    :raises ConfigError: There is no station, or its configuration has faults.
    :raises OSError: The folder or the journal cannot be used.
    :raises UserError: This process was forked from one that has opened a station.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._host = StationHost(folder)
        #: The folder.
        self.folder: str = os.path.abspath(str(os.fspath(folder)))

    # -- running ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Runs the station, until `stop`, the end of the program, or ``oftp stop``. The
        configuration is read anew. Returns when the ports are listened on.

        :raises UserError: It runs already, here or in another process.
        :raises ConfigError: Its configuration has faults.
        :raises CertificateError: A port has TLS, and there is no key for it.
        :raises OSError: A port or the disk cannot be used.
        """
        self._host.start()
        _started.add(self)

    def stop(self, timeout: float = 30.0) -> bool:
        """Stops the station. Nothing new is begun; sessions may come to their end. What has not
        ended in this time is cut, and goes on where it was after the next start. Nothing where it
        does not run.

        :param timeout: Seconds.
        :returns: Whether it ended in good order.
        """
        self.begin_stop()
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            if self._host.wait_stopped(min(left, SLICE)):
                break
        ended = self._host.stop(0)
        _started.discard(self)
        return ended

    def begin_stop(self) -> None:
        """Begins to stop, and does not wait: nothing new is begun, and sessions may come to their
        end, 30 seconds at most."""
        self._host.begin_stop()

    @property
    def is_run(self) -> bool:
        """Whether any process runs the station, this one included."""
        return self._host.is_run()

    @property
    def is_running(self) -> bool:
        """Whether this object runs the station, up to the very end of `stop`."""
        return self._host.is_running()

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Hosts and ports that are listened on, in the order of ``oftp.toml``, where the port may
        be 0: the system chooses one. None while it does not run."""
        return self._host.addresses()

    def reload(self) -> None:
        """Reads the configuration again; what becomes of it in the running station is told by a
        ``config_reloaded`` event.

        :raises ConfigError: It has faults, and nothing has changed.
        """
        self._host.reload()

    def messages(self) -> list[str]:
        """Takes warnings and errors that are in no line of the history, the last thousand at most;
        none where ``oftp.toml`` names a file for the log: there they are."""
        return self._host.messages()

    # -- files ------------------------------------------------------------------------------------

    def submit(self, partner: str, source: Source, **said: Unpack[Submission]) -> StationFile:
        """Queues a file for a partner. It is on the disk when this returns, and goes when the
        station runs.

        :param partner: Its name in ``oftp.toml``.
        :param source: A path, whose file is copied; a binary file object, from where it stands to
            its end; octets; or an iterable of records.
        :param said: What is said of it, see `Submission`; octets and iterables need a `dsn` or a
            `name`.
        :raises UserError: The file does not fit what is agreed with the partner.
        :raises CertificateError: A key that is needed is missing.
        :raises OSError: It cannot be read, or not be written to the spool.
        """
        return file_of(submit(self._host, partner, source, said))

    def files(
        self,
        *,
        direction: Literal["in", "out"] | None = None,
        partner: str | None = None,
        state: str | None = None,
        open: bool | None = None,
        text: str | None = None,
        since: datetime | None = None,
        before: StationFile | int | None = None,
        limit: int = 0,
    ) -> list[StationFile]:
        """Files, the last first.

        :param direction: One way.
        :param partner: Of one partner.
        :param state: In one state.
        :param open: Whether something is still to happen with them.
        :param text: A part of the dataset name, of the local name or of the description.
        :param since: Changed at this time or later.
        :param before: Numbers below this one: the next page.
        :param limit: At most so many; 0: all.
        """
        rows = self._host.files(
            direction=direction,
            partner=partner,
            state=state,
            open=open,
            text=text,
            since=None if since is None else int(since.timestamp() * 1000),
            before=None if before is None else _number(before),
            limit=limit,
        )
        return [file_of(row) for row in rows]

    def file(self, file: StationFile | int) -> StationFile:
        """A file as it is now.

        :raises UserError: There is none of this number.
        """
        return file_of(self._host.file(_number(file)))

    def details(self, file: StationFile | int) -> dict[str, Any]:
        """Everything about a file: the object of ``oftp show --json``, with its SFID, its history,
        its end responses, where its octets and the proof of its delivery lie."""
        details: dict[str, Any] = json.loads(self._host.details(_number(file)))
        return details

    def wait(self, file: StationFile | int, timeout: float | None = None) -> StationFile:
        """Waits until nothing is to happen any more with a file: its end response has come
        (``done``, ``rejected``), it ``failed`` or was ``cancelled``; one that came is ``closed`` or
        ``refused``.

        :param timeout: Seconds.
        :raises TimeoutError: It is not so far.
        :raises UserError: No process runs the station, or not any more.
        """
        number, until = _number(file), _until(timeout)
        while True:
            row = self._host.settled(number, _slice(until))
            if not row["is_open"]:
                return file_of(row)
            if _is_over(until):
                raise TimeoutError(f"file {number} is {row['state']} after {timeout} seconds")

    def hold(self, file: StationFile | int) -> StationFile:
        """Stops a file of ours that waits to be sent."""
        return file_of(self._host.hold(_number(file)))

    def release(self, file: StationFile | int) -> StationFile:
        """Lets a file go on that was stopped or waits for its next try."""
        return file_of(self._host.release(_number(file)))

    def cancel(self, file: StationFile | int, *, force: bool = False) -> StationFile:
        """Takes a file of ours back.

        :param force: Even where all of it was sent, so that the partner may have it.
        """
        return file_of(self._host.cancel(_number(file), force))

    def resend(self, file: StationFile | int, *, force: bool = False) -> StationFile:
        """Queues a file of ours that is over once more, under another stamp.

        :param force: Even where the partner has it, and its end response may still come.
        :returns: The file that is queued now.
        """
        return file_of(self._host.resend(_number(file), force))

    # -- partners ---------------------------------------------------------------------------------

    def partners(self) -> list[StationPartner]:
        """All partners, and how it goes with them."""
        return [partner_of(row) for row in json.loads(self._host.partners())]

    def call(self, partner: str) -> None:
        """Has a partner called soon, whatever waits for it and whatever its schedule says. While
        nobody runs the station it is called at the next start."""
        self._host.call(partner)

    def hold_partner(self, partner: str) -> None:
        """Stops a partner: it is not called, and nothing is sent to it. What it brings by calls of
        its own is taken."""
        self._host.hold_partner(partner, True)

    def release_partner(self, partner: str) -> None:
        """Lets a partner go on."""
        self._host.hold_partner(partner, False)

    def status(self) -> StationStatus:
        """The station as a whole."""
        return status_of(json.loads(self._host.status()))

    # -- the history ------------------------------------------------------------------------------

    def events(self, after: int = 0, timeout: float | None = None) -> Iterator[StationEvent]:
        """What happened behind line number `after`, in its order, and what happens: an iterator that
        waits for the next line as long as a process runs the station. It keeps nothing from going
        on: who reads slowly or stops reads on later, from the last number that was dealt with.

        :param after: 0: from the first line on that is kept; `last_event`: what is new.
        :param timeout: Seconds to wait for the next line; 0: what is there already.
        """
        until = _until(timeout)
        while True:
            # Before the look: what it wrote last is seen by this look.
            runs = self.is_run
            events = self.look(after, _slice(until))
            for event in events:
                after = event.id
                yield event
            if events:
                until = _until(timeout)
            elif not runs or _is_over(until):
                return

    def look(self, after: int, timeout: float = 0.0) -> list[StationEvent]:
        """The next lines of the history behind number `after`, some hundreds at most.

        :param timeout: Seconds to wait for one, where there is none yet and the station runs.
            Ctrl-C is heard only then: for more than moments there is `events`.
        """
        return [event_of(line) for line in self._host.events(after, MOST, timeout)]

    @property
    def last_event(self) -> int:
        """The number of the last line of the history; 0: there is none."""
        return self._host.last_event()

    # -- context ----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Station {self.folder!r}>"


def _number(file: StationFile | int) -> int:
    return file.id if isinstance(file, StationFile) else file


def _until(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _slice(until: float | None) -> float:
    return SLICE if until is None else min(SLICE, max(0.0, until - time.monotonic()))


def _is_over(until: float | None) -> bool:
    return until is not None and time.monotonic() >= until


_process = os.getpid()


def _at_exit() -> None:
    if os.getpid() != _process:
        return  # They are the parent's.
    for station in list(_started):
        try:
            station.stop(GRACE)
        except Exception:  # It is in the journal, as far as that can be written.
            pass


# Before the threads of the program are waited for, which may wait for events, and not behind that.
getattr(threading, "_register_atexit", atexit.register)(_at_exit)
