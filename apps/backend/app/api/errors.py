"""Turns errors into problem+json; the unexpected ones are turned by the middleware."""

from __future__ import annotations

import json
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from app.core.problems import (
    PROBLEM_MEDIA_TYPE,
    Problem,
    ProblemDetails,
    Unprocessable,
    invalid_params,
)


def problem_response(scope: Scope, problem: Problem) -> Response:
    """The answer for a problem that happened while a request was served."""
    document = ProblemDetails(
        type=f"urn:todo-app:problem:{problem.slug}",
        title=problem.status.phrase,
        status=problem.status.value,
        detail=problem.detail,
        instance=scope["path"],
        request_id=scope.get("state", {}).get("request_id", ""),
        **problem.extra,
    )
    return Response(
        # ASCII, as a rejected request may contain what UTF-8 can't encode.
        json.dumps(document.model_dump(exclude_none=True)),
        status_code=problem.status.value,
        headers=problem.headers,
        media_type=PROBLEM_MEDIA_TYPE,
    )


class _HttpProblem(Problem):
    """An error raised by the framework, such as an unknown path."""

    def __init__(self, error: HTTPException) -> None:
        super().__init__(str(error.detail), headers=dict(error.headers or {}))
        self.status = HTTPStatus(error.status_code)
        self.slug = self.status.phrase.lower().replace(" ", "-")


def install_error_handlers(app: FastAPI) -> None:
    """Make the application answer problems, unknown paths and bad requests as problem+json."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_response(request.scope, error)

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response(request.scope, _HttpProblem(error))

    async def on_invalid_request(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        params = invalid_params(list(error.errors()))
        problem = Unprocessable("Some parts of the request are not acceptable.", extra={"errors": params})
        return problem_response(request.scope, problem)

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
