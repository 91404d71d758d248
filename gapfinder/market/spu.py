"""Products (SPU) by brand, category and function, where texts do not name them.

Hardly anybody writes a product's whole name: they write its brand and what it does. A text that names a brand, and of
the selling points that the brand's products in the category claim more of one product than of any other, is about that
product; where two fit alike, or the brand's product is named anyway, nothing is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from gapfinder.understanding.catalogue import Catalogue
from indexer.stores.matching.plan import bounds, gather

Ints = npt.NDArray[np.int64]

_TOGETHER: Final = 1_000_000  # claims that are looked at together


@dataclass(frozen=True)
class Claims:
    """What products claim, by the numbers of their names in the catalogue.

    Attributes:
        start, products: The products of brand ``b`` that claim anything are ``products[start[b]:start[b + 1]]``.
        claim_start, points: The points that product ``p`` claims are ``points[claim_start[p]:claim_start[p + 1]]``.
        brand_of: Number of the brand behind each name that is a product; -1: there is none.
        size: One more than the largest point.
    """

    start: Ints
    products: Ints
    claim_start: Ints
    points: Ints
    brand_of: Ints
    size: int

    @classmethod
    def of(cls, claimed: Mapping[int, Sequence[int]], points: int, catalogue: Catalogue) -> Self:
        """The claims of a catalogue's products, by point."""
        brand_of, names = catalogue.brand_of, len(catalogue.names)
        pairs = sorted((product, point) for point, own in claimed.items() for product in own)
        product, point = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
        claiming = np.unique(product[brand_of[product] >= 0])  # of a catalogue
        order = np.argsort(brand_of[claiming], kind="stable")
        return cls(
            bounds(np.bincount(brand_of[claiming], minlength=names)),
            claiming[order],
            bounds(np.bincount(product, minlength=names)),
            point,
            brand_of,
            points,
        )

    def products_of(
        self, spoken: tuple[Ints, Ints], branded: tuple[Ints, Ints], named: tuple[Ints, Ints]
    ) -> tuple[Ints, Ints]:
        """The products that texts are about without naming them.

        A brand has few products and a product few claims, so these are gone through, not all that claim a point.

        Args:
            spoken: Texts and points that they speak of; a row for each pair, each once.
            branded: Texts and brands that they name; likewise.
            named: Texts and products that they name.

        Returns:
            Texts and products; a row for each pair, by text.
        """
        names = self.brand_of.size + 1
        alone = ~_among(branded[0] * names + branded[1], named[0] * names + self.brand_of[named[1]])
        alone &= _among(branded[0], spoken[0])
        nothing = np.empty(0, np.int64)
        found = [self._chosen(spoken, *rows) for rows in self._blocks(branded[0][alone], branded[1][alone])]
        text, product = (np.concatenate(column) for column in zip((nothing, nothing), *found, strict=True))
        return text, product

    def _blocks(self, text: Ints, brand: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Texts and brands, so many at a time that the claims of their products fit in a block."""
        claims = np.diff(self.claim_start)[self.products]
        size = np.concatenate([np.zeros(1, np.int64), np.cumsum(claims)])
        ends = np.cumsum(size[self.start[brand + 1]] - size[self.start[brand]])
        first = 0
        while first < text.size:
            done = int(ends[first - 1]) if first else 0
            last = max(first + 1, int(np.searchsorted(ends, done + _TOGETHER, side="right")))
            yield text[first:last], brand[first:last]
            first = last

    def _chosen(self, spoken: tuple[Ints, Ints], branded: Ints, brand: Ints) -> tuple[Ints, Ints]:
        """The products of some texts and the brands that they name."""
        names = self.brand_of.size + 1
        held, entry = gather(self.start, brand)
        text, product = np.repeat(branded, np.diff(held)), self.products[entry]
        held, entry = gather(self.claim_start, product)
        pair = np.repeat(np.arange(text.size), np.diff(held))
        said = _among(text[pair] * self.size + self.points[entry], spoken[0] * self.size + spoken[1])
        claims = np.bincount(pair[said], minlength=text.size)
        owner = text * names + self.brand_of[product]
        order = np.lexsort((product, -claims, owner))
        owner, claims = owner[order], claims[order]
        first = np.ones(owner.size, bool)
        first[1:] = owner[1:] != owner[:-1]
        tied = np.zeros(owner.size, bool)
        tied[:-1] = (owner[1:] == owner[:-1]) & (claims[1:] == claims[:-1])
        chosen = order[first & ~tied & (claims > 0)]
        return text[chosen], product[chosen]


def _among(values: Ints, known: Ints) -> npt.NDArray[np.bool_]:
    """Whether each value is one of some others."""
    ordered = np.sort(known)
    if ordered.size == 0:
        return np.zeros(values.size, bool)
    place = np.minimum(np.searchsorted(ordered, values), ordered.size - 1)
    found: npt.NDArray[np.bool_] = ordered[place] == values
    return found
