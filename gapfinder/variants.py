"""The very queries behind a keyword: raw queries by canonical ones, most searched first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from gapfinder.results import EvidenceQuery, Variant

MOST_QUERIES: Final = 8
MOST_VARIANTS: Final = 10

_COLUMNS: Final = ("query", "searches", "searchers", "people", "satisfied", "unsatisfied", "unknown", "folded_by")


class Variants:
    """The raw queries behind canonical ones.

    Args:
        variants: The demand's variants.
        queries: Number of canonical queries.
    """

    def __init__(self, variants: pa.Table, queries: int) -> None:
        ordered = variants.sort_by([("query_id", "ascending"), ("searches", "descending"), ("query", "ascending")])
        self._start = np.searchsorted(ordered["query_id"].to_numpy(), np.arange(queries + 1)).tolist()
        self._query, self._searches, *self._rest = (ordered[name].to_pylist() for name in _COLUMNS)

    def shown(self, queries: Sequence[int]) -> tuple[list[Variant], list[EvidenceQuery]]:
        """How a keyword was written, and its evidence: the most searched raw queries of its members.

        Args:
            queries: Members of the keyword, most searched first; those beyond the most that are shown add nothing.
        """
        rows = self._most_searched(queries[:MOST_VARIANTS], MOST_VARIANTS)
        few = rows if len(queries) <= MOST_QUERIES else self._most_searched(queries[:MOST_QUERIES], MOST_QUERIES)
        searchers, people, satisfied, unsatisfied, unknown, folded_by = self._rest
        variants = [
            Variant(query=self._query[row], searches=self._searches[row], folded_by=folded_by[row]) for row in rows
        ]
        evidence = [
            EvidenceQuery(
                query=self._query[row],
                searches=self._searches[row],
                searchers=searchers[row],
                people=people[row],
                satisfied=satisfied[row],
                unsatisfied=unsatisfied[row],
                unknown=unknown[row],
            )
            for row in few[:MOST_QUERIES]
        ]
        return variants, evidence

    def _most_searched(self, queries: Sequence[int], most: int) -> list[int]:
        if len(queries) == 1:
            first, last = self._start[queries[0]], self._start[queries[0] + 1]
            return list(range(first, min(last, first + most)))
        rows = [row for query in queries for row in range(self._start[query], self._start[query + 1])]
        rows.sort(key=lambda row: (-self._searches[row], self._query[row]))
        return rows[:most]
