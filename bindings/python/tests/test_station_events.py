"""The history of a station, pulled: in its order, at the reader's pace, and interrupted."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import oftp
from oftp import Station

from station_folders import LIMIT, alpha, beta, history


def test_a_reader_follows_a_file_to_its_end(tmp_path: Path) -> None:
    with Station(beta(tmp_path)) as at_beta, Station(alpha(tmp_path, at_beta)) as station:
        file = station.submit("beta", b"goods", dsn="GOODS")
        kinds = []
        for event in station.events(timeout=LIMIT):
            if event.file == file.id:
                assert event.partner == "beta"
                kinds.append(event.kind)
                if event.kind == "file_done":
                    break
        assert kinds == ["file_queued", "file_efid_sent", "file_sent", "file_done"]
    numbers = [event.id for event in history(station)]
    assert numbers == sorted(set(numbers))
    assert history(station)[-1].kind == "station_stopped"


def test_a_slow_reader_loses_nothing_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    with Station(alpha(tmp_path)) as station:
        slow = station.events()
        first = next(slow)
        for number in range(300):
            station.submit("beta", b"x", dsn=f"F{number}", hold=True)
        seen = [first]
        thread = threading.Thread(target=lambda: seen.extend(slow))
        thread.start()
    thread.join(LIMIT)
    assert not thread.is_alive()
    assert seen == history(station)
    middle = seen[150]
    assert next(station.events(middle.id)) == seen[151]
    assert list(station.events(station.last_event)) == []


def test_events_are_values(tmp_path: Path) -> None:
    station = Station(alpha(tmp_path))
    station.submit("beta", b"x", dsn="A")
    event, again = next(station.events()), next(station.events())
    assert event == again and hash(event) == hash(again)
    assert event.at.tzinfo is not None
    with pytest.raises(AttributeError):
        event.kind = "other"  # type: ignore[misc]


def test_a_time_out_of_events_is_an_end_and_of_a_file_an_exception(tmp_path: Path) -> None:
    with Station(alpha(tmp_path)) as station:
        file = station.submit("beta", b"x", dsn="A")
        assert list(station.events(station.last_event, timeout=0.01)) == []
        with pytest.raises(TimeoutError, match="queued"):
            station.wait(file, 0.01)


@pytest.mark.parametrize("what", ["events", "wait", "stop"])
def test_ctrl_c_while_waiting(tmp_path: Path, what: str) -> None:
    with Station(beta(tmp_path)) as station:
        file = station.submit("alpha", b"x", dsn="A")
        waits: dict[str, Callable[[], object]] = {
            "events": lambda: list(station.events(station.last_event)),
            "wait": lambda: station.wait(file),
            "stop": lambda: station.stop(LIMIT),
        }
        # With a session that goes no further a stop takes its time.
        with socket.create_connection(station.addresses[0]) as partner:
            assert partner.recv(64)
            is_waiting = threading.Event()

            def interrupt() -> None:
                is_waiting.wait(LIMIT)
                os.kill(os.getpid(), signal.SIGINT)

            thread = threading.Thread(target=interrupt)
            thread.start()
            with pytest.raises(KeyboardInterrupt):
                is_waiting.set()
                waits[what]()
                while True:  # The signal is on its way.
                    time.sleep(0.01)
            thread.join()
            assert station.is_running
            assert not station.stop(0)
    assert not station.is_running


def test_the_interpreter_is_released_while_waiting(tmp_path: Path) -> None:
    """A wait that held it would keep the thread that ends it from running."""
    with Station(alpha(tmp_path)) as station:
        after = station.last_event
        submitted = threading.Thread(target=lambda: station.submit("beta", b"x", dsn="A"))
        submitted.start()
        lines = station._host.events(after, 1, LIMIT)
        submitted.join()
        assert [line[2] for line in lines] == ["file_queued"]


def test_many_threads_share_a_station(tmp_path: Path) -> None:
    with Station(beta(tmp_path)) as at_beta, Station(alpha(tmp_path, at_beta)) as station:
        done: list[oftp.StationFile] = []

        def send(number: int) -> None:
            file = station.submit("beta", b"x", dsn=f"F{number}")
            done.append(station.wait(file, LIMIT))

        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {file.dsn for file in done} == {f"F{number}" for number in range(8)}
        assert {file.state for file in done} == {"done"}
