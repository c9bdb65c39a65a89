"""A call is cut in the middle and the file goes on; and it is not taken twice."""

import explain
import goods
from reports import check
from transfers import only, sha256
from words import title, write, yes

CUT_AFTER = 3_000_000  # octets on the line
LARGE = 16 << 20
REFUSED_BY_PARTNER, SESSION_CUT = 5, 10  # exit codes of `oftp`


def cut_and_resume(transfers, alpha, beta):
    title(6, "A call is cut in the middle, and the same envelope goes on where it stopped")
    line, listener = alpha.lines["tls"], alpha.listeners["tls"]
    file = write(beta.outbox / "assembly.cad", goods.drawing(5024, LARGE))
    line.cut_next_after = CUT_AFTER
    cut = transfers.send_secured(beta, alpha, file, "U", "ASSEMBLY")
    check(cut.code == SESSION_CUT,
          f"the cut call ended with exit code {cut.code} instead of {SESSION_CUT}")
    began = cut.one("file_started")
    kept = listener.wait_for("file_suspended", began["file"])["octets"]
    fault = listener.wait_for_fault()
    first, envelope = cut.call.octets, began["total"]
    check(first == CUT_AFTER, f"{first} octets crossed the line before the cut")
    waiting = only(beta.state / "envelopes", "")
    hash_before = sha256(waiting)
    check(waiting.stat().st_size == envelope, f"{waiting} has not the {envelope} octets announced")
    print(f"""\
BETA sends ALPHA a drawing of {LARGE:,} octets, {envelope:,} in its envelope; the line is cut
after {first:,} octets.
   {explain.in_one_line(cut.trace())}
   BETA:  {cut.errors()}
          (exit code {cut.code}; the envelope is kept, SHA-256 {hash_before[:32]}...)
   ALPHA: {fault}
          (file_suspended: {kept:,} octets)
BETA gives the same command again.""")
    again = transfers.send_secured(beta, alpha, file, "U", "ASSEMBLY")
    check(again.code == 0, f"the cut file was not resumed (exit code {again.code}): "
          f"{again.errors()}")
    check(again.one("file_prepared")["resumes"], "the second call did not resume the first")
    row = transfers.delivered_secured(beta, alpha, file, "U", again)
    sfid = explain.fields(again.trace(), "->", "SFID")
    sfpa = explain.fields(again.trace(), "<-", "SFPA")
    offered, answered = int(sfid["rest"]), int(sfpa["acnt"])
    resumed, second = again.one("file_started")["resumed_at"], again.call.octets
    check(again.one("file_started")["file"] == began["file"], "it came under another identity")
    check(0 < answered <= offered and resumed == 1024 * answered <= kept,
          f"SFIDREST {offered} and SFPAACNT {answered} do not fit what was kept")
    rest = envelope - resumed
    check(rest < second < rest * 1.03, f"{second} octets were sent for the rest of {rest}")
    check(sha256(row["sealed"]) == hash_before, "another envelope has arrived")
    check(not list((beta.state / "envelopes").iterdir()), "the envelope is kept for ever")
    row["line"] = first + second
    print(f"""\
   {explain.in_one_line(again.trace())}
   SFID  same name and stamp ({sfid['date']} {sfid['time']}), SFIDREST {offered}: \
`I can go on from block {offered}`
   SFPA  SFPAACNT {answered}: `go on from block {answered}` \
({answered} blocks of 1,024 octets: {resumed:,})
   octets from BETA on the line: {first:,} before the cut + {second:,} after it
   The rest is {rest:,} octets: nothing from before the restart position was sent again.
   (The few octets more are commands, a subrecord header for every 63 octets, and TLS.)
   The envelope that arrived in two pieces has the SHA-256 {sha256(row['sealed'])[:32]}..., as \
above.
Encrypted once more, it would have had another key and other octets, and the halves would not fit.
So it is kept until the EERP, and is deleted then.""")
    return file, began["file"]


def duplicate(transfers, alpha, beta, drawing, file):
    print("\nAnd a duplicate is refused: BETA sends the drawing once more as if it were new, "
          "under the same stamp.")
    before = sorted(alpha.inbox("tls").iterdir())
    stamp = file["date"] + file["time"]
    sent = transfers.send_secured(beta, alpha, drawing, "U", "ASSEMBLY", "--again",
                                  "--stamp", stamp)
    refused = sent.one("file_refused")
    reason = refused["reason"]
    check((sent.code, refused["command"], reason["code"]) == (REFUSED_BY_PARTNER, "SFNA", 13),
          f"the duplicate ended with exit code {sent.code}: {refused}")
    check(not sent.all("file_started") and sorted(alpha.inbox("tls").iterdir()) == before,
          "the duplicate changed the inbox")
    print(f"""\
   oftp send ... --dsn ASSEMBLY --again --stamp {stamp} assembly.cad
   {explain.in_one_line(sent.trace())}
   SFNA {reason['code']}, `{reason['meaning']}`; retry later: {yes(refused['retry'])}; \
`oftp send` ended with exit code {sent.code}
Dataset name, stamp, originator and destination together name a file for all time: nobody books an
invoice twice. {sent.call.octets:,} octets were sent instead of {LARGE:,}.""")
