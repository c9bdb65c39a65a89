"""Secure authentication by `oftp.testing.Peer`; the command `oftp cms` makes its envelopes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from command import binary, listening
from oftp import UserError
from oftp.testing import ExpectationFailed, Peer, Peers

DATA = b"octets"

Keys = tuple[list[str], Callable[[bytes], bytes], Callable[[bytes], bytes]]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """One key for both sides: the options of a listener, and what seals and opens."""
    folder = tmp_path_factory.mktemp("keys")
    phrase = folder / "passphrase"
    phrase.touch(0o600)
    phrase.write_text("open sesame")
    given = ["--passphrase-file", str(phrase)]

    def oftp(*options: str) -> None:
        subprocess.run([binary(), *options, *given, "--quiet"], check=True, timeout=60)

    oftp("keygen", "--name", "Both", "--bits", "2048", "--out", str(folder / "own"))
    own = ["--own-key", str(folder / "own.key"), "--own-cert", str(folder / "own.pem"),
           "--partner-cert", str(folder / "own.pem")]  # fmt: skip

    def run(command: str, octets: bytes, *options: str) -> bytes:
        before, after = folder / "before", folder / "after"
        before.write_bytes(octets)
        oftp("cms", command, str(before), "-o", str(after), "--force", *own, *options)
        return after.read_bytes()

    return (
        ["--auth", *own, *given],
        lambda plain: run("seal", plain, "--encrypt"),
        lambda sealed: run("open", sealed),
    )


def test_both_sides_prove_themselves(oftp_peer: Peers, tmp_path: Path, keys: Keys) -> None:
    options, seal, unseal = keys
    with listening(tmp_path, *options, "--no-eerp") as station:
        peer = oftp_peer.call(*station.address)
        peer.start_session(password="GEHEIM", auth=True)
        peer.authenticate(seal, unseal)
        peer.send_file("INVOICE", DATA)
        peer.end()
        assert list(station.files().values()) == [DATA]


def test_a_wrong_answer_is_refused(oftp_peer: Peers, tmp_path: Path, keys: Keys) -> None:
    options, seal, _ = keys
    with listening(tmp_path, *options) as station:
        peer = oftp_peer.call(*station.address)
        peer.start_session(password="GEHEIM", auth=True)
        with pytest.raises(ExpectationFailed, match="expected SECD, but ESID reas=11"):
            peer.authenticate(seal, lambda sealed: bytes(20))


def test_a_peer_that_is_called_does_the_same(oftp_peer: Peers) -> None:
    def mirrored(octets: bytes) -> bytes:
        return octets[::-1]

    def called(peer: Peer) -> None:
        peer.start_session(auth=True)
        peer.authenticate(mirrored, mirrored)

    with oftp_peer.script(called) as peer:
        caller = oftp_peer.call(*peer.address)
        caller.start_session(auth=True)
        caller.authenticate(mirrored, mirrored)


def test_what_is_no_field_is_the_testers_mistake(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = oftp_peer.call(*station.address)
        with pytest.raises(UserError, match="SSID has no field 'credit'"):
            peer.start_session(credit=1)
