#!/usr/bin/env python3
"""Two stations on this machine exchange files; prints what happens, so that a newcomer
understands the ODETTE File Transfer Protocol (RFC 5024) from reading it.

Everything printed about a transfer comes from the run itself: from the JSON events and the trace
of `oftp`, and from what crossed the line. Exit code: 0 if everything was as it should be, 1 if
not, 2 for a wrong option.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # nothing is left beside this file

import attacks
import cut
import explain
import goods
import keys
import older
import proof
import unattended
from reports import Failure, check
from station import Station
from transfers import Transfers
from words import title, write


def main():
    options = arguments()
    began = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="oftp-demo-"))
    stations = []
    try:
        count = story(options.oftp, folder, stations)
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


def story(oftp, folder, stations):
    """From the keys to the comparison of every file; returns how many were delivered."""
    alpha = Station(oftp, folder / "alpha", "ALPHA", "Alpha Motors", "O0177ALPHA-MOTORS  HUB001")
    beta = Station(oftp, folder / "beta", "BETA", "Beta Parts", "O0177BETA PARTS    000002")
    stations += [alpha, beta]
    transfers = Transfers()
    introduce(alpha, beta, folder)
    keys.exchange(alpha, beta)
    listen(alpha, beta)
    sent, row = one_call_step_by_step(transfers, alpha, beta)
    proof.who_proved_what(alpha, beta, sent, row)
    proof.read_receipt(alpha, beta, row)
    exchange(transfers, alpha, beta)
    drawing, file = cut.cut_and_resume(transfers, alpha, beta)
    cut.duplicate(transfers, alpha, beta, drawing, file)
    mallory = attacks.impostor(oftp, folder, alpha, beta)
    attacks.all_refused(transfers, alpha, beta, mallory, row)
    older.exchange(transfers, alpha, beta)
    title(9, "What arrived, compared octet by octet with what was sent")
    transfers.compare(stations)
    for station in stations:
        station.stop()
    return len(transfers.rows) + unattended.exchange(oftp, folder, stations)


def introduce(alpha, beta, folder):
    print(f"""\
OFTP: a car maker and a supplier exchange files
===============================================
ALPHA  the car maker  {alpha.code}
BETA   the supplier   {beta.code}
Work folder: {folder}

Either may call the other with `oftp send`. The caller is the Initiator, the one called the
Responder. One side at a time is the Speaker and sends files; the other is the Listener and
answers. All calls go through a small proxy, which counts the octets on the line, listens in, and
will cut one call.""")


def listen(alpha, beta):
    for station, partner in ((alpha, beta), (beta, alpha)):
        station.listen("tls", partner, "--tls", "--tls-client-cert", "require", "--auth",
                       "--require", "sign", "--require", "encrypt", "--require", "signed-eerp",
                       "--keep-sealed", station.sealed, *station.keys(partner))
        station.listen("plain", partner, "--level", "1.3", "--compression")


def one_call_step_by_step(transfers, alpha, beta):
    title(2, "One call, step by step: ALPHA sends a delivery call-off (EDIFACT) to BETA")
    print("""\
   oftp send beta:6619 --tls --auth --sign --compress --encrypt --signed-eerp \\
        --own-key own.key --own-cert own.pem --partner-cert BETA.pem --receipts receipts ...
BETA listens with --tls --tls-client-cert require --auth, and takes only files that are signed and
encrypted (--require).
""")
    file = write(alpha.outbox / "calloff-20.edi", goods.call_off(20, 900))
    sent, row = transfers.secured(alpha, beta, file, "T", "CALLOFF-20", "--buffer", "1024",
                                  "--credit", "3")
    print(f"""\
Left: what `oftp send --trace` of ALPHA printed, -> for what went to BETA, <- for what came; the
indented lines are steps of the state tables in chapter 9 of RFC 5024 (table, row, state, event,
next state). Buffers and credit are small here (--buffer 1024 --credit 3) to show how they work.
Before this, TLS was agreed on ({sent.one('secured')['protocol']}): on the line there are only TLS
records, {sent.call.octets:,} octets from ALPHA with its handshake.
""")
    explain.table(sent.trace())
    steps = [name for _, name in explain.commands(sent.trace())]
    wanted = ("SSRM SSID SSID SECD AUCH AURP SECD AUCH AURP SFID SFPA DATA CDT EFID EFPA CD EERP "
              "RTR CD ESID").split()
    check([s for i, s in enumerate(steps) if s not in ("DATA", "CDT") or s not in steps[:i]]
          == wanted, f"the commands of the first call are not as expected: {steps}")
    return sent, row


def exchange(transfers, alpha, beta):
    title(5, "Files both ways at level 2.0 (RFC 5024), secured in the same way")
    print("""\
One line for the commands of each call; -> is what the caller sent, and (AUCH AURP)*2 stands for
the authentication in both directions. An envelope is the file signed, compressed and encrypted, in
this order; for OFTP it is a file of octets like any other.""")
    file = write(beta.outbox / "invoice-20.edi", goods.invoice(20, 500))
    transfers.tell(beta, alpha, *transfers.secured(beta, alpha, file, "T", "INVOICE-20"))
    file = write(beta.outbox / "drawing-20.cad", goods.drawing(20, 4 << 20))
    sent, row = transfers.secured(beta, alpha, file, "U", "DRAWING-20")
    transfers.tell(beta, alpha, sent, row)
    check(row["line"] < row["octets"] * 0.8, f"{row['line']} octets of {row['octets']} were sent")
    for sender, receiver, name in ((alpha, beta, "STOCK"), (beta, alpha, "DESPATCH")):
        file = write(sender.outbox / f"{name.lower()}-20.v", goods.records(20 + len(name), 400))
        transfers.tell(sender, receiver, *transfers.secured(
            sender, receiver, file, "V", f"{name}-20", "--records", "length16"))


if __name__ == "__main__":
    sys.exit(main())
