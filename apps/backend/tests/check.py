"""Every check of the back end, one after the other: `python -m tests.check [pytest arguments]`.

Stops at the first that fails, with its exit code. The last line is pytest's summary.
"""

from __future__ import annotations

import subprocess
import sys
import time

STEPS = (
    ("lint", ["ruff", "check", "--no-cache", "."]),
    ("format", ["ruff", "format", "--no-cache", "--check", "."]),
    ("types", ["mypy"]),
    (
        "tests",
        ["pytest", "-q", "--cov", "--cov-report=term:skip-covered", "--durations=5"],
    ),
)


def main(arguments: list[str]) -> int:
    """Run the checks; returns the exit code."""
    for number, (name, command) in enumerate(STEPS, start=1):
        print(f"[{number}/{len(STEPS)}] {name}", flush=True)
        started = time.monotonic()
        extra = arguments if name == "tests" else []
        code = subprocess.run([sys.executable, "-m", *command, *extra], check=False).returncode
        if code != 0:
            print(f"{name} failed after {time.monotonic() - started:.0f} s (exit code {code})", file=sys.stderr)
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
