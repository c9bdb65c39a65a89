"""What is installed: the wheel, its names, and what an import costs. The wheel is in OFTP_WHEEL;
`run_tests.py` builds it."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

import oftp

HERE = Path(__file__).resolve().parent.parent
WHEEL = os.environ.get("OFTP_WHEEL")
needs_wheel = pytest.mark.skipif(WHEEL is None, reason="no OFTP_WHEEL")

def interpreter(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", code], capture_output=True, text=True, timeout=60
    )


def contents() -> list[str]:
    assert WHEEL is not None
    with zipfile.ZipFile(WHEEL) as wheel:
        return wheel.namelist()


@needs_wheel
def test_one_wheel_is_for_every_cpython_from_3_11_on() -> None:
    assert WHEEL is not None
    assert re.fullmatch(r"oftp-[\d.]+-cp311-abi3-\w+\.whl", Path(WHEEL).name)


@needs_wheel
def test_the_wheel_has_what_is_in_the_sources_and_nothing_else() -> None:
    sources = HERE / "python"
    wanted = {
        path.relative_to(sources).as_posix()
        for path in sources.glob("oftp/**/*")
        if path.suffix in (".py", ".pyi", ".toml") or path.name == "py.typed"
    }
    info = {name for name in contents() if ".dist-info/" in name}
    assert set(contents()) - info == wanted | {"oftp/_oftp.abi3.so"}
    assert {name.partition("/")[2] for name in info} >= {
        "METADATA",
        "entry_points.txt",
        "licenses/LICENSE-APACHE",
        "licenses/LICENSE-MIT",
    }


def test_its_version_is_that_of_the_workspace() -> None:
    cargo = tomllib.loads((HERE.parents[1] / "Cargo.toml").read_text())
    assert oftp.__version__ == cargo["workspace"]["package"]["version"]
    if WHEEL is not None:
        assert importlib.metadata.version("oftp") == oftp.__version__


@needs_wheel
def test_what_an_index_shows_of_it() -> None:
    metadata = importlib.metadata.metadata("oftp")
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT OR Apache-2.0"
    assert metadata["Description-Content-Type"].startswith("text/markdown")
    assert metadata["Description"].strip() == (HERE / "README.md").read_text().strip()
    mandatory = [text for text in importlib.metadata.requires("oftp") or [] if "extra" not in text]
    assert mandatory == []


def test_an_import_takes_nothing_along_that_only_some_need() -> None:
    code = """
        import sys
        before = set(sys.modules)
        import oftp
        heavy = ("asyncio", "ssl", "socket", "pytest", "logging", "tempfile", "dataclasses")
        print(*[name for name in heavy if name in set(sys.modules) - before])
    """
    told = interpreter(textwrap.dedent(code), "-W", "error", "-X", "dev")
    assert (told.returncode, told.stdout.strip(), told.stderr) == (0, "", "")


MODULES = ["oftp", *(found.name for found in pkgutil.walk_packages(oftp.__path__, "oftp."))]


@pytest.mark.parametrize("name_of_module", MODULES)
def test_every_public_name_exists_and_is_documented(name_of_module: str) -> None:
    module = importlib.import_module(name_of_module)
    if name_of_module == "oftp._oftp":  # its documentation is in its stub
        return
    assert module.__doc__
    names: list[str] = getattr(module, "__all__", [])
    assert len(names) == len(set(names))
    for name in names:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isroutine(value):
            documentation = value.__doc__ or ""
            # What `dataclass` writes is only the signature.
            assert documentation and not documentation.startswith(f"{name}("), name


def test_every_public_name_can_be_listed() -> None:
    told = interpreter("import oftp; print(set(dir(oftp)) >= set(oftp.__all__) > {'DataInd'})")
    assert told.stdout == "True\n"
    told = interpreter("from oftp import *; print(DataInd.__name__)")
    assert told.stdout == "DataInd\n"
    with pytest.raises(AttributeError, match="no_such_name"):
        oftp.no_such_name  # type: ignore[attr-defined]  # noqa: B018


def test_the_readme_is_right_about_sessions_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    class Network:
        written = b""

        def open(self) -> None: ...

        def write(self, octets: bytes) -> int:
            self.written += octets
            return len(octets)

    readme = (HERE / "README.md").read_text()
    session_code, errors_code = (
        re.findall(r"```python\n(.*?)```", readme.partition(title)[2], re.DOTALL)[0]
        for title in ("## A session without I/O", "## Errors")
    )
    names: dict[str, Any] = {}
    exec(session_code + errors_code, names)
    assert capsys.readouterr().out.strip() == errors_code.strip().rpartition("# ")[2]
    network = Network()
    names["pump"](network)
    names["session"].n_data_ind(b"\x10\x00\x00\x17IODETTE FTP READY \r")
    names["pump"](network)
    assert b"X5O0177ALPHA-MOTORS  HUB001SECRET  " in network.written


#: Two sessions agree, in an interpreter that has the wheel and nothing else.
EXCHANGE = """
import oftp
a, b = oftp.Session(), oftp.Session()
told = []
def drain(own, other):
    while not isinstance(event := own.poll_output(), oftp.Wait):
        match event:
            case oftp.NDataRq(octets):
                other.n_data_ind(octets)
                own.sent(len(octets))
            case oftp.NConRq():
                other.n_con_ind()
                own.n_con_cf()
            case oftp.ConnectInd():
                own.connect_rs(oftp.Connect(code="OBETA"))
            case oftp.ConnectCf():
                own.cd_rq()
            case oftp.CdInd():
                own.release_rq()
        told.append(type(event).__name__)
a.connect_rq(oftp.Connect(code="OALPHA"))
while not (a.is_over and b.is_over):
    before = len(told)
    drain(a, b)
    drain(b, a)
    if len(told) == before:
        break
print("ConnectCf" in told, "ReleaseInd" in told)
"""


def other_pythons() -> list[str]:
    """Every CPython that is newer than this one or older, but not too old."""
    found = [shutil.which(f"python3.{minor}") for minor in range(11, 20)]
    found += sorted(map(str, Path.home().glob(".pyenv/versions/3.*/bin/python3")))
    pythons: dict[str, str] = {}
    for path in filter(None, found):
        code = "import sys; print(*sys.version_info[:2], sys.implementation.name)"
        told = subprocess.run([path, "-c", code], capture_output=True, text=True)
        if told.returncode == 0:
            major, minor, name = told.stdout.split()
            version = (int(major), int(minor))
            if name == "cpython" and version >= (3, 11) and version != sys.version_info[:2]:
                pythons.setdefault(f"{major}.{minor}", path)
    return list(pythons.values())


@needs_wheel
def test_the_same_wheel_is_good_for_other_pythons(tmp_path: Path) -> None:
    assert WHEEL is not None
    pythons = other_pythons()
    if not pythons:
        pytest.skip("there is no other CPython")
    # By this pip, which takes the wheel only if its tag suits that Python.
    for number, python in enumerate(pythons):
        site = tmp_path / str(number)
        install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile", WHEEL]
        version = subprocess.run(
            [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for_it = ["--target", str(site), "--only-binary", ":all:", "--python-version", version]
        subprocess.run([sys.executable, "-m", "pip", *install, *for_it], check=True)
        told = subprocess.run(
            [python, "-W", "error", "-c", EXCHANGE],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": str(site)},
        )
        assert (told.returncode, told.stdout, told.stderr) == (0, "True True\n", ""), version
