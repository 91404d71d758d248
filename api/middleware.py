"""What surrounds every request, as pure ASGI: log line, headers, host, body size, entity tags, and the last net."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import tag_of
from api.problems import Failed, TooLarge, WrongHost

ACCESS: Final = logging.getLogger("gapfinder.access")
ERRORS: Final = logging.getLogger("gapfinder.errors")
MOST_BODY: Final = 1 << 20
SLASH: Final = "\ue000"  # stands for an encoded slash inside a path segment; normalised keywords never hold it
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")

# JSON escapes C0; these also end or turn a line for some reader of a log: DEL, C1, separators, direction marks.
_UNSAFE: Final = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def log_line(fields: dict[str, Any]) -> str:
    """The fields as JSON on exactly one line, without any character that moves a cursor or ends a line."""
    text = orjson.dumps(fields, default=str).decode()
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class RequestLog:
    """Writes one JSON line a request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status, size = 499, 0  # the client went away before an answer began

        async def counting(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        state = scope.setdefault("state", {})
        try:
            await self.app(scope, receive, counting)
        finally:
            client = scope.get("client")
            ACCESS.info(
                "%s",
                log_line(
                    {
                        "method": scope["method"],
                        "path": scope["path"].encode("utf-8", "replace").decode(),
                        "query": scope["query_string"].decode("latin-1"),
                        "status": status,
                        "bytes": size,
                        "ms": round((time.perf_counter() - begun) * 1000, 1),
                        "client": client[0] if client else None,
                        "key": state.get("key") or None,
                    }
                ),
            )


class SecurityHeaders:
    """Sets the headers that keep an answer from being framed, sniffed, or run; a policy of the page's own is kept."""

    headers = (
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Cache-Control", "private, no-cache"),
    )

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers:
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded)


class HostCheck:
    """Refuses requests for other hosts, so that a foreign page can't reach this server by a name of its own."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and "*" not in self.hosts:
            named = Headers(scope=scope).get("host", "").lower()
            host = re.sub(r":\d{1,5}$", "", named)
            if host not in self.hosts:
                problem = WrongHost("the Host header names another server", hint="start with --allowed-host NAME")
                await problem.response()(scope, receive, send)
                return
        await self.app(scope, receive, send)


class HeadAsGet:
    """Answers HEAD as GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, bodiless)


class _BodyTooLargeError(Exception):
    """The body passed its limit while it was read."""


class BodyLimit:
    """Refuses bodies that declare or turn out to have more than the allowed bytes."""

    def __init__(self, app: ASGIApp, most: int = MOST_BODY) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        problem = TooLarge(f"the body has more than {self.most:,} bytes")
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared[:20]) > self.most:
            await problem.response()(scope, receive, send)
            return
        taken, started = 0, False

        async def counting() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.most:
                raise _BodyTooLargeError
            return message

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, counting, noting)
        except _BodyTooLargeError:
            if started:
                raise
            await problem.response()(scope, receive, send)


class EntityTags:
    """Tags answers to reads by their content, and answers 304 where the client has that content already.

    Answers that bring a tag are passed on as they come; others are held until they are whole.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        known = {tag.strip() for tag in Headers(scope=scope).get("if-none-match", "").split(",")}
        start: Message = {}
        body = bytearray()
        passing = False

        async def holding(message: Message) -> None:
            nonlocal start, passing
            if message["type"] == "http.response.start":
                start = message
                tag = Headers(raw=start["headers"]).get("etag")
                # Only whole answers are tagged here.
                passing = start["status"] != HTTPStatus.OK or (tag is not None and not is_known(tag))
                if passing:
                    await send(start)
                return
            if passing:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                await finish()

        def is_known(tag: str) -> bool:
            return tag in known or "*" in known

        async def finish() -> None:
            headers = MutableHeaders(scope=start)
            if "etag" not in headers:
                headers["ETag"] = tag_of(body)
            if is_known(headers["ETag"]):
                for name in ("content-length", "content-type", "content-encoding"):
                    del headers[name]
                start["status"] = int(HTTPStatus.NOT_MODIFIED)
                body.clear()
            await send(start)
            await send({"type": "http.response.body", "body": bytes(body)})

        await self.app(scope, receive, holding)


class LastNet:
    """Turns an error nobody caught into a problem, inside the other layers, so that it too is logged and guarded."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except _BodyTooLargeError:
            raise
        except Exception:
            if started:
                raise
            ERRORS.exception("%s", log_line({"method": scope["method"], "path": scope["path"], "error": "unexpected"}))
            problem = Failed("something unexpected happened; the server's log says what")
            await problem.response()(scope, receive, noting)


class EncodedSlash:
    """Keeps a percent-encoded slash inside its path segment, so that any text can be a keyword in a path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        raw: bytes = scope.get("raw_path") or b"" if scope["type"] == "http" else b""
        if b"%2f" in raw.lower():
            pieces = re.split(b"%2f", raw.partition(b"?")[0], flags=re.IGNORECASE)
            path = SLASH.join(unquote_to_bytes(piece).decode("utf-8", "replace") for piece in pieces)
            scope = {**scope, "path": path}
        await self.app(scope, receive, send)
