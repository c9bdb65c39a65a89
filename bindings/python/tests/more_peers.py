"""More stations for the conformance tests: the loop without I/O of the examples, and other
programs."""

from __future__ import annotations

import functools
import io
import os
import shutil
import socket
import subprocess
import sys
from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

import oftp
import pytest
from command import binary
from examples import EXAMPLES, Program, environment, program
from peers import ALPHA, BETA, PARTNER, PASSWORDS, Asyncio, Blocking, Case, Kind, in_thread

sys.path.append(str(EXAMPLES))
from peer import Peer  # noqa: E402
from sans_io import run  # noqa: E402

ROOT = EXAMPLES.parents[1]


class Keeps(Peer):
    """The peer of the example, with records."""

    def __init__(self, own: str, case: Case) -> None:
        partner = PARTNER[own]
        super().__init__(
            oftp.Connect(code=own, password=PASSWORDS[own]),
            oftp.Connect(code=partner, password=PASSWORDS[partner]),
            io.BytesIO(),
        )
        self.case = case
        self.octets, self.ends = b"", list[int]()

    def handle(self, session: oftp.Session, event: oftp.Event) -> None:
        if isinstance(event, oftp.ConnectCf):
            self.offer(event.agreed.level)
        super().handle(session, event)

    def offer(self, level: oftp.Level) -> None:
        case, long = self.case, level >= oftp.Level.V1_4
        pieces = case.records() if case.format == "V" else [case.content]
        for piece in pieces:
            self.octets += piece
            self.ends.append(len(self.octets))
        if case.format == "U":
            self.ends.clear()
        self.to_send = oftp.VirtualFile(
            dsn="GOODS",
            date="20261126" if long else "261126",
            time="1011120001" if long else "101112",
            destination=BETA,
            originator=ALPHA,
            format=oftp.RecordFormat(case.format),
            record_length=max(map(len, pieces)) if case.format == "V" else 0,
            size=-(-len(case.content) // 1024),
        )

    def send_data(self, session: oftp.Session) -> None:
        while session.can_send_data:
            if not self.octets:
                return session.close_file_rq()
            taken = session.data_rq(self.octets, self.ends)
            self.octets = self.octets[taken:]
            self.ends = [end - taken for end in self.ends if end > taken]

    def store(self, data: oftp.DataInd) -> None:
        self.ends += [len(self.octets) + end for end in data.ends]
        self.octets += data.data

    def stored(self) -> bytes:
        """As it lies in a folder."""
        if self.case.format == "U":
            return self.octets
        starts = [0, *self.ends]
        records = [self.octets[one:end] for one, end in zip(starts, self.ends, strict=False)]
        return b"".join(len(record).to_bytes(2, "big") + record for record in records)


class SansIo(Kind):
    """`oftp.Session` in the loop of the example."""

    secures = False

    def send(self, case: Case, port: int) -> None:
        session, peer = oftp.Session(case.config), Keeps(ALPHA, case)
        session.connect_rq(peer.own)
        with socket.create_connection(("127.0.0.1", port)) as sock:
            run(session, sock, peer)
        assert peer.response is not None and not peer.response.is_negative

    def receive(self, case: Case) -> tuple[int, Callable[[], None]]:
        server = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            peer = Keeps(BETA, case)
            with server:
                sock, _ = server.accept()
            with sock:
                run(oftp.Session(case.config), sock, peer)
            (case.inbox / "copy").write_bytes(peer.stored())

        return server.getsockname()[1], in_thread(serve)


class Process(Kind):
    """Another program."""

    @abstractmethod
    def sender(self, case: Case, port: int) -> list[object]:
        """Its command."""

    @abstractmethod
    def receiver(self, case: Case) -> list[object]:
        """Its command, on a port that is free."""

    def environment(self, case: Case, own: str) -> dict[str, str]:
        return environment(PASSWORDS[own], PASSWORDS[PARTNER[own]])

    def send(self, case: Case, port: int) -> None:
        command = [str(word) for word in self.sender(case, port)]
        env = self.environment(case, ALPHA)
        sent = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        assert sent.returncode == 0, sent.stdout + sent.stderr

    def receive(self, case: Case) -> tuple[int, Callable[[], None]]:
        running = program(self.receiver(case), self.environment(case, BETA))
        station: Program = running.__enter__()

        def wait() -> None:
            try:
                assert station.finish() == 0, station.output
            finally:
                running.__exit__(None, None, None)

        return station.port(), wait


class Rust(Process):
    """The command `oftp`."""

    def options(self, case: Case, own: str) -> list[object]:
        partner = PARTNER[own]
        options: list[object] = [
            "--json", "--id", own, "--password-env", "OFTP_PASSWORD", "--partner", partner,
            "--partner-password-env", "OFTP_PARTNER_PASSWORD", "--level", case.level,
            "--records", "length16", "--no-sync", "--buffer", 2000, "--credit", 4,
        ]  # fmt: skip
        if case.keys:
            options += ["--tls", "--own-key", case.keys[own][0]]
            options += ["--partner-cert", case.keys[partner][1]]
        if case.authentication:
            options.append("--auth")
        return options

    def sender(self, case: Case, port: int) -> list[object]:
        secured = ["--sign", "--encrypt", "--compress", "--signed-eerp"] if case.keys else []
        return [
            binary(), "send", f"127.0.0.1:{port}", case.file, "--format", case.format,
            "--state", case.folder / "state", *secured, *self.options(case, ALPHA),
        ]  # fmt: skip

    def receiver(self, case: Case) -> list[object]:
        return [
            binary(), "listen", "127.0.0.1:0", "--once", "--directory", case.inbox,
            *self.options(case, BETA),
        ]  # fmt: skip


class C(Process):
    """examples/c/send.c and receive.c. Their level is that of the library, 2.0; a partner that
    offers less gets less."""

    levels = False
    formats = "U"
    secures = False

    def environment(self, case: Case, own: str) -> dict[str, str]:
        more = {}
        if case.keys:
            more["OFTP_OWN_KEYS"] = str(case.keys[own][0])
            more["OFTP_CERTIFICATES"] = str(case.keys[PARTNER[own]][1])
        return super().environment(case, own) | more

    def sender(self, case: Case, port: int) -> list[object]:
        return [
            programs() / "send", "127.0.0.1", port, ALPHA, PASSWORDS[ALPHA], BETA,
            PASSWORDS[BETA], case.file,
        ]  # fmt: skip

    def receiver(self, case: Case) -> list[object]:
        return [
            programs() / "receive", 0, BETA, PASSWORDS[BETA], ALPHA, PASSWORDS[ALPHA], case.inbox,
        ]  # fmt: skip


@functools.cache
def programs() -> Path:
    """The folder with the examples in C, compiled. ``OFTP_LIB_DIR`` says where liboftp is."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    library = Path(os.environ.get("OFTP_LIB_DIR", target / "debug")).resolve()
    compiler = shutil.which(os.environ.get("CC", "cc"))
    missing = "no C compiler" if compiler is None else ""
    if not (library / "liboftp.so").exists():
        missing = f"no liboftp.so in {library}: cargo build -p oftp-ffi"
    if missing or compiler is None:
        assert os.environ.get("OFTP_TOOLS") != "required", missing
        pytest.skip(missing)
    folder = target.resolve() / "python" / "examples-c"
    folder.mkdir(parents=True, exist_ok=True)
    soname = library / "liboftp.so.0"
    if not soname.exists():
        (folder / "liboftp.so.0").unlink(missing_ok=True)
        (folder / "liboftp.so.0").symlink_to(library / "liboftp.so")
    for name in ("send", "receive"):
        subprocess.run(
            [compiler, str(ROOT / "examples" / "c" / f"{name}.c"), "-o", str(folder / name)]
            + ["-I", str(ROOT / "include"), "-L", str(library), "-loftp"]
            + [f"-Wl,-rpath,{library}", f"-Wl,-rpath,{folder}"],
            check=True,
        )
    return folder


KINDS: dict[str, Kind] = {
    "blocking": Blocking(),
    "asyncio": Asyncio(),
    "sans-io": SansIo(),
    "rust": Rust(),
    "c": C(),
}
