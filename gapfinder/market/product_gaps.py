"""Gaps of selling point x keyword x product: searches that ask for a point and that no note about the product answers.

For each selling point, each product that claims it (or whose notes speak of it), and each keyword that asks for it, the
supply is narrowed to the notes about that product (:func:`gapfinder.supply.narrowed`). What searchers did speaks of
all notes together; which of them the satisfaction is owed to, content says. What the whole market leaves unmet, one
product's notes leave unmet as well, so no figure is below the market's own; a product without a note leaves everything
unmet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.gaps import Measured
from gapfinder.interval import Rate, lower_end, upper_end
from gapfinder.kinds import VERDICT_OF, Clarity, choose_kind, kind_probabilities
from gapfinder.market.measure import Market
from gapfinder.market.results import PointKeyword, PointProduct, ProductGap, SellingPoint
from gapfinder.settings import Settings
from gapfinder.supply import Supply, lack_of, narrowed
from gapfinder.understanding.catalogue import PRODUCT
from indexer.stores.matching.plan import bounds, gather

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_KEYWORDS: Final = 10  # of a point that are crossed with its products
_TOGETHER: Final = 4_096  # pairs of a keyword and a product that are measured together
_LIKELY: Final = 0.5  # probability from which a note is counted as one that answers


@dataclass(frozen=True)
class _Found:
    """What was measured of pairs of a keyword and a product; one entry a pair."""

    demand: Floats  # a week
    notes: Ints
    supply: Floats
    probability: Floats
    per_week: Floats
    low: Floats
    high: Floats
    kinds: list[str]


def product_gaps(
    points: Sequence[SellingPoint], market: Market, measured: Measured, settings: Settings
) -> Iterator[ProductGap]:
    """The gaps of all points by keyword and product: in the order of points, of each the largest sure gap first."""
    rows = {keyword: row for row, keyword in enumerate(measured.demand.keywords["keyword"].to_pylist())}
    names = {name.name: number for number, name in enumerate(market.wants.catalogue.names) if name.level == PRODUCT}
    size = max(1, len(market.wants.catalogue.names))
    codes = np.array(
        sorted(
            {
                rows[keyword["keyword"]] * size + names[product["product_id"]]
                for point in points
                for keyword in point["keywords"][:MOST_KEYWORDS]
                for product in point["products"]
            }
        ),
        np.int64,
    )
    if codes.size == 0:
        return
    found = _measured(codes // size, codes % size, market, measured, settings)
    place = {code: number for number, code in enumerate(codes.tolist())}
    for point in points:
        cells = [
            _row(point, product, keyword, place[rows[keyword["keyword"]] * size + names[product["product_id"]]], found)
            for product in point["products"]
            for keyword in point["keywords"][:MOST_KEYWORDS]
        ]
        yield from sorted(cells, key=lambda one: (-one["unmet_low"], -one["unmet_per_week"], one["keyword"]))


def _row(point: SellingPoint, product: PointProduct, keyword: PointKeyword, place: int, found: _Found) -> ProductGap:
    kind = found.kinds[place]
    return ProductGap(
        category=point["category"],
        selling_point=point["selling_point"],
        keyword=keyword["keyword"],
        product_id=product["product_id"],
        product=product["name"],
        brand=product["brand"],
        claims=product["claims"],
        searches=keyword["searches"],
        demand_per_week=round(float(found.demand[place]), 4),
        notes=int(found.notes[place]),
        supply=round(float(found.supply[place]), 4),
        unmet_probability=round(float(found.probability[place]), 4),
        unmet_per_week=round(float(found.per_week[place]), 4),
        unmet_low=round(float(found.low[place]), 4),
        unmet_high=round(float(found.high[place]), 4),
        gap_kind=kind,
        verdict=VERDICT_OF[kind],
        market_unmet_per_week=keyword["unmet_per_week"],
        market_gap_kind=keyword["gap_kind"],
    )


def _measured(keyword: Ints, product: Ints, market: Market, measured: Measured, settings: Settings) -> _Found:
    """What is unmet of each pair of a keyword (its row) and a product (its name), sorted by keyword, then product."""
    owned = _Owned.of(market, measured)
    parts = []
    for first in range(0, keyword.size, _TOGETHER):
        block = slice(first, first + _TOGETHER)
        parts.append(_block(keyword[block], product[block], owned, measured, settings))
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("demand", "notes", "supply", "probability", "per_week", "low", "high")
    }
    return _Found(**columns, kinds=[kind for part in parts for kind in part.kinds])


def _block(keyword: Ints, product: Ints, owned: _Owned, measured: Measured, settings: Settings) -> _Found:
    supply = owned.supply_of(keyword, product, measured)
    rate, least = _rates(keyword, supply, measured)
    whole, counted = measured.unmet, measured.counted.taken(keyword)
    weeks, tau = measured.demand.window.weeks, whole.model.tau
    lower, upper = lower_end(rate, least, counted, tau), upper_end(rate, rate.ends()[1], counted, tau)
    probabilities = kind_probabilities(
        lack_of(supply), rate.mean, Clarity(rate.deviation, whole.known[keyword], counted.demand), settings
    )
    return _Found(
        demand=counted.demand / weeks,
        notes=_likely(supply, keyword.size),
        supply=supply.supply,
        probability=rate.mean,
        per_week=rate.mean * counted.demand / weeks,
        low=np.maximum(np.clip(lower, 0.0, None) / weeks, whole.low[keyword]),
        high=np.maximum(upper / weeks, whole.high[keyword]),
        kinds=choose_kind(probabilities, settings),
    )


def _rates(keyword: Ints, supply: Supply, measured: Measured) -> tuple[Rate, Floats]:
    """The share of each keyword's searches that a product's notes leave unmet, and the lower end of that share.

    A search is met by the product if it is met at all, and if of all notes those about the product are among the ones
    that meet it: by content, ``1 - (q - m) / (1 - m)`` with ``q`` the probability that none of them answers, and ``m``
    that no note at all does.
    """
    need = measured.subject.need[keyword]
    market, unmet = measured.supply.whole[need], measured.unmet
    of_all = Rate(unmet.probability[keyword], unmet.deviation[keyword], unmet.unsure.nothing[keyword])
    rate = _of_part(of_all, supply.whole, market)
    cut = unmet.at_least[need]  # where more supply may exist than was seen, there may be twice the notes
    more = _of_part(of_all, np.where(cut, supply.whole**2, supply.whole), np.where(cut, market**2, market))
    return rate, np.minimum(rate.ends()[0], more.ends()[0])


def _of_part(of_all: Rate, part: Floats, whole: Floats) -> Rate:
    """The unmet share by some of the notes from that by all of them, which either answer or do not."""
    fails = np.clip(np.divide(part - whole, 1.0 - whole, out=np.ones(part.size), where=whole < 1.0), 0.0, 1.0)
    met = (1.0 - of_all.mean) * (1.0 - fails)
    variance = ((1.0 - of_all.mean) ** 2 + of_all.deviation**2) * (1.0 - fails) - met**2
    return Rate(1.0 - met, np.sqrt(np.clip(variance, 0.0, None)), of_all.nothing * (1.0 - fails))


def _likely(supply: Supply, pairs: int) -> Ints:
    """How many notes more probably than not answer, copies once."""
    answers = supply.answers
    rows = np.flatnonzero(answers.probability >= _LIKELY)
    width = int(answers.notes.group.max(initial=0)) + 1
    group = answers.notes.group[answers.note[rows]]
    distinct = np.unique(answers.need[rows].astype(np.int64) * width + group)  # of a block
    return np.bincount(distinct // width, minlength=pairs).astype(np.int64)


@dataclass(frozen=True)
class _Owned:
    """Products by near-duplicate group of candidate notes.

    Attributes:
        start: Those of group ``g`` are ``names[start[g]:start[g + 1]]``.
        names: Products, by the numbers of their names.
        size: Names of the catalogue.
    """

    start: Ints
    names: Ints
    size: int

    @classmethod
    def of(cls, market: Market, measured: Measured) -> _Owned:
        """The products that candidate notes are about; a copy is about what its original is about."""
        notes = measured.supply.answers.notes
        ids, name = market.about
        place = pc.fill_null(pc.index_in(ids, value_set=notes.note_id.cast(pa.string())), -1).to_numpy()
        known = place >= 0
        size = max(1, len(market.wants.catalogue.names))
        groups = int(notes.group.max(initial=-1)) + 1
        code = np.unique(notes.group[place[known]] * size + name[known])  # of the notes that are about products
        return cls(bounds(np.bincount(code // size, minlength=groups)), code % size, size)

    def supply_of(self, keyword: Ints, product: Ints, measured: Measured) -> Supply:
        """Supply of each keyword by the notes about a product alone; the pairs are sorted."""
        answers = measured.supply.answers
        distinct, owner = np.unique(keyword, return_inverse=True)  # of a block
        moved, rows = gather(answers.start, measured.subject.need[distinct])
        of_row = np.repeat(np.arange(distinct.size), np.diff(moved))
        held, entry = gather(self.start, answers.notes.group[answers.note[rows]])
        of_entry = np.repeat(np.arange(rows.size), np.diff(held))
        code = of_row[of_entry] * self.size + self.names[entry]
        wanted = owner * self.size + product
        place = np.minimum(np.searchsorted(wanted, code), max(wanted.size - 1, 0))
        fits = np.flatnonzero(wanted[place] == code) if wanted.size else np.empty(0, np.int64)
        fits = fits[np.argsort(place[fits], kind="stable")]
        return narrowed(measured.supply, rows[of_entry[fits]], place[fits].astype(np.int64), keyword.size)
