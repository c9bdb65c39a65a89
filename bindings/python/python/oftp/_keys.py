"""Owners, purposes and problems of certificates, for `oftp.certificates`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Owner", "Problem", "Purpose"]


class Purpose(StrEnum):
    """What a certificate is used for (RFC 5024 chapter 11)."""

    #: Its owner signed a file.
    SIGN_FILE = "sign_file"
    #: A file is encrypted for its owner.
    ENCRYPT_FILE = "encrypt_file"
    #: Its owner signed an EERP or a NERP.
    SIGN_RESPONSE = "sign_response"
    #: A challenge is encrypted for its owner (AUCH).
    AUTHENTICATE = "authenticate"
    #: Its owner is called by TLS.
    TLS_SERVER = "tls_server"
    #: Its owner calls by TLS.
    TLS_CLIENT = "tls_client"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a certificate is for.

    :ivar name: The common name (CN): of the station, its host, or the company.
    :ivar identification: The identification code (SSIDCODE), as serial number of the subject.
    :ivar organization: The company (O).
    :ivar country: The country (C), two letters.
    :ivar hosts: Names of hosts that partners call, for TLS.
    """

    name: str
    identification: str | None = None
    organization: str | None = None
    country: str | None = None
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a certificate is not taken: which, what is wrong with it, and what would mend that.

    :ivar kind: In one word: ``missing``, ``someone_elses``, ``wrong_name``, ``expired``,
        ``not_yet_valid``, ``revoked``, ``unknown_status``, ``old_list``, ``unreadable_list``,
        ``unknown_issuer``, ``forged``, ``wrong_usage``, ``weak_key``, ``not_rsa``, ``sha1``,
        ``authority`` or ``unusable``.
    :ivar certificate: The certificate at fault: owner, serial number and issuer. It need not be
        the one that was asked about, but can be an authority above it.
    :ivar text: What is wrong, as in ``expired on 2026-01-31 12:04:55 UTC``.
    :ivar remedy: What would mend it.
    """

    kind: str
    certificate: str
    text: str
    remedy: str

    def __str__(self) -> str:
        return f"certificate {self.certificate} {self.text}; {self.remedy}"
