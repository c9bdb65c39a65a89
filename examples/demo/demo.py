#!/usr/bin/env python3
"""Two stations on this machine exchange files; prints what happens, so that a newcomer
understands the ODETTE File Transfer Protocol (RFC 5024) from reading it.

Everything printed about a transfer comes from the run itself: from the JSON events and the trace
of `oftp`, and from the count of octets on the line. Exit code: 0 if everything was as it should
be, 1 if not, 2 for a wrong option.
"""

import argparse
import pathlib
import secrets
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # nothing is left beside this file

import explain
import goods
from line import Line
from station import Failure, Station, same_file

CUT_AFTER = 7_000_000  # octets on the line
LARGE = 16 << 20
REFUSED_BY_PARTNER = 5  # exit codes of `oftp`
SESSION_CUT = 10  # of `oftp listen`: one of its sessions was cut


def main():
    options = arguments()
    began = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="oftp-demo-"))
    stations = []
    try:
        demo = Demo(options.oftp, folder, stations)
        demo.run()
        count = len(demo.rows)
        print(f"\nAll {count} files are equal to their originals. "
              f"{time.monotonic() - began:.1f} s.")
        return 0
    except (Failure, OSError) as failure:
        sys.stdout.flush()
        print(f"demo: failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for station in stations:
            station.kill()
        if options.keep:
            print(f"Kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--oftp", type=pathlib.Path, default="target/release/oftp",
                        help="the command to show (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="keep the work folder")
    options = parser.parse_args()
    found = shutil.which(str(options.oftp.resolve()))
    if not found:
        parser.error(f"{options.oftp} is not a program; `cargo build --release --bin oftp` makes "
                     "target/release/oftp, or name another with --oftp PATH")
    options.oftp = found
    return options


def check(holds, otherwise):
    if not holds:
        raise Failure(otherwise)


class Demo:
    """The story, from the first call to the comparison of every file."""

    def __init__(self, oftp, folder, stations):
        self.folder = folder
        self.rows = []  # of the summary: one for each file that was delivered
        self.alpha = Station(oftp, folder / "alpha", "ALPHA", "O0177ALPHA-MOTORS  HUB001",
                             secrets.token_hex(4).upper())
        self.beta = Station(oftp, folder / "beta", "BETA", "O0177BETA PARTS    000002",
                            secrets.token_hex(4).upper())
        stations += [self.alpha, self.beta]
        self.lines = {}  # to each station by its name
        self.expected_faults = {}

    def run(self):
        self.introduce()
        self.one_call_step_by_step()
        title(2, "Files both ways at level 2.0 (RFC 5024)")
        print("One line for the commands of each call; -> is what the caller sent.")
        self.exchange_at("2.0", call_off=False)
        title(3, "The same at level 1.3, for a partner with an older product")
        print("The caller offers 1.3 (SSIDLEV 2) and the other side follows: shorter fields, the "
              "same dance.")
        self.exchange_at("1.3", call_off=True)
        drawing, file = self.cut_and_resume()
        self.duplicate(drawing, file)
        self.compare()

    def introduce(self):
        alpha, beta = self.alpha, self.beta
        for station, partner in ((alpha, beta), (beta, alpha)):
            station.listen(partner)
            self.lines[station.name] = Line(station.port)
        print(f"""\
OFTP: a car maker and a supplier exchange files
===============================================
ALPHA  the car maker  {alpha.code}  `oftp listen` on port {alpha.port}
BETA   the supplier   {beta.code}  `oftp listen` on port {beta.port}
Work folder: {self.folder}

Either may call the other with `oftp send`. The caller is the Initiator, the one called the
Responder; each proves who it is by identification code and password (SSIDCODE, SSIDPSWD). One
side at a time is the Speaker and sends files; the other is the Listener and answers. All calls
go through a small proxy, which counts the octets on the line and will cut one call.""")

    def one_call_step_by_step(self):
        title(1, "One call, step by step: ALPHA sends a delivery call-off (EDIFACT) to BETA")
        file = write(self.alpha.outbox / "calloff-20.edi", goods.call_off(20, 150))
        sent = self.deliver(self.alpha, self.beta, file, "2.0", "T", "CALLOFF-20",
                            "--buffer", "1024", "--credit", "3", quiet=True)
        print("""\
Left: what `oftp send --trace` of ALPHA printed, -> for what went to BETA, <- for what came; the
indented lines are steps of the state tables in chapter 9 of RFC 5024 (table, row, state, event,
next state). Buffers and credit are small here (--buffer 1024 --credit 3) to show how they work.
""")
        explain.table(sent.trace())
        steps = [name for _, name in explain.commands(sent.trace())]
        wanted = "SSRM SSID SSID SFID SFPA DATA CDT EFID EFPA CD EERP RTR CD ESID".split()
        check([s for i, s in enumerate(steps) if s not in ("DATA", "CDT") or s not in steps[:i]]
              == wanted, f"the commands of the first call are not as expected: {steps}")

    def exchange_at(self, level, call_off):
        alpha, beta = self.alpha, self.beta
        end = level.replace(".", "")
        seed = int(end)
        if call_off:
            file = write(alpha.outbox / f"calloff-{end}.edi", goods.call_off(seed, 150))
            self.deliver(alpha, beta, file, level, "T", f"CALLOFF-{end}")
        file = write(beta.outbox / f"invoice-{end}.edi", goods.invoice(seed, 500))
        self.deliver(beta, alpha, file, level, "T", f"INVOICE-{end}")
        file = write(beta.outbox / f"drawing-{end}.cad", goods.drawing(seed, 4 << 20))
        sent = self.deliver(beta, alpha, file, level, "U", f"DRAWING-{end}", "--compression")
        size, carried = file.stat().st_size, sent.call.octets
        check(carried < size * 0.8, f"compression was agreed on, but {carried} octets were sent")
        print(f"   buffer compression: {size:,} octets of drawing took {carried:,} on the line")
        for sender, receiver, name in ((alpha, beta, "STOCK"), (beta, alpha, "DESPATCH")):
            content = goods.records(seed + len(name), 400)
            file = write(sender.outbox / f"{name.lower()}-{end}.v", content)
            self.deliver(sender, receiver, file, level, "V", f"{name}-{end}",
                         "--records", "length16")

    def deliver(self, sender, receiver, file, level, fmt, dsn, *options, quiet=False):
        """Sends a file in one call, and checks all that was reported about it."""
        sent = sender.send(receiver, self.lines[receiver.name], file,
                           "--level", level, "--format", fmt, "--dsn", dsn, *options)
        check(sent.code == 0, f"{dsn} was not sent (exit code {sent.code}): {sent.errors()}")
        row = self.delivered(sender, receiver, file, level, fmt, sent)
        if not quiet:
            agreed = sent.one("session_started")
            records = f" in {row['records']} records" if row["records"] else ""
            print(f"""
{sender.name} calls {receiver.name}: {dsn}, format {fmt}, {row['octets']:,} octets{records}
   agreed (SSID): level {agreed['level']}, buffers of {agreed['buffer']} octets, credit \
{agreed['credit']}, compression {yes(agreed['compression'])}, restart {yes(agreed['restart'])}
   {explain.in_one_line(sent.trace())}""")
        return sent

    def delivered(self, sender, receiver, file, level, fmt, sent):
        """Checks that both sides report the file as delivered; adds it to the summary."""
        level_agreed = sent.one("session_started")["level"]
        check(level_agreed == level, f"level {level_agreed} was agreed on instead of {level}")
        done, eerp = sent.one("file_done"), sent.one("response")
        check(eerp["command"] == "EERP" and eerp["direction"] == "in",
              f"{file.name} was answered by {eerp['command']}")
        stamped = done["file"]
        check(same_file(eerp["file"], stamped), f"the EERP is for another file than {file.name}")
        stored = receiver.wait_for("file_done", stamped, direction="in")
        receiver.wait_for("response", stamped, direction="out", command="EERP")
        counts = [(e["octets"], e["records"]) for e in (done, stored)]
        check(counts[0] == counts[1], f"the two sides counted {file.name} differently: {counts}")
        self.rows.append({
            "file": stamped, "level": level, "format": fmt, "octets": done["octets"],
            "records": done["records"], "line": sent.call.octets, "original": file,
            "stored": pathlib.Path(stored["path"]),
            "way": f"{sender.name} > {receiver.name}", "receiver": receiver,
        })
        return self.rows[-1]

    def cut_and_resume(self):
        title(4, "A call is cut in the middle, and the file goes on where it stopped")
        alpha, beta = self.alpha, self.beta
        line = self.lines[alpha.name]
        file = write(beta.outbox / "assembly.cad", goods.drawing(5024, LARGE))
        options = ("--format", "U", "--dsn", "ASSEMBLY")
        line.cut_next_after = CUT_AFTER
        cut = beta.send(alpha, line, file, *options)
        check(cut.code == SESSION_CUT,
              f"the cut call ended with exit code {cut.code} instead of {SESSION_CUT}")
        began = cut.one("file_started")
        kept = alpha.wait_for("file_suspended", began["file"])["octets"]
        alpha.wait_for("session_ended", session=len(line.calls))
        self.expected_faults[alpha.name] = alpha.faults()
        check(len(alpha.faults()) == 1, f"of one cut, ALPHA reported {alpha.faults()}")
        first = cut.call.octets
        check(first == CUT_AFTER, f"{first} octets crossed the line before the cut")
        print(f"""\
BETA sends ALPHA a drawing of {LARGE:,} octets; the line is cut after {first:,} octets.
   {explain.in_one_line(cut.trace())}
   BETA:  {cut.errors()}
          (exit code {cut.code})
   ALPHA: {alpha.faults()[0]}
          (file_suspended: {kept:,} octets)
BETA gives the same command again.""")
        again = beta.send(alpha, line, file, *options)
        check(again.code == 0, f"the cut file was not resumed (exit code {again.code}): "
              f"{again.errors()}")
        check(again.one("file_prepared")["resumes"], "the second call did not resume the first")
        self.delivered(beta, alpha, file, "2.0", "U", again)
        sfid = explain.fields(again.trace(), "->", "SFID")
        sfpa = explain.fields(again.trace(), "<-", "SFPA")
        offered, answered = int(sfid["rest"]), int(sfpa["acnt"])
        resumed, second = again.one("file_started")["resumed_at"], again.call.octets
        check(again.one("file_started")["file"] == began["file"], "it came under another identity")
        check(0 < answered <= offered and resumed == 1024 * answered <= kept,
              f"SFIDREST {offered} and SFPAACNT {answered} do not fit what was kept")
        rest = LARGE - resumed
        check(rest < second < rest * 1.03, f"{second} octets were sent for the rest of {rest}")
        self.rows[-1]["line"] = first + second
        print(f"""\
   {explain.in_one_line(again.trace())}
   SFID  same name and stamp ({sfid['date']} {sfid['time']}), SFIDREST {offered}: \
`I can go on from block {offered}`
   SFPA  SFPAACNT {answered}: `go on from block {answered}` \
({answered} blocks of 1,024 octets: {resumed:,})
   octets from BETA on the line: {first:,} before the cut + {second:,} after it
   The rest is {rest:,} octets: nothing from before the restart position was sent again.
   (The few octets more are commands, and one subrecord header for every 63 octets of data.)""")
        return file, began["file"]

    def duplicate(self, drawing, file):
        title(5, "A duplicate is refused")
        alpha, beta = self.alpha, self.beta
        before = sorted(alpha.inbox.iterdir())
        stamp = file["date"] + file["time"]
        sent = beta.send(alpha, self.lines[alpha.name], drawing, "--format", "U",
                         "--dsn", "ASSEMBLY", "--again", "--stamp", stamp)
        refused = sent.one("file_refused")
        reason = refused["reason"]
        check((sent.code, refused["command"], reason["code"]) == (REFUSED_BY_PARTNER, "SFNA", 13),
              f"the duplicate ended with exit code {sent.code}: {refused}")
        check(not sent.all("file_started") and sorted(alpha.inbox.iterdir()) == before,
              "the duplicate changed the inbox")
        print(f"""\
BETA sends the drawing once more as if it were new, under the same stamp:
   oftp send ... --dsn ASSEMBLY --again --stamp {stamp} assembly.cad
   {explain.in_one_line(sent.trace())}
   SFNA {reason['code']}, `{reason['meaning']}`; retry later: {yes(refused['retry'])}; \
`oftp send` ended with exit code {sent.code}
Dataset name, stamp, originator and destination together name a file for all time: nobody books an
invoice twice. {sent.call.octets:,} octets were sent instead of {LARGE:,}.""")

    def compare(self):
        title(6, "What arrived, compared octet by octet with what was sent")
        print(f"{'dataset name':13} {'way':13} {'level':5} {'format':6} {'octets':>10} "
              f"{'records':>7} {'on the line':>11}  EERP  compared")
        for row in self.rows:
            check(same(row["original"], row["stored"]),
                  f"{row['stored']} differs from {row['original']}")
            print(f"{row['file']['dsn']:13} {row['way']:13} {row['level']:5} {row['format']:6} "
                  f"{row['octets']:>10,} {row['records'] or '-':>7} {row['line']:>11,}  came  "
                  "equal")
        for station in (self.alpha, self.beta):
            stored = {row["stored"] for row in self.rows if row["receiver"] is station}
            found = {path for path in station.inbox.iterdir() if path.is_file()}
            check(found == stored, f"the inbox of {station.name} holds other files than were sent")
            left = list(station.inbox.glob(".partial/*"))
            check(not left, f"parts of files are left over: {left}")
            expected = self.expected_faults.get(station.name, [])
            check(station.faults() == expected,
                  f"the listener of {station.name} reported: {'; '.join(station.faults())}")
            code = station.stop()
            check(code == 0,
                  f"the listener of {station.name} ended with exit code {code}")


def title(number, text):
    heading = f"{number}. {text}"
    print(f"\n{heading}\n{'-' * len(heading)}")


def yes(answer):
    return "yes" if answer else "no"


def write(path, content):
    path.write_bytes(content)
    return path


def same(one, other):
    """Whether two files hold the same octets."""
    return one.read_bytes() == other.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
