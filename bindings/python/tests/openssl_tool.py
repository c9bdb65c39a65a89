"""The command openssl, another implementation of CMS and X.509."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def openssl() -> str:
    """Where the command is. OFTP_TOOLS=required makes its absence a failure."""
    found = shutil.which("openssl")
    if found is None:
        assert os.environ.get("OFTP_TOOLS") != "required", "openssl is not here"
        pytest.skip("openssl is not here")
    return found


def run(command: str, *arguments: str, folder: Path) -> bytes:
    """What the command prints."""
    done = subprocess.run([command, *arguments], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
