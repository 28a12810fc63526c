"""Schemathesis over the whole API: thousands of generated requests, and no server error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
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

CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
LEAST_CASES = 2_000
FUZZ: Any = settings(
    max_examples=85, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
seen: Counter[int] = Counter()


@pytest.fixture(scope="module")
def server(database_url: str, issuer: Issuer) -> Iterator[str]:
    app = create_app(make_settings(database_url), auth_transport=issuer.transport)
    with in_thread(app) as url:
        yield url


@pytest.fixture(scope="module")
def api(server: str) -> Any:
    return schemathesis.openapi.from_url(f"{server}/openapi.json")


schema = schemathesis.pytest.from_fixture("api")


def check(case: schemathesis.Case, headers: dict[str, str]) -> requests.Response:
    response: Any = case.call(headers=headers, timeout=30)
    seen[response.status_code] += 1
    case.validate_response(response, checks=CHECKS)
    return response


@schema.parametrize()
@FUZZ
def test_signed_in_every_request_is_answered_as_documented(case: schemathesis.Case, issuer: Issuer) -> None:
    check(case, issuer.headers("fuzzer"))


@schema.parametrize()
@FUZZ
def test_signed_out_every_request_is_answered_as_documented(case: schemathesis.Case) -> None:
    response = check(case, {"Authorization": "Bearer nonsense"})
    if case.operation.path not in {"/health", "/ready"}:
        assert response.status_code in {401, 413, 422}


def test_that_was_a_lot_without_a_server_error() -> None:
    print(f"\nschemathesis: {sum(seen.values())} cases, answers by status: {dict(sorted(seen.items()))}")
    assert sum(seen.values()) >= LEAST_CASES
    assert not [status for status in seen if status >= 500]
    assert {200, 201, 204, 401, 404, 422} <= set(seen)


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
