"""How long `import oftp` takes, beside an interpreter that imports nothing: medians of fresh
processes, taken in turns. The goal is less than 50 ms more. The command has its own line: it is
started for every file in many a script.

    python benches/import_time.py [processes]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

GOAL = 50.0

#: What is measured, the baseline first.
PROGRAMS = {
    "the bare interpreter": ["-c", ""],
    "dataclasses and enum of the standard library": ["-c", "import dataclasses, enum"],
    "import oftp": ["-c", "import oftp"],
    "oftp --version": ["-m", "oftp", "--version"],
}


def milliseconds(arguments: list[str]) -> float:
    """From the start of a process to its end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000


def main(processes: int = 41) -> None:
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for arguments in PROGRAMS.values():  # into the cache of the system
        milliseconds(arguments)
    for _ in range(processes):
        for name, arguments in PROGRAMS.items():
            taken[name].append(milliseconds(arguments))
    bare = statistics.median(taken["the bare interpreter"])
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:<46} {median:7.1f} ms  {median - bare:+7.1f} ms")
    more = statistics.median(taken["import oftp"]) - bare
    print(f"goal: +{GOAL:.0f} ms; {'reached' if more < GOAL else 'MISSED'}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
