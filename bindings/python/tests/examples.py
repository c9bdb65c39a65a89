"""Programs that run beside each other: those of examples/python, and the command `oftp`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "python"
PATIENCE = 60


def environment(own: str, partner: str) -> dict[str, str]:
    """Where a program finds its passwords, and this package."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "OFTP_PASSWORD": own,
        "OFTP_PARTNER_PASSWORD": partner,
    }


class Program:
    """A program while it runs; all that it has printed is in `lines`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The next line with this in it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"it has ended before {pattern!r}: {''.join(self.lines)}")

    def port(self) -> int:
        """Where it listens."""
        return int(self.wait_for(r"listening.*(?:port |:)(\d+)")[1])

    def finish(self) -> int:
        """Its exit code, when it has ended."""
        rest, _ = self.process.communicate(timeout=PATIENCE)
        self.lines.append(rest)
        return self.process.returncode

    @property
    def output(self) -> str:
        return "".join(self.lines)


@contextmanager
def program(command: list[object], env: dict[str, str]) -> Generator[Program]:
    """A program, which is killed at the end where it has not ended."""
    with subprocess.Popen(
        [str(word) for word in command],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        try:
            yield Program(process)
        finally:
            process.kill()


def example(name: str, *arguments: object) -> list[object]:
    """The command that runs one."""
    return [sys.executable, EXAMPLES / name, *arguments]
