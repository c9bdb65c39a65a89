"""How fast a file of 1 GiB goes over loopback by the front-ends, beside the command in Rust that
sends to the same receiver, in turns: medians, and ratios of throughput to the command. The goals
are 0.6 of it for the blocking front-end and 0.5 for asyncio, in either direction.

    python benches/transfer.py [rounds [MiB]]

``OFTP_BIN`` names the command. Where the sender is measured, the receiver forces nothing to the
disk; where the receiver is, all of them do, as stations must.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import oftp
import oftp.asyncio

GOALS = {"oftp.connect": 0.6, "oftp.asyncio": 0.5, "oftp.serve": 0.6, "oftp.asyncio.serve": 0.5}
COMMAND = os.environ.get("OFTP_BIN", "oftp")
ALPHA, BETA = "O0177ALPHA", "O0177BETA"
CONFIG = oftp.Config(compression=False)


def options(own: str, partner: str) -> list[str]:
    """What both sides of the command are told."""
    return ["--id", own, "--password-env", "OFTP_PASSWORD", "--partner", partner]


@contextmanager
def listening(inbox: Path, *more: str) -> Generator[int]:
    """`oftp listen`; its port."""
    command = [COMMAND, "listen", "127.0.0.1:0", "--directory", str(inbox), "--json"]
    command += [*options(BETA, ALPHA), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            event = json.loads(process.stdout.readline())
            # The pipe has to be emptied while it runs.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield int(event["address"].rsplit(":", 1)[1])
        finally:
            process.kill()


def by_command(port: int, file: Path) -> None:
    """The baseline."""
    command = [COMMAND, "send", f"127.0.0.1:{port}", str(file), *options(ALPHA, BETA)]
    with tempfile.TemporaryDirectory() as state:
        subprocess.run([*command, "--quiet", "--no-sync", "--state", state], check=True)


def blocking(port: int, file: Path) -> None:
    identity = oftp.Identity(code=ALPHA, password="X")
    with oftp.connect(
        "127.0.0.1", port, identity=identity, partner=oftp.Partner(code=BETA), config=CONFIG
    ) as connection:
        connection.wait_response(connection.send(file))


def by_asyncio(port: int, file: Path) -> None:
    async def send() -> None:
        identity = oftp.Identity(code=ALPHA, password="X")
        async with await oftp.asyncio.connect(
            "127.0.0.1", port, identity=identity, partner=oftp.Partner(code=BETA), config=CONFIG
        ) as connection:
            await connection.wait_response(await connection.send(file))

    asyncio.run(send())


def serve_blocking(inbox: str, ports: "multiprocessing.SimpleQueue[int]") -> None:
    identity = oftp.Identity(code=BETA, password="X")
    with oftp.serve(
        port=0, identity=identity, partners=[oftp.Partner(code=ALPHA)], inbox=inbox, config=CONFIG
    ) as server:
        ports.put(server.port)
        server.serve_forever()


def serve_asyncio(inbox: str, ports: "multiprocessing.SimpleQueue[int]") -> None:
    async def serve() -> None:
        identity, partner = oftp.Identity(code=BETA, password="X"), oftp.Partner(code=ALPHA)
        async with await oftp.asyncio.serve(
            port=0, identity=identity, partners=[partner], inbox=inbox, config=CONFIG
        ) as server:
            ports.put(server.port)
            await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def serving(
    serve: "Callable[[str, multiprocessing.SimpleQueue[int]], None]", inbox: Path
) -> Generator[int]:
    """A server of ours in a process of its own; its port."""
    context = multiprocessing.get_context("spawn")
    ports: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
    process = context.Process(target=serve, args=(str(inbox), ports), daemon=True)
    process.start()
    try:
        yield ports.get()
    finally:
        process.terminate()
        process.join()


def empty(folder: Path, size: int) -> None:
    """Checks that the file has arrived, and makes room."""
    (arrived,) = [path for path in folder.iterdir() if path.is_file()]
    assert arrived.stat().st_size == size
    arrived.unlink()


def main(rounds: int = 5, mebibytes: int = 1024) -> None:
    os.environ["OFTP_PASSWORD"] = "X"
    size = mebibytes << 20
    took: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, inbox = folder / "GOODS", folder / "inbox"
        inbox.mkdir()
        # Sparse: reading it costs memory bandwidth, and no disk.
        with open(file, "wb") as made:
            made.truncate(size)

        def measure(what: str, send: Callable[[int, Path], None], port: int) -> None:
            began = time.perf_counter()
            send(port, file)
            took.setdefault(what, []).append(time.perf_counter() - began)
            empty(inbox, size)

        with listening(inbox, "--no-sync") as port:
            for _ in range(rounds):
                measure("oftp send", by_command, port)
                measure("oftp.connect", blocking, port)
                measure("oftp.asyncio", by_asyncio, port)
        with serving(serve_blocking, inbox) as one, serving(serve_asyncio, inbox) as other:
            with listening(inbox) as port:
                for _ in range(rounds):
                    measure("oftp send to oftp listen", by_command, port)
                    measure("oftp.serve", by_command, one)
                    measure("oftp.asyncio.serve", by_command, other)
    base = ""
    for what, times in took.items():
        base = base if what in GOALS else what
        median = statistics.median(times)
        ratio = statistics.median(took[base]) / median
        goal = GOALS.get(what)
        verdict = "" if goal is None else f"goal {goal}: {'met' if ratio >= goal else 'MISSED'}"
        print(f"{what:<26} {mebibytes / median:7.0f} MiB/s  {ratio:5.2f}  {verdict}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
