"""What was cut goes on: nothing is lost, nothing comes twice (RFC 5024 1.5.4, 4.3.6)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import oftp
import oftp.asyncio
from oftp import Handler
from oftp.mailbox import Mailbox

from stations import ALPHA, FRONTS, Front, Keeps, Proxy, alpha, beta, to_alpha, to_beta

#: Octets that neither compression makes short.
OCTETS = os.urandom(1_500_000)


@pytest.fixture(params=FRONTS)
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    front = Front(request.param)
    yield front
    front.stop()


def test_after_a_time_out_the_next_call_goes_on(front: Front) -> None:
    keeps = Keeps()
    with front.serve(keeps) as server, front.connect(server.port) as connection:
        sent = connection.queue(OCTETS, dsn="A")
        times_out = 0
        while not sent.stored:
            try:
                connection.wait_stored(sent, timeout=0)
            except TimeoutError:
                times_out += 1
        assert times_out
    assert [received.data for received in keeps.files] == [OCTETS]


@pytest.mark.parametrize("at", [1, 30, 100, 250, 1_000, 50_000, 400_000, 1_499_000, 1_502_000])
def test_a_cut_at_any_place_is_mended_by_the_next_connection(
    front: Front, tmp_path: Path, at: int
) -> None:
    keeps = Keeps()
    with front.serve(keeps, inbox=tmp_path) as server, Proxy(server.port, [at]) as proxy:
        mailbox = Mailbox(alpha())
        sent: Any = None
        how: dict[str, Any] = {"mailbox": mailbox, "identity": None}
        try:
            connection = front.connect(proxy.port, **how)
        except (oftp.SessionAborted, ConnectionError):
            pass  # It came no further.
        else:
            sent = connection.queue(OCTETS, dsn="A")
            with pytest.raises((oftp.SessionAborted, ConnectionError)):
                connection.wait_stored(sent)
                connection.finish()
                raise ConnectionError  # The cut comes behind all that was said.
            connection.close()
        while sent is None or sent.response is None:
            with front.connect(proxy.port, **how) as connection:
                if sent is None:
                    sent = connection.queue(OCTETS, dsn="A")
                try:
                    connection.wait_response(sent)
                except oftp.FileRefused as refused:
                    # The server has not heard of the cut yet.
                    assert refused.retry_later
    assert sent.is_delivered and sent.error is None
    [received] = keeps.files
    assert Path(received.path or "").read_bytes() == OCTETS
    if at >= 400_000:
        # It went on where it stopped.
        assert proxy.carried[-1] < len(OCTETS) - at // 2


def test_the_files_of_a_server_survive_a_cut(front: Front, tmp_path: Path) -> None:
    with front.serve() as server, Proxy(server.port, [120]) as proxy:
        waiting = [server.queue(ALPHA, OCTETS[at:], dsn=f"A{at}") for at in range(3)]
        mailbox = Mailbox(alpha())
        how: dict[str, Any] = {"mailbox": mailbox, "identity": None, "inbox": tmp_path}
        try:
            with front.connect(proxy.port, **how) as connection:
                pass
        except (oftp.SessionAborted, ConnectionError):
            pass
        # The server may not have heard of the cut yet.
        while not all(sent.is_delivered for sent in waiting):
            try:
                with front.connect(proxy.port, **how):
                    pass
            except oftp.ResourcesNotAvailable:
                pass  # Our response came while its file was still in the session that was cut.
    assert len([path for path in tmp_path.iterdir() if path.is_file()]) == 3


def test_a_file_of_the_server_goes_to_whoever_comes_next(front: Front) -> None:
    """The mailbox that has it is not the one that the partner gets."""
    with front.serve(partners=[to_alpha(), oftp.Partner(code="O0177GAMMA")]) as server:
        waiting = server.queue(ALPHA, b"octets", dsn="A")

        class Fails(Handler):
            def offered(self, file: object) -> None:
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError), front.connect(server.port, handler=Fails()) as first:
            first.receive()
        gamma = oftp.Identity(code="O0177GAMMA")
        received = None
        with front.connect(server.port, identity=gamma):
            # The server may not have come to the end of the first session.
            while received is None:
                with front.connect(server.port) as connection:
                    received = connection.receive()
        assert received.data == b"octets" and waiting.is_delivered


def test_ctrl_c_in_the_middle_loses_nothing() -> None:
    with Front("blocking").serve(keeps := Keeps()) as server:
        child = subprocess.run(
            [sys.executable, "-c", _INTERRUPTED, str(server.port)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert (child.stderr, child.returncode) == ("", 0)
    assert int(child.stdout) >= 1
    assert [len(received.data) for received in keeps.files] == [30_000_000]


_INTERRUPTED = """
import os, signal, sys, threading
import oftp
from stations import alpha, to_beta

interrupted, running = 0, False

def hear(number, frame):
    # Many signals come: one that came while the last is being caught would be caught nowhere.
    global running
    if running:
        running = False
        raise KeyboardInterrupt

signal.signal(signal.SIGINT, hear)
connection = oftp.connect("127.0.0.1", int(sys.argv[1]), identity=alpha(), partner=to_beta())
with connection:
    sent = connection.queue(os.urandom(30_000_000), dsn="A")
    over = threading.Event()
    def ring():
        while not over.wait(0.002):
            os.kill(os.getpid(), signal.SIGINT)
    thread = threading.Thread(target=ring)
    thread.start()
    while not sent.stored:
        try:
            running = True
            connection.wait_stored(sent)
        except KeyboardInterrupt:
            interrupted += 1
        running = False
    over.set()
    thread.join()
print(interrupted)
"""


def test_cancellation_leaves_everything_as_it_is() -> None:
    class Waits(Handler):
        def __init__(self) -> None:
            self.reached = asyncio.Event()
            self.may = asyncio.Event()
            self.files: list[oftp.ReceivedFile] = []

        async def stored(self, sent: oftp.SentFile) -> None:
            self.reached.set()
            await self.may.wait()

    async def scene() -> None:
        keeps, waits = Keeps(), Waits()
        async with await oftp.asyncio.serve(
            port=0, identity=beta(), partners=[to_alpha()], handler=keeps
        ) as server:
            connection = await oftp.asyncio.connect(
                *server.address, identity=alpha(), partner=to_beta(), handler=waits
            )
            async with connection:
                task = asyncio.create_task(connection.send(OCTETS, dsn="A"))
                # In the middle of the handler's own call.
                await waits.reached.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                waits.may.set()
                sent = await connection.send(b"more", dsn="B")
                assert (await connection.wait_response(sent)).reason is None
        assert [received.data for received in keeps.files] == [OCTETS, b"more"]

    asyncio.run(scene())


_RECEIVER = """
import sys
import oftp
from stations import beta, to_alpha

class Slow(oftp.Handler):
    def progress(self, progress):
        print("progress", flush=True)
    def received(self, received):
        print("received", received.path, flush=True)

with oftp.serve(port=int(sys.argv[2]), identity=beta(), partners=[to_alpha()], inbox=sys.argv[1],
                handler=Slow()) as server:
    print(server.port, flush=True)
    server.serve_forever()
"""


def receiver(folder: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _RECEIVER, str(folder), str(port)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_receiver_that_is_killed_goes_on_in_another_process(front: Front, tmp_path: Path) -> None:
    octets = os.urandom(8_000_000)
    mailbox = Mailbox(alpha())
    how: dict[str, Any] = {"mailbox": mailbox, "identity": None}
    first = receiver(tmp_path, 0)
    assert first.stdout is not None
    port = int(first.stdout.readline())
    connection = front.connect(port, **how)
    sent = connection.queue(octets, dsn="A")
    with pytest.raises(TimeoutError):
        connection.wait_stored(sent, timeout=0)
    with pytest.raises((oftp.SessionAborted, ConnectionError)):
        while True:
            try:
                connection.wait_stored(sent, timeout=0.01)
            except TimeoutError:
                progress = mailbox.sending
                if progress is not None and progress.octets > 1_500_000:
                    first.kill()
            else:
                raise AssertionError("it was too fast")
    connection.close()
    first.communicate(timeout=30)
    second = receiver(tmp_path, 0)
    assert second.stdout is not None
    with Proxy(int(second.stdout.readline()), []) as proxy:
        with front.connect(proxy.port, **how) as connection:
            connection.wait_response(sent)
    assert sent.is_delivered
    second.send_signal(signal.SIGKILL)
    said, _ = second.communicate(timeout=30)
    path = said.split("received ", 1)[1].strip()
    assert Path(path).read_bytes() == octets


def test_a_response_that_its_handler_could_not_keep_comes_again(front: Front) -> None:
    """RTR says that the response is safe: until the handler has returned, it is not."""
    kept: list[Any] = []

    class KeepsLater(Handler):
        fails = True

        def response(self, sent: Any, response: oftp.EndResponse, proof: object) -> None:
            if self.fails:
                raise ZeroDivisionError
            kept.append((sent, response.dsn))

    with front.serve(Keeps()) as server:
        handler = KeepsLater()
        connection = front.connect(server.port, handler=handler)
        sent = connection.send(b"octets", dsn="A")
        with pytest.raises(ZeroDivisionError):
            connection.wait_response(sent)
        connection.close()
        assert not sent.is_delivered
        handler.fails = False
        # The server may not have noticed yet that the session is over.
        while not kept:
            with front.connect(
                server.port, handler=handler, mailbox=connection.mailbox, identity=None
            ) as again:
                pass
            assert again.result.ending == "normal"
    assert kept == [(sent, "A")] and sent.is_delivered
