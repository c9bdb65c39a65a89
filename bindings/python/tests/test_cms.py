"""Files in their envelopes (RFC 5024 chapter 6)."""

from __future__ import annotations

import errno
import io
import itertools
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from oftp import (
    CertificateError,
    CmsError,
    NerpReason,
    RecordFormat,
    Security,
    UserError,
    VirtualFile,
    cms,
)
from oftp.certificates import Keystore, Trust
from oftp.testing.pki import Partner, Pki

PKI = Pki()
ALPHA, BETA = PKI.partner("ALPHA"), PKI.partner("BETA")
TRUST = ALPHA.trust
#: Longer than the buffers of all layers, and not to be compressed to nothing.
CONTENT = random.Random(5).randbytes(150_000) + b"UNA:+.? '" * 40_000
LAYERS = [
    (sign, compress, encrypt)
    for sign, compress, encrypt in itertools.product([False, True], repeat=3)
    if sign or compress or encrypt
]


def seal_all(content: bytes = CONTENT, suite: int = 4) -> bytes:
    sealed = cms.seal(
        content,
        sign_with=ALPHA.keystore,
        compress=True,
        encrypt_for=BETA.certificate,
        suite=suite,
    )
    return sealed.message


def open_all(message: bytes, trust: Trust = TRUST, own: Keystore = BETA.keystore) -> cms.Opened:
    return cms.open(message, decrypt_with=own, decompress=True, signed_by=trust)


@pytest.mark.parametrize("suite", range(1, 11))
def test_a_file_comes_back_from_every_suite(suite: int) -> None:
    sealed = cms.seal(
        CONTENT,
        sign_with=ALPHA.keystore,
        compress=9,
        encrypt_for=[BETA.certificate, ALPHA.certificate],
        suite=suite,
    )
    assert sealed.hash == cms.hash_file(sealed.message, suite)
    for own in (ALPHA, BETA):
        opened = open_all(sealed.message, own=own.keystore)
        assert opened.content == CONTENT and opened.octets == len(CONTENT)
        assert opened.signers == (ALPHA.certificate,) and opened.signer == ALPHA.certificate
        assert opened.other_signatures == ()
        assert opened.is_legacy == (suite in (1, 2, 3, 5))
        assert opened.hash == cms.Hash(suite).name
    assert cms.inspect(sealed.message) == (cms.Layer.ENCRYPTION,)
    assert cms.inspect(sealed.message, decrypt_with=BETA.keystore) == tuple(cms.Layer)


@pytest.mark.parametrize(("sign", "compress", "encrypt"), LAYERS)
def test_a_file_comes_back_from_all_layers(sign: bool, compress: bool, encrypt: bool) -> None:
    sealed = cms.seal(
        CONTENT,
        sign_with=ALPHA.keystore if sign else None,
        compress=compress,
        encrypt_for=BETA.certificate if encrypt else None,
    )
    assert sealed.octets == len(sealed.message) and sealed.original_octets == len(CONTENT)
    assert bool(sealed.security & Security.SIGNED) == sign
    file = sealed.announce(
        VirtualFile(dsn="X", date="", time="", destination="BETA", originator="ALPHA")
    )
    assert file.cipher_suite == (4 if sign or encrypt else 0)
    assert file.envelope == 1 and file.compression == compress
    assert 0 <= file.size * 1024 - sealed.octets < 1024
    assert 0 <= file.original_size * 1024 - len(CONTENT) < 1024
    opened = cms.open(sealed.message, decrypt_with=BETA.keystore, signed_by=TRUST, file=file)
    assert opened.content == CONTENT
    expected = zip((encrypt, compress, sign), cms.Layer, strict=True)
    assert opened.layers == tuple(layer for is_there, layer in expected if is_there)
    assert cms.inspect(sealed.message, decrypt_with=BETA.keystore) == opened.layers
    for needed, name in ((encrypt, "decrypt_with"), (sign, "signed_by")):
        if needed:
            rest = {"decrypt_with": BETA.keystore, "signed_by": TRUST}
            del rest[name]
            with pytest.raises(UserError, match=name):
                cms.open(sealed.message, file=file, **rest)  # type: ignore[arg-type]


def test_every_kind_of_source_and_target(tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    with path.open("rb") as file:
        file.seek(10)
        octets = [CONTENT, bytearray(CONTENT), memoryview(CONTENT)]
        sources: list[Any] = [path, str(path), *octets, file]
        for number, source in enumerate(sources):
            content = CONTENT[10:] if source is file else CONTENT
            target = tmp_path / f"{number}.cms"
            sealed = cms.seal(source, target, compress=True)
            assert sealed.message == b"" and target.stat().st_size == sealed.octets
            out = io.BytesIO()
            opened = cms.open(str(target), out, decompress=True)
            assert out.getvalue() == content and opened.content == b""
    read, write = os.pipe()
    with open(read, "rb", buffering=0) as inward, open(write, "wb", buffering=0) as outward:
        cms.seal(b"short", outward, compress=True)
        outward.close()
        assert cms.open(inward, decompress=True).content == b"short"
    assert cms.open(cms.seal(b"", compress=True).message, decompress=True).content == b""


def test_a_target_is_never_replaced_and_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "out"
    message = seal_all()
    with pytest.raises(CmsError):
        cms.open(
            message[:-1], target, decrypt_with=BETA.keystore, decompress=True, signed_by=TRUST
        )
    assert list(tmp_path.iterdir()) == []
    target.write_bytes(b"old")
    with pytest.raises(FileExistsError) as caught:
        cms.seal(CONTENT, target, compress=True)
    assert caught.value.filename == str(target)

    late = tmp_path / "late"
    with pytest.raises(FileExistsError):
        cms.seal(CONTENT, late, compress=True, progress=lambda done, total: late.touch())
    assert {path.name for path in tmp_path.iterdir()} == {"out", "late"}
    assert target.read_bytes() == b"old" and late.read_bytes() == b""
    with pytest.raises(FileNotFoundError):
        cms.seal(tmp_path / "none", tmp_path / "new", compress=True)
    with pytest.raises(FileNotFoundError):
        cms.seal(CONTENT, tmp_path / "none" / "new", compress=True)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_system_without_links_keeps_what_is_there_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*names: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    target, late = tmp_path / "out", tmp_path / "late"
    cms.seal(CONTENT, target, compress=True)
    assert cms.open(target, decompress=True).content == CONTENT
    with pytest.raises(FileExistsError):
        cms.seal(CONTENT, late, compress=True, progress=lambda done, total: late.touch())
    assert late.read_bytes() == b"" and len(list(tmp_path.iterdir())) == 2


def test_progress_is_told_and_stops_the_work(tmp_path: Path) -> None:
    content = bytes(2_500_000)
    told: list[tuple[int, int | None]] = []
    cms.seal(content, compress=True, progress=lambda *step: told.append(step))
    assert told == [(1 << 20, 2_500_000), (2 << 20, 2_500_000), (2_500_000, 2_500_000)]
    told.clear()
    cms.hash_file(io.BytesIO(content), progress=lambda *step: told.append(step))
    assert told[-1] == (2_500_000, 2_500_000)

    def stop(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cms.seal(content, tmp_path / "out", compress=True, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_octets_in_octets_out_in_constant_memory() -> None:
    sealer = cms.Sealer(sign_with=ALPHA.keystore, encrypt_for=BETA.certificate)
    opener = cms.Opener(decrypt_with=BETA.keystore, signed_by=TRUST)
    came = bytearray()
    octets = bytes(range(256)) * 400
    for _ in range(50):
        rest = memoryview(octets)
        while rest:
            rest = rest[sealer.push(rest) :]
            while message := sealer.pull(10_000):
                part = memoryview(message)
                while part:
                    part = part[opener.push(part) :]
                    came += opener.pull()
    assert sealer.held < 1 << 20 and opener.held < 1 << 20
    assert not sealer.is_done and not opener.is_done and opener.opened is None
    sealer.finish()
    while message := sealer.pull(77):
        assert opener.push(message) == len(message)
        came += opener.pull()
    assert sealer.is_done
    opener.finish()
    while pulled := opener.pull(9):
        came += pulled
    assert opener.is_done and came == octets * 50
    opened = opener.opened
    assert opened is not None and opened.signer == ALPHA.certificate
    for transform in (sealer, opener):
        with pytest.raises(UserError, match="finish"):
            transform.push(b"more")
        with pytest.raises(UserError, match="finish"):
            transform.finish()


def test_a_push_that_finds_no_room_takes_less() -> None:
    sealer = cms.Sealer(sign_with=ALPHA.keystore)
    octets = bytes(1 << 20)
    taken = sealer.push(octets)
    assert 0 < taken < len(octets)
    assert sealer.push(octets) == 0
    assert len(sealer.pull(3)) == 3


def test_records_keep_their_ends(tmp_path: Path) -> None:
    records = [b"one", b"", b"x" * 80, *(b"%d" % n for n in range(30_000))]
    sealed = cms.seal(
        iter(records), sign_with=ALPHA.keystore, encrypt_for=BETA.certificate, record_length=80
    )
    assert sealed.original_octets == sum(2 + len(record) for record in records)
    announced = VirtualFile(
        dsn="X", date="", time="", destination="B", originator="A",
        format=RecordFormat.V, record_length=80,
    )
    file = sealed.announce(announced)
    opened = cms.open(sealed.message, decrypt_with=BETA.keystore, signed_by=TRUST, file=file)
    starts = (0, *opened.ends)
    assert [opened.content[a:b] for a, b in itertools.pairwise(starts)] == records
    plain = cms.open(sealed.message, decrypt_with=BETA.keystore, signed_by=TRUST).content
    assert plain[:7] == b"\x00\x03one\x00\x00"
    with pytest.raises(UserError, match="81"):
        cms.seal([b"x" * 81], compress=True, record_length=80)
    with pytest.raises(UserError, match="record_length"):
        cms.seal([b"x"], compress=True, record_length=65_536)
    with pytest.raises(UserError, match="records"):
        cms.Sealer(compress=True, record_length=80).push(b"octets")
    with pytest.raises(UserError, match="octets"):
        cms.Sealer(compress=True).push_record(b"record")


@pytest.mark.parametrize(
    ("content", "longest"), [(b"\x00\x03on", 80), (b"\x00", 80), (b"\x00\x51" + b"x" * 81, 80)]
)
def test_lengths_that_are_wrong_tell_a_partner_what_is_proven(content: bytes, longest: int) -> None:
    def refused(**how: object) -> CmsError:
        sign = {"sign_with": ALPHA.keystore} if "signed_by" in how else {}
        encrypt = {"encrypt_for": BETA.certificate} if "decrypt_with" in how else {}
        squeeze = {"compress": "decompress" in how}
        message = cms.seal(content, **sign, **encrypt, **squeeze).message  # type: ignore[arg-type]
        with pytest.raises(CmsError) as caught:
            cms.open(message, record_length=longest, **how)  # type: ignore[arg-type]
        return caught.value

    assert refused(decompress=True).reason == NerpReason.INVALID_RECORD_FORMAT
    assert refused(decrypt_with=BETA.keystore).reason == NerpReason.FILE_DECRYPTION_FAILURE


def test_no_octet_that_is_changed_changes_the_content() -> None:
    message = bytearray(seal_all(b"content"))
    found = set[tuple[str, int, int]]()
    unharmed = 0
    for at in range(len(message)):
        message[at] ^= 0x40
        try:
            # What is not protected, such as a version, need not be found.
            assert open_all(bytes(message)).content == b"content"
            unharmed += 1
        except CmsError as error:
            found.add((error.kind, error.reason, error.file_reason))
        message[at] ^= 0x40
    assert found == {("decrypt", 33, 22), ("signature", 31, 21)}
    assert unharmed < len(message) // 50
    assert open_all(bytes(message)).content == b"content"


def test_a_cut_message_is_never_a_file() -> None:
    message = seal_all(b"content")
    for end in range(0, len(message), 13):
        with pytest.raises(CmsError):
            open_all(message[:end])
    with pytest.raises(CmsError):
        open_all(message + b"\x00")


def test_a_failed_opener_stays_failed() -> None:
    opener = cms.Opener(decompress=True)
    for _ in range(2):
        with pytest.raises(CmsError) as caught:
            opener.push(b"no envelope at all")
        assert caught.value.reason == NerpReason.FILE_DECOMPRESSION_FAILURE
    with pytest.raises(CmsError):
        opener.pull()
    assert not opener.is_done and opener.opened is None


def test_a_message_for_somebody_else() -> None:
    with pytest.raises(CmsError) as caught:
        open_all(seal_all(), own=ALPHA.keystore)
    assert (caught.value.kind, caught.value.reason) == ("decrypt", 33)


@pytest.mark.parametrize(
    "wrong",
    [
        PKI.partner("GAMMA"),
        PKI.expired("ALPHA"),
        PKI.encrypt_only("ALPHA"),
        PKI.of_other_authority("ALPHA"),
        PKI.forged("ALPHA"),
        PKI.wrong_name("ALPHA"),
    ],
    ids=["other", "expired", "usage", "authority", "forged", "name"],
)
def test_the_signature_of_a_wrong_signer(wrong: Partner) -> None:
    signed = cms.seal(
        CONTENT,
        sign_with=wrong.keystore,
        signers=[wrong.certificate],
        with_certificates=True,
    )
    with pytest.raises(CmsError) as caught:
        cms.open(signed.message, signed_by=PKI.trust("ALPHA"))
    assert (caught.value.kind, caught.value.reason) == ("signature", 31)


def test_a_signature_that_brings_its_certificate_is_checked_by_the_authority() -> None:
    signed = cms.seal(CONTENT, sign_with=ALPHA.keystore, with_certificates=True)
    assert cms.open(signed.message, signed_by=PKI.trust("ALPHA")).signer == ALPHA.certificate
    bare = cms.seal(CONTENT, sign_with=ALPHA.keystore)
    with pytest.raises(CmsError):
        cms.open(bare.message, signed_by=PKI.trust("ALPHA"))


def test_what_is_announced_must_be_there() -> None:
    signed = cms.seal(b"content", sign_with=ALPHA.keystore).message
    with pytest.raises(CmsError, match="announced"):
        cms.open(signed, decrypt_with=BETA.keystore)
    assert cms.open(signed).content == signed


def test_a_small_message_does_not_become_a_large_file() -> None:
    message = cms.seal(bytes(10_000_000), compress=True).message
    assert len(message) < 50_000
    with pytest.raises(CmsError) as caught:
        cms.open(message, decompress=True, limit=100_000)
    assert caught.value.kind == "decompress"
    assert cms.open(message, decompress=True, limit=10_000_000).octets == 10_000_000


def test_mistakes_of_the_caller() -> None:
    with pytest.raises(UserError, match="nothing to do"):
        cms.seal(CONTENT)
    with pytest.raises(UserError, match="encrypt_for is empty"):
        cms.seal(CONTENT, sign_with=ALPHA.keystore, encrypt_for=[])
    with pytest.raises(UserError, match="suite is 11"):
        cms.seal(CONTENT, compress=True, suite=11)
    with pytest.raises(UserError, match="compress"):
        cms.seal(CONTENT, compress=10)
    with pytest.raises(UserError, match="sign_with"):
        cms.seal(CONTENT, compress=True, signers=[ALPHA.certificate])
    with pytest.raises(CertificateError, match="no private key"):
        cms.seal(CONTENT, sign_with=Keystore.read(ALPHA.certificate.der))
    with pytest.raises(CertificateError, match="not valid"):
        cms.seal(CONTENT, sign_with=PKI.expired("ALPHA").keystore)
    with pytest.raises(CertificateError) as caught:
        cms.seal(CONTENT, encrypt_for=Trust([PKI.expired("BETA").certificate]))
    assert caught.value.problem is not None and caught.value.problem.kind == "expired"
    with pytest.raises(TypeError):
        cms.seal(CONTENT, encrypt_for=["BETA"])  # type: ignore[list-item]
    with pytest.raises(CertificateError, match="no private key"):
        cms.open(b"", decrypt_with=Keystore.read(ALPHA.certificate.der))


MEMORY = """
import resource, sys
from oftp import cms
from oftp.testing.pki import Partner, Pki

pki = Pki()
own = pki.partner("ALPHA")


class Zeros:
    def __init__(self, octets):
        self.left = octets

    def read(self, octets):
        octets = min(octets, self.left)
        self.left -= octets
        return bytes(octets)


class Pipe:
    def __init__(self, opener):
        self.opener, self.octets = opener, 0

    def write(self, octets):
        rest = memoryview(octets)
        while rest:
            rest = rest[self.opener.push(rest):]
            while pulled := self.opener.pull(65536):
                self.octets += len(pulled)


def through(octets):
    pipe = Pipe(cms.Opener(decrypt_with=own.keystore, signed_by=own.trust))
    cms.seal(Zeros(octets), pipe, sign_with=own.keystore, encrypt_for=own.certificate)
    pipe.opener.finish()
    assert pipe.octets + len(pipe.opener.pull()) == octets
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


before = through(4 << 20)
print(through(64 << 20) - before)
"""


def test_memory_does_not_grow_with_the_file() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, check=True)
    # KiB. The file has 65,536.
    assert int(done.stdout) < 16_000
