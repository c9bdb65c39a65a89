"""A harness to test OFTP systems with: any partner, good or hostile, in ten lines.

With pytest, whose plugin this is, three fixtures:

* `oftp_peer` makes scripted peers on loopback (`Peers`, `Peer`), in either role: they say single
  commands of `oftp.wire`, expect others within a time, or play whole scenes;
* `oftp_pair` is two `oftp.Session` with a network in memory and a virtual clock (`Pair`);
* `oftp_pki` makes throw-away keys and certificates, good and bad.

```python
def test_a_cut_in_the_middle(oftp_peer):
    def hostile(peer):
        peer.start_session(password="SECRET")
        peer.expect("SFID", dsn="INVOICE")
        peer.send(wire.Sfpa())
        peer.close("reset")

    with oftp_peer.script(hostile) as peer:
        assert my_system.send("invoice.edi", to=peer.address) == "queued again"
```

Faults (`Drop`, `Delay`, `Repeat`, `Replace`, `Alter`, `Header`, `Insert`, `Corrupt`, `Split`,
`Cut`) spoil what a peer or a session sends. `record` writes down what passes between two stations,
`replay` plays one side of it. `oftp.testing.vectors` has golden vectors.

What was expected and did not come is `ExpectationFailed`. It, and pytest's report of any failure,
has the transcript: what was said, in the RFC's names.

Nothing here needs pytest but `oftp.testing.plugin`.
"""

from __future__ import annotations

from ._faults import (
    Alter,
    Close,
    Corrupt,
    Cut,
    Delay,
    Drop,
    Fault,
    Header,
    How,
    Insert,
    Octets,
    Pause,
    Repeat,
    Replace,
    Split,
    Step,
)
from ._pair import Pair
from ._endpoint import ConnectionCut
from ._peers import Peers, Script
from ._record import Recorder, record
from ._recording import Piece, Recording, Side
from ._replay import VOLATILE, replay
from ._scenes import Peer
from ._transcript import ExpectationFailed, Transcript

__all__ = [
    "VOLATILE",
    "Alter",
    "Close",
    "ConnectionCut",
    "Corrupt",
    "Cut",
    "Delay",
    "Drop",
    "ExpectationFailed",
    "Fault",
    "Header",
    "How",
    "Insert",
    "Octets",
    "Pair",
    "Pause",
    "Peer",
    "Peers",
    "Piece",
    "Recorder",
    "Recording",
    "Repeat",
    "Replace",
    "Script",
    "Side",
    "Split",
    "Step",
    "Transcript",
    "record",
    "replay",
]
