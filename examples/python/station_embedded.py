"""A station within a program: queues files, and does something with each file that comes.

    oftp init station --id O0177ALPHA        # once; then write partners into station/oftp.toml
    python station_embedded.py station --to beta invoice.edi

How far its history was read lies in FOLDER/read, so that no file is passed over, whatever happens:
one that came while this program was down, too. Ctrl-C ends it; what was cut goes on the next time.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import oftp


def work(station: oftp.Station, event: oftp.StationEvent) -> None:
    """What is to be done about a line of the history; done twice it must do no harm."""
    if event.kind == "file_delivered" and event.file is not None:
        file = station.file(event.file)
        print(f"{file.dsn} of {file.partner} lies in {file.path}", flush=True)
    elif event.kind == "file_done" and event.file is not None:
        print(f"{station.file(event.file).name} has arrived at {event.partner}", flush=True)
    elif event.kind in ("file_failed", "file_rejected", "partner_trouble", "alarm"):
        print(f"look at this: {event.kind} {event.partner} {dict(event.detail)}", flush=True)


def main() -> None:
    """Runs the station."""
    parser = argparse.ArgumentParser(description="A station within a program.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", nargs="*", type=Path, help="are queued")
    parser.add_argument("--to", metavar="PARTNER", help="for whom, by its name in oftp.toml")
    options = parser.parse_args()
    place: Path = options.folder / "read"
    with oftp.Station(options.folder) as station:
        for host, port in station.addresses:
            print(f"listening on {host}:{port}", flush=True)
        for path in options.files:
            station.submit(options.to, path)
        for event in station.events(after=int(place.read_text()) if place.exists() else 0):
            work(station, event)
            place.write_text(str(event.id))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
