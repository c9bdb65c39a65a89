"""ODETTE File Transfer Protocol, levels 1.2 to 2.0 (RFC 5024, RFC 2204).

Four ways in, from the shortest to the barest:

* the command ``oftp`` (or ``python -m oftp``);
* `oftp.connect` and `oftp.serve`: files over sockets, blocking; `oftp.asyncio` has the same names;
* `oftp.Session`: the protocol without any I/O, for your own event loop;
* `oftp.wire`: single commands, legal or not; `oftp.testing` makes peers of them.

`oftp.cms` secures files, `oftp.certificates` keeps keys. The tree of exceptions is in
`oftp.OftpError`'s module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._oftp import Session, __version__, quirk_names

if TYPE_CHECKING:
    from . import _events, _exceptions, _fields, _reasons, _values
    from ._events import *
    from ._exceptions import *
    from ._fields import *
    from ._reasons import *
    from ._values import *

    __all__ = ["Session", "__version__", "quirk_names"]
    __all__ += _events.__all__
    __all__ += _exceptions.__all__
    __all__ += _fields.__all__
    __all__ += _reasons.__all__
    __all__ += _values.__all__
else:
    # Making the classes takes most of an import's time, and the command needs none of them: all
    # are made as soon as one is asked for (PEP 562).

    #: Names of front-ends by their modules, which are imported one by one.
    _LAZY: dict[str, str] = {}

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name in _LAZY:
            value = globals()[name] = getattr(import_module(_LAZY[name], __name__), name)
            return value
        _make_the_rest()
        try:
            return globals()[name]
        except KeyError:
            text = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(text, name=name) from None

    def __dir__() -> list[str]:
        _make_the_rest()
        return sorted({*globals(), *_LAZY})

    def _make_the_rest() -> None:
        from importlib import import_module

        names = ["Session", "__version__", "quirk_names", *_LAZY]
        for name in ("_events", "_exceptions", "_fields", "_reasons", "_values"):
            module = import_module(f"{__name__}.{name}")
            names += module.__all__
            globals().update({name: getattr(module, name) for name in module.__all__})
        globals()["__all__"] = names
