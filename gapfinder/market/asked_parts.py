"""Every keyword taken apart, as rows of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np

from gapfinder.gaps import Measured
from gapfinder.market.measure import Market
from gapfinder.market.results import PartPlace, QueryParts
from gapfinder.points.phrases import Phrases
from gapfinder.texts.names import Mentions
from gapfinder.understanding.catalogue import LEVELS
from gapfinder.understanding.parts import INTENTS
from gapfinder.understanding.parts import PARTS as CODES

Place = tuple[int, int, str]  # start, end, part

_NEED: Final = "need"
_CALLED: Final = {  # parts of words as they are told; names are told by their mentions, other words say nothing alone
    "head": "thing", "crowd": "crowd", "scene": "scene", "price": "price", "choose": "question", "how": "question",
    "trouble": "question", "buy": "question",
}  # fmt: skip


def query_parts(market: Market, measured: Measured) -> Iterator[QueryParts]:
    """A row for each keyword that is a query of its own, in the order of the gaps."""
    wants, words = market.wants, market.wants.grammar.words
    names, understood = wants.catalogue.names, wants.understood
    number = {text: place for place, text in enumerate(market.queries)}
    needs, places = _needs(market), _places(market)
    keywords = measured.demand.keywords["keyword"]
    for row in measured.order.tolist():
        keyword = keywords[row].as_py()
        query = number.get(keyword)
        if query is None:
            continue
        category, brand, product = (
            int(column[query]) for column in (wants.category, understood.brand, understood.product)
        )

        def told(*parts: str, query: int = query) -> list[str]:
            return [word for part in parts for word in understood.words(words, query, part)]

        yield QueryParts(
            keyword=keyword,
            intent=INTENTS[understood.intent[query]],
            category=names[category].name if category >= 0 else None,
            brand=names[brand].name if brand >= 0 else None,
            product_id=names[product].name if product >= 0 else None,
            thing=understood.thing(words, query),
            needs=needs.get(query, []),
            crowd=told("crowd"),
            scene=told("scene"),
            price=told("price"),
            question=told("choose", "how", "trouble", "buy"),
            places=[
                PartPlace(part=part, words=keyword[start:end], start=start, end=end)
                for start, end, part in sorted(places.get(query, []))
            ],
        )


def _needs(market: Market) -> dict[int, list[str]]:
    """The need phrases of each query, in its own words."""
    understood, names = market.wants.understood, market.wants.grammar.words.names
    phrases, texts = understood.phrases, understood.texts
    found: dict[int, list[str]] = defaultdict(list)
    first = (texts.start[phrases.text] + phrases.place).tolist()
    for query, start, length in zip(phrases.text.tolist(), first, phrases.length.tolist(), strict=True):
        found[query].append("".join(names[word] for word in texts.words[start : start + length].tolist()))
    return found


def _places(market: Market) -> dict[int, list[Place]]:
    """Start, end and name of the parts of each query: names, needs, and runs of words that are one part.

    What a query is about by its own words is told apart from its category only where these words are not that.
    """
    found: dict[int, list[Place]] = defaultdict(list)
    if market.gathered is not None and market.gathered.queries is not None and market.gathered.subjects is not None:
        rows = market.gathered.queries
        kind = market.gathered.subjects.kinds(rows.subject)
        own = np.flatnonzero((rows.place >= 0) & (kind < len(LEVELS)))
        columns = (rows.text[own], rows.place[own], rows.place[own] + rows.length[own], kind[own])
        for query, start, end, level in zip(*(column.tolist() for column in columns), strict=True):
            found[query].append((start, end, LEVELS[level]))
    phrases = market.wants.understood.phrases
    for query, start, end in _characters(market, phrases):
        found[query].append((start, end, _NEED))
    runs = _runs(market)
    for (query, start, end), code in zip(_characters(market, runs), runs.name.tolist(), strict=True):
        name = _CALLED[CODES[code]]
        named = any(first <= start and end <= last for first, last, of in found[query] if of in LEVELS)
        if name != "thing" or not named:
            found[query].append((start, end, name))
    return found


def _runs(market: Market) -> Mentions:
    """Neighbouring words of a query that are the same part, of those that are told."""
    texts, part = market.asked.placed.texts, market.wants.understood.part
    code = np.where(texts.words < 0, np.int64(0), part)
    own = np.searchsorted(texts.start, np.arange(code.size), side="right") - 1
    first = np.flatnonzero((np.diff(code, prepend=-1) != 0) | (np.diff(own, prepend=-1) != 0))
    length = np.diff(np.append(first, code.size))
    told = np.array([name in _CALLED for name in CODES])[code[first]]
    first, length = first[told], length[told]
    columns = (own[first], first - texts.start[own[first]], length, code[first])
    return Mentions(*(column.astype(np.int32) for column in columns))


def _characters(market: Market, found: Mentions | Phrases) -> Iterator[tuple[int, int, int]]:
    """Query, start and end of each mention."""
    query = found.text.astype(np.int64)
    place, words = market.asked.placed.spans(found, np.arange(query.size))
    start, length = market.asked.characters(query, place, words)
    return zip(query.tolist(), start.tolist(), (start + length).tolist(), strict=True)
