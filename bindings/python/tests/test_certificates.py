"""Keystores, certificates and trusts (RFC 5024 chapter 11)."""

from __future__ import annotations

import pickle
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from oftp import CertificateError, UserError
from oftp.certificates import Certificate, Keystore, Owner, Purpose, Trust
from oftp.testing.pki import Pki
from openssl_tool import openssl, run

__all__ = ["openssl"]

AT = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
OWNER = Owner(
    "alpha.example", identification="O0177ALPHA", organization="Alpha", country="DE",
    hosts=("alpha.example", "oftp.alpha.example"),
)


@pytest.fixture(scope="module")
def own() -> Keystore:
    return Keystore.generate(OWNER, bits=2048, days=10, at=AT)


def test_a_new_certificate_says_what_it_was_made_for(own: Keystore) -> None:
    (certificate,) = own.certificates
    assert own.own == [certificate] and own.has_key
    assert "CN=alpha.example" in certificate.subject
    assert certificate.issuer == certificate.subject and certificate.is_self_signed
    assert certificate.common_names == ["alpha.example"]
    assert certificate.identification == ["O0177ALPHA"]
    assert certificate.hosts == ["alpha.example", "oftp.alpha.example"]
    assert certificate.uris == []
    assert certificate.not_before == AT - timedelta(hours=1)
    assert certificate.not_after == certificate.not_before + timedelta(days=10)
    assert (certificate.key_algorithm, certificate.key_bits) == ("RSA", 2048)
    assert certificate.key_usage == "digitalSignature, keyEncipherment"
    assert certificate.extended_key_usage is not None
    assert "serverAuth" in certificate.extended_key_usage
    assert len(certificate.fingerprint) == 64 and len(certificate.serial) == 32
    assert not certificate.is_authority


def test_certificates_compare_by_their_octets(own: Keystore) -> None:
    (certificate,) = own.certificates
    again = Certificate(certificate.pem.encode())
    assert again == certificate and hash(again) == hash(certificate)
    assert Certificate(bytearray(certificate.der)) == certificate
    assert pickle.loads(pickle.dumps(certificate)) == certificate
    assert certificate != Pki().authority
    assert certificate != certificate.der
    with pytest.raises(AttributeError):
        certificate.subject = "CN=other"  # type: ignore[misc]


@pytest.mark.parametrize("octets", [b"", b"no certificate", b"\x30\x03\x02\x01\x01"])
def test_octets_that_are_no_certificate(octets: bytes) -> None:
    with pytest.raises(CertificateError) as caught:
        Certificate(octets)
    assert caught.value.problem is None


def test_several_certificates_are_not_one(own: Keystore) -> None:
    pem = own.certificates[0].pem + Pki().authority.pem
    with pytest.raises(CertificateError, match="2 certificates"):
        Certificate(pem.encode())


def test_keys_come_back_from_files_that_only_their_owner_reads(
    own: Keystore, tmp_path: Path
) -> None:
    key, plain, pem = tmp_path / "own.key", tmp_path / "plain.key", tmp_path / "own.pem"
    own.write_key(key, passphrase="Schlüssel")
    own.write_key(plain)
    own.certificates[0].write(pem)
    assert stat.S_IMODE(key.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode) == 0o600
    loaded = Keystore.load(key, pem, passphrase="Schlüssel")
    assert loaded.own == own.own
    assert (Keystore.load(plain) | Keystore.load(str(pem))).own == own.own
    for write in (own.write_key, own.certificates[0].write):
        before = pem.read_bytes()
        with pytest.raises(FileExistsError) as caught:
            write(pem)
        assert caught.value.filename == pem.__fspath__()
        assert pem.read_bytes() == before
    own.certificates[0].write(pem, replace=True)


def test_a_passphrase_is_asked_for_and_compared(own: Keystore) -> None:
    pem = own.key_pem(passphrase="right").encode()
    with pytest.raises(CertificateError, match="give its passphrase"):
        Keystore.read(pem)
    with pytest.raises(CertificateError, match="wrong passphrase") as caught:
        Keystore.read(pem, passphrase="wrong")
    assert "wrong passphrase for" in str(caught.value)
    assert Keystore.read(pem, passphrase="right").has_key


def test_nothing_secret_is_shown(own: Keystore) -> None:
    shown = repr(own) + repr(own.certificates) + str(own)
    assert "keys=1" in shown and "O0177ALPHA" in shown
    assert "PRIVATE" not in shown
    # Nothing of the key is in it.
    body = "".join(own.key_pem().splitlines()[1:-1])
    assert body[30:60] not in shown
    with pytest.raises(TypeError):
        pickle.dumps(own)


def test_a_file_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        Keystore.load(tmp_path / "none.pem")
    assert caught.value.filename == str(tmp_path / "none.pem")
    assert "os error" not in str(caught.value)
    with pytest.raises(UserError):
        Keystore.load()


@pytest.mark.parametrize(
    ("bits", "days", "owner"),
    [(1024, 10, "A"), (2048, 0, "A"), (2048, 10, ""), (2048, 10, Owner("A", country="Ä"))],
)
def test_what_cannot_be_generated(bits: int, days: int, owner: Owner | str) -> None:
    with pytest.raises(UserError):
        Keystore.generate(owner, bits=bits, days=days)


def test_no_certificate_outlasts_the_year_9999() -> None:
    with pytest.raises(UserError, match="9999"):
        Keystore.generate(OWNER, bits=2048, days=2, at=datetime(9999, 12, 31, tzinfo=UTC))


def test_a_request_is_for_the_key(own: Keystore) -> None:
    request = own.request(Owner("new.example", identification="O0177NEW"))
    assert request.startswith("-----BEGIN CERTIFICATE REQUEST-----\n")
    with pytest.raises(CertificateError, match="CERTIFICATE REQUEST"):
        Keystore.read(request.encode())
    with pytest.raises(CertificateError, match="no private key"):
        Keystore.read(own.certificates[0].der).request("A")
    with pytest.raises(CertificateError, match="no private key for certificate"):
        own.request("A", certificate=Pki().authority)


def test_a_time_without_a_zone_is_a_mistake(own: Keystore) -> None:
    trust = Trust(own.certificates)
    with pytest.raises(UserError, match="time zone"):
        trust.check(own.certificates[0], at=datetime(2026, 11, 26))
    with pytest.raises(UserError, match="purpose"):
        trust.check(own.certificates[0], "everything")


def test_pinned_certificates_count_while_they_are_valid(own: Keystore) -> None:
    (certificate,) = own.certificates
    trust = Trust([certificate])
    trust.check(certificate, at=AT)
    (problem,) = trust.problems(certificate, *Purpose, at=AT + timedelta(days=11))
    assert problem.kind == "expired" and "2026-12-06" in problem.text
    assert problem.certificate.startswith(certificate.subject)
    with pytest.raises(CertificateError) as caught:
        Trust().check(certificate, at=AT)
    assert caught.value.problem is not None and caught.value.problem.kind == "someone_elses"


def test_the_newest_is_encrypted_for(own: Keystore) -> None:
    newer = Keystore.generate(OWNER, bits=2048, at=AT + timedelta(days=5))
    trust = Trust(own.certificates + newer.certificates)
    assert trust.newest(at=AT + timedelta(days=6)) == newer.certificates[0]
    assert trust.newest(Purpose.AUTHENTICATE, at=AT) == own.certificates[0]
    with pytest.raises(CertificateError):
        Trust().newest()
    both = own | newer
    assert both.own == [newer.certificates[0], own.certificates[0]]


def test_revocation_that_nobody_knows_of_may_be_refused() -> None:
    pki = Pki()
    partner = pki.partner("BETA")
    strict = Trust(authorities=[pki.authority], names=["BETA"], unknown_revocation=False)
    with pytest.raises(CertificateError) as caught:
        strict.check(partner.certificate)
    assert caught.value.problem is not None and caught.value.problem.kind == "unknown_status"
    with_list = Trust(authorities=[pki.authority], crls=[pki.crl], unknown_revocation=False)
    with_list.check(partner.certificate)
    old = Trust(
        authorities=[pki.authority],
        crls=[pki.crl],
        unknown_revocation=False,
        max_crl_age=timedelta(minutes=1),
    )
    with pytest.raises(CertificateError) as caught:
        old.check(partner.certificate)
    assert caught.value.problem is not None and caught.value.problem.kind == "old_list"
    with pytest.raises(CertificateError, match=r"crls\[1\]"):
        Trust(crls=[pki.crl, b"none"])


def test_lists_are_read_from_files() -> None:
    pki = Pki()
    pki.revoked("BETA")
    assert Keystore.read(pki.crl).crls == [pki.crl]


def test_openssl_reads_what_is_written_and_the_other_way(
    own: Keystore, tmp_path: Path, openssl: str
) -> None:
    own.write_key(tmp_path / "key")
    own.certificates[0].write(tmp_path / "pem")
    export = ["-export", "-inkey", "key", "-in", "pem", "-out", "p12", "-passout", "pass:x"]
    run(openssl, "pkcs12", *export, folder=tmp_path)
    assert Keystore.load(tmp_path / "p12", passphrase="x").own == own.own
    (tmp_path / "csr").write_text(own.request(OWNER))
    text = run(openssl, "req", "-in", "csr", "-noout", "-text", "-verify", folder=tmp_path)
    assert b"O0177ALPHA" in text and b"oftp.alpha.example" in text
