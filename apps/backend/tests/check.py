"""Every check of the back end: `python -m tests.check [pytest arguments]`.

Types are checked beside the tests, as much of both is waiting. Ends with 0 only where everything passed, and
with 1 where tests have failed and nothing else has.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

LINT = ("ruff", "check", "--no-cache", ".")
FORMAT = ("ruff", "format", "--no-cache", "--check", ".")
TYPES = ("mypy",)
# A file's tests stay together: some count what others of their file have done.
TESTS = (
    "pytest",
    "-q",
    *("--numprocesses=2", "--dist=loadfile"),
    "--durations=5",
)
COVERAGE = ("--cov", "--cov-report=term:skip-covered")

TESTS_FAILED, OTHER_FAILED = 1, 2


def run(name: str, *command: str) -> bool:
    """Run a check; returns whether it passed."""
    print(f"── {name}", flush=True)
    started = time.monotonic()
    code = subprocess.run([sys.executable, "-m", *command], check=False).returncode
    if code != 0:
        print(f"{name} failed after {time.monotonic() - started:.0f} s (exit code {code})", file=sys.stderr)
    return code == 0


def main(arguments: list[str]) -> int:
    """Run the checks; returns the exit code."""
    if not (run("lint", *LINT) and run("format", *FORMAT)):
        return OTHER_FAILED
    with tempfile.TemporaryFile(mode="w+") as output:
        with subprocess.Popen([sys.executable, "-m", *TYPES], stdout=output, stderr=output) as types:
            # pytest-cov fails on what isn't to be covered, where it is told both.
            coverage = () if "--no-cov" in arguments else COVERAGE
            tested = run("tests", *TESTS, *coverage, *arguments)
        output.seek(0)
        print(f"── types\n{output.read()}", flush=True)
    if types.returncode != 0:
        return OTHER_FAILED
    return 0 if tested else TESTS_FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
