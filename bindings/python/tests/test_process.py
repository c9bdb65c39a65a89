"""Connections and the process around them: forks, the end of the interpreter, memory, garbage."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

import oftp
from oftp import Config, Handler

from stations import FRONTS, Front, Keeps


@pytest.fixture(params=FRONTS)
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    front = Front(request.param)
    yield front
    front.stop()


COMMON = """
import asyncio, os, sys, threading
import oftp, oftp.asyncio
from stations import ALPHA, alpha, beta, to_alpha, to_beta
def server(**more):
    return oftp.serve(port=0, identity=beta(), partners=[to_alpha()], **more)
def call(server, **more):
    return oftp.connect(*server.address, identity=alpha(), partner=to_beta(), **more)
def background(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
"""


def child(program: str) -> str:
    """What it has printed; it must end well and without a word of complaint."""
    done = subprocess.run(
        [sys.executable, "-c", COMMON + program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


FORKS = """
import warnings
warnings.simplefilter("ignore")
server = server()
background(server)
octets = os.urandom(2_000_000)
with call(server) as connection:
    sent = connection.queue(octets, dsn="A")
    try:
        connection.wait_stored(sent, timeout=0)
    except TimeoutError:
        pass
    child = os.fork()
    if child == 0:
        try:
            connection.send(b"", dsn="B")
        except oftp.UserError as error:
            assert "process" in str(error)
        else:
            os._exit(1)
        connection.close()
        server.close()
        LEAVE
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    connection.wait_stored(sent)
server.close()
print(connection.result.ending)
"""


# (threat model Y2)
@pytest.mark.parametrize("leave", ["os._exit(0)", "sys.exit()"])
def test_a_child_does_not_disturb_its_parent(leave: str) -> None:
    assert child(FORKS.replace("LEAVE", leave)) == "normal\n"


@pytest.mark.parametrize(
    "end",
    [
        "",
        "sys.exit()",
        "connection.queue(os.urandom(3_000_000), dsn='A')\n"
        "threading.Thread(target=connection.finish, daemon=True).start()",
        "threading.Thread(target=lambda: [call(server).send(os.urandom(3_000_000), dsn='A')"
        " for _ in range(99)], daemon=True).start()\nimport time; time.sleep(0.2)",
    ],
)
def test_the_interpreter_ends_while_sessions_run(end: str) -> None:
    """No thread waits for the interpreter for ever (threat model Y2)."""
    # What the thread of the user's hears of the end is its own matter.
    quiet = (
        "import logging, warnings\nlogging.disable()\nwarnings.simplefilter('ignore')\n"
        "threading.excepthook = lambda _: None\n"
    )
    child(f"{quiet}server = server()\nbackground(server)\nconnection = call(server)\n{end}")


def test_the_interpreter_ends_while_sessions_of_asyncio_run() -> None:
    child("""
import logging
logging.disable()
async def main():
    server = await oftp.asyncio.serve(port=0, identity=beta(), partners=[to_alpha()])
    connection = await oftp.asyncio.connect(
        *server.address, identity=alpha(), partner=to_beta())
    task = asyncio.create_task(connection.send(os.urandom(3_000_000), dsn="A"))
    await asyncio.sleep(0)
asyncio.run(main())
""")


def test_a_connection_that_is_dropped_says_so() -> None:
    front = Front("blocking")
    with front.serve(Keeps()) as server:
        connection = front.connect(server.port)
        connection.queue(b"octets", dsn="A")
        mailbox = connection.mailbox
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            del connection
            gc.collect()
        # Its sockets may complain as well.
        assert any("unclosed connection" in str(one.message) for one in warned)
        # What was not finished goes on.
        with front.connect(server.port, mailbox=mailbox) as again:
            assert again.finish().sent == 1


def test_a_connection_that_is_closed_is_no_garbage(front: Front) -> None:
    with front.serve() as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        front.connect(server.port).close()
        gc.collect()


SUBINTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
other = interpreters.create()
interpreters.run_string(other, '''
try:
    import oftp
    oftp.Session()
except ImportError as error:
    print("refused:", error, flush=True)
else:
    print("imported", flush=True)
''')
interpreters.destroy(other)
with server() as server:
    background(server)
    with call(server) as connection:
        print(connection.finish().ending)
"""


def test_a_subinterpreter_is_told_that_it_cannot_have_the_package() -> None:
    """And the main one goes on (threat model Y2)."""
    refused, ending = child(SUBINTERPRETER).splitlines()
    assert refused.startswith("refused:") and "subinterpreters" in refused
    assert ending == "normal"


SLOW = """
import resource
class Sink:
    octets = 0
    def write(self, octets):
        self.octets += len(octets)
        if self.octets % 64 == 0:
            threading.Event().wait(0.0001)
class Into(oftp.Handler):
    sink = Sink()
    def offered(self, file):
        return self.sink
size = 64 << 20
import tempfile
with tempfile.TemporaryFile() as file, server(handler=Into()) as server:
    block = os.urandom(1 << 20)
    for _ in range(size >> 20):
        file.write(block)
    file.seek(0)
    background(server)
    with call(server) as connection:
        connection.send(b"warm", dsn="WARM")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        connection.send(file, dsn="BIG")
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert Into.sink.octets == size + 4
assert after - before < 16 << 10, (before, after)
"""


def test_a_slow_sink_takes_no_memory() -> None:
    child(SLOW)


def test_a_slow_sink_stops_its_partner(front: Front) -> None:
    """By credit: no more is on its way than the window and the buffers of the network hold."""
    import threading

    may, here = threading.Event(), threading.Event()

    class Sink:
        def write(self, octets: bytes) -> None:
            here.set()
            may.wait(30)

    class AsyncSink:
        async def write(self, octets: bytes) -> None:
            import asyncio

            here.set()
            while not may.is_set():
                await asyncio.sleep(0.001)

    class Into(Handler):
        def offered(self, file: oftp.VirtualFile) -> object:
            return AsyncSink() if front.is_asyncio else Sink()

    config = Config(buffer_size=1024, window=4)
    other = Front("blocking")
    with front.serve(Into(), config=config) as server, other.connect(server.port) as connection:
        sent = connection.queue(bytes(range(256)) * 4000, dsn="A")
        while not here.is_set():
            with pytest.raises(TimeoutError):
                connection.wait_stored(sent, timeout=0.01)
        with pytest.raises(TimeoutError):
            connection.wait_stored(sent, timeout=0.2)
        assert connection.mailbox.sending.octets <= 5 * 1024
        may.set()
        connection.wait_stored(sent)


MANY = """
import tracemalloc
class Quiet(oftp.Handler):
    def offered(self, file):
        return open(os.devnull, "wb")
    def received(self, received):
        pass
import warnings
warnings.simplefilter("ignore")
with server(handler=Quiet, config=oftp.Config(trace=True)) as server:
    background(server)
    with call(server, config=oftp.Config(trace=True)) as connection:
        def some(count):
            for at in range(count):
                sent = connection.send(b"octets", dsn="A")
                connection.wait_response(sent)
        some(100)
        tracemalloc.start()
        some(100)
        before, _ = tracemalloc.get_traced_memory()
        some(300)
        after, _ = tracemalloc.get_traced_memory()
assert after - before < 60_000, (before, after)
"""


def test_many_files_in_one_session_leave_nothing_behind() -> None:
    child(MANY)


def test_the_files_of_a_connection_are_forgotten_when_they_are_closed(front: Front) -> None:
    with front.serve() as server, front.connect(server.port) as connection:
        for _ in range(10):
            connection.wait_response(connection.send(b"octets", dsn="A"))
        inner: Any = getattr(connection, "inner", connection)
        assert inner._exchange.sent == {}
