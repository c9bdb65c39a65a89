"""`oftp.Station`: files, partners, configuration, start and stop."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import oftp
from oftp import ConfigError, Station, UserError

from station_folders import LIMIT, alpha, beta, history


def test_two_stations_exchange_files_and_end_responses(tmp_path: Path) -> None:
    with Station(beta(tmp_path)) as at_beta, Station(alpha(tmp_path, at_beta)) as at_alpha:
        invoice = tmp_path / "invoice.edi"
        invoice.write_bytes(b"goods" * 1000)
        there = at_alpha.submit("beta", invoice, description="an invoice")
        assert (there.state, there.direction, there.partner) == ("queued", "out", "beta")
        assert (there.path, there.name) == (str(invoice), "invoice.edi")
        done = at_alpha.wait(there, LIMIT)
        assert (done.state, done.is_open, done.waits_for) == ("done", False, None)
        assert done.transferred is not None
        assert done.transferred - done.created < timedelta(seconds=LIMIT)
        assert datetime.now(timezone.utc) - done.created < timedelta(seconds=LIMIT)

        back = at_beta.submit("alpha", b"thanks", dsn="THANKS")
        at_alpha.call("beta")
        at_beta.wait(back, LIMIT)
        (came,) = at_alpha.files(direction="in")
        came = at_alpha.wait(came, LIMIT)
        assert (came.dsn, came.state) == ("THANKS", "closed")
        assert came.path is not None and Path(came.path).read_bytes() == b"thanks"

        (came,) = at_beta.files(direction="in")
        assert (came.dsn, came.description) == (there.dsn, "an invoice")
        assert (came.originator, came.destination) == ("O0177ALPHA", "O0177BETA")
        assert came.path is not None and Path(came.path).read_bytes() == b"goods" * 1000
        details = at_alpha.details(there)
        assert [one["response"] for one in details["responses"]] == ["EERP"]


def records() -> Any:
    yield b"one\n"
    yield b""
    yield bytearray(b"three")


@pytest.mark.parametrize(
    ("source", "said", "expected"),
    [
        (b"octets", {"dsn": "A"}, b"octets"),
        (memoryview(b"octets"), {"dsn": "A"}, b"octets"),
        (io.BytesIO(b"a file"), {"name": "a.bin"}, b"a file"),
        (records(), {"dsn": "A"}, b"\0\0\0\4one\n\0\0\0\0\0\0\0\5three"),
        ([b"ab", b"cd"], {"dsn": "A", "format": "F", "record_length": 2}, b"abcd"),
        ([b"ab", b"c"], {"dsn": "A", "format": "U"}, b"abc"),
        (b"ab\nc\n", {"dsn": "A", "format": "V", "records": "lf", "record_length": 9},
         b"\0\0\0\2ab\0\0\0\1c"),
    ],
)  # fmt: skip
def test_what_can_be_sent(tmp_path: Path, source: Any, said: Any, expected: bytes) -> None:
    station = Station(alpha(tmp_path))
    file = station.submit("beta", source, **said)
    details = station.details(file)
    (place,) = details["places"]
    # V records lie in the spool behind their lengths, 4 octets each.
    assert Path(place["path"]).read_bytes() == expected
    assert file.path is None


def test_a_file_object_is_read_from_where_it_stands(tmp_path: Path) -> None:
    station = Station(alpha(tmp_path))
    path = tmp_path / "some.bin"
    path.write_bytes(b"headbody")
    with path.open("rb") as opened:
        opened.seek(4)
        file = station.submit("beta", opened)
    assert (file.name, file.octets) == ("some.bin", 4)
    with path.open() as text, pytest.raises(TypeError, match="binary"):
        station.submit("beta", text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "said", "what"),
    [
        (b"x", {}, "dsn"),
        (b"x", {"dsn": "A" * 27}, "26"),
        (b"x", {"dsn": "A", "format": "X"}, "format"),
        (b"x", {"dsn": "A", "priority": 10}, "priority"),
        (b"x", {"dsn": "A", "suite": 77}, "suite"),
        (b"x", {"dsn": "A", "records": "crlff"}, "records"),
        ([b"x"], {"dsn": "A", "records": "lf"}, "records"),
        ([b"ab", b"c"], {"dsn": "A", "format": "F", "record_length": 2}, "record 2"),
    ],
)
def test_a_callers_mistake_queues_nothing(tmp_path: Path, source: Any, said: Any, what: str) -> None:
    station = Station(alpha(tmp_path))
    with pytest.raises(UserError, match=what):
        station.submit("beta", source, **said)
    with pytest.raises(TypeError, match="colour"):
        station.submit("beta", b"x", colour="red")  # type: ignore[call-arg]
    with pytest.raises(UserError, match="gamma.*beta"):
        station.submit("gamma", b"x", dsn="A")
    with pytest.raises(FileNotFoundError) as error:
        station.submit("beta", tmp_path / "nothing")
    assert error.value.filename is not None
    with pytest.raises(oftp.CertificateError, match="key"):
        station.submit("beta", b"x", dsn="A", sign=True)
    assert station.files() == []


def test_files_are_found_and_steered(tmp_path: Path) -> None:
    station = Station(alpha(tmp_path))
    first = station.submit("beta", b"1", dsn="FIRST", hold=True)
    second = station.submit("beta", b"2", dsn="SECOND", priority=1)
    assert [one.id for one in station.files()] == [second.id, first.id]
    assert station.files(text="fir") == [station.file(first)]
    assert station.files(before=second, limit=1) == [first]
    assert station.files(direction="in") == []
    assert station.files(since=datetime.now(timezone.utc) + timedelta(hours=1)) == []
    assert first.held and first.waits_for == "person"
    assert not station.release(first).held
    assert station.hold(second.id).held
    assert station.cancel(second).state == "cancelled"
    assert station.files(open=False) == [station.file(second)]
    again = station.resend(second)
    assert again.state == "queued" and again.id not in (first.id, second.id)
    assert (again.dsn, again.priority) == ("SECOND", 1)
    mistakes: list[tuple[Callable[[], object], str]] = [
        (lambda: station.hold(second), "cancelled"),
        (lambda: station.resend(first), "queued"),
        (lambda: station.file(77), "77"),
        (lambda: station.files(state="lost"), "state"),
        (lambda: station.files(direction="up"), "direction"),  # type: ignore[arg-type]
    ]
    for wrong, what in mistakes:
        with pytest.raises(UserError, match=what):
            wrong()


def test_partners_and_the_station_as_a_whole(tmp_path: Path) -> None:
    station = Station(alpha(tmp_path))
    file = station.submit("beta", b"1", dsn="FIRST")
    (partner,) = station.partners()
    assert (partner.name, partner.code, partner.addresses) == ("beta", "O0177BETA", ())
    assert (partner.to_send, partner.held, partner.sessions) == (1, False, None)
    station.hold_partner("beta")
    assert station.partners()[0].held
    station.release_partner("beta")
    with pytest.raises(UserError, match="it calls us"):
        station.call("beta")
    status = station.status()
    assert (status.running, status.files, status.oldest_waiting) == (
        False, {("out", "queued"): 1}, file.id,
    )  # fmt: skip
    assert status.free > 0
    with station:
        assert station.status().running
        assert station.partners()[0].sessions == 0


def test_it_is_stopped_and_goes_on(tmp_path: Path) -> None:
    with Station(beta(tmp_path)) as at_beta:
        folder = alpha(tmp_path, at_beta)
        file = Station(folder).submit("beta", b"queued by one that never ran", dsn="A")
        station = Station(folder)
        with pytest.raises(UserError, match="no process runs the station"):
            station.wait(file)
        with station:
            assert station.is_running
            station.wait(file, LIMIT)
        assert not station.is_running and station.addresses == []
        assert station.stop()
        with station:
            station.wait(station.submit("beta", b"again", dsn="B"), LIMIT)
    kinds = [event.kind for event in history(station)]
    assert kinds.count("station_started") == kinds.count("station_stopped") == 2


def test_what_does_not_end_is_cut(tmp_path: Path) -> None:
    station = Station(beta(tmp_path))
    station.start()
    with socket.create_connection(station.addresses[0], timeout=LIMIT) as partner:
        assert partner.recv(64)  # SSRM: the session is up, and goes no further.
        assert not station.stop(0)
    assert not station.is_running
    with station:
        pass


def test_a_second_start_is_refused(tmp_path: Path) -> None:
    folder = alpha(tmp_path)
    with Station(folder) as station:
        with pytest.raises(UserError, match="in this program"):
            station.start()
        other = Station(folder)
        with pytest.raises(UserError, match="runs already"):
            other.start()
        assert not other.is_running
        other.submit("beta", b"all else works beside it", dsn="A")
    with other:
        pass


def test_faults_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"oftp\.toml"):
        Station(tmp_path)
    folder = alpha(tmp_path)
    right = (folder / "oftp.toml").read_text()
    with Station(folder) as station:
        (folder / "oftp.toml").write_text("[station]\nid = 7\nname = 3\n")
        with pytest.raises(ConfigError) as error:
            station.reload()
        faults = [(fault.line, fault.key) for fault in error.value.faults]
        assert faults == [(2, "station.id"), (3, "station.name")]
        assert error.value.faults[0].file.endswith("oftp.toml")
        assert str(error.value).count("\n") == 1
        assert isinstance(error.value, UserError)
        (folder / "oftp.toml").write_text(f'{right}[partner.gamma]\nid = "OGAMMA"\ntls = "off"\n')
        seen = station.last_event
        station.reload()
        reloaded = next(station.events(seen, LIMIT))
        assert (reloaded.kind, reloaded.detail["ok"]) == ("config_reloaded", True)
        assert [one.name for one in station.partners()] == ["beta", "gamma"]
    (folder / "oftp.toml").write_text("[station]\n")
    with pytest.raises(ConfigError):
        station.start()


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    folder = alpha(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = folder / "oftp.toml"
        port = taken.getsockname()[1]
        config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
        station = Station(folder)
        with pytest.raises(OSError, match=str(port)):
            station.start()
    assert not station.is_running
    with station:
        assert station.addresses == [("127.0.0.1", port)]
