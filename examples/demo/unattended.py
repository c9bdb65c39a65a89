"""The second act: two stations that run unattended, and one of them is killed in the middle."""

import random
import shutil
import socket
import subprocess
import time

from line import Line
from reports import PATIENCE, Done, Failure, check
from words import said, same, title, write

LARGE = 40 << 20
MIDDLE = 20 << 20  # octets of it that have come when the receiver is killed

CONFIGURATION = """\
[station]
id = "{code}"
[keys]
all = ["keys/station.key", "keys/station.pem"]
{listen}
[outbox]
interval = "1s"
settle = "1s"
[log]
file = "oftp.log"
[partner.{partner}]
id = "{partner_code}"
{address}
certificates = "keys/{partner}.pem"
authentication = true
[partner.{partner}.protect]
sign = true
encrypt = true
signed_eerp = true
[partner.{partner}.accept]
signed = "required"
encrypted = "required"
[partner.{partner}.retry]
first = "1s"
longest = "2s"
"""


class Unattended:
    """A station with a folder of its own, which `oftp run` runs."""

    def __init__(self, oftp, folder, name, code):
        self.folder, self.name, self.code = folder, name, code
        self._oftp, self._process = oftp, None
        self.oftp("init", folder, "--id", code)
        self.oftp("keygen", "--name", name, "--id", code, "--host", "localhost",
                  "--out", folder / "keys" / "station")

    def oftp(self, *arguments, code=0):
        """Runs a command that must end with this exit code."""
        done = Done([self._oftp, *map(str, arguments), "--json"])
        check(done.code == code, f"{done.name} of {self.name} ended with exit code {done.code}: "
              f"{done.errors()}")
        return done

    def ask(self, command, *arguments):
        """The lines of JSON of a command about this station."""
        return self.oftp(command, *arguments, "--station", self.folder).events

    def meet(self, partner, listen, address):
        shutil.copy(partner.folder / "keys" / "station.pem",
                    self.folder / "keys" / f"{partner.name}.pem")
        (self.folder / "oftp.toml").write_text(CONFIGURATION.format(
            code=self.code, listen=listen, address=address,
            partner=partner.name, partner_code=partner.code))
        self.oftp("check", "--station", self.folder)

    def run(self):
        self._process = subprocess.Popen(
            [self._oftp, "run", "--station", str(self.folder), "--json"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_until(f"{self.name} runs", lambda: Done(
            [self._oftp, "status", "--check", "--station", str(self.folder), "--json"]).code == 0)

    def kill(self):
        """`kill -9`, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self):
        self.oftp("stop", "--wait", "--station", self.folder)
        code = self._process.wait(PATIENCE)
        check(code == 0, f"`oftp run` of {self.name} ended with exit code {code}")

    def told(self, event, dsn):
        """How often the history says this of a file with this dataset name."""
        keys = {e["id"] for e in self.ask("history", "--text", dsn)}
        lines = self.ask("events", "--after", "0")
        return sum(e["event"] == event and e["file"] in keys for e in lines)


def wait_until(what, holds, pause=0.1):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise Failure(f"it was waited {PATIENCE} s in vain until {what}")
        time.sleep(pause)


def exchange(oftp, folder, stations):
    """Returns how many files were delivered."""
    title(10, "Two unattended stations, and one of them is killed in the middle of a file")
    alpha = Unattended(oftp, folder / "station-alpha", "alpha", "O0177ALPHA-MOTORS  HUB002")
    beta = Unattended(oftp, folder / "station-beta", "beta", "O0177BETA PARTS    000003")
    stations += [alpha, beta]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = Line(port)
    alpha.meet(beta, "", f'address = "localhost:{line.port}"')
    beta.meet(alpha, f'[[listen]]\naddress = "127.0.0.1:{port}"', "")
    print("""\
So far a person gave every command. `oftp init` makes the folder of a station that works by itself:
oftp.toml says who its partners are, `oftp check` proves it, `oftp run` runs it. ALPHA calls BETA;
TLS, authentication, signature, encryption and signed EERP are as above.
""")
    for station in (alpha, beta):
        station.run()
    small = write(alpha.folder / "outbox" / "beta" / ".calloff.edi", b"UNB+UNOA:2+ALPHA+BETA'")
    original = small.read_bytes()
    small.rename(small.with_name("calloff.edi"))
    said("ALPHA", "calloff.edi is put into outbox/beta; nobody does anything more")
    wait_until("the call-off is done", lambda: alpha.told("file_done", "CALLOFF"))
    check(came(beta, "CALLOFF").read_bytes() == original, "another call-off has arrived")
    said("BETA", f"it lies in inbox/alpha as {came(beta, 'CALLOFF').name}")

    content = random.Random(20).randbytes(LARGE)
    large = write(alpha.folder / "assembly.cad", content)
    alpha.oftp("send", "beta", large, "--station", alpha.folder)
    parts = beta.folder / "spool" / "in" / ".partial"
    wait_until("the assembly is on its way", lambda: octets_in(parts) > MIDDLE, pause=0.002)
    beta.kill()
    had = octets_in(parts)
    check(not beta.told("file_received", "ASSEMBLY"), "BETA was killed too late")
    said("ALPHA", f"a file of {LARGE:,} octets is queued by `oftp send beta`, and goes")
    said("BETA", f"kill -9, after about {had:,} octets; it is started again")
    beta.run()
    wait_until("the assembly is done", lambda: alpha.told("file_done", "ASSEMBLY"))
    once = beta.told("file_delivered", "ASSEMBLY")
    check(once == 1 and same(large, came(beta, "ASSEMBLY")), f"it was delivered {once} times")
    cuts = alpha.told("file_trouble", "ASSEMBLY")
    check(cuts, "the history of ALPHA knows of no cut")
    before, after = [call.octets for call in line.calls if call.octets > 1 << 20]
    check(after < LARGE - MIDDLE // 2, f"{after:,} octets were sent after the kill")
    said("ALPHA", f"it called again by itself: {before:,} octets on the line before the kill, "
         f"{after:,} after it; BETA goes on behind what it had noted, which it does every 16 MiB")
    said("BETA", "the history has one `file_delivered` for it, and the inbox one file, equal to "
         "the original")

    verified = alpha.oftp("evidence", "verify", alpha.folder / "evidence",
                          "--trust", alpha.folder / "keys" / "beta.pem")
    proofs = verified.all("evidence")
    check(len(proofs) == 2 and all(proof["proves"] == "delivery" for proof in proofs),
          f"the evidence proves something else: {proofs}")
    said("ALPHA", "`oftp evidence verify`: two proofs of delivery, each signed by BETA; checked "
         "without station and network")
    for station in (alpha, beta):
        station.stop()
    return 2


def came(station, dsn):
    """The file of this dataset name in the inbox: there is one."""
    found = [path for path in (station.folder / "inbox" / "alpha").iterdir() if dsn in path.name]
    check(len(found) == 1, f"{len(found)} files {dsn} lie in the inbox of {station.name}")
    return found[0]


def octets_in(folder):
    """The octets of the files in a folder, which may not be there yet."""
    if not folder.is_dir():
        return 0
    return sum(path.stat().st_size for path in folder.iterdir() if path.suffix != ".json")
