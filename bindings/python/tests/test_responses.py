"""Signed end responses and challenges (RFC 5024 5.3.13, 5.3.14, 4.2.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from oftp import (
    CertificateError,
    CmsError,
    EndResponse,
    UserError,
    VirtualFile,
    cms,
    end_response_for,
)
from oftp.certificates import Trust
from oftp.testing.pki import Pki

PKI = Pki()
ALPHA, BETA = PKI.partner("ALPHA"), PKI.partner("BETA")
CONTENT = b"what was sent"
FILE = VirtualFile(
    dsn="INVOICE", date="20261126", time="1011120001", destination="BETA", originator="ALPHA"
)


def signed_eerp(hash: bytes) -> EndResponse:
    return cms.sign_response(end_response_for(FILE), BETA.keystore, hash=hash)


def test_a_signed_response_proves_what_was_received() -> None:
    hash, trust = cms.hash_file(CONTENT), BETA.trust
    eerp = signed_eerp(hash)
    assert eerp.hash == hash and eerp.signature
    assert cms.check_response(eerp, trust, hash=hash, file=FILE) == (BETA.certificate,)
    nerp = cms.sign_response(end_response_for(FILE, reason=31), BETA.keystore)
    assert nerp.hash == b""
    assert cms.check_response(nerp, trust, hash=None, file=FILE) == (BETA.certificate,)
    # Its reason is not signed.
    cms.check_response(replace(nerp, reason=33), trust, hash=None)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"signature": b""}, "unsigned"),
        ({"signature": b"\x30\x00"}, "signature"),
        ({"dsn": "OTHER"}, "other_content"),
        ({"hash": bytes(32)}, "other_content"),
    ],
)
def test_a_response_that_proves_nothing(change: dict[str, object], kind: str) -> None:
    hash = cms.hash_file(CONTENT)
    eerp = replace(signed_eerp(hash), **change)  # type: ignore[arg-type]
    with pytest.raises(CmsError) as caught:
        cms.check_response(eerp, BETA.trust, hash=hash)
    assert caught.value.kind == kind


def test_a_response_for_another_file_or_of_another_partner() -> None:
    hash, trust = cms.hash_file(CONTENT), BETA.trust
    eerp = signed_eerp(hash)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"hash": bytes(32)}, "other_hash"),
        ({"hash": hash, "file": replace(FILE, dsn="OTHER")}, "other_file"),
    ]
    for arguments, kind in wrong:
        with pytest.raises(CmsError) as caught:
            cms.check_response(eerp, trust, **arguments)
        assert caught.value.kind == kind
    with pytest.raises(CmsError) as caught:
        cms.check_response(eerp, ALPHA.trust, hash=hash)
    assert caught.value.kind == "signature"
    with pytest.raises(UserError, match="hash"):
        cms.check_response(eerp, trust, hash=None)
    with pytest.raises(UserError, match="32 in suite"):
        cms.sign_response(end_response_for(FILE), BETA.keystore, hash=b"short")


def test_a_challenge_is_opened_by_its_owner_alone(caplog: pytest.LogCaptureFixture) -> None:
    for partner in (BETA.certificate, Trust([BETA.certificate])):
        plain, sealed = cms.make_challenge(partner)
        assert len(plain) == 20
        assert cms.open_challenge(sealed, BETA.keystore) == plain
    assert cms.make_challenge(BETA.certificate)[0] != plain
    assert caplog.records == []
    assert cms.open_challenge(sealed, ALPHA.keystore) is None
    assert cms.open_challenge(b"", ALPHA.keystore) is None
    assert [record.name for record in caplog.records] == ["oftp.cms"] * 2
    with pytest.raises(CertificateError):
        cms.make_challenge(Trust())
