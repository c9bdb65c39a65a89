#!/usr/bin/env python3
"""Tests the Python package as users have it: builds it by `pip`, installs it into a virtual
environment of its own (target/python/test-venv), and runs there the tests, then the checks of its
types.

    run_tests.py [--from-sdist] [arguments of pytest]
    run_tests.py --benches

`--from-sdist` builds from the source distribution, unpacked elsewhere, instead of from this folder;
`--benches` runs benches/*.py instead of the tests.

It needs Python 3.11 with venv and pip, and an index for the tools of requirements-test.txt. Where one
of these is missing it says what is left out, and succeeds; with OFTP_TOOLS=required it fails.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()
VENV = TARGET / "python" / "test-venv"
CARGO = os.environ.get("CARGO", "cargo")
OLDEST = (3, 11)
NEWEST_MINOR = 19

# Exactly what is installed is tested: nothing of the caller's Python may come between.
CLEAN = {
    name: value
    for name, value in os.environ.items()
    if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYO3_PYTHON", "PYO3_NO_PYTHON")
}


class LeftOut(Exception):
    """Something that a user need not have is missing."""


def main(arguments):
    options = [argument for argument in arguments if argument in ("--from-sdist", "--benches")]
    pytest_arguments = [argument for argument in arguments if argument not in options]
    try:
        make_venv(find_python())
        install_tools()
    except LeftOut as left_out:
        print(f"\n*** SKIPPED: tests of the Python package: {left_out} ***", file=sys.stderr)
        return os.environ.get("OFTP_TOOLS") == "required"
    environment = dict(
        CLEAN,
        PATH=os.pathsep.join([str(VENV / "bin"), CLEAN.get("PATH", os.defpath)]),
        VIRTUAL_ENV=str(VENV),
        OFTP_BIN=str(build_command()),
    )
    environment["OFTP_WHEEL"] = str(install_package("--from-sdist" in options))
    steps = benches() if "--benches" in options else tests(pytest_arguments)
    failed = [step[0] for step in steps if not passes(step, environment)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


def tests(pytest_arguments):
    checked = ["python/oftp", "tests", "benches"]
    if list((ROOT / "examples" / "python").glob("**/*.py")):
        checked.append(str(ROOT / "examples" / "python"))
    return [
        ["pytest", *pytest_arguments],
        ["mypy", "--strict", *checked],
        ["pyright", *(one for one in checked if one != "tests")],
        ["python", "-m", "mypy.stubtest", "oftp._oftp", "--allowlist", "stubtest.txt",
         "--mypy-config-file", "pyproject.toml"],
    ]


def benches():
    return [["python", f"benches/{path.name}"] for path in sorted(HERE.glob("benches/*.py"))]


def find_python():
    """A Python that the package is for: this one, or else the newest in the PATH."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(NEWEST_MINOR, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        # pyenv has names for interpreters that are not chosen.
        if found and subprocess.run([found, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0:
            return found
    raise LeftOut(f"there is no Python {OLDEST[0]}.{OLDEST[1]} or newer")


def make_venv(python):
    """The virtual environment, anew if it is not one of this Python."""
    base = "import sys; print(sys.base_prefix, sys.version)"
    wanted = subprocess.run([python, "-c", base], stdout=subprocess.PIPE, check=True).stdout
    own = str(VENV / "bin" / "python")
    if os.path.exists(own):
        found = subprocess.run([own, "-c", base], stdout=subprocess.PIPE)
        pip = subprocess.run([own, "-m", "pip", "--version"], stdout=subprocess.DEVNULL)
        if found.stdout == wanted and pip.returncode == 0:
            return
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([python, "-m", "venv", str(VENV)], env=CLEAN)
    if made.returncode != 0:
        raise LeftOut("venv or pip is missing (Debian: apt install python3-venv)")


def install_tools():
    """What the tests use, and what the build will ask for: later failures are ours."""
    say("tools")
    build_tools = requirements("maturin==")
    tools = run_pip("install", "-r", str(HERE / "requirements-test.txt"))
    # By a name that is no cache of the installed: pip asks the index, as the build does.
    index = run_pip("download", "--no-deps", "-d", str(VENV / "index"), *build_tools)
    if tools.returncode != 0 or index.returncode != 0:
        raise LeftOut("pip cannot install the tools of requirements-test.txt, see above")


def requirements(beginning):
    lines = (HERE / "requirements-test.txt").read_text().splitlines()
    return [line for line in lines if line.startswith(beginning)]


def build_command():
    """The program in Rust, which the command is compared with; built as `make demo` does."""
    say("the command in Rust")
    subprocess.run([CARGO, "build", "--release", "--locked", "--bin", "oftp"], cwd=ROOT, check=True)
    return TARGET / "release" / "oftp"


def install_package(from_sdist):
    """Builds the wheel and installs it, in the two steps in which `pip install` does it."""
    say("the package")
    wheels = TARGET / "python" / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    source = str(HERE)
    if from_sdist:
        maturin = [str(VENV / "bin" / "maturin"), "sdist", "--out", str(wheels)]
        subprocess.run(maturin, cwd=HERE, env=CLEAN, check=True)
        source = str(next(wheels.glob("*.tar.gz")))
    began = time.monotonic()
    run_pip("wheel", "--no-deps", "-w", str(wheels), source).check_returncode()
    wheel = next(wheels.glob("*.whl"))
    print(f"{wheel.name}: {time.monotonic() - began:.1f} s")
    run_pip("install", "--force-reinstall", "--no-deps", str(wheel)).check_returncode()
    return wheel


def run_pip(command, *arguments):
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    # The sources may be unpacked elsewhere, what is built of them lies here.
    environment = dict(CLEAN, CARGO_TARGET_DIR=str(TARGET))
    return subprocess.run([*pip, command, "--quiet", *arguments], env=environment)


def passes(step, environment):
    say(" ".join(step))
    program = str(VENV / "bin" / step[0])
    return subprocess.run([program, *step[1:]], cwd=HERE, env=environment).returncode == 0


def say(what):
    print(f"-- {what}", flush=True)


if __name__ == "__main__":
    # Jobs in the background of a script ignore Ctrl-C, and so would all that they start: the tests of
    # Ctrl-C would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as failure:
        sys.exit(f"failed: {failure}")
