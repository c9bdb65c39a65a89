"""Peers that are made, played in the background, and closed: what the fixture `oftp_peer` gives."""

from __future__ import annotations

import ssl
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from ._endpoint import ConnectionCut
from ._scenes import Peer
from ._transcript import ExpectationFailed

__all__ = ["Peers", "Script"]


class Peers:
    """Makes peers, and closes them at the end of the test.

    :ivar patience: Seconds that each expectation of its peers has by default.
    """

    def __init__(self, *, patience: float = 5.0) -> None:
        self.patience = patience
        self._made: list[Peer] = []

    def listen(
        self, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> Peer:
        """`Peer.listen`."""
        return self._keep(Peer.listen(host=host, port=port, tls=tls, patience=self.patience))

    def call(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> Peer:
        """`Peer.call`."""
        return self._keep(
            Peer.call(
                host, port, tls=tls, server_hostname=server_hostname, patience=self.patience
            )
        )

    def script(
        self,
        function: Callable[[Peer], object],
        *,
        peer: Peer | None = None,
        within: float = 30.0,
    ) -> Script:
        """Plays a function in a thread, while the test does something else in ``with``::

            with oftp_peer.script(hostile) as peer:
                call_the_system_under_test(peer.address)

        At the end of ``with`` the function must have come to its end.

        :param function: It gets the peer.
        :param peer: Which; ``None``: a new one that listens.
        :param within: Seconds that the function has after the end of ``with``.
        """
        return Script(function, peer or self.listen(), within)

    def close(self) -> None:
        """Closes all of them."""
        for peer in self._made:
            peer.close()
        self._made.clear()

    def _keep(self, peer: Peer) -> Peer:
        self._made.append(peer)
        return peer


class Script:
    """A function that plays a peer in a thread; see `Peers.script`. Its exception is raised at the
    end of ``with``; where the test fails at the same time, it is a note to that exception."""

    def __init__(self, function: Callable[[Peer], object], peer: Peer, within: float) -> None:
        self._function = function
        self._peer = peer
        self._within = within
        self._thread = threading.Thread(target=self._play, name="oftp script", daemon=True)
        self._error: BaseException | None = None

    def __enter__(self) -> Peer:
        self._thread.start()
        return self._peer

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            failed_before = self._error
            self._stop()
            if failed_before is not None:
                text = "".join(traceback.format_exception(failed_before))
                error.add_note(f"The script of the peer had failed:\n{text}")
            return
        self._thread.join(self._within)
        if self._thread.is_alive():
            self._stop()
            text = f"the script of the peer has not ended {self._within:g} s after the test's part"
            raise ExpectationFailed(text, self._peer.transcript) from self._error
        self._peer.close()
        if self._error is not None:
            raise self._error

    def _play(self) -> None:
        try:
            self._function(self._peer)
        except BaseException as error:  # noqa: BLE001 -- it is raised in the test's thread
            self._error = error
            # The system under test is not left waiting for a peer that plays no more.
            self._peer.close("reset" if isinstance(error, ConnectionCut) else "close")

    def _stop(self) -> None:
        self._peer.stop()
        self._thread.join(self._within)
        self._peer.close()
