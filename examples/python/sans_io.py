"""The protocol without I/O, driven over a plain socket: a file and its end response, either role.

    python sans_io.py receive 3305 COPY &
    python sans_io.py send 3305 FILE

`run` is the whole loop; what is decided in it is in peer.py. With port 0 any that is free is used.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from contextlib import suppress

import oftp
from peer import Peer

ALPHA = oftp.Connect(code="O0177ALPHA", password="SECRET")
BETA = oftp.Connect(code="O0177BETA", password="GEHEIM")


def run(session: oftp.Session, sock: socket.socket, peer: Peer) -> None:
    """Carries one session over a connected socket."""
    began = time.monotonic()
    session.n_con_cf() if session.is_initiator else session.n_con_ind()
    while True:
        match session.poll_output():
            case oftp.NDataRq(octets):
                sock.sendall(octets)
                session.sent(len(octets))
            case oftp.NDiscRq():
                sock.close()
            case oftp.Wait(deadline):
                if session.is_over:
                    return
                left = None if deadline is None else began + deadline - time.monotonic()
                sock.settimeout(None if left is None else max(left, 0.001))
                came: bytes | None = None
                with suppress(TimeoutError):
                    came = sock.recv(65_536)
                session.tick(time.monotonic() - began)
                if came is not None:
                    session.n_data_ind(came) if came else session.n_disc_ind()
            case event:
                peer.handle(session, event)


def send(port: int, path: str) -> None:
    """Calls BETA as ALPHA."""
    session = oftp.Session()
    session.connect_rq(ALPHA)
    with open(path, "rb") as content, socket.create_connection(("localhost", port)) as sock:
        peer = Peer(ALPHA, BETA, content)
        peer.to_send = oftp.VirtualFile(
            dsn="DRAWING",
            date=time.strftime("%Y%m%d"),
            time=time.strftime("%H%M%S0001"),
            destination=BETA.code,
            originator=ALPHA.code,
            size=-(-os.path.getsize(path) // 1024),
        )
        run(session, sock, peer)
    assert peer.response is not None, "the session has ended without a response"
    print(f"{peer.response.dsn} is {'lost' if peer.response.is_negative else 'delivered'}")


def receive(port: int, path: str) -> None:
    """Answers one call of ALPHA as BETA."""
    with open(path, "wb") as content, socket.create_server(("localhost", port)) as server:
        print(f"listening on port {server.getsockname()[1]}", flush=True)
        sock, _ = server.accept()
        with sock:
            run(oftp.Session(), sock, Peer(BETA, ALPHA, content))


if __name__ == "__main__":
    what = {"send": send, "receive": receive}[sys.argv[1]]
    what(int(sys.argv[2]), sys.argv[3])
