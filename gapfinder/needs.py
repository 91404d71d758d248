"""What a query asks for, as terms: the words that count, without dust, and the same need under other words.

* Function words (怎么, 什么, 吗, 推荐) say that somebody asks, not what must be answered; they are left out as long as
  another word remains. Words that ask for something of its own (测评, 排行榜, 新品) stay.
* In a query that is no keyword of its own (dust below the support), words that hardly anybody else searches for are
  left out too: a need is made by words that people share. Such a query backs off to the need of its head term.
* Proven synonyms (the shipped list) give the same need under other words; answers found there are the mark of the kind
  ``wording``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

MOST_ALTERNATIVES: Final = 8

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
    """

    def __init__(
        self, function_words: Collection[str], synonyms: Iterable[Sequence[str]], shared: Collection[str]
    ) -> None:
        self._function_words = frozenset(function_words)
        self._shared = frozenset(shared)
        self._others: dict[str, Terms] = {}
        for group in synonyms:
            for term in group:
                self._others[term] = tuple(other for other in group if other != term)

    def of_keyword(self, terms: Terms) -> Terms:
        """The need of a query that is a keyword of its own: all its words but the function words."""
        kept = tuple(term for term in terms if term not in self._function_words)
        return kept or terms

    def of_dust(self, terms: Terms) -> Terms:
        """The need of a rare query: only words that people share."""
        kept = tuple(term for term in self.of_keyword(terms) if term in self._shared)
        return kept or self.of_keyword(terms)

    def alternatives(self, need: Terms) -> list[tuple[Terms, Terms]]:
        """The need under other words: ``(terms, the words that came in)``, at most :data:`MOST_ALTERNATIVES`."""
        choices = [(term, *self._others.get(term, ())) for term in need]
        found: list[tuple[Terms, Terms]] = []
        for chosen in product(*choices):
            if chosen != need:
                found.append((chosen, tuple(new for new, old in zip(chosen, need, strict=True) if new != old)))
                if len(found) == MOST_ALTERNATIVES:
                    break
        return found


def shared_terms(queries: Iterable[Sequence[str]], least: int) -> set[str]:
    """Terms that at least ``least`` of the distinct queries contain."""
    count = Counter(term for query in queries for term in set(query))
    return {term for term, queries_with in count.items() if queries_with >= least}
