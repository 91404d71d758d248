"""Products that the catalogue lacks: a brand, the name of a series and a category in a row, for a person to accept.

A product is a brand, a category, and what sets it apart from the brand's others there: its series. A *run* is what
stands between a brand and a category in a title or query (麦洛 *云感* 系列 纸尿裤), without what any product may go by:
needs (透气), crowds, scenes, prices, sizes, packing, questions. It is a series when it is hardly ever said of the
category without a brand: 新款纸尿裤 and 夏季纸尿裤 are, 云感纸尿裤 is not. How sure that is (*certainty*) is the lower
end of the 90% interval of that share (Jeffreys' posterior), over distinct titles and searches without bots.

Once a run is known it counts as well behind the category (麦洛纸尿裤云感), and where the category is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from gapfinder.lexicon import words_of
from gapfinder.market.lift import share_interval
from gapfinder.points.grammar import Grammar
from gapfinder.texts.names import Names
from gapfinder.texts.speech import is_everyday
from gapfinder.texts.words import Texts
from gapfinder.understanding.catalogue import BRAND, CATEGORY, LEVELS, PRODUCT, Catalogue
from indexer.dictionary import function_words
from indexer.normalize import normalize

Ints = npt.NDArray[np.int64]

LEAST_TITLES: Final = 2
LEAST_SEARCHES: Final = 5
LIKELY: Final = 0.4  # certainty from which a run is proposed
SURE: Final = 0.7
MOST_EXAMPLES: Final = 3
MOST_FUNCTIONS: Final = 5
SHORTEST: Final = 2  # characters of a series
LONGEST: Final = 6
_FARTHEST: Final = 5  # words between a brand and a category
_MORE: Final = 2  # times as often a run is said as a longer one that begins with it, which is then none of its own
_SERIES: Final = "系列"
_LEADING: Final = frozenset("新老大小的家牌款版")  # single characters beside a series that are no part of it
_ENDS: Final = ("", "款", "装", "版", "型", "用")
_ORDINARY: Final = (
    "complaints", "benefits", "ingredients", "crowds", "scenes", "price", "choose", "how", "trouble", "buy", "tail",
    "packing", "places", "vague", "suffixes", "remove", "give", "negation", "degree", "stress", "attributes",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Texts to look through.

    Attributes:
        texts: The words of each, those of the lists whole.
        raw: Each as it was written.
        times: How often it counts: 1 for a title, its searches for a query.
    """

    texts: Texts
    raw: Sequence[str]
    times: Sequence[int]


@dataclass
class ProductSuggestion:
    """A product that the catalogue may lack.

    Attributes:
        brand, series, category: What makes it.
        functions: Needs that stand beside the series, most often first.
        notes: Distinct titles of notes that name it.
        queries, searches: Distinct queries that name it, and their searches.
        certainty: So much at least of all that says the run of the category names a brand with it.
        sure: Whether it is hardly anything else than a series.
        examples: Some of the titles and queries.
    """

    brand: str
    series: str
    category: str
    functions: list[str] = field(default_factory=list)
    notes: int = 0
    queries: int = 0
    searches: int = 0
    certainty: float = 0.0
    sure: bool = False
    examples: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the product may be called."""
        return f"{self.short}{self.category}"

    @property
    def short(self) -> str:
        """Its brand, on the Chinese side of a name in two scripts, and its series."""
        sides = [side.strip() for side in self.brand.split("/")]
        return next((side for side in sides if not side.isascii()), self.brand) + self.series


class _Key(NamedTuple):
    """Numbers of a brand and a category, and a run."""

    brand: int
    category: int
    run: str


def suggest_products(titles: Told, queries: Told, catalogue: Catalogue, grammar: Grammar) -> list[ProductSuggestion]:
    """Products that titles and queries name and the catalogue lacks; sure ones first, then by notes, searches and name.

    Args:
        titles: Titles of notes, each distinct one once.
        queries: Distinct queries.
        catalogue: The names that are known.
        grammar: Finds needs.
    """
    if not catalogue.names:
        return []
    looks = [_Look(told, catalogue, grammar) for told in (titles, queries)]
    finds = _Finds(catalogue)
    for look in looks:
        for key, words, functions, marked in look.runs():  # of texts that count
            finds.add(key, words, functions, marked=marked)
    for kind, look in enumerate(looks):
        finds.count(look, grammar, queries=bool(kind))
    kept = [one for one in finds.suggestions() if _frequent(one)]
    beside: dict[tuple[str, str], list[ProductSuggestion]] = defaultdict(list)
    for one in kept:
        beside[one.brand, one.category].append(one)
    kept = [one for one in kept if not any(_holds(one, other) for other in beside[one.brand, one.category])]
    return sorted(kept, key=lambda one: (not one.sure, -one.notes, -one.searches, one.name))


class _Look:
    """Some texts with the names and needs that stand in them."""

    def __init__(self, told: Told, catalogue: Catalogue, grammar: Grammar) -> None:
        self.told, self._catalogue, self._words = told, catalogue, grammar.words
        self._level = np.array([LEVELS.index(name.level) for name in catalogue.names], np.int8)
        self._series = grammar.words.number(_SERIES)
        self._named = catalogue.filed(grammar.words).find(told.texts)
        needs = grammar.find(told.texts)
        self._need = np.zeros(told.texts.words.size, bool)  # words that say a need
        first = told.texts.start[needs.text] + needs.place
        for offset in range(int(needs.length.max(initial=0))):
            self._need[first[needs.length > offset] + offset] = True

    def runs(self) -> Iterator[tuple[_Key, tuple[str, ...], tuple[str, ...], bool]]:
        """What stands between a brand and a category, or between a brand and 系列.

        Gives its words, the needs beside them, and whether it is called a series.
        """
        named, texts = self._named, self.told.texts
        if named.name.size == 0:
            return
        first = texts.start[named.text] + named.place
        behind = first + named.length
        following = np.append(first[1:], -1)  # where the next name of the same text begins; -1: there is none
        following[np.append(named.text[1:] != named.text[:-1], True)] = -1
        named_next = np.append(self._level[named.name[1:]], -1)
        end = np.where(following < 0, texts.start[named.text + 1], following)
        marks = np.append(np.flatnonzero(texts.words == self._series), texts.words.size)
        mark = marks[np.searchsorted(marks, behind)]
        before = (following >= 0) & (named_next == LEVELS.index(CATEGORY))
        near = (mark < end) | (before & (end - behind <= _FARTHEST))
        counts = np.array(self.told.times, np.int64) > 0  # what only bots searched says nothing
        brands = (self._level[named.name] == LEVELS.index(BRAND)) & counts[named.text]
        rows = np.flatnonzero(brands & near & (end > behind))
        for row in rows.tolist():
            brand, marked = int(named.name[row]), bool(mark[row] < end[row])
            category = int(named.name[row + 1]) if before[row] else self._only(brand)
            stop = int(mark[row]) if marked else int(end[row])
            if category >= 0 and stop - behind[row] <= _FARTHEST and self._sells(brand, category):
                run, functions = self._run(int(behind[row]), stop)
                if run:
                    yield _Key(brand, category, "".join(run)), run, functions, marked

    def _run(self, start: int, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What names a series among some words, and the needs beside it; nothing where that is not one run."""
        words = self.told.texts.words[start:end].tolist()
        if not words or min(words) < 0:  # nothing stands there, or a value ends
            return (), ()
        terms = [self._words.names[word] for word in words]
        needs = self._need[start:end].tolist()
        sizes = _sizes(terms)
        places = [place for place, is_need in enumerate(needs) if not is_need and not sizes[place]]
        while places and _is_beside(terms[places[0]]):
            places.pop(0)
        while places and _is_beside(terms[places[-1]]):
            places.pop()
        run = tuple(terms[place] for place in places)
        if not run or places[-1] - places[0] != len(run) - 1 or not _is_series(run):
            return (), ()
        return run, tuple(term for term, is_need in zip(terms, needs, strict=True) if is_need)

    def _only(self, brand: int) -> int:
        """The category of a brand that sells in one alone; -1: there is none."""
        numbers = self._catalogue.category_numbers(brand)
        return numbers[0] if len(numbers) == 1 else -1

    def _sells(self, brand: int, category: int) -> bool:
        """Whether a brand may be meant: an ordinary word is one only beside what it sells."""
        name = self._catalogue.names[brand]
        return not name.ambiguous or self._catalogue.names[category].name in name.categories

    def owner(self, text: int, place: int, length: int) -> tuple[int, int]:
        """The brand that a run belongs to, and the category that it is said of; -1: none.

        The brand stands right before the run, or before a category that does; words of no weight may be between.
        """
        rows = slice(*np.searchsorted(self._named.text, [text, text + 1]).tolist())
        columns = (self._named.place, self._named.length, self._named.name)
        starts = {at: name for at, _, name in zip(*(column[rows].tolist() for column in columns), strict=True)}
        ends = {at + size: (at, name) for at, size, name in zip(*(c[rows].tolist() for c in columns), strict=True)}
        start, end = (int(one) for one in self.told.texts.start[text : text + 2])
        behind = place + length
        while behind not in starts and start + behind < end and self._is_weightless(start + behind):
            behind += 1
        category = starts.get(behind, -1)
        category = category if category >= 0 and self._level[category] == LEVELS.index(CATEGORY) else -1
        before = place
        while before > 0 and before not in ends and self._is_weightless(start + before - 1):
            before -= 1
        at, name = ends.get(before, (-1, -1))
        if name >= 0 and self._level[name] == LEVELS.index(CATEGORY):
            category = name if category < 0 else category
            _, name = ends.get(at, (-1, -1))
        is_brand = name >= 0 and self._level[name] == LEVELS.index(BRAND)
        return (name if is_brand else -1), category

    def _is_weightless(self, at: int) -> bool:
        word = int(self.told.texts.words[at])
        return word >= 0 and (bool(self._need[at]) or _is_beside(self._words.names[word]))


class _Finds:
    """Runs with what speaks for them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._found: dict[_Key, ProductSuggestion] = {}
        self._runs: dict[tuple[str, ...], None] = {}
        self._functions: dict[_Key, Counter[str]] = defaultdict(Counter)
        self._marked: set[_Key] = set()
        self._owned: Counter[tuple[int, str]] = Counter()  # of a category and run: said with a brand, and without
        self._alone: Counter[tuple[int, str]] = Counter()

    def add(self, key: _Key, words: tuple[str, ...], functions: Sequence[str], *, marked: bool) -> None:
        """Take note of a run."""
        names = self._catalogue.names
        self._found.setdefault(key, ProductSuggestion(names[key.brand].name, key.run, names[key.category].name))
        self._runs[words] = None
        self._functions[key].update(functions)
        if marked:
            self._marked.add(key)

    def count(self, look: _Look, grammar: Grammar, *, queries: bool) -> None:
        """Count what speaks for the runs, wherever they stand in some texts."""
        runs = list(self._runs)
        of_brand: dict[tuple[int, str], list[_Key]] = defaultdict(list)
        for key in self._found:
            of_brand[key.brand, key.run].append(key)
        of_category = {(key.category, key.run) for key in self._found}
        mentions = Names.of(grammar.words, [(run, number) for number, run in enumerate(runs)]).find(look.told.texts)
        counted: set[tuple[int, _Key]] = set()
        columns = (mentions.text, mentions.place, mentions.length, mentions.name)
        for text, place, length, number in zip(*(column.tolist() for column in columns), strict=True):
            run = "".join(runs[number])
            brand, category = look.owner(text, place, length)
            times = look.told.times[text]
            if times == 0:  # only bots searched it
                continue
            if brand < 0:
                if (category, run) in of_category:
                    self._alone[category, run] += times
                continue
            for key in of_brand[brand, run]:
                if category in (-1, key.category) and (text, key) not in counted:
                    counted.add((text, key))
                    self._owned[key.category, run] += times
                    self._support(self._found[key], look.told.raw[text], times, queries=queries)

    def _support(self, one: ProductSuggestion, raw: str, times: int, *, queries: bool) -> None:
        if queries:
            one.queries += 1
            one.searches += times
        else:
            one.notes += 1
        if len(one.examples) < MOST_EXAMPLES and raw not in one.examples:
            one.examples.append(raw)

    def suggestions(self) -> list[ProductSuggestion]:
        """The runs that are likely to be series, without those of known products."""
        known, series = _known(self._catalogue)
        found = [(key, one) for key, one in sorted(self._found.items()) if not _is_known(one, known)]
        owned, alone = (
            np.array([counter[key.category, key.run] for key, _ in found], np.float64)
            for counter in (self._owned, self._alone)
        )
        low, _ = share_interval(owned, owned + alone)
        for (key, one), certainty in zip(found, low.tolist(), strict=True):
            one.certainty = round(certainty, 4)
            said = self._functions[key]
            one.functions = sorted(said, key=lambda word, said=said: (-said[word], word))[:MOST_FUNCTIONS]  # type: ignore[misc]
            named = key in self._marked or one.series in series or not is_everyday(one.series)
            one.sure = named and one.certainty >= SURE
        return [one for _, one in found if one.certainty >= LIKELY]


def _known(catalogue: Catalogue) -> tuple[dict[tuple[str, str], list[str]], set[str]]:
    """What the products of each brand and category go by, and the series of all products."""
    names = catalogue.names
    known: dict[tuple[str, str], list[str]] = defaultdict(list)
    series = set()
    for words, number in catalogue.aliases:
        name = names[number]
        if name.level == PRODUCT and name.brand and name.categories:
            text = "".join(words)
            known[name.brand, name.categories[0]].append(text)
            series.add(text.removeprefix(normalize(name.brand)).removesuffix(normalize(name.categories[0])))
    return known, series - {""}


def _is_known(one: ProductSuggestion, known: dict[tuple[str, str], list[str]]) -> bool:
    return any(one.series in text for text in known.get((one.brand, one.category), ()))


def _frequent(one: ProductSuggestion) -> bool:
    return one.notes >= LEAST_TITLES or one.searches >= LEAST_SEARCHES or (one.notes >= 1 and one.searches >= 1)


def _holds(one: ProductSuggestion, other: ProductSuggestion) -> bool:
    """Whether a run is no more than a shorter one that is said more often, with something behind it."""
    same = (one.brand, one.category) == (other.brand, other.category)
    longer = len(one.series) > len(other.series) and one.series.startswith(other.series)
    return same and longer and other.notes + other.searches >= _MORE * (one.notes + one.searches)


def _is_series(run: Sequence[str]) -> bool:
    """Whether words may name a series: not too long, and more than what any product may go by."""
    text = "".join(run)
    return (
        SHORTEST <= len(text) <= LONGEST
        and not any(_is_ordinary(text + end) for end in _ENDS)
        and any(not _is_ordinary(word) for word in run)
    )


def _sizes(terms: Sequence[str]) -> list[bool]:
    """Which words say a size: figures, and the unit of one character behind them (2 片)."""
    figures = [any(character.isdigit() for character in term) for term in terms]
    units = [len(term) == 1 and before for term, before in zip(terms, [False, *figures], strict=False)]
    return [figure or unit for figure, unit in zip(figures, units, strict=True)]


def _is_beside(word: str) -> bool:
    """Whether a word may stand beside a series and is no part of it."""
    return _is_ordinary(word) or word in _LEADING


@lru_cache(maxsize=1 << 16)
def _is_ordinary(word: str) -> bool:
    """Whether any product may go by a word; a single character is one only where it is a function word."""
    if word in function_words():
        return True
    return len(word) > 1 and any(word in words_of(name) for name in _ORDINARY)
