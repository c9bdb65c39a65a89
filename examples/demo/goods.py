"""The files that are exchanged. They are generated from a seed, so that every run has the same."""

import random


def call_off(number, lines):
    """An EDIFACT delivery call-off: text, every line ends with CR LF."""
    segments = [
        "UNA:+.? '",
        f"UNB+UNOA:2+ALPHA-MOTORS:OD+BETA-PARTS:OD+260131:1204+{number:014}'",
        "UNH+1+DELFOR:D:96A:UN:A05051'",
        f"BGM+241+CALLOFF{number}+9'",
        "DTM+137:20260131:102'",
    ]
    for line in range(1, lines + 1):
        segments.append(f"LIN+{line}++{48_000_000 + 37 * line}:IN'")
        segments.append(f"QTY+113:{120 * (line % 7 + 1)}:PCE'")
        segments.append(f"DTM+2:202602{line % 28 + 1:02}:102'")
    return edifact(segments, number)


def invoice(number, lines):
    """An EDIFACT invoice."""
    segments = [
        "UNA:+.? '",
        f"UNB+UNOA:2+BETA-PARTS:OD+ALPHA-MOTORS:OD+260201:0815+{number:014}'",
        "UNH+1+INVOIC:D:96A:UN'",
        f"BGM+380+INVOICE{number}+9'",
    ]
    for line in range(1, lines + 1):
        segments.append(f"LIN+{line}++{48_000_000 + 37 * line}:IN'")
        segments.append(f"MOA+203:{1490 * (line % 9 + 1) / 100:.2f}:EUR'")
    return edifact(segments, number)


def edifact(segments, number):
    segments.append(f"UNT+{len(segments) - 1}+1'")
    segments.append(f"UNZ+1+{number:014}'")
    return "".join(segment + "\r\n" for segment in segments).encode("ascii")


def drawing(seed, octets):
    """A binary drawing: pseudo-random octets with runs of blanks, as CAD systems write them."""
    chance = random.Random(seed)
    parts, length = [], 0
    while length < octets:
        dense, blank = chance.randrange(64, 4096), chance.randrange(64, 8192)
        parts.append(chance.getrandbits(8 * dense).to_bytes(dense, "big"))
        parts.append(b" " * blank)
        length += dense + blank
    return b"".join(parts)[:octets]


def records(seed, count):
    """Records of various lengths and any content, as `--records length16` has them in local files:
    each follows its length in 2 octets, most significant first. Every tenth is empty."""
    chance = random.Random(seed)
    parts = []
    for number in range(count):
        length = 0 if number % 10 == 9 else chance.randrange(1, 400)
        content = chance.getrandbits(8 * length + 1).to_bytes(length + 1, "big")[1:]
        parts.append(length.to_bytes(2, "big") + content)
    return b"".join(parts)
