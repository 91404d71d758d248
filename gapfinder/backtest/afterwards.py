"""What the gaps of a day were in the weeks after it: whether they lasted, and whether their probabilities held.

Both are judged by the searches of these weeks alone, none of which was known at the day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.backtest.frozen import NO_GAP, Frozen
from gapfinder.backtest.history import Span
from gapfinder.backtest.results import Bin, Persistence, Reliability
from gapfinder.behaviour import Outcomes
from gapfinder.gaps import build_gaps
from gapfinder.interval import Z90
from gapfinder.keywords import EXACT
from gapfinder.measuring import Calibrations, Step, measure
from gapfinder.past import PastSnapshot
from gapfinder.settings import Settings
from indexer.segment import Segmenter
from indexer.stores.contract import Snapshot

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TOP: Final = 50
FEWEST_OUTCOMES: Final = 200  # searches with a known outcome below which reliability says nothing
_BINS: Final = 10
_UNSURE: Final = "unsure"


@dataclass(frozen=True)
class Afterwards:
    """What each frozen keyword was in the weeks after; one entry a keyword.

    Attributes:
        judged: Whether the weeks after tell.
        gap: Whether it is a gap then.
        unsatisfied, known: Outcomes of its searches in these weeks.
    """

    judged: Bools
    gap: Bools
    unsatisfied: Floats
    known: Floats


def afterwards(
    snapshot: Snapshot, frozen: Frozen, span: Span, settings: Settings, segmenter: Segmenter, step: Step
) -> Afterwards:
    """Analyze the frozen keywords once more, with the searches of the weeks after and the notes up to their end.

    Answers are judged by the model of the day, so that only what happened differs. The weeks after are fewer than those
    before, so what counts as enough searches is less in proportion.
    """
    names = tuple(one.keyword for one in frozen.told)
    enough = settings["sure_searches"] * span.weeks / frozen.measured.demand.window.weeks
    values = {**settings.values, "min_searches": 1, "min_searchers": 1, "sure_searches": max(1.0, round(enough))}
    chosen = replace(settings, values=values, first=span.at, end=span.until, keywords=names, category=None)
    view = PastSnapshot(snapshot, span.until)
    place = {name: number for number, name in enumerate(names)}
    judged, gaps = np.zeros(len(names), bool), np.zeros(len(names), bool)
    unsatisfied, known = np.zeros(len(names)), np.zeros(len(names))
    measured = measure(view, chosen, segmenter, step, Calibrations(frozen.measured.calibration))
    for gap in build_gaps(measured, view, chosen):
        number = place[gap["keyword"]]
        judged[number] = gap["gap_kind"] != _UNSURE and gap["match"] == EXACT
        gaps[number] = gap["gap_kind"] not in NO_GAP
        unsatisfied[number] = gap["unsatisfied"]
        known[number] = gap["unsatisfied"] + gap["satisfied"]
    return Afterwards(judged, gaps, unsatisfied, known)


def persistence_of(frozen: Frozen, filled: Bools, after: Afterwards) -> Persistence:
    """Whether the gaps of the day lasted.

    Args:
        frozen: The keywords in the default order.
        filled: Which of them got an answer in the weeks after.
        after: What they were then.
    """
    is_gap, met = frozen.is_gap, frozen.is_met & after.judged
    top = np.flatnonzero(is_gap)[:TOP]
    judged = top[after.judged[top]]
    still = int(after.gap[judged].sum())
    low, high = _wilson(still, judged.size)
    filled_gaps, unfilled = is_gap & filled & after.judged, is_gap & ~filled & after.judged
    return Persistence(
        top=int(top.size),
        judged=int(judged.size),
        still_gaps=still,
        share=_share(still, judged.size),
        low=low,
        high=high,
        base_share=_share(int(after.gap[met].sum()), int(met.sum())),
        filled_judged=int(filled_gaps.sum()),
        filled_closed=int((~after.gap[filled_gaps]).sum()),
        unfilled_judged=int(unfilled.sum()),
        unfilled_closed=int((~after.gap[unfilled]).sum()),
    )


def reliability_of(frozen: Frozen, after: Afterwards) -> Reliability | None:
    """The unmet probability of the day against the searches that ended unsatisfied; None with too few outcomes.

    Some searches of an answered need end unsatisfied too, and the unmet probability leaves this noise out. So each
    keyword is expected to show its unmet probability plus, where it is answered, the noise of answered keywords as it
    was fitted at the day.
    """
    if after.known.sum() < FEWEST_OUTCOMES:
        return None
    unmet = frozen.unmet
    expected = expected_unsatisfied(unmet, frozen.measured.unmet.outcomes)
    place = np.minimum((np.round(unmet, 6) * _BINS).astype(np.int64), _BINS - 1)
    seen = after.known > 0
    bins: list[Bin] = []
    for one in range(_BINS):
        rows = seen & (place == one)
        searches = float(after.known[rows].sum())
        if searches:
            bins.append(
                Bin(
                    unmet_from=one / _BINS,
                    unmet_to=(one + 1) / _BINS,
                    keywords=int(rows.sum()),
                    searches=int(searches),
                    expected=round(float((expected[rows] * after.known[rows]).sum() / searches), 4),
                    observed=round(float(after.unsatisfied[rows].sum() / searches), 4),
                )
            )
    total = sum(one["searches"] for one in bins)
    error = sum(one["searches"] * abs(one["expected"] - one["observed"]) for one in bins) / total
    return Reliability(keywords=int(seen.sum()), searches=total, error=round(error, 4), bins=bins)


def expected_unsatisfied(unmet: Floats, outcomes: Outcomes) -> Floats:
    """Share of searches expected to end unsatisfied, from the unmet probability and the two classes of outcomes.

    Without outcomes at the day the unmet probability is that of an unanswered need, else that times the share of its
    searches that stay unmet.
    """
    if outcomes.queries == 0:
        return unmet * outcomes.missing_rate + (1.0 - unmet) * outcomes.met_rate
    unanswered = np.minimum(unmet / outcomes.missing_rate, 1.0)
    return np.minimum(unmet + (1.0 - unanswered) * outcomes.met_rate, 1.0)


def _share(number: int, of: int) -> float | None:
    return round(number / of, 4) if of else None


def _wilson(number: int, of: int) -> tuple[float | None, float | None]:
    """Wilson's 90% interval of a share."""
    if of == 0:
        return None, None
    share, z = number / of, Z90
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * float(np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)))
    return round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4)
