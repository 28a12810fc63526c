"""Asks replicas for /health all the time: `python -m tests.support.prober SECONDS URL=PID…`; prints the slowest of each.

What is measured is the time until the answer, without that in which the replica or this process had no processor:
that is the machine's, which other things run on too.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit


def waited_for_processor(pid: str, thread: int | str) -> float:
    """Seconds in which a thread was ready to run and didn't, since it began."""
    counted = Path(f"/proc/{pid}/task/{thread}/schedstat")
    # Some kernels don't count it: then all of the time is the replica's.
    return int(counted.read_text().split()[1]) / 1e9 if counted.exists() else 0.0


def probe(url: str, pid: str, seconds: float, slowest: dict[str, float]) -> None:
    """Ask one replica, each time by a new connection, as the kubelet does."""
    host = urlsplit(url).netloc
    deadline = time.monotonic() + seconds
    slowest[url] = 0.0

    def now() -> float:
        return (
            time.monotonic() - waited_for_processor(pid, pid) - waited_for_processor("self", threading.get_native_id())
        )

    while time.monotonic() < deadline:
        started = now()
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
        slowest[url] = max(slowest[url], now() - started)
        connection.close()
        time.sleep(0.02)


def main() -> None:
    """Probe, and tell."""
    slowest: dict[str, float] = {}
    replicas = [argument.rsplit("=", 1) for argument in sys.argv[2:]]
    threads = [threading.Thread(target=probe, args=(url, pid, float(sys.argv[1]), slowest)) for url, pid in replicas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps([slowest[url] for url, _ in replicas]))


if __name__ == "__main__":
    main()
