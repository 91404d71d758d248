"""Which notes of the sample market the points are found in, against those that name a planted point in so many words.

The truth counts a note for a planted point where it holds one of its forms. The product counts paraphrases, too, so its
shares differ from the planted ones even where no such note is missed; here only notes that hold a form are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from benchmarks.market.measures import shares_off
from gapfinder.demand import Demand
from gapfinder.duplicates import Duplicates
from gapfinder.market.measure import Market, MarketDesk
from gapfinder.market.notes import COLUMNS, NoteReader

Truth = Mapping[str, Any]


@dataclass
class Noted:
    """What notes say, and the points that the product finds in them.

    Attributes:
        said: Title, text and tags of each note, in small letters.
        found: Ids of the notes that each (category, name of a point) is found in.
    """

    said: dict[str, str] = field(default_factory=dict)
    found: dict[tuple[str, str], set[str]] = field(default_factory=dict)


@contextmanager
def noted() -> Iterator[Noted]:
    """Remember the points of every note of an analysis that goes on meanwhile; what it does stays as it is."""
    kept, measured = Noted(), MarketDesk.measured

    def remembering(desk: MarketDesk, demand: Demand, duplicates: Duplicates) -> Market:
        market = measured(desk, demand, duplicates)
        _remember(kept, desk, market, demand)
        return market

    with patch.object(MarketDesk, "measured", remembering):
        yield kept


def _remember(kept: Noted, desk: MarketDesk, market: Market, demand: Demand) -> None:
    wants = market.wants
    grammar, end = wants.grammar, demand.window.end
    reader = NoteReader(
        wants.catalogue, grammar, wants.needs, wants.point_of, wants.claims, wants.topics, desk.settings, end
    )  # fmt: skip
    names, categories = wants.catalogue.filed(grammar.words), wants.catalogue.categories
    for batch in desk.snapshot.scan("note", [*COLUMNS, "tags"]):
        text, headline = (grammar.join(grammar.words.texts(batch[name])) for name in ("text_terms", "headline_terms"))
        phrases = grammar.find(text)
        category = reader.categories(text, headline, names.find(text))
        points = reader.points_of(category[phrases.text], phrases.core)
        ids = batch["note_id"].to_pylist()
        parts = (batch[name].to_pylist() for name in ("title", "content", "tags"))
        for note, title, content, tags in zip(ids, *parts, strict=True):
            kept.said[note] = "\n".join((title or "", content or "", *(tags or ()))).lower()
        for row, point in zip(phrases.text.tolist(), points.tolist(), strict=True):
            if point >= 0:
                known = wants.points[point]
                kept.found.setdefault((categories[known.category], known.name), set()).add(ids[row])


def literal_off(kept: Noted, category: str, points: Sequence[str], planted: Sequence[Truth], ads: set[str]) -> float:
    """How far the shares of notes are off that name planted points in so many words.

    Args:
        kept: What notes say.
        category: The category.
        points: Name of the point that stands for each planted one; empty: none does.
        planted: Its planted points.
        ads: Notes that the truth does not count.
    """
    counts = []
    for name, one in zip(points, planted, strict=True):
        own = kept.found.get((category, name), set()) - ads
        counts.append(float(sum(any(form in kept.said[note] for form in one["forms"]) for note in own)))
    return shares_off(counts, [float(one["supply_share"]) for one in planted])
