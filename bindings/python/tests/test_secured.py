"""Secured files, secure authentication and TLS between connections (RFC 5024 2.3, 4.2.3, 6)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import oftp
from oftp import Rule
from oftp.mailbox import Proof
from oftp.testing import pki

from stations import ALPHA, BETA, FRONTS, Front, Keeps, alpha, beta, to_alpha, to_beta


@pytest.fixture(params=FRONTS)
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    front = Front(request.param)
    yield front
    front.stop()


@pytest.fixture(scope="module")
def ca() -> pki.Pki:
    return pki.Pki()


@pytest.fixture(scope="module")
def ours(ca: pki.Pki) -> pki.Partner:
    return ca.self_signed(ALPHA)


@pytest.fixture(scope="module")
def theirs(ca: pki.Pki) -> pki.Partner:
    return ca.self_signed(BETA)


def pem(partner: pki.Partner) -> bytes:
    return partner.certificate.pem.encode()


def calls(ours: pki.Partner, theirs: pki.Partner, **more: Any) -> dict[str, Any]:
    """How alpha calls, with keys."""
    partner = to_beta(**{"certificates": pem(theirs), **more})
    return {"identity": alpha(keys=ours.keystore), "partner": partner}


def answers(ours: pki.Partner, theirs: pki.Partner, **more: Any) -> dict[str, Any]:
    """How beta answers, with keys."""
    partner = to_alpha(**{"certificates": pem(ours), **more})
    return {"identity": beta(keys=theirs.keystore), "partners": [partner]}


SECURE: dict[str, Any] = {"sign": True, "encrypt": True, "compress": True, "signed_response": True}


def test_secured_files_go_both_ways(
    front: Front, ours: pki.Partner, theirs: pki.Partner, tmp_path: Path
) -> None:
    keeps, octets = Keeps(), b"secret octets" * 20_000
    inbox = tmp_path / "in"
    with front.serve(keeps, inbox=inbox, **answers(ours, theirs)) as server:
        waiting = server.queue(ALPHA, octets[::-1], dsn="BACK", **SECURE)
        mine: dict[str, Any] = {**calls(ours, theirs), "inbox": tmp_path / "mine"}
        with front.connect(server.port, **mine) as connection:
            sent = connection.send(octets, dsn="THERE", **SECURE)
            received = connection.receive(timeout=30)
            assert Path(received.path).read_bytes() == octets[::-1]
            connection.wait_response(sent, timeout=30)
    assert sent.proof is Proof.SIGNED and waiting.proof is Proof.SIGNED
    assert Path(keeps.files[0].path or "").read_bytes() == octets


def test_an_answer_that_somebody_else_has_signed_proves_nothing(
    front: Front, ours: pki.Partner, theirs: pki.Partner
) -> None:
    identity = {"identity": beta(keys=pki.Pki().self_signed(BETA).keystore)}
    with front.serve(**{**answers(ours, theirs), **identity}) as server:
        with front.connect(server.port, **calls(ours, theirs)) as connection:
            sent = connection.send(b"octets", dsn="A", signed_response=True)
            result = connection.finish()
    assert sent.doubt and sent.response is None and not sent.is_delivered
    assert (result.worthless, result.open) == (1, 1)


def test_a_key_that_is_missing_is_said_before_anything_is_sent(
    front: Front, ours: pki.Partner
) -> None:
    with front.serve() as server:
        with front.connect(server.port, identity=alpha(keys=ours.keystore)) as connection:
            with pytest.raises(oftp.CertificateError, match="give Partner its certificates"):
                connection.send(b"octets", dsn="A", encrypt=True)
    with front.serve() as server, front.connect(server.port) as connection:
        with pytest.raises(oftp.CertificateError, match="give Identity its keys"):
            connection.send(b"octets", dsn="A", sign=True)


def test_files_must_be_signed_where_the_partner_wants_it(
    front: Front, ours: pki.Partner, theirs: pki.Partner
) -> None:
    with front.serve(**answers(ours, theirs, signing=Rule.REQUIRED)) as server:
        with front.connect(server.port, **calls(ours, theirs)) as connection:
            with pytest.raises(oftp.FileRefused):
                connection.send(b"octets", dsn="A")


def test_partners_prove_who_they_are(
    front: Front, ours: pki.Partner, theirs: pki.Partner
) -> None:
    more = {"authentication": True}
    with front.serve(**answers(ours, theirs, **more)) as server:
        with front.connect(server.port, **calls(ours, theirs, **more)) as connection:
            assert connection.send(b"octets", dsn="A").stored
        with pytest.raises(oftp.AuthenticationIncompatible):
            front.connect(server.port, **calls(ours, theirs))


def test_somebody_with_other_keys_is_not_the_partner(
    front: Front, ca: pki.Pki, ours: pki.Partner, theirs: pki.Partner
) -> None:
    more = {"authentication": True}
    other = ca.self_signed("O0177SOMEBODY")
    with front.serve(**answers(ours, theirs, **more)) as server:
        mine: dict[str, Any] = {**calls(ours, theirs, **more), "identity": alpha(keys=other.keystore)}
        with pytest.raises(oftp.SessionAborted):
            front.connect(server.port, **mine)


# -- TLS ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("required", [False, True])
def test_tls_by_pinned_certificates(
    front: Front, ours: pki.Partner, theirs: pki.Partner, required: bool
) -> None:
    serving: dict[str, Any] = {**answers(ours, theirs, tls=True), "client_certificates": required}
    with front.serve(tls=True, **serving) as server:
        with front.connect(server.port, tls=True, **calls(ours, theirs)) as connection:
            assert connection.send(b"octets" * 50_000, dsn="A").stored
        assert connection.result.ending == "normal"


@pytest.mark.parametrize("names", [(), ("partner.example",)])
def test_tls_by_an_authority_and_names(
    front: Front, ca: pki.Pki, names: tuple[str, ...]
) -> None:
    mine = ca.partner(ALPHA, hosts=["alpha.example"])
    their = ca.partner(BETA, hosts=["partner.example", "localhost"])
    anchor = ca.authority.pem.encode()
    serving = answers(mine, their, certificates=None, anchors=anchor, names=("alpha.example",))
    calling = calls(mine, their, certificates=None, anchors=anchor, names=names)
    with front.serve(tls=True, client_certificates=True, **serving) as server:
        with front.connect(server.port, host="localhost", tls=True, **calling) as connection:
            assert connection.send(b"octets", dsn="A").stored


def test_a_name_that_the_certificate_does_not_bear(front: Front, ca: pki.Pki) -> None:
    mine, their = ca.partner(ALPHA), ca.partner(BETA, hosts=["partner.example"])
    anchor = ca.authority.pem.encode()
    calling = calls(mine, their, certificates=None, anchors=anchor, names=("other.example",))
    with front.serve(tls=True, **answers(mine, their)) as server:
        with pytest.raises(oftp.CertificateError):
            front.connect(server.port, host="localhost", tls=True, **calling)


def test_somebody_else_answers(
    front: Front, ca: pki.Pki, ours: pki.Partner, theirs: pki.Partner
) -> None:
    other = ca.self_signed("O0177SOMEBODY")
    with front.serve(tls=True, **answers(ours, other)) as server:
        with pytest.raises(oftp.CertificateError):
            front.connect(server.port, tls=True, **calls(ours, theirs))


@pytest.mark.parametrize("required", [False, True])
def test_somebody_else_calls(
    front: Front, ca: pki.Pki, ours: pki.Partner, theirs: pki.Partner, required: bool
) -> None:
    other = ca.self_signed("O0177SOMEBODY")
    serving: dict[str, Any] = {**answers(ours, theirs), "client_certificates": required}
    with front.serve(tls=True, **serving) as server:
        with pytest.raises((oftp.SessionAborted, OSError)):
            front.connect(server.port, tls=True, **calls(other, theirs))
        # The partner is served all the same.
        front.connect(server.port, tls=True, **calls(ours, theirs)).close()


def test_a_caller_without_a_certificate_where_one_is_required(
    front: Front, ours: pki.Partner, theirs: pki.Partner
) -> None:
    serving: dict[str, Any] = {**answers(ours, theirs), "client_certificates": True}
    with front.serve(tls=True, **serving) as server:
        with pytest.raises((oftp.SessionAborted, OSError)):
            mine: dict[str, Any] = {**calls(ours, theirs), "identity": alpha()}
            front.connect(server.port, tls=True, **mine)


def test_a_plain_call_where_tls_is_required(
    front: Front, ours: pki.Partner, theirs: pki.Partner
) -> None:
    with front.serve(**answers(ours, theirs, tls=True)) as server:
        with pytest.raises(oftp.ModeIncompatible):
            front.connect(server.port, **calls(ours, theirs))


def test_a_plain_call_to_a_port_of_tls(
    front: Front, ours: pki.Partner, theirs: pki.Partner
) -> None:
    with front.serve(tls=True, **answers(ours, theirs)) as server:
        with pytest.raises((oftp.SessionAborted, OSError, TimeoutError)):
            front.connect(server.port, timeout=2, **calls(ours, theirs))


def test_contexts_of_ones_own(
    front: Front, ca: pki.Pki, theirs: pki.Partner, tmp_path: Path
) -> None:
    their = ca.partner(BETA, hosts=["localhost"])
    keys = their.write(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(keys)
    calling = ssl.create_default_context(cadata=ca.authority.pem)
    with front.serve(tls=serving) as server:
        with front.connect(server.port, host="localhost", tls=calling) as connection:
            assert connection.send(b"octets", dsn="A").stored
        with pytest.raises(ssl.SSLCertVerificationError):
            front.connect(server.port, host="localhost", tls=ssl.create_default_context())


def test_tls_needs_keys(front: Front) -> None:
    with pytest.raises(oftp.CertificateError), front.serve(tls=True):
        pass


def test_a_partner_without_certificates_cannot_be_called_by_tls(
    front: Front, ours: pki.Partner, theirs: pki.Partner
) -> None:
    with front.serve(tls=True, **answers(ours, theirs)) as server:
        with pytest.raises(oftp.CertificateError):
            front.connect(server.port, tls=True)
