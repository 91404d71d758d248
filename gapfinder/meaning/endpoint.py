"""An embedder behind HTTP: ``POST /embeddings`` as OpenAI, vLLM, Ollama, llama.cpp, TEI and others answer it.

Texts go in small batches over a few connections that stay open. Busy and broken answers are asked again until a
deadline. What comes back is not trusted: number, order, length and finiteness of the vectors and the size of the body
are checked. Redirects are not followed and proxies not asked, so the texts go to the named server and nowhere else.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import stamina

from gapfinder.meaning.address import KEY_VARIABLE, EndpointAddress
from gapfinder.meaning.embedder import Floats, of_length_one
from indexer.errors import EmbedderError

MOST_DIMENSIONS: Final = 8192
_OK: Final = 200
_REDIRECTS: Final = range(300, 400)
_REFUSED: Final = (401, 403)
_TRANSIENT: Final = (408, 425, 429)
_SERVER_FAULT: Final = 500  # and above
_PORTION: Final = 1 << 16
_SAID: Final = 200  # characters of the server's own words in a message
_LONGEST_WAIT: Final = 30.0  # seconds that a server may ask to wait


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint may cost: texts a request, characters a text, bytes an answer, seconds, connections."""

    texts: int = 64
    characters: int = 2000
    answer_bytes: int = 64 << 20
    connect_seconds: float = 10.0
    request_seconds: float = 60.0
    deadline_seconds: float = 180.0
    connections: int = 4


class _BusyError(Exception):
    """The same request may do better later; ``wait`` is the server's own wish in seconds, if it has one."""

    def __init__(self, sentence: str, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.wait = wait


class Endpoint:
    """An embedder behind HTTP. Safe for several threads.

    Args:
        address: Where it is, and who asks.
        limits: What it may cost.
    """

    def __init__(self, address: EndpointAddress, limits: Limits | None = None) -> None:
        self.name = address.shown
        self.dimensions: int | None = None
        self._address = address
        self._limits = limits or Limits()
        self._idle: list[HTTPConnection] = []
        self._lock = threading.Lock()
        self._met_server = False  # whether it was ever reached: then a refused connection may be a restart
        self._headers = _headers(address)
        self._tls = ssl.create_default_context() if address.secure else None

    def embed(self, texts: Sequence[str]) -> Floats:
        """Vectors of the texts, one a row, each of length 1 (or all zeros).

        Raises:
            EmbedderError: It can't be reached before the deadline, or its answer can't be trusted.
        """
        size = self._limits.texts
        batches = [list(texts[start : start + size]) for start in range(0, len(texts), size)]
        over = threading.Event()
        if len(batches) <= 1:
            found = [self._batch(batch, over) for batch in batches]
        else:
            with ThreadPoolExecutor(self._limits.connections, thread_name_prefix="embedder") as pool:
                asked = [pool.submit(self._batch, batch, over) for batch in batches]
                try:
                    found = [one.result() for one in asked]
                finally:
                    over.set()
                    pool.shutdown(wait=True, cancel_futures=True)
        return np.concatenate(found) if found else np.empty((0, self.dimensions or 0), np.float32)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _batch(self, texts: list[str], over: threading.Event) -> Floats:
        """Vectors of a few texts, asked for until the deadline, or until the others are of no use any more."""
        longest = self._limits.characters
        body = orjson.dumps({"model": self._address.model, "input": [text[:longest] for text in texts]})
        try:
            for attempt in stamina.retry_context(
                on=lambda error: not over.is_set() and _may_do_better(error),
                attempts=None,
                timeout=self._limits.deadline_seconds,
                wait_initial=0.2,
                wait_max=10.0,
                wait_jitter=0.2,
            ):
                with attempt:
                    return self._checked(self._ask(body), len(texts))
        except _BusyError as error:
            raise EmbedderError(f"the embedder {error}", hint="is the server overloaded? try again later") from error
        raise AssertionError("a retry context ends by a result or an error")

    def _ask(self, body: bytes) -> bytes:
        """The body of one good answer."""
        until = time.monotonic() + self._limits.request_seconds
        try:
            with self._connection() as connection:
                self._connect(connection)
                connection.request("POST", self._address.target, body, self._headers)
                answer = connection.getresponse()
                data = self._read(answer, until)
        except TimeoutError as error:
            if not self._met_server:
                raise self._unreachable(error) from error
            raise _BusyError(f"{self.name} did not answer in time") from error
        except (ConnectionResetError, BrokenPipeError, IncompleteRead) as error:
            raise _BusyError(f"{self.name} broke off its answer") from error
        except HTTPException as error:
            raise EmbedderError(
                f"the embedder {self.name} does not speak HTTP: {self._clean(str(error) or type(error).__name__)}",
                hint="check the address, and whether it is http or https",
            ) from error
        except OSError as error:
            raise self._unreachable(error) from error
        if answer.status != _OK:
            raise self._refused(answer, data)
        return data

    @contextmanager
    def _connection(self) -> Iterator[HTTPConnection]:
        """A connection that is nobody else's; it is kept open when the answer was read to its end."""
        with self._lock:
            connection = self._idle.pop() if self._idle else self._new()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._idle.append(connection)

    def _new(self) -> HTTPConnection:
        address, seconds = self._address, self._limits.connect_seconds
        if self._tls is not None:
            return HTTPSConnection(address.host, address.port, timeout=seconds, context=self._tls)
        return HTTPConnection(address.host, address.port, timeout=seconds)

    def _connect(self, connection: HTTPConnection) -> None:
        """Reach the server, unless this connection still does. Reaching it is given less time than its answer."""
        if connection.sock is None:
            connection.connect()
        connection.sock.settimeout(self._limits.request_seconds)
        self._met_server = True

    def _read(self, answer: HTTPResponse, until: float) -> bytes:
        most, data = self._limits.answer_bytes, bytearray()
        if (answer.length or 0) > most:
            raise self._too_large()
        while portion := answer.read1(_PORTION):
            data += portion
            if len(data) > most:
                raise self._too_large()
            if time.monotonic() > until:
                raise TimeoutError
        if answer.length:
            raise IncompleteRead(bytes(data[:0]), answer.length)
        answer.close()  # read to its end: the connection is free for the next request
        return bytes(data)

    def _too_large(self) -> EmbedderError:
        return EmbedderError(f"the embedder {self.name} answers with more than {self._limits.answer_bytes:,} bytes")

    def _unreachable(self, error: OSError) -> Exception:
        reason = self._clean(error.strerror or str(error) or type(error).__name__)
        if self._met_server and not isinstance(error, ssl.SSLError):
            return _BusyError(f"{self.name} can't be reached any more: {reason}")
        return EmbedderError(f"the embedder {self.name} can't be reached: {reason}", hint="is it running there?")

    def _refused(self, answer: HTTPResponse, data: bytes) -> Exception:
        status, said = answer.status, self._said(data)
        if status in _TRANSIENT or status >= _SERVER_FAULT:
            return _BusyError(f"{self.name} can't answer now ({status}){said}", _wait(answer))
        if status in _REDIRECTS:
            return EmbedderError(
                f"the embedder {self.name} points to another address ({status})",
                hint="name that address: texts are sent to no other server than the one you name",
            )
        if status in _REFUSED:
            return EmbedderError(
                f"the embedder {self.name} does not let us in ({status}){said}", hint=f"check {KEY_VARIABLE}"
            )
        return EmbedderError(
            f"the embedder {self.name} refuses ({status}){said}", hint="check its address and the model behind the #"
        )

    def _said(self, data: bytes) -> str:
        """The server's own words on one line, if it has any."""
        with suppress(orjson.JSONDecodeError):
            body = orjson.loads(data)
            error = body.get("error", body.get("message")) if isinstance(body, dict) else None
            text = error.get("message") if isinstance(error, dict) else error
            if isinstance(text, str) and text.strip():
                return f": {self._clean(text)}"
        return ""

    def _clean(self, text: str) -> str:
        """Foreign words on one line, without secrets."""
        for secret in self._address.secrets:
            text = text.replace(secret, "***")
        line = " ".join(text.split())
        return "".join(character for character in line if character.isprintable())[:_SAID]

    def _checked(self, data: bytes, count: int) -> Floats:
        """The vectors in an answer, in the order of the texts.

        Raises:
            EmbedderError: There are not exactly as many as texts, or they are no finite vectors of the known length.
        """
        try:
            items = orjson.loads(data)["data"]
            place = [item.get("index", number) for number, item in enumerate(items)]
            listed = [item["embedding"] for item in items]
        except orjson.JSONDecodeError as error:
            raise self._wrong("is not JSON") from error
        except (KeyError, TypeError, AttributeError) as error:
            raise self._wrong("holds no embeddings") from error
        if len(listed) != count:
            raise self._wrong(f"holds {len(listed)} embeddings for {count} texts")
        if not all(type(number) is int for number in place) or sorted(place) != list(range(count)):
            raise self._wrong("does not say which embedding belongs to which text")
        vectors = self._matrix(listed)
        ordered = np.empty_like(vectors)
        ordered[np.array(place)] = vectors
        return of_length_one(ordered)

    def _matrix(self, listed: list[Any]) -> npt.NDArray[np.float64]:
        try:
            found = np.array(listed)
        except ValueError as error:
            raise self._wrong("holds embeddings of different lengths") from error
        if found.ndim != 2 or found.dtype.kind not in "iuf":  # noqa: PLR2004 - texts by dimensions
            raise self._wrong("holds embeddings that are no lists of numbers")
        if not 1 <= found.shape[1] <= MOST_DIMENSIONS:
            raise self._wrong(f"holds embeddings of {found.shape[1]:,} numbers (1 to {MOST_DIMENSIONS:,} are known)")
        if not np.isfinite(found).all():
            raise self._wrong("holds numbers that are not finite")
        with self._lock:
            known = self.dimensions = self.dimensions or found.shape[1]
        if found.shape[1] != known:
            raise self._wrong(f"holds embeddings of {found.shape[1]} numbers, where it gave {known} before")
        return found.astype(np.float64)

    def _wrong(self, what: str) -> EmbedderError:
        return EmbedderError(f"the answer of the embedder {self.name} {what}", hint="is it an embeddings endpoint?")


def _may_do_better(error: Exception) -> bool | float:
    if not isinstance(error, _BusyError):
        return False
    return True if error.wait is None else error.wait


def _wait(answer: HTTPResponse) -> float | None:
    """Seconds the server asks to wait; a date is passed over."""
    wish = (answer.getheader("Retry-After") or "").strip()
    return min(float(wish), _LONGEST_WAIT) if wish.isascii() and wish.isdigit() else None


def _headers(address: EndpointAddress) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "gapfinder"}
    if address.key:
        headers["Authorization"] = f"Bearer {address.key}"
    elif address.user is not None:
        headers["Authorization"] = f"Basic {address.login}"
    return headers
