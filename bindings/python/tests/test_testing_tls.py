"""Peers over TLS, in both roles, with keys that the command `oftp keygen` makes."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest
from command import Sent, binary, listening
from oftp.testing import Cut, Peer, Peers

DATA = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and its certificate, for this machine."""
    folder = tmp_path_factory.mktemp("keys")
    phrase = folder / "passphrase"
    phrase.touch(0o600)
    phrase.write_text("open sesame")
    subprocess.run(
        [binary(), "keygen", "--name", "Beta", "--host", "localhost", "--bits", "2048", "--quiet",
         "--out", str(folder / "own"), "--passphrase-file", str(phrase)],
        check=True,
    )  # fmt: skip
    return folder / "own.key", folder / "own.pem"


def own(keys: tuple[Path, Path]) -> list[object]:
    key, certificate = keys
    return ["--tls", "--own-key", key, "--own-cert", certificate,
            "--passphrase-file", key.parent / "passphrase"]  # fmt: skip


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


@pytest.mark.parametrize("cut", [None, Cut(3000, "close"), Cut(3000, "reset")], ids=str)
def test_a_peer_calls_over_tls(
    oftp_peer: Peers, tmp_path: Path, keys: tuple[Path, Path], cut: Cut | None
) -> None:
    with listening(tmp_path, *own(keys)) as station:
        tls = trusting(keys[1])
        peer = oftp_peer.call(*station.address, tls=tls, server_hostname="localhost")
        peer.start_session(password="GEHEIM")
        if cut is not None:
            peer.fault(cut)
            with peer.until_cut():
                peer.send_file("INVOICE", DATA)
            assert station.files() == {}
            return
        peer.send_file("INVOICE", DATA)
        peer.expect_response()
        peer.end()
        assert list(station.files().values()) == [DATA]
        assert "-- TLSv1.3 is agreed on" in peer.transcript


def test_a_peer_is_called_over_tls(
    oftp_peer: Peers, tmp_path: Path, keys: tuple[Path, Path]
) -> None:
    (tmp_path / "INVOICE").write_bytes(DATA)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(keys[1], keys[0], password="open sesame")

    def station(peer: Peer) -> None:
        peer.start_session(password="GEHEIM")
        assert peer.receive_file() == DATA
        peer.respond()
        peer.end()

    options = ["--tls", "--partner-cert", keys[1], "--tls-name", "localhost"]
    with oftp_peer.script(station, peer=oftp_peer.listen(tls=tls)) as peer:
        sent = Sent(peer.address, tmp_path, tmp_path / "INVOICE", *options)
    assert sent.code == 0, sent.output


def test_a_caller_that_does_not_trust_the_peer_is_seen(
    oftp_peer: Peers, tmp_path: Path, keys: tuple[Path, Path]
) -> None:
    (tmp_path / "INVOICE").write_bytes(DATA)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(keys[1], keys[0], password="open sesame")

    def station(peer: Peer) -> None:
        with pytest.raises(OSError):
            peer.accept()
            peer.start_session()

    with oftp_peer.script(station, peer=oftp_peer.listen(tls=tls)) as peer:
        sent = Sent(peer.address, tmp_path, tmp_path / "INVOICE", "--tls", "--partner-ca", keys[1],
                    "--tls-name", "elsewhere.example")  # fmt: skip
    assert sent.code != 0
    assert "TLS:" in peer.transcript
