"""The pages of the station list what the source has."""

from __future__ import annotations

import re
import unittest
from pathlib import Path

DOCS = Path(__file__).parent.parent
SOURCE = (DOCS.parent / "oftp-station/src/station/journal/event.rs").read_text(encoding="utf-8")


class Events(unittest.TestCase):
    """reference/events.rst"""

    def test_each_kind_is_on_the_page_and_alarms_are_marked(self) -> None:
        kinds = dict(re.findall(r'^    (\w+) = "(\w+)",$', SOURCE, re.MULTILINE))
        alarms = re.search(r"fn is_alarm.*?matches!\((.*?)\)", SOURCE, re.DOTALL)
        assert kinds and alarms
        marked = {kinds[name] for name in re.findall(r"Self::(\w+)", alarms[1])}
        page = (DOCS / "reference/events.rst").read_text(encoding="utf-8")
        rows = re.findall(r"^   \* - ``(\w+)``(, \*alarm\*)?$", page, re.MULTILINE)
        self.assertEqual(sorted(kinds.values()), sorted(name for name, _ in rows))
        self.assertEqual(marked, {name for name, mark in rows if mark})

    def test_the_hook_that_tells_people_has_all_alarms(self) -> None:
        kinds = dict(re.findall(r'^    (\w+) = "(\w+)",$', SOURCE, re.MULTILINE))
        alarms = re.search(r"fn is_alarm.*?matches!\((.*?)\)", SOURCE, re.DOTALL)
        page = (DOCS / "howto/run-a-station.rst").read_text(encoding="utf-8")
        hook = re.search(r"events = \[(.*?)\]", page, re.DOTALL)
        assert kinds and alarms and hook
        told = set(re.findall(r'"(\w+)"', hook[1]))
        self.assertEqual({kinds[name] for name in re.findall(r"Self::(\w+)", alarms[1])}, told)


if __name__ == "__main__":
    unittest.main()
