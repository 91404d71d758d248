"""What stands on the page beside a run: what changed since the run before, and what the newest backtest says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gapfinder.backtest.results import Backtest, Bin
from gapfinder.backtest.stored import backtests, load_backtest
from gapfinder.changes import CHANGE_LABELS, Change
from gapfinder.comparability import days_of
from gapfinder.comparing import Comparison, compare
from gapfinder.reporting.privacy import PublishedRun, published
from gapfinder.reporting.words import signed
from gapfinder.runs import PREVIOUS, find_earlier, load_run
from indexer.errors import NotFoundError
from indexer.stores.contract import RunInfo, Store

MOST_MOVES: Final = 8
_MOVED: Final = ("opened", "closed", "grew", "shrank")


@dataclass(frozen=True, slots=True)
class Beside:
    """What else the store holds about a run; both may be missing."""

    compared: Comparison | None = None
    backtest: Backtest | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A keyword that moved beyond noise; ``row`` is its row in the table, if it stands there."""

    change: str
    label: str
    keyword: str
    row: int | None
    difference: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Moves:
    """What changed since the run before."""

    before: str
    counts: list[tuple[str, str, int]]
    moves: list[Move]
    more: int
    caveats: list[str]


@dataclass(frozen=True, slots=True)
class Tested:
    """What the newest backtest says, in sentences, with the table behind the last of them."""

    span: str
    sentences: list[str]
    bins: list[Bin]


def beside_of(store: Store, run: PublishedRun) -> Beside:
    """What a store holds beside a run, as far as it may be shown."""
    try:
        earlier = find_earlier(store, PREVIOUS, run.info)
        before = published(load_run(store, earlier.run))
        compared = compare(before.info, before.gaps, run.info, run.gaps)
    except NotFoundError:
        compared = None
    tested = load_backtest(store, newest.run).result if (newest := next(iter(backtests(store)), None)) else None
    return Beside(compared, tested)


def moves_of(compared: Comparison | None, rows: Mapping[str, int]) -> Moves | None:
    """The changes to show; ``rows`` gives the row of each keyword of the table."""
    if compared is None:
        return None
    moved = [change for change in compared.changes if change["change"] in _MOVED]
    counts = compared.counts
    return Moves(
        _named(compared.before),
        [(change, CHANGE_LABELS[change], counts[change]) for change in (*_MOVED, "steady")],
        [_move(change, rows) for change in moved[:MOST_MOVES]],
        max(0, len(moved) - MOST_MOVES),
        [caveat.message for caveat in compared.caveats],
    )


def backtest_told(backtest: Backtest | None) -> Tested | None:
    """A backtest in sentences: did answers pay, did gaps last, did probabilities hold."""
    if backtest is None:
        return None
    sentences = [backtest["statement"]]
    held, told = backtest["persistence"], backtest["reliability"]
    if held is not None and held["share"] is not None:
        sentences.append(
            f"当时排在前面的 {held['judged']} 个缺口，之后 {backtest['weeks']} 周里仍是缺口的有 {held['still_gaps']} 个"
            f"（{held['share']:.0%}，90% 区间 {held['low']:.0%}–{held['high']:.0%}）。"
        )
    if told is not None:
        sentences.append(
            f"拿之后 {told['searches']:,} 次结果已知的搜索核对当时的概率，平均相差 {100 * told['error']:.1f} 个百分点。"
        )
    span = f"用 {backtest['at']} 之前的数据找缺口，再看其后 {backtest['weeks']} 周"
    return Tested(span, sentences, told["bins"] if told is not None else [])


def _move(change: Change, rows: Mapping[str, int]) -> Move:
    middle, low, high = map(signed, (change["difference"], change["difference_low"], change["difference_high"]))
    return Move(
        change["change"],
        CHANGE_LABELS[change["change"]],
        change["keyword"],
        rows.get(change["keyword"]),
        f"{middle} 次/周（{low} 至 {high}）",
        change["sentence"],
    )


def _named(info: RunInfo) -> str:
    days = days_of(info)
    if days is None:
        return info.name
    return f"{info.name}（{days[0]} 至 {days[1] - timedelta(days=1)}）"
