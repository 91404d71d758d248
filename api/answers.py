"""Answers that are made once and kept as the bytes that are sent, with their tag and, once asked for, packed."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from functools import cached_property
from typing import Final

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

LEAST_PACKED: Final = 1_000  # bytes; smaller answers are sent as they are
PACKING: Final = 6
MOST_BYTES: Final = 32 << 20
_OVERHEAD: Final = 1_000  # bytes that keeping one answer takes beside its body
_JSON: Final = "application/json"


def tag_of(body: bytes | bytearray) -> str:
    """The entity tag of a body. Weak: compression further out changes the bytes, not what they say."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


class Ready:
    """One answer as bytes."""

    def __init__(self, answer: BaseModel) -> None:
        self.body = answer.model_dump_json(by_alias=True).encode()
        self.tag = tag_of(self.body)

    @cached_property
    def packed(self) -> bytes:
        """The body as gzip, the same bytes every time."""
        return gzip.compress(self.body, PACKING, mtime=0)

    def response(self, request: Request) -> Response:
        """The answer to a request, packed where its client takes that."""
        headers = {"ETag": self.tag}
        if not takes_packed(request) or len(self.body) < LEAST_PACKED:
            return Response(self.body, headers=headers, media_type=_JSON)
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(self.packed, headers=headers, media_type=_JSON)


def takes_packed(request: Request) -> bool:
    """Whether the client takes gzip."""
    return "gzip" in request.headers.get("accept-encoding", "")


class Answers:
    """The answers asked for last, up to so many bytes. Safe for several threads.

    Args:
        most: Bytes of all bodies together.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Ready] = OrderedDict()
        self.size = 0

    def get(self, key: Hashable) -> Ready | None:
        """The answer kept under a key."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, answer: Ready) -> None:
        """Keep an answer; those asked for longest ago make room."""
        with self._lock:
            old = self._kept.pop(key, None)
            self.size += _weight(answer) - (_weight(old) if old else 0)
            self._kept[key] = answer
            while self.size > self._most:
                _, gone = self._kept.popitem(last=False)
                self.size -= _weight(gone)


def _weight(answer: Ready) -> int:
    """Bytes an answer takes, as if it were packed too, which takes about a third of a body."""
    return _OVERHEAD + len(answer.body) + len(answer.body) // 3
