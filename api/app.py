"""The application: routes, middlewares and the one error shape, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

from api.answers import LEAST_PACKED, PACKING
from api.changes import changes
from api.keys import ApiKey, Failures, Gate
from api.library import Library
from api.market import market
from api.mentions import mentions
from api.middleware import (
    LOOPBACK,
    BodyLimit,
    EncodedSlash,
    EntityTags,
    HeadAsGet,
    HostCheck,
    LastNet,
    RequestLog,
    SecurityHeaders,
)
from api.problems import Fault, Invalid, Problem, ProblemError, plain_problem
from api.routes import pages, router
from indexer.stores.contract import Store

_DESCRIPTION = """What people search for and hardly any note answers.

Every answer comes from stored analyses; asking analyzes nothing. Rates are 0 to 1, money is yuan, times are RFC 3339
with +08:00. Keywords and queries that few people searched are not shown. Every error is `application/problem+json`.
"""
_JSON: Final = "send one JSON object as UTF-8, with Content-Type: application/json"


def create_app(store: str | Store, *, keys: Sequence[ApiKey] = (), hosts: Iterable[str] = LOOPBACK) -> FastAPI:
    """The HTTP application of one store.

    Args:
        store: A store, or the url of one; it is opened by the first request that needs it.
        keys: Who may ask; without any key everybody may, which is meant for a server bound to loopback.
        hosts: Names this server answers for (the ``Host`` header); ``*`` for any.
    """

    def opened() -> Store:
        if isinstance(store, Store):
            return store
        from indexer.stores import open_store  # noqa: PLC0415 - engines are loaded when they are needed

        return open_store(store)

    library = Library(opened)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        library.close()

    app = FastAPI(
        title="gapfinder",
        version=version("gapfinder"),
        description=_DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            Middleware(RequestLog),
            Middleware(SecurityHeaders),
            Middleware(HostCheck, hosts=tuple(hosts)),
            Middleware(HeadAsGet),
            Middleware(GZipMiddleware, minimum_size=LEAST_PACKED, compresslevel=PACKING),
            Middleware(EntityTags),
            Middleware(BodyLimit),
            Middleware(LastNet),
            Middleware(EncodedSlash),
        ],
        exception_handlers={
            ProblemError: _answer_problem,
            RequestValidationError: _answer_invalid,
            HTTPException: _answer_http,
        },
    )
    app.state.library = library
    app.state.gate = Gate(tuple(keys), Failures())
    app.include_router(router)
    app.include_router(changes)
    app.include_router(market)
    app.include_router(mentions)
    app.include_router(pages)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # fastapi's own way of extending it
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The documentation, with the schema of problems that the routes refer to."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(schema.pop("$defs", {}))
        schemas["Problem"] = schema
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = document
    return app.openapi_schema


async def _answer_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return error.response()


async def _answer_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(where=".".join(str(step) for step in fault["loc"])[:200], message=str(fault["msg"])[:500])
        for fault in error.errors()[:20]
    ]
    unread = any(fault["type"] in ("model_attributes_type", "json_invalid") for fault in error.errors())
    return Invalid(
        "the request is not valid: " + "; ".join(f"{f.where}: {f.message}" for f in faults),
        hint=_JSON if unread else None,
        errors=faults,
    ).response()


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {request.url.path[:200]}: {str(error.detail)[:200]}"
    if error.status_code == HTTPStatus.BAD_REQUEST:  # a body that is no text at all
        return Invalid(detail, hint=_JSON).response()
    return plain_problem(error.status_code, detail, error.headers)
