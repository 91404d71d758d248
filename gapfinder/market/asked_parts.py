"""Every keyword taken apart, as rows of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gapfinder.gaps import Measured
from gapfinder.market.measure import Market
from gapfinder.market.results import QueryParts
from gapfinder.understanding.parts import INTENTS


def query_parts(market: Market, measured: Measured) -> Iterator[QueryParts]:
    """A row for each keyword that is a query of its own, in the order of the gaps."""
    wants, words = market.wants, market.wants.grammar.words
    names, understood = wants.catalogue.names, wants.understood
    number = {text: place for place, text in enumerate(market.queries)}
    needs = _needs(market)
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
