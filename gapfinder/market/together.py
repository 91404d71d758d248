"""What people search before and after a keyword in the same session: its upstream and downstream."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from gapfinder.gaps import Measured
from gapfinder.market.measure import Market
from gapfinder.market.results import Neighbour, SearchedTogether

MOST: Final = 10


def searched_together(market: Market, measured: Measured) -> Iterator[SearchedTogether]:
    """A row for each keyword that has neighbours, in the order of the gaps.

    The lift of a step is the people who took it over those that chance would make: people who step away from the one
    times people who step to the other, over all steps that enough people took.
    """
    steps = market.askers.steps
    columns = [steps[name].to_pylist() for name in ("before", "after", "people")]
    left: dict[int, int] = defaultdict(int)
    reached: dict[int, int] = defaultdict(int)
    total = 0
    for before, after, people in zip(*columns, strict=True):
        left[before] += people
        reached[after] += people
        total += people
    texts = measured.demand.queries["text"].to_pylist()
    forth: dict[int, list[Neighbour]] = defaultdict(list)
    back: dict[int, list[Neighbour]] = defaultdict(list)
    for before, after, people in zip(*columns, strict=True):
        lift = round(people * total / (left[before] * reached[after]), 3)
        forth[before].append(Neighbour(keyword=texts[after], people=people, lift=lift))
        back[after].append(Neighbour(keyword=texts[before], people=people, lift=lift))
    number = {text: place for place, text in enumerate(texts)}
    for row in measured.order.tolist():
        keyword = measured.demand.keywords["keyword"][row].as_py()
        query = number.get(keyword)
        if query is not None and (query in forth or query in back):
            yield SearchedTogether(keyword=keyword, before=_most(back[query]), after=_most(forth[query]))


def _most(neighbours: list[Neighbour]) -> list[Neighbour]:
    return sorted(neighbours, key=lambda one: (-one["people"], -one["lift"], one["keyword"]))[:MOST]
