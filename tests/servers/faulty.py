"""An HTTP server that does what a healthy Elasticsearch never does: by a script, or in front of a real one."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

PRODUCT: Final = {"X-Elastic-Product": "Elasticsearch"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    body: bytes

    def lines(self) -> list[Any]:
        """The body of a ``_bulk`` or ``_msearch`` request."""
        return [json.loads(line) for line in self.body.splitlines() if line]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says itself."""

    body: Any = field(default_factory=dict)
    status: int = 200
    product: bool = True
    whole: bool = True  # otherwise the connection ends in the middle of it


class Pass:
    """Ask the real server and hand its answer on."""


class LoseRequest:
    """End the connection before anything is done."""


class LoseAnswer:
    """Let the real server do it, and end the connection without a word."""


@dataclass(frozen=True, slots=True)
class Change:
    """Ask the real server and change its answer."""

    edit: Callable[[Any], Any]


Deed = Answer | Pass | LoseRequest | LoseAnswer | Change
Script = Callable[[Request], Deed]


class FaultyServer:
    """Answers by a script, which a test may exchange at any time.

    Args:
        script: What to do with each request.
        upstream: Address of a real server, for scripts that pass requests on.
    """

    def __init__(self, script: Script, upstream: str | None = None) -> None:
        self.script = script
        self.requests: list[Request] = []
        self.upstream = upstream
        outer = self

        class Handler(_Handler):
            server_of = outer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def asked(self, part: str) -> list[Request]:
        """The requests whose path holds ``part``."""
        return [request for request in self.requests if part in request.path]

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def faulty_server(script: Script, upstream: str | None = None) -> Iterator[FaultyServer]:
    """A faulty server for the length of a block."""
    server = FaultyServer(script, upstream)
    try:
        yield server
    finally:
        server.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: FaultyServer

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(self.command, self.path, self.rfile.read(length))
        server = self.server_of
        server.requests.append(request)
        deed = server.script(request)
        if isinstance(deed, LoseRequest):
            return self._cut()
        if isinstance(deed, Answer):
            return self._say(deed.status, json.dumps(deed.body).encode(), product=deed.product, whole=deed.whole)
        status, body = self._ask(request)
        if isinstance(deed, LoseAnswer):
            return self._cut()
        if isinstance(deed, Change):
            body = json.dumps(deed.edit(json.loads(body))).encode()
        return self._say(status, body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 - the names the base class looks for

    def _ask(self, request: Request) -> tuple[int, bytes]:
        host = urlsplit(self.server_of.upstream or "").netloc
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            names = ("Content-Type", "Accept", "Authorization")
            headers = {name: self.headers[name] for name in names if self.headers.get(name)}
            connection.request(request.method, request.path, request.body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _say(self, status: int, body: bytes, *, product: bool = True, whole: bool = True) -> None:
        self.send_response(status)
        for name, value in (PRODUCT if product else {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if whole else body[: len(body) // 2])
        if not whole:
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Say nothing: a test that fails shows the requests itself."""
