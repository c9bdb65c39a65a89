"""`help()` says what the stub says."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from oftp import _oftp

STUB = Path(__file__).resolve().parents[1] / "python" / "oftp" / "_oftp.pyi"


def documented() -> list[tuple[str, str]]:
    texts = []
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            texts.append((node.name, ast.get_docstring(node)))
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    texts.append((f"{node.name}.{member.name}", ast.get_docstring(member)))
    return [(name, text) for name, text in texts if text]


def test_there_is_something_to_compare() -> None:
    assert len(documented()) > 100


@pytest.mark.parametrize(("name", "text"), documented())
def test_help_says_what_the_stub_says(name: str, text: str) -> None:
    value: object = _oftp
    for part in name.split("."):
        value = getattr(value, part)
    assert inspect.getdoc(value) == text, "run bindings/python/docstrings.py"
