"""Probes for Kubernetes and for people."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.api.deps import ADDRESS_RESPONSE, ResourcesDep

router = APIRouter(tags=["health"], responses=ADDRESS_RESPONSE)


class Health(BaseModel):
    """The process is alive."""

    status: Literal["healthy"] = "healthy"
    service: str = "todo-backend"
    version: str


class Readiness(BaseModel):
    """Whether requests can be served, and if not, why."""

    status: Literal["ready", "unavailable", "shutting-down"]
    checks: dict[str, str]


@router.get("/health", summary="Is the process alive?")
async def health(resources: ResourcesDep) -> Health:
    """Answers without touching anything else, the database least of all."""
    return Health(version=resources.settings.app_version)


@router.get(
    "/ready",
    summary="Can requests be served?",
    responses={503: {"model": Readiness, "description": "Not now"}},
)
async def ready(resources: ResourcesDep, response: Response) -> Readiness:
    """Asks the database, at most once a second, and answers within two."""
    if resources.draining.is_set():
        response.status_code = 503
        return Readiness(status="shutting-down", checks={"process": "shutting down"})
    error = await resources.readiness.check()
    if error is not None:
        response.status_code = 503
        reason = "timeout" if isinstance(error, TimeoutError) else "unreachable"
        return Readiness(status="unavailable", checks={"database": reason})
    if resources.chat.failed:
        response.status_code = 503
        return Readiness(status="unavailable", checks={"chat": "did not start"})
    resources.chat.begin()
    return Readiness(status="ready", checks={"database": "ok"})
