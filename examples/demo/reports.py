"""What `oftp` reports: its JSON events, of a command that has ended or of one that goes on."""

import json
import subprocess
import threading
import time

PATIENCE = 60  # seconds until something that does not come is a failure


class Failure(Exception):
    """Something is not as it should be; the demo ends."""


def check(holds, otherwise):
    if not holds:
        raise Failure(otherwise)


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


def faults_in(events):
    return [e["text"] for e in events if e.get("event") in ("error", "warning")]


class Done:
    """What a command reported that has ended."""

    def __init__(self, command):
        """Runs it. `command` is a list: the program, its subcommand, and options."""
        self.name = f"`oftp {command[1]}`"
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, encoding="utf-8", timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end in {PATIENCE} s") from None
        self.code = done.returncode
        self.events = [event_of(line) for line in done.stdout.splitlines()]
        for line in done.stderr.splitlines():  # of a problem with the options
            self.events.append({"event": "error", "text": line})
        self.call = None  # of `oftp send`: what crossed the line, a line.Call

    def all(self, name):
        return [e for e in self.events if e["event"] == name]

    def one(self, name):
        """The one event of this name."""
        found = self.all(name)
        check(len(found) == 1, f"{self.name} reported {len(found)} events `{name}` instead of 1 "
              f"(exit code {self.code}): {self.errors()}")
        return found[0]

    def faults(self):
        """Errors and warnings."""
        return faults_in(self.events)

    def errors(self):
        refused = [f"{e['command']} {e['reason']['code']}, {e['reason']['meaning']}"
                   for e in self.events if e.get("command") in ("SFNA", "EFNA", "NERP")]
        return "; ".join(self.faults() + refused) or "no error was reported"

    def trace(self):
        return [e["line"] for e in self.all("trace")]


class Listener:
    """A process `oftp listen`, followed by its events."""

    def __init__(self, command, name):
        """Starts it, and waits until it listens."""
        self.events = []
        self.expected = []  # errors and warnings that belong to the story
        self._name = name
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8",
        )
        threading.Thread(target=self._follow, daemon=True).start()
        self.port = int(self.wait_for("listening")["address"].rsplit(":", 1)[1])

    def _follow(self):
        for line in self._process.stdout:
            with self._news:
                self.events.append(event_of(line))
                self._news.notify_all()
        with self._news:
            self.events.append({"event": "gone"})
            self._news.notify_all()

    def wait_for(self, name, file=None, seen=0, **fields):
        """Waits for an event; `file` and `fields` are what it must say, and it comes after the
        first `seen` events."""

        def fits(event):
            return (
                event["event"] == name
                and all(event.get(key) == value for key, value in fields.items())
                and (file is None or same_file(event["file"], file))
            )

        deadline = time.monotonic() + PATIENCE
        with self._news:
            while True:
                found = next((e for e in self.events[seen:] if fits(e)), None)
                if found:
                    return found
                if self.events and self.events[-1]["event"] == "gone":
                    raise Failure(f"the listener of {self._name} ended before its event `{name}`")
                if not self._news.wait(deadline - time.monotonic()):
                    raise Failure(f"the listener of {self._name} did not report `{name}`")

    def wait_for_fault(self, kind="error"):
        """Waits for the next error, or warning, that belongs to the story; returns its text."""
        text = self.wait_for(kind, seen=self._after_expected())["text"]
        self.expected.append(text)
        return text

    def _after_expected(self):
        """The number of events up to the last error or warning that has been waited for."""
        count = len(self.expected)
        for number, event in enumerate(self.events):
            if count == 0:
                return number
            count -= event["event"] in ("error", "warning")
        return len(self.events)

    def faults(self):
        """Errors and warnings."""
        return faults_in(self.events)

    def stop(self):
        """Asks it to end, and checks that it ends well and has reported no fault but those that
        belong to the story."""
        check(self.faults() == self.expected,
              f"the listener of {self._name} reported: {'; '.join(self.faults())}")
        self._process.terminate()
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"the listener of {self._name} does not end") from None
        check(code == 0, f"the listener of {self._name} ended with exit code {code}")

    def kill(self):
        """Makes sure that it is gone, whatever has happened."""
        self._process.kill()
        self._process.wait()
