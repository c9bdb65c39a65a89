"""Connections of asyncio that tasks share, and the event loop meanwhile."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import oftp
import oftp.asyncio
from oftp import Handler
from oftp.testing import pki

from stations import ALPHA, BETA, Keeps, alpha, beta, to_alpha, to_beta


def run(scene: Callable[[Any, Any], Coroutine[Any, Any, None]], handler: Any = None) -> None:
    """A server and a connection to it."""

    async def main() -> None:
        async with await oftp.asyncio.serve(
            port=0, identity=beta(), partners=[to_alpha()], handler=handler
        ) as server:
            async with await oftp.asyncio.connect(
                *server.address, identity=alpha(), partner=to_beta()
            ) as connection:
                await scene(server, connection)

    asyncio.run(main())


def test_tasks_share_a_connection() -> None:
    async def scene(server: Any, connection: Any) -> None:
        sends = [connection.send(os.urandom(9_000), dsn=f"A{at}") for at in range(20)]
        sent = await asyncio.gather(*sends)
        responses = await asyncio.gather(*map(connection.wait_response, sent))
        assert [one.dsn for one in responses] == [f"A{at}" for at in range(20)]

    run(scene)


def test_one_of_them_is_cancelled() -> None:
    keeps = Keeps()

    async def scene(server: Any, connection: Any) -> None:
        tasks = [
            asyncio.create_task(connection.send(os.urandom(200_000), dsn=f"A{at}"))
            for at in range(5)
        ]
        while not connection.mailbox.result.waiting:
            await asyncio.sleep(0)
        tasks[0].cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError)
        assert all(isinstance(one, oftp.SentFile) and one.stored for one in done[1:])

    run(scene, keeps)
    assert {received.file.dsn for received in keeps.files} >= {f"A{at}" for at in range(1, 5)}
    assert len({received.file.dsn for received in keeps.files}) == len(keeps.files)


def test_a_connection_is_closed_while_a_task_uses_it() -> None:
    async def scene(server: Any, connection: Any) -> None:
        task = asyncio.create_task(connection.receive())
        other = asyncio.create_task(connection.send(os.urandom(5_000_000), dsn="A"))
        await asyncio.sleep(0)
        await connection.close()
        for one in (task, other):
            with pytest.raises(oftp.OftpError):
                await one

    run(scene)


def test_a_close_that_is_cancelled_is_a_close() -> None:
    async def scene(server: Any, connection: Any) -> None:
        connection_task = asyncio.create_task(connection.close())
        await asyncio.sleep(0)
        connection_task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await connection_task
        with pytest.raises(oftp.UserError, match="closed"):
            await connection.send(b"", dsn="A")
        async with await oftp.asyncio.connect(
            *server.address, partner=BETA, mailbox=connection.mailbox
        ) as again:
            assert (await again.send(b"octets", dsn="A")).stored

    run(scene)


def test_files_are_queued_while_the_session_works() -> None:
    """Hashing and sealing take the mailbox from the loop, and the network goes on."""
    keys = pki.Pki()
    ours, theirs = keys.self_signed(ALPHA), keys.self_signed(BETA)

    async def main() -> None:
        partner = to_alpha(certificates=ours.certificate.pem.encode())
        async with await oftp.asyncio.serve(
            port=0, identity=beta(keys=theirs.keystore), partners=[partner]
        ) as server:
            for at in range(5):
                server.queue(ALPHA, os.urandom(100_000), dsn=f"B{at}", sign=True, encrypt=True)
            async with await oftp.asyncio.connect(
                *server.address,
                identity=alpha(keys=ours.keystore),
                partner=to_beta(certificates=theirs.certificate.pem.encode()),
            ) as connection:
                how: dict[str, Any] = {"sign": True, "encrypt": True, "signed_response": True}
                sends = [
                    connection.send(os.urandom(100_000), dsn=f"A{at}", **how) for at in range(5)
                ]
                sent = await asyncio.gather(*sends)
                await asyncio.gather(*map(connection.wait_response, sent))
            assert all(one.is_delivered for one in sent)
            assert connection.result.received == 5

    asyncio.run(main())


def test_the_loop_goes_on_while_a_file_is_sealed_and_opened() -> None:
    keys = pki.Pki()
    ours, theirs = keys.self_signed(ALPHA), keys.self_signed(BETA)
    ticks = 0

    async def heart() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    async def main() -> None:
        partner = to_alpha(certificates=ours.certificate.pem.encode())
        async with await oftp.asyncio.serve(
            port=0, identity=beta(keys=theirs.keystore), partners=[partner]
        ) as server:
            async with await oftp.asyncio.connect(
                *server.address,
                identity=alpha(keys=ours.keystore),
                partner=to_beta(certificates=theirs.certificate.pem.encode()),
            ) as connection:
                beats = asyncio.create_task(heart())
                sent = await connection.queue(
                    os.urandom(8 << 20), dsn="A", sign=True, encrypt=True, compress=True
                )
                # It took the whole file, and turns of the loop went by.
                assert ticks > 100
                await connection.wait_response(sent)
                beats.cancel()

    asyncio.run(main())


def test_a_sink_may_be_a_coroutine() -> None:
    class Sink:
        octets = b""

        async def write(self, octets: bytes) -> None:
            await asyncio.sleep(0)
            self.octets += octets

    sink = Sink()

    class Into(Handler):
        async def offered(self, file: oftp.VirtualFile) -> object:
            await asyncio.sleep(0)
            return sink

        async def received(self, received: oftp.ReceivedFile) -> None:
            await asyncio.sleep(0)
            raise oftp.Refuse(34, after=True)

    async def scene(server: Any, connection: Any) -> None:
        sent = await connection.send(b"octets" * 1000, dsn="A")
        with pytest.raises(oftp.NotDelivered):
            await connection.wait_response(sent)

    run(scene, Into())
    assert sink.octets == b"octets" * 1000
