"""Which category of the user's product catalogue a keyword belongs to.

A keyword names its category (or a proven synonym of it), or a brand that sells in one category only; or else a
category that only stands above others, or a brand whose categories all stand below one; otherwise it has none. This is
a look-up by words; understanding products is more than that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from gapfinder.understanding.catalogue import category_tree
from gapfinder.understanding.paths import other_words
from gapfinder.understanding.tree import NONE, Tree
from indexer.errors import UsageError
from indexer.normalize import normalize
from indexer.segment import Segmenter
from indexer.stores.contract import Snapshot

Terms = tuple[str, ...]


class Categories:
    """Categories by the terms that name them.

    Args:
        named: ``(category, its terms)``; a keyword that holds all the terms belongs to it.
        brands: ``brand -> categories`` that it sells in.
        tree: How categories stand above each other.
    """

    def __init__(self, named: Iterable[tuple[str, Terms]], brands: Mapping[str, Collection[str]], tree: Tree) -> None:
        self._tree = tree
        self._number = {name: place for place, name in enumerate(tree.names)}
        # Longer names first, so that 婴儿洗发水 is not taken for 洗发水; then by code point.
        every = sorted(set(named), key=lambda pair: (-len(pair[1]), pair[0], pair[1]))
        self._named = [pair for pair in every if self._number[pair[0]] < tree.own]
        self._above = [pair for pair in every if self._number[pair[0]] >= tree.own]
        self._brands = {brand: next(iter(sold)) for brand, sold in brands.items() if len(sold) == 1}
        common = {brand: tree.common([self._number[one] for one in sold]) for brand, sold in brands.items()}
        self._common = {brand: tree.names[above] for brand, above in common.items() if above != NONE}

    @property
    def names(self) -> list[str]:
        """All categories."""
        return sorted(self._tree.names)

    def of(self, terms: Sequence[str]) -> str | None:
        """The category of a keyword with those terms."""
        held = set(terms)
        for category, name in self._named:
            if held.issuperset(name):
                return category
        sold = next((self._brands[term] for term in terms if term in self._brands), None)
        above = sold or next((category for category, name in self._above if held.issuperset(name)), None)
        return above or next((self._common[term] for term in terms if term in self._common), None)

    def below(self, category: str) -> list[str]:
        """A category, as the catalogue writes it, and all that stand below it.

        Raises:
            UsageError: The catalogue has no such category.
        """
        wanted = normalize(category)
        for name in self.names:
            if normalize(name) == wanted:
                return [self._tree.names[number] for number in self._tree.below(self._number[name])]
        known = ", ".join(self.names)
        hint = f"categories: {known}" if known else "import a product catalogue with a category column"
        raise UsageError(f"there is no category {category!r}", hint=hint)


def catalogue_categories(snapshot: Snapshot, segmenter: Segmenter, synonyms: Iterable[Sequence[str]]) -> Categories:
    """Categories of the product catalogue in a snapshot, with the proven synonyms of one-word names."""
    others = {word: group for group in synonyms for word in group}
    rows: list[dict[str, Any]] = []
    if snapshot.count("product"):
        for batch in snapshot.scan("product", ("brand", "category")):
            rows += batch.to_pylist()
    tree = category_tree(rows, segmenter)
    sold: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["brand"] and row["category"]:
            sold[normalize(row["brand"])].add(row["category"])
    named = [(category, tuple(segmenter.query_terms(category))) for category in tree.names]
    named += [
        (category, (other,)) for category, terms in named if len(terms) == 1 for other in others.get(terms[0], ())
    ]
    named += [(name, tuple(segmenter.query_terms(word))) for name in tree.names for word in other_words(name)]
    return Categories((pair for pair in named if pair[1]), sold, tree)
