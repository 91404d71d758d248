"""Products (SPU) by brand, category and function, where texts do not name them.

Hardly anybody writes a product's whole name: they write its brand and what it does. A text that names a brand, and of
the selling points that the brand's products in the category claim more of one product than of any other, is about that
product; where two fit alike, or the brand's product is named anyway, nothing is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from gapfinder.understanding.catalogue import Catalogue
from indexer.stores.matching.plan import bounds, gather

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Claims:
    """Which products claim which points: those of point ``p`` are ``products[start[p]:start[p + 1]]``.

    Attributes:
        start: Where the products of each point begin.
        products: Numbers of their names.
        brand_of: Number of the brand behind each name that is a product; -1: there is none.
    """

    start: Ints
    products: Ints
    brand_of: Ints

    @classmethod
    def of(cls, claimed: Mapping[int, Sequence[int]], points: int, catalogue: Catalogue) -> Self:
        """The claims of a catalogue's products, by point."""
        lists = [claimed.get(point, ()) for point in range(points)]
        products = np.array([product for own in lists for product in own], np.int64)
        return cls(bounds(np.array([len(own) for own in lists], np.int64)), products, catalogue.brand_of)

    def products_of(
        self, spoken: tuple[Ints, Ints], branded: tuple[Ints, Ints], named: tuple[Ints, Ints]
    ) -> tuple[Ints, Ints]:
        """The products that texts are about without naming them.

        Args:
            spoken: Texts and points that they speak of; a row for each pair, each once.
            branded: Texts and brands that they name.
            named: Texts and products that they name.

        Returns:
            Texts and products; a row for each pair, by text.
        """
        size = self.brand_of.size + 1
        held, entry = gather(self.start, spoken[1])
        text, product = np.repeat(spoken[0], np.diff(held)), self.products[entry]
        fits = _among(text * size + self.brand_of[product], branded[0] * size + branded[1])
        pairs, claims = np.unique((text * size + product)[fits], return_counts=True)  # of a batch
        text, product = pairs // size, pairs % size
        owner = text * size + self.brand_of[product]
        alone = ~_among(owner, named[0] * size + self.brand_of[named[1]])
        owner, text, product, claims = owner[alone], text[alone], product[alone], claims[alone]
        order = np.lexsort((product, -claims, owner))
        owner, claims = owner[order], claims[order]
        first = np.ones(owner.size, bool)
        first[1:] = owner[1:] != owner[:-1]
        tied = np.zeros(owner.size, bool)
        tied[:-1] = (owner[1:] == owner[:-1]) & (claims[1:] == claims[:-1])
        chosen = order[first & ~tied]
        return text[chosen], product[chosen]


def _among(values: Ints, known: Ints) -> npt.NDArray[np.bool_]:
    """Whether each value is one of some others."""
    ordered = np.sort(known)
    if ordered.size == 0:
        return np.zeros(values.size, bool)
    place = np.minimum(np.searchsorted(ordered, values), ordered.size - 1)
    found: npt.NDArray[np.bool_] = ordered[place] == values
    return found
