"""A stored backtest: kept like an analysis, under an id of its own kind (``backtest-...``).

Section ``backtest`` holds the result in one row and names no keyword; section ``sets`` holds the matched sets, which
are for the owner only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import orjson
import pyarrow as pa

from gapfinder.backtest.results import Backtest, MatchedSet
from gapfinder.runs import BACKTEST, LATEST, only
from indexer.errors import NotFoundError
from indexer.stores.contract import RUN_ROWS, RunInfo, Store

SECTION: Final = "backtest"
SETS: Final = "sets"


@dataclass(frozen=True)
class Backtested:
    """A stored backtest, with the matched sets behind it."""

    info: RunInfo
    result: Backtest
    sets: list[MatchedSet]


def newest_result(store: Store) -> Backtest | None:
    """What the newest backtest of a store found, without its sets; None when there is none."""
    newest = next(iter(backtests(store)), None)
    return None if newest is None else _result(store, newest)


def load_backtest(store: Store, run: str) -> Backtested:
    """A stored backtest by id or name, or the newest (``latest``).

    Raises:
        NotFoundError: There is none.
    """
    for info in backtests(store):
        if run in (LATEST, info.run, info.name):
            sets = [orjson.loads(row) for row in store.run_rows(info.run, SETS).column("body").to_pylist()]
            return Backtested(info, _result(store, info), sets)
    raise NotFoundError(f"there is no backtest {run!r}", hint="run: gapfinder backtest")


def _result(store: Store, info: RunInfo) -> Backtest:
    (body,) = store.run_rows(info.run, SECTION).column("body").to_pylist()
    return cast("Backtest", orjson.loads(body))


def backtests(store: Store) -> list[RunInfo]:
    """All stored backtests, newest first."""
    return only(store.runs(), BACKTEST)


def canonical(value: object) -> bytes:
    """JSON with sorted keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def rows_of(result: Backtest, sets: list[MatchedSet]) -> pa.Table:
    """The result and its sets as rows of a stored run."""
    rows = [(SECTION, 0, SECTION, canonical(result).decode())]
    rows += [(SETS, place, one["keyword"], canonical(one).decode()) for place, one in enumerate(sets)]
    return pa.table([pa.array(column) for column in zip(*rows, strict=True)], schema=RUN_ROWS)
