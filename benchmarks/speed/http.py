"""How long reads over HTTP take beside a bare hello: ``gapfinder serve`` on a stored run, FastAPI's smallest answer.

Both are servers of their own with the same settings of uvicorn, asked in turn by some clients that keep their
connections and send the next request once the last is answered. The clients are one loop over sockets, so that they
cost far less than what answers them. Every answer is looked at when the clock has stopped.
"""

from __future__ import annotations

import gzip
import random
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from typing import Any, Final
from urllib.parse import quote

import orjson

from benchmarks.speed.children import ROUNDS
from benchmarks.synthetic import write_market
from gapfinder.analysis import analyze
from gapfinder.reporting.privacy import published
from gapfinder.runs import load_run
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store

CLIENTS: Final = 8
REQUESTS: Final = 2_000
NOTES: Final = 6_000
SEARCHES: Final = 120_000
BARE: Final = "hello"
MOST_RATIO: Final = 10.0  # of p99 against a bare hello
_LIST: Final = "/v1/gaps?limit=50"
_ITEMS: Final = 50
_KNOWN: Final = 1_000  # keywords that the clients have already
_PATIENCE: Final = 60.0  # seconds for a server to begin, or to answer
_CHUNK: Final = 1 << 18
_GZIP: Final = {"Accept-Encoding": "gzip"}


Asked = tuple[str, Mapping[str, str]]


class WrongAnswerError(Exception):
    """A server did not answer what was asked."""


@dataclass(frozen=True, slots=True)
class Answered:
    """How a server answered one kind of request, the best of the rounds.

    Attributes:
        p50_ms, p99_ms: Milliseconds from sending a request to its whole answer: half and 99 of 100 take no longer.
        per_second: Answers a second to all clients together.
        body_bytes: Mean size of a body as it is sent.
    """

    p50_ms: float
    p99_ms: float
    per_second: float
    body_bytes: int


@dataclass(slots=True)
class Reply:
    """One answer as it came."""

    seconds: float
    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """A header's value, empty without it."""
        found = self.head.lower().find(b"\r\n" + name.lower() + b":")
        return b"" if found < 0 else self.head[found:].split(b"\r\n", 2)[1].partition(b":")[2].strip()

    def json(self) -> Any:
        """The body, unpacked where it is packed."""
        packed = self.header(b"content-encoding") == b"gzip"
        return orjson.loads(gzip.decompress(self.body) if packed else self.body)


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request.

    Attributes:
        port: Whom it goes to.
        asked: Its paths and headers without end.
        right: What has to hold for the answer to a path.
    """

    port: int
    asked: Iterator[Asked]
    right: Callable[[str, Reply], bool]


class _Client:
    """One kept connection with one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.place = 0
        self._begun = 0.0
        self._got = bytearray()

    def send(self, place: int, request: bytes) -> None:
        self.place = place
        self._got.clear()
        self._begun = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> Reply | None:
        """The answer once it is whole."""
        piece = self.socket.recv(_CHUNK)
        if not piece:
            raise WrongAnswerError("the server hung up")
        self._got += piece
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self._got[:end])
        named = head.lower().partition(b"\r\ncontent-length:")[2]
        size = int(named.partition(b"\r\n")[0] or 0)
        if len(self._got) < end + 4 + size:
            return None
        seconds = time.perf_counter() - self._begun
        return Reply(seconds, int(head[9:12]), head, bytes(self._got[end + 4 :]))


def drive(port: int, requests: Sequence[bytes], clients: int = CLIENTS) -> tuple[list[Reply], float]:
    """Send all requests, as many at a time as there are clients.

    Returns:
        The answers in the order of the requests, and seconds in all.

    Raises:
        WrongAnswerError: The server hung up.
        TimeoutError: It did not answer in a minute.
    """
    replies: list[Reply | None] = [None] * len(requests)
    coming = iter(enumerate(requests))
    with selectors.DefaultSelector() as waiting:
        begun = time.perf_counter()
        for place, request in islice(coming, clients):
            client = _Client(port)
            waiting.register(client.socket, selectors.EVENT_READ, client)
            client.send(place, request)
        while waiting.get_map():
            ready = waiting.select(_PATIENCE)
            if not ready:
                raise TimeoutError("the server does not answer")
            for key, _ in ready:
                client = key.data
                reply = client.receive()
                if reply is None:
                    continue
                replies[client.place] = reply
                following = next(coming, None)
                if following is not None:
                    client.send(*following)
                else:
                    waiting.unregister(client.socket)
                    client.socket.close()
        seconds = time.perf_counter() - begun
    return [reply for reply in replies if reply is not None], seconds


def request_of(path: str, headers: Mapping[str, str]) -> bytes:
    """A request as it is sent."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


@contextmanager
def serving(folder: Path, name: str, *arguments: str) -> Iterator[int]:
    """The port of a server that is its own process, begun by a Python module that tells its address first.

    Raises:
        WrongAnswerError: It did not begin.
    """
    log = folder / f"{name}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen([sys.executable, "-m", *arguments], stderr=sink, stdout=sink)
    try:
        yield _port(process, log)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        told = log.read_text(encoding="utf-8")
        if told.startswith("http://") and "\n" in told:
            return int(told.partition("127.0.0.1:")[2].partition("/")[0])
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
            break
    raise WrongAnswerError(f"no server: {log.read_text(encoding='utf-8')}")


def make_store(folder: Path, notes: int, searches: int) -> tuple[str, list[str]]:
    """A store with one run on a market of that size; gives its address and the keywords that may be shown, in order."""
    address = str(folder / "store")
    files = write_market(folder / "market", notes, searches, suffix="parquet")
    with open_store(address, create=True) as store:
        import_files(store, files, processes=0)
        analyze(store, Settings.of())
        return address, [gap["keyword"] for gap in published(load_run(store)).gaps]


def cases_of(bare: int, ours: int, keywords: Sequence[str]) -> dict[str, Case]:
    """All kinds of requests. Those for one keyword go through the whole run, in an order that jumps about in it."""
    detail = {f"/v1/gaps/{quote(keyword, safe='')}": keyword for keyword in keywords}
    paths = list(detail)
    random.Random(1).shuffle(paths)

    def listed(_: str, reply: Reply) -> bool:
        return [item["keyword"] for item in reply.json()["items"]] == list(keywords[:_ITEMS])

    def detailed(path: str, reply: Reply) -> bool:
        return bool(reply.json()["keyword"] == detail[path])

    def packed(right: Callable[[str, Reply], bool]) -> Callable[[str, Reply], bool]:
        return lambda path, reply: reply.header(b"content-encoding") == b"gzip" and right(path, reply)

    def known(_: str, reply: Reply) -> bool:
        return not reply.body

    return {
        BARE: Case(bare, cycle([("/", {})]), lambda _, reply: reply.json() == {"message": "hello"}),
        "list of 50": Case(ours, cycle([(_LIST, {})]), listed),
        "list of 50, packed": Case(ours, cycle([(_LIST, _GZIP)]), packed(listed)),
        "list of 50, known": Case(ours, cycle(_tagged(ours, [_LIST])), known),
        "one keyword": Case(ours, cycle([(path, {}) for path in paths]), detailed),
        "one keyword, packed": Case(ours, cycle([(path, _GZIP) for path in reversed(paths)]), packed(detailed)),
        "one keyword, known": Case(ours, cycle(_tagged(ours, paths[:_KNOWN])), known),
    }


def _tagged(port: int, paths: Sequence[str]) -> list[Asked]:
    """The paths with the tags that their answers have."""
    replies, _ = drive(port, [request_of(path, {}) for path in paths])
    tags = [reply.header(b"etag").decode() for reply in replies]
    return [(path, {"If-None-Match": tag}) for path, tag in zip(paths, tags, strict=True)]


def ask(name: str, case: Case, requests: int) -> Answered:
    """Drive one kind of request and look at its answers.

    Raises:
        WrongAnswerError: One is not what was asked for.
    """
    chosen = list(islice(case.asked, requests))
    replies, seconds = drive(case.port, [request_of(path, headers) for path, headers in chosen])
    for (path, headers), reply in zip(chosen, replies, strict=True):
        status = 304 if "If-None-Match" in headers else 200
        if reply.status != status or not case.right(path, reply):
            raise WrongAnswerError(f"{name}: {path} was answered {reply.status}, {len(reply.body)} bytes")
    hundredths = quantiles([reply.seconds * 1000 for reply in replies], n=100)
    size = sum(len(reply.body) for reply in replies) // len(replies)
    return Answered(hundredths[49], hundredths[98], len(replies) / seconds, size)


def measure(
    folder: Path,
    note_count: int = NOTES,
    search_count: int = SEARCHES,
    requests: int = REQUESTS,
    rounds: int = ROUNDS,
) -> dict[str, Answered]:
    """Answer all kinds of requests in turn, some rounds long; ``hello`` is what the others are held against.

    Args:
        folder: For the market, the store and what the servers say.
        note_count: Notes of the market whose gaps are served.
        search_count: Its searches.
        requests: Of each kind in a round.
        rounds: The least p50 and p99 of the rounds count.
    """
    address, keywords = make_store(folder, note_count, search_count)
    return measure_store(folder, address, keywords, requests, rounds)


def measure_store(
    folder: Path, address: str, keywords: Sequence[str], requests: int, rounds: int
) -> dict[str, Answered]:
    """The same on a store that has a run; its keywords are those of the newest run that may be shown, in order."""
    ours = ("gapfinder", "serve", "--store", address, "--port", "0")
    with serving(folder, "hello", "benchmarks.speed.hello") as bare, serving(folder, "serve", *ours) as port:
        cases = cases_of(bare, port, keywords)
        for name, case in cases.items():
            ask(name, case, CLIENTS)  # what is done once is done
        runs = [{name: ask(name, case, requests) for name, case in cases.items()} for _ in range(rounds)]
    return {
        name: Answered(
            p50_ms=min(run[name].p50_ms for run in runs),
            p99_ms=min(run[name].p99_ms for run in runs),
            per_second=max(run[name].per_second for run in runs),
            body_bytes=runs[0][name].body_bytes,
        )
        for name in cases
    }
