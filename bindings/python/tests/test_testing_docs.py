"""What the documentation shows of `oftp.testing` is run."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command import binary

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "howto" / "test-a-partner.rst"
EXAMPLE = ROOT / "examples" / "python" / "hostile_peer" / "test_hostile_peer.py"


def test_the_page_is_right(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    result = doctest.testfile(str(PAGE), module_relative=False, optionflags=flags)
    assert result.attempted > 25 and result.failed == 0


def test_the_example_is_short_and_right(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 90
    plugins = pytestconfig.pluginmanager
    name = plugins.get_name(plugins.get_plugin("oftp.testing.plugin"))
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE),
         *(["-p", "oftp.testing.plugin"] if name == "oftp.testing.plugin" else [])],
        env=os.environ | {"OFTP_BIN": binary(), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "7 passed" in run.stdout
