"""The names that a store's products bring: categories, brands and products with their aliases.

The category of a product is the last level of the path that it is written as. The levels above are categories, too, and
only what has no other category belongs to one: what stands above takes nothing away from what stands below.

A brand that is an ordinary word as well (苹果, 自然) is *ambiguous*: it counts only where what stands around it
speaks of what the brand sells.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt

from gapfinder.lexicon import words_of
from gapfinder.texts.names import Names
from gapfinder.texts.speech import is_everyday
from gapfinder.texts.words import Words
from gapfinder.understanding.paths import Path, other_words, paths_of
from gapfinder.understanding.spellings import one_spelling, seen
from gapfinder.understanding.tree import Tree
from indexer.normalize import normalize
from indexer.segment import Segmenter
from indexer.stores.contract import Snapshot

CATEGORY: Final = "category"
BRAND: Final = "brand"
PRODUCT: Final = "product"
LEVELS: Final = (CATEGORY, BRAND, PRODUCT)

Level = Literal["category", "brand", "product"]
Terms = tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """Something that can be named.

    Attributes:
        level: ``category``, ``brand`` or ``product``.
        name: As the catalogue writes it; of a product its id.
        categories: Categories it belongs to, most products first; of a category itself.
        brand: Brand of a product, or the brand itself.
        ambiguous: Whether its name is an ordinary word, too.
    """

    level: Level
    name: str
    categories: tuple[str, ...]
    brand: str | None = None
    ambiguous: bool = False


@dataclass(frozen=True)
class Catalogue:
    """All names of a store, numbered, with their aliases as words.

    Attributes:
        names: Categories first (those that only stand above others behind the others), then brands, then products, each
            sorted by name.
        aliases: ``(words, number of the name)``.
        claims: Selling points that products claim, by category: ``{category: {point: numbers of the products}}``.
        product_names: Name of each product by its id.
        tree: How the categories stand above each other, by their numbers.
        launched: When each product was launched, by its id, where that is known.
    """

    names: tuple[Name, ...]
    aliases: tuple[tuple[Terms, int], ...]
    claims: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    product_names: Mapping[str, str] = field(default_factory=dict)
    launched: Mapping[str, datetime] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)

    @classmethod
    def of(
        cls,
        products: Iterable[Mapping[str, Any]],
        segmenter: Segmenter,
        synonyms: Iterable[Sequence[str]] = (),
        more_brands: Collection[str] = (),
        more_categories: Collection[str] = (),
    ) -> Self:
        """The names in some products.

        Args:
            products: Rows of the product record.
            segmenter: What cuts names as it cuts texts.
            synonyms: Groups of words that mean the same; a category of one word goes by them, too.
            more_brands: Further brands that nobody listed.
            more_categories: Further categories.
        """
        rows = [dict(row) for row in products]
        tree = category_tree(rows, segmenter, more_categories)
        brand_of = one_spelling(Counter(row["brand"] for row in rows if row.get("brand")))
        for row in rows:
            row["brand"] = brand_of.get(row.get("brand") or "") or None
        sold = _sold(rows)
        for brand in more_brands:
            sold.setdefault(brand, ())
        categories = tree.names
        names = [Name(CATEGORY, name, (name,)) for name in categories]
        names += [Name(BRAND, brand, sold[brand], brand, is_ordinary(brand)) for brand in sorted(sold)]
        number = {(name.level, name.name): place for place, name in enumerate(names)}
        aliases = list(_category_aliases(categories, number, segmenter, synonyms))
        kinds = {normalize(category) for category in categories}
        for brand in sorted(sold):  # one that is called like a category (母婴) is known by its field and products alone
            if normalize(brand) not in kinds:
                aliases += [(terms, number[BRAND, brand]) for terms in _cut(brand, segmenter)]
        of_word = _words_of(categories, segmenter)
        aliases += [(terms, number[BRAND, brand]) for brand, terms in _other_scripts(rows, segmenter)]
        for row in sorted(rows, key=lambda one: str(one["product_id"])):
            of, maker = row.get("category") or None, row.get("brand") or None
            place = len(names)
            names.append(Name(PRODUCT, str(row["product_id"]), (of,) if of else (), maker))
            texts = [row["name"], *(row.get("aliases") or ())]
            aliases += [(terms, place) for text in texts for terms in _product_aliases(text, maker, of_word, segmenter)]
        return cls(
            tuple(names),
            tuple(_unshared(aliases, names)),
            _claims(rows, names),
            {str(row["product_id"]): seen(str(row["name"])) for row in rows},
            {str(row["product_id"]): at for row in rows if isinstance(at := row.get("launched_at"), datetime)},
            tree,
        )

    @cached_property
    def categories(self) -> list[str]:
        """All categories; their numbers are those of their names."""
        return [name.name for name in self.names if name.level == CATEGORY]

    @cached_property
    def brand_of(self) -> npt.NDArray[np.int64]:
        """The number of the brand behind each name that is a product; -1: there is none, as of no name at all."""
        number = {name.name: place for place, name in enumerate(self.names) if name.level == BRAND}
        made = [number.get(name.brand or "", -1) if name.level == PRODUCT else -1 for name in self.names]
        return np.array(made or [-1], np.int64)

    @property
    def own_categories(self) -> list[str]:
        """The categories without those that only stand above others."""
        return self.categories[: self.tree.own]

    def category_numbers(self, name: int) -> list[int]:
        """The categories that a name belongs to, by number."""
        return [self.categories.index(category) for category in self.names[name].categories]

    @property
    def brands(self) -> list[str]:
        """All brands."""
        return [name.name for name in self.names if name.level == BRAND]

    def filed(self, words: Words) -> Names:
        """The aliases as a table to look texts through, without those of categories that only stand above others."""
        return Names.of(words, ((terms, number) for terms, number in self.aliases if not self._above(number)))

    def filed_above(self, words: Words) -> Names:
        """The aliases of categories that only stand above others."""
        return Names.of(words, ((terms, number) for terms, number in self.aliases if self._above(number)))

    def _above(self, number: int) -> bool:
        return self.tree.own <= number < len(self.tree.names)


def category_tree(rows: Sequence[dict[str, Any]], segmenter: Segmenter, more: Collection[str] = ()) -> Tree:
    """The tree of the categories of some products; the category of each row becomes the last level of its path."""
    counts = Counter(row["category"] for row in rows if row.get("category"))
    paths = _spelled(paths_of(counts), counts)
    for row in rows:
        path = paths.get(row.get("category") or "", ())
        row["category"] = path[-1] if path else None
    said: Counter[Path] = Counter()
    for text, times in counts.items():
        said[paths[text]] += times
    return Tree.of(said, more, segmenter)


def _spelled(paths: Mapping[str, Path], counts: Mapping[str, int]) -> dict[str, Path]:
    """The paths with one spelling of each level."""
    said: Counter[str] = Counter()
    for text, path in paths.items():
        said.update(dict.fromkeys(path, counts[text]))
    spelling = one_spelling(said)
    return {text: tuple(dict.fromkeys(spelling[level] for level in path)) for text, path in paths.items()}


def read_products(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """The products of a snapshot, as rows."""
    if snapshot.count("product"):
        columns = ("product_id", "name", "brand", "category", "aliases", "selling_points", "price", "launched_at")
        for batch in snapshot.scan("product", columns):
            yield from batch.to_pylist()


@lru_cache(maxsize=1 << 16)
def is_ordinary(name: str) -> bool:
    """Whether a name is a word of everyday Chinese, or of the lists of needs, crowds and the like.

    A word that the segmenter's dictionary holds with a tiny frequency is a name as likely as not, and no such word.
    """
    plain = normalize(name)
    listed = any(plain in words_of(c) for c in ("complaints", "benefits", "ingredients", "crowds", "scenes", "places"))
    return listed or is_everyday(plain)


def _sold(rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """What each brand sells, most products first."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if row.get("brand"):
            own = counts[row["brand"]]
            if row.get("category"):
                own[row["category"]] += 1
    return {brand: tuple(sorted(own, key=lambda category: (-own[category], category))) for brand, own in counts.items()}


def _category_aliases(
    categories: Sequence[str],
    number: Mapping[tuple[Level, str], int],
    segmenter: Segmenter,
    synonyms: Iterable[Sequence[str]],
) -> Iterator[tuple[Terms, int]]:
    others = {word: group for group in synonyms for word in group}
    cut = [(category, tuple(segmenter.query_terms(category))) for category in categories]
    for category, terms in cut:
        yield terms, number[CATEGORY, category]
    for category, terms in cut:  # a synonym that is a category of its own stays with that one
        if len(terms) == 1:
            for other in others.get(terms[0], ()):
                yield (other,), number[CATEGORY, category]
    for category, _ in cut:
        for word in other_words(category):
            yield tuple(segmenter.query_terms(word)), number[CATEGORY, category]


def _cut(name: str, segmenter: Segmenter) -> Iterator[Terms]:
    """A name as words, whole and, where it is written in two scripts (Mellow/麦洛), each of them."""
    sides = name.replace("／", "/").split("/")
    two_scripts = len(sides) == len(("Latin", "Chinese")) and {side.strip().isascii() for side in sides} == {
        True,
        False,
    }
    parts = [name, *sides] if two_scripts else [name]
    for part in dict.fromkeys(parts):
        terms = tuple(segmenter.query_terms(part))
        if terms:
            yield terms


def _other_scripts(rows: Iterable[Mapping[str, Any]], segmenter: Segmenter) -> list[tuple[str, Terms]]:
    """What brands are called in their other script, where a product goes by both (``Mellow/麦洛``)."""
    found: set[tuple[str, Terms]] = set()
    for row in rows:
        brand = row.get("brand") or ""
        for alias in row.get("aliases") or ():
            names = set(_cut(alias, segmenter))
            if brand and len(names) > 1 and tuple(segmenter.query_terms(brand)) in names:
                found |= {(brand, terms) for terms in names}
    return sorted(found)


def _words_of(categories: Sequence[str], segmenter: Segmenter) -> dict[str, set[int]]:
    """The categories that hold each word, by number."""
    found: dict[str, set[int]] = defaultdict(set)
    for number, category in enumerate(categories):
        for word in segmenter.query_terms(category):
            found[word].add(number)
    return found


def _product_aliases(
    text: str, brand: str | None, of_word: Mapping[str, set[int]], segmenter: Segmenter
) -> Iterator[Terms]:
    """A name of a product as words; one that says no more than a brand and a category, whichever, names no product."""
    said = set(segmenter.query_terms(brand)) if brand else set()
    for terms in _cut(text, segmenter):
        rest = [of_word.get(word, set()) for word in terms if word not in said]
        if len(terms) > 1 and rest and not set.intersection(*rest):
            yield terms


def _unshared(aliases: Iterable[tuple[Terms, int]], names: Sequence[Name]) -> Iterator[tuple[Terms, int]]:
    """The aliases without those that several products go by."""
    rows = list(aliases)
    owners: dict[Terms, set[int]] = defaultdict(set)
    for terms, number in rows:
        owners[terms].add(number)
    for terms, number in rows:
        if names[number].level != PRODUCT or len(owners[terms]) == 1:
            yield terms, number


def _claims(rows: Iterable[Mapping[str, Any]], names: Sequence[Name]) -> dict[str, dict[str, tuple[int, ...]]]:
    number = {name.name: place for place, name in enumerate(names) if name.level == PRODUCT}
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for point in row.get("selling_points") or ():
            if point and row.get("category"):
                found[row["category"]][normalize(point)].append(number[str(row["product_id"])])
    return {
        category: {point: tuple(sorted(own[point])) for point in sorted(own)} for category, own in sorted(found.items())
    }
