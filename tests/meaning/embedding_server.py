"""A small embeddings server of the tests' own: honest vectors without a model, and every way to answer badly.

A text's vector counts its characters and pairs of characters in hashed places, with synonyms put under one word first;
so texts that mean the same come close, and the same text has the same vector everywhere.
"""

from __future__ import annotations

import hashlib
import json
import math
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

DIMENSIONS: Final = 96
SYNONYMS: Final = {"尿不湿": "纸尿裤", "红屁股": "尿布疹", "baby": "宝宝"}


def vector(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """The vector of a text, not of length 1 on purpose."""
    for word, other in SYNONYMS.items():
        text = text.replace(word, other)
    found = [0.0] * dimensions
    for gram in [*text, *(text[n : n + 2] for n in range(len(text) - 1))]:
        number = int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest())
        found[number % dimensions] += 1.0 if number >> 32 & 1 else -1.0
    length = math.sqrt(sum(value * value for value in found)) or 1.0
    return [3.0 * value / length for value in found]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]
    model: str
    texts: list[str]
    connection: tuple[str, int]


@dataclass(slots=True)
class Said:
    """One answer: a JSON value or raw bytes; ``cut`` ends it in the middle, ``lost`` before its first byte."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    lost: bool = False


Fault = Callable[[Asked, "Said"], Said]


def honest(_: Asked, said: Said) -> Said:
    """What a sound server says."""
    return said


class EmbeddingServer:
    """Answers ``POST /v1/embeddings``; ``fault`` changes what it says and may be exchanged at any time."""

    def __init__(self, fault: Fault = honest) -> None:
        self.fault = fault
        self.asked: list[Asked] = []
        self.dimensions = DIMENSIONS
        outer = self

        class Handler(_Handler):
            server_of = outer

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def spec(self) -> str:
        """How a user names it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1#test-model"

    @property
    def texts(self) -> list[str]:
        """All texts it was asked for."""
        return [text for asked in self.asked for text in asked.texts]

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def embedding_server(fault: Fault = honest) -> Iterator[EmbeddingServer]:
    """A server for the length of a block."""
    server = EmbeddingServer(fault)
    try:
        yield server
    finally:
        server.close()


def unreachable_spec() -> str:
    """The address of a server that there is not: its port was free a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1#test-model"


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: EmbeddingServer

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = json.loads(self.rfile.read(length))
        server = self.server_of
        asked = Asked(self.path, dict(self.headers), body["model"], body["input"], self.client_address)
        server.asked.append(asked)
        data = [
            {"object": "embedding", "index": number, "embedding": vector(text, server.dimensions)}
            for number, text in enumerate(asked.texts)
        ]
        said = server.fault(asked, Said({"object": "list", "data": data, "model": asked.model}))
        if said.lost:
            return self._cut()
        raw = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        self.send_response(said.status)
        for name, value in {"Content-Length": str(len(raw)), **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # the client has read enough
            self.wfile.write(raw[: len(raw) // 2] if said.cut else raw)
        return self._cut() if said.cut else None

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # the client was faster
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Say nothing: a test that fails shows the requests itself."""
