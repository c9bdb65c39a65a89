"""A station: its identity, password, keys and folders, its listeners, and its calls."""

import secrets
import shutil

from line import Line
from reports import Done, Failure, Listener, check


class Station:
    """One of the partners. `code` is its identification code (SSIDCODE)."""

    def __init__(self, oftp, folder, name, owner, code):
        self.name = name
        self.owner = owner  # as its certificate names it
        self.code = code
        self.folder = folder
        self.outbox, self.state = folder / "outbox", folder / "state"
        self.sealed, self.receipts = folder / "sealed", folder / "receipts"
        self.given = folder / "partners"  # certificates that partners have given to it
        for new in (folder, self.outbox, self.sealed, self.receipts, self.given):
            new.mkdir()
        self.key, self.certificate = folder / "own.key", folder / "own.pem"
        self.password = secrets.token_hex(4).upper()
        self.password_file = secret(folder / "password", self.password)
        self.passphrase_file = secret(folder / "passphrase", secrets.token_hex(16))
        self.serial, self.sha256 = None, None  # of its certificate
        self.listeners, self.lines = {}, {}  # by the kind of the line
        self._oftp = oftp

    def oftp(self, *arguments):
        """Runs a command of this station."""
        return Done([self._oftp, *map(str, arguments), "--json"])

    def keys(self, partner):
        """The options for its own key and for the certificate that the partner has given."""
        return ["--own-key", self.key, "--own-cert", self.certificate,
                "--passphrase-file", self.passphrase_file,
                "--partner-cert", self.given / f"{partner.name}.pem"]

    def inbox(self, kind):
        return self.folder / f"inbox-{kind}"

    def listen(self, kind, partner, *options):
        """Starts a listener on a free port, and puts a line to it."""
        self.inbox(kind).mkdir()
        command = [self._oftp, "listen", "127.0.0.1:0", "--json", "--records", "length16",
                   "--id", self.code, "--password-file", self.password_file,
                   "--partner", f"{partner.code}:{partner.password_file}",
                   "--directory", self.inbox(kind), *options]
        self.listeners[kind] = Listener(list(map(str, command)), self.name)
        self.lines[kind] = Line(self.listeners[kind].port)

    def send(self, partner, kind, file, *options):
        """Calls the partner and sends a file; returns when the command has ended."""
        line = partner.lines[kind]
        before = len(line.calls)
        sent = self.oftp("send", f"127.0.0.1:{line.port}", file, "--trace",
                         "--id", self.code, "--password-file", self.password_file,
                         "--partner", partner.code,
                         "--partner-password-file", partner.password_file,
                         "--state", self.state, *options)
        sent.call = line.calls[before] if len(line.calls) > before else None
        if sent.call is None or not sent.call.wait():
            raise Failure(f"the call with {file.name} did not come about: {sent.errors()}")
        return sent

    def open(self, partner, envelope, content, code=0):
        """Takes the content out of an envelope, without a session; `code` is the exit code that
        is expected."""
        opened = self.oftp("cms", "open", envelope, "-o", content, *self.keys(partner))
        check(opened.code == code, f"`oftp cms open` of {envelope.name} ended with exit code "
              f"{opened.code} instead of {code}: {opened.errors()}")
        check(code == 0 or not content.exists(), f"{content} was written although it is refused")
        return opened

    def short(self, text):
        """A text without the folder of the demo before each path."""
        return text.replace(f"{self.folder.parent}/", "")

    def owns(self, certificate):
        """Whether this is its certificate, as events name certificates."""
        return bool(certificate) and f"serial {self.serial}," in certificate

    def stop(self):
        for listener in self.listeners.values():
            listener.stop()

    def kill(self):
        for listener in self.listeners.values():
            listener.kill()


def secret(path, text):
    path.touch(0o600)
    path.write_text(text)
    return path


def give(certificate, partner, name):
    """A certificate goes to a partner, who keeps it under the name of its owner."""
    return shutil.copy(certificate, partner.given / f"{name}.pem")
