"""What the tests of both front-ends share: two ends of a connection, each run by either front-end,
and User Monitors that send and take one file."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import oftp
import oftp.asyncio
from oftp import Connect, Session, UserMonitor, VirtualFile

ALPHA = "O0177ALPHA-MOTORS  HUB001"
BETA = "O0177BETA-PARTS    HUB002"
FRONTS = ("blocking", "asyncio")


def pair(room: int | None = None) -> tuple[socket.socket, socket.socket]:
    """Two ends of a connection over TCP; `room`: of the buffers of the system, each."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        if room is not None:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        one = socket.socket()
        if room is not None:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, room)
        one.connect(server.getsockname())
        other, _ = server.accept()
        if room is not None:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, room)
    return one, other


class Contexts:
    """TLS with a certificate made for the test."""

    def __init__(self, directory: Path) -> None:
        key, certificate = directory / "key.pem", directory / "cert.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            + ["-nodes", "-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=test"]
            + ["-addext", "subjectAltName=DNS:test"],
            check=True,
            capture_output=True,
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(certificate, key)
        self.client = ssl.create_default_context(cafile=str(certificate))


def run(
    front: str,
    session: Session,
    monitor: UserMonitor,
    sock: socket.socket,
    contexts: Contexts | None = None,
) -> None:
    """Runs a session by this front-end; who calls is the client of TLS."""
    server_side = not session.is_initiator
    context = None
    if contexts is not None:
        context = contexts.server if server_side else contexts.client
    if front == "asyncio":
        asyncio.run(
            oftp.asyncio.run_session(
                session,
                monitor,
                sock,
                ssl=context,
                server_side=server_side,
                server_hostname=None if context is None or server_side else "test",
            )
        )
        return
    if context is not None:
        sock = context.wrap_socket(
            sock,
            server_side=server_side,
            server_hostname=None if server_side else "test",
            do_handshake_on_connect=False,
        )
    oftp.run_session(session, monitor, sock)


class Threads:
    """Runs sessions beside each other; what one raises is raised by `result`."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor()

    def __enter__(self) -> Threads:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def start(self, *arguments: Any) -> Future[None]:
        return self._pool.submit(run, *arguments)


def calling(config: oftp.Config | None = None, **more: Any) -> Session:
    """A session that calls."""
    session = Session(config)
    session.connect_rq(Connect(code=ALPHA, password="SECRET", **more))
    return session


def the_file(config: oftp.Config | None = None, **more: Any) -> VirtualFile:
    """A file with the stamps of the level."""
    short = config is not None and config.level < oftp.Level.V1_4
    return VirtualFile(
        dsn="INVOICE",
        date="261126" if short else "20261126",
        time="101112" if short else "1011120001",
        destination=BETA,
        originator=ALPHA,
        **more,
    )


class Sends(UserMonitor):
    """Sends one file, and waits for its response."""

    def __init__(self, file: VirtualFile, pieces: list[Any]) -> None:
        self.file = file
        self.pieces = pieces
        self.told: list[object] = []

    def connect_cf(self, session: Session, event: oftp.ConnectCf) -> None:
        session.start_file_rq(self.file)

    def start_file_cf(self, session: Session, event: oftp.StartFileCf) -> Iterator[Any]:
        return iter(self.pieces)

    def start_file_cf_negative(self, session: Session, event: object) -> oftp.EsidReason:
        self.told.append(event)
        return oftp.EsidReason.NORMAL

    def close_file_cf_negative(self, session: Session, event: object) -> oftp.EsidReason:
        self.told.append(event)
        return oftp.EsidReason.NORMAL

    def eerp_ind(self, session: Session, event: oftp.EerpInd) -> bool:
        self.told.append(event)
        return True


class Takes(UserMonitor):
    """Takes one file, and answers with its response."""

    def __init__(self) -> None:
        self.file: VirtualFile | None = None
        self.octets = bytearray()
        self.ends: list[int] = []
        self.told: list[object] = []

    def connect_ind(self, session: Session, event: oftp.ConnectInd) -> Connect:
        return Connect(code=BETA, password="GEHEIM")

    def start_file_ind(self, session: Session, event: oftp.StartFileInd) -> bool:
        self.file = event.file
        return True

    def data_ind(self, session: Session, event: oftp.DataInd) -> None:
        self.ends += [len(self.octets) + end for end in event.ends]
        self.octets += event.data

    def close_file_ind(self, session: Session, event: oftp.CloseFileInd) -> bool:
        return True

    def cd_ind(self, session: Session, event: oftp.CdInd) -> oftp.EsidReason | None:
        if self.file is None:
            return oftp.EsidReason.NORMAL
        session.eerp_rq(oftp.end_response_for(self.file))
        self.file = None
        return None

    def rtr_cf(self, session: Session, event: oftp.RtrCf) -> oftp.EsidReason:
        self.told.append(event)
        return oftp.EsidReason.NORMAL

    def release_ind(self, session: Session, event: oftp.ReleaseInd) -> None:
        self.told.append(event)
