"""What the routes share: the application's services and the caller."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from structlog.contextvars import bind_contextvars

from app.core.problems import PROBLEM_MEDIA_TYPE, TooManyRequests, Unauthorized
from app.core.resources import Resources
from app.core.security import Identity

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="The user's token, from the front end.")


def get_resources(request: Request) -> Resources:
    """The application's long-lived objects."""
    resources: Resources = request.app.state.resources
    return resources


ResourcesDep = Annotated[Resources, Depends(get_resources)]


async def get_identity(
    resources: ResourcesDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Identity:
    """The verified caller.

    Raises:
        Unauthorized: No token, or not a valid one.
    """
    if credentials is None:
        raise Unauthorized("Send a token in the Authorization header.")
    identity = await resources.users.verify(credentials.credentials)
    bind_contextvars(user_id=identity.user_id)
    return identity


IdentityDep = Annotated[Identity, Depends(get_identity)]


async def limit_api_rate(identity: IdentityDep, resources: ResourcesDep) -> None:
    """Keep one user from using up the replica.

    Raises:
        TooManyRequests: The user is over the limit.
    """
    wait = resources.api_limiter.take(identity.user_id)
    if wait > 0:
        raise TooManyRequests("Too many requests; slow down.", retry_after_seconds=wait)


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": description, "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}


ADDRESS_RESPONSE: dict[int | str, dict[str, Any]] = {414: _problem("The address is too long")}
"""What every address may answer, also those that are open to all."""

ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    **ADDRESS_RESPONSE,
    400: _problem("The body can't be read"),
    401: _problem("No valid token"),
    413: _problem("The body is too large"),
    422: _problem("The request is not acceptable"),
    429: _problem("Over the rate limit, or over that of open streams"),
    503: _problem("The database or the sign-in service is away"),
}
"""What any authenticated route may answer beside its own responses."""

CONFLICT_RESPONSE: dict[int | str, dict[str, Any]] = {409: _problem("It collides with something that was done since")}
NOT_FOUND_RESPONSE: dict[int | str, dict[str, Any]] = {404: _problem("No such thing, or not the caller's")}
