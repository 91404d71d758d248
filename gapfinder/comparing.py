"""Two runs compared, one row a keyword: what opened, what closed, what moved beyond noise.

A keyword *opened* or *closed* when its kind says so and its unmet probability moved beyond noise: one that went from
0.49 to 0.51 did not, it is ``steady`` and flagged ``borderline``. It *grew* or *shrank* when its unmet searches a week
moved beyond noise. Both need a move that matters as well, since of a million searches even a trifle is beyond noise.
:mod:`gapfinder.movement` says what noise is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np

from gapfinder.change_reasons import Cause, cause_of, sentence_of
from gapfinder.changes import CHANGE_LABELS, SIDES, Change
from gapfinder.comparability import Caveat, differences, same_judge, shared_days
from gapfinder.movement import Floats, Move, false_discovery, moves
from gapfinder.results import GAP_KINDS, Gap
from gapfinder.seen import Seen, Window, estimates_of
from indexer.errors import UsageError
from indexer.stores.contract import RunInfo

FALSE_MOVES: Final = 0.05  # of the changes that are told, at most that share is noise
LEAST_SHARE: Final = 0.1  # of the larger figure: a smaller move does not matter
LEAST_PROBABILITY: Final = 0.1  # the same for the unmet probability of what opened or closed
_NO_GAP: Final = ("met", "unsure")
_GAPS: Final = frozenset(GAP_KINDS) - frozenset(_NO_GAP)
_ORDER: Final = {change: place for place, change in enumerate(CHANGE_LABELS)}
Pair = tuple[Seen | None, Seen | None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one keyword that both runs know.

    Attributes:
        change: ``opened``, ``closed``, ``grew``, ``shrank`` or ``steady``.
        difference, low, high: Move of unmet searches a week, with its 90% interval.
        p_value, q_value: Of the test behind the change; None where the two figures can't be compared.
        flags: Such as ``borderline``.
    """

    change: str
    difference: float
    low: float
    high: float
    p_value: float | None
    q_value: float | None
    flags: list[str]


@dataclass(frozen=True)
class Comparison:
    """Two runs compared.

    Attributes:
        before, after: The runs.
        changes: One row a keyword: by change in the order of ``CHANGE_LABELS``, largest move first, then by keyword.
        caveats: What differs between the runs beside the data.
    """

    before: RunInfo
    after: RunInfo
    changes: list[Change]
    caveats: list[Caveat]

    @property
    def counts(self) -> dict[str, int]:
        """Number of keywords of each change, all of them named."""
        found = Counter(change["change"] for change in self.changes)
        return {change: found[change] for change in CHANGE_LABELS}


def compare(before: RunInfo, before_gaps: Iterable[Gap], after: RunInfo, after_gaps: Iterable[Gap]) -> Comparison:
    """Compare two runs; their gaps are gone through once each.

    Raises:
        UsageError: Both are the same run.
    """
    if before.run == after.run:
        raise UsageError(
            f"the run {after.run} can't be compared with itself",
            hint="name an earlier run: gapfinder runs lists them, previous is the one before",
        )
    common = shared_days(before, after)
    windows = Window.of(before, common), Window.of(after, common)
    pairs = _paired([Seen.of(gap, windows[0]) for gap in before_gaps], [Seen.of(gap, windows[1]) for gap in after_gaps])
    both = [(one, other) for one, other in pairs if one and other]
    verdicts = iter(judge(both, many=True, one_judge=same_judge(before, after)))
    caveats = differences(before, after)
    ids = before.run, after.run, [caveat.code for caveat in caveats]
    changes = [_row(one, other, next(verdicts) if one and other else None, ids) for one, other in pairs]
    changes.sort(key=_place)
    return Comparison(before, after, changes, caveats)


def judge(pairs: Sequence[tuple[Seen, Seen]], *, many: bool, one_judge: bool) -> list[Verdict]:
    """What came of keywords that two runs know.

    Args:
        pairs: The keyword before and after.
        many: They are looked at together, so that p-values are adjusted for their number; otherwise each by itself.
        one_judge: One fitted model judged the supply of both runs.
    """
    if not pairs:
        return []
    before, after = [one for one, _ in pairs], [other for _, other in pairs]
    first, second = estimates_of(before), estimates_of(after)
    unmet, probability = moves(first, second, _correlation(before, after), one_judge=one_judge)
    comparable = np.array([one.match == other.match for one, other in pairs], bool)
    q_unmet, q_probability = (_adjusted(move, comparable, many=many) for move in (unmet, probability))
    largest = np.maximum(first.per_week, second.per_week)
    beyond = q_unmet <= FALSE_MOVES
    matters = np.abs(unmet.value) >= LEAST_SHARE * largest
    flipped = (q_probability <= FALSE_MOVES) & (np.abs(probability.value) >= LEAST_PROBABILITY)
    verdicts = []
    for number, (one, other) in enumerate(pairs):
        rises = float(unmet.value[number]) > 0
        change = _flip(one, other, float(probability.value[number])) if flipped[number] else ""
        test, adjusted = (probability, q_probability) if change else (unmet, q_unmet)
        if not change and beyond[number] and matters[number]:
            change = "grew" if rises else "shrank"
        verdicts.append(
            Verdict(
                change=change or "steady",
                difference=round(float(unmet.value[number]), 4),
                low=round(float(unmet.low[number]), 4),
                high=round(float(unmet.high[number]), 4),
                p_value=_figures(test.p_value[number]) if comparable[number] else None,
                q_value=_figures(adjusted[number]) if comparable[number] else None,
                flags=_flags(one, other, change, small=bool(beyond[number]) and not change),
            )
        )
    return verdicts


def _correlation(before: Sequence[Seen], after: Sequence[Seen]) -> Floats:
    """Correlation of the counts of both runs: the searches they share over the geometric mean of all they have."""
    shared = np.array([min(one.shared, other.shared) for one, other in zip(before, after, strict=True)], np.float64)
    all_searches = np.array(
        [float(one.searches) * other.searches for one, other in zip(before, after, strict=True)], np.float64
    )
    size = np.sqrt(all_searches)
    return np.minimum(np.divide(shared, size, out=np.zeros_like(size), where=size > 0), 1.0)


def _adjusted(move: Move, comparable: np.ndarray[Any, np.dtype[np.bool_]], *, many: bool) -> Floats:
    """P-values for the number of tests; 1 where two figures can't be compared, which counts as no test."""
    adjusted = np.ones_like(move.p_value)
    tested = move.p_value[comparable]
    adjusted[comparable] = false_discovery(tested) if many else tested
    return adjusted


def _flip(before: Seen, after: Seen, move: float) -> str:
    if before.gap_kind == "met" and after.gap_kind in _GAPS and move > 0:
        return "opened"
    if before.gap_kind in _GAPS and after.gap_kind == "met" and move < 0:
        return "closed"
    return ""


def _flags(before: Seen, after: Seen, change: str, *, small: bool) -> list[str]:
    flags = {"small"} if small else set()
    if change not in ("opened", "closed"):
        if (before.gap_kind in _GAPS) != (after.gap_kind in _GAPS):
            flags.add("borderline")
        elif before.gap_kind != after.gap_kind:
            flags.add("kind_changed")
    if before.match != after.match:
        flags.add("match_changed")
    if before.keyword != after.keyword:
        flags.add("renamed")
    return sorted(flags | {"few_searchers"} & {*before.flags, *after.flags})


def _figures(value: Any) -> float:
    """Three figures of a probability: enough to read, and no digit that could differ between machines."""
    return float(f"{float(value):.3g}")


def _paired(before: Sequence[Seen], after: Sequence[Seen]) -> list[Pair]:
    """Each keyword of both runs once.

    An exact keyword is the same need as before when only its spelling changed, that is when the name in one run is a
    variant in the other.
    """
    lone = {seen.keyword: seen for seen in before}
    pairs: list[Pair] = []
    news = []
    for seen in after:
        known = lone.pop(seen.keyword, None)
        if known is None:
            news.append(seen)
        else:
            pairs.append((known, seen))
    spellings: dict[str, str] = {}
    for seen in lone.values():
        for variant in seen.variants:
            spellings.setdefault(variant, seen.keyword)
    for seen in news:
        pairs.append((next(_renamed(seen, lone, spellings), None), seen))
        earlier = pairs[-1][0]
        if earlier is not None:
            del lone[earlier.keyword]
    return [*pairs, *((seen, None) for seen in lone.values())]


def _renamed(seen: Seen, lone: dict[str, Seen], spellings: dict[str, str]) -> Iterator[Seen]:
    if seen.match != "exact":
        return
    for name in (spellings.get(seen.keyword), *seen.variants):
        earlier = lone.get(name) if name is not None else None
        if earlier is not None and earlier.match == "exact":
            yield earlier


def _row(before: Seen | None, after: Seen | None, verdict: Verdict | None, ids: tuple[str, str, list[str]]) -> Change:
    shown = after or before
    assert shown is not None
    change = verdict.change if verdict else ("new" if after else "gone")
    cause = cause_of(before, after) if before and after and change != "steady" else Cause()
    row: dict[str, Any] = {
        "keyword": shown.keyword,
        "change": change,
        "match": shown.match,
        "category": shown.category,
    }
    for name in SIDES:
        row[f"{name}_before"] = getattr(before, name) if before else None
        row[f"{name}_after"] = getattr(after, name) if after else None
    row |= {
        "difference": verdict.difference if verdict else None,
        "difference_low": verdict.low if verdict else None,
        "difference_high": verdict.high if verdict else None,
        "p_value": verdict.p_value if verdict else None,
        "q_value": verdict.q_value if verdict else None,
        "by_demand": cause.by_demand,
        "by_supply": cause.by_supply,
        "part": cause.part,
        "part_change": cause.part_change,
        "reasons": cause.reasons,
        "flags": verdict.flags if verdict else sorted({"few_searchers"} & set(shown.flags)),
        "run_before": ids[0],
        "run_after": ids[1],
        "warnings": ids[2],
        "sentence": sentence_of(change, before, after, verdict.flags if verdict else [], cause),
    }
    return cast("Change", row)


def _place(change: Change) -> tuple[int, float, str]:
    """Where a change stands in the list."""
    size = change["difference"]
    if size is None:
        size = change["unmet_low_after"] if change["unmet_low_after"] is not None else change["unmet_low_before"]
    return _ORDER[change["change"]], -abs(size or 0.0), change["keyword"]
