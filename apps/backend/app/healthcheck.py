"""Container health check: `python -m app.healthcheck` exits with 0 when /health answers 200."""

from __future__ import annotations

import http.client
import os
import sys

TIMEOUT_SECONDS = 3.0


def main() -> int:
    """Ask the server on this machine; returns the exit code."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 7860), timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health")
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
