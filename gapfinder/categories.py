"""Which category of the user's product catalogue a keyword belongs to.

A keyword names its category (or a proven synonym of it), or a brand that sells in one category only; otherwise it has
none. This is a look-up by words; understanding products is more than that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from indexer.errors import UsageError
from indexer.normalize import normalize
from indexer.segment import Segmenter
from indexer.stores.contract import Snapshot

Terms = tuple[str, ...]


class Categories:
    """Categories by the terms that name them.

    Args:
        named: ``(category, its terms)``; a keyword that holds all the terms belongs to it.
        brands: ``brand -> category`` of brands with one category.
    """

    def __init__(self, named: Iterable[tuple[str, Terms]], brands: dict[str, str]) -> None:
        # Longer names first, so that 婴儿洗发水 is not taken for 洗发水; then by code point.
        self._named = sorted(set(named), key=lambda pair: (-len(pair[1]), pair[0], pair[1]))
        self._brands = brands

    @property
    def names(self) -> list[str]:
        """All categories."""
        return sorted({category for category, _ in self._named})

    def of(self, terms: Sequence[str]) -> str | None:
        """The category of a keyword with those terms."""
        held = set(terms)
        for category, name in self._named:
            if held.issuperset(name):
                return category
        return next((self._brands[term] for term in terms if term in self._brands), None)

    def known(self, category: str) -> str:
        """The category as the catalogue writes it.

        Raises:
            UsageError: The catalogue has no such category.
        """
        wanted = normalize(category)
        for name in self.names:
            if normalize(name) == wanted:
                return name
        known = ", ".join(self.names)
        hint = f"categories: {known}" if known else "import a product catalogue with a category column"
        raise UsageError(f"there is no category {category!r}", hint=hint)


def catalogue_categories(snapshot: Snapshot, segmenter: Segmenter, synonyms: Iterable[Sequence[str]]) -> Categories:
    """Categories of the product catalogue in a snapshot, with the proven synonyms of one-word names."""
    others = {word: group for group in synonyms for word in group}
    named: list[tuple[str, Terms]] = []
    sold: dict[str, set[str]] = defaultdict(set)
    if snapshot.count("product"):
        for batch in snapshot.scan("product", ("brand", "category")):
            for brand, category in zip(batch["brand"].to_pylist(), batch["category"].to_pylist(), strict=True):
                if category:
                    named.append((category, tuple(segmenter.query_terms(category))))
                    if brand:
                        sold[normalize(brand)].add(category)
    for category, terms in list(named):
        if len(terms) == 1:
            named += [(category, (other,)) for other in others.get(terms[0], ())]
    brands = {brand: next(iter(categories)) for brand, categories in sold.items() if len(categories) == 1}
    return Categories((pair for pair in named if pair[1]), brands)
