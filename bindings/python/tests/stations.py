"""What the tests of connections share: two stations, each run by either front-end in a thread of its
own, so that one test reads the same for both."""

from __future__ import annotations

import asyncio
import inspect
import socket
import threading
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import oftp
import oftp.asyncio
from oftp import Handler, Identity, Partner

ALPHA = "O0177ALPHA-MOTORS  HUB001"
BETA = "O0177BETA-PARTS    HUB002"
FRONTS = ("blocking", "asyncio")


def alpha(**more: Any) -> Identity:
    return Identity(code=ALPHA, password="SECRET", **more)


def beta(**more: Any) -> Identity:
    return Identity(code=BETA, password="GEHEIM", **more)


def to_alpha(**more: Any) -> Partner:
    more.setdefault("password", "SECRET")
    return Partner(code=ALPHA, **more)


def to_beta(**more: Any) -> Partner:
    more.setdefault("password", "GEHEIM")
    return Partner(code=BETA, **more)


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class Blocked:
    """An asyncio object whose coroutines are waited for, with `timeout` as the blocking one has."""

    def __init__(self, inner: Any, loop: Loop) -> None:
        self.inner = inner
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.inner, name)
        if not inspect.iscoroutinefunction(value):
            return value

        def call(*arguments: Any, timeout: float | None = None, **more: Any) -> Any:
            async def limited() -> Any:
                async with asyncio.timeout(timeout):
                    return await value(*arguments, **more)

            return self._loop.run(limited())

        return call

    def __iter__(self) -> Iterator[Any]:
        while (received := self.receive()) is not None:
            yield received

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        self._loop.run(self.inner.__aexit__(kind, value, traceback))


class Front:
    """One of the front-ends."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_asyncio = name == "asyncio"
        self.loop = Loop() if self.is_asyncio else None

    def connect(self, port: int, *, host: str = "127.0.0.1", **more: Any) -> Any:
        more = {"identity": alpha(), "partner": to_beta(), **more}
        if self.loop is None:
            return oftp.connect(host, port, **more)
        return Blocked(self.loop.run(oftp.asyncio.connect(host, port, **more)), self.loop)

    @contextmanager
    def serve(self, handler: Any = None, **more: Any) -> Generator[Any, None, None]:
        """A server that runs."""
        more = {"identity": beta(), "partners": [to_alpha()], "handler": handler, **more}
        if self.loop is not None:
            with Blocked(self.loop.run(oftp.asyncio.serve(port=0, **more)), self.loop) as server:
                yield server
            return
        with oftp.serve(port=0, **more) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield server
            finally:
                server.close()
                thread.join()

    def stop(self) -> None:
        if self.loop is not None:
            self.loop.stop()


class Keeps(Handler):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.files: list[oftp.ReceivedFile] = []
        self.told: list[Any] = []
        self.came = threading.Semaphore(0)

    def received(self, received: oftp.ReceivedFile) -> None:
        self.files.append(received)
        self.came.release()

    def turned_away(self, file: Any, answer: str, reason: int | None, text: str) -> None:
        self.told.append((file, answer, reason, text))

    def stored(self, sent: oftp.SentFile) -> None:
        self.told.append(("stored", sent))

    def refused(self, sent: oftp.SentFile) -> None:
        self.told.append(("refused", sent))
        self.came.release()

    def response(self, sent: Any, response: Any, proof: Any) -> None:
        self.told.append(("response", sent, response, proof))
        self.came.release()


class Proxy:
    """Carries connections to a port, and cuts the next ones after so many octets of the caller's.

    :ivar carried: Octets of the caller's in each connection.
    """

    def __init__(self, port: int, cuts: list[int]) -> None:
        self._to = port
        self._cuts = cuts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.carried: list[int] = []
        self._threads = ThreadPoolExecutor()
        self._threads.submit(self._accept)

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads.shutdown()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            called = socket.create_connection(("127.0.0.1", self._to))
            number = len(self.carried)
            self.carried.append(0)
            limit = self._cuts.pop(0) if self._cuts else None

            def count(octets: int, number: int = number) -> None:
                self.carried[number] += octets

            self._threads.submit(self._carry, caller, called, limit, count)
            self._threads.submit(self._carry, called, caller, None, lambda _: None)

    def _carry(
        self,
        one: socket.socket,
        other: socket.socket,
        limit: int | None,
        count: Callable[[int], None],
    ) -> None:
        left = limit
        while left is None or left > 0:
            try:
                octets = one.recv(65_536 if left is None else min(left, 65_536))
                if octets:
                    other.sendall(octets)
            except OSError:
                break
            if not octets:
                break
            count(len(octets))
            left = None if left is None else left - len(octets)
        for sock in (one, other):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        other.close()
