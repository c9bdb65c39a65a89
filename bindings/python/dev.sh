#!/bin/sh
# Builds the extension for the virtual environment of this checkout, target/python/venv, without
# optimisation, and runs what it is given there: `bindings/python/dev.sh pytest -q`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${CARGO_TARGET_DIR:-$here/../../target}/python/venv
if [ ! -x "$venv/bin/maturin" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q -r "$here/requirements-test.txt"
fi
(cd "$here" && VIRTUAL_ENV=$venv "$venv/bin/maturin" develop --quiet --skip-install 2>&1 | grep -v '^warning' || true)
cd "$here"
PYTHONPATH="$here/python" PATH="$venv/bin:$PATH" exec "$@"
