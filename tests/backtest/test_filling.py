from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from gapfinder.answers.shipped import SHIPPED
from gapfinder.backtest.filling import ANSWERS, Filled, best_keyword, filled_by
from gapfinder.calibration import Calibration
from gapfinder.neighbours import Neighbours
from gapfinder.past import PastSnapshot
from gapfinder.settings import Settings
from tests.backtest.market import BODY, DAY, SEGMENTER, moment, store_of

SHIPPED_MODEL = Calibration(SHIPPED, Neighbours.none(), {})
NEEDS = [SEGMENTER.query_terms(text) for text in ("新生儿纸尿裤", "补水面膜", "面膜")]
ADVERT = "姐妹们冲！闭眼入，天花板！链接在主页，旗舰店领券下单，优惠券数量有限，手慢无，人手一件，必买！"


def note(note_id: str, title: str, day: float, **more: Any) -> dict[str, Any]:
    return {"note_id": note_id, "title": title, "content": BODY, "published_at": moment(day), **more}


ROWS = [
    note("old", "新生儿纸尿裤怎么选", -3),
    note("n1", "新生儿纸尿裤怎么选", 2),
    note("n2", "补水面膜测评", 5),
    note("n3", "今天天气不错", 5),
    note("n4", "新生儿纸尿裤必买", 6, content=ADVERT),
    note("n5", "新生儿纸尿裤体验", 7, disclosed=True),
    note("late", "新生儿纸尿裤怎么选", 28),
]


def found(**settings: float) -> list[tuple[int, str, bool]]:
    with store_of({"note": ROWS}).snapshot() as snapshot:
        before = PastSnapshot(snapshot, DAY)
        days = PastSnapshot(snapshot, DAY + timedelta(weeks=4), since=DAY)
        chosen = Settings.of(first=None, end=None, keywords=None, category=None, embedder=None, **settings)
        filled = filled_by(before, days, NEEDS, SHIPPED_MODEL, chosen)
    assert (filled.probability >= ANSWERS).all()
    return list(zip(filled.keyword.tolist(), filled.note_id.to_pylist(), filled.disclosed.tolist(), strict=True))


def test_only_new_visible_notes_that_answer_fill() -> None:
    assert found() == [(0, "n1", False), (0, "n5", True), (1, "n2", False), (2, "n2", False)]


def test_disclosed_advertising_can_be_left_out() -> None:
    assert found(backtest_disclosed=0) == [(0, "n1", False), (1, "n2", False), (2, "n2", False)]


def test_without_new_notes_nothing_is_filled() -> None:
    with store_of({"note": ROWS}).snapshot() as snapshot:
        before, days = PastSnapshot(snapshot, DAY), PastSnapshot(snapshot, DAY + timedelta(days=1), since=DAY)
        assert filled_by(before, days, NEEDS, SHIPPED_MODEL, Settings.of()).keyword.size == 0


def test_words_weigh_what_they_weighed_before() -> None:
    """A flood of new notes about one word does not make it cheaper in the middle of the test."""
    flood = [note(f"f{number}", "纸尿裤日记", 3) for number in range(40)]
    old = [note(f"o{number}", "新生儿护理日记", -9) for number in range(30)]
    probabilities = []
    for rows in ([*ROWS, *old], [*ROWS, *old, *flood]):
        with store_of({"note": rows}).snapshot() as snapshot:
            before = PastSnapshot(snapshot, DAY)
            days = PastSnapshot(snapshot, DAY + timedelta(weeks=4), since=DAY)
            filled = filled_by(before, days, NEEDS, SHIPPED_MODEL, Settings.of())
        rows_of_n1 = [place for place, name in enumerate(filled.note_id.to_pylist()) if name == "n1"]
        probabilities.append(filled.probability[rows_of_n1].tolist())
    assert probabilities[0] == pytest.approx(probabilities[1])
    assert probabilities[0]


def test_a_note_counts_with_the_keyword_it_answers_best() -> None:
    pairs = Filled(
        keyword=np.array([0, 0, 1, 1, 2]),
        note_id=pa.array(["a", "b", "a", "b", "b"]),
        probability=np.array([0.9, 0.7, 0.6, 0.7, 0.7]),
        disclosed=np.zeros(5, bool),
    )
    assert best_keyword(pairs, np.array([2.0, 4.0, 4.0])).tolist() == [0, 3]
