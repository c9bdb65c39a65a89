"""Who proved what to whom in a call, and the proof that stays when it is over."""

import explain
from reports import check
from transfers import sha256
from words import same, said, title

# The signed fields of an EERP with their lengths, in the order of RFC 5024 section 5.3.13.
RECEIPT = (("EERPDSN", 26), ("EERPDATE", 8), ("EERPTIME", 10), ("EERPDEST", 25), ("EERPORIG", 25))


def who_proved_what(alpha, beta, sent, row):
    title(3, "Who proved what to whom in this call")
    listener, session = beta.listeners["tls"], row["session"]
    secured = sent.one("secured")
    caller = listener.wait_for("secured", session=session)["certificate"]
    check(alpha.owns(caller), f"the caller has shown the certificate {caller}")
    opened = listener.wait_for("file_opened", session=session)
    started = sent.one("session_started"), listener.wait_for("session_started", session=session)
    steps = explain.commands(sent.trace())
    proofs = [step for step in steps if step[1] == "AURP"]
    check(all(e["authentication"] for e in started) and proofs == [("->", "AURP"), ("<-", "AURP")],
          "there was no secure authentication in both directions")
    check([e["partner"] for e in started] == [beta.code, alpha.code], "another partner took part")
    eerp = row["eerp"]
    curious = alpha.open(beta, row["sealed"], alpha.folder / "curious", code=12)

    print("What the two processes reported of it, what that proves, and what it does not prove.")
    step("TLS server certificate: BETA to ALPHA", f"ALPHA: {secured['protocol']}, with "
         f"{secured['certificate']}",
         "the host that ALPHA reached holds BETA's private key, and nobody on the way reads or "
         "changes anything",
         "who wrote the files. When the call is over, nothing of it is left")
    step("TLS client certificate: ALPHA to BETA", f"BETA: with {caller}",
         "the same of the caller (--tls-client-cert require)",
         "the same. Many partners ask for none: then TLS says nothing about the caller")
    step("Identification code and password (SSID): each to the other",
         f"ALPHA: session with {started[0]['partner']}; BETA: with {started[1]['partner']}",
         "the other side knows the password that was agreed on",
         "much: passwords go over the line as they are, so that without TLS anybody there has them")
    step("Challenge and response (AUCH, AURP): each to the other",
         f"ALPHA: {' '.join(a + n for a, n in steps if n in ('SECD', 'AUCH', 'AURP'))}; both "
         "report authentication",
         "each holds the private key of its certificate now, also where TLS ends at a gateway",
         "anything about files; and who sits in between could pass it on: TLS keeps him out")
    step("Signature of the file: ALPHA to BETA, and to anybody whom BETA shows the envelope",
         f"BETA: signed by {opened['signed_by'][0]}",
         "ALPHA's key signed exactly this content; that stays with the file, whoever carries it",
         "for whom it was and under which name: only the content is signed, and the time of "
         "signing by ALPHA's own clock")
    step("Encryption of the file: only BETA can read it", f"ALPHA tries to open what it has sent "
         f"itself: {after_path(curious).split('; send')[0]}",
         "nothing; it keeps the content from everybody but BETA: from stations on the way, and "
         "from who gets at the disk",
         "who sent it: anybody has BETA's certificate. Names and codes in SFID are not encrypted")
    step("Signed EERP: BETA to ALPHA, and to anybody to whom ALPHA shows it",
         f"ALPHA: {eerp['command']} signed by {eerp['signed_by']}",
         "BETA's key signed that it has the file of this name and stamp with this hash",
         "what is in it: the hash is that of the envelope, which BETA alone can open; that BETA "
         "agrees with it; nor when it came, but for the time of signing by BETA's own clock")
    print("""
All of this is worth as much as the comparison of SHA-256 by phone, and only as long as each own.key
is secret.""")


def step(what, seen, proves, does_not):
    print(f"\n{what}")
    said("reported", seen, after=13)
    said("proves", proves, after=13)
    said("not", does_not, after=13)


def read_receipt(alpha, beta, row):
    title(4, "The proof of delivery, read without a session")
    content = alpha.folder / "receipt"
    opened = alpha.open(beta, row["receipt"], content).one("envelope_opened")
    check(len(opened["signed_by"]) == 1 and beta.owns(opened["signed_by"][0]),
          f"the receipt has other signatures: {opened}")
    octets, at = content.read_bytes(), 0
    fields = {}
    for name, length in RECEIPT:
        fields[name] = octets[at:at + length].decode("ascii")
        at += length
    signed_hash, file = octets[at:].hex(), row["file"]
    expected = [file[key] for key in ("dsn", "date", "time", "originator", "destination")]
    check([value.rstrip() for value in fields.values()] == expected,
          f"the receipt is for another file: {fields}")
    check(signed_hash == sha256(row["sealed"]), "the receipt has the hash of another envelope")
    print("ALPHA keeps the EERP as a file, and looks at it (openssl cms -verify reads it, too):\n"
          f"   oftp cms open receipts/{row['receipt'].name[:30]}... -o receipt --partner-cert "
          "BETA.pem")
    said("signed by", opened["signed_by"][0], after=14)
    meanings = ("what", "ALPHA's stamp", "", "the originator of the file", "who has received it")
    for (name, value), meaning in zip(fields.items(), meanings):
        said(name, f"{value.rstrip():26} {meaning}" if meaning else value, after=14)
    said("EERPHSH", signed_hash, after=14)
    said("", "SHA-256 of the envelope as it was sent, and of the file that BETA has kept "
         "(--keep-sealed): equal", after=14)
    read_envelope(alpha, beta, row)


def read_envelope(alpha, beta, row):
    """The proof of origin: the envelope, which the receiver has kept."""
    content = beta.folder / "content"
    opened = beta.open(alpha, row["sealed"], content).one("envelope_opened")
    check(len(opened["signed_by"]) == 1 and alpha.owns(opened["signed_by"][0])
          and same(content, row["original"]), f"the envelope holds something else: {opened}")
    print("BETA has the proof of origin: it opens the envelope once more, with own.key:")
    said("layers", " > ".join(opened["layers"]), after=14)
    said("signed by", opened["signed_by"][0], after=14)
    said("content", f"{opened['octets']:,} octets, equal to the call-off of ALPHA", after=14)


def after_path(done):
    """The error of a command, without the path that it begins with."""
    errors = done.faults()
    check(len(errors) == 1, f"{done.name} reported {done.errors()}")
    return errors[0].split(": ", 1)[1]
