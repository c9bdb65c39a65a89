"""The command `oftp` of the package, in processes of its own, as a shell starts it. With OFTP_BIN,
the program in Rust, both must answer alike."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

import oftp

ALPHA = "O0177ALPHA-MOTORS  HUB001"
BETA = "O0177BETA-PARTS    HUB002"

MODULE = [sys.executable, "-m", "oftp"]
SCRIPT = shutil.which("oftp", path=os.path.dirname(sys.executable))
RUST = os.environ.get("OFTP_BIN")

#: All ways to start it. The console script is there where the package is installed.
COMMANDS = [
    pytest.param(MODULE, id="python -m oftp"),
    pytest.param(
        [SCRIPT or ""],
        id="script",
        marks=pytest.mark.skipif(SCRIPT is None, reason="the package is not installed"),
    ),
    pytest.param(
        [RUST or ""], id="rust", marks=pytest.mark.skipif(RUST is None, reason="no OFTP_BIN")
    ),
]
every_command = pytest.mark.parametrize("command", COMMANDS)


def run(command: list[str], *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **more},
    )


@contextmanager
def started(command: list[str], *arguments: str) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def listening(
    command: list[str], inbox: Path, *more: str
) -> Generator[tuple[subprocess.Popen[str], int]]:
    """`oftp listen` on a free port, with that port."""
    inbox.mkdir()
    arguments = ["listen", "127.0.0.1:0", "--id", BETA, "--any-partner", "--json"]
    with started(command, *arguments, "--directory", str(inbox), *more) as process:
        assert process.stdout is not None
        event = json.loads(process.stdout.readline())
        assert event["event"] == "listening"
        yield process, int(event["address"].rpartition(":")[2])


@every_command
def test_it_is_of_the_version_of_the_package(command: list[str]) -> None:
    told = run(command, "--version")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"oftp {oftp.__version__}\n", "")


@every_command
@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["send", "--help"], ["help", "cms"]])
def test_help_is_printed(command: list[str], arguments: list[str]) -> None:
    told = run(command, *arguments)
    assert told.returncode == 0 and told.stderr == ""
    assert "Usage: oftp " in told.stdout


@every_command
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--bogus"], "unexpected argument '--bogus' found"),
        (["send", "--colour"], "unexpected argument '--colour' found"),
        ([], "Usage: oftp "),
        (["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (["listen", "--id", BETA, "--any-partner", "--password-env", "UNSET_"], "UNSET_"),
    ],
)
def test_a_wrong_option_ends_with_2(
    command: list[str], arguments: list[str], complaint: str
) -> None:
    told = run(command, *arguments)
    assert told.returncode == 2
    assert complaint in told.stderr and told.stdout == ""


@pytest.mark.skipif(RUST is None, reason="no OFTP_BIN")
@pytest.mark.parametrize("command", COMMANDS[:2])
@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["send", "-h"], ["listen", "--help"], ["keygen"], ["cert", "show", "/none"]],
)
@pytest.mark.parametrize("columns", ["40", "200"])
def test_it_says_what_the_program_in_rust_says(
    command: list[str], arguments: list[str], columns: str
) -> None:
    assert RUST is not None
    own = run(command, *arguments, COLUMNS=columns)
    rust = run([RUST], *arguments, COLUMNS=columns)
    assert (own.returncode, own.stdout, own.stderr) == (rust.returncode, rust.stdout, rust.stderr)


@every_command
def test_a_file_goes_from_one_to_the_other(command: list[str], tmp_path: Path) -> None:
    invoice = tmp_path / "invoice.edi"
    invoice.write_bytes(b"UNB+UNOA:1'" * 50_000)
    inbox = tmp_path / "inbox"
    with listening(command, inbox) as (listener, port):
        sent = run(
            command,
            *("send", f"127.0.0.1:{port}", str(invoice), "--dsn", "INVOICE", "--id", ALPHA),
            *("--partner", BETA, "--state", str(tmp_path / "state")),
        )
        assert (sent.returncode, sent.stderr) == (0, "")
        listener.send_signal(signal.SIGTERM)
        told, complaints = listener.communicate(timeout=60)
        assert (listener.returncode, complaints) == (0, "")
    assert "file_done" in {json.loads(line)["event"] for line in told.splitlines()}
    arrived = [path for path in inbox.iterdir() if path.is_file()]
    assert [path.read_bytes() for path in arrived] == [invoice.read_bytes()]


@every_command
def test_a_recorded_session_is_decoded(command: list[str], tmp_path: Path) -> None:
    recorded = tmp_path / "recorded.bin"
    recorded.write_bytes(b"\x10\x00\x00\x17IODETTE FTP READY \r")
    told = run(command, "decode", str(recorded))
    assert told.returncode == 0
    assert "SSRM" in told.stdout


@every_command
def test_a_file_that_is_missing_has_the_code_of_its_trouble(command: list[str]) -> None:
    told = run(command, "decode", "/nowhere/recorded.bin")
    assert told.returncode == 11
    assert "/nowhere/recorded.bin" in told.stderr


@every_command
def test_an_argument_need_not_be_unicode(command: list[str], tmp_path: Path) -> None:
    recorded = os.fsencode(tmp_path) + b"/\xfc.bin"
    Path(os.fsdecode(recorded)).write_bytes(b"\x10\x00\x00\x17IODETTE FTP READY \r")
    told = subprocess.run([*map(os.fsencode, command), b"decode", recorded], capture_output=True)
    assert told.returncode == 0, told.stderr


@every_command
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_listener_ends_when_it_is_asked_to(
    command: list[str], number: signal.Signals, tmp_path: Path
) -> None:
    with listening(command, tmp_path / "inbox") as (listener, _port):
        listener.send_signal(number)
        _, complaints = listener.communicate(timeout=60)
        assert (listener.returncode, complaints) == (0, "")


@every_command
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sender_dies_of_a_signal(
    command: list[str], number: signal.Signals, tmp_path: Path
) -> None:
    """So that a shell sees 130, and a script that runs it ends, too."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        arguments = ["send", f"127.0.0.1:{port}", __file__, "--id", ALPHA, "--partner", BETA]
        with started(command, *arguments, "--state", str(tmp_path)) as sender:
            connection, _ = silent.accept()
            with connection:
                sender.send_signal(number)
                _, complaints = sender.communicate(timeout=60)
                assert sender.returncode == -number
                assert "Traceback" not in complaints


@every_command
def test_who_was_started_to_ignore_ctrl_c_ignores_it(command: list[str], tmp_path: Path) -> None:
    shell = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        arguments = ["send", f"127.0.0.1:{port}", __file__, "--id", ALPHA, "--partner", BETA]
        with started([*shell, *command], *arguments, "--state", str(tmp_path)) as sender:
            connection, _ = silent.accept()
            with connection:
                sender.send_signal(signal.SIGINT)
                sender.send_signal(signal.SIGTERM)
                sender.communicate(timeout=60)
                assert sender.returncode == -signal.SIGTERM


@every_command
def test_where_the_standard_streams_are_closed_no_file_gets_their_numbers(
    command: list[str], tmp_path: Path
) -> None:
    """What is printed would go there."""
    shell = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        arguments = ["send", f"127.0.0.1:{port}", __file__, "--id", ALPHA, "--partner", BETA]
        with started([*shell, *command], *arguments, "--state", str(tmp_path)) as sender:
            connection, _ = silent.accept()
            with connection:
                opened = [os.readlink(f"/proc/{sender.pid}/fd/{number}") for number in range(3)]
    assert opened == ["/dev/null"] * 3


def test_after_it_has_run_the_signals_are_those_of_before() -> None:
    from oftp.__main__ import main

    numbers = (signal.SIGINT, signal.SIGXFSZ)
    before = [signal.getsignal(number) for number in numbers]
    assert main(["decode", "/nowhere"]) == 11
    assert [signal.getsignal(number) for number in numbers] == before
