from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gapfinder.backtest.outcomes import LIKE_AGES, RIPE, Outcomes, Readings, creator_levels, outcomes_of
from tests.backtest.market import DAY, moment, store_of

END = DAY + timedelta(days=28)


def note(note_id: str, author: str | None, day: float | None, reads: int | None, taken: float | None) -> dict[str, Any]:
    return {
        "note_id": note_id,
        "title": note_id,
        "author_id": author,
        "published_at": None if day is None else moment(day),
        "reads": reads,
        "updated_at": None if taken is None else moment(taken),
    }


def judged(*notes: dict[str, Any], of: list[str], creators: tuple[dict[str, Any], ...] = ()) -> Outcomes:
    with store_of({"note": list(notes), "creator": list(creators)}).snapshot() as snapshot:
        readings = Readings.of(snapshot, END)
        return outcomes_of(readings, pa.array(of, pa.string()), DAY, creator_levels(snapshot))


OLD = (note("o1", "a", -100, 100, 28), note("o2", "a", -60, 300, 28), note("o3", "a", -50, 900, 28))


def test_reads_are_relative_to_the_median_of_the_authors_older_notes() -> None:
    found = judged(*OLD, note("n1", "a", 3, 600, 31), of=["n1"])
    assert found.outcome.tolist() == pytest.approx([np.log(601 / 301)])
    assert (found.compared, found.without_level, found.without_reads, found.too_young) == (RIPE, 0, 0, 0)
    even = judged(*OLD[:2], note("n1", "a", 3, 600, 31), of=["n1"])
    assert even.outcome.tolist() == pytest.approx([np.log(601 / 201)])


def test_notes_of_the_day_and_young_figures_make_no_level() -> None:
    """What an author wrote from the day on, or what was counted when it was young, does not tell what is usual."""
    later = note("o4", "a", 0, 10**6, 60)
    young = note("o5", "a", -20, 10**6, 5)
    undated = note("o6", "a", None, 10**6, 28)
    silent = note("o7", "a", -50, None, 28)
    found = judged(*OLD, later, young, undated, silent, note("n1", "a", 3, 600, 31), of=["n1"])
    assert found.outcome.tolist() == pytest.approx([np.log(601 / 301)])


def test_a_creators_median_stands_in_for_too_few_notes() -> None:
    creators = ({"creator_id": "a", "median_reads": 150.0}, {"creator_id": "b"})
    notes = (*OLD[:1], note("n1", "a", 3, 600, 31), note("n2", "b", 3, 600, 31), note("n3", None, 3, 600, 31))
    found = judged(*notes, of=["n1", "n2", "n3"], creators=creators)
    assert found.outcome[0] == pytest.approx(np.log(601 / 151))
    assert np.isnan(found.outcome[1:]).all()
    assert found.without_level == 2
    enough = judged(*OLD, note("n1", "a", 3, 600, 31), of=["n1"], creators=creators)
    assert enough.outcome.tolist() == pytest.approx([np.log(601 / 301)]), "own notes say more"


def test_ages_decide_what_is_compared() -> None:
    ripe = [note(f"n{n}", "a", 3, 600, 31) for n in range(8)]
    young = [note(f"m{n}", "a", 20, 90, 31) for n in range(2)]
    mostly = judged(*OLD, *ripe, *young, of=[f"n{n}" for n in range(8)] + ["m0", "m1"])
    assert (mostly.compared, mostly.too_young) == (RIPE, 2)
    assert np.isnan(mostly.outcome[8:]).all()
    mixed = judged(*OLD, *ripe[:2], *young, note("new", "a", 27.9, 5, 28), of=["n0", "n1", "m0", "m1", "new", "none"])
    assert (mixed.compared, mixed.too_young, mixed.without_reads) == (LIKE_AGES, 1, 1)
    assert mixed.age[:4].tolist() == pytest.approx([28, 28, 11, 11])
    assert np.isnan(mixed.outcome[4:]).all()


def test_figures_without_a_time_are_of_the_end_of_the_log() -> None:
    found = judged(*OLD, note("n1", "a", 8, 600, None), of=["n1"])
    assert found.age.tolist() == pytest.approx([20.0])
    assert found.compared == LIKE_AGES


def test_nothing_is_known_of_a_store_without_reads() -> None:
    found = judged(note("n1", "a", 3, None, None), of=["n1"])
    assert np.isnan(found.outcome).all()
    assert found.without_reads == 1
    assert judged(of=[]).outcome.size == 0
