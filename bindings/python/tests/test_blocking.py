"""The blocking driver: what a machine says reaches the partner, whatever comes in between."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import oftp
import pytest
from fronts import BETA, FRONTS, Contexts, Sends, Takes, Threads, calling, pair, run, the_file
from oftp import Session
from oftp._blocking import Driver
from oftp._machine import Disconnect, Over, SessionMachine, Told, Wait, Work, Write

CHILD = Path(__file__).with_name("interrupted_child.py")


class Script:
    """A machine that does what a list says, whoever the partner is."""

    wants_octets = True
    has_sent_esid = False
    is_over = False

    def __init__(self, *actions: object) -> None:
        self.actions = list(actions)
        self.octets = b""
        self.log: list[object] = []

    def connected(self) -> None:
        self.log.append("connected")

    def tick(self, now: float) -> None:
        pass

    def received(self, octets: bytes | memoryview) -> None:
        self.octets += octets
        if self.actions and isinstance(self.actions[0], Wait):
            del self.actions[0]

    def eof(self) -> None:
        self.log.append("eof")
        self.actions = [Over()]

    def reset(self) -> None:
        self.log.append("reset")
        self.actions = [Over()]

    def fault(self, why: str) -> None:
        self.log.append(why)

    def disconnected(self, *, broken: bool) -> None:
        pass

    def sent(self, octets: int) -> None:
        write = self.actions[0]
        assert isinstance(write, Write)
        write.octets = write.octets[octets:]
        if not write.octets:
            del self.actions[0]

    def release(self, reason: int, text: str = "") -> None:
        self.log.append(reason)

    def next(self) -> object:
        action = self.actions[0]
        if isinstance(action, Told | Work | Disconnect):
            del self.actions[0]
        return action


def test_octets_are_written_before_what_follows_is_told() -> None:
    one, other = pair()
    script = Script(Write(b"first"), Told("told"), Wait(None), Disconnect(), Over())
    driver: Driver[str] = Driver(script, one)  # type: ignore[arg-type]
    assert driver.run(lambda event: True) == "told"
    assert other.recv(99) == b"first"
    other.sendall(b"answer")
    assert driver.run() is None
    assert driver.is_over and script.octets == b"answer"
    assert other.recv(99) == b""
    other.close()


def test_work_is_done_and_then_given_back() -> None:
    one, other = pair()
    done: list[str] = []
    work = Work(lambda: done.append("run"), lambda: done.append("then"))
    driver: Driver[str] = Driver(Script(work, Told("told"), Over()), one)  # type: ignore[arg-type]
    driver.run()
    assert done == ["run", "then"]
    other.close()


def test_a_time_out_leaves_a_session_that_goes_on() -> None:
    one, other = pair()
    driver = Driver(SessionMachine(calling()), one)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            driver.run(timeout=0)
    with Threads() as threads:
        second = threads.start("blocking", Session(), Takes(), other)
        event = driver.run(lambda event: isinstance(event, oftp.ConnectCf))
        assert isinstance(event, oftp.ConnectCf)
        driver.close(5, "enough")
        with pytest.raises(oftp.EmergencyCloseDown, match="enough"):
            second.result()
    assert driver.is_over


def test_close_before_anything_was_said_only_closes() -> None:
    one, other = pair()
    driver = Driver(SessionMachine(calling()), one)
    driver.close()
    assert other.recv(1) == b""
    other.close()


def test_what_until_raises_loses_nothing() -> None:
    one, other = pair()
    script = Script(Told("one"), Told("two"), Write(b"three"), Disconnect(), Over())
    driver: Driver[str] = Driver(script, one)  # type: ignore[arg-type]

    def boom(event: str) -> bool:
        raise LookupError(event)

    with pytest.raises(LookupError, match="one"):
        driver.run(boom)
    assert driver.run(lambda event: True) == "two"
    driver.run()
    assert other.recv(99) == b"three"
    other.close()


def child(kind: str, sock: socket.socket) -> subprocess.Popen[str]:
    """A process that runs a driver over this socket."""
    return subprocess.Popen(
        [sys.executable, str(CHILD), kind, str(sock.fileno())],
        pass_fds=[sock.fileno()],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.parametrize("kind", ["plain", "tls"])
def test_ctrl_c_at_any_moment_loses_no_octet(kind: str, tmp_path: Path) -> None:
    """Both directions at once, interrupted again and again; every interrupt comes out of `run`,
    which is called again."""
    one, other = pair()
    if kind == "tls":
        contexts = Contexts(tmp_path)
        # The child is the client: it reads the certificate from the environment's directory.
        os.environ["TEST_CERTIFICATE"] = str(tmp_path / "cert.pem")
    process = child(kind, one)
    one.close()
    if kind == "tls":
        other = contexts.server.wrap_socket(other, server_side=True)
    heard, total = hashlib.sha256(), 0
    with other:
        while octets := other.recv(65536):
            heard.update(octets)
            total += len(octets)
            other.sendall(octets)
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    digest, count, back, interrupts = out.split()
    assert process.returncode == 0
    assert (int(count), int(back), digest) == (total, total, heard.hexdigest())
    assert int(interrupts) > 0


def test_ctrl_c_in_a_transfer_and_then_on_to_the_end() -> None:
    one, other = pair(16384)
    process = child("session", one)
    one.close()

    class Interrupts(Takes):
        sent = False

        def data_ind(self, session: Session, event: oftp.DataInd) -> None:
            super().data_ind(session, event)
            if not self.sent:
                # The child cannot write any more: nobody reads. It waits, and hears the signal.
                self.sent = True
                process.send_signal(signal.SIGINT)
                assert process.stdout is not None
                assert process.stdout.readline() == "interrupted\n"

    takes = Interrupts()
    run("blocking", Session(), takes, other)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert takes.sent and takes.octets == bytes(range(256)) * 20_000
    assert out == "done\n"


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("front", FRONTS)
def test_a_partner_that_goes_at_any_moment(front: str, how: str) -> None:
    """The partner's octets stop after any number of them."""
    octets = 0
    while True:
        one, other = pair()
        sends = Sends(the_file(), [b"octets of the file"])
        with Threads() as threads:
            first = threads.start(front, calling(), sends, one)
            finished = partner_for(other, octets, how)
            try:
                first.result()
            except oftp.SessionAborted as error:
                assert error.reason is None or not finished
                if finished:
                    raise
        if finished:
            break
        octets += 1
    assert octets > 100
    assert isinstance(sends.told[0], oftp.EerpInd)


def partner_for(sock: socket.socket, octets: int, how: str) -> bool:
    """A receiver that may write so many octets. Whether they were enough."""
    session, takes = Session(), Takes()
    session.n_con_ind()
    with sock:
        while True:
            match session.poll_output():
                case oftp.NDataRq(pending):
                    sock.sendall(pending[:octets])
                    session.sent(len(pending))
                    octets -= len(pending)
                    if octets < 0:
                        if how == "reset":
                            sock.setsockopt(
                                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                            )
                        return False
                case oftp.ConnectInd():
                    session.connect_rs(oftp.Connect(code=BETA))
                case oftp.StartFileInd(file):
                    takes.file = file
                    session.start_file_rs()
                case oftp.CloseFileInd():
                    session.close_file_rs()
                case oftp.CdInd():
                    takes.cd_ind(session, oftp.CdInd())
                case oftp.RtrCf():
                    session.cd_rq()
                case oftp.Wait():
                    if session.is_over:
                        return True
                    try:
                        heard = sock.recv(65536)
                    except ConnectionError:
                        return False
                    if heard:
                        session.n_data_ind(heard)
                    else:
                        session.n_disc_ind()
                case _:
                    pass


def test_the_last_words_of_a_partner_are_heard_while_we_write() -> None:
    one, other = pair(8192)
    sends = Sends(the_file(), [bytes(1_000_000)] * 20)
    with Threads() as threads:
        first = threads.start("blocking", calling(oftp.Config(compression=False)), sends, one)

        class Leaves(Takes):
            def data_ind(self, session: Session, event: oftp.DataInd) -> oftp.EsidReason:  # type: ignore[override]
                return oftp.EsidReason.RESOURCES_NOT_AVAILABLE

        run("blocking", Session(), Leaves(), other)
        with pytest.raises(oftp.ResourcesNotAvailable):
            first.result()


def test_a_hundred_thousand_events_without_growth() -> None:
    import resource

    a, b = Session(oftp.Config(buffer_size=128, window=999)), Session()
    told = 0

    def drain(own: Session, other: Session) -> object:
        nonlocal told
        last: object = None
        while True:
            event = own.poll_output()
            if isinstance(event, oftp.NDataRq):
                other.n_data_ind(event.octets)
                own.sent(len(event.octets))
            elif isinstance(event, oftp.Wait):
                return last
            else:
                told += 1
                last = event

    a.connect_rq(oftp.Connect(code="O0177A"))
    drain(a, b)
    a.n_con_cf()
    b.n_con_ind()
    drain(b, a)
    drain(a, b)
    assert isinstance(drain(b, a), oftp.ConnectInd)
    b.connect_rs(oftp.Connect(code="O0177B"))
    drain(b, a)
    assert isinstance(drain(a, b), oftp.ConnectCf)
    a.start_file_rq(the_file(size=99_999))
    drain(a, b)
    drain(b, a)
    b.start_file_rs()
    drain(b, a)
    drain(a, b)
    octets, grown, before = bytes(range(100)), 0, 0
    while told < 100_000:
        while a.can_send_data:
            a.data_rq(octets)
        drain(a, b)
        drain(b, a)
        drain(a, b)
        if told < 30_000:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 2048, f"grew by {grown} KiB"


def test_only_one_thread_answers() -> None:
    """`call_soon` wakes a driver that waits for the network."""
    one, other = pair()
    driver: Driver[str] = Driver(Script(Wait(None)), one)  # type: ignore[arg-type]
    heard = threading.Event()
    with Threads():
        thread = threading.Thread(target=driver.run)
        thread.start()
        driver.call_soon(heard.set)
        assert heard.wait(30)
        other.close()
        thread.join()
