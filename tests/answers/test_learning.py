"""Learning without labels from a small made-up market, with labels, and not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gapfinder.answers.learning import ENOUGH_LABELS, FEWEST_ANSWERED, Lessons, learn, measured
from gapfinder.answers.levels import LEVELS, TOLD, Sizes
from gapfinder.answers.model import AnswerModel
from gapfinder.answers.pairs import COVERAGE, FEATURES
from gapfinder.answers.shipped import SHIPPED
from gapfinder.answers.together import Groups
from gapfinder.calibration import Calibration
from gapfinder.candidates import Judging, weigh_candidates
from gapfinder.duplicates import find_duplicates
from gapfinder.pairing import find_pairs
from gapfinder.settings import Settings
from gapfinder.supply import measure_supply
from indexer.stores import open_store
from indexer.stores.contract import Snapshot
from tests.answers.made import WINDOW, asked, calibrated, filled, log_of, made_notes, topics

Rows = npt.NDArray[Any]

ABOUT = topics(60)
LOG = asked(400, ABOUT)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    place = str(tmp_path_factory.mktemp("learning") / "store")
    with filled({"note": made_notes(1200, ABOUT)}, open_store(place, create=True)) as store, store.snapshot() as held:
        yield held


@pytest.fixture(scope="module")
def unlabelled(snapshot: Snapshot) -> Calibration:
    return calibrated(snapshot, log_of(LOG))


def auc(score: Rows, truth: Rows) -> float:
    found = measured(score.astype(np.float64), truth.astype(np.float64))["auc"]
    assert isinstance(found, float)
    return found


def test_hidden_answers_are_told_from_left_ones_better_than_by_counting(unlabelled: Calibration) -> None:
    """The plain count of notes with all words, on queries whose nearest notes are hidden for half of them."""
    figures = unlabelled.model.figures
    assert unlabelled.model.origin == "learned"
    assert unlabelled.basis["lessons"] == {"log": 400, "made": 1200, "outcomes": 0, "labels": 0, "clicked": 0}
    assert figures["queries"] >= figures["made"] > 500
    for name in ("hidden_log", "hidden_made"):
        one = figures[name]
        assert one["queries"] >= 50
        assert 0.7 < one["auc"] <= 1.0
        assert 0.0 <= one["brier"] < 0.25, "better than to say one half always"
        assert 0.0 <= one["ece"] < 0.25
    assert "outcomes" not in figures


def test_it_beats_counting_where_notes_were_taken_out(tmp_path: Path) -> None:
    """Queries in searchers' own words for single notes; of half of them the note is not in the store."""
    random = np.random.default_rng(5)
    about = topics(200)
    notes = made_notes(1500, about, seed=6)
    anything = [word for words in about for word in words]
    wanted = notes[:500]
    queries = []
    for row in wanted:
        title = row["text_terms"][0].split(" ")
        kept = title[: int(random.integers(2, 4))]
        queries.append((*kept, str(random.choice(anything))) if random.random() < 0.5 else tuple(kept))
    hidden = random.random(len(wanted)) < 0.5
    gone = {row["note_id"] for row, out in zip(wanted, hidden, strict=True) if out}
    rows = {"note": [row for row in notes if row["note_id"] not in gone]}
    with filled(rows, open_store(str(tmp_path / "s"), create=True)) as store, store.snapshot() as held:
        made, copies = calibrated(held, log_of(queries)), find_duplicates(held, 0.8)
        judging, models = Judging(copies, WINDOW.end, Settings.of()), (made.model, made.model)
        supply = measure_supply(
            weigh_candidates(
                held, *find_pairs(held, queries, made.neighbours, judging.end, judging.settings), judging, models
            )
        )
    ours, naive = auc(supply.words, hidden), auc(-supply.counts.matching, hidden)
    assert made.model.origin == "learned"
    assert ours > naive + 0.03, (ours, naive)


def test_it_beats_the_count_of_notes_with_all_words() -> None:
    lessons = drawn(3, needs=1500)
    model = learn(lessons)
    assert model is not None
    whole = lessons.features[:, COVERAGE] >= 1.0
    random = np.random.default_rng(9)
    hidden = random.random(1500) < 0.5
    left = ~(lessons.own & hidden[lessons.need])
    count = np.bincount(lessons.need[left], whole[left], 1500)
    groups = Groups.of(lessons.need, lessons.pattern, 1500)
    rows = np.flatnonzero(left)
    levels = model.levels(lessons.names, lessons.features[rows], groups.taken(rows), lessons.sizes)
    ours, naive = auc(model.none_answers(levels), hidden), auc(-count, hidden)
    assert ours > naive + 0.05


def drawn(seed: int, needs: int) -> Lessons:
    """Lessons of made queries: the own note matches well, though often not all words; four others match less."""
    random = np.random.default_rng(seed)
    need = np.repeat(np.arange(needs), 5)
    own = np.tile(np.arange(5) == 0, needs)
    degree = np.where(own, random.normal(0.75, 0.12, need.size), random.normal(0.45, 0.12, need.size))
    noise = random.normal(0.0, 0.08, (need.size, len(FEATURES)))
    features = np.clip(degree[:, None] + noise, 0.0, 1.0).astype(np.float32)
    features[:, COVERAGE] = np.where(random.random(need.size) < degree - 0.3, 1.0, features[:, COVERAGE])
    nothing = np.zeros(need.size)
    return Lessons(
        FEATURES, features, random.integers(0, 8, need.size), need, Sizes(np.full(needs, 3), np.full(needs, 7)),
        np.ones(needs, bool), own,
        nothing, nothing, np.zeros(needs), np.zeros(needs), np.zeros(needs, bool),
    )  # fmt: skip


def test_too_little_to_learn_from_is_left_to_the_shipped_model() -> None:
    assert learn(drawn(1, needs=199)) is None
    assert learn(drawn(1, needs=400)) is not None
    lessons = drawn(1, needs=400)
    few = lessons.own & (lessons.need < FEWEST_ANSWERED - 1)
    assert learn(replace(lessons, own=few, made=lessons.made & (np.arange(400) < 100))) is None
    with filled({"note": made_notes(40, ABOUT)}).snapshot() as small:
        found = calibrated(small, log_of(LOG[:20]))
    assert found.model == SHIPPED
    assert not found.calibrated()
    assert found.basis["lessons"]["made"] == 40
    with filled({"note": []}).snapshot() as empty:
        assert calibrated(empty, log_of([])).model == SHIPPED
        assert calibrated(empty, log_of(LOG[:3])).model == SHIPPED


def test_outcomes_of_searches_change_the_model(snapshot: Snapshot, unlabelled: Calibration) -> None:
    known = np.full(len(LOG), 10.0)
    unsatisfied = np.random.default_rng(4).binomial(10, np.where(np.arange(len(LOG)) % 2, 0.8, 0.2)).astype(float)
    told = calibrated(snapshot, log_of(LOG, unsatisfied.tolist(), known.tolist()))
    assert told.model.name != unlabelled.model.name
    assert (told.model.level.names, unlabelled.model.level.names) == (TOLD, LEVELS)
    assert told.calibrated()
    assert not told.calibrated(len(LOG) + 1)
    assert not unlabelled.calibrated()
    outcomes = told.model.figures["outcomes"]
    assert outcomes["queries"] == 80
    assert 0.0 <= outcomes["brier"] < 0.25
    assert 0.0 <= outcomes["ece"] < 0.35, "of outcomes that have nothing to do with the notes"
    few = calibrated(
        snapshot, log_of(LOG, unsatisfied.tolist(), np.where(np.arange(len(LOG)) < 50, 10.0, 0.0).tolist())
    )
    assert few.model.name not in {told.model.name, unlabelled.model.name}
    assert few.model.level.names == LEVELS
    assert not few.calibrated()
    assert few.basis["lessons"]["outcomes"] == 50 < ENOUGH_LABELS


def test_what_was_read_and_left_changes_the_pairs() -> None:
    lessons = drawn(2, needs=600)
    made = np.arange(600) < 300
    own = lessons.own & made[lessons.need]
    plain = learn(replace(lessons, made=made, own=own))
    logged = ~made[lessons.need]
    # Searchers read the third candidate of each query, whose features say the opposite of the others.
    third = np.tile(np.arange(5) == 2, 600)
    read, left = np.where(logged & third, 3.0, 0.0), np.where(logged & ~third, 3.0, 0.0)
    taught = learn(replace(lessons, made=made, own=own, read=read, left=left))
    assert plain is not None
    assert taught is not None
    assert taught.pair != plain.pair
    best, third_best = (np.full((1, len(FEATURES)), degree, np.float32) for degree in (0.75, 0.45))

    def odds(model: AnswerModel, features: Rows) -> float:
        return float(model.answers(features, np.zeros(1, np.int64), np.array([3]))[0])

    assert odds(taught, best) / odds(taught, third_best) < odds(plain, best) / odds(plain, third_best)


def test_learning_twice_gives_the_same(snapshot: Snapshot, unlabelled: Calibration) -> None:
    again = calibrated(snapshot, log_of(LOG))
    assert again.model == unlabelled.model
    assert again.as_json() == unlabelled.as_json()
    assert again.neighbours.as_rows() == unlabelled.neighbours.as_rows()


@pytest.mark.parametrize(
    ("probability", "truth", "expected"),
    [
        ([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], {"auc": 1.0, "brier": 0.025, "ece": 0.15}),
        ([0.5, 0.5], [1, 0], {"auc": 0.5, "brier": 0.25, "ece": 0.5}),
        ([0.3, 0.3], [1, 1], {"auc": None, "brier": 0.49, "ece": 0.7}),
        ([], [], {"auc": None, "brier": None, "ece": None}),
    ],
)
def test_figures_by_their_definitions(
    probability: list[float], truth: list[float], expected: dict[str, float | None]
) -> None:
    found = measured(np.array(probability), np.array(truth, np.float64))
    assert found.pop("queries") == len(truth)
    assert found == expected


def test_nothing_is_written_beside_the_store(tmp_path: Path) -> None:
    with filled({"note": made_notes(10, ABOUT)}, open_store(str(tmp_path / "s"), create=True)) as store:
        with store.snapshot() as held:
            calibrated(held, log_of(LOG[:5]))
        assert store.runs() == []
