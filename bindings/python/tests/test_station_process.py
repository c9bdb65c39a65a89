"""Stations and the process around them: forks, the end of the interpreter, garbage."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from oftp import Station

from station_folders import alpha, child, history

FORK = """
import os, sys, warnings
warnings.simplefilter("ignore")
import oftp
station = oftp.Station(sys.argv[1])
station.start()
ready, hold = os.pipe()
process = os.fork()
if process == 0:
    os.close(hold)
    try:
        for call in (
            station.start, station.stop, station.status, lambda: station.is_running,
            lambda: oftp.Station(sys.argv[1]),
        ):
            try:
                call()
            except oftp.UserError as error:
                assert "fork" in str(error), error
            else:
                os._exit(1)
        del station
        os.read(ready, 1)
    except BaseException:
        os._exit(2)
    LEAVE
station.submit("beta", b"of the parent", dsn="PARENT")
station.stop()
# The child that lives on has no hold on the station, but for the port.
again = oftp.Station(sys.argv[1])
again.start()
again.stop()
os.close(hold)
_, status = os.waitpid(process, 0)
assert status == 0, status
"""


@pytest.mark.parametrize("leave", ["os._exit(0)", "sys.exit(0)"])
def test_the_child_of_a_fork_has_no_part_in_it(tmp_path: Path, leave: str) -> None:
    folder = alpha(tmp_path)
    child(FORK.replace("LEAVE", leave), folder)
    station = Station(folder)
    assert [file.dsn for file in station.files()] == ["PARENT"]
    assert history(station)[-1].kind == "station_stopped"


ENDS = {
    "by itself": "",
    "with a reader": "threading.Thread(target=lambda: list(station.events())).start()",
    "with a daemon that reads": (
        "threading.Thread(target=lambda: list(station.events()), daemon=True).start()"
    ),
    "by sys.exit": "sys.exit()",
    "with an event loop": """
async def main():
    async with oftp.asyncio.Station(sys.argv[2]) as other:
        sys.exit()
asyncio.run(main())
""",
}

END = """
import asyncio, sys, threading
import oftp, oftp.asyncio
station = oftp.Station(sys.argv[1])
station.start()
"""


@pytest.mark.parametrize("how", ENDS)
def test_the_end_of_the_interpreter_stops_it(tmp_path: Path, how: str) -> None:
    """Also while other threads wait in it (threat model Y2)."""
    folder, other = alpha(tmp_path), alpha(tmp_path / "other")
    child(END + ENDS[how], folder, other)
    station = Station(folder)
    assert history(station)[-1].kind == "station_stopped"
    assert not station.status().running


def test_one_that_nobody_has_any_more_stops(tmp_path: Path) -> None:
    folder = alpha(tmp_path)
    station = Station(folder)
    station.start()
    gone = weakref.ref(station)
    del station
    gc.collect()
    assert gone() is None
    with Station(folder) as again:
        kinds = [event.kind for event in history(again)]
    assert kinds == ["station_started", "station_stopped", "station_started"]
