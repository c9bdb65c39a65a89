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


# Frames that only carry an access out for somebody.
CARRIERS = re.compile(r"<?(?:alloc|core|std)::|[a-z_]+$|[a-z_]+ /rustc/")


def toucher(stack):
    """The first frame that is neither of the standard library nor of libc."""
    frames = re.findall(r"#\d+ (.*)", stack)
    return next((frame for frame in frames if not CARRIERS.match(frame)), "")


def races(log):
    """The reports in which the library touches something."""
    found = []
    for report in log.split("WARNING: ThreadSanitizer:")[1:]:
        accesses = re.split(r"\n  (?:Location is|Thread T\d+ .* created by|Mutex M)", report)[0]
        stacks = re.split(r"\n\n", accesses)
        if any(re.match(r"<?oftp(?:_core|_secure)?::", toucher(stack)) for stack in stacks):
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
