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

[ -d "$target/doc" ] || { echo "docs: $target/doc is missing; make doc" >&2; exit 1; }
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

# The command of the package, without installing it.
printf '#!/bin/sh\nexec python -m oftp "$@"\n' >"$venv/bin/oftp"
chmod +x "$venv/bin/oftp"

cd "$here"
export PYTHONPATH="$root/bindings/python/python:$here/_ext" PATH="$venv/bin:$PATH"
export PYTHONDONTWRITEBYTECODE=1
python -m unittest discover -q -s tests 2>"$venv/build.log" || { cat "$venv/build.log" >&2; exit 1; }
python run_blocks.py
rm -rf "$site"
mkdir -p "$site/scratch"
# What examples write without naming a folder goes to where they are run.
(cd "$site/scratch" && sphinx-build -q -W -n --keep-going -E -b doctest "$here" "$site/doctest")
sphinx-build -q -W -n --keep-going -E . "$site/html"
cp -R "$target/doc" "$site/html/rust"
python check_site.py "$site/html"
echo "$site/html/index.html"
