"""The command `oftp` of this checkout, as the system under test: ``OFTP_BIN`` names it, or cargo
builds it."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60


@functools.cache
def binary() -> str:
    """The program."""
    named = os.environ.get("OFTP_BIN")
    if named:
        return named
    root = Path(__file__).resolve().parents[3]
    build = ["cargo", "build", "--quiet", "--locked", "--bin", "oftp"]
    subprocess.run(build, cwd=root, check=True, timeout=600)
    target = Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
    return str(target / "debug" / "oftp")


def events(lines: Sequence[str]) -> list[dict[str, Any]]:
    """JSON events, one a line."""
    return [dict(json.loads(line)) for line in lines]


class Sent:
    """`oftp send` to an address: its exit code and its events."""

    def __init__(self, address: tuple[str, int], folder: Path, *options: object) -> None:
        command = [
            binary(), "send", f"{address[0]}:{address[1]}", "--json", "--id", "O0000ALPHA",
            "--password", "SECRET", "--partner", "O0000TEST-PEER", "--partner-password", "GEHEIM",
            "--state", folder / "state", "--no-sync", *options,
        ]  # fmt: skip
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
        )
        self.code = done.returncode
        self.output = done.stdout + done.stderr
        self.events = events([line for line in done.stdout.splitlines() if line.startswith("{")])

    def named(self, name: str) -> list[dict[str, Any]]:
        """The events of this name."""
        return [event for event in self.events if event["event"] == name]


class Listening:
    """`oftp listen`, while it runs."""

    def __init__(self, process: subprocess.Popen[str], inbox: Path) -> None:
        self.inbox = inbox
        self._process = process
        self._seen: list[dict[str, Any]] = []
        host, port = self.wait_for("listening")["address"].rsplit(":", 1)
        self.address = (str(host), int(port))

    def wait_for(self, name: str) -> dict[str, Any]:
        """The next event of this name; what comes before is passed over."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = events([line])[0]
            self._seen.append(event)
            if event["event"] == name:
                return event
        raise AssertionError(f"`oftp listen` ended before {name}: {self._seen}")

    def files(self) -> dict[str, bytes]:
        """What has been delivered."""
        return {path.name: path.read_bytes() for path in self.inbox.iterdir() if path.is_file()}


@contextmanager
def listening(folder: Path, *options: object) -> Iterator[Listening]:
    """`oftp listen` on a free port."""
    inbox = folder / "inbox"
    inbox.mkdir()
    command = [
        binary(), "listen", "127.0.0.1:0", "--json", "--id", "O0000BETA", "--password", "SECRET",
        "--partner", "O0000TEST-PEER", "--partner-password", "GEHEIM", "--directory", inbox,
        "--no-sync", *options,
    ]  # fmt: skip
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            yield Listening(process, inbox)
        finally:
            process.kill()
