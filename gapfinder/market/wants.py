"""What the queries of a market want: their categories, and the selling points they name.

A query belongs to the category it names (by a name of the catalogue, a product, or a brand that sells in one only),
else to the one its words speak for; else to one that only stands above others, if it names that or a brand below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gapfinder.demand import Demand
from gapfinder.market.points import Found, Point, make_points
from gapfinder.market.products import ProductSuggestion, Told, suggest_products
from gapfinder.market.sampling import sampled_notes
from gapfinder.market.spu import Claims
from gapfinder.market.sums import Codes
from gapfinder.points.body import BodyCounts
from gapfinder.points.grammar import Grammar
from gapfinder.texts.words import Texts, Words
from gapfinder.understanding.catalogue import Catalogue, category_tree, read_products
from gapfinder.understanding.parts import Reader, Understood
from gapfinder.understanding.suggest import Suggestion, suggest_brands
from gapfinder.understanding.topics import MOST_CATEGORIES, Topics
from indexer.normalize import normalize
from indexer.segment import Segmenter
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Wants:
    """What the queries of a demand want.

    Attributes:
        catalogue: The names that are known.
        grammar: Finds needs, with the parts of the body it learned.
        needs: Numbers the needs.
        topics: Tells the category of texts that name none, with its weights.
        understood: The queries taken apart.
        category: Category of each query; -1: none.
        points: All points, by category.
        point_of: ``{(category, need): point}``.
        claimed: Products that claim each point, by the numbers of their names.
        claims: The same, as a table to look texts through.
        products: Products that the catalogue may lack.
    """

    catalogue: Catalogue
    grammar: Grammar
    needs: Codes
    topics: tuple[Topics, Ints]
    understood: Understood
    category: Ids
    points: list[Point]
    point_of: dict[tuple[int, int], int]
    claimed: dict[int, list[int]]
    claims: Claims
    products: list[ProductSuggestion]


def read_catalogue(
    snapshot: Snapshot, demand: Demand, segmenter: Segmenter, synonyms: Iterable[Sequence[str]], least: int
) -> tuple[Catalogue, list[Suggestion]]:
    """The names of a store: those of its products, brands that are sure enough, and, without a catalogue, categories.

    Where no product names a category, the things that are searched ``least`` times and more are the categories, at most
    so many as topics are learned of.

    Returns:
        The names, and all brands that may be some.
    """
    products = sorted(read_products(snapshot), key=lambda row: str(row["product_id"]))
    groups = list(synonyms)
    known = {str(row["brand"]) for row in products if row["brand"]}
    columns = (demand.queries[name].to_pylist() for name in ("text", "searches"))
    titles = [str(row["name"]) for row in products]
    tree = category_tree([row.copy() for row in products], segmenter)
    sold = set(tree.names[: tree.own])
    suggested = suggest_brands(titles, zip(*columns, strict=True), segmenter, known, sold)
    brands = [one.name for one in suggested if one.sure]
    catalogue = Catalogue.of(products, segmenter, groups, brands)
    if catalogue.categories:
        return catalogue, suggested
    things = _things(demand, catalogue, segmenter)
    most = sorted((thing for thing in things if things[thing] >= least), key=lambda thing: (-things[thing], thing))
    categories = sorted(most[:MOST_CATEGORIES])
    return Catalogue.of(products, segmenter, groups, brands, categories), suggested


def _things(demand: Demand, catalogue: Catalogue, segmenter: Segmenter) -> dict[str, int]:
    """What queries are about, with its demand."""
    words = Words()
    grammar = Grammar(words, segmenter)
    reader = Reader(catalogue, segmenter, words, grammar)
    texts = grammar.join(words.lists(demand.queries["terms"].to_pylist()))
    understood = reader.read(texts, demand.queries["text"].to_pylist())
    found: dict[str, int] = defaultdict(int)
    for thing, searches in zip(understood.head, demand.queries["demand"].to_pylist(), strict=True):
        if thing:
            found[thing] += searches
    return dict(sorted(found.items()))


def read_wants(snapshot: Snapshot, demand: Demand, catalogue: Catalogue, segmenter: Segmenter) -> Wants:
    """Read the queries of a demand.

    Args:
        snapshot: Some of its notes are read, to learn what parts things have and what words speak for a category.
        demand: The queries.
        catalogue: Names of categories, brands and products.
        segmenter: The one that cut the texts.
    """
    words = Words()
    claimable = {point for own in catalogue.claims.values() for point in own}
    grammar = Grammar(words, segmenter, claimable - set(catalogue.own_categories) - set(catalogue.brands))
    reader = Reader(catalogue, segmenter, words, grammar)
    texts = grammar.join(words.lists(demand.queries["terms"].to_pylist()))
    asked_words = len(words)
    sample: list[Texts] = []
    titles: set[str] = set()
    for batch in sampled_notes(snapshot, ["title", "text_terms"]):
        sample.append(grammar.join(words.texts(batch["text_terms"])))
        titles.update(title for title in batch["title"].to_pylist() if title)
    counts = BodyCounts()
    for some in (texts, *sample):
        counts.add(some, grammar.roles.grown().role, words)
    grammar.learn(counts.body(words, grammar.roles.grown().role, {*catalogue.own_categories, *catalogue.brands}))
    understood = reader.read(texts, demand.queries["text"].to_pylist())
    topics = Topics(catalogue.tree.own, asked_words)
    of_notes = _learn(topics, reader, texts, understood, sample)
    weights = topics.weights()
    category = np.where(understood.category >= 0, understood.category, topics.of(texts, weights)).astype(np.int32)
    category = np.where(category >= 0, category, _above(catalogue, understood, words)).astype(np.int32)
    needs = Codes()
    asked = Found(understood.phrases, category, understood.texts)
    noted = [Found(grammar.find(some), own, some) for some, own in zip(sample, of_notes, strict=True)]
    names = {normalize(name) for name in (*catalogue.own_categories, *catalogue.brands)}
    searches = demand.queries["demand"].to_numpy()
    points, point_of = make_points(asked, noted, searches, grammar, needs, names, catalogue.categories)
    claimed = _claimed(catalogue, grammar, segmenter, needs, point_of)
    claims = Claims.of(claimed, len(points), catalogue)
    understood = replace(understood, product=_products(understood, points, claims))
    told = sorted(titles)
    cut = grammar.join(words.lists([segmenter.terms(normalize(title)) for title in told]))
    suggested = suggest_products(
        Told(cut, told, [1] * len(told)),
        Told(texts, demand.queries["text"].to_pylist(), demand.queries["demand"].to_pylist()),
        catalogue,
        grammar,
    )
    return Wants(
        *(catalogue, grammar, needs, (topics, weights), understood, category, points, point_of),
        *(claimed, claims, suggested),
    )


def _products(understood: Understood, points: Sequence[Point], claims: Claims) -> Ids:
    """The product of each query: what it names, else what its brand and the points it asks for make of it."""
    product = understood.product.copy()
    point = np.repeat(np.arange(len(points), dtype=np.int64), [one.queries.size for one in points])
    query = np.concatenate([np.empty(0, np.int64), *(one.queries for one in points)])
    branded, named = (np.flatnonzero(number >= 0) for number in (understood.brand, product))
    more, found = claims.products_of(
        (query, point),
        (branded, understood.brand[branded].astype(np.int64)),
        (named, product[named].astype(np.int64)),
    )
    product[more] = found
    return product


def _above(catalogue: Catalogue, understood: Understood, words: Words) -> Ids:
    """What stands above others and each query names (last), or what a brand's categories all stand below; -1: none."""
    found = np.full(len(understood.texts), -1, np.int32)
    if catalogue.tree.flat:
        return found
    number = {name: place for place, name in enumerate(catalogue.categories)}
    common = [catalogue.tree.common([number[one] for one in name.categories]) for name in catalogue.names]
    brand = np.flatnonzero(understood.brand >= 0)
    found[brand] = np.array(common, np.int32)[understood.brand[brand]]
    named = catalogue.filed_above(words).find(understood.texts)
    found[named.text] = named.name
    return found


def _claimed(
    catalogue: Catalogue, grammar: Grammar, segmenter: Segmenter, needs: Codes, point_of: dict[tuple[int, int], int]
) -> dict[int, list[int]]:
    """Which products claim which points, as their claims are worded."""
    found: dict[int, set[int]] = defaultdict(set)
    for number, category in enumerate(catalogue.categories):
        claims = catalogue.claims.get(category, {})
        texts = grammar.join(grammar.words.lists([segmenter.query_terms(claim) for claim in claims]))
        phrases = grammar.find(texts)
        known = needs.known(phrases.core)
        products = list(claims.values())
        for text, need in zip(phrases.text.tolist(), known.tolist(), strict=True):
            point = point_of.get((number, need))
            if point is not None:
                found[point].update(products[text])
    return {point: sorted(own) for point, own in sorted(found.items())}


def _learn(topics: Topics, reader: Reader, texts: Texts, understood: Understood, sample: Sequence[Texts]) -> list[Ids]:
    """Learn which words speak for which category; gives the category of each sampled note."""
    topics.add(texts, understood.category)
    of_notes = []
    for some in sample:
        of_notes.append(reader.named_most(some))
        topics.add(some, of_notes[-1])
    return of_notes
