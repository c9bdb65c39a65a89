"""Files are sent, and everything that was reported about them is checked."""

import hashlib
import pathlib

import explain
from reports import check, same_file
from words import same, yes

SECURED = ("--tls", "--auth", "--sign", "--compress", "--encrypt", "--signed-eerp")


class Transfers:
    """All files that were delivered: a row of the last table for each."""

    def __init__(self):
        self.rows = []
        self._agreed = None  # what has been told of the last call

    def secured(self, sender, receiver, file, fmt, dsn, *options):
        """Sends a file at level 2.0 with every protection there is, in one call."""
        sent = self.send_secured(sender, receiver, file, fmt, dsn, *options)
        check(sent.code == 0, f"{dsn} was not sent (exit code {sent.code}): {sent.errors()}")
        return sent, self.delivered_secured(sender, receiver, file, fmt, sent)

    def send_secured(self, sender, receiver, file, fmt, dsn, *options):
        sent = sender.send(receiver, "tls", file, "--format", fmt, "--dsn", dsn, *SECURED,
                           *sender.keys(receiver), "--receipts", sender.receipts, *options)
        check(sent.call.is_tls(), f"the call with {dsn} was not over TLS")
        return sent

    def plain(self, sender, receiver, file, level, fmt, dsn, *options):
        """Sends a file without any protection, in one call."""
        sent = sender.send(receiver, "plain", file, "--level", level, "--format", fmt,
                           "--dsn", dsn, *options)
        check(sent.code == 0, f"{dsn} was not sent (exit code {sent.code}): {sent.errors()}")
        row = self._delivered(sender, receiver, "plain", level, file, fmt, sent)
        stored = row["done"]
        row.update(octets=stored["octets"], records=stored["records"],
                   stored=pathlib.Path(stored["path"]))
        check(row["eerp"]["signed_by"] is None, "an EERP of level 1.3 is signed")
        return sent, row

    def delivered_secured(self, sender, receiver, file, fmt, sent):
        """Checks what both sides report about protection: who signed what, and that the envelope
        that was sent is the one whose hash the receiver has signed."""
        row = self._delivered(sender, receiver, "tls", "2.0", file, fmt, sent)
        stamped = row["file"]
        check(sent.one("session_started")["authentication"], "there was no secure authentication")
        check(receiver.owns(sent.one("secured")["certificate"]), "TLS with another certificate")
        opened = receiver.listeners["tls"].wait_for("file_opened", stamped)
        signers = opened["signed_by"]
        check(opened["encrypted"] and opened["compressed"] and len(signers) == 1
              and sender.owns(signers[0]), f"the file was not secured as it should be: {opened}")
        check(receiver.owns(row["eerp"]["signed_by"]), "the EERP has not the receiver's signature")
        stored = pathlib.Path(opened["path"])
        row.update(octets=opened["octets"], records=opened["records"], stored=stored,
                   envelope=row["done"]["octets"], session=opened["session"],
                   sealed=only(receiver.sealed, stored.name),
                   receipt=pathlib.Path(row["eerp"]["receipt"]))
        return row

    def _delivered(self, sender, receiver, kind, level, file, fmt, sent):
        """Checks that both sides report the file as delivered; adds it to the rows."""
        listener = receiver.listeners[kind]
        agreed = sent.one("session_started")["level"]
        check(agreed == level, f"level {agreed} was agreed on instead of {level}")
        done, eerp = sent.one("file_done"), sent.one("response")
        check(eerp["command"] == "EERP" and eerp["direction"] == "in",
              f"{file.name} was answered by {eerp['command']}")
        stamped = done["file"]
        check(same_file(eerp["file"], stamped), f"the EERP is for another file than {file.name}")
        stored = listener.wait_for("file_done", stamped, direction="in")
        listener.wait_for("response", stamped, direction="out", command="EERP")
        counts = [(e["octets"], e["records"]) for e in (done, stored)]
        check(counts[0] == counts[1], f"the two sides counted {file.name} differently: {counts}")
        self.rows.append({
            "file": stamped, "level": level, "format": fmt, "original": file, "done": stored,
            "eerp": eerp, "way": f"{sender.name} > {receiver.name}", "receiver": receiver,
            "inbox": receiver.inbox(kind), "line": sent.call.octets, "envelope": None,
        })
        return self.rows[-1]

    def tell(self, sender, receiver, sent, row):
        """Prints what happened in a call with one file."""
        started = sent.one("session_started")
        records = f" in {row['records']} records" if row["records"] else ""
        envelope = f", in an envelope of {row['envelope']:,}" if row["envelope"] else ""
        print(f"\n{sender.name} calls {receiver.name}: {row['file']['dsn']}, format "
              f"{row['format']}, {row['octets']:,} octets{records}{envelope}")
        agreed = (f"level {started['level']}, buffers of {started['buffer']}, credit "
                  f"{started['credit']}, compression {yes(started['compression'])}, restart "
                  f"{yes(started['restart'])}, authentication {yes(started['authentication'])}")
        if agreed != self._agreed:
            print(f"   agreed: {agreed}")
        self._agreed = agreed
        print(f"   {explain.in_one_line(sent.trace())}")
        if row["envelope"]:
            print(f"   {receiver.name}: decrypted, decompressed, the signature of {sender.name} "
                  f"holds; {sender.name}: that of {receiver.name} on the EERP, too")

    def compare(self, stations):
        """Compares every file with its original; prints a table of all."""
        print(f"{'dataset name':12} {'way':13} {'level':5} {'format':6} {'octets':>10} "
              f"{'records':>7} {'envelope':>9} {'on the line':>11}  {'EERP':6}  compared")
        for row in self.rows:
            check(same(row["original"], row["stored"]),
                  f"{row['stored']} differs from {row['original']}")
            envelope = f"{row['envelope']:,}" if row["envelope"] else "-"
            print(f"{row['file']['dsn']:12} {row['way']:13} {row['level']:5} {row['format']:6} "
                  f"{row['octets']:>10,} {row['records'] or '-':>7} {envelope:>9} "
                  f"{row['line']:>11,}  {'signed' if row['envelope'] else 'came':6}  equal")
        for inbox in {station.inbox(kind) for station in stations for kind in station.lines}:
            stored = {row["stored"] for row in self.rows if row["inbox"] == inbox}
            found = {path for path in inbox.iterdir() if path.is_file()}
            check(found == stored, f"{inbox} holds other files than were sent")
            left = list(inbox.glob(".partial/*"))
            check(not left, f"parts of files are left over: {left}")


def only(folder, begin):
    """The one file of a folder whose name begins so."""
    found = [path for path in folder.iterdir() if path.name.startswith(begin)]
    check(len(found) == 1, f"{folder} has {len(found)} files {begin}* instead of 1")
    return found[0]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
