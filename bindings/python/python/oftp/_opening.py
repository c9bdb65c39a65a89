"""What `connect` and `serve` are told, the same for both front-ends: a mailbox, and TLS."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import TypeAlias

from ._exceptions import CertificateError, UserError
from ._fields import Config
from ._oftp import Mailbox
from ._stations import Identity, Partner
from . import _tls

__all__ = ["PORT", "PORT_TLS", "Tls", "address_of", "context", "listen", "mailbox_of", "say_connected"]

#: The ports of ODETTE-FTP (RFC 5024 2.2, 2.3).
PORT = 3305
PORT_TLS = 6619

#: ``False``: plain; ``True``: with the keys of the identity and the certificates of the partner; or
#: a context of the caller's own, and then whom it trusts is the caller's matter.
Tls: TypeAlias = bool | ssl.SSLContext


def address_of(host: str, port: int | None, tls: Tls) -> tuple[str, int]:
    """The address, with the port of the RFC where none is given."""
    return host, port if port is not None else PORT_TLS if tls else PORT


def listen(host: str, port: int, *, backlog: int) -> socket.socket:
    """A listening socket; ``""``: everywhere, by IPv4 and IPv6 where there is both."""
    if not host and socket.has_dualstack_ipv6():
        return socket.create_server(
            ("", port), family=socket.AF_INET6, backlog=backlog, dualstack_ipv6=True
        )
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return socket.create_server((host, port), family=found[0][0], backlog=backlog)


def mailbox_of(
    identity: Identity | None,
    partners: Iterable[Partner],
    *,
    config: Config | None,
    inbox: str | os.PathLike[str] | None,
    mailbox: Mailbox | None = None,
) -> Mailbox:
    """The mailbox of a connection: a new one, or one of an earlier connection, which goes on with
    what was left."""
    if mailbox is None:
        if identity is None:
            raise UserError("identity: who this side is must be said, or a mailbox given")
        mailbox = Mailbox(identity, config)
    for partner in partners:
        mailbox.add_partner(partner)
    if inbox is not None:
        os.makedirs(inbox, exist_ok=True)
        mailbox.receive_into(inbox)
    return mailbox


def context(mailbox: Mailbox, tls: Tls, *, server: bool, required: bool) -> ssl.SSLContext | None:
    """The context of the handshake; ``None``: the connection is plain."""
    if isinstance(tls, ssl.SSLContext):
        return tls
    if not tls:
        return None
    return (
        _tls.server_context(mailbox, required=required)
        if server
        else _tls.client_context(mailbox)
    )


def say_connected(
    mailbox: Mailbox,
    now: float,
    tls: object,
    *,
    calls: tuple[str, str] | None,
    own_context: bool,
    required: bool,
    failed: Callable[[CertificateError], None],
) -> None:
    """Tells a mailbox that the connection is up, once it is known with whom.

    :param tls: The `ssl` object of the connection; ``None``: it is plain.
    :param calls: Partner and host that were called; ``None``: we were called.
    :param own_context: The context was the caller's own.
    :param failed: Told why the partner's certificate is not taken.
    """
    shown: list[bytes] = []
    try:
        if tls is not None and calls is not None and not own_context:
            _tls.called(mailbox, *calls, tls)
        elif tls is not None and calls is None:
            shown = _tls.caller(tls)
    except CertificateError as error:
        failed(error)
        mailbox.connection_failed(str(error))
        return
    mailbox.connected(now, tls=tls is not None, shown=shown, required=required)
