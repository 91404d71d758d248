"""Queries and titles against the labelled lists: category, brand and intent of a query, brand of a title.

The catalogue of the list is given; further queries and titles (``*_around.tsv``) are there to learn from, as a store
has more than what was labelled. Their labels are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from benchmarks.market.labelled import NONE, parted, rows_of, segmenter
from benchmarks.market.measures import Found, accuracy
from gapfinder.points.body import BodyCounts
from gapfinder.points.grammar import Grammar
from gapfinder.texts.words import Words
from gapfinder.understanding.catalogue import Catalogue
from gapfinder.understanding.parts import INTENTS, Reader
from gapfinder.understanding.suggest import Suggestion, suggest_brands
from gapfinder.understanding.titles import KnownBrand, brands_of_titles
from indexer.dictionary import shipped_synonyms
from indexer.normalize import normalize
from indexer.segment import Segmenter

_LISTS: Final = ("queries", "queries_fresh", "queries_third")  # in the order in which they were written
_BETWEEN: Final = "/"  # the two scripts of a brand


@dataclass(frozen=True, slots=True)
class Queries:
    """How queries were read.

    Attributes:
        category, intent: Share that is right.
        brand: What was found of the brands.
    """

    category: float
    brand: Found
    intent: float


def read_queries(name: str) -> Queries:
    """Read the queries of a list, with the other lists around them."""
    judged = rows_of(name)
    around = [*rows_of("queries_around"), *(row for other in _others(name) for row in rows_of(other))]
    cut = _segmenter()
    texts = [normalize(row["query"]) for row in (*judged, *around)]
    suggested = _suggested([*(row["query"] for row in judged), *(row["query"] for row in around)], cut)
    catalogue = Catalogue.of(_products(), cut, shipped_synonyms(), [one.name for one in suggested if one.sure])
    words = Words()
    grammar = Grammar(words, cut)
    reader = Reader(catalogue, cut, words, grammar)
    joined = grammar.join(words.lists([cut.query_terms(text) for text in texts]))
    counts = BodyCounts()
    counts.add(joined, grammar.roles.grown().role, words)
    grammar.learn(counts.body(words, grammar.roles.grown().role, {*catalogue.categories, *catalogue.brands}))
    read = reader.read(joined, texts)
    things = [normalize(read.thing(words, place) or NONE) for place in range(len(judged))]
    brands = [catalogue.names[number].name if number >= 0 else NONE for number in read.brand[: len(judged)].tolist()]
    intents = [INTENTS[number] for number in read.intent[: len(judged)].tolist()]
    right = [thing in _accepted(row["category"]) for thing, row in zip(things, judged, strict=True)]
    hits = [_same_brand(brand, row["brand"]) for brand, row in zip(brands, judged, strict=True)]
    told, true = sum(brand != NONE for brand in brands), sum(row["brand"] != NONE for row in judged)
    return Queries(
        accuracy(right, [True] * len(right)),
        Found(sum(hits), told, true),
        accuracy(intents, [row["intent"] for row in judged]),
    )


def read_titles() -> float:
    """The share of titles whose brand is right."""
    judged, cut = rows_of("titles"), _segmenter()
    asked = [row["query"] for name in ("queries", "queries_around") for row in rows_of(name)]
    suggested = [one for one in _suggested(asked, cut) if one.sure]
    known = {one.name: KnownBrand(one.name) for one in suggested}
    known |= {one.latin: KnownBrand(one.name) for one in suggested if one.latin}
    for row in rows_of("catalogue"):
        names = [row["brand"], *row["brand"].split(_BETWEEN), *parted(row["aliases"])]
        known |= {name: KnownBrand(row["brand"], (row["category"],)) for name in names}
    latin = {normalize(one.latin): normalize(one.name) for one in suggested if one.latin}
    found = brands_of_titles([row["title"] for row in judged], known, cut)
    right = [_same_title(one, row["brand"], latin) for one, row in zip(found, judged, strict=True)]
    return accuracy(right, [True] * len(right))


def _others(name: str) -> list[str]:
    """Lists that were there before one."""
    return list(_LISTS[: _LISTS.index(name)])


@cache
def _segmenter() -> Segmenter:
    names = [name for row in rows_of("catalogue") for name in (*row["brand"].split(_BETWEEN), *parted(row["aliases"]))]
    return segmenter(name for name in names if _BETWEEN not in name)


def _products() -> list[dict[str, Any]]:
    return [
        {
            "product_id": f"p{place}",
            "name": row["brand"] + row["category"],
            "brand": row["brand"],
            "category": row["category"],
            "aliases": parted(row["aliases"]),
        }
        for place, row in enumerate(rows_of("catalogue"))
    ]


def _suggested(queries: Sequence[str], cut: Segmenter) -> list[Suggestion]:
    titles = [row["title"] for name in ("titles", "titles_around") for row in rows_of(name)]
    known = {name for row in rows_of("catalogue") for name in (row["brand"], *parted(row["aliases"]))}
    sold = {row["category"] for row in rows_of("catalogue")}
    return list(suggest_brands(titles, [(query, 1) for query in queries], cut, known, sold))


def _accepted(cell: str) -> set[str]:
    return {normalize(part) for part in cell.split("|")}


def _same_brand(told: str, true: str) -> bool:
    if NONE in (told, true):
        return False
    one, other = normalize(told), normalize(true)
    aliases = {
        normalize(name) for row in rows_of("catalogue") if row["brand"] == told for name in parted(row["aliases"])
    }
    return one in other or other in one or other in aliases


def _same_title(told: KnownBrand | None, true: str, latin: dict[str, str]) -> bool:
    if told is None or true == NONE:
        return told is None and true == NONE
    one, other = normalize(told.name), normalize(true)
    other = latin.get(other, other)
    return one == other or other in one.split(_BETWEEN) or one in other.split(_BETWEEN)
