"""A station: a process `oftp listen`, and calls by `oftp send`, followed by their JSON events."""

import json
import subprocess
import threading
import time

PATIENCE = 60  # seconds until something that does not come is a failure


class Failure(Exception):
    """Something is not as it should be; the demo ends."""


def same_file(one, other):
    """Whether two events are about the same file. Before level 1.4 a stamp has no century and no
    fractions of a second on the line, and some events tell it so."""
    short = min(len(one["date"]), len(other["date"])) < 8

    def identity(file):
        if not short:
            return file
        return dict(file, date=file["date"][-6:], time=file["time"][:6])

    return identity(one) == identity(other)


def event_of(line):
    """The event in a line of JSON; a line that is none is shown as an error."""
    try:
        return dict(json.loads(line))
    except (ValueError, TypeError):
        return {"event": "error", "text": f"this is no line of JSON: {line.rstrip()}"}


class Sent:
    """What one `oftp send` reported."""

    def __init__(self, code, events, call):
        self.code = code
        self.events = events
        self.call = call  # what crossed the line: line.Call

    def all(self, name):
        return [e for e in self.events if e["event"] == name]

    def one(self, name):
        """The one event of this name."""
        found = self.all(name)
        if len(found) != 1:
            raise Failure(
                f"`oftp send` reported {len(found)} events `{name}` instead of 1 "
                f"(exit code {self.code}): {self.errors()}"
            )
        return found[0]

    def errors(self):
        texts = [e["text"] for e in self.events if e["event"] in ("error", "warning")]
        return "; ".join(texts) or "no error was reported"

    def trace(self):
        return [e["line"] for e in self.all("trace")]


class Station:
    """One of the two partners: its identity, its password, its inbox and its listener."""

    def __init__(self, oftp, folder, name, code, password):
        self.name = name
        self.code = code
        self.inbox = folder / "inbox"
        self.outbox = folder / "outbox"
        self.state = folder / "state"
        for new in (folder, self.inbox, self.outbox):
            new.mkdir()
        self.password_file = folder / "password"
        self.password_file.write_text(password)
        self.password_file.chmod(0o600)
        self.events = []
        self.port = None
        self._oftp = str(oftp)
        self._process = None
        self._news = threading.Condition()

    def listen(self, partner):
        """Starts the listener on a free port, and waits until it listens."""
        command = [self._oftp, "listen", "127.0.0.1:0", "--json", "--compression"]
        command += ["--id", self.code, "--password-file", str(self.password_file)]
        command += ["--partner", f"{partner.code}:{partner.password_file}"]
        command += ["--directory", str(self.inbox), "--records", "length16"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        threading.Thread(target=self._follow, args=(self._process,), daemon=True).start()
        self.port = int(self.wait_for("listening")["address"].rsplit(":", 1)[1])

    def _follow(self, process):
        for line in process.stdout:
            with self._news:
                self.events.append(event_of(line))
                self._news.notify_all()
        with self._news:
            self.events.append({"event": "gone"})
            self._news.notify_all()

    def wait_for(self, name, file=None, **fields):
        """Waits for an event of the listener; `file` and `fields` are what it must say."""

        def fits(event):
            return (
                event["event"] == name
                and all(event.get(key) == value for key, value in fields.items())
                and (file is None or same_file(event["file"], file))
            )

        deadline = time.monotonic() + PATIENCE
        with self._news:
            while True:
                found = next((e for e in self.events if fits(e)), None)
                if found:
                    return found
                if self.events and self.events[-1]["event"] == "gone":
                    raise Failure(f"the listener of {self.name} ended before its event `{name}`")
                if not self._news.wait(deadline - time.monotonic()):
                    raise Failure(f"the listener of {self.name} did not report `{name}`")

    def faults(self):
        """Errors and warnings of the listener."""
        return [e["text"] for e in self.events if e["event"] in ("error", "warning")]

    def send(self, partner, line, file, *options):
        """Calls the partner and sends a file; returns when the command has ended."""
        command = [self._oftp, "send", f"127.0.0.1:{line.port}", str(file), "--json", "--trace"]
        command += ["--id", self.code, "--password-file", str(self.password_file)]
        command += ["--partner", partner.code]
        command += ["--partner-password-file", str(partner.password_file)]
        command += ["--state", str(self.state), *options]
        before = len(line.calls)
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                encoding="utf-8", timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            raise Failure(f"`oftp send` of {file} did not end in {PATIENCE} s") from None
        events = [event_of(line) for line in done.stdout.splitlines()]
        call = line.calls[before] if len(line.calls) > before else None
        sent = Sent(done.returncode, events, call)
        if call is None or not call.wait():
            raise Failure(f"the call with {file.name} did not come about: {sent.errors()}")
        return sent

    def stop(self):
        """Asks the listener to end, and returns its exit code."""
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"the listener of {self.name} does not end") from None

    def kill(self):
        """Makes sure that the listener is gone, whatever has happened."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
