"""``.. state-diagram:: 9.10 9.11``: the state tables of RFC 5024 chapter 9, drawn and printed.

Everything comes from tests/spec/state_tables.toml; the tests of the engine prove that this file and
the tables that the engine runs are the same. A table is drawn as a graph for Graphviz, and printed
below with the letters of the RFC. Every step is named as the trace names it: ``9.10 K SFPA``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TABLES = Path(__file__).parents[2] / "tests" / "spec" / "state_tables.toml"
# A letter in more columns than this is drawn once, from a node that stands for all of them.
MANY = 3
# Another condition goes on a line of its own, aligned to the left as Graphviz writes it.
OR = "\\l      or "


def load(path: Path = TABLES) -> dict:
    """The whole transcription."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def tables(spec: dict, sections: list[str]) -> list[dict]:
    """The tables of these sections."""
    known = {table["section"]: table for table in spec["table"]}
    return [known[section] for section in sections]


def steps(table: dict, states: set[str]) -> Iterator[tuple[str, str, str]]:
    """Where the table leads from where, and what the step is called."""
    section = table["section"]
    cells: dict[str, list[tuple[str, str]]] = {}
    for row in table["row"]:
        for column, letter in zip(table["columns"], row["cells"], strict=True):
            cells.setdefault(letter, []).append((column, row["event"]))
    for transition in table["transition"]:
        used = cells.get(transition["id"], [])
        columns = {column for column, _ in used}
        shared = len(columns) > MANY
        conditions: dict[str, list[str]] = {}
        for branch in transition["branch"]:
            conditions.setdefault(branch["next"], []).append(branch["when"])
        for target, when in conditions.items():
            if target not in states:  # a user error, or impossible: no step
                continue
            # Where every branch leads to the same state the predicates are of no interest here.
            condition = f" ({OR.join(when)})" if len(conditions) > 1 else ""
            for column, event in used:
                source = f"most states of {section}" if shared else column
                yield source, target, f"{section} {transition['id']} {event}{condition}"


def dot(spec: dict, sections: list[str]) -> str:
    """The tables as one graph."""
    sides = {state["name"]: state["side"] for state in spec["state"]}
    drawn = tables(spec, sections)
    inside = {column for table in drawn for column in table["columns"]}
    edges: dict[tuple[str, str], list[str]] = {}
    for table in drawn:
        for source, target, name in steps(table, set(sides)):
            names = edges.setdefault((source, target), [])
            if name not in names:
                names.append(name)
    lines = [
        "digraph {",
        '  graph [bgcolor="white", rankdir=TB, nodesep=0.35, ranksep=0.45, pad=0.2];',
        '  node [shape=box, style="rounded,filled", fillcolor="#eaf2fb", color="#3a6ea5",'
        ' fontname="sans-serif", fontsize=11, margin="0.12,0.05"];',
        '  edge [fontname="sans-serif", fontsize=9, color="#606060", arrowsize=0.7];',
    ]
    for node in sorted({end for edge in edges for end in edge}):
        if node not in sides:  # several states
            lines.append(f'  "{node}" [shape=plaintext, style="", fontcolor="#8a3b12"];')
        elif node not in inside:  # goes on in another table
            lines.append(f'  "{node}" [style="rounded,dashed", fillcolor="white"];')
        elif sides[node] == "stored":
            lines.append(f'  "{node}" [fillcolor="#f6f0dc", color="#9a7d1c"];')
    for (source, target), names in edges.items():
        label = "".join(f"{name}\\l" for name in names)
        style = "" if source in sides else ', style=dashed, color="#c08060", fontcolor="#8a3b12"'
        lines.append(f'  "{source}" -> "{target}" [label="{label}"{style}];')
    return "\n".join([*lines, "}"])


def list_table(title: str, header: list[str], rows: list[list[str]], stubs: int = 1) -> list[str]:
    """A table in reStructuredText; cells must not hold paragraphs."""
    out = [f".. list-table:: {title}", "   :header-rows: 1", f"   :stub-columns: {stubs}"]
    out += ["   :class: state-table", ""]
    for row in [header, *rows]:
        for index, cell in enumerate(row):
            # Cells are text of the page, no markup.
            quoted = "".join("\\" + c if c in "*`|_\\" else c for c in cell) or "\\ "
            out.append(f"   {'* -' if index == 0 else '  -'} {quoted}")
    return [*out, ""]


def printed(spec: dict, table: dict) -> list[str]:
    """A table as the RFC prints it, and what is mended in it."""
    section = table["section"]
    out = list_table(
        f"{section}: which transition an event takes in a state",
        ["", *table["columns"]],
        [[row["event"], *row["cells"]] for row in table["row"]],
    )
    transitions = [
        [
            transition["id"],
            branch["when"],
            ", ".join(map(str, branch["actions"])),
            ", ".join(branch["outputs"]),
            branch["next"],
        ]
        for transition in table["transition"]
        for branch in transition["branch"]
    ]
    header = ["", "Predicate", "Actions", "Output", "Next state"]
    out += list_table(f"{section}: transitions", header, transitions)
    words = [[f"P{key.removeprefix('P')}", text] for key, text in table["predicates"].items()]
    words += [[f"Action {key}", text] for key, text in table["actions"].items()]
    words += [[f"Note {key}", text] for key, text in table.get("notes", {}).items()]
    if words:
        out += list_table(f"{section}: predicates and actions", ["", "Meaning"], words)
    why = {entry["id"]: entry["problem"] for entry in spec["ambiguity"]}
    mended = [
        [entry["transition"], entry["printed"], entry["amended"], why[entry["why"]]]
        for entry in spec["amendment"]
        if entry["table"] == section
    ]
    if mended:
        header = ["", "Printed", "What the engine does", "Why"]
        out += list_table(f"{section}: what the engine mends", header, mended)
    return out


class StateDiagram(SphinxDirective):
    """``.. state-diagram:: SECTION ...``"""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list:
        self.env.note_dependency(str(TABLES))
        spec = load()
        sections = self.arguments[0].split()
        titles = " and ".join(table["title"] for table in tables(spec, sections))
        text = [".. graphviz::", f"   :alt: {titles}", ""]
        text += [f"   {line}" for line in dot(spec, sections).splitlines()]
        text.append("")
        for table in tables(spec, sections):
            text += printed(spec, table)
        return self.parse_text_to_nodes("\n".join(text))


class StateList(SphinxDirective):
    """``.. state-list::``: every state and what it means."""

    def run(self) -> list:
        self.env.note_dependency(str(TABLES))
        states = sorted(load()["state"], key=lambda state: state["name"])
        rows = [[state["name"], state["side"], state["meaning"]] for state in states]
        text = list_table("The states", ["State", "Side", "Meaning"], rows)
        return self.parse_text_to_nodes("\n".join(text))


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("sphinx.ext.graphviz")
    app.add_directive("state-diagram", StateDiagram)
    app.add_directive("state-list", StateList)
    return {"parallel_read_safe": True}
