"""What is generated has all that its source has. `make docs` runs these."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path

DOCS = Path(__file__).parents[1]
sys.path.insert(0, str(DOCS / "_ext"))

import c_header  # noqa: E402
import state_diagrams  # noqa: E402


def arguments(pages: str, directive: str) -> list[str]:
    """What the directive is given on these pages."""
    found = []
    for page in sorted(DOCS.glob(pages)):
        text = page.read_text(encoding="utf-8")
        found += re.findall(rf"^\.\. {directive}:: (.*(?:\n   \S.*)*)", text, re.MULTILINE)
    return found


class StateDiagrams(unittest.TestCase):
    def setUp(self) -> None:
        self.spec = state_diagrams.load()
        self.drawn = [given.split() for given in arguments("primer/*.rst", "state-diagram")]

    def test_the_primer_draws_every_table_once(self) -> None:
        sections = sorted(section for drawing in self.drawn for section in drawing)
        self.assertEqual(sections, sorted(table["section"] for table in self.spec["table"]))

    def test_every_row_of_the_tables_is_in_a_drawing(self) -> None:
        for drawing in self.drawn:
            dot = state_diagrams.dot(self.spec, drawing)
            for table in state_diagrams.tables(self.spec, drawing):
                for row in table["row"]:
                    with self.subTest(section=table["section"], event=row["event"]):
                        step = rf"{table['section']} \w+ {re.escape(row['event'])}(?: \(|\\l)"
                        self.assertRegex(dot, step)

    def test_every_transition_that_leads_to_a_state_is_in_a_drawing(self) -> None:
        states = {state["name"] for state in self.spec["state"]}
        for drawing in self.drawn:
            edges = re.findall(r'-> "(\w+)" \[label="([^"]*)"', state_diagrams.dot(self.spec, drawing))
            for table in state_diagrams.tables(self.spec, drawing):
                for transition in table["transition"]:
                    for target in {branch["next"] for branch in transition["branch"]} & states:
                        name = f"{table['section']} {transition['id']} "
                        with self.subTest(name=name, target=target):
                            self.assertTrue(any(e[0] == target and name in e[1] for e in edges))

    def test_letters_are_printed_as_they_are(self) -> None:
        for table in self.spec["table"]:
            text = "\n".join(state_diagrams.printed(self.spec, table))
            for row in table["row"]:
                event = row["event"].replace("_", "\\_")
                cells = "".join(f"     - {letter}\n" for letter in row["cells"])
                with self.subTest(section=table["section"], event=row["event"]):
                    self.assertIn(f"   * - {event}\n{cells}", text + "\n")


class CHeader(unittest.TestCase):
    def setUp(self) -> None:
        self.text = c_header.HEADER.read_text(encoding="utf-8")
        self.items = c_header.parse(self.text)

    def test_the_pages_have_every_declaration_once(self) -> None:
        patterns = [given.split() for given in arguments("reference/c/*.rst", "c-header")]
        for item in self.items:
            with self.subTest(item=item.name):
                pages = [p for p in patterns if re.fullmatch("|".join(p), item.name)]
                self.assertEqual(len(pages), 1)

    def test_every_name_of_the_header_is_a_declaration(self) -> None:
        known = {item.name for item in self.items}
        known |= {member.name for item in self.items for member in item.members}
        code = re.sub(r"/\*.*?\*/", "", self.text, flags=re.DOTALL)
        names = set(re.findall(r"\b(?:oftp|OFTP)_\w+", code)) - {"OFTP_H", "oftp_init"}
        self.assertEqual(names - known, set())

    def test_every_comment_reaches_a_page(self) -> None:
        comments = len(re.findall(r"/\*\*", self.text))
        documented = [item for item in self.items if item.doc]
        members = [member for item in self.items for member in item.members if member.doc]
        values = sum(item.name.startswith("OFTP_VERSION_") for item in self.items)
        self.assertEqual(len(documented) + len(members), comments + values)

    def test_parameters_become_fields_with_their_links(self) -> None:
        item = next(item for item in self.items if item.name == "oftp_tick")
        text = "\n".join(c_header.Writer(self.items).item(item))
        self.assertIn(":param session:", text)
        self.assertIn(":returns: :c:enumerator:`OFTP_OK <oftp_code.OFTP_OK>`", text)


if __name__ == "__main__":
    unittest.main()
