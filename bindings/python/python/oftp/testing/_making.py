"""SSIDs and DATA as a good partner makes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oftp import wire

__all__ = ["buffers", "ssid"]


def ssid(
    offer: wire.Command | None,
    code: str,
    password: str,
    level: int,
    fields: dict[str, wire.Value],
) -> wire.Command:
    """An offer, or the answer to one."""
    values: dict[str, wire.Value] = {
        "lev": level, "code": code, "pswd": password, "sdeb": 2048, "sr": "B", "cmpr": "N",
        "rest": "N", "spec": "N", "cred": 7,
    }  # fmt: skip
    if offer is not None:
        for field in ("lev", "sdeb", "cred"):
            offered = offer[f"SSID{field.upper()}"]
            if offered.isdigit():
                values[field] = min(int(offered), int(values[field]))
        values["sr"] = {b"S": "R", b"R": "S"}.get(offer["SSIDSR"], "B")
    return wire.Ssid(**values | fields)


def buffers(records: Sequence[bytes], size: int) -> Iterator[tuple[bytes, list[int]]]:
    """Data and its ends, for one DATA each: of every 64 octets one is a header."""
    room = max((size - 1) * 63 // 64 - 1, 1)
    for record in records:
        for at in range(0, max(len(record), 1), room):
            piece = record[at : at + room]
            yield piece, [len(piece)] if at + room >= len(record) else []
