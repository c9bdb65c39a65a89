"""Stations as the conformance tests see them: what sends one file and waits for its response, and
what takes one; here those of the package's front-ends. The sender is ALPHA, the receiver BETA."""

from __future__ import annotations

import asyncio
import io
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import oftp
import oftp.asyncio

ALPHA, BETA = "O0177ALPHA", "O0177BETA"
PASSWORDS = {ALPHA: "SECRET", BETA: "GEHEIM"}
PARTNER = {ALPHA: BETA, BETA: ALPHA}


@dataclass(frozen=True)
class Case:
    """One exchange.

    :ivar keys: Files with the keys of both, by code, and their certificates; empty: it is plain.
    """

    folder: Path
    level: oftp.Level
    format: str
    content: bytes
    keys: dict[str, tuple[Path, Path]]
    authentication: bool = False

    @property
    def file(self) -> Path:
        return self.folder / "GOODS"

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def config(self) -> oftp.Config:
        return oftp.Config(level=self.level, buffer_size=2000, window=4)

    def identity(self, code: str) -> oftp.Identity:
        keys = self.keys[code][0] if self.keys else None
        return oftp.Identity(code=code, password=PASSWORDS[code], keys=keys)

    def partner(self, code: str) -> oftp.Partner:
        certificate = self.keys[code][1] if self.keys else None
        return oftp.Partner(
            code=code,
            password=PASSWORDS[code],
            certificates=certificate,
            authentication=self.authentication,
        )

    def how(self) -> oftp.How:
        on = bool(self.keys)
        return {
            "format": "V" if self.format == "V" else "U",
            "sign": on, "encrypt": on, "compress": on, "signed_response": on,
        }  # fmt: skip

    def records(self) -> list[bytes]:
        """Those of a V file, which lie behind their lengths."""
        file, found = io.BytesIO(self.content), list[bytes]()
        while length := file.read(2):
            found.append(file.read(int.from_bytes(length, "big")))
        return found


class Kind(ABC):
    """A kind of station.

    :ivar levels: Whether it can be told its highest level.
    :ivar formats: What it can send.
    :ivar secures: Whether it can sign, encrypt, compress and authenticate.
    """

    levels = True
    formats = "UV"
    secures = True

    @abstractmethod
    def send(self, case: Case, port: int) -> None:
        """Sends the file of the case, and returns when its response is here, and good."""

    @abstractmethod
    def receive(self, case: Case) -> tuple[int, Callable[[], None]]:
        """Begins to listen. The port, and what is called when the one connection has ended: it
        waits until the station has, too."""


def in_thread(body: Callable[[], object]) -> Callable[[], None]:
    """Runs it in a thread; what it raises is raised by what is returned."""
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            body()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()

    def wait() -> None:
        thread.join(60)
        assert not thread.is_alive(), "the receiver has not ended"
        if failed:
            raise failed[0]

    return wait


class Blocking(Kind):
    """`oftp.connect` and `oftp.serve`."""

    def send(self, case: Case, port: int) -> None:
        with oftp.connect(
            "127.0.0.1", port, identity=case.identity(ALPHA), partner=case.partner(BETA),
            config=case.config, tls=bool(case.keys),
        ) as connection:  # fmt: skip
            sent = connection.send(case.file, **case.how())
            connection.wait_response(sent)
        assert (sent.proof == oftp.mailbox.Proof.SIGNED) is bool(case.keys)

    def receive(self, case: Case) -> tuple[int, Callable[[], None]]:
        server = oftp.serve(
            port=0, identity=case.identity(BETA), partners=[case.partner(ALPHA)],
            inbox=case.inbox, config=case.config, tls=bool(case.keys),
        )  # fmt: skip

        def serve() -> None:
            with server, server.serve_one() as session:
                session.finish()

        return server.port, in_thread(serve)


class Asyncio(Kind):
    """`oftp.asyncio`."""

    def send(self, case: Case, port: int) -> None:
        async def send() -> None:
            async with await oftp.asyncio.connect(
                "127.0.0.1", port, identity=case.identity(ALPHA), partner=case.partner(BETA),
                config=case.config, tls=bool(case.keys),
            ) as connection:  # fmt: skip
                sent = await connection.send(case.file, **case.how())
                await connection.wait_response(sent)
            assert (sent.proof == oftp.mailbox.Proof.SIGNED) is bool(case.keys)

        asyncio.run(send())

    def receive(self, case: Case) -> tuple[int, Callable[[], None]]:
        begun: list[tuple[int, asyncio.AbstractEventLoop]] = []
        listens, ended = threading.Event(), asyncio.Event()

        async def serve() -> None:
            async with await oftp.asyncio.serve(
                port=0, identity=case.identity(BETA), partners=[case.partner(ALPHA)],
                inbox=case.inbox, config=case.config, tls=bool(case.keys),
            ) as server:  # fmt: skip
                begun.append((server.port, asyncio.get_running_loop()))
                listens.set()
                await ended.wait()

        join = in_thread(lambda: asyncio.run(serve()))
        assert listens.wait(60)
        port, loop = begun[0]

        def wait() -> None:
            loop.call_soon_threadsafe(ended.set)
            join()

        return port, wait
