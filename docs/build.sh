#!/bin/sh
# Builds the site into target/docs: `make docs`. Warnings are errors, and every block of the pages
# that shows a session is run. Needs cargo, python3 and Graphviz's `dot`; what Sphinx needs is
# installed into target/python/docs-venv. The reference of the Rust crates is taken from target/doc,
# where `make doc` puts it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
target=${CARGO_TARGET_DIR:-$root/target}
venv=$target/python/docs-venv
site=$target/docs

command -v dot >/dev/null || { echo "docs: dot is missing; install graphviz" >&2; exit 1; }
if ! cmp -s "$here/requirements.txt" "$venv/installed"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/installed"
fi
cd "$root/bindings/python"
if ! VIRTUAL_ENV=$venv "$venv/bin/maturin" develop --skip-install >"$venv/build.log" 2>&1; then
  cat "$venv/build.log" >&2
  exit 1
fi

cd "$here"
export PYTHONPATH="$root/bindings/python/python:$here/_ext" PATH="$venv/bin:$PATH"
export PYTHONDONTWRITEBYTECODE=1
python -m unittest discover -q -s tests 2>"$venv/build.log" || { cat "$venv/build.log" >&2; exit 1; }
python run_blocks.py
sphinx-build -q -W -n --keep-going -E -b doctest . "$site/doctest"
rm -rf "$site/html"
sphinx-build -q -W -n --keep-going -E . "$site/html"
if [ -d "$target/doc" ]; then
  rm -rf "$site/html/rust"
  cp -R "$target/doc" "$site/html/rust"
else
  echo "docs: no target/doc, so the links to the Rust crates lead nowhere; make doc" >&2
fi
echo "$site/html/index.html"
