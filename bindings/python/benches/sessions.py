"""A thousand sessions at the same time in one process, both ends of them, by `oftp.asyncio`. All are
up before the first may send; then each sends a file and waits for its response.

    python benches/sessions.py [sessions [KiB of each file]]
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time

import oftp
import oftp.asyncio

ALPHA, BETA = "O0177ALPHA", "O0177BETA"


class Keeps(oftp.Handler):
    """Files stay in memory; what came is counted."""

    def __init__(self) -> None:
        self.octets = 0

    def received(self, received: oftp.ReceivedFile) -> None:
        self.octets += len(received.data)


def resident() -> int:
    """Octets of memory that this process has now."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


async def main(sessions: int, kibibytes: int) -> None:
    content = os.urandom(kibibytes << 10)
    identity, partner = oftp.Identity(code=ALPHA), oftp.Partner(code=BETA)
    keeps = Keeps()
    up = asyncio.Barrier(sessions + 1)
    server = await oftp.asyncio.serve(
        port=0, identity=oftp.Identity(code=BETA), partners=[oftp.Partner(code=ALPHA)],
        handler=keeps,
    )  # fmt: skip

    async def session(number: int) -> None:
        async with await oftp.asyncio.connect(
            "127.0.0.1", server.port, identity=identity, partner=partner, timeout=None
        ) as connection:
            await up.wait()
            sent = await connection.send(content, dsn=f"FILE{number}")
            await connection.wait_response(sent)

    before, began = resident(), time.perf_counter()
    async with server, asyncio.TaskGroup() as group:
        for number in range(sessions):
            group.create_task(session(number))
        await up.wait()
        risen, memory = time.perf_counter() - began, resident() - before
    took = time.perf_counter() - began - risen
    assert keeps.octets == sessions * len(content), "not all has arrived"
    print(f"{sessions} sessions, both ends: up at the same time after {risen:.1f} s")
    print(f"memory of a session, both ends: {memory / sessions / 1024:.0f} KiB when all are up")
    print(f"most memory of the process:     {peak() / 2**20:.0f} MiB")
    print(f"a file of {kibibytes} KiB and its response in each: {took:.1f} s")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def peak() -> int:
    """The most octets of memory that it ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    wanted = numbers[0] if numbers else 1000
    # Two sockets for each session, and some.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2 * wanted + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * wanted + 100), hard))
    asyncio.run(main(wanted, numbers[1] if len(numbers) > 1 else 16))
