"""Supply from judged candidates: nested stages, Bayes' rule counted out, copies once, evidence in order."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise, product
from math import prod
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.answers.levels import Sizes, best_of, levels_of
from gapfinder.answers.pairs import FEATURES
from gapfinder.answers.shipped import SHIPPED
from gapfinder.answers.together import ON_TOPIC, Groups
from gapfinder.candidates import Candidates, Judged, Weighed
from gapfinder.pairing import Counts
from gapfinder.supply import Supply, effective_authors, measure_supply

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def judged_of(seed: int, needs: int, notes: int, pairs: int, *, copies: bool = True) -> Judged:
    """Random candidates: features that rise and fall together, worths of all kinds, some copies."""
    random = np.random.default_rng(seed)
    cells = np.sort(random.choice(notes * needs, min(pairs, notes * needs), replace=False))
    need, note = cells // max(notes, 1), cells % max(notes, 1)
    degree = random.uniform(0.0, 1.0, (cells.size, 1))
    features = np.clip(degree + random.normal(0.0, 0.1, (cells.size, len(FEATURES))), 0.0, 1.0).astype(np.float32)
    counts = Counts(*np.zeros((5, needs), np.int64))
    group = random.integers(0, max(notes // 2, 1), notes) if copies else np.arange(notes)
    worth = random.choice([0.0, 0.3, 0.8, 1.0], (3, notes))
    ids = pa.array([f"n{n:04d}" for n in range(notes)], pa.string())
    candidates = Candidates(
        ids, group, np.arange(notes) // 2, worth[0], worth[1], worth[2], np.zeros(notes), np.zeros(notes, np.uint8)
    )
    pattern = random.integers(1, 4, cells.size)
    return Judged(
        candidates,
        need,
        note,
        FEATURES,
        features,
        pattern,
        Sizes(random.integers(1, 5, needs), random.integers(2, 12, needs)),
        counts,
        np.zeros(needs, bool),
    )


def weighed_of(judged: Judged) -> Weighed:
    """The same pairs, each judged by itself."""
    needs = len(judged.sizes)
    return Weighed(
        judged.notes,
        np.searchsorted(judged.need, np.arange(needs + 1)),
        judged.note.astype(np.int32),
        judged.names,
        SHIPPED.answers(judged.features, judged.need, judged.sizes.terms),
        judged.pattern,
        best_of(judged.features, judged.need, needs),
        SHIPPED,
        judged.sizes,
        judged.counts,
        judged.full,
    )


def supply_of(judged: Judged) -> Supply:
    return measure_supply(weighed_of(judged))


@given(st.integers(0, 10_000), st.integers(1, 13))
def test_blocks_of_needs_of_any_size_give_the_same_bytes(seed: int, together: int) -> None:
    weighed = weighed_of(judged_of(seed, needs=12, notes=20, pairs=90))
    whole = measure_supply(weighed)
    with patch("gapfinder.supply._TOGETHER", together):
        parts = measure_supply(weighed)
    for one, other in ((whole, parts), (whole.answers, parts.answers)):
        for field in fields(one):
            value = getattr(one, field.name)
            if isinstance(value, np.ndarray):
                assert getattr(other, field.name).tobytes() == value.tobytes(), field.name


@given(st.integers(0, 10_000))
def test_each_stage_leaves_more_unanswered_than_the_one_before(seed: int) -> None:
    supply = supply_of(judged_of(seed, needs=12, notes=20, pairs=90))
    stages = [supply.words, supply.single, supply.seen, supply.fresh, supply.whole]
    for before, after in pairwise(stages):
        assert (after >= before - 1e-12).all()
    for values in (*stages, supply.unanswered):
        assert ((values >= 0.0) & (values <= 1.0 + 1e-12)).all()
    assert (np.stack([supply.ads, supply.age, supply.thin, supply.supply]) >= 0.0).all()


def by_cases(supply: Supply, judged: Judged) -> list[float]:
    """Of one need with all pairs in different groups of copies: what is so given that no note satisfies it.

    Every note is in one of five states: it does not answer, it answers and fails for being advertising, old or thin, or
    it answers and satisfies. All cases of topics and states are gone through.
    """
    answers = supply.answers
    pattern = {int(note): int(p) for note, p in zip(judged.note, judged.pattern, strict=True)}
    group = [pattern[int(note)] for note in answers.note]
    topics = sorted(set(group))
    pi = {
        topic: min(1.0, max(p for p, g in zip(answers.probability, group, strict=True) if g == topic) / ON_TOPIC)
        for topic in topics
    }
    total, nothing, reasons = 0.0, 0.0, np.zeros(3)
    for on in product((False, True), repeat=len(topics)):
        case = dict(zip(topics, on, strict=True))
        chance = prod(pi[topic] if yes else 1.0 - pi[topic] for topic, yes in case.items())
        chances = []
        for note, p, g in zip(answers.note, answers.probability, group, strict=True):
            a = p / pi[g] if case[g] else 0.0
            v, f, q = (float(column[note]) for column in _worths(judged))
            chances.append((1.0 - a, a * (1.0 - v), a * v * (1.0 - f), a * v * f * (1.0 - q)))
        for states in product(range(4), repeat=len(group)):  # a fifth state would satisfy
            so = chance * prod(one[state] for one, state in zip(chances, states, strict=True))
            total += so
            nothing += so * (not any(states))
            reasons += so * np.array([states.count(reason) for reason in (1, 2, 3)])
    return [total, nothing / total, *(reasons / total).tolist()]


def _worths(judged: Judged) -> tuple[Floats, Floats, Floats]:
    return judged.notes.visibility, judged.notes.freshness, judged.notes.quality


@pytest.mark.parametrize("seed", range(12))
def test_what_is_lacking_equals_counting_all_cases(seed: int) -> None:
    judged = judged_of(seed, needs=1, notes=5, pairs=5, copies=False)
    supply = supply_of(judged)
    assert supply.answers.need.size >= 1
    found = [supply.whole[0], supply.unanswered[0], supply.ads[0], supply.age[0], supply.thin[0]]
    assert found == pytest.approx(by_cases(supply, judged), rel=1e-9, abs=1e-12)


def own_probability(judged: Judged) -> Floats:
    """What the model says of each need as a whole."""
    groups = Groups.of(judged.need, judged.pattern, len(judged.sizes))
    p = SHIPPED.answers(judged.features, judged.need, judged.sizes.terms)
    best = best_of(judged.features, judged.need, len(judged.sizes))
    return SHIPPED.none_answers(levels_of(SHIPPED.level.names, judged.names, best, p, groups, judged.sizes))


def test_words_say_what_the_model_says_of_the_need() -> None:
    judged = judged_of(5, needs=30, notes=25, pairs=200)
    supply = supply_of(judged)
    assert supply.words == pytest.approx(own_probability(judged), rel=1e-6)


def test_a_need_without_candidates_has_the_models_own_probability() -> None:
    judged = judged_of(6, needs=40, notes=10, pairs=12)
    supply = supply_of(judged)
    bare = np.flatnonzero(np.bincount(judged.need, minlength=40) == 0)
    assert bare.size > 20
    own = own_probability(judged)
    for stage in (supply.words, supply.single, supply.seen, supply.fresh, supply.whole):
        assert stage[bare].tolist() == own[bare].tolist()
    assert (supply.unanswered[bare] == 1.0).all()
    assert (supply.supply[bare] == 0.0).all()
    assert own[bare].min() > 0.9


def test_copies_count_once() -> None:
    judged = judged_of(7, needs=15, notes=16, pairs=160)
    supply = supply_of(judged)
    answers = supply.answers
    expected = np.zeros(15)
    for need in range(15):
        best: dict[int, float] = {}
        for row in range(answers.start[need], answers.start[need + 1]):
            note = int(answers.note[row])
            group, adds = int(judged.notes.group[note]), answers.probability[row] * judged.notes.worth[note]
            best[group] = max(best.get(group, 0.0), adds)
        expected[need] = sum(best.values())
    assert supply.supply == pytest.approx(expected)
    assert (supply.single > supply.words + 1e-6).any()


def test_evidence_is_in_order() -> None:
    judged = judged_of(8, needs=15, notes=30, pairs=300)
    supply = supply_of(judged)
    answers = supply.answers
    adds = answers.probability * judged.notes.worth[answers.note]
    keys = list(zip(answers.need, -adds, -answers.probability, answers.note, strict=True))
    assert keys == sorted(keys)
    assert answers.start.tolist() == np.searchsorted(answers.need, np.arange(16)).tolist()
    assert set(zip(answers.need.tolist(), answers.note.tolist(), strict=True)) <= set(
        zip(judged.need.tolist(), judged.note.tolist(), strict=True)
    )


def test_no_pairs_at_all() -> None:
    supply = supply_of(judged_of(9, needs=3, notes=0, pairs=0))
    assert supply.answers.start.tolist() == [0, 0, 0, 0]
    assert (supply.whole > 0.9).all()


def simpson(need: Ints, author: Ints, worth: Floats, needs: int) -> list[float]:
    """The same by hand: the sum over authors first."""
    found = []
    for n in range(needs):
        by_author: dict[int, float] = {}
        for number, who, value in zip(need, author, worth, strict=True):
            if number == n:
                by_author[int(who)] = by_author.get(int(who), 0.0) + float(value)
        total = sum(by_author.values())
        found.append(1.0 / sum((value / total) ** 2 for value in by_author.values()) if total > 0 else 0.0)
    return found


@given(st.integers(0, 10_000))
def test_authors_are_counted_by_what_they_add(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, needs = int(random.integers(0, 40)), 6
    need, author = random.integers(0, needs, rows), random.integers(0, 7, rows)
    worth = random.choice([0.0, 0.2, 0.7, 1.0], rows)
    found = effective_authors(need, author, worth, needs)
    assert found == pytest.approx(simpson(need, author, worth, needs))
    for n in range(needs):
        adding = np.unique(author[(need == n) & (worth > 0)]).size
        assert found[n] == 0.0 if adding == 0 else 1.0 - 1e-9 <= found[n] <= adding + 1e-9


def test_ten_notes_of_one_author_are_worth_one_author() -> None:
    need = np.repeat([0, 1], 10)
    author = np.concatenate([np.zeros(10, np.int64), np.arange(10)])
    assert effective_authors(need, author, np.full(20, 0.4), 3).tolist() == pytest.approx([1.0, 10.0, 0.0])


def test_copies_add_no_author() -> None:
    judged = judged_of(3, needs=4, notes=12, pairs=48)
    copies = Candidates(
        judged.notes.note_id,
        np.zeros(12, np.int64),
        np.arange(12),
        np.ones(12),
        np.ones(12),
        np.ones(12),
        np.zeros(12),
        np.zeros(12, np.uint8),
    )
    supply = supply_of(replace(judged, notes=copies))
    assert supply.authors == pytest.approx(np.where(supply.supply > 0, 1.0, 0.0))
