"""What readers say, against the labelled lists: whole reviews, points in clauses, what comments want."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.market.labelled import rows_of
from benchmarks.market.measures import Found, accuracy, by_label
from benchmarks.market.points import read_rows
from gapfinder.comments import intent, polarity

REVIEWS: Final = "shopping_reviews.tsv"
OWN: Final = "洗发水"
_MOST: Final = 20_000  # reviews of other categories that are learned from
_ORDER: Final = 7
_VERDICTS: Final = ("praise", "complaint")


@dataclass(frozen=True, slots=True)
class Comments:
    """What comments want: precision and recall of each intent, and the mean of their F1."""

    by_intent: dict[str, Found]

    @property
    def macro(self) -> float:
        """Mean F1."""
        return sum(found.f1 for found in self.by_intent.values()) / len(self.by_intent)


def reviews() -> float:
    """The share of whole reviews that are told right; a score of 0 counts as wrong."""
    rows = rows_of("reviews")
    scores = polarity.whole([row["text"] for row in rows])
    told = ["positive" if score > 0 else "negative" if score < 0 else "" for score in scores.tolist()]
    return accuracy(told, [row["polarity"] for row in rows])


def clauses() -> tuple[float, float]:
    """The share of points in clauses that are told right: of all four labels, and of praise and complaint only."""
    rows = rows_of("clauses")
    places = polarity.of_points([row["text"] for row in rows], [row["point"] for row in rows])
    told = [polarity.POLARITIES[place] for place in places.tolist()]
    true = [row["polarity"] for row in rows]
    kept = [place for place, label in enumerate(true) if label in _VERDICTS]
    return accuracy(told, true), accuracy([told[place] for place in kept], [true[place] for place in kept])


def comments() -> Comments:
    """What was told of the comments of the list."""
    rows = rows_of("comments")
    told = [intent.INTENTS[place] for place in intent.intents_of([row["text"] for row in rows]).tolist()]
    return Comments(by_label(told, [row["intent"] for row in rows]))


@dataclass(frozen=True, slots=True)
class Across:
    """Reviews of one category told by what was learned from the others.

    Attributes:
        accuracy: Share that is told right by a model of labelled reviews of other categories.
        lists: The same by what is shipped.
        learned, told: Reviews learned from, and told.
    """

    accuracy: float
    lists: float
    learned: int
    told: int


def across(data: Path) -> Across | None:
    """Learn from reviews of other categories and tell those of one; None: the folder has none."""
    if not (data / REVIEWS).is_file():
        return None
    rows = [row for row in read_rows(data / REVIEWS) if row["review"]]
    own = [row for row in rows if row["cat"] == OWN]
    others = [row for row in rows if row["cat"] != OWN]
    chosen = np.random.default_rng(_ORDER).permutation(len(others))[:_MOST].tolist()
    model = polarity.learned(
        [others[place]["review"] for place in chosen], [others[place]["label"] == "1" for place in chosen]
    )
    texts, true = [row["review"] for row in own], [row["label"] == "1" for row in own]
    learned = (model.scores(texts) > 0).tolist()
    return Across(
        accuracy(learned, true), accuracy((polarity.whole(texts) > 0).tolist(), true), len(chosen), len(texts)
    )
