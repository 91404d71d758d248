"""The two regressions as one model: what it says, and that it survives being kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pytest

from gapfinder.answers.levels import LEVELS, TOLD, Sizes, best_of, levels_of
from gapfinder.answers.logistic import Logistic
from gapfinder.answers.model import MOST, PAIR_NAMES, AnswerModel, pair_names, pair_rows
from gapfinder.answers.pairs import FEATURES
from gapfinder.answers.shipped import SHIPPED
from gapfinder.answers.together import Groups

Rows = npt.NDArray[Any]


def alike(degree: float, pairs: int) -> Rows:
    """Pairs whose features all have that value."""
    return np.full((pairs, len(FEATURES)), degree, np.float32)


def none_answers(model: AnswerModel, features: Rows, terms: int = 3) -> float:
    """Probability that none of these notes answers a need; each note stands in a group of its own."""
    pairs = len(features)
    groups = Groups.of(np.zeros(pairs, np.int64), np.arange(pairs), 1)
    levels = model.levels(FEATURES, features, groups, Sizes(np.array([terms]), np.array([2 * terms])))
    return float(model.none_answers(levels)[0])


def test_better_notes_and_more_of_them_leave_less_unanswered() -> None:
    better = [none_answers(SHIPPED, alike(degree, 1)) for degree in (0.0, 0.3, 0.5, 0.7, 0.9, 1.0)]
    assert better == sorted(better, reverse=True)
    assert better[0] > 0.9
    assert better[-1] < 0.35
    more = [none_answers(SHIPPED, alike(0.5, pairs)) for pairs in (1, 2, 5, 20)]
    assert more == sorted(more, reverse=True)
    assert more[0] - more[-1] > 0.1


def test_a_need_without_candidates_is_hardly_answered() -> None:
    assert none_answers(SHIPPED, alike(0.0, 0)) > 0.9
    assert 0.0 < none_answers(SHIPPED, alike(1.0, 50)) < none_answers(SHIPPED, alike(0.0, 0)) < 1.0


def test_no_note_answers_for_certain() -> None:
    sure = replace(SHIPPED.pair, intercept=50.0)
    model = replace(SHIPPED, pair=sure)
    found = model.answers(alike(1.0, 2), np.zeros(2, np.int64), np.array([2]))
    assert found.tolist() == [MOST, MOST]


def test_trust_weighs_the_two_sides() -> None:
    features = alike(0.6, 3)
    values = [none_answers(replace(SHIPPED, trust=trust), features) for trust in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert values in (sorted(values), sorted(values, reverse=True))
    assert len(set(values)) == 5


def test_rows_of_pairs_hold_the_whole_need_and_its_length() -> None:
    features = np.zeros((2, len(FEATURES)), np.float32)
    features[:, 0], features[:, 1] = 0.5, 1.0
    rows = dict(zip(pair_names(FEATURES), pair_rows(features, np.array([1, 4])).T.tolist(), strict=True))
    assert tuple(rows) == PAIR_NAMES
    assert (rows["whole"], rows["whole_headline"]) == ([0.0625, 0.0625], [1.0, 1.0])
    assert rows["terms"] == pytest.approx([0.0, np.log(4)])


def test_levels_are_those_of_the_best_note() -> None:
    features = np.array(
        [[0.2, 0, 0, 0, 0, 0, 0, 0.9], [0.6, 0, 0, 0, 0, 0, 0, 0.1], [1, 1, 1, 1, 1, 1, 1, 1]], np.float32
    )
    need = np.array([0, 0, 2])
    groups, best = Groups.of(need, np.array([1, 2, 3]), 3), best_of(features, need, 3)
    probability = np.array([0.1, 0.4, 0.9])
    levels = levels_of(TOLD, FEATURES, best, probability, groups, Sizes(np.array([2, 1, 5]), np.array([4, 2, 11])))
    rows = {name: levels.rows[:, column] for column, name in enumerate(TOLD)}
    assert rows["coverage"] == pytest.approx([0.6, 0.0, 1.0])
    assert rows["run"] == pytest.approx([0.9, 0.0, 1.0])
    assert rows["whole"] == pytest.approx([0.6**4, 0.0, 1.0])
    assert rows["best"].tolist() == [0.4, 0.0, 0.9]
    assert rows["terms"].tolist() == [2, 1, 5]
    assert rows["letters"].tolist() == [4, 2, 11]
    assert np.exp(levels.log_none) == pytest.approx([0.9 * 0.6, 1.0, 0.1])
    assert rows["answers"] == pytest.approx(np.log(0.02 - levels.log_none))


def changed(part: Logistic) -> list[Logistic]:
    """A regression with one number changed at a time."""

    def other(values: tuple[float, ...]) -> tuple[float, ...]:
        return (values[0] + 0.001, *values[1:])

    return [
        replace(part, intercept=part.intercept + 0.001),
        replace(part, mean=other(part.mean)),
        replace(part, scale=other(part.scale)),
        replace(part, weight=other(part.weight)),
    ]


def test_the_name_changes_with_any_coefficient_and_with_nothing_else() -> None:
    others = [
        *(replace(SHIPPED, pair=part) for part in changed(SHIPPED.pair)),
        *(replace(SHIPPED, level=part) for part in changed(SHIPPED.level)),
        replace(SHIPPED, trust=0.6),
    ]
    names = {model.name for model in (SHIPPED, *others)}
    assert len(names) == 1 + len(others)
    assert replace(SHIPPED, origin="learned", figures={"queries": 3}).name == SHIPPED.name


def test_a_model_survives_being_kept() -> None:
    model = replace(SHIPPED, origin="learned", trust=0.85, figures={"queries": 400, "hidden_log": {"auc": 0.9}})
    again = AnswerModel.from_json(orjson.loads(orjson.dumps(model.as_json())))
    assert again == model
    assert again.name == model.name
    assert none_answers(again, alike(0.7, 4)) == none_answers(model, alike(0.7, 4))
    assert SHIPPED.level.names == LEVELS
