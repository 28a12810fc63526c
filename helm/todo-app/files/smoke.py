"""Checks a release from inside the cluster, through its Services: `health` or `journey`.

Standard library only, as it runs in the back end's image. Exits 1 with one line per failure.
"""

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request

BACKEND = os.environ["BACKEND_URL"]
FRONTEND = os.environ["FRONTEND_URL"]
VERSION = os.environ["APP_VERSION"]
DEADLINE = time.monotonic() + 60


class Failure(Exception):
    """What was expected and what came instead."""


class Browser:
    """Keeps cookies and the page's origin, as a browser of the public URL would."""

    def __init__(self, origin):
        self.origin = origin
        self.cookies = {}

    def call(self, method, url, body=None):
        """Returns (status, body as JSON); network errors are tried again until the deadline."""
        while True:
            headers = {"Accept": "application/json", "Origin": self.origin}
            if self.cookies:
                headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
            if method != "GET":
                headers["Content-Type"] = "application/json"
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(url, data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    return self._read(response)
            except urllib.error.HTTPError as error:
                status, answer = self._read(error)
                if status not in (429, 502, 503, 504) or time.monotonic() > DEADLINE:
                    return status, answer
            except OSError as error:
                if time.monotonic() > DEADLINE:
                    raise Failure(f"{method} {url}: {error}") from None
            time.sleep(2)

    def _read(self, response):
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";", 1)[0].partition("=")
            self.cookies[name.strip()] = value
        raw = response.read().decode("utf-8", "replace")
        try:
            return response.status, json.loads(raw) if raw else None
        except ValueError:
            return response.status, raw[:200]

    def expect(self, expected, method, url, body=None):
        status, answer = self.call(method, url, body)
        if status != expected:
            raise Failure(f"{method} {url}: {status} instead of {expected}: {answer}")
        print(f"ok: {method} {url} {status}")
        return answer


def health():
    """Every health endpoint answers, and with the version that this release asked for."""
    browser = Browser(FRONTEND)
    for url in (
        f"{BACKEND}{os.environ['BACKEND_HEALTH_PATH']}",
        f"{BACKEND}{os.environ['BACKEND_READY_PATH']}",
        f"{FRONTEND}{os.environ['FRONTEND_HEALTH_PATH']}",
    ):
        answer = browser.expect(200, "GET", url)
        version = answer.get("version", VERSION) if isinstance(answer, dict) else VERSION
        if version != VERSION:
            raise Failure(f"{url} says version {version} instead of {VERSION}")


def journey():
    """Signs up (or in again), adds a task through the front end, completes and deletes it."""
    browser = Browser(os.environ["BETTER_AUTH_URL"])
    # One account for each secret: repeated runs leave no trail, and nobody can guess the password.
    secret = os.environ["BETTER_AUTH_SECRET"].encode()
    digest = hmac.new(secret, b"helm test account", hashlib.sha256).hexdigest()
    account = {"email": f"helm-test-{digest[:12]}@example.com", "password": digest[12:60]}
    auth = f"{FRONTEND}/api/auth"
    status, answer = browser.call("POST", f"{auth}/sign-in/email", account)
    if status == 200:
        print(f"ok: signed in {status}")
    elif status == 401:
        browser.expect(200, "POST", f"{auth}/sign-up/email", account | {"name": "helm test"})
    else:
        raise Failure(f"sign-in: {status}: {answer}")

    tasks = f"{FRONTEND}/api/backend/api/tasks"
    anonymous, _ = Browser(FRONTEND).call("GET", tasks)
    if anonymous != 401:
        raise Failure(f"GET {tasks} without a session: {anonymous} instead of 401")
    title = f"helm test {time.time_ns()}"
    task = browser.expect(201, "POST", tasks, {"title": title})
    try:
        listed = browser.expect(200, "GET", tasks)
        if title not in [item["title"] for item in listed["items"]]:
            raise Failure(f"the task just added is not among the {len(listed['items'])} listed")
        done = browser.expect(200, "PATCH", f"{tasks}/{task['id']}", {"completed": True})
        if done["completed"] is not True:
            raise Failure("the completed task is not completed")
    finally:
        browser.expect(204, "DELETE", f"{tasks}/{task['id']}")


def main():
    try:
        {"health": health, "journey": journey}[sys.argv[1]]()
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    return 0


sys.exit(main())
