"""Another implementation of CMS opens what is sealed, and the other way."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from oftp import cms
from oftp.testing.pki import Pki
from openssl_tool import openssl, run

__all__ = ["openssl"]

PKI = Pki()
ALPHA, BETA = PKI.partner("ALPHA"), PKI.partner("BETA")
CONTENT = random.Random(5).randbytes(300_000)


@pytest.mark.parametrize("suite", [1, 2, 4, 6])
def test_openssl_opens_what_is_sealed(suite: int, openssl: str, tmp_path: Path) -> None:
    BETA.write(tmp_path)
    (tmp_path / "ca").write_text(PKI.authority.pem)
    cms.seal(
        CONTENT,
        tmp_path / "in",
        sign_with=ALPHA.keystore,
        with_certificates=True,
        encrypt_for=BETA.certificate,
        suite=suite,
    )
    name = ["-inform", "DER", "-in"]
    decrypt = ["-inkey", "BETA.pem", "-recip", "BETA.pem", "-out", "signed", "-binary"]
    run(openssl, "cms", "-decrypt", *name, "in", *decrypt, folder=tmp_path)
    verify = ["-CAfile", "ca", "-out", "content", "-purpose", "any", "-binary"]
    run(openssl, "cms", "-verify", *name, "signed", *verify, folder=tmp_path)
    assert (tmp_path / "content").read_bytes() == CONTENT


def test_what_openssl_seals_is_opened(openssl: str, tmp_path: Path) -> None:
    ALPHA.write(tmp_path)
    BETA.write(tmp_path)
    (tmp_path / "content").write_bytes(CONTENT)
    sign = ["-sign", "-signer", "ALPHA.pem", "-nodetach", "-in", "content", "-out", "signed"]
    run(openssl, "cms", *sign, "-binary", "-outform", "DER", folder=tmp_path)
    encrypt = ["-encrypt", "-aes256", "-in", "signed", "-out", "sealed"]
    last = ["-binary", "-outform", "DER", "BETA.pem"]
    run(openssl, "cms", *encrypt, *last, folder=tmp_path)
    opened = cms.open(tmp_path / "sealed", decrypt_with=BETA.keystore, signed_by=ALPHA.trust)
    assert opened.content == CONTENT and opened.signer == ALPHA.certificate
