"""Sphinx's configuration: `make docs`."""

import sys
import tomllib
from pathlib import Path

docs = Path(__file__).parent
sys.path[:0] = [str(docs / "_ext"), str(docs.parent / "bindings" / "python" / "python")]

project = "oftp"
author = "the oftp authors"
project_copyright = "the oftp authors, MIT or Apache-2.0"
workspace = tomllib.loads((docs.parent / "Cargo.toml").read_text(encoding="utf-8"))
version = release = workspace["workspace"]["package"]["version"]

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "c_header",
    "python_names",
    "state_diagrams",
]
exclude_patterns = ["README.md"]
nitpicky = True
default_role = "py:obj"

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_type_aliases = {"Event": "Event"}
autodoc_default_options = {"members": True}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
c_maximum_signature_line_length = 88

# Types of C itself and of Python's library are documented elsewhere; nothing is fetched.
nitpick_ignore_regex = [
    ("c:identifier", r"u?int\d+_t|size_t|ptrdiff_t"),
    ("py:(class|exc|data|obj)", r"(?!oftp\b).*"),
]

graphviz_output_format = "svg"

html_theme = "furo"
html_title = "oftp"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}

trim_doctest_flags = True
# What servers log is not part of an example.
doctest_global_setup = "import logging; logging.getLogger('oftp').addHandler(logging.NullHandler())"
