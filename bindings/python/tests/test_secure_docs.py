"""The pages about secured files and certificates: every block of them is run."""

from __future__ import annotations

import doctest
import tempfile
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "docs" / "howto"


@pytest.mark.parametrize("page", ["certificates", "secure-files"])
def test_every_block_gives_what_it_says(
    page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = doctest.testfile(
        str(FOLDER / f"{page}.rst"),
        module_relative=False,
        optionflags=doctest.ELLIPSIS,
        encoding="utf-8",
    )
    assert found.attempted > 20 and found.failed == 0
