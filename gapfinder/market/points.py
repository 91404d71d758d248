"""The selling points of each category, folded from the needs that its queries and notes name.

A point is called by the wording that most searches use, one that says a remedy before one that says a complaint
(缓解红屁股, not 红屁股), as long as a tenth of its searches say it so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.market.sums import Codes, Sums
from gapfinder.points.company import among_parcels, in_own_name, is_parcel
from gapfinder.points.folding import fold
from gapfinder.points.grammar import Grammar
from gapfinder.points.phrases import Phrases
from gapfinder.points.roles import COMPLAINED, LACKING
from gapfinder.texts.words import Texts

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Key = tuple[int, int]  # category and need

MOST_NEEDS: Final = 1_000  # of a category that are folded, those that most ask for
LEAST_NOTES: Final = 3  # of the sampled notes that name a need which no query names
LEAST_SEARCHES: Final = 5  # of a need that queries name
_REMEDY: Final = 0.1  # share of a point's searches from which a remedy gives the name


@dataclass(frozen=True)
class Point:
    """A selling point of a category.

    Attributes:
        category: Number of the category.
        name: What it is called.
        needs: Numbers of its needs.
        wordings: What queries say for it, most searched first.
        queries: Queries that ask for it, by number.
    """

    category: int
    name: str
    needs: tuple[int, ...]
    wordings: tuple[str, ...]
    queries: Ints


@dataclass(frozen=True)
class Found:
    """The need phrases of some texts, with the category of each text (-1: none)."""

    phrases: Phrases
    category: Ids
    texts: Texts


@dataclass(frozen=True)
class _Asked:
    """Need phrases of queries with a category; columns of equal length."""

    category: Ints
    need: Ints
    query: Ints
    row: Ints  # of the phrases


def make_points(
    asked: Found,
    noted: Sequence[Found],
    searches: npt.NDArray[np.integer],
    grammar: Grammar,
    needs: Codes,
    names: Collection[str],
    categories: Sequence[str],
) -> tuple[list[Point], dict[Key, int]]:
    """Fold needs into points.

    Args:
        asked: What queries name.
        noted: What notes name.
        searches: Demand of each query.
        grammar: Words the needs.
        needs: Numbers them.
        names: Names of categories and brands, which are no points.
        categories: Name of each category.

    Returns:
        The points, by category, and the point of each need of a category.
    """
    rows = np.flatnonzero(asked.category[asked.phrases.text] >= 0)
    query = asked.phrases.text[rows].astype(np.int64)
    own = _Asked(asked.category[query].astype(np.int64), needs.numbers(asked.phrases.core[rows]), query, rows)
    support = _support(own, noted, searches, needs)
    wordings = _wordings(own, asked, searches, grammar)
    queries = _queries(own)
    points: list[Point] = []
    point_of: dict[Key, int] = {}
    parcels: dict[int, set[int]] = defaultdict(set)
    for category, need in _parcels(noted, grammar, needs):
        parcels[category].add(need)
    for category in sorted(support):
        for group in _groups(_kept(support[category], parcels[category]), grammar, needs, names, categories[category]):
            keys = [(category, need) for need in group]
            said: dict[str, int] = defaultdict(int)
            ways: dict[str, int] = {}
            for key in keys:
                for (text, way), times in wordings.get(key, {}).items():
                    said[text] += times
                    ways[text] = way
            by_searches = sorted(said, key=lambda text: (-said[text], text))
            most = max(group, key=lambda need: (support[category][need][1], grammar.wording(needs.values[need])))
            name = _name(by_searches, said, ways) or grammar.wording(needs.values[most])
            asking = np.unique(np.concatenate([queries.get(key, np.empty(0, np.int64)) for key in keys]))
            point_of |= dict.fromkeys(keys, len(points))
            points.append(Point(category, name, tuple(group), tuple(by_searches), asking))
    return points, point_of


def _support(
    own: _Asked, noted: Sequence[Found], searches: npt.NDArray[np.integer], needs: Codes
) -> dict[int, dict[int, tuple[int, int]]]:
    """By category and need: the searches that name it, and the sampled notes."""
    asks, notes = Sums(2, 1), Sums(2, 1)
    asks.add([own.category, own.need], [searches[own.query]])
    for one in noted:
        rows = np.flatnonzero(one.category[one.phrases.text] >= 0)
        text = one.phrases.text[rows]
        held = np.stack([one.category[text].astype(np.int64), text, needs.numbers(one.phrases.core[rows])])
        category, _, need = np.unique(held, axis=1)  # of a batch: a note counts once
        notes.add([category, need], [np.ones(need.size, np.int64)])
    found: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for sums, place in ((asks, 0), (notes, 1)):
        keys, figures = sums.rows()
        for (category, need), figure in zip(keys.T.tolist(), figures[0].tolist(), strict=True):
            before = found[category].get(need, (0, 0))
            found[category][need] = (figure, before[1]) if place == 0 else (before[0], figure)
    return found


def _parcels(noted: Sequence[Found], grammar: Grammar, needs: Codes) -> set[Key]:
    """Needs of a category that notes name beside the parcel, and hardly of the product in use."""
    mentions = Sums(2, 2)
    for one in noted:
        rows = np.flatnonzero(one.category[one.phrases.text] >= 0)
        category = one.category[one.phrases.text[rows]].astype(np.int64)
        near = among_parcels(one.texts, one.phrases, grammar.words)[rows]
        mentions.add(
            [category, needs.numbers(one.phrases.core[rows])], [near.astype(np.int64), np.ones(rows.size, np.int64)]
        )
    keys, figures = mentions.rows()
    columns = (*keys.tolist(), *figures.tolist())
    return {(category, need) for category, need, near, all_ in zip(*columns, strict=True) if is_parcel(near, all_)}


def _kept(support: dict[int, tuple[int, int]], parcels: Collection[int]) -> dict[int, tuple[int, int]]:
    """The needs of a category that enough searches name, or enough notes that are not about the parcel."""
    return {
        need: (asks, notes)
        for need, (asks, notes) in support.items()
        if asks >= LEAST_SEARCHES or (notes >= LEAST_NOTES and need not in parcels)
    }


def _groups(
    support: dict[int, tuple[int, int]], grammar: Grammar, needs: Codes, names: Collection[str], category: str
) -> list[list[int]]:
    """The needs of a category that are one point each; every list by wording."""
    worded = [(grammar.wording(needs.values[need]), need) for need in support]
    worded = [
        (wording, need) for wording, need in worded if wording not in names and not in_own_name(wording, {category})
    ]
    worded.sort(key=lambda pair: (-support[pair[1]][0], -support[pair[1]][1], pair[0]))
    worded = sorted(worded[:MOST_NEEDS])
    group = fold([wording for wording, _ in worded], set(grammar.body))
    return [
        [worded[place][1] for place in np.flatnonzero(group == number).tolist()]
        for number in range(int(group.max(initial=-1)) + 1)
    ]


def _name(wordings: Sequence[str], said: dict[str, int], ways: dict[str, int]) -> str:
    """The most searched wording; a remedy goes before a complaint if people search for it in so many words."""
    total = sum(said.values())
    remedies = [text for text in wordings if ways[text] not in (COMPLAINED, LACKING) and said[text] >= _REMEDY * total]
    return next(iter(remedies or wordings), "")


def _queries(own: _Asked) -> dict[Key, Ints]:
    """The queries that name each need of a category."""
    if own.query.size == 0:
        return {}
    order = np.lexsort((own.query, own.need, own.category))
    category, need, query = own.category[order], own.need[order], own.query[order]
    new = np.ones(order.size, bool)
    new[1:] = (category[1:] != category[:-1]) | (need[1:] != need[:-1])
    first = np.flatnonzero(new)
    parts = np.split(query, first[1:])
    return {(int(category[at]), int(need[at])): part for at, part in zip(first.tolist(), parts, strict=True)}


def _wordings(
    own: _Asked, asked: Found, searches: npt.NDArray[np.integer], grammar: Grammar
) -> dict[Key, dict[tuple[str, int], int]]:
    """How queries word each need of a category: ``{(category, need): {(wording, way): searches}}``."""
    found, names, texts = asked.phrases, grammar.words.names, asked.texts
    said: dict[Key, dict[tuple[str, int], int]] = defaultdict(lambda: defaultdict(int))
    columns = (own.category, own.need, own.query, own.row)
    for category, need, query, row in zip(*(column.tolist() for column in columns), strict=True):
        start = int(texts.start[query] + found.place[row])
        text = "".join(names[word] for word in texts.words[start : start + int(found.length[row])].tolist())
        said[category, need][text, int(found.way[row])] += int(searches[query])
    return said
