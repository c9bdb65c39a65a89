"""TLS by `ssl` (RFC 5024 2.3): contexts of a mailbox's keys, and whose certificate was shown.

OpenSSL makes the handshake; whose certificate counts is decided by the rules of the package, the
same as in every other language, before anything is said in the session.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from ._oftp import Mailbox

__all__ = ["called", "caller", "client_context", "server_context"]


def client_context(mailbox: Mailbox) -> ssl.SSLContext:
    """To call with; our certificate is shown where there is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # The partner's certificate is looked at after the handshake: most are self-signed.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _own(context, mailbox.tls_credential(False))
    return context


def server_context(mailbox: Mailbox, *, required: bool) -> ssl.SSLContext:
    """To be called with. `required`: callers must show a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _own(context, mailbox.tls_credential(True))
    authorities = mailbox.tls_authorities()
    if authorities or required:
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
        # A partner's own certificate is trusted as it is, whoever signed it.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        for one in authorities:
            context.load_verify_locations(cadata=one)
    # A certificate is checked in each session.
    context.num_tickets = 0
    return context


def _own(context: ssl.SSLContext, own: tuple[list[bytes], bytes] | None) -> None:
    if own is None:
        return
    chain, key = own
    pem = "".join(ssl.DER_cert_to_PEM_cert(one) for one in chain)
    with _secret(_key_pem(key) + pem) as path:
        context.load_cert_chain(path)


def _key_pem(der: bytes) -> str:
    import base64

    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----", ""])


@contextmanager
def _secret(text: str) -> Generator[str, None, None]:
    """A file for the moment: `ssl` takes keys from files alone. In memory where the system can."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("oftp", os.MFD_CLOEXEC)
        try:
            os.write(fd, text.encode())
            yield f"/proc/self/fd/{fd}"
        finally:
            os.close(fd)
    else:
        with tempfile.NamedTemporaryFile("w") as file:  # Mode 0600.
            file.write(text)
            file.flush()
            yield file.name


def _shown(tls: Any) -> list[bytes]:
    """The certificates that the other side has shown, its own first, in DER."""
    leaf = tls.getpeercert(binary_form=True)
    if leaf is None:
        return []
    # Public from 3.13 on; before, of the object inside.
    inner = tls if hasattr(tls, "get_unverified_chain") else getattr(tls, "_sslobj", None)
    get: Callable[[], Any] | None = getattr(inner, "get_unverified_chain", None)
    chain: list[Any] = [] if get is None else get() or []
    octets: list[bytes] = [one if isinstance(one, bytes) else one.public_bytes(_DER) for one in chain]
    # A server's own view may lack the caller's certificate itself.
    return octets if leaf in octets[:1] else [leaf, *octets]


#: `_ssl.ENCODING_DER`.
_DER = 2


def called(mailbox: Mailbox, partner: str, host: str, tls: Any) -> None:
    """Checks whom we have called, after the handshake.

    :raises CertificateError: It is not the partner."""
    mailbox.check_called(partner, host, _shown(tls))


def caller(tls: Any) -> list[bytes]:
    """What a caller has shown, after the handshake."""
    return _shown(tls)
