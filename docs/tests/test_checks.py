"""What checks the pages finds what is wrong with them. `make docs` runs these."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import check_site  # noqa: E402
import run_blocks  # noqa: E402

PAGE = """
.. code-block:: console

   $ echo one two three
   one ... three
   $ printf 'a\\nb\\nc\\n'
   a
   ...
   c
   $ for i in 1 2
   > do echo $i; done
   1
   2

Text between the blocks, which share a folder and variables.

   .. code-block:: console

      $ X=kept
      $ test -f two_sessions.py && echo $X
      {shown}
      $ {last}

.. code-block:: sh

   $ this is not run
"""


class RunBlocks(unittest.TestCase):
    def faults(self, shown: str, last: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.rst"
            page.write_text(PAGE.format(shown=shown, last=last), encoding="utf-8")
            return run_blocks.run(page)

    def test_a_page_that_is_right(self) -> None:
        self.assertEqual(self.faults("kept", "true"), [])

    def test_another_output_than_shown(self) -> None:
        [fault] = self.faults("lost", "true")
        self.assertIn("page.rst:20: test -f", fault)
        self.assertIn("shows\nlost\nbut prints\nkept", fault)

    def test_a_command_that_fails_or_ends_the_shell(self) -> None:
        [fault] = self.faults("kept", "echo why; false")
        self.assertIn("ended with 1\nwhy", fault)
        [fault] = self.faults("kept", "exit 0")
        self.assertIn("was not run", fault)

    def test_what_is_left_running_is_ended(self) -> None:
        self.assertEqual(self.faults("kept", "sleep 1000 &"), [])


class CheckSite(unittest.TestCase):
    def faults(self, body: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            site = Path(folder)
            (site / "rust").mkdir()
            (site / "rust" / "index.html").write_text('<a href="missing.html">', encoding="utf-8")
            (site / "other.html").write_text('<p id="here">', encoding="utf-8")
            (site / "index.html").write_text(body, encoding="utf-8")
            return [fault.partition(": ")[2] for fault in check_site.check(site)]

    def test_links_that_lead_somewhere(self) -> None:
        body = '<a href="other.html#here"><a href="rust/index.html"><a href="https://rfc-editor.org">'
        self.assertEqual(self.faults(body), [])

    def test_links_that_do_not(self) -> None:
        faults = self.faults('<a href="gone.html"><a href="other.html#gone">')
        self.assertEqual(
            faults, ["gone.html leads nowhere", "other.html#gone has no such place"]
        )

    def test_what_is_fetched_from_elsewhere(self) -> None:
        faults = self.faults('<link rel="stylesheet" href="https://cdn.example/x.css">')
        self.assertEqual(faults, ["fetches https://cdn.example/x.css"])


if __name__ == "__main__":
    unittest.main()
