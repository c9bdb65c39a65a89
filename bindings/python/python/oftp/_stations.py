"""Who we are and who the partners are: what a mailbox is told (RFC 5024 4.2, 5.3.2)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, Union

from ._values import Rule

if TYPE_CHECKING:
    from ._fields import Config
    from .certificates import Keystore

__all__ = ["Identity", "Keys", "Partner"]

#: Keys or certificates: a path of a file (PEM, DER, PKCS#12), its octets, or a `Keystore`.
Keys: TypeAlias = Union[str, "os.PathLike[str]", bytes, "Keystore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this side is.

    :ivar code: The own identification code, 1 to 25 characters (SSIDCODE).
    :ivar password: The own password, up to 8 characters (SSIDPSWD).
    :ivar user: User data, up to 8 characters (SSIDUSER).
    :ivar keys: The own keys with their certificates, the preferred one first; for TLS, signatures,
        decryption and authentication.
    :ivar passphrase: Opens `keys` where they are encrypted.
    """

    code: str
    password: str = field(default="", repr=False)
    user: str = ""
    keys: Keys | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner, and what is taken from it.

    :ivar code: Its identification code (SSIDCODE).
    :ivar password: Its password; ``None``: not looked at.
    :ivar authentication: Whether secure authentication is required (level 2.0, keys on both
        sides).
    :ivar tls: Whether its calls must use TLS: else they get ESID 10.
    :ivar config: What holds for sessions with it, in place of the mailbox's own `Config`: levels,
        buffer size, credit, quirks ...
    :ivar destinations: Files are taken for these stations (SFIDDEST), beside our own code.
    :ivar any_destination: Files are taken for any station.
    :ivar origins: Files are taken from these stations (SFIDORIG); empty: from those of the
        partner's organisation.
    :ivar any_origin: Files are taken from any station.
    :ivar formats: Record formats that are taken.
    :ivar max_record: The longest record in octets, 1 to 99,999.
    :ivar max_size: The largest file in blocks of 1,024 octets; ``None``: no limit. It also bounds
        what an envelope holds.
    :ivar signing: Whether its files are signed.
    :ivar encryption: Whether they are encrypted.
    :ivar compression: Whether they are compressed (SFIDCOMP).
    :ivar signed_responses: Whether signed end responses may be asked for.
    :ivar suites: Cipher suites that are taken (RFC 5024 10.2); ``None``: 00 to 06.
    :ivar unnamed_suite: The suite of files that want a signed response and name none.
    :ivar certificates: Its certificates, each trusted as it is.
    :ivar anchors: Authorities whose certificates count for it, where they bear one of `names`.
    :ivar names: Host name, common name or identification code that a certificate of `anchors`
        must bear; for calls the host that is called counts too.
    """

    code: str
    password: str | None = field(default=None, repr=False)
    authentication: bool = False
    tls: bool = False
    config: Config | None = None
    destinations: tuple[str, ...] = ()
    any_destination: bool = False
    origins: tuple[str, ...] = ()
    any_origin: bool = False
    formats: str = "FVUT"
    max_record: int = 99_999
    max_size: int | None = None
    signing: Rule = Rule.ALLOWED
    encryption: Rule = Rule.ALLOWED
    compression: Rule = Rule.ALLOWED
    signed_responses: Rule = Rule.ALLOWED
    suites: tuple[int, ...] | None = None
    unnamed_suite: int | None = None
    certificates: Keys | None = field(default=None, repr=False)
    anchors: Keys | None = field(default=None, repr=False)
    names: tuple[str, ...] = ()
