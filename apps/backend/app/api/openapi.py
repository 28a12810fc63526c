"""Completes the OpenAPI document with what the framework can't know."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.api.middleware import REQUEST_ID_HEADER
from app.core.problems import ProblemDetails
from app.core.resources import Resources

TAGS: Final = [
    {"name": "tasks", "description": "The caller's tasks. Deleted ones can be brought back for a while."},
    {"name": "conversations", "description": "The caller's conversations with the assistant."},
    {"name": "chat", "description": "Messages to the assistant, in OpenAI's ChatKit protocol."},
    {"name": "account", "description": "All that is kept of the caller."},
    {"name": "health", "description": "What Kubernetes asks; open to all."},
]

DESCRIPTION: Final = (
    "Everything but the probes wants Better Auth's token as bearer. Errors are problem documents (RFC 9457). Lists come "
    "in pages: what `next_cursor` holds is passed as `cursor`. The same tasks are tools of the MCP server at `/mcp`."
)

_HEADERS: Final[dict[str, Any]] = {
    REQUEST_ID_HEADER: {
        "description": "Names the request in the logs; the caller's own, where it sent one.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Location": {"description": "Address of what was added.", "required": True, "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds after which to ask again.", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "Which token is asked for.", "required": True, "schema": {"type": "string"}},
}


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

    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        license_info=app.license_info,
        tags=app.openapi_tags,
        routes=app.routes,
    )
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemDetails"] = problem
    schemas.update(request_schemas())
    document["components"]["headers"] = _HEADERS
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                response["headers"] = {name: _reference(name) for name in _headers_of(int(status))}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _headers_of(status: int) -> list[str]:
    match status:
        case 201:
            return [REQUEST_ID_HEADER, "Location"]
        case 401:
            return [REQUEST_ID_HEADER, "WWW-Authenticate"]
        case 429 | 503:
            return [REQUEST_ID_HEADER, "Retry-After"]
        case _:
            return [REQUEST_ID_HEADER]


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}
