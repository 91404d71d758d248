"""The mentions of a run as they may be shown: notes without what looks personal, queries that many people searched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from api.market_shown import ShownMarket
from api.problems import Missing
from api.shown import ShownRun
from gapfinder.market.mention_rows import QUERIES
from gapfinder.market.mentioned import Mentioned, StoredMentions, those_of
from gapfinder.market.passages import Passage, note_passages, of_query, run_snapshot
from gapfinder.market.public import Limits, may_quote, published_note
from gapfinder.reporting.privacy import personal_spans
from indexer.errors import NotFoundError
from indexer.stores.contract import Store

Flags = npt.NDArray[np.bool_]


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
    """The mentions of one run. What is kept in memory is which queries may be shown.

    Args:
        store: Where the run is.
        shown: The run.
        part: Its market; it says which names may be shown.

    Raises:
        Missing: The run tells no mentions.
    """

    def __init__(self, store: Store, shown: ShownRun, part: ShownMarket) -> None:
        self._shown, self._part = shown, part
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
            rows = [row for subject in subjects for row in self._queries(mentions, subject)]
            some = rows[wanted.start : wanted.start + wanted.limit]
            return len(rows), [
                of_query(subject, *mentions.queries(np.array([text]), subject)[0], spans)
                for subject, text, spans in some
            ]
        total = sum(subject["notes"] for subject in subjects)
        with closing(run_snapshot(store, self._shown.info)) as snapshot:
            notes = note_passages(mentions, snapshot, subjects, wanted.start, wanted.limit, personal_spans)
            return total, list(map(published_note, notes))

    def _chosen(self, mentions: StoredMentions, wanted: Wanted) -> list[Mentioned]:
        found = [
            one for one in mentions.called(wanted.name) if self._part.names(one["level"], one["name"], one["category"])
        ]
        if not found:
            raise Missing(
                f"no note and no query that may be shown speaks of {wanted.name[:100]!r}",
                hint=self._part.hint_of(wanted.name),
            )
        chosen = those_of(found, wanted.level, wanted.category)
        if not chosen:
            there = "; ".join(f"{one['level']} in {one['category'] or 'no category'}" for one in found)
            raise Missing(
                f"nothing of that level and category is called {wanted.name[:100]!r}", hint=f"there is: {there}"
            )
        return chosen

    def _may_show(self, mentions: StoredMentions, subject: Mentioned) -> bool:
        """Whether a name is shown, and more than queries of few people speak of it."""
        named = self._part.names(subject["level"], subject["name"], subject["category"])
        return named and (subject["notes"] > 0 or any(True for _ in self._queries(mentions, subject)))

    def _queries(
        self, mentions: StoredMentions, subject: Mentioned
    ) -> Iterator[tuple[Mentioned, int, list[tuple[int, int]]]]:
        """The queries that may be shown, by number, with the places of the words."""
        for block in mentions.blocks(QUERIES, subject):
            for place in np.flatnonzero(self._quoted[block.text]).tolist():
                yield subject, int(block.text[place]), block.spans(place)
