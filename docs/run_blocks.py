#!/usr/bin/env python3
"""Runs every ``console`` block of the pages, and compares what is shown with what comes.

    docs/run_blocks.py [PAGE ...]

The blocks of a page run one after the other, in one shell, in a scratch folder that holds the files
of examples/python, and examples/station as it is. A line that begins with ``$`` is a command, lines
that begin with ``>`` belong to it; what follows until the next command must be its output. A line
``...`` in it stands for any lines, ``...`` within a line for any characters. A command without output
shown must only succeed. What a page leaves running is ended behind it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

DOCS = Path(__file__).parent
EXAMPLES = DOCS.parent / "examples"
BLOCK = re.compile(r"^( *)\.\. code-block:: console\n(?:\1 +:.*\n)*\n((?:\1 +.*\n|\n)+)", re.MULTILINE)
SECONDS = 120


@dataclass
class Command:
    """A command, the line of the page where it stands, and what it must print."""

    line: int
    text: str
    output: list[str] = field(default_factory=list)

    def agrees(self, printed: list[str]) -> bool:
        """Whether this is what the page shows."""
        while self.output and not self.output[-1]:
            self.output.pop()
        parts = [re.escape(line).replace(r"\.\.\.", ".*") + "\n" for line in self.output]
        pattern = "".join("(?:.*\n)*?" if part == ".*\n" else part for part in parts)
        return not self.output or bool(re.fullmatch(pattern, "\n".join(printed) + "\n"))


def commands(page: str) -> list[Command]:
    """The commands of all blocks of a page."""
    found: list[Command] = []
    for block in BLOCK.finditer(page):
        first = page.count("\n", 0, block.start(2)) + 1
        lines = block[2].splitlines()
        indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        for number, line in enumerate((line[indent:].rstrip() for line in lines), first):
            if line.startswith("$ "):
                found.append(Command(number, line[2:]))
            elif line.startswith("> ") and not found[-1].output:
                found[-1].text += "\n" + line[2:]
            elif line or found[-1].output:
                found[-1].output.append(line)
    return found


def run(page: Path) -> list[str]:
    """What is wrong with the blocks of a page."""
    listed = commands(page.read_text(encoding="utf-8"))
    mark = "-- end of command"
    script = "".join(f"{c.text}\nprintf '\\n%s %s\\n' {shlex.quote(mark)} $?\n" for c in listed)
    script += "kill $(jobs -p) 2>/dev/null\n"
    with tempfile.TemporaryDirectory() as folder:
        for example in (EXAMPLES / "python").glob("*.py"):
            shutil.copy(example, folder)
        shutil.copytree(EXAMPLES / "station", Path(folder, "examples", "station"))
        shell = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env={**os.environ, "HOME": folder, "PYTHONWARNINGS": "error", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            printed, _ = shell.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return [f"{page}: not done after {SECONDS} s"]
        finally:
            try:
                os.killpg(shell.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    answers = re.split(rf"\n{mark} (\d+)\n", printed)
    faults = []
    for index, command in enumerate(listed):
        where = f"{page}:{command.line}: {command.text}"
        if 2 * index + 1 >= len(answers):
            faults.append(f"{where}\nwas not run; before it came\n{answers[-1]}")
            break
        output, status = answers[2 * index].rstrip("\n").splitlines(), answers[2 * index + 1]
        if status != "0" and not command.output:
            faults.append(f"{where}\nended with {status}\n" + "\n".join(output))
        if not command.agrees([line.rstrip() for line in output]):
            shown = "\n".join(command.output)
            faults.append(f"{where}\nshows\n{shown}\nbut prints\n" + "\n".join(output))
    return faults


def main() -> int:
    pages = [Path(name) for name in sys.argv[1:]] or sorted(DOCS.glob("**/*.rst"))
    faults = [fault for page in pages for fault in run(page)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
