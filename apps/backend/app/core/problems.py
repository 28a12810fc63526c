"""The one family of errors the API answers with (RFC 9457 problem details)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"


class InvalidParam(BaseModel):
    """One rejected part of a request."""

    name: str = Field(description="Where it was found, e.g. `body.title` or `query.limit`.")
    reason: str


class ProblemDetails(BaseModel):
    """Body of every error answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:todo-app:problem:not-found",
                "title": "Not Found",
                "status": 404,
                "detail": "There is no such task.",
                "instance": "/api/tasks/7f6c1f0e-4f5a-4e0b-9a43-0d4f2f1f6a55",
                "request_id": "0f8e7f6c5b4a4d3c8b2a190817263544",
            }
        }
    )

    type: str = Field(description="Stable identifier of the kind of problem.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="Path of the request.")
    request_id: str = Field(description="Same as the X-Request-ID header and the log lines.")
    errors: list[InvalidParam] | None = None


class Problem(Exception):
    """Base of the errors that reach a client as they are.

    Args:
        detail: What happened and what to do, for people. Must not contain secrets.
        headers: Additional response headers.
        extra: Additional members of the problem document.
    """

    status: HTTPStatus = HTTPStatus.INTERNAL_SERVER_ERROR
    slug: str = "internal"

    def __init__(
        self,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}
        self.extra = extra or {}


class BadRequest(Problem):
    """The request can't be understood."""

    status = HTTPStatus.BAD_REQUEST
    slug = "bad-request"


class Unauthorized(Problem):
    """The request has no valid token."""

    status = HTTPStatus.UNAUTHORIZED
    slug = "unauthorized"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class NotFound(Problem):
    """The thing does not exist, or belongs to someone else."""

    status = HTTPStatus.NOT_FOUND
    slug = "not-found"


class Conflict(Problem):
    """The request collides with another one."""

    status = HTTPStatus.CONFLICT
    slug = "conflict"


class ContentTooLarge(Problem):
    """The body is over the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    slug = "content-too-large"


class UriTooLong(Problem):
    """The address is over the limit."""

    status = HTTPStatus.REQUEST_URI_TOO_LONG
    slug = "uri-too-long"


class MethodNotAllowed(Problem):
    """There is something at this address, but not for that method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    slug = "method-not-allowed"

    def __init__(self, *, allowed: str) -> None:
        super().__init__(f"This address takes {allowed} only.", headers={"Allow": allowed})


class Unprocessable(Problem):
    """The request is understood and not acceptable."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "validation"


class TooManyRequests(Problem):
    """The caller is over its rate limit."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    slug = "rate-limited"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class ServiceUnavailable(Problem):
    """Something this service depends on is away; trying again later helps."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "unavailable"

    def __init__(self, detail: str, *, retry_after_seconds: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


def invalid_params(errors: list[dict[str, Any]]) -> list[InvalidParam]:
    """Describe pydantic's errors without repeating what was sent."""
    return [
        InvalidParam(
            name=".".join(str(part) for part in error["loc"]),
            reason=str(error["msg"]).removeprefix("Value error, "),
        )
        for error in errors
    ]
