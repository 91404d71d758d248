"""The mentions of a stored run, read back: what is called so, and block by block who speaks of it and where.

How they are stored is told in :mod:`gapfinder.market.mention_rows`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict, cast

import numpy as np
import numpy.typing as npt
import orjson

from gapfinder.market.branches import branch
from gapfinder.market.mention_rows import (
    MENTION_TEXTS,
    MENTIONED,
    MENTIONS,
    NOTES,
    QUERIES,
    block_key,
    text_key,
)
from gapfinder.market.mentions import POINT
from gapfinder.market.stored import check_market, hint_of, read_market, read_points, spellings
from gapfinder.understanding.catalogue import CATEGORY
from indexer.errors import NotFoundError, StoreError
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo, Store

Ints = npt.NDArray[np.int64]

_MOST_NAMED: Final = 10
_LISTS: Final = 32  # of texts that are kept at hand


class Mentioned(TypedDict):
    """Something that notes and queries of a run speak of, and how often they do."""

    subject: int  # its number
    level: str  # category, brand, product, point, crowd or scene
    category: str | None
    name: str
    product_id: str | None
    notes: int
    note_mentions: int
    queries: int
    query_mentions: int
    block: int  # texts of a block
    list: int  # texts of a list


@dataclass(frozen=True)
class Block:
    """Some thousand texts of one subject, in their order.

    Attributes:
        text: Number of each text.
        start: Mentions ``start[t]`` to ``start[t + 1]`` are those of text ``t``.
        place, length: Of each mention; in words of the segmented note, in characters of a query.
    """

    text: Ints
    start: Ints
    place: Ints
    length: Ints

    def __len__(self) -> int:
        return self.text.size

    def spans(self, number: int) -> list[tuple[int, int]]:
        """Place and length of each mention of one of its texts."""
        own = slice(int(self.start[number]), int(self.start[number + 1]))
        return list(zip(self.place[own].tolist(), self.length[own].tolist(), strict=True))


class StoredMentions:
    """The mentions of one run.

    Args:
        store: Where the run is.
        info: The run.

    Raises:
        NotFoundError: The run has no market, or an older version made it.
    """

    def __init__(self, store: Store, info: RunInfo) -> None:
        check_market(info)
        if MENTIONS not in info.manifest:
            raise NotFoundError(
                f"run {info.run} tells no mentions: an older version made it", hint="run: gapfinder analyze"
            )
        self._store, self._info = store, info
        self._lists: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def find(self, name: str, level: str | None = None, category: str | None = None) -> list[Mentioned]:
        """All that is called so, by level, then category.

        Args:
            name: A category, brand, product (or its id), selling point or one of its wordings, crowd or scene.
            level: Only these.
            category: Only in texts of this category, and of those below it.

        Raises:
            NotFoundError: Nothing is called so; close names are told.
        """
        below = None
        if category is not None:
            categories = read_market(self._store, self._info, CATEGORY)
            own = branch(categories, category)
            if not own:
                names = [row["name"] for row in categories]
                raise NotFoundError(
                    f"the run has no category {category!r}", hint=hint_of(category, names, "categories")
                )
            below = [row["name"] for row in own]
        found = self.called(name) or self._worded(normalize(name))
        if not those_of(found, level, None):
            market = read_market(self._store, self._info)  # only where nothing is found: it may be large
            narrower = [row["name"] for row in branch(market, name)[1:]]
            if narrower and level in (None, CATEGORY):
                why = f"no note and no query speaks of {name!r} and of nothing narrower"
                raise NotFoundError(why, hint=below_it(narrower))
        if not found:
            names = [row["name"] for row in market]
            names += [row["selling_point"] for row in read_points(self._store, self._info)]
            raise NotFoundError(
                f"no note and no query of the run speaks of {name!r}",
                hint=hint_of(name, list(dict.fromkeys(names)), "names"),
            )
        chosen = those_of(found, level, below)
        if not chosen:
            asked = " ".join([*([level] if level else []), repr(name), *([f"in {category!r}"] if category else [])])
            raise NotFoundError(f"no note and no query of the run speaks of {asked}", hint=there_is(found))
        return chosen

    def called(self, name: str) -> list[Mentioned]:
        """All that is called exactly so; none where nothing is."""
        keys = spellings(name)
        found = self._row(MENTIONED, keys[-1]) if keys else None
        if found is None:
            return []
        return [cast("Mentioned", {**one, "block": found["block"], "list": found["list"]}) for one in found["subjects"]]

    def _worded(self, wanted: str) -> list[Mentioned]:
        """The selling points that a wording was folded into."""
        points = [row for row in read_points(self._store, self._info) if wanted and wanted in row["variants"]]
        return [one for row in points for one in those_of(self.called(row["selling_point"]), POINT, [row["category"]])]

    def blocks(self, side: str, subject: Mentioned, first: int = 0) -> Iterator[Block]:
        """The blocks of a subject, from one on."""
        texts = subject["notes"] if side == NOTES else subject["queries"]
        for number in range(first, -(-texts // subject["block"])):
            body = self._row(MENTIONS, block_key(side, subject["subject"], number))
            if body is None:
                raise self._lacking()
            text, times, place, length = (
                np.array(body[name], np.int64) for name in ("texts", "times", "place", "length")
            )
            yield Block(np.cumsum(text), np.concatenate([[0], np.cumsum(times)]), place, length)

    def note_ids(self, text: Ints, subject: Mentioned) -> list[str]:
        """The ids of some notes, by their numbers."""
        size = subject["list"]
        return [self._list(NOTES, number // size)["note_id"][number % size] for number in text.tolist()]

    def queries(self, text: Ints, subject: Mentioned) -> list[tuple[str, int, int | None]]:
        """Some queries with their searches and searchers (None: not known), by their numbers."""
        found, size = [], subject["list"]
        for number in text.tolist():
            some, place = self._list(QUERIES, number // size), number % size
            found.append((some["text"][place], some["searches"][place], some["searchers"][place]))
        return found

    def query_lists(self) -> Iterator[dict[str, Any]]:
        """All lists of queries, in order."""
        number = 0
        while (body := self._row(MENTION_TEXTS, text_key(QUERIES, number))) is not None:
            yield body
            number += 1

    def _list(self, side: str, number: int) -> dict[str, Any]:
        key = text_key(side, number)
        if key not in self._lists:
            body = self._row(MENTION_TEXTS, key)
            if body is None:
                raise self._lacking()
            self._lists[key] = body
            if len(self._lists) > _LISTS:
                self._lists.popitem(last=False)
        return self._lists[key]

    def _lacking(self) -> StoreError:
        return StoreError(f"run {self._info.run} lacks some of its mentions", hint="run: gapfinder analyze")

    def _row(self, section: str, key: str) -> dict[str, Any] | None:
        body = self._store.run_row(self._info.run, section, key)
        found: dict[str, Any] | None = None if body is None else orjson.loads(body)
        return found


def those_of(found: Iterable[Mentioned], level: str | None, categories: Iterable[str] | None) -> list[Mentioned]:
    """Those of a level, in texts of some categories; None: of any."""
    within = None if categories is None else {normalize(one) for one in categories}
    return [
        one
        for one in found
        if level in (None, one["level"]) and (within is None or normalize(one["category"] or "") in within)
    ]


def below_it(narrower: Sequence[str]) -> str:
    """What stands below a category, for a hint."""
    return "below it: " + ", ".join(narrower[:_MOST_NAMED])


def there_is(found: Iterable[Mentioned]) -> str:
    """What goes by a name, for a hint."""
    return "there is: " + "; ".join(f"{one['level']} in {one['category'] or 'no category'}" for one in found)
