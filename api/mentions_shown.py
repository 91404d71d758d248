"""The mentions of a run as they may be shown: notes without what looks personal, queries that many people searched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from api.market_shown import ShownMarket
from api.problems import Missing
from api.shown import ShownRun
from gapfinder.market.mention_rows import QUERIES
from gapfinder.market.mentioned import Mentioned, StoredMentions, below_it, there_is, those_of
from gapfinder.market.passages import Passage, note_passages, of_query, run_snapshot
from gapfinder.market.public import Limits, may_quote, published_note
from gapfinder.reporting.privacy import personal_spans
from indexer.errors import NotFoundError
from indexer.stores.contract import Store

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which page of which mentions."""

    name: str
    level: str | None
    category: str | None
    side: str
    start: int
    limit: int


class ShownMentions:
    """The mentions of one run. What is kept in memory is which queries may be shown, and how many of each block.

    Args:
        store: Where the run is.
        shown: The run.
        part: Its market; it says which names may be shown.

    Raises:
        Missing: The run tells no mentions.
    """

    def __init__(self, store: Store, shown: ShownRun, part: ShownMarket) -> None:
        self._shown, self._part = shown, part
        self._counts: dict[int, Ints] = {}
        limits = Limits.of(shown.info, shown.keywords)
        self._quoted = np.fromiter(
            (
                may_quote(query, searchers, people, limits)
                for some in self._stored(store).query_lists()
                for query, searchers, people in zip(some["text"], some["searchers"], some["people"], strict=True)
            ),
            np.bool_,
        )

    def _stored(self, store: Store) -> StoredMentions:
        try:
            return StoredMentions(store, self._shown.info)
        except NotFoundError as error:
            raise Missing(error.message, hint=error.hint) from error

    def page(self, store: Store, wanted: Wanted) -> tuple[int, list[Passage]]:
        """How many notes or queries there are, and those of one page.

        Raises:
            Missing: Nothing that may be shown is called so.
        """
        mentions = self._stored(store)
        subjects = self._chosen(mentions, wanted)
        if wanted.side == QUERIES:
            total = sum(int(self._quotable(mentions, subject).sum()) for subject in subjects)
            return total, list(islice(self._queries(mentions, subjects, wanted.start), wanted.limit))
        total = sum(subject["notes"] for subject in subjects)
        with closing(run_snapshot(store, self._shown.info)) as snapshot:
            notes = note_passages(mentions, snapshot, subjects, wanted.start, wanted.limit, personal_spans)
            return total, list(map(published_note, notes))

    def _chosen(self, mentions: StoredMentions, wanted: Wanted) -> list[Mentioned]:
        found = [one for one in mentions.called(wanted.name) if self._may_show(mentions, one)]
        if not found:
            narrower = [name for name in self._part.narrower(wanted.name) if wanted.level in (None, "category")]
            raise Missing(
                f"no note and no query that may be shown speaks of {wanted.name[:100]!r}"
                + (" and of nothing narrower" if narrower else ""),
                hint=below_it(narrower) if narrower else self._part.hint_of(wanted.name),
            )
        below = None if wanted.category is None else self._part.names_below(wanted.category)
        chosen = those_of(found, wanted.level, below)
        if not chosen:
            raise Missing(f"nothing of that level and category is called {wanted.name[:100]!r}", hint=there_is(found))
        return chosen

    def _may_show(self, mentions: StoredMentions, subject: Mentioned) -> bool:
        """Whether a name is shown, and more than queries of few people speak of it."""
        named = self._part.names(subject["level"], subject["name"], subject["category"])
        return named and (subject["notes"] > 0 or bool(self._quotable(mentions, subject).any()))

    def _quotable(self, mentions: StoredMentions, subject: Mentioned) -> Ints:
        """How many queries of each block may be shown; counted when a subject is first asked for."""
        known = self._counts.get(subject["subject"])
        if known is None:
            counts = [int(self._quoted[block.text].sum()) for block in mentions.blocks(QUERIES, subject)]
            known = self._counts[subject["subject"]] = np.array(counts, np.int64)
        return known

    def _queries(self, mentions: StoredMentions, subjects: Sequence[Mentioned], start: int) -> Iterator[Passage]:
        """The queries that may be shown, from one on; blocks before it are not read."""
        for subject in subjects:
            counts = self._quotable(mentions, subject)
            ends = np.cumsum(counts)
            first = int(np.searchsorted(ends, start, side="right"))
            left = start - int(ends[first - 1] if first else 0)
            start = max(0, start - int(counts.sum()))
            if first == counts.size:
                continue
            for block in mentions.blocks(QUERIES, subject, first):
                for place in np.flatnonzero(self._quoted[block.text])[left:].tolist():
                    [told] = mentions.queries(block.text[place : place + 1], subject)
                    yield of_query(subject, *told, block.spans(place))
                left = 0
