"""`connect`: what is sent and received, and how it goes wrong (RFC 5024 chapters 3 and 4)."""

from __future__ import annotations

import io
import mmap
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import oftp
from oftp import Config, Handler, Refuse, Rule
from oftp.mailbox import Ending

from stations import ALPHA, BETA, FRONTS, Front, Keeps, alpha, to_alpha, to_beta


@pytest.fixture(params=FRONTS)
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    front = Front(request.param)
    yield front
    front.stop()


def sources(folder: Path) -> Iterator[tuple[str, Any, dict[str, Any], bytes]]:
    octets = bytes(range(256)) * 300
    path = folder / "file.bin"
    path.write_bytes(octets)
    yield "str", str(path), {}, octets
    yield "path", path, {}, octets
    file = path.open("rb")
    file.seek(100)
    yield "file", file, {}, octets[100:]
    reader, writer = os.pipe()
    with open(writer, "wb") as pipe:
        pipe.write(b"from a pipe")
    yield "pipe", open(reader, "rb"), {"dsn": "PIPE"}, b"from a pipe"
    yield "bytes", octets, {"dsn": "A"}, octets
    yield "bytearray", bytearray(octets), {"dsn": "A"}, octets
    yield "memoryview", memoryview(octets)[::2], {"dsn": "A"}, octets[::2]
    with path.open("rb") as mapped:
        yield "mmap", mmap.mmap(mapped.fileno(), 0, prot=mmap.PROT_READ), {"dsn": "A"}, octets
    yield "BytesIO", io.BytesIO(octets), {"dsn": "A"}, octets
    yield "empty", b"", {"dsn": "A"}, b""
    yield "text", b"one\r\ntwo\r\n", {"dsn": "A", "format": "T"}, b"one\r\ntwo\r\n"


def test_everything_that_can_be_a_source_arrives(front: Front, tmp_path: Path) -> None:
    keeps = Keeps()
    with front.serve(keeps) as server, front.connect(server.port) as connection:
        for name, source, how, octets in sources(tmp_path):
            sent = connection.send(source, **how)
            assert sent.stored, name
            received = keeps.files.pop()
            assert received.data == octets, name
            assert received.file.destination == BETA and received.file.originator == ALPHA
            if hasattr(source, "close"):
                source.close()
            assert connection.wait_response(sent, timeout=30).reason is None


@pytest.mark.parametrize(
    "how, records",
    [
        ({}, [b"a", b"", b"ccc" * 5000]),
        ({"format": "V", "record_length": 20_000}, [b"a" * 20_000]),
        ({"format": "F", "record_length": 4}, [b"abcd", b"efgh"]),
    ],
)
def test_records_stay_records(front: Front, how: Any, records: list[bytes]) -> None:
    keeps = Keeps()
    with front.serve(keeps) as server, front.connect(server.port) as connection:
        connection.send(iter(records), dsn="RECORDS", **how)
    [received] = keeps.files
    assert list(received.records()) == records


class Broken:
    def __iter__(self) -> Iterator[bytes]:
        yield b"one"
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "source, how, error",
    [
        (Broken(), {}, ZeroDivisionError),
        ([b"x" * 70_000], {}, oftp.UserError),
        ([b"abc", b"abcd"], {"format": "F", "record_length": 4}, oftp.UserError),
        ([b"abcd"], {"format": "F"}, oftp.UserError),
        ([b"abcde"], {"format": "V", "record_length": 4}, oftp.UserError),
        (b"abc", {"format": "F", "record_length": 2}, oftp.UserError),
        (["text"], {}, TypeError),
        (io.StringIO("text"), {}, TypeError),
        (5, {}, TypeError),
        (Path("/no/such/file"), {}, FileNotFoundError),
        (Path("/"), {}, OSError),
        (b"", {"dsn": "lower case \N{SNOWMAN}"}, oftp.UserError),
        (b"", {"destination": "?" * 30}, oftp.UserError),
        (b"", {"sign": True}, oftp.CertificateError),
    ],
)
def test_what_cannot_be_sent_is_said_at_once(
    front: Front, source: Any, how: Any, error: type[Exception]
) -> None:
    keeps = Keeps()
    with front.serve(keeps) as server, front.connect(server.port) as connection:
        with pytest.raises(error):
            connection.send(source, **{"dsn": "BAD", **how})
        # The session is none the worse.
        connection.send(b"good", dsn="GOOD")
    assert [received.data for received in keeps.files] == [b"good"]


def test_a_name_is_needed(front: Front) -> None:
    with front.serve() as server, front.connect(server.port) as connection:
        with pytest.raises(oftp.UserError, match="dsn"):
            connection.send(b"octets")
        with pytest.raises(TypeError, match="colour"):
            connection.send(b"octets", dsn="A", colour="red")


def test_files_come_into_the_folder(front: Front, tmp_path: Path) -> None:
    keeps = Keeps()
    with front.serve(keeps, inbox=tmp_path / "in") as server:
        with front.connect(server.port) as connection:
            connection.send(b"octets", dsn="A")
    [received] = keeps.files
    assert received.path is not None and Path(received.path).read_bytes() == b"octets"


class Into(Handler):
    """Gives what it was given as sink."""

    def __init__(self, sink: Any) -> None:
        self.sink = sink

    def offered(self, file: oftp.VirtualFile) -> object:
        return self.sink


class Little(io.RawIOBase):
    """Takes three octets at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.octets = b""

    def write(self, octets: Any) -> int:
        self.octets += octets[:3]
        return len(octets[:3])


def test_files_go_into_a_sink(front: Front) -> None:
    sink, little = io.BytesIO(), Little()
    for one in (sink, little):
        with front.serve(Into(one)) as server, front.connect(server.port) as connection:
            connection.send([b"ab", b"cde"], dsn="A")
    assert sink.getvalue() == little.octets == b"\0\2ab\0\3cde"


def test_what_is_no_sink_ends_the_session(front: Front) -> None:
    with front.serve(Into(5)) as server:
        connection = front.connect(server.port)
        with pytest.raises(oftp.SessionAborted) as caught:
            connection.send(b"ab", dsn="A")
        connection.close()
    assert caught.value.reason == 99


class Refuses(Handler):
    def __init__(self, offered: Refuse | None = None, received: Refuse | None = None) -> None:
        self._offered, self._received = offered, received

    def offered(self, file: oftp.VirtualFile) -> None:
        if self._offered is not None:
            raise self._offered

    def received(self, received: oftp.ReceivedFile) -> None:
        if self._received is not None:
            raise self._received


@pytest.mark.parametrize("later", [False, True])
def test_a_file_that_is_refused_before(front: Front, later: bool) -> None:
    refuses = Refuses(offered=Refuse(oftp.SfnaReason.INVALID_FILENAME, "no", retry_later=later))
    with front.serve(refuses) as server, front.connect(server.port) as connection:
        with pytest.raises(oftp.FileRefused, match="SFNA 01.*no") as caught:
            connection.send(b"octets", dsn="A")
        error = caught.value
        assert (error.answer, error.cause, error.retry_later, error.text) == ("SFNA", 1, later, "no")
        assert connection.finish().waiting == int(later)


def test_words_of_a_partner_cannot_write_to_a_terminal(front: Front) -> None:
    words = "no \x1b[31m\u202e"
    refuses = Refuses(offered=Refuse(oftp.SfnaReason.INVALID_FILENAME, words))
    with front.serve(refuses) as server, front.connect(server.port) as connection:
        with pytest.raises(oftp.FileRefused) as caught:
            connection.send(b"octets", dsn="A")
        assert caught.value.text == words
        assert str(caught.value).endswith("no \\x1b[31m\\u202e")


def test_a_buffered_sink_is_written_out_before_the_file_is_acknowledged(
    front: Front, tmp_path: Path
) -> None:
    path = tmp_path / "sink"
    lengths: list[int] = []

    class Writes(Into):
        def received(self, received: oftp.ReceivedFile) -> None:
            lengths.append(path.stat().st_size)

    with path.open("wb") as sink:
        with front.serve(Writes(sink)) as server, front.connect(server.port) as connection:
            connection.send(b"octets", dsn="A")
    assert lengths == [6]


def test_a_sink_that_takes_nothing_ends_the_session(front: Front) -> None:
    class Full(io.BytesIO):
        def write(self, octets: object, /) -> int:
            return 0

    with front.serve(Into(Full())) as server:
        connection = front.connect(server.port)
        with pytest.raises(oftp.SessionAborted) as caught:
            connection.send(b"octets", dsn="A")
        connection.close()
    assert caught.value.reason == 99


def test_a_file_that_could_not_be_stored(front: Front) -> None:
    refuses = Refuses(received=Refuse(oftp.EfnaReason.INVALID_BYTE_COUNT, "disk"))
    with front.serve(refuses) as server, front.connect(server.port) as connection:
        with pytest.raises(oftp.FileRefused, match="EFNA") as caught:
            connection.send(b"octets", dsn="A")
        assert caught.value.answer == "EFNA"
        assert caught.value.cause == oftp.EfnaReason.INVALID_BYTE_COUNT


def test_a_file_that_cannot_be_used(front: Front) -> None:
    refuses = Refuses(received=Refuse(34, "no use", after=True))
    with front.serve(refuses) as server, front.connect(server.port) as connection:
        sent = connection.send(b"octets", dsn="A")
        with pytest.raises(oftp.NotDelivered, match="no use") as caught:
            connection.wait_response(sent, timeout=30)
        assert (caught.value.reason, caught.value.creator) == (34, BETA)
        assert not sent.is_delivered
        assert connection.finish().failed == 1


@pytest.mark.parametrize(
    "mine, theirs, error",
    [
        ({}, {"password": "OTHER"}, oftp.InvalidPassword),
        ({"code": "O0177NOBODY"}, {}, oftp.UserCodeNotKnown),
    ],
)
def test_who_is_not_known_hears_why(
    front: Front, mine: Any, theirs: Any, error: type[Exception]
) -> None:
    identity = oftp.Identity(**{"code": ALPHA, "password": "SECRET", **mine})
    with front.serve(partners=[to_alpha(**theirs)]) as server:
        with pytest.raises(error):
            front.connect(server.port, identity=identity)


def test_the_partner_has_another_password(front: Front) -> None:
    with front.serve() as server, pytest.raises(oftp.InvalidPassword):
        front.connect(server.port, partner=to_beta(password="OTHER"))


def test_nobody_listens(front: Front) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        front.connect(port)


def answering(octets: bytes | None) -> tuple[int, threading.Thread]:
    """Somebody who answers a call with these octets and closes; ``None``: nothing, until the caller
    closes."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with server:
            sock, _ = server.accept()
        with sock:
            if octets is not None:
                sock.sendall(octets)
                sock.shutdown(socket.SHUT_WR)
            while sock.recv(4096):
                pass

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    return server.getsockname()[1], thread


def test_somebody_else_is_on_the_port(front: Front) -> None:
    port, thread = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(oftp.SessionAborted):
        front.connect(port)
    thread.join()


def test_a_partner_who_closes_at_once(front: Front) -> None:
    port, thread = answering(b"")
    with pytest.raises((oftp.SessionAborted, ConnectionError)):
        front.connect(port)
    thread.join()


def test_a_partner_who_says_nothing(front: Front) -> None:
    port, thread = answering(None)
    with pytest.raises(TimeoutError):
        front.connect(port, timeout=0.05)
    thread.join()


def test_a_partner_who_says_nothing_for_the_times_of_the_session(front: Front) -> None:
    port, thread = answering(None)
    with pytest.raises(oftp.SessionAborted):
        front.connect(port, config=Config(start=0.05))
    thread.join()


def test_a_mailbox_or_an_identity_is_needed(front: Front) -> None:
    with pytest.raises(oftp.UserError, match="identity"):
        front.connect(1, identity=None)
    with pytest.raises(oftp.UserError, match="O0177GAMMA"):
        front.connect(1, partner="O0177GAMMA")


def test_a_partner_is_known_by_its_code_the_next_time(front: Front) -> None:
    with front.serve() as server:
        with front.connect(server.port) as connection:
            mailbox = connection.mailbox
        with front.connect(server.port, identity=None, partner=BETA, mailbox=mailbox) as again:
            assert again.partner == BETA
        assert again.result.ending is Ending.NORMAL


def test_both_sides_send_in_one_session(front: Front) -> None:
    with front.serve() as server:
        waiting = server.queue(ALPHA, b"for alpha", dsn="FOR.ALPHA")
        with front.connect(server.port) as connection:
            connection.send(b"for beta", dsn="FOR.BETA")
            received = connection.receive(timeout=30)
            assert received.data == b"for alpha"
            assert connection.receive(timeout=30) is None
        assert connection.result.ending is Ending.NORMAL
        assert waiting.stored and waiting.is_delivered


def test_files_that_come_are_iterated(front: Front) -> None:
    with front.serve() as server:
        for name in "ABC":
            server.queue(ALPHA, name.encode(), dsn=name)
        with front.connect(server.port) as connection:
            assert [received.data for received in connection] == [b"A", b"B", b"C"]


def test_a_connection_that_is_closed_says_so(front: Front) -> None:
    with front.serve() as server:
        connection = front.connect(server.port)
        sent = connection.send(b"octets", dsn="A")
        connection.close()
        connection.close()
        connection.wait_stored(sent)
        for call in (
            lambda: connection.send(b"", dsn="B"),
            lambda: connection.queue(b"", dsn="B"),
            lambda: connection.wait_response(sent),
            connection.receive,
            connection.finish,
        ):
            with pytest.raises(oftp.UserError, match="closed"):
                call()
        assert connection.partner == BETA and connection.mailbox.result.waiting == 0


def test_a_session_that_has_ended_says_so(front: Front) -> None:
    with front.serve() as server, front.connect(server.port) as connection:
        connection.finish()
        for call in (connection.send, connection.queue):
            with pytest.raises(oftp.UserError, match="ended"):
                call(b"", dsn="B")
        assert connection.receive() is None
        assert connection.finish().ending is Ending.NORMAL


def test_a_second_close_leaves_the_next_connection_alone(front: Front) -> None:
    with front.serve() as server:
        first = front.connect(server.port)
        first.close()
        with front.connect(server.port, mailbox=first.mailbox) as second:
            first.close()
            assert second.send(b"octets", dsn="A").stored


def test_a_mailbox_has_one_session_at_a_time(front: Front) -> None:
    with front.serve() as server, front.connect(server.port) as connection:
        with pytest.raises(oftp.UserError):
            front.connect(server.port, mailbox=connection.mailbox)
        assert connection.send(b"octets", dsn="A").stored


def test_leaving_by_an_exception_ends_the_session(front: Front) -> None:
    keeps = Keeps()
    with front.serve(keeps) as server:
        with pytest.raises(ZeroDivisionError), front.connect(server.port) as connection:
            connection.queue(b"octets", dsn="A")
            raise ZeroDivisionError
        assert keeps.files == []
        with front.connect(server.port, mailbox=connection.mailbox) as again:
            again.finish()
    assert [received.data for received in keeps.files] == [b"octets"]


def test_rules_are_the_partners(front: Front) -> None:
    partner = to_alpha(compression=Rule.FORBIDDEN, max_size=1)
    with front.serve(partners=[partner]) as server, front.connect(server.port) as connection:
        with pytest.raises(oftp.FileRefused):
            connection.send(b"x" * 5000, dsn="BIG")
        assert connection.send(b"x", dsn="SMALL").stored


def test_identities_hide_their_passwords() -> None:
    assert "SECRET" not in repr(alpha()) and "GEHEIM" not in repr(to_beta())
