"""The effect of filling a gap: from outcomes of notes to a ratio with its interval, balance and dose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gapfinder.backtest.permutation import LEVEL, NoteResults, Tested, compare
from gapfinder.backtest.results import Balance, Dose, Effect, MatchedSet
from gapfinder.backtest.sets import (
    BALANCED,
    NOBODY,
    Bools,
    Floats,
    Ints,
    Sets,
    matched_sets,
    mean_differences,
    z_scores,
)

ENOUGH_SETS: Final = 20  # below, numbers come without a verdict
SIGNIFICANT: Final = 0.05
_THIRDS: Final = 3
_DECIMALS: Final = 4


@dataclass(frozen=True)
class Compared:
    """Keywords that have new notes with an outcome; arrays with one entry a keyword.

    Attributes:
        name: The keyword.
        filled: Whether it is a gap that was filled; else it was no gap.
        category: Number of its category.
        variables: What keywords are matched by (keywords x variables).
        names: Names of the variables.
        unmet: Unmet probability at the day.
        notes: The notes; ``notes.keyword`` counts these keywords.
    """

    name: list[str]
    filled: Bools
    category: Ints
    variables: Floats
    names: tuple[str, ...]
    unmet: Floats
    notes: NoteResults


def effect_of(compared: Compared, how: str, seed: int) -> tuple[Effect | None, list[MatchedSet]]:
    """Match, test and describe; None when no gap has a control.

    Args:
        compared: The keywords.
        how: At which ages reads are compared.
        seed: Of the permutations.
    """
    scores = z_scores(compared.variables)
    sets = matched_sets(compared.filled, compared.category, scores)
    if len(sets) == 0:
        return None, []
    tested = compare(compared.notes, compared.filled, scores, sets, seed)
    per_keyword = np.bincount(compared.notes.keyword, None, compared.filled.size)
    members = np.concatenate([sets.gap, sets.controls[sets.controls != NOBODY]])
    authors = np.unique(compared.notes.author[np.isin(compared.notes.keyword, members)])
    controls = members[len(sets) :]
    effect = Effect(
        ratio=_ratio(tested.difference),
        ratio_low=None if tested.low is None else _ratio(tested.low),
        ratio_high=None if tested.high is None else _ratio(tested.high),
        level=LEVEL,
        p_value=round(tested.p_value, _DECIMALS),
        p_keyword=round(tested.p_keyword, _DECIMALS),
        p_author=round(tested.p_author, _DECIMALS),
        unit=tested.unit,
        sets=len(sets),
        controls=int(controls.size),
        matched_share=round(len(sets) / int(compared.filled.sum()), _DECIMALS),
        notes_gaps=int(per_keyword[sets.gap].sum()),
        notes_controls=int(per_keyword[controls].sum()),
        authors=int(authors.size),
        compared=how,
        balance=_balance(compared, sets),
        dose=_doses(compared.unmet[sets.gap], tested.set_difference),
    )
    return effect, _listed(compared, sets, tested, per_keyword)


def verdict_of(effect: Effect | None) -> str:
    """The one word for an effect."""
    if effect is None or effect["sets"] < ENOUGH_SETS:
        return "too_thin"
    if effect["p_value"] >= SIGNIFICANT:
        return "not_shown"
    return "more" if effect["ratio"] > 1 else "fewer"


def _ratio(difference: float) -> float:
    return round(float(np.exp(np.clip(difference, -20.0, 20.0))), _DECIMALS)


def _balance(compared: Compared, sets: Sets) -> list[Balance]:
    before, after = mean_differences(compared.filled, sets, compared.variables)
    return [
        Balance(
            variable=name,
            before=round(float(one), _DECIMALS) + 0.0,
            after=round(float(other), _DECIMALS) + 0.0,
            balanced=bool(abs(round(float(other), _DECIMALS)) < BALANCED),
        )
        for name, one, other in zip(compared.names, before, after, strict=True)
    ]


def _doses(unmet: Floats, difference: Floats) -> list[Dose]:
    """The effect in each third of the gaps by unmet probability; nothing when thirds would be too small to read."""
    if unmet.size < ENOUGH_SETS:
        return []
    order = np.argsort(unmet, kind="stable")
    return [
        Dose(
            unmet_from=round(float(unmet[rows].min()), _DECIMALS),
            unmet_to=round(float(unmet[rows].max()), _DECIMALS),
            sets=int(rows.size),
            ratio=_ratio(float(difference[rows].mean())),
        )
        for rows in np.array_split(order, _THIRDS)
    ]


def _listed(compared: Compared, sets: Sets, tested: Tested, per_keyword: Ints) -> list[MatchedSet]:
    return [
        MatchedSet(
            keyword=compared.name[gap],
            unmet_probability=float(compared.unmet[gap]),
            notes=int(per_keyword[gap]),
            controls=[compared.name[control] for control in controls if control != NOBODY],
            ratio=_ratio(float(difference)),
        )
        for gap, controls, difference in zip(
            sets.gap.tolist(), sets.controls.tolist(), tested.set_difference, strict=True
        )
    ]
