"""`serve`: sessions beside each other, limits, and the end (RFC 5024 2.2)."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import oftp
from oftp import Handler
from oftp.mailbox import Ending

from stations import ALPHA, FRONTS, Front, Keeps, beta, to_alpha


@pytest.fixture(params=FRONTS)
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    front = Front(request.param)
    yield front
    front.stop()


METHODS = ["up", "offered", "received", "turned_away", "stored", "response", "response_sent"]


def failing(method: str, is_coroutine: bool) -> Handler:
    """Raises once in this method."""
    raised: list[bool] = []

    def fail(*_: object) -> None:
        if not raised:
            raised.append(True)
            raise ZeroDivisionError(method)

    async def fail_later(*_: object) -> None:
        await asyncio.sleep(0)
        fail()

    handler = Handler()
    setattr(handler, method, fail_later if is_coroutine else fail)
    if method == "turned_away":

        def refuse(_: object) -> None:
            raise oftp.Refuse(1)

        setattr(handler, "received", refuse)
    return handler


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("is_coroutine", [False, True])
def test_a_handler_that_raises_ends_its_session_and_no_other(
    front: Front, method: str, is_coroutine: bool, caplog: pytest.LogCaptureFixture
) -> None:
    if is_coroutine and not front.is_asyncio:
        pytest.skip("coroutines are for asyncio")
    handler = failing(method, is_coroutine)
    with front.serve(handler) as server:
        server.queue(ALPHA, b"octets", dsn="BACK")
        bystander = front.connect(server.port) if method != "up" else None
        with pytest.raises(oftp.SessionAborted) as caught:
            with front.connect(server.port) as connection:
                connection.queue(b"octets", dsn="THERE")
                connection.finish()
            if bystander is not None:
                # The file went to the other one.
                bystander.finish()
        assert caught.value.reason == 99
        if bystander is not None:
            bystander.close()
        with front.connect(server.port) as connection:
            connection.finish()
    assert "ZeroDivisionError" in caplog.text


def test_coroutines_are_not_for_the_blocking_front_end() -> None:
    class Later(Handler):
        async def up(self, partner: str) -> None:
            pass

    front = Front("blocking")
    with front.serve() as server, pytest.raises(oftp.UserError, match="asyncio"):
        front.connect(server.port, handler=Later())


@pytest.mark.parametrize("method", ["up", "stored", "response"])
def test_what_a_handler_raises_comes_out_of_the_call(front: Front, method: str) -> None:
    with front.serve() as server:
        with pytest.raises(ZeroDivisionError):
            handler = failing(method, front.is_asyncio)
            with front.connect(server.port, handler=handler) as connection:
                connection.wait_response(connection.send(b"octets", dsn="A"))


def test_after_an_exception_of_the_handler_the_session_is_over(front: Front) -> None:
    with front.serve() as server:
        connection = front.connect(server.port, handler=failing("stored", False))
        with pytest.raises(ZeroDivisionError):
            connection.send(b"octets", dsn="A")
        with pytest.raises(oftp.SessionAborted):
            connection.finish()
        connection.close()
        assert connection.result.ending is Ending.BY_US


def test_a_handler_may_end_the_session_and_queue(front: Front) -> None:
    holder: list[Any] = []

    class Answers(Handler):
        def stored(self, sent: oftp.SentFile) -> object:
            connection = holder[0]
            connection = getattr(connection, "inner", connection)
            if sent.file.dsn == "A":
                return connection.queue(b"more", dsn="B")
            return connection.close()

    with front.serve(keeps := Keeps()) as server:
        connection = front.connect(server.port, handler=Answers())
        holder.append(connection)
        connection.send(b"octets", dsn="A")
        with pytest.raises(oftp.EmergencyCloseDown):
            connection.finish()
        connection.close()
    assert [received.data for received in keeps.files] == [b"octets", b"more"]


def test_a_handler_cannot_wait_for_its_own_connection(front: Front) -> None:
    holder: list[Any] = []

    class Waits(Handler):
        def stored(self, sent: oftp.SentFile) -> object:
            connection = getattr(holder[0], "inner", holder[0])
            return connection.send(b"more", dsn="B")

    with front.serve() as server, front.connect(server.port, handler=Waits()) as connection:
        holder.append(connection)
        with pytest.raises(oftp.UserError, match="handler"):
            connection.send(b"octets", dsn="A")
        connection.close()


def test_many_sessions_beside_a_slow_and_a_hostile_one(front: Front) -> None:
    keeps = Keeps()
    with front.serve(lambda: keeps, max_sessions=200) as server:
        slow = front.connect(server.port)
        hostile = socket.create_connection(("127.0.0.1", server.port))
        hostile.sendall(b"\x10\x00\x00\x05\xff" * 10)
        connections = [front.connect(server.port) for _ in range(100)]
        for number, connection in enumerate(connections):
            connection.queue(b"octets", dsn=f"A{number}")
        for connection in connections:
            connection.finish()
            connection.close()
        assert slow.send(b"late", dsn="LATE").stored
        slow.close()
        hostile.close()
    assert len(keeps.files) == 101


def test_others_wait_where_all_sessions_are_taken(front: Front) -> None:
    with front.serve(max_sessions=1) as server:
        first = front.connect(server.port)
        with pytest.raises(TimeoutError):
            front.connect(server.port, timeout=0.1)
        first.close()
        front.connect(server.port).close()


def test_a_full_server_can_be_closed(front: Front) -> None:
    with front.serve(max_sessions=1) as server:
        connection = front.connect(server.port)
        server.close()
        with pytest.raises(oftp.EmergencyCloseDown):
            connection.finish()
        connection.close()
        server.close()


def test_the_end_of_a_server_is_heard_by_all(front: Front) -> None:
    with front.serve() as server:
        connections = [front.connect(server.port) for _ in range(3)]
        silent = socket.create_connection(("127.0.0.1", server.port))
        server.close()
        for connection in connections:
            with pytest.raises(oftp.EmergencyCloseDown):
                connection.receive()
            connection.close()
        silent.close()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", server.port)).close()


def test_a_server_is_closed_in_the_handshake_of_tls(front: Front) -> None:
    from oftp.testing import pki

    keys = pki.Pki().self_signed("O0177BETA").keystore
    with front.serve(tls=True, identity=beta(keys=keys)) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as silent:
            server.close()
            silent.settimeout(5)
            try:
                assert silent.recv(1) == b""
            except ConnectionError:
                pass


def test_a_server_is_closed_by_a_handler(front: Front) -> None:
    holder: list[Any] = []

    class Closes(Handler):
        def received(self, received: oftp.ReceivedFile) -> object:
            server = getattr(holder[0], "inner", holder[0])
            return server.close()

    with front.serve(Closes()) as server:
        holder.append(server)
        connection = front.connect(server.port)
        with pytest.raises(oftp.EmergencyCloseDown):
            connection.send(b"octets", dsn="A")
            connection.finish()
        connection.close()


def test_sessions_go_on_after_shutdown() -> None:
    server = oftp.serve(port=0, identity=beta(), partners=[to_alpha()])
    for _ in range(2):
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        connection = Front("blocking").connect(server.port)
        server.shutdown()
        thread.join()
        assert connection.send(b"octets", dsn="A").stored
        connection.close()
    server.close()
    server.shutdown()
    for call in (server.serve_forever, server.serve_one):
        with pytest.raises(oftp.UserError, match="closed"):
            call()


def test_one_call_is_answered() -> None:
    with oftp.serve(port=0, identity=beta(), partners=[to_alpha()]) as server:
        with pytest.raises(TimeoutError):
            server.serve_one(timeout=0)
        def call() -> None:
            with Front("blocking").connect(server.port) as connection:
                connection.send(b"octets", dsn="A")

        calls = threading.Thread(target=call)
        calls.start()
        with server.serve_one(timeout=30) as connection:
            received = connection.receive()
            assert received is not None and received.data == b"octets"
        calls.join()


def test_a_file_that_cannot_be_read_does_not_stop_the_others(front: Front) -> None:
    keeps = Keeps()
    with front.serve(keeps) as server:
        bad = server.queue(ALPHA, "/no/such/file")
        good = server.queue(ALPHA, b"good", dsn="GOOD")
        with front.connect(server.port) as connection:
            assert [received.data for received in connection] == [b"good"]
    assert good.is_delivered and ("refused", bad) in keeps.told
    assert isinstance(bad.error, oftp.FileRefused)
    assert isinstance(bad.error.__cause__, FileNotFoundError)


def test_files_for_strangers_are_not_queued(front: Front) -> None:
    with front.serve() as server, pytest.raises(oftp.UserError, match="O0177GAMMA"):
        server.queue("O0177GAMMA", b"", dsn="A")


def test_a_server_by_ipv6() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6")
    for host, call in (("::1", "::1"), ("", "::1"), ("", "127.0.0.1")):
        with oftp.serve(host, 0, identity=beta(), partners=[to_alpha()]) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            Front("blocking").connect(server.port, host=call).close()
            server.shutdown()
            thread.join()


_SHORT = """
import resource, socket, sys, threading
import oftp
from stations import alpha, beta, to_alpha, to_beta
with oftp.serve(port=0, identity=beta(), partners=[to_alpha()]) as server:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    # It serves.
    oftp.connect(*server.address, identity=alpha(), partner=to_beta()).close()
    seen.clear()
    used = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        while True:
            used.append(socket.socket())
    except OSError:
        pass
    # One for the caller; none is left to accept it.
    used.pop().close()
    caller = socket.create_connection(server.address)
    while not seen.wait(0.01):
        pass
    for one in used:
        one.close()
    caller.close()
    with oftp.connect(*server.address, identity=alpha(), partner=to_beta()) as connection:
        connection.send(b"octets", dsn="A")
    server.shutdown()
    thread.join()
print("served")
"""


def child(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "dev", "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_server_that_is_short_of_descriptors_goes_on() -> None:
    watch = """
import logging, threading
seen = threading.Event()
class Sees(logging.Handler):
    def emit(self, record):
        seen.set()
logging.getLogger("oftp").addHandler(Sees())
"""
    done = child(watch + _SHORT)
    assert (done.stderr, done.stdout) == ("", "served\n")
