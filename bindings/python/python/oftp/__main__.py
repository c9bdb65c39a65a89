"""The command ``oftp``, which is also ``python -m oftp``: the same as the program in Rust, with the
same options, output, exit codes and signals.

It is meant for a process of its own. To transfer files from within a program there is
`oftp.connect`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TypeAlias

from ._oftp import run

__all__ = ["main"]

#: What `signal.signal` returns and takes.
_Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    :param arguments: Those of the command line without the name of the program; ``None``:
        those of this process.
    :returns: The exit code; ``oftp --help`` lists them.
    """
    _open_standard_streams()
    with _signals_of_a_program():
        return run(sys.argv[1:] if arguments is None else list(arguments))


def _open_standard_streams() -> None:
    """A standard stream that is closed is opened on nothing: its number would go to the next file
    or socket, and what is printed would go there."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


@contextmanager
def _signals_of_a_program() -> Generator[None]:
    """Ctrl-C ends the process, or is taken by ``oftp listen``. Python would only note it, and act
    when the command has ended. Who was started to ignore it (``nohup``) goes on to ignore it."""
    replaced: list[tuple[int, _Handler]] = []
    if threading.current_thread() is threading.main_thread():
        if callable(signal.getsignal(signal.SIGINT)):
            replaced.append((signal.SIGINT, signal.signal(signal.SIGINT, signal.SIG_DFL)))
        # Python ignores it: a file that exceeds `ulimit -f`.
        replaced.append((signal.SIGXFSZ, signal.signal(signal.SIGXFSZ, signal.SIG_DFL)))
    try:
        yield
    finally:
        for number, handler in replaced:
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
