#!/usr/bin/env python3
"""Runs the thread tests of the C library under ThreadSanitizer, and fails for a race in it.

The standard library that comes with the compiler is not instrumented: joins of threads are not seen,
and reported as races between a test and its threads. What counts is a report in whose accesses the
library has a part.
"""

import os
import re
import subprocess
import sys

TARGET = "x86_64-unknown-linux-gnu"


def races(log):
    """The reports that concern the library."""
    reports = log.split("WARNING: ThreadSanitizer:")[1:]
    found = []
    for report in reports:
        accesses = re.split(r"\n  (?:Location is|Thread T\d+ .* created by|Mutex M)", report)[0]
        if re.search(r"#\d+ (?:<)?(?:oftp|oftp_core|oftp_secure)::", accesses):
            found.append("WARNING: ThreadSanitizer:" + report.split("\n====")[0])
    return found


def run():
    environment = dict(
        os.environ,
        RUSTC_BOOTSTRAP="1",
        # The C code of aws-lc and the standard library are not instrumented.
        RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer",
        TSAN_OPTIONS="exitcode=0",
    )
    command = ["cargo", "test", "--locked", "--target", TARGET, "--target-dir", "target/tsan"]
    command += ["-p", "oftp-ffi", "--test", "threads"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    log = done.stdout + done.stderr
    if done.returncode != 0 or "test result: ok" not in log:
        sys.exit(log + "\nthe thread tests fail under ThreadSanitizer")
    return log


def main():
    log = run()
    found = races(log)
    if found:
        sys.exit("\n".join(found) + f"\n{len(found)} races in the library")
    seen = log.count("WARNING: ThreadSanitizer:")
    print(f"no race in the library ({seen} reports of joins that the tool does not see)")


if __name__ == "__main__":
    main()
