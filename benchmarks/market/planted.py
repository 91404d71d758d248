"""Groups of people planted in simulated searches, and found again from what they search together.

Eight groups share the topics of the sample market among them. Three of five people belong to one; of their eight
queries two of five, by chance, are about their group's topics, all others about anything. Within what they choose from,
people ask for the keywords by Zipf's law. Half of the queries are worded as one of the other phrasings of a keyword.
Groups are found from whole queries, as a run does; beside that from their words, to see what these lose.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from benchmarks.market.labelled import segmenter
from benchmarks.market.measures import by_label
from data.samples.market.bank import Keyword, read_market
from gapfinder.keywords import is_topic
from gapfinder.market import found
from indexer.dictionary import function_words

Ints = npt.NDArray[np.int64]

PEOPLE: Final = 4_000
GROUPS: Final = 8
SEEDS: Final = (1, 2, 3)
_WITHOUT: Final = 0.4
_QUERIES: Final = 8
_OWN: Final = 0.4
_OTHERWISE: Final = 0.5
_NONE: Final = -1


@dataclass(frozen=True)
class Simulated:
    """Searches of people.

    Attributes:
        group: Planted group of each person; -1: none.
        person, word: Distinct pairs of a person and a query (or word) that they searched.
        words: How many there are.
    """

    group: list[int]
    person: Ints
    word: Ints
    words: int


@dataclass(frozen=True, slots=True)
class Refound:
    """How well groups were found; means over the planted groups.

    Attributes:
        precision, recall, f1: By people. A found group stands for the planted one that most of its people are of, or
            for none; people who were told no group are missed.
        told: Share of the people that were told a group.
    """

    precision: float
    recall: float
    f1: float
    told: float


def simulated(seed: int, *, by_words: bool = False) -> Simulated:
    """Draw people and their searches.

    Args:
        seed: Of the draw.
        by_words: A query counts as its words, those of them that say something.
    """
    rng = Random(seed)
    topics = [topic for category in read_market() for topic in category.topics if topic.keywords]
    rng.shuffle(topics)
    own = [[one for topic in topics[group::GROUPS] for one in topic.keywords] for group in range(GROUPS)]
    everything = [one for topic in topics for one in topic.keywords]
    for keywords in (*own, everything):
        rng.shuffle(keywords)
    cut = segmenter()
    numbers: dict[str, int] = {}
    cuts: dict[str, list[int]] = {}
    pairs: set[tuple[int, int]] = set()
    group = [_NONE if rng.random() < _WITHOUT else rng.randrange(GROUPS) for _ in range(PEOPLE)]
    for person, number in enumerate(group):
        for _ in range(_QUERIES):
            chosen = _zipf(own[number] if number >= 0 and rng.random() < _OWN else everything, rng)
            other = chosen.phrasings and rng.random() < _OTHERWISE
            text = rng.choice(chosen.phrasings) if other else chosen.text
            if text not in cuts:
                terms = [term for term in cut.query_terms(text) if _tells(term)] if by_words else [text]
                cuts[text] = [numbers.setdefault(term, len(numbers)) for term in terms]
            pairs.update((person, term) for term in cuts[text])
    columns = np.array(sorted(pairs), np.int64).T
    return Simulated(group, columns[0].copy(), columns[1].copy(), len(numbers))


def _tells(term: str) -> bool:
    """Whether a word says something of who people are."""
    return is_topic(term) and term not in function_words()


def _zipf(keywords: list[Keyword], rng: Random) -> Keyword:
    weights = accumulate(1.0 / rank for rank in range(1, len(keywords) + 1))
    return rng.choices(keywords, cum_weights=list(weights))[0]


def refound(seed: int, *, everybody: bool, by_words: bool = False) -> Refound:
    """Find the groups of one draw.

    Args:
        seed: Of the draw.
        everybody: Tell everybody the nearest group, as methods are compared by, and not only who clearly belongs to it.
        by_words: From their words, not from whole queries.
    """
    drawn = simulated(seed, by_words=by_words)
    with patch.object(found, "_SURE", 1.0 if everybody else found.__dict__["_SURE"]):
        told = found.found_groups(drawn.person, drawn.word, PEOPLE, drawn.words).of.tolist()
    stands_for = {
        one: Counter(true for true, own in zip(drawn.group, told, strict=True) if own == one).most_common(1)[0][0]
        for one in set(told) - {_NONE}
    }
    named = [str(stands_for.get(own, _NONE)) for own in told]
    by_group = by_label(named, [str(true) for true in drawn.group])
    chosen = [by_group[str(number)] for number in range(GROUPS)]
    return Refound(
        sum(one.precision for one in chosen) / GROUPS,
        sum(one.recall for one in chosen) / GROUPS,
        sum(one.f1 for one in chosen) / GROUPS,
        sum(own != _NONE for own in told) / PEOPLE,
    )


def mean_refound(*, everybody: bool, by_words: bool = False) -> Refound:
    """The means over the draws; arguments as of :func:`refound`."""
    draws = [refound(seed, everybody=everybody, by_words=by_words) for seed in SEEDS]
    return Refound(
        *(sum(getattr(one, name) for one in draws) / len(draws) for name in ("precision", "recall", "f1", "told"))
    )
