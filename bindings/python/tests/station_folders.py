"""Folders of stations for the tests: each listens on a port of its own, and has one partner."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import oftp

#: Seconds that something is waited for: an answer to a hang, not a measure of speed.
LIMIT = 60

CONFIG = """
[station]
id = "O0177{own}"
[[listen]]
address = "127.0.0.1:0"
tls = false
[outbox]
interval = "1s"
settle = "0s"
[partner.{name}]
id = "O0177{partner}"
tls = "off"
{address}
"""


def folder_of(tmp_path: Path, own: str, partner: str, port: int | None = None) -> Path:
    """A folder with the station `own`, whose partner is called where there is a port."""
    folder = tmp_path / own.lower()
    folder.mkdir(parents=True)
    address = "" if port is None else f'address = "127.0.0.1:{port}"'
    text = CONFIG.format(own=own, partner=partner, name=partner.lower(), address=address)
    (folder / "oftp.toml").write_text(text)
    return folder


def beta(tmp_path: Path) -> Path:
    return folder_of(tmp_path, "BETA", "ALPHA")


def alpha(tmp_path: Path, at_beta: oftp.Station | None = None) -> Path:
    port = None if at_beta is None else at_beta.addresses[0][1]
    return folder_of(tmp_path, "ALPHA", "BETA", port)


def history(station: oftp.Station) -> list[oftp.StationEvent]:
    """All that is there."""
    return list(station.events(timeout=0))


def child(program: str, *arguments: object) -> str:
    """What a program has printed; it must end well and without a word of complaint."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout
