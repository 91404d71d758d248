"""One error shape for everything HTTP answers with: ``application/problem+json`` (RFC 9457).

Each kind of problem is a class that knows its status and emits its OpenAPI response, so that the documentation names
the errors that really happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"
SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(extra="forbid")

    where: str = Field(description="What is wrong, for example `query.limit`.")
    message: str = Field(description="How it is wrong.")


class Problem(BaseModel):
    """The body of every error."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Names the kind of problem; stable.")
    title: str = Field(description="The kind of problem in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong this time, in one sentence.")
    hint: str | None = Field(default=None, description="What can be done about it.")
    errors: list[Fault] | None = Field(default=None, description="The single faults of an invalid request.")


class ProblemError(Exception):
    """An error that is answered as a problem.

    Args:
        detail: What is wrong this time, in one sentence.
        hint: What can be done about it.
        errors: The single faults of an invalid request.
        headers: Further headers of the answer.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "the server failed"

    def __init__(
        self,
        detail: str,
        *,
        hint: str | None = None,
        errors: list[Fault] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.errors = errors
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The answer."""
        problem = Problem(
            type=f"urn:gapfinder:problem:{self.code}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            hint=self.hint or None,
            errors=self.errors,
        )
        return _response(problem, self.headers)

    @classmethod
    def schema(cls) -> dict[int | str, dict[str, Any]]:
        """The OpenAPI response of this kind of problem, for ``responses=`` of a route."""
        return {cls.status: {"description": cls.title, "content": {MEDIA_TYPE: {"schema": SCHEMA}}}}


class Unauthenticated(ProblemError):  # noqa: N818 - named as what it tells
    """No key, or a key that is not known."""

    status, code, title = 401, "unauthenticated", "an API key is needed"


class Forbidden(ProblemError):  # noqa: N818 - likewise
    """The key may not do that."""

    status, code, title = 403, "forbidden", "the API key does not allow this"


class Missing(ProblemError):  # noqa: N818 - likewise
    """There is no such thing, or none that may be shown."""

    status, code, title = 404, "not-found", "there is no such thing"


class TooLarge(ProblemError):  # noqa: N818 - likewise
    """The body of the request is too large."""

    status, code, title = 413, "too-large", "the request body is too large"


class WrongHost(ProblemError):  # noqa: N818 - likewise
    """The request names a host this server does not answer for."""

    status, code, title = 421, "wrong-host", "this server does not answer for that host"


class Invalid(ProblemError):  # noqa: N818 - likewise
    """The request is not valid."""

    status, code, title = 422, "invalid", "the request is not valid"


class TooManyFailures(ProblemError):  # noqa: N818 - likewise
    """Too many wrong keys from one address."""

    status, code, title = 429, "too-many-failures", "too many wrong API keys"


class Failed(ProblemError):  # noqa: N818 - likewise
    """Something broke that is not the caller's fault."""

    status, code, title = 500, "internal", "the server failed"


class Unavailable(ProblemError):  # noqa: N818 - likewise
    """The store does not answer, or holds no analysis yet."""

    status, code, title = 503, "unavailable", "the store is not available"


def documented(*kinds: type[ProblemError]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of several kinds of problems."""
    return {status: answer for kind in kinds for status, answer in kind.schema().items()}


def plain_problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem for an HTTP status that has no class of its own, for example 405."""
    phrase = HTTPStatus(status).phrase
    problem = Problem(type="about:blank", title=phrase, status=status, detail=detail)
    return _response(problem, dict(headers or {}))


def _response(problem: Problem, headers: dict[str, str]) -> Response:
    body = orjson.dumps(problem.model_dump(exclude_none=True))
    return Response(body, problem.status, {**headers, "Cache-Control": "no-store"}, MEDIA_TYPE)
