"""What others try, and how it is refused."""

import secrets

import explain
import goods
import keys
from proof import after_path
from reports import check
from station import Station, give
from words import said, title, told, write

CALLER_REFUSED, NEGATIVE_RESPONSE, NOT_GOOD = 4, 6, 12  # exit codes of `oftp`
WRONG_CHALLENGE, WRONG_SIGNATURE = 11, 31  # ESIDREAS, NERPREAS


def impostor(oftp, folder, alpha, beta):
    """Somebody who claims to be ALPHA. He has ALPHA's code and password, and BETA's certificate,
    which is no secret; he makes a certificate with the names of ALPHA, but for his own key."""
    mallory = Station(oftp, folder / "mallory", "MALLORY", alpha.owner, alpha.code)
    mallory.password_file.write_text(alpha.password)
    mallory.passphrase_file.write_text(alpha.passphrase_file.read_text())
    keys.generate(mallory, "oftp.alpha.example")
    give(beta.certificate, mallory, beta.name)
    return mallory


def all_refused(transfers, alpha, beta, mallory, row):
    title(7, "What others try, and how it is refused")
    print("""\
MALLORY has found out the identification code and the password of ALPHA (8. shows how easy that is),
and makes a certificate with ALPHA's names in it; but the key is his own.""")
    file = write(mallory.outbox / "invoice.edi", goods.invoice(secrets.randbelow(1000), 20))
    stored = sorted(beta.inbox("tls").iterdir())
    call_over_tls(transfers, beta, mallory, file)
    call_without_certificate(alpha, beta, mallory, file)
    sign_for_another(transfers, alpha, beta, mallory)
    check(sorted(beta.inbox("tls").iterdir()) == stored, "a refused file lies in BETA's inbox")
    alter(alpha, beta, row)


def call_over_tls(transfers, beta, mallory, file):
    sent = transfers.send_secured(mallory, beta, file, "T", "FORGED")
    check(sent.code == CALLER_REFUSED and not sent.all("session_started"),
          f"the impostor was not turned away (exit code {sent.code}): {sent.errors()}")
    print("\na) He calls BETA. TLS asks for his certificate:")
    said("MALLORY", sent.faults()[0])
    said("BETA", beta.listeners["tls"].wait_for_fault())


def call_without_certificate(alpha, beta, mallory, file):
    """BETA listens once more, as partners do who ask for no TLS client certificate."""
    beta.listen("open", alpha, "--tls", "--tls-client-cert", "off", "--auth", "--require", "sign",
                *beta.keys(alpha))
    sent = mallory.send(beta, "open", file, "--tls", "--auth", "--sign", *mallory.keys(beta))
    check(sent.code == CALLER_REFUSED and not sent.all("session_started"),
          f"the impostor was not turned away (exit code {sent.code}): {sent.errors()}")
    ended = sent.one("session_ended")["reason"]
    check(ended["code"] == WRONG_CHALLENGE, f"the session ended with {ended}")
    print("""
b) He finds a port of BETA where TLS asks for no certificate. The password is right, but BETA's
   challenge is encrypted for the real certificate of ALPHA, and he cannot open it:""")
    told(explain.in_one_line(sent.trace()))
    said("MALLORY", sent.faults()[0])
    said("ESID", f"{ended['code']}, `{ended['meaning']}`")
    said("BETA", beta.listeners["open"].wait_for_fault())


def sign_for_another(transfers, alpha, beta, mallory):
    """The station is ALPHA's, but the signature is not."""
    file = write(alpha.outbox / "forged.edi", goods.call_off(666, 20))
    sent = transfers.send_secured(alpha, beta, file, "T", "FORGED",
                                  "--own-key", f"sign={mallory.key}",
                                  "--own-cert", f"sign={mallory.certificate}")
    check(sent.code == NEGATIVE_RESPONSE,
          f"a forged signature ended with exit code {sent.code}: {sent.errors()}")
    nerp = sent.one("response")
    reason = nerp["reason"]
    check((nerp["command"], reason["code"]) == ("NERP", WRONG_SIGNATURE)
          and beta.owns(nerp["signed_by"]), f"the answer is {nerp}")
    print("\nc) He gets at the station of ALPHA itself, and sends a call-off that he has signed "
          "(--own-key sign=...):")
    told(explain.in_one_line(sent.trace()))
    listener = beta.listeners["tls"]
    said("BETA", listener.wait_for_fault())
    kept = listener.wait_for_fault("warning")
    check("/.refused/" in kept, f"BETA does not tell where the envelope is: {kept}")
    said("NERP", f"{reason['code']}, `{reason['meaning']}`, signed by BETA; `oftp send` ended with "
         f"exit code {sent.code}. "
         "BETA keeps the envelope in .refused, and nothing is in its inbox")


def alter(alpha, beta, row):
    """One bit of what is kept is turned."""
    print("\nd) He alters one bit of what lies on the disks:")
    for station, partner, kept, what in ((beta, alpha, row["sealed"], "the envelope"),
                                         (alpha, beta, row["receipt"], "the receipt")):
        octets = bytearray(kept.read_bytes())
        name = row["file"]["dsn"].encode("ascii")
        at = octets.find(name) if what == "the receipt" else len(octets) // 2
        check(at >= 0, f"{what} does not hold the dataset name")
        octets[at] ^= 1
        altered = write(station.folder / f"altered-{kept.name}", octets)
        refused = station.open(partner, altered, station.folder / "altered", code=NOT_GOOD)
        said(station.name, f"{what}: {after_path(refused)}")
