"""Runs a driver over the socket of its second argument; its parent interrupts it by SIGINT."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import ssl
import sys

from oftp._blocking import Driver
from oftp._machine import DataWanted, Disconnect, Over, SessionMachine, Wait, Write

TOTAL = 8_000_000


class Stream:
    """Writes octets that are counted, and reads what comes back: all within the machine."""

    wants_octets = True
    has_sent_esid = False
    is_over = False

    def __init__(self) -> None:
        self.written = 0
        self.hash = hashlib.sha256()
        self.pending = b""
        self.heard = 0
        self.shut = False

    def connected(self) -> None:
        pass

    def tick(self, now: float) -> None:
        pass

    def received(self, octets: bytes | memoryview) -> None:
        self.heard += len(octets)

    def eof(self) -> None:
        self.shut = True

    reset = eof

    def fault(self, why: str) -> None:
        pass

    def disconnected(self, *, broken: bool) -> None:
        pass

    def sent(self, octets: int) -> None:
        self.hash.update(self.pending[:octets])
        self.written += octets
        self.pending = self.pending[octets:]

    def release(self, reason: int, text: str = "") -> None:
        pass

    def next(self) -> object:
        if self.shut:
            return Over()
        if not self.pending and self.written < TOTAL:
            self.pending = os.urandom(100_000)
        if self.pending:
            return Write(self.pending)
        # All of it comes back.
        if self.heard < self.written:
            return Wait(None)
        self.shut = True
        return Disconnect()


def stream(sock: socket.socket) -> None:
    machine, interrupts = Stream(), 0
    driver: Driver[object] = Driver(machine, sock)  # type: ignore[arg-type]
    running = False

    def hear(number: int, frame: object) -> None:
        # Many signals come: one that came while the last is being caught would be caught nowhere.
        nonlocal running
        if running:
            running = False
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, hear)
    while not driver.is_over:
        try:
            running = True
            driver.run()
        except KeyboardInterrupt:
            interrupts += 1
        running = False
    print(machine.hash.hexdigest(), machine.written, machine.heard, interrupts)


def session(sock: socket.socket) -> None:
    from fronts import calling, the_file

    machine = SessionMachine(calling())
    driver: Driver[object] = Driver(machine, sock)
    pieces = iter([bytes(range(256)) * 1000] * 20)
    left = b""

    def until(event: object) -> bool:
        nonlocal left
        if isinstance(event, DataWanted):
            # Ctrl-C between giving octets and noting it would give them twice: that would be a fault
            # of this program, and not of the driver.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            left = left or next(pieces, b"")
            if left:
                left = left[machine.session.data_rq(left) :]
            else:
                machine.session.close_file_rq()
                machine.has_data = False
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            return False
        return True

    assert driver.run(until) is not None
    machine.session.start_file_rq(the_file(size=5000))
    assert driver.run(until) is not None
    machine.has_data = True
    try:
        driver.run(until)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    assert driver.run(until) is not None
    machine.session.cd_rq()
    driver.run(until)
    machine.session.rtr_rs()
    driver.run(until)
    machine.session.release_rq()
    driver.run()
    print("done")


if __name__ == "__main__":
    kind, number = sys.argv[1:]
    with socket.socket(fileno=int(number)) as plain:
        if kind == "tls":
            context = ssl.create_default_context(cafile=os.environ["TEST_CERTIFICATE"])
            sock: socket.socket = context.wrap_socket(
                plain, server_hostname="test", do_handshake_on_connect=False
            )
        else:
            sock = plain
        (session if kind == "session" else stream)(sock)
