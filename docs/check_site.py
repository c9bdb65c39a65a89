#!/usr/bin/env python3
"""Whether every link within the built site leads somewhere, and nothing is fetched from elsewhere.

    docs/check_site.py FOLDER
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser loads by itself, by element and attribute.
LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("object", "data"), ("iframe", "src")}


class Links(HTMLParser):
    """The links and anchors of a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: list[tuple[str, str, str]] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "data") and value:
                self.links.append((tag, name, value))
            elif name == "id" and value:
                self.anchors.add(value)


def check(site: Path) -> list[str]:
    """What is wrong with the pages; those of rustdoc are its own matter."""
    pages = {
        page.resolve(): Links(page)
        for page in sorted(site.glob("**/*.html"))
        if page.relative_to(site).parts[0] != "rust"
    }
    faults = []
    for page, found in pages.items():
        for tag, name, value in found.links:
            parts = urlsplit(value)
            if parts.scheme or parts.netloc:
                if (tag, name) in LOADED:
                    faults.append(f"{page}: fetches {value}")
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not target.is_file():
                faults.append(f"{page}: {value} leads nowhere")
            elif parts.fragment and target in pages:
                if unquote(parts.fragment) not in pages[target].anchors:
                    faults.append(f"{page}: {value} has no such place")
    return faults


def main() -> int:
    faults = check(Path(sys.argv[1]))
    for fault in faults:
        print(fault, file=sys.stderr)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
