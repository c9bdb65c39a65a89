"""A throw-away authority for tests, with partners good and bad.

```python
pki = Pki()
alpha, beta = pki.partner("ALPHA"), pki.partner("BETA")
seal(b"...", sign_with=alpha.keystore, encrypt_for=[beta.certificate])
with pytest.raises(CertificateError):
    pki.trust("BETA").check(pki.expired("BETA").certificate)
```

Everything is made in memory. A key belongs to a name and is made once in a process: it is slow.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .._keys import Owner
from .._oftp import (
    Certificate,
    Keystore,
    Trust,
    throwaway_certificate,
    throwaway_crl,
    throwaway_key,
)

__all__ = ["Partner", "Pki"]

_DAY = timedelta(days=1)
_keys: dict[str, Keystore] = {}
_lock = threading.Lock()

#: RSA keys of 1024 bits are not made by anybody any more: this one stands here for all to see.
_SMALL_KEY = b"""\
-----BEGIN PRIVATE KEY-----
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBANzoWekv92umch/b
PP67MRSUxy98m8sGD3ILNHUp3tTJuMt8hIk/bGOMBIw6VA4k/tfFn6eaML4jVQj2
I10S48afNHWEVSBUcLPzxn05X/CbmA2rMzG/LvDY3rcQ3o1KR7oYU81yc/OX4DZ/
knhEI4pIELDVTqvwt7wimC9Sy+S1AgMBAAECgYBidmIU8N9MKS03C8Y9F/yBWusJ
PHZIYNQjleD01AvRNnRapo6Aijdqi28/fYQXpd+9FwXZc32EUkVFsEgE5TWGb0+t
QveX4uvGDMd76O+1asyHPIwBVpMOBu3TOdybExEuCkqSCPzb35s8u/IyoTM9aG9m
y3U341gOyXuB5Ks1oQJBAPCi3UOlW26fAfe285oqfBayrUovjBZ1UOZl9cJz1caF
UQyGpx+S6R/JtrfTF6ZB6Xi5zBU8fTILBGNRGj4UXikCQQDrAwdUF0nm2POzHV6f
d1+fKWIoSK5E0qYksI/PnVZV5WdBEAGLvVsXmOSfu4intyu+4fSzoFQpUnVAVwL9
qIutAkBF+faCH2nxR0gZMxiv8j7XkuoVsrH4LfFyrp/DBlBaRJaHH/klk2E7nzsF
RduQu4YbV1xjqI13qgCCqSkKeH3RAkEAre3M47BksmPIYLyQxiZ773iaO8QmrarU
6Xx+wqHoPqQMOfvVmQ0oOJugQJNzfOS0jI4AI1y6TObI/jgnb4Ho9QJAURO+8QHc
9iyclc2WcP6LWI4KPzn6AAbhTgnjSlpT+c+M8gkHBlV1SXFcuPImN69xR4C6/DEP
XM2fbBi74CNCpw==
-----END PRIVATE KEY-----
"""


def _key(name: str) -> Keystore:
    """The key of this name: the same each time."""
    with _lock:
        key = _keys.get(name)
        if key is None:
            key = _keys[name] = throwaway_key()
        return key


@dataclass(frozen=True, slots=True)
class Partner:
    """Somebody with a private key and a certificate.

    :ivar code: Its identification code, which stands in the certificate as serial number of the
        subject; the certificate of `Pki.wrong_name` has another one.
    :ivar keystore: Its private key with its certificate.
    :ivar certificate: Its certificate.
    """

    code: str
    keystore: Keystore
    certificate: Certificate

    @property
    def trust(self) -> Trust:
        """The trust of somebody to whom this partner has given its certificate: what files without
        certificates inside are checked by."""
        return Trust([self.certificate])

    def write(self, folder: str | os.PathLike[str], name: str | None = None) -> Path:
        """Writes the private key, which only its owner may read, and the certificate to one new
        file in PEM, as `ssl.SSLContext.load_cert_chain` and the command ``oftp`` take it.

        :param name: The first part of its name; ``None``: the identification code.
        :raises FileExistsError: It is there already.
        """
        path = Path(folder) / f"{name or self.code}.pem"
        pem = self.keystore.key_pem() + self.certificate.pem
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(pem)
        return path


class Pki:
    """A throw-away authority.

    Each method that makes a partner gives a new certificate. Its subject has the identification
    code both as common name and as serial number.

    :param name: Common name of the authority.
    :param at: When it is set up; ``None``: now. Good certificates are valid from a day before to a
        year behind.
    """

    def __init__(self, name: str = "Test Authority", *, at: datetime | None = None) -> None:
        self.name = name
        self.at = at or datetime.now(UTC)
        self._issuer = throwaway_certificate(
            _key(name), name, None, ["ca"], self.at - 2 * _DAY, self.at + 3650 * _DAY
        )
        self._revoked: list[Certificate] = []

    @property
    def authority(self) -> Certificate:
        """The authority's own certificate."""
        return self._issuer.certificates[0]

    @property
    def crl(self) -> bytes:
        """The authority's list of revoked certificates in DER, those of `revoked`."""
        return throwaway_crl(
            self._issuer, self._revoked, self.at - timedelta(hours=1), self.at + 365 * _DAY
        )

    def trust(self, *names: str) -> Trust:
        """The trust of a partner with these names, which this authority certifies. It knows what
        is revoked so far, and no certificate of the partner: a signature must bring it along.

        :param names: Names of the partner, one of which its certificate bears; none: the authority
            certifies nobody else.
        """
        return Trust(authorities=[self.authority], crls=[self.crl], names=names)

    def partner(self, code: str, *, hosts: Iterable[str] = ("localhost",)) -> Partner:
        """A good partner.

        :param code: Its identification code.
        :param hosts: Names of its hosts, for TLS.
        """
        return self._issue(code, hosts=hosts)

    def expired(self, code: str) -> Partner:
        """Its certificate expired a day ago."""
        return self._issue(code, first=self.at - 2 * _DAY, last=self.at - _DAY)

    def not_yet_valid(self, code: str) -> Partner:
        """Its certificate is valid from tomorrow on."""
        return self._issue(code, first=self.at + _DAY)

    def self_signed(self, code: str) -> Partner:
        """It has signed its certificate itself: good for who has pinned it."""
        return self._issue(code, itself=True)

    def wrong_name(self, code: str) -> Partner:
        """Its certificate bears the name of somebody else."""
        return self._issue(code, name="Somebody Else")

    def wrong_usage(self, code: str) -> Partner:
        """Its certificate is meant for nothing of OFTP: it may certify others alone."""
        return self._issue(code, usages=["ca"])

    def sign_only(self, code: str) -> Partner:
        """Its certificate is good for signatures, and not for encryption."""
        return self._issue(code, usages=["sign"])

    def encrypt_only(self, code: str) -> Partner:
        """Its certificate is good for encryption, and not for signatures."""
        return self._issue(code, usages=["encrypt"])

    def small_key(self, code: str) -> Partner:
        """Its RSA key has 1024 bits. Everybody knows the private key."""
        return self._issue(code, key=Keystore.read(_SMALL_KEY))

    def of_other_authority(self, code: str) -> Partner:
        """Its certificate is of an authority of another name and key."""
        other = f"Other than {self.name}"
        return Pki(other, at=self.at).partner(code)

    def forged(self, code: str) -> Partner:
        """Its certificate bears this authority's name as issuer, and not its signature."""
        return self._issue(code, by=_key(f"Impostor of {self.name}") | self._names_alone())

    def revoked(self, code: str) -> Partner:
        """Its certificate is revoked, on `crl` and in each `trust` from now on."""
        partner = self._issue(code)
        self._revoked.append(partner.certificate)
        return partner

    def _names_alone(self) -> Keystore:
        return Keystore.read(self.authority.der)

    def _issue(
        self,
        code: str,
        *,
        name: str | None = None,
        hosts: Iterable[str] = ("localhost",),
        by: Keystore | None = None,
        itself: bool = False,
        key: Keystore | None = None,
        usages: Iterable[str] = ("sign", "encrypt", "tls"),
        first: datetime | None = None,
        last: datetime | None = None,
    ) -> Partner:
        owner = Owner(name or code, identification=name or code, hosts=tuple(hosts))
        keystore = throwaway_certificate(
            key or _key(code),
            owner,
            None if itself else by or self._issuer,
            list(usages),
            first or self.at - _DAY,
            last or self.at + 365 * _DAY,
        )
        return Partner(code, keystore, keystore.certificates[0])
