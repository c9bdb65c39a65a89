"""The Python package as its users see it: documentation of compiled classes out of the stub, and
public names for what is written in private modules.

``.. public-names:: MODULE`` documents what the module has in ``__all__``; ``:of:`` limits that to
what is written in these private modules, ``:but:`` to what is not. ``.. public-modules::`` has a section
for every other public module. What two modules export is documented with the first.

Compiled classes carry no documentation; their stub, ``_oftp.pyi``, does, and type checkers show it.
So autodoc gets the classes of the stub in their place.
"""

from __future__ import annotations

import __future__ as future
import enum
import importlib
import inspect
import pkgutil
import re
import sys
import types
from pathlib import Path

import oftp
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

# `oftp._values.Role` is public as `oftp.Role`.
PRIVATE = re.compile(r"(?<=\.)_\w+\.")


def stub() -> types.ModuleType:
    """The stub, run as if it were a module. Its own name and loader let autodoc read its source,
    for the order of members."""
    path = Path(oftp.__file__).with_name("_oftp.pyi")
    typeshed = types.ModuleType("_typeshed")
    typeshed.__getattr__ = lambda name: name  # type: ignore[method-assign]
    sys.modules["_typeshed"] = typeshed
    source = path.read_text(encoding="utf-8")
    module = types.ModuleType("oftp._stub")
    loader = types.SimpleNamespace(get_source=lambda name: source)
    module.__dict__.update(__file__=str(path), __package__="oftp", __loader__=loader)
    sys.modules[module.__name__] = module
    exec(compile(source, path, "exec", future.annotations.compiler_flag), module.__dict__)
    return module


def modules() -> list[types.ModuleType]:
    """The modules of the package that are public."""
    found = [oftp]
    for info in pkgutil.walk_packages(oftp.__path__, "oftp."):
        if not any(part.startswith("_") for part in info.name.split(".")):
            found.append(importlib.import_module(info.name))
    return sorted(found, key=lambda module: module.__name__.count("."))


def public(module: types.ModuleType) -> dict[str, object]:
    """What a module exports, but for what an earlier one does."""
    earlier: set[int] = set()
    for other in modules():
        exported = {
            name: getattr(other, name)
            for name in getattr(other, "__all__", ())
            if not name.startswith("__") and not inspect.ismodule(getattr(other, name))
        }
        if other is module:
            return {name: value for name, value in exported.items() if id(value) not in earlier}
        earlier |= {id(value) for value in exported.values()}
    return {}


def use_stub(app: Sphinx) -> None:
    """Puts what the stub declares where the package has compiled objects: not where examples are to
    be run."""
    if app.builder.name == "doctest":
        return
    compiled, declared = importlib.import_module("oftp._oftp"), stub()
    for module in modules():
        for name in getattr(module, "__all__", ()):
            value = getattr(module, name)  # some are imported only when they are asked for
            other = next((n for n, v in vars(compiled).items() if v is value and callable(v)), None)
            if other is not None and hasattr(declared, other):
                setattr(module, name, getattr(declared, other))


class PublicNames(SphinxDirective):
    """``.. public-names:: MODULE``"""

    required_arguments = 1
    option_spec = {"of": directives.unchanged_required, "but": directives.unchanged_required}

    def run(self) -> list:
        module = importlib.import_module(self.arguments[0])
        self.env.note_dependency(str(module.__file__))
        listed = set(self.options.get("of", self.options.get("but", "")).split())
        lines: list[str] = []
        for name, value in public(module).items():
            home = getattr(value, "__module__", "").rpartition(".")[2]
            if self.options and (home in listed) != ("of" in self.options):
                continue
            lines += [f".. {directive(value)}:: {module.__name__}.{name}"]
            if inspect.isclass(value) and issubclass(value, BaseException):
                lines += ["   :show-inheritance:"]
            if isinstance(value, enum.EnumType):
                lines += ["   :undoc-members:"]
            if has_private_base(value):
                lines += ["   :inherited-members:"]
            lines += [""]
        if not lines:
            raise self.error(f"{module.__name__} has none of these")
        return self.parse_text_to_nodes("\n".join(lines))


class PublicModules(SphinxDirective):
    """``.. public-modules::``"""

    def run(self) -> list:
        lines: list[str] = []
        for module in modules()[1:]:
            self.env.note_dependency(str(module.__file__))
            lines += [module.__name__, "-" * len(module.__name__), ""]
            lines += [f".. automodule:: {module.__name__}", "   :no-members:", ""]
            lines += [f".. public-names:: {module.__name__}", ""] if public(module) else []
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def has_private_base(value: object) -> bool:
    """Whether a class of the package has members from one that is not public."""
    exported = {id(known) for module in modules() for known in public(module).values()}
    bases = value.__mro__[1:] if inspect.isclass(value) else ()
    return any(b.__module__.startswith("oftp.") and id(b) not in exported for b in bases)


def directive(value: object) -> str:
    """The directive of autodoc for an object."""
    if inspect.isclass(value):
        return "autoexception" if issubclass(value, BaseException) else "autoclass"
    return "autofunction" if callable(value) and not inspect.isclass(value) else "autodata"


def fences(_app: Sphinx, _what: str, _name: str, _of: object, _with: object, lines: list) -> None:
    """Blocks between ``` in docstrings, which are Markdown's, as blocks of reStructuredText."""
    inside, out = False, []
    for line in lines:
        if match := re.fullmatch(r"(\s*)```(\w*)", line):
            inside = not inside
            out += [f"{match[1]}.. code-block:: {match[2] or 'text'}"] if inside else []
            out.append("")
        else:
            out.append(f"   {line}" if inside and line else line)
    lines[:] = out


def find(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.TextElement
) -> nodes.Element | None:
    """A reference that is not found as it is written: by its public name, or within the modules.
    What is in backticks and names nothing that is documented is code; so is a private type."""
    if node.get("refdomain") != "py":
        return None
    target = PRIVATE.sub("", node["reftarget"])
    python = env.domains["py"]
    owners = {node.get("py:module"), *(module.__name__ for module in modules())}
    for name in [target, *(f"{owner}.{target}" for owner in owners if owner)]:
        if name in python.objects:
            node["reftarget"], node["refspecific"] = name, False
            builder = app.builder
            return python.resolve_xref(env, node["refdoc"], builder, "obj", name, node, shown)
    return shown if node["reftype"] == "obj" or target != node["reftarget"] else None


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", use_stub)
    app.add_directive("public-modules", PublicModules)
    app.add_directive("public-names", PublicNames)
    app.connect("autodoc-process-docstring", fences)
    app.connect("missing-reference", find)
    return {"parallel_read_safe": True}
