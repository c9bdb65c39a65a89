"""The examples of examples/python, each as a process with another one and with the command `oftp`."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import binary
from examples import EXAMPLES, PATIENCE, environment, example, program
from oftp.testing.pki import Pki
from station_folders import folder_of

ALPHA, BETA = "O0177ALPHA", "O0177BETA"
DRAWING = bytes(range(256)) * 1200
OF_ALPHA = environment("SECRET", "GEHEIM")
OF_BETA = environment("GEHEIM", "SECRET")


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    path = tmp_path / "DRAWING"
    path.write_bytes(DRAWING)
    return path


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, tuple[Path, Path]]:
    """Keys and certificate of both, by their codes."""
    pki, written = Pki(), dict[str, tuple[Path, Path]]()
    for code in (ALPHA, BETA):
        partner = pki.self_signed(code)
        certificate = tmp_path / f"{code}.certificate.pem"
        certificate.write_text(partner.certificate.pem)
        written[code] = (partner.write(tmp_path), certificate)
    return written


def inbox(folder: Path) -> list[bytes]:
    """Files in it that are not the library's own."""
    return [path.read_bytes() for path in folder.iterdir() if path.is_file()]


def run(command: list[object], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    return subprocess.run(words, env=env, capture_output=True, text=True, timeout=PATIENCE)


def sender(kind: str, port: int, folder: Path, file: Path) -> list[object]:
    """ALPHA sends a file."""
    address = f"localhost:{port}"
    if kind == "rust":
        return [
            binary(), "send", address, file, "--id", ALPHA, "--password-env", "OFTP_PASSWORD",
            "--partner", BETA, "--partner-password-env", "OFTP_PARTNER_PASSWORD", "--no-sync",
            "--state", folder / "state",
        ]  # fmt: skip
    if kind == "sans_io":
        return example("sans_io.py", "send", port, file)
    return example("send.py", address, file, "--id", ALPHA, "--partner", BETA)


def receiver(kind: str, folder: Path) -> list[object]:
    """BETA takes files into this folder, for one session."""
    if kind == "rust":
        return [
            binary(), "listen", "127.0.0.1:0", "--json", "--once", "--id", BETA, "--directory",
            folder, "--password-env", "OFTP_PASSWORD", "--partner", ALPHA,
            "--partner-password-env", "OFTP_PARTNER_PASSWORD", "--no-sync",
        ]  # fmt: skip
    if kind == "sans_io":
        return example("sans_io.py", "receive", 0, folder / "copy")
    return example("receive.py", 0, folder, "--id", BETA, "--partner", ALPHA, "--once")


@pytest.mark.parametrize("receives", ["receive", "sans_io", "rust"])
@pytest.mark.parametrize("sends", ["send", "sans_io", "rust"])
def test_a_file_arrives_and_its_response_comes_back(
    sends: str, receives: str, tmp_path: Path, drawing: Path
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    with program(receiver(receives, folder), OF_BETA) as station:
        sent = run(sender(sends, station.port(), tmp_path, drawing), OF_ALPHA)
        assert sent.returncode == 0, sent.stdout + sent.stderr + station.output
        assert station.finish() == 0, station.output
    assert inbox(folder) == [DRAWING]


@pytest.mark.parametrize("sends", ["send", "rust"])
@pytest.mark.parametrize("receives", ["receive", "rust"])
def test_secured(
    sends: str,
    receives: str,
    tmp_path: Path,
    drawing: Path,
    keys: dict[str, tuple[Path, Path]],
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()

    def options(kind: str, own: str, partner: str, *more: str) -> list[object]:
        if kind == "rust":
            return [
                "--tls", "--auth", "--own-key", keys[own][0], "--partner-cert", keys[partner][1],
                *more,
            ]  # fmt: skip
        return ["--keys", keys[own][0], "--certificate", keys[partner][1]]

    receive = receiver(receives, folder) + options(receives, BETA, ALPHA)
    with program(receive, OF_BETA) as station:
        send = sender(sends, station.port(), tmp_path, drawing)
        secured = ("--sign", "--encrypt", "--compress", "--signed-eerp")
        sent = run(send + options(sends, ALPHA, BETA, *secured), OF_ALPHA)
        assert sent.returncode == 0, sent.stdout + sent.stderr + station.output
        assert station.finish() == 0, station.output
    assert "signed for" in sent.stdout or sends == "rust"
    assert inbox(folder) == [DRAWING]


def test_what_is_not_delivered_is_a_failure(tmp_path: Path, drawing: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    with program(receiver("receive", folder)[:-1], OF_BETA) as station:
        port = station.port()
        wrong = run(sender("send", port, tmp_path, drawing), environment("WRONG", "GEHEIM"))
        assert wrong.returncode == 1 and "password" in wrong.stderr.lower(), wrong
        assert inbox(folder) == []


def test_two_stations_empty_their_outboxes(tmp_path: Path) -> None:
    """One calls, both send: the one that is called has a file for the other as well."""
    folders = {ALPHA: tmp_path / "alpha", BETA: tmp_path / "beta"}
    outbox = folders[ALPHA] / "outbox"
    outbox.mkdir(parents=True)
    (outbox / "one").write_bytes(DRAWING)
    (outbox / "two").write_bytes(b"")

    def station(own: str, partner: str, *more: object) -> list[object]:
        options = ["--id", own, "--partner", partner, "--port", 0, "--every", 0.05]
        return example("station.py", folders[own], *options, *more)

    with program(station(BETA, ALPHA), OF_BETA) as called:
        calls = f"localhost:{called.port()}"
        with program(station(ALPHA, BETA, "--calls", calls), OF_ALPHA) as calling:
            calling.wait_for("delivered ONE")
            calling.wait_for("delivered TWO")
            # A file that comes later goes in a session of its own.
            late = tmp_path / "three"
            late.write_bytes(b"late")
            late.rename(outbox / "three")
            calling.wait_for("delivered THREE")
    assert sorted(inbox(folders[BETA] / "inbox")) == sorted([DRAWING, b"", b"late"])


def test_two_sessions() -> None:
    """`hostile_peer` is run by `test_testing_docs.py`."""
    sessions = run(example("two_sessions.py", "1.3"), OF_ALPHA)
    assert sessions.returncode == 0 and "octets have arrived" in sessions.stdout


def test_the_index_names_every_example() -> None:
    index = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*/")]:
        if path.name[0] not in "._":
            assert f"`{path.name}`" in index, path


def test_a_station_within_a_program(tmp_path: Path, drawing: Path) -> None:
    beta_folder = folder_of(tmp_path, "BETA", "ALPHA")
    with program(example("station_embedded.py", beta_folder), environment("", "")) as at_beta:
        folder = folder_of(tmp_path, "ALPHA", "BETA", at_beta.port())
        command = example("station_embedded.py", folder, drawing, "--to", "beta")
        with program(command, environment("", "")) as station:
            path = Path(at_beta.wait_for(r"DRAWING of alpha lies in (.+)")[1])
            assert path.read_bytes() == DRAWING
            station.wait_for("DRAWING has arrived at beta")
            station.process.send_signal(signal.SIGINT)
            assert station.finish() == 0, station.output
        # What was dealt with does not come again.
        with program(example("station_embedded.py", folder), environment("", "")) as station:
            station.port()
            station.process.send_signal(signal.SIGINT)
            assert station.finish() == 0, station.output
            assert "arrived" not in station.output
