"""Reading all of something page by page, under one point in time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Final, TypeVar

from elasticsearch import NotFoundError

from indexer.errors import PartialAnswerError, StoreError
from indexer.stores.elastic.connection import Answer, Connection, whole
from indexer.stores.elastic.queries import JsonObject
from indexer.stores.elastic.room import LANES, WAITS, wait

KEEP_ALIVE: Final = "1h"
_MSEARCH_SECONDS: Final = 300.0
_NO_ROOM: Final = 429  # the status of a search that the server's queue did not take

Hit = Mapping[str, Any]
T = TypeVar("T")


class PointInTime:
    """An unchanging view of some indices, opened when it is first asked.

    The indices are published, so nothing writes to them; the view also outlives their deletion being asked for by
    failing loudly instead of answering from what is left.
    """

    def __init__(self, connection: Connection, indices: Sequence[str]) -> None:
        self._connection = connection
        self._indices = list(indices)
        self._lock = threading.Lock()
        self._id: str | None = None

    @property
    def where(self) -> str:
        """What is read, for messages."""
        return self._connection.address.shown

    def search(self, body: JsonObject) -> Answer:
        """One search, answered whole."""
        asked = {**body, "pit": self._pit(), "allow_partial_search_results": False}
        try:
            answer = self._connection.call(lambda client: client.search(**_keywords(asked)), expect=(NotFoundError,))
        except NotFoundError as error:
            raise self._gone() from error
        return whole(answer.body, self.where)

    def search_many(self, bodies: Sequence[JsonObject]) -> list[Answer]:
        """Several searches in one request, each answered whole, in order.

        Those that the server had no room for (429) are asked again, later and later, and only those.
        """
        answers = self._many(bodies)
        for seconds in WAITS:
            refused = [place for place, answer in enumerate(answers) if answer.get("status") == _NO_ROOM]
            if not refused:
                self._connection.room.went_well()
                break
            self._connection.room.refused()
            wait(seconds)
            for place, answer in zip(refused, self._many([bodies[place] for place in refused]), strict=True):
                answers[place] = answer
        return [whole(one, self.where) for one in answers]

    def _many(self, bodies: Sequence[JsonObject]) -> list[Answer]:
        """The answers of one request as they come."""
        pit = self._pit()
        lines: list[Mapping[str, Any]] = []
        for body in bodies:
            lines += [{"allow_partial_search_results": False}, {**body, "pit": pit}]
        try:
            with self._connection.room.place():
                answer = self._connection.call(
                    lambda client: client.options(request_timeout=_MSEARCH_SECONDS).msearch(searches=lines),
                    expect=(NotFoundError,),
                )
        except NotFoundError as error:
            raise self._gone() from error
        answers: list[Answer] = answer.body.get("responses", [])
        if len(answers) != len(bodies):
            raise PartialAnswerError(f"{self.where} answered {len(answers)} of {len(bodies)} questions")
        return answers

    def close(self) -> None:
        """Give it back to the server; it would end by itself in an hour."""
        with self._lock:
            if self._id is None:
                return
            identifier, self._id = self._id, None
        try:
            self._connection.call(
                lambda client: client.close_point_in_time(id=identifier), expect=(NotFoundError,), deadline=0
            )
        except (NotFoundError, StoreError):
            return  # it is gone already, or ends by itself

    def _pit(self) -> JsonObject:
        with self._lock:
            if self._id is None:
                try:
                    answer = self._connection.call(
                        lambda client: client.open_point_in_time(index=self._indices, keep_alive=KEEP_ALIVE),
                        expect=(NotFoundError,),
                    )
                except NotFoundError as error:
                    raise self._gone() from error
                self._id = answer["id"]
            return {"id": self._id, "keep_alive": KEEP_ALIVE}

    def _gone(self) -> StoreError:
        return StoreError(
            f"{self.where}: the snapshot that was read is gone",
            hint="later imports have replaced it, or it was not used for an hour; start again",
        )


def documents(pit: PointInTime, page: JsonObject) -> Iterator[Sequence[Hit]]:
    """All hits of a search that is sorted by ``_shard_doc``, page by page."""
    after: Sequence[Any] | None = None
    while True:
        hits = pit.search(page if after is None else {**page, "search_after": after})["hits"]["hits"]
        if hits:
            yield hits
        if len(hits) < page["size"]:
            return
        after = hits[-1]["sort"]


def sliced_documents(pit: PointInTime, page: JsonObject, slices: int = LANES) -> Iterator[Sequence[Hit]]:
    """The same in no order: the view is cut into slices, and the next page of each is asked for ahead."""
    if slices < 2:  # noqa: PLR2004 - one slice is no slice
        yield from documents(pit, page)
        return
    yield from interleaved(
        (documents(pit, {**page, "slice": {"id": number, "max": slices}}) for number in range(slices)), slices
    )


def interleaved(readers: Iterator[Iterator[T]], at_once: int) -> Iterator[T]:
    """What some readers give, in no order: so many at a time, the next item of each asked for ahead."""
    with ThreadPoolExecutor(at_once) as pool:
        waiting = deque((reader, pool.submit(next, reader, None)) for reader in islice(readers, at_once))
        while waiting:
            reader, under_way = waiting.popleft()
            item = under_way.result()
            if item is not None:
                waiting.append((reader, pool.submit(next, reader, None)))
                yield item
            elif (following := next(readers, None)) is not None:
                waiting.append((following, pool.submit(next, following, None)))


def _keywords(body: JsonObject) -> dict[str, Any]:
    """A body as the arguments of the client's ``search``."""
    return {("source" if name == "_source" else name): value for name, value in body.items()}
