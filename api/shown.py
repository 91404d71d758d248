"""One run as it may be shown, kept small: its gaps packed, and beside them the few columns that lists are made from."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from api.packed import Packed
from api.problems import Missing
from gapfinder.orders import ORDERS
from gapfinder.reporting.privacy import PublishedRun, published
from gapfinder.reporting.view import MOST_MET_ROWS, MOST_ROWS
from gapfinder.results import GAP_KINDS, Gap, Trend
from gapfinder.runs import Run
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo

Positions = npt.NDArray[np.int32]

_BATCH: Final = 500
_KINDS: Final = {kind: number for number, kind in enumerate(GAP_KINDS)}
_NO_TREND: Final[Trend] = {
    "direction": "unknown",
    "change": None,
    "low": None,
    "high": None,
    "weekly": [],
    "festivals": [],
    "surge": None,
}


class ShownRun:
    """One run as it may be shown, with what is looked up in it again and again. Safe for several threads.

    Args:
        info: The run.
        gaps: All its gaps in the default order; they are gone through once, and left out here where they may not be
            shown.

    Attributes:
        info: The run as it may be shown.
        floor: People below which nothing is shown.
        hidden_keywords, hidden_queries: How much was left out.
    """

    def __init__(self, info: RunInfo, gaps: Iterable[Gap]) -> None:
        self._gaps: Packed[Gap] = Packed()
        self._texts: list[str] = []
        self._keywords: dict[str, int] = {}
        self._variants: dict[str, int] = {}
        values = {order: array("d") for order in ORDERS}
        kinds, contains = array("B"), array("b")
        self.hidden_keywords = self.hidden_queries = 0
        for run in _in_batches(info, gaps):
            self.info, self.floor = run.info, run.floor
            self.hidden_keywords += run.hidden_keywords
            self.hidden_queries += run.hidden_queries
            for gap in run.gaps:
                self._add(gap)
                kinds.append(_KINDS[gap["gap_kind"]])
                contains.append(gap["match"] == "contains")
                for order, column in values.items():
                    column.append(ORDERS[order](gap))
        self._values = {order: np.array(column) for order, column in values.items()}
        self._kinds, self._contains = np.array(kinds), np.array(contains, np.bool_)
        self._orders: dict[str, Positions] = {}
        pa.default_memory_pool().release_unused()  # the rows that were read; they are many times what is kept of them

    def __len__(self) -> int:
        return len(self._gaps)

    @property
    def key(self) -> tuple[str, str]:
        """What tells this run from all others, also from one that was saved under its id before."""
        return key_of(self.info)

    @property
    def keywords(self) -> Collection[str]:
        """The keywords that are shown."""
        return self._keywords.keys()

    def _add(self, gap: Gap) -> None:
        place = len(self)
        self._gaps.append(gap)
        names = [gap["keyword"], *(variant["query"] for variant in gap["variants"]), *gap["synonyms"]]
        self._texts.append("\n".join(names).lower())
        self._keywords[gap["keyword"]] = place
        if gap["match"] == "exact":
            for variant in gap["variants"]:
                if variant["query"] != gap["keyword"]:
                    self._variants.setdefault(variant["query"], place)

    def at(self, place: int) -> Gap:
        """The gap of that place in the default order."""
        return self._gaps[place]

    def gaps(self) -> Iterator[Gap]:
        """All gaps in the default order, one at a time."""
        return iter(self._gaps)

    def place_of(self, keyword: str) -> int:
        """The place of a keyword or of the keyword a variant was folded into.

        Raises:
            Missing: The run knows neither, or may not show it.
        """
        place = self._known(keyword)
        if place is None:
            place = self._known(normalize(keyword))
        if place is not None:
            return place
        raise Missing(
            f"the run {self.info.run} shows no keyword {keyword[:100]!r}",
            hint="GET /v1/gaps?q=... finds keywords; those searched by few people are not shown",
        )

    def _known(self, text: str) -> int | None:
        return self._keywords.get(text, self._variants.get(text))

    def gap(self, keyword: str) -> Gap:
        """The gap of a keyword or of the keyword a variant was folded into; ``Missing`` as :meth:`place_of`."""
        return self.at(self.place_of(keyword))

    def chosen(self, order: str, kinds: Collection[str], match: str | None, q: str | None) -> Positions:
        """The places of the gaps that fit, largest first.

        Args:
            order: One of ``ORDERS``; ties keep the default order.
            kinds: Only these; none means all.
            match: Only ``exact`` or ``contains``.
            q: Only those whose keyword, variants or synonyms contain this.
        """
        found = self._ordered(order)
        if kinds:
            found = found[np.isin(self._kinds[found], [_KINDS[kind] for kind in kinds])]
        if match:
            found = found[self._contains[found] == (match == "contains")]
        if q:
            wanted = q.lower()
            found = found[np.fromiter((wanted in self._texts[place] for place in found), np.bool_, len(found))]
        return found

    def _ordered(self, order: str) -> Positions:
        if order not in self._orders:
            self._orders[order] = np.argsort(-self._values[order], kind="stable").astype(np.int32)
        return self._orders[order]

    def for_page(self) -> PublishedRun:
        """The run for the report page, which shows the evidence of its first rows and counts the others."""
        left = {True: MOST_MET_ROWS, False: MOST_ROWS}
        gaps = []
        for gap in self.gaps():
            met = gap["gap_kind"] == "met"
            left[met] -= 1
            gaps.append(gap if left[met] >= 0 else _counted(gap))
        return PublishedRun(self.info, gaps, self.floor, self.hidden_keywords, self.hidden_queries)


def key_of(info: RunInfo) -> tuple[str, str]:
    """What tells a stored run from all others, also from one that was saved under its id before."""
    return info.run, info.created_at.isoformat()


def _in_batches(info: RunInfo, gaps: Iterable[Gap]) -> Iterator[PublishedRun]:
    """What may be shown of the gaps, some at a time, at least once."""
    coming = iter(gaps)
    batch = list(islice(coming, _BATCH))
    yield published(Run(info, batch))
    while batch := list(islice(coming, _BATCH)):
        yield published(Run(info, batch))


def _counted(gap: Gap) -> Gap:
    """A gap of which a page tells no more than that there is one of its kind: without what makes it large."""
    small = gap.copy()
    small["trend"] = _NO_TREND
    small["season"] = small["forecast"] = small["price"] = None
    small["variants"], small["synonyms"], small["daily"], small["volumes"] = [], [], [], []
    small["evidence_queries"], small["evidence_notes"] = [], []
    small["kind_probabilities"], small["score_parts"] = {}, {}
    small["reason"] = ""
    return small
