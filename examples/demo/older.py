"""Level 1.3, for a partner with an older product: the same dance without any protection."""

import explain
import goods
from reports import check
from words import said, title, told, write

REFUSED = 5  # exit code of `oftp send`: a file was refused


def exchange(transfers, alpha, beta):
    title(8, "The same at level 1.3, for a partner with an older product")
    print("The caller offers 1.3 (SSIDLEV 2) and the other side follows: shorter fields, the same "
          "dance. There is\nno file security at this level, and in practice no TLS: port 3305 "
          "instead of 6619.")
    file = write(alpha.outbox / "calloff-13.edi", goods.call_off(13, 150))
    sent, row = transfers.plain(alpha, beta, file, "1.3", "T", "CALLOFF-13")
    transfers.tell(alpha, beta, sent, row)
    listened_in(alpha, beta, transfers, sent)
    file = write(beta.outbox / "drawing-13.cad", goods.drawing(13, 4 << 20))
    sent, row = transfers.plain(beta, alpha, file, "1.3", "U", "DRAWING-13", "--compression")
    transfers.tell(beta, alpha, sent, row)
    size, carried = file.stat().st_size, sent.call.octets
    check(carried < size * 0.8, f"compression was agreed on, but {carried} octets were sent")
    print(f"   buffer compression: {size:,} octets of drawing took {carried:,} on the line")
    for sender, receiver, name in ((alpha, beta, "STOCK"), (beta, alpha, "DESPATCH")):
        file = write(sender.outbox / f"{name.lower()}-13.v", goods.records(13 + len(name), 400))
        sent, row = transfers.plain(sender, receiver, file, "1.3", "V", f"{name}-13",
                                    "--records", "length16")
        transfers.tell(sender, receiver, sent, row)
    refuse_to_send(alpha, beta)


def listened_in(alpha, beta, transfers, sent):
    """Compares what could be read on the line in this call and in all calls over TLS."""
    secrets = {"the greeting of SSRM": "ODETTE FTP READY", "ALPHA's password": alpha.password,
               "BETA's password": beta.password, "the dataset name": "CALLOFF-13",
               "the file itself": "UNB+UNOA:2+ALPHA-MOTORS"}
    for what, text in secrets.items():
        check(sent.call.shows(text), f"the line does not show {what} of a plain call")
    secret = [alpha.code, beta.code, alpha.password, beta.password, "ODETTE FTP", "UNB+"]
    secret += [row["file"]["dsn"] for row in transfers.rows if row["envelope"]]
    calls = [call for station in (alpha, beta) for call in station.lines["tls"].calls]
    for call in calls:
        check(call.is_tls(), "a call to the TLS port was not TLS")
        readable = [text for text in secret if call.shows(text)]
        check(not readable, f"on the line of a call over TLS one reads {readable}")
    said("on the line anybody could read:", ", ".join(secrets), after=36)
    told(f"In the {len(calls)} calls over TLS before this one, the same search found no "
         "password, code, dataset name or segment of EDIFACT.")


def refuse_to_send(alpha, beta):
    """A file that must be secured does not go out without."""
    file = write(alpha.outbox / "secret.cad", goods.drawing(77, 4096))
    sent = alpha.send(beta, "plain", file, "--dsn", "SECRET", "--level", "1.3", "--sign",
                      "--encrypt", *alpha.keys(beta))
    steps = [name for _, name in explain.commands(sent.trace())]
    check(sent.code == REFUSED and "SFID" not in steps and not sent.all("file_started"),
          f"a file that must be secured was offered at level 1.3: {sent.errors()}")
    check("level 1.3" in sent.errors(), f"the error does not name the level: {sent.errors()}")
    print("\nALPHA calls BETA at level 1.3 with a file that shall be signed and encrypted "
          "(--sign --encrypt):")
    told(explain.in_one_line(sent.trace()))
    said("ALPHA", alpha.short(sent.errors()))
    told("It is not sent without protection: no SFID went out. `oftp send` ended with exit "
         f"code {sent.code}.")
