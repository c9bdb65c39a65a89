"""Single commands, legal or not: build one, change a field, cut it, look at it (RFC 5024 chapters
5, 7 and 8).

```python
from oftp import wire

offer = wire.Sfid(dsn="INVOICE", fsiz=3)
offer.fsiz  # 3
offer["SFIDFSIZ"]  # b"0000000000003"
offer.replace(fmt=b"X").check()  # WireError: SFID field SFIDFMT at octet 106 ...
print(offer.explain())
wire.frame(offer)  # with its Stream Transmission Header
```

`decode` reads as a session would and raises `oftp.WireError`; `parse` reads everything. The
layouts, values and meanings are those of the engine that runs the sessions: see `layout`.
"""

from __future__ import annotations

from ._command import Command
from ._commands import (
    Auch,
    Aurp,
    Cd,
    Cdt,
    Data,
    Eerp,
    Efid,
    Efna,
    Efpa,
    Esid,
    Nerp,
    Rtr,
    Secd,
    Sfid,
    Sfna,
    Sfpa,
    Ssid,
    Ssrm,
)
from ._contents import Value
from ._data import data_of, subrecords
from ._decode import decode, parse
from ._explanation import Explanation, Row
from ._layout import COMMANDS, Field, Layout, layout
from ._raw import Raw
from ._stream import Stream, frame, header

__all__ = [
    "Auch",
    "Aurp",
    "COMMANDS",
    "Cd",
    "Cdt",
    "Command",
    "Data",
    "Eerp",
    "Efid",
    "Efna",
    "Efpa",
    "Esid",
    "Explanation",
    "Field",
    "Layout",
    "Nerp",
    "Raw",
    "Row",
    "Rtr",
    "Secd",
    "Sfid",
    "Sfna",
    "Sfpa",
    "Ssid",
    "Ssrm",
    "Stream",
    "Value",
    "data_of",
    "decode",
    "frame",
    "header",
    "layout",
    "parse",
    "subrecords",
]
