"""A station: takes calls, and calls its partner when there is something in its outbox.

    python station.py FOLDER --id O0177ALPHA --port 3305 --partner O0177BETA --calls localhost:3306

Files that come go to FOLDER/inbox; what lies in FOLDER/outbox is sent, and moved to FOLDER/sent
once its end response is here. Put a file into the outbox by renaming it: one that is still written
would be sent as it is. Passwords are as in send.py. Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path

import oftp
import oftp.asyncio


class Prints(oftp.Handler):
    """Prints what happens, in any session."""

    def up(self, partner: str) -> None:
        print(f"session with {partner}", flush=True)

    def received(self, received: oftp.ReceivedFile) -> None:
        print(f"received {received.file.dsn}: {received.path}", flush=True)


async def empty(outbox: Path, call: Coroutine[None, None, oftp.asyncio.Connection]) -> None:
    """Calls the partner, sends what is there, and waits for the responses."""
    async with await call as connection:
        waiting = [(path, await connection.queue(path)) for path in sorted(outbox.iterdir())]
        for path, sent in waiting:
            await connection.wait_response(sent)
            print(f"delivered {sent.file.dsn}", flush=True)
            path.rename(outbox.with_name("sent") / path.name)


async def main(options: argparse.Namespace) -> None:
    """Serves, and looks into the outbox now and then."""
    own, theirs = (os.environ.get(name, "") for name in ("OFTP_PASSWORD", "OFTP_PARTNER_PASSWORD"))
    station = oftp.Identity(code=options.id, password=own)
    partner = oftp.Partner(code=options.partner, password=theirs)
    for name in ("inbox", "outbox", "sent"):
        (options.folder / name).mkdir(parents=True, exist_ok=True)
    outbox = options.folder / "outbox"
    host, _, port = (options.calls or "").rpartition(":")
    async with await oftp.asyncio.serve(
        port=options.port, identity=station, partners=[partner], handler=Prints(),
        inbox=options.folder / "inbox",
    ) as server:  # fmt: skip
        print(f"listening on port {server.port}", flush=True)
        while True:
            if options.calls and any(outbox.iterdir()):
                call = oftp.asyncio.connect(
                    host, int(port), identity=station, partner=partner, handler=Prints(),
                    inbox=options.folder / "inbox",
                )  # fmt: skip
                try:
                    await empty(outbox, call)
                except (oftp.OftpError, OSError) as error:
                    print(f"later again: {error}", flush=True)
            await asyncio.sleep(options.every)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An OFTP station.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--id", required=True)
    parser.add_argument("--partner", required=True, help="its identification code")
    parser.add_argument("--port", type=int, default=3305, help="where the partner calls us")
    parser.add_argument("--calls", metavar="HOST:PORT", help="where we call the partner")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two looks")
    try:
        asyncio.run(main(parser.parse_args()))
    except KeyboardInterrupt:
        pass
