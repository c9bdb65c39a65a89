"""The throw-away authority: each partner is wrong in the one way that it says."""

from __future__ import annotations

import ssl
import stat
from pathlib import Path

import pytest
from oftp import CertificateError
from oftp.certificates import Keystore, Purpose, Trust
from oftp.testing.pki import Partner, Pki

CODE = "O0177BETA"


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


def test_a_good_partner_is_good_for_everything(pki: Pki) -> None:
    partner = pki.partner(CODE)
    trust = pki.trust(CODE)
    assert trust.problems(partner.certificate, *Purpose) == []
    assert pki.trust("localhost").problems(partner.certificate) == []
    assert partner.certificate.identification == [CODE]
    assert partner.keystore.own == [partner.certificate]
    assert pki.authority.is_authority and not partner.certificate.is_authority


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("expired", "expired"),
        ("not_yet_valid", "not_yet_valid"),
        ("self_signed", "someone_elses"),
        ("wrong_name", "wrong_name"),
        ("wrong_usage", "wrong_usage"),
        ("encrypt_only", "wrong_usage"),
        ("small_key", "weak_key"),
        ("of_other_authority", "unknown_issuer"),
        ("forged", "forged"),
        ("revoked", "revoked"),
    ],
)
def test_each_bad_partner_is_refused_for_its_own_fault(pki: Pki, name: str, kind: str) -> None:
    partner: Partner = getattr(pki, name)(CODE)
    assert partner.code == CODE and partner.keystore.has_key
    with pytest.raises(CertificateError) as caught:
        pki.trust(CODE).check(partner.certificate, Purpose.SIGN_FILE, at=pki.at)
    problem = caught.value.problem
    assert problem is not None and problem.kind == kind
    assert str(problem) == str(caught.value)
    assert problem.remedy


def test_what_may_only_sign_is_not_encrypted_for(pki: Pki) -> None:
    certificate = pki.sign_only(CODE).certificate
    trust = pki.trust(CODE)
    trust.check(certificate, Purpose.SIGN_FILE)
    (problem, other) = trust.problems(certificate)
    assert {problem.kind, other.kind} == {"wrong_usage"}
    assert "encrypt files" in problem.text and "authenticate" in other.text


def test_the_self_signed_one_is_good_for_who_has_pinned_it(pki: Pki) -> None:
    partner = pki.self_signed(CODE)
    assert partner.certificate.is_self_signed
    assert Trust([partner.certificate]).problems(partner.certificate, *Purpose) == []


def test_others_stay_good_when_one_is_revoked(pki: Pki) -> None:
    good, bad = pki.partner(CODE), pki.revoked(CODE)
    trust = pki.trust(CODE)
    trust.check(good.certificate)
    with pytest.raises(CertificateError, match="revoked"):
        trust.check(bad.certificate)
    assert good.certificate.serial != bad.certificate.serial


def test_tls_of_the_standard_library_takes_them(pki: Pki, tmp_path: Path) -> None:
    partner = pki.partner(CODE)
    path = partner.write(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        partner.write(tmp_path)
    assert Keystore.load(path).own == [partner.certificate]
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    client = ssl.create_default_context(cadata=pki.authority.pem)
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    a = client.wrap_bio(inward, outward, server_hostname="localhost")
    b = server.wrap_bio(outward, inward, server_side=True)
    for _ in range(3):
        for side in (a, b):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert a.getpeercert(binary_form=True) == partner.certificate.der
