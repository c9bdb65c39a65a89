#!/usr/bin/env python3
"""Writes the documentation of the stub, `python/oftp/_oftp.pyi`, into the Rust sources of the
extension, where `help()` finds it. The stub is the one that is edited; a test compares both."""

import ast
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
STUB = HERE / "python" / "oftp" / "_oftp.pyi"
SOURCES = HERE / "src"

ITEM = re.compile(r"(\s*)(?:pub(?:\(crate\))? )?(fn|struct) (\w+)")


def main():
    wanted = documented()
    written = set()
    for path in sorted(SOURCES.rglob("*.rs")):
        before = path.read_text()
        after, found = rewritten(before.splitlines(), wanted)
        written |= found
        if after != before:
            path.write_text(after)
            print(path.relative_to(HERE))
    missing = sorted(set(wanted) - written)
    if missing:
        sys.exit(f"documented in the stub, and not found in the sources: {', '.join(missing)}")


def documented():
    """What the stub documents: text by name, methods as in ``Session.tick``."""
    texts = {}
    for node in ast.parse(STUB.read_text()).body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef):
            continue
        texts[node.name] = ast.get_docstring(node)
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    texts[f"{node.name}.{member.name}"] = ast.get_docstring(member)
    return {name: text for name, text in texts.items() if text}


def rewritten(lines, wanted):
    """A source with the documentation of its items put before their attributes."""
    out, found = [], set()
    before = []  # Comments and attributes that belong to the next item.
    owner = None  # The class whose methods follow.
    exported = False
    for line in lines:
        text = line.strip()
        if text == "#[pymethods]":
            exported = True
        elif exported and (match := re.match(r"impl (\w+) \{", line)):
            owner = match[1]
        elif line == "}":
            owner, exported = None, False
        if text.startswith(("///", "#[")) or (before and unfinished(before)):
            before.append(line)
            continue
        if match := ITEM.match(line):
            name = item_name(match, owner, " ".join(before))
            if name in wanted:
                found.add(name)
                before = [one for one in before if not one.strip().startswith("///")]
                comment = [f"{match[1]}/// {one}".rstrip() for one in wanted[name].splitlines()]
                before = comment + before
        out += [*before, line]
        before = []
    return "\n".join([*out, *before]) + "\n", found


def unfinished(before):
    """Whether the last attribute goes over several lines."""
    attributes = " ".join(line for line in before if not line.strip().startswith("///"))
    return attributes.count("[") > attributes.count("]")


def item_name(match, owner, attributes):
    if match[2] == "struct":
        return match[3] if "#[pyclass" in attributes else None
    if owner is not None:
        return f"{owner}.{match[3]}"
    return match[3] if "#[pyfunction" in attributes else None


if __name__ == "__main__":
    main()
