r"""``.. c-header:: PATTERN ...``: the reference of the C library out of include/oftp.h.

The header is the manual; this turns its comments (``\param``, ``\return``, names in backticks) and
declarations into Sphinx's C domain, so that nothing is written twice. A page takes what its patterns
match in full, in the order of the header. ``.. c-header-overview::`` has the header's first comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

HEADER = Path(__file__).parents[2] / "include" / "oftp.h"

DECLARATION = re.compile(
    r"""
    (?:/\*\*?(?P<doc>(?:(?!\*/).)*)\*/\s*)?  # the comment above it
    (?:
      ^\#define\ (?P<macro>OFTP_\w+(?:\(\w+\))?)\ (?P<value>[^\n]*)
    | ^typedef\ (?P<kind>enum|struct)\ \{(?P<body>.*?)\n\}\ (?P<compound>\w+);
    | ^typedef\ struct\ (?P<opaque>\w+)\ (?P=opaque);
    | ^typedef\ (?P<type>[^{};]*);
    | ^(?P<function>[a-z][\w\ *]*\boftp_\w+\([^;{]*\));
    )""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
MEMBER = r"(?:/\*\*(?P<doc>(?:(?!\*/).)*)\*/\s*)?^\s*(?P<text>[A-Za-z][^/%s]*)%s$"
NAME = re.compile(r"\(\*(\w+)\)|(\w+)\s*(?:\[\w+\])?$")


@dataclass
class Item:
    """One declaration."""

    role: str  # of the C domain
    name: str
    text: str  # the declaration without its semicolon
    doc: str
    members: list[Item] = field(default_factory=list)


def uncommented(comment: str | None) -> str:
    """The text of a comment without its stars."""
    lines = [re.sub(r"^\s*\* ?", "", line) for line in (comment or "").splitlines()]
    return "\n".join(line.rstrip() for line in lines).strip()


def flat(text: str) -> str:
    """A declaration on one line."""
    return re.sub(r"\s+", " ", text).strip()


def members(body: str, role: str) -> list[Item]:
    """Members of a structure, or enumerators."""
    found = []
    end = "," if role == "enumerator" else ";"
    for match in re.finditer(MEMBER % (end, end), body, re.DOTALL | re.MULTILINE):
        text = flat(match["text"])
        one = NAME.search(text.split("=")[0].strip() if role == "enumerator" else text)
        assert one, text
        found.append(Item(role, one[1] or one[2], text, uncommented(match["doc"])))
    return found


def parse(text: str) -> list[Item]:
    """All declarations in the order of the header."""
    items: dict[str, Item] = {}
    for match in DECLARATION.finditer(text[text.index("#define OFTP_H") + len("#define OFTP_H") :]):
        doc = uncommented(match["doc"])
        if macro := match["macro"]:
            item = Item("macro", macro.partition("(")[0], macro, doc)
            if not doc and not macro.endswith("_INIT") and "(" not in macro:
                item.doc = f"``{match['value']}``"
        elif compound := match["compound"]:
            kind = match["kind"]
            role = "member" if kind == "struct" else "enumerator"
            item = Item(kind, compound, compound, doc, members(match["body"], role))
        elif opaque := match["opaque"]:
            item = Item("struct", opaque, opaque, doc)
        elif typedef := match["type"]:
            one = NAME.search(flat(typedef)) if "(*" in typedef else NAME.search(typedef)
            assert one, typedef
            item = Item("type", one[1] or one[2], flat(typedef), doc)
        else:
            declaration = flat(match["function"])
            name = re.search(r"\b(oftp_\w+)\(", declaration)
            assert name, declaration
            item = Item("function", name[1], declaration, doc)
        items.setdefault(item.name, item)
    return list(items.values())


class Writer:
    """Items as reStructuredText."""

    def __init__(self, items: list[Item]) -> None:
        self.roles: dict[str, tuple[str, str]] = {}  # what a name in backticks leads to
        owners: dict[str, list[str]] = {}
        for item in items:
            self.roles[item.name] = ({"function": "func"}.get(item.role, item.role), item.name)
            for member in item.members:
                owners.setdefault(member.name, []).append(item.name)
                if member.role == "enumerator":
                    self.roles[member.name] = ("enumerator", f"{item.name}.{member.name}")
        for name, structures in owners.items():
            if len(structures) == 1 and name not in self.roles:
                self.roles[name] = ("member", f"{structures[0]}.{name}")

    def inline(self, text: str, local: dict[str, str]) -> str:
        """Text of a comment; `local` are names that mean something else here."""

        def name(match: re.Match[str]) -> str:
            quoted, bare = match[1], match[2]
            word = quoted or bare
            if word in local and quoted:
                return local[word]
            if word in self.roles:
                role, target = self.roles[word]
                return f":c:{role}:`{word} <{target}>`"
            return f"``{word}``" if quoted else word

        # Outside backticks only names of the library are names.
        pieces = re.split(r"(`[^`]+`)", text)
        for index, piece in enumerate(pieces):
            if index % 2:
                pieces[index] = re.sub(r"`([^`]+)`()", name, piece)
            else:
                piece = re.sub(r"([*|\\])|(?<=\w)_(?!\w)", r"\\\g<0>", piece)
                pieces[index] = re.sub(r"()\b((?:oftp|OFTP)_\w+)(?:\(\))?", name, piece)
        return "".join(pieces)

    def body(self, item: Item, local: dict[str, str]) -> list[str]:
        """The description, with its parameters as a field list at its end."""
        paragraphs, fields = [], []
        for paragraph in item.doc.split("\n\n"):
            first, *tagged = re.split(r"^\\(?=param|return)", paragraph, flags=re.MULTILINE)
            if first.strip():
                paragraphs.append(self.inline(first.strip(), local))
            for tag in tagged:
                words = re.sub(r"^param (\w+)", r":param \1:", tag.strip())
                words = re.sub(r"^return", ":returns:", words)
                _, mark, text = re.split(r"(:[^:]+:)", words, maxsplit=1)
                fields.append(mark + self.inline(text, local).replace("\n", "\n   "))
        return [*"\n\n".join(paragraphs).splitlines(), "", *"\n".join(fields).splitlines(), ""]

    def item(self, item: Item, owner: dict[str, str] | None = None) -> list[str]:
        """One declaration with all that is in it."""
        out = [f".. c:{item.role}:: {item.text}", ""]
        local = {name: f"``{name}``" for name in re.findall(r"(\w+)\s*[,)]", item.text)}
        if item.role == "struct":
            local = {m.name: f":c:member:`{m.name} <{item.name}.{m.name}>`" for m in item.members}
        inner = self.body(item, (owner or {}) | local)
        for member in item.members:
            inner += self.item(member, local)
        return [*out, *(f"   {line}" if line else "" for line in inner), ""]


class CHeader(SphinxDirective):
    """``.. c-header:: PATTERN ...``"""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list:
        self.env.note_dependency(str(HEADER))
        items = parse(HEADER.read_text(encoding="utf-8"))
        writer = Writer(items)
        pattern = re.compile("|".join(self.arguments[0].split()))
        lines: list[str] = []
        for item in items:
            if pattern.fullmatch(item.name):
                lines += writer.item(item)
        if not lines:
            raise self.error(f"include/oftp.h has nothing like {self.arguments[0]}")
        return self.parse_text_to_nodes("\n".join(lines))


class Overview(SphinxDirective):
    """``.. c-header-overview::``"""

    def run(self) -> list:
        self.env.note_dependency(str(HEADER))
        text = HEADER.read_text(encoding="utf-8")
        writer = Writer(parse(text))
        out: list[str] = []
        for part in uncommented(text[: text.index("*/")].removeprefix("/*")).split("\n\n"):
            if heading := re.fullmatch(r"\d\. (.+)", part):
                out += [heading[1], "~" * len(heading[1])]
            elif part.startswith("  "):
                out += ["::", "", *(f" {line}" for line in part.splitlines())]
            else:
                out += writer.inline(part, {}).splitlines()
            out.append("")
        return self.parse_text_to_nodes("\n".join(out), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("c-header", CHeader)
    app.add_directive("c-header-overview", Overview)
    return {"parallel_read_safe": True}
