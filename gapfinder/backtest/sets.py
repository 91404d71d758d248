"""Matched sets: each filled gap with the nearest keywords that were no gap and got new notes too.

Gaps differ from other keywords before anybody fills them: they are searched more or less, their topic is read more or
less, they rise or fall. A gap is compared with one to three keywords of its category that are near in those, by the
squared distance of z-scores; a control serves once. (Nearest-neighbour matching with a caliper, without replacement:
Rosenbaum and Rubin 1985.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_CONTROLS: Final = 3
FARTHEST: Final = 1.0  # squared distance of z-scores that a control must stay below
BALANCED: Final = 0.1  # largest standardised mean difference that counts as balanced
NOBODY: Final = -1
_NEAREST: Final = 64  # controls looked at for each gap
_DECIMALS: Final = 9  # of distances, so that the last bit decides no tie


@dataclass(frozen=True)
class Sets:
    """Matched sets, by the number of their gap.

    Attributes:
        gap: Keyword of each set.
        controls: Its controls (sets x 3), nearest first; ``NOBODY`` where there is none.
    """

    gap: Ints
    controls: Ints

    def __len__(self) -> int:
        return len(self.gap)

    @property
    def sizes(self) -> Ints:
        """Controls of each set, at least 1."""
        sizes: Ints = (self.controls != NOBODY).sum(axis=1)
        return sizes

    def mean_of_controls(self, value: Floats) -> Floats:
        """For each set the mean of a keyword value over its controls."""
        there = self.controls != NOBODY
        means: Floats = np.where(there, value[self.controls], 0.0).sum(axis=1) / there.sum(axis=1)
        return means


def z_scores(variables: Floats) -> Floats:
    """Columns with mean 0 and deviation 1; a column that never varies becomes 0."""
    centred = variables - variables.mean(axis=0) if len(variables) else variables
    deviation = centred.std(axis=0) if len(variables) else np.ones(variables.shape[1])
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 0)


def matched_sets(filled: Bools, category: Ints, scores: Floats) -> Sets:
    """Match each filled gap with its nearest controls.

    Each round gives every gap at most one more control, the nearest pairs of all first, so that no gap takes three
    before another has one.

    Args:
        filled: Which keywords are filled gaps; the others may be controls.
        category: Number of each keyword's category; pairs lie in one.
        scores: z-scores (keywords x variables).
    """
    pairs = _near_pairs(filled, category, scores)
    controls = np.full((filled.size, MOST_CONTROLS), NOBODY, np.int64)
    taken = np.zeros(filled.size, bool)
    for number in range(MOST_CONTROLS):
        for gap, control in pairs:
            if not taken[control] and controls[gap, number] == NOBODY and (number == 0 or controls[gap, 0] != NOBODY):
                controls[gap, number] = control
                taken[control] = True
    gaps = np.flatnonzero(controls[:, 0] != NOBODY)
    return Sets(gaps, controls[gaps])


def _near_pairs(filled: Bools, category: Ints, scores: Floats) -> list[tuple[int, int]]:
    """Pairs of a gap and a control within reach, nearest first; ties by number."""
    distances, gaps, controls = [], [], []
    for one in np.unique(category[filled]).tolist():
        own = np.flatnonzero(filled & (category == one))
        others = np.flatnonzero(~filled & (category == one))
        if others.size == 0:
            continue
        near = min(_NEAREST, others.size)
        found = np.asarray(cKDTree(scores[others]).query(scores[own], k=near)[1]).reshape(own.size, near)
        gap, control = np.repeat(own, near), others[found.ravel()]
        gaps.append(gap)
        controls.append(control)
        distances.append(np.round(((scores[gap] - scores[control]) ** 2).sum(axis=1), _DECIMALS))
    if not gaps:
        return []
    gap, control, distance = np.concatenate(gaps), np.concatenate(controls), np.concatenate(distances)
    order = np.lexsort((control, gap, distance))
    order = order[distance[order] < FARTHEST]
    return list(zip(gap[order].tolist(), control[order].tolist(), strict=True))


def mean_differences(filled: Bools, sets: Sets, variables: Floats) -> tuple[Floats, Floats]:
    """Standardised mean differences of each variable: of all keywords, and within the matched sets.

    Both are divided by the deviation of all keywords (mean of both groups' variances), so that they can be compared.
    """
    one, other = variables[filled], variables[~filled]
    if len(one) == 0 or len(other) == 0:
        return (np.full(variables.shape[1], np.nan),) * 2
    deviation = np.sqrt((one.var(axis=0) + other.var(axis=0)) / 2)
    before = one.mean(axis=0) - other.mean(axis=0)
    after = np.full(variables.shape[1], np.nan)
    if len(sets):
        means = np.stack([sets.mean_of_controls(column) for column in variables.T], axis=1)
        after = (variables[sets.gap] - means).mean(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    return before / scale, after / scale
