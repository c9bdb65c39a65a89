"""The line between the two stations: a TCP proxy that counts octets, can cut a call, and listens
in as anybody between the two stations could."""

import socket
import threading

LISTENED_IN = 65536  # octets that are kept of each direction of a call


class Call:
    """One TCP connection, the count of what the caller sent, and the first of what both sent."""

    def __init__(self, cut_after):
        self.octets = 0  # that crossed the line from the caller (Initiator)
        self.asked, self.answered = bytearray(), bytearray()
        self._cut_after = cut_after
        self._over = threading.Event()

    def wait(self):
        """Waits until both sides have hung up, so that the counts are final."""
        return self._over.wait(30)

    def shows(self, text):
        """Whether this text could be read on the line."""
        octets = text.encode("ascii")
        return octets in self.asked or octets in self.answered

    def is_tls(self):
        """Whether the first of both sides is a TLS handshake record (RFC 8446 section 5.1)."""
        return all(side[:2] == b"\x16\x03" for side in (self.asked, self.answered))

    def carry(self, caller, called):
        """Carries octets until both sides have hung up, or until the cut."""
        answers = threading.Thread(target=self._carry_answers, args=(called, caller), daemon=True)
        answers.start()
        self._carry_calls(caller, called)
        answers.join()
        caller.close()
        called.close()
        self._over.set()

    def _carry_calls(self, caller, called):
        while True:
            left = 65536
            if self._cut_after is not None:
                left = min(left, self._cut_after - self.octets)
            octets = receive(caller, left) if left else b""
            self.octets += len(octets)
            keep(self.asked, octets)
            if not octets or not send(called, octets):
                break
        hang_up(called, socket.SHUT_WR)
        if self._cut_after is not None:
            hang_up(caller, socket.SHUT_RDWR)

    def _carry_answers(self, called, caller):
        # Read to the end even when the caller has gone: what lies unread when a socket is closed
        # would make the system throw away what the other side has yet to read.
        while True:
            octets = receive(called, 65536)
            if not octets:
                break
            keep(self.answered, octets)
            send(caller, octets)
        hang_up(caller, socket.SHUT_WR)


class Line:
    """Listens on a free port of this machine and puts every call through to a station."""

    def __init__(self, station_port):
        self.calls = []
        self.cut_next_after = None
        self._station_port = station_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            try:
                called = socket.create_connection(("127.0.0.1", self._station_port), timeout=30)
            except OSError:  # nobody is there now
                caller.close()
                continue
            for side in (caller, called):
                side.settimeout(60)
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            call = Call(self.cut_next_after)
            self.cut_next_after = None
            self.calls.append(call)
            threading.Thread(target=call.carry, args=(caller, called), daemon=True).start()


def keep(kept, octets):
    kept += octets[:LISTENED_IN - len(kept)]


def receive(side, octets):
    try:
        return side.recv(octets)
    except OSError:
        return b""


def send(side, octets):
    try:
        side.sendall(octets)
        return True
    except OSError:
        return False


def hang_up(side, how):
    try:
        side.shutdown(how)
    except OSError:
        pass  # it has hung up already
