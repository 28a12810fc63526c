"""Schemathesis over the whole API: thousands of generated requests, and no server error."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.main import create_app
from tests.support.application import make_settings
from tests.support.identity import Issuer
from tests.support.server import in_thread

# Not traced line by line, which takes twice the time: nearly all of it goes into making requests up.
pytestmark = [pytest.mark.no_cover, pytest.mark.slow]

CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# `FUZZ_FACTOR=3` makes more than 10,000 cases of them, for when nobody waits.
FACTOR = int(os.environ.get("FUZZ_FACTOR") or 1)
LEAST_CASES = 3_400 * FACTOR
OPEN_PATHS = {"/health", "/ready"}
# Requests per operation and mode. Few that are signed out get past the door, so those tell less.
SIGNED_IN, SIGNED_OUT = 60, 28
FUZZ: Any = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
seen: Counter[int] = Counter()


@pytest.fixture(scope="module")
def server(database_url: str, issuer: Issuer) -> Iterator[str]:
    app = create_app(make_settings(database_url), auth_transport=issuer.transport)
    with in_thread(app) as url:
        yield url


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """Connections are kept between requests."""
    with requests.Session() as session:
        yield session


# Building an application connects to nothing.
DOCUMENT = create_app(make_settings("postgresql://nobody@localhost/nothing")).openapi()
schema: Any = schemathesis.openapi.from_dict(DOCUMENT)
operations: list[Any] = [result.ok() for result in schema.get_all_operations()]
every_operation = pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.label)


def existing(path: str, server: str, session: requests.Session) -> str:
    """The id of a new thing of the kind that a path is about."""
    collection = path.split("/{")[0]
    created = session.post(f"{server}{collection}", json={"title": "for the fuzzer"}, timeout=30)
    identifier: str = created.json()["id"]
    return identifier


def run(operation: Any, server: str, session: requests.Session, *, signed_in: bool, allowed: set[int]) -> None:
    """Send generated requests, valid and not, and check each answer against the document."""
    fuzz = settings(FUZZ, max_examples=FACTOR * (SIGNED_IN if signed_in else SIGNED_OUT))

    def check(case: Any) -> None:
        if signed_in and case.path_parameters and sum(seen.values()) % 2:
            # Half of the requests for one thing are for one that exists.
            name = next(iter(case.path_parameters))
            case.path_parameters[name] = existing(operation.path, server, session)
        response = case.call(base_url=server, session=session, timeout=30)
        seen[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)
        assert response.status_code in allowed

    modes = [GenerationMode.POSITIVE] if operation.path in OPEN_PATHS else list(GenerationMode)
    for mode in modes:
        fuzz(given(case=operation.as_strategy(generation_mode=mode))(check))()


@every_operation
def test_signed_in_every_request_is_answered_as_documented(
    operation: Any, server: str, session: requests.Session, issuer: Issuer
) -> None:
    allowed = {200} if operation.path in OPEN_PATHS else {200, 201, 204, 400, 401, 404, 414, 422}
    session.headers.update(issuer.headers("fuzzer"))
    run(operation, server, session, signed_in=True, allowed=allowed)


@every_operation
def test_signed_out_every_request_is_answered_as_documented(
    operation: Any, server: str, session: requests.Session
) -> None:
    allowed = {200} if operation.path in OPEN_PATHS else {400, 401, 414, 422}
    session.headers.update({"Authorization": "Bearer nonsense"})
    run(operation, server, session, signed_in=False, allowed=allowed)


def test_that_was_a_lot_without_a_server_error() -> None:
    print(f"\nschemathesis: {sum(seen.values())} cases, answers by status: {dict(sorted(seen.items()))}")
    assert sum(seen.values()) >= LEAST_CASES
    assert not [status for status in seen if status >= 500]
    assert {200, 201, 204, 401, 404, 422} <= set(seen)


def test_operations_have_names_that_client_generators_make_methods_of() -> None:
    names = [operation["operationId"] for methods in DOCUMENT["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))
    assert {"list_tasks", "create_task", "parse_task", "list_conversations", "chatkit"} <= set(names)


def test_the_document_names_the_headers_that_clients_go_by() -> None:
    responses = DOCUMENT["paths"]["/api/tasks"]["post"]["responses"]
    assert set(responses["201"]["headers"]) == {"X-Request-ID", "Location"}
    assert set(responses["429"]["headers"]) == set(responses["503"]["headers"]) == {"X-Request-ID", "Retry-After"}
    assert set(responses["401"]["headers"]) == {"X-Request-ID", "WWW-Authenticate"}
    assert DOCUMENT["info"]["license"]["identifier"] == "MIT"
    used = {
        tag
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for tag in operation.get("tags", [])
    }
    assert used == {tag["name"] for tag in DOCUMENT["tags"]}


def test_the_document_describes_every_error_as_a_problem(server: str) -> None:
    document = requests.get(f"{server}/openapi.json", timeout=10).json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")) and path not in {"/ready"}:
                    assert list(response["content"]) == ["application/problem+json"], (method, path, status)
    for name in ("TaskRead", "ConversationRead", "Message", "ProblemDetails"):
        assert "example" in document["components"]["schemas"][name]
