"""Gaps by selling point, keyword and product as they may be shown: rows packed, with what lists are chosen by."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable

import numpy as np
import numpy.typing as npt

from api.packed import Packed
from api.problems import Missing
from api.shown import Positions
from gapfinder.market.results import ProductGap
from gapfinder.market.stored import hint_of, names_of
from gapfinder.results import GAP_KINDS
from indexer.normalize import normalize


class ProductGaps:
    """The gaps of one run's products. Safe for several threads.

    Args:
        rows: The gaps that may be shown, in order.
        number: Numbers a category.

    Attributes:
        rows: The gaps, packed.
    """

    def __init__(self, rows: Iterable[ProductGap], number: Callable[[str], int]) -> None:
        self.rows: Packed[ProductGap] = Packed()
        categories, kinds, products = array("i"), array("B"), array("i")
        numbers: dict[str, int] = {}
        self._products: dict[str, set[int]] = {}  # numbers of the products that go by a name
        names: dict[str, None] = {}
        for row in rows:
            self.rows.append(row)
            categories.append(number(row["category"]))
            kinds.append(GAP_KINDS.index(row["gap_kind"]))
            product = numbers.setdefault(row["product_id"], len(numbers))
            products.append(product)
            for name in names_of(row):
                self._products.setdefault(normalize(name), set()).add(product)
            names[row["product"]] = None
        self._categories, self._kinds, self._product = np.array(categories), np.array(kinds), np.array(products)
        self._names = list(names)

    def chosen(
        self, categories: npt.NDArray[np.int64] | None, product: str | None, kinds: Collection[str]
    ) -> Positions:
        """The places of the gaps that fit, in their order.

        Args:
            categories: Only of these categories, by number; None: of all.
            product: Only of this product (name or id), or of all of this brand.
            kinds: Only these; none means all.

        Raises:
            Missing: There is no such product; close ones are named.
        """
        fits = np.ones(len(self.rows), np.bool_)
        if categories is not None:
            fits &= np.isin(self._categories, categories)
        if product is not None:
            numbers = self._products.get(normalize(product))
            if not numbers:
                why = f"the run has no product {product[:100]!r} with a selling point that people search for"
                raise Missing(why, hint=hint_of(product, self._names, "products"))
            fits &= np.isin(self._product, list(numbers))
        if kinds:
            fits &= np.isin(self._kinds, [GAP_KINDS.index(kind) for kind in kinds])
        return np.flatnonzero(fits).astype(np.int32)
