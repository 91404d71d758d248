"""What a query asks for, as terms: the words that count, without dust, and the same need under other words.

* Function words (怎么, 什么, 吗, 推荐) say that somebody asks, not what must be answered; they are left out as long as
  another word remains. Words that ask for something of its own (测评, 排行榜, 新品) stay.
* In a query that is no keyword of its own (dust below the support), words that hardly anybody else searches for are
  left out too: a need is made by words that people share. Such a query backs off to the need of its head term.
* Synonyms, the shipped ones and those learned from the store, give the same need under other words; answers found there
  are the mark of the kind ``wording``. Each other wording has the probability that it is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from types import MappingProxyType
from typing import Final

MOST_ALTERNATIVES: Final = 8
MOST_LEARNED: Final = 2  # of them with a learned word: each is one more need to look for

Terms = tuple[str, ...]


@dataclass
class Needs:
    """Distinct term lists, numbered in the order in which they were first asked for."""

    terms: list[Terms] = field(default_factory=list)
    _number: dict[Terms, int] = field(default_factory=dict)

    def number(self, terms: Terms) -> int:
        """The number of a term list; it is added when new."""
        found = self._number.get(terms)
        if found is None:
            found = self._number[terms] = len(self.terms)
            self.terms.append(terms)
        return found


class NeedRules:
    """Turns the terms of queries into needs.

    Args:
        function_words: Words that never make a need on their own.
        synonyms: Groups of terms that mean the same.
        shared: Terms that enough distinct queries contain.
        learned: Further terms that may stand for a term, each with its probability, most probable first.
    """

    def __init__(
        self,
        function_words: Collection[str],
        synonyms: Iterable[Sequence[str]],
        shared: Collection[str],
        learned: Mapping[str, Sequence[tuple[str, float]]] = MappingProxyType({}),
    ) -> None:
        self._function_words = frozenset(function_words)
        self._shared = frozenset(shared)
        self._others: dict[str, Terms] = {}
        for group in synonyms:
            for term in group:
                self._others[term] = tuple(other for other in group if other != term)
        self._learned = {
            term: [(other, probability) for other, probability in others if other not in self._others.get(term, ())]
            for term, others in learned.items()
        }

    def of_keyword(self, terms: Terms) -> Terms:
        """The need of a query that is a keyword of its own: all its words but the function words."""
        kept = tuple(term for term in terms if term not in self._function_words)
        return kept or terms

    def of_dust(self, terms: Terms) -> Terms:
        """The need of a rare query: only words that people share."""
        kept = tuple(term for term in self.of_keyword(terms) if term in self._shared)
        return kept or self.of_keyword(terms)

    def alternatives(self, need: Terms) -> list[tuple[Terms, Terms, float]]:
        """The need under other words: ``(terms, the words that came in, probability)``.

        First those that shipped synonyms give, in the order of their lists, then those in which one word is replaced by
        a learned one, most probable first; at most :data:`MOST_ALTERNATIVES`.
        """
        choices = [(term, *self._others.get(term, ())) for term in need]
        others = (chosen for chosen in product(*choices) if chosen != need)
        found = [
            (chosen, tuple(new for new, old in zip(chosen, need, strict=True) if new != old), 1.0)
            for chosen in islice(others, MOST_ALTERNATIVES)
        ]
        replaced = [
            ((*need[:place], other, *need[place + 1 :]), (other,), probability)
            for place, term in enumerate(need)
            for other, probability in self._learned.get(term, ())
            if other not in need
        ]
        replaced.sort(key=lambda one: (-one[2], one[0]))
        return [*found, *replaced[:MOST_LEARNED]][:MOST_ALTERNATIVES]


def shared_terms(queries: Iterable[Sequence[str]], least: int) -> set[str]:
    """Terms that at least ``least`` of the distinct queries contain."""
    count = Counter(term for query in queries for term in set(query))
    return {term for term, queries_with in count.items() if queries_with >= least}
