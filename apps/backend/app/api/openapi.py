"""Completes the OpenAPI document with what the framework can't know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.core.problems import ProblemDetails
from app.core.resources import Resources


def install_openapi(app: FastAPI, resources: Resources) -> None:
    """Describe every error as a problem document, and leave the framework's own form out."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    async def serve(_request: Request) -> Response:
        # The chat's requests are described with its libraries.
        await resources.chat.get()
        return JSONResponse(openapi())

    app.openapi = openapi  # type: ignore[method-assign]
    assert app.openapi_url is not None
    # Before the framework's own.
    app.router.routes.insert(0, Route(app.openapi_url, serve, include_in_schema=False))


def _document(app: FastAPI) -> dict[str, Any]:
    from app.chat.protocol import request_schemas

    document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemDetails"] = problem
    schemas.update(request_schemas())
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document
