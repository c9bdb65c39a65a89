"""`oftp.testing.Peer` as a well-behaved partner of the command `oftp`, in both roles."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import Sent, listening
from oftp import Level, wire
from oftp.testing import ExpectationFailed, Peer, Peers

DATA = bytes(range(256)) * 40


def test_it_receives_a_file_and_responds(oftp_peer: Peers, tmp_path: Path) -> None:
    (tmp_path / "INVOICE").write_bytes(DATA[:10_000])
    taken: list[bytes] = []

    def station(peer: Peer) -> None:
        offer = peer.start_session(password="GEHEIM")
        assert (offer.code, offer["SSIDPSWD"]) == ("O0000ALPHA", b"SECRET  ")
        taken.append(peer.receive_file())
        assert peer.file is not None and peer.file.dsn == "INVOICE"
        peer.respond()
        peer.end()

    with oftp_peer.script(station) as peer:
        sent = Sent(peer.address, tmp_path, tmp_path / "INVOICE", "--credit", "3")
    assert sent.code == 0, sent.output
    assert taken == [DATA[:10_000]]
    assert str(peer.transcript).count("-> CDT") == 1
    assert "-> EERP dsn=INVOICE" in peer.transcript


@pytest.mark.parametrize("level", list(Level), ids=str)
def test_it_calls_and_sends_at_every_level(
    oftp_peer: Peers, tmp_path: Path, level: Level
) -> None:
    with listening(tmp_path) as station:
        peer = oftp_peer.call(*station.address)
        peer.start_session(password="GEHEIM", level=level)
        assert peer.level == level
        peer.send_file("DRAWING", DATA)
        response = peer.expect_response()
        assert (response.name, response.dsn) == ("EERP", "DRAWING")
        peer.end()
        assert list(station.files().values()) == [DATA]


def test_records_go_both_ways(oftp_peer: Peers, tmp_path: Path) -> None:
    records = [b"one", b"", b"three" * 1000]
    with listening(tmp_path, "--records", "length16") as station:
        peer = oftp_peer.call(*station.address)
        peer.start_session(password="GEHEIM", cred=1, sdeb=128)
        peer.send_file("RECORDS", records=records)
        peer.expect_response()
        peer.end()
        (file,) = station.files().values()
    assert file == b"".join(len(record).to_bytes(2, "big") + record for record in records)
    (tmp_path / "FILE").write_bytes(file)
    taken: list[bytes] = []

    def receiving(peer: Peer) -> None:
        peer.start_session(password="GEHEIM")
        taken.extend(peer.receive_records())
        peer.respond(34)
        peer.end()

    with oftp_peer.script(receiving) as peer:
        sent = Sent(peer.address, tmp_path, tmp_path / "FILE", "--format", "V",
                    "--records", "length16")  # fmt: skip
    assert taken == records
    assert "NERP" in peer.transcript and sent.code != 0


def test_an_empty_file(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path, "--no-eerp") as station:
        peer = oftp_peer.call(*station.address)
        peer.start_session(password="GEHEIM")
        peer.send_file("EMPTY")
        peer.end()
        assert list(station.files().values()) == [b""]


def test_it_gives_the_turn_and_takes_what_waits(oftp_peer: Peers, tmp_path: Path) -> None:
    (tmp_path / "WAITING").write_bytes(DATA)
    with listening(tmp_path, "--send-file", tmp_path / "WAITING") as station:
        peer = oftp_peer.call(*station.address)
        peer.start_session(password="GEHEIM")
        assert peer.receive_file() == DATA
        peer.respond()
        peer.end()


def test_single_commands_and_fields(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = oftp_peer.call(*station.address)
        peer.expect("SSRM")
        peer.send(wire.Ssid(code="O0000TEST-PEER", pswd="GEHEIM", sdeb=500, sr="B", cred=4))
        ssid = peer.expect("SSID", lev=5, code="O0000BETA", sdeb=500, cred=4, auth=False)
        assert peer.partner_ssid is ssid
        peer.send(wire.Cd())
        peer.expect("ESID", reas=0)
        peer.close()


def unfit(wanted: str, peer: Peer, within: float = 5) -> str:
    with pytest.raises(ExpectationFailed) as caught:
        if wanted == "close":
            peer.expect_close()
        elif wanted == "nothing":
            peer.expect_nothing(5)
        else:
            peer.expect(wanted, within=within)
    assert "peer (Initiator):" in caught.value.transcript
    return str(caught.value).splitlines()[0]


def test_what_did_not_come_is_said_in_the_names_of_the_rfc(
    oftp_peer: Peers, tmp_path: Path
) -> None:
    with listening(tmp_path) as station:
        call = oftp_peer.call
        assert unfit("SSID", call(*station.address)) == "expected SSID, but SSRM came"
        assert unfit("close", call(*station.address)).endswith("but SSRM came")
        assert unfit("nothing", call(*station.address)).endswith("for 5 s, but SSRM came")
        peer = call(*station.address)
        peer.expect("SSRM")
        assert unfit("SSID", peer, 0.05) == "expected SSID, but nothing came within 0.05 s"
        peer.send(wire.Ssid(code="NOBODY", sdeb=128, sr="B", cred=1))
        text = unfit("SSID", peer)
        assert text == "expected SSID, but ESID reas=03 (user code not known) came"
        peer.close("half")
        assert unfit("CD", peer).endswith("the system under test has closed the connection")


def test_a_field_that_differs_is_named(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = oftp_peer.call(*station.address)
        with pytest.raises(ExpectationFailed, match="SSRMMSG is 'ODETTE FTP READY' instead of"):
            peer.expect("SSRM", msg="READY")


def test_nobody_called(oftp_peer: Peers) -> None:
    peer = oftp_peer.listen()
    with pytest.raises(ExpectationFailed, match="nobody called within 0.01 s"):
        peer.accept(0.01)


def test_silence_is_as_expected(oftp_peer: Peers, tmp_path: Path) -> None:
    with listening(tmp_path) as station:
        peer = oftp_peer.call(*station.address)
        peer.expect("SSRM")
        peer.expect_nothing(0.05)
