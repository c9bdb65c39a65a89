"""Other threads of Python run while keys and octets are worked with."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from oftp import UserError, cms
from oftp.certificates import Keystore
from oftp.testing.pki import Pki

PKI = Pki()
OWN = PKI.partner("ALPHA")
LARGE = bytes(16 << 20)
PEM = OWN.keystore.key_pem(passphrase="x").encode()


@pytest.fixture(autouse=True)
def no_switch() -> Iterator[None]:
    """Nobody is made to give the interpreter away: a thread runs when another one does so."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5)
    yield
    sys.setswitchinterval(before)


def steps_during(work: Callable[[], object]) -> int:
    """How many steps another thread makes between the begin and the end of a call."""
    steps, is_over, has_begun = 0, threading.Event(), threading.Event()

    def count() -> None:
        nonlocal steps
        has_begun.set()
        while not is_over.is_set():
            steps += 1
            # Gives the interpreter away.
            time.sleep(0)

    thread = threading.Thread(target=count)
    thread.start()
    has_begun.wait()
    before = steps
    work()
    made = steps - before
    is_over.set()
    thread.join()
    return made


@pytest.mark.parametrize(
    "work",
    [
        lambda: cms.seal(LARGE[: 2 << 20], sign_with=OWN.keystore, compress=True),
        lambda: cms.Hash(6).update(LARGE),
        lambda: Keystore.generate("A", bits=3072),
        lambda: Keystore.read(PEM, passphrase="x"),
    ],
    ids=["seal", "hash", "generate", "keystore"],
)
def test_another_thread_makes_progress(work: Callable[[], object]) -> None:
    """(threat model Y2)"""
    assert steps_during(work) > 20


def test_one_thread_at_a_time_uses_a_hash() -> None:
    hashed, refused = cms.Hash(), threading.Event()
    texts: list[str] = []

    def update() -> None:
        while not refused.is_set():
            try:
                hashed.update(LARGE)
            except UserError as error:
                texts.append(str(error))
                refused.set()

    threads = [threading.Thread(target=update) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(texts) == {"the hash is used by another thread: one thread at a time"}
