"""Words that mean the same to those who search, learned from the store and added to the shipped ones.

A pair of words is judged by what stands for it, as log-odds that add up:

* **Company.** Cosine of the word vectors and share of characters in common (:mod:`gapfinder.vectors`). The weights are
  those of a logistic regression on pairs of neighbours of which a public thesaurus (Tongyici Cilin, classes of equal
  words) knows both words: half of the characters in common and a cosine of 0.6 make 26 in 100. Company alone never
  makes a pair likely: it proposes.
* **Co-click.** People who asked with the one word read, at length, notes that hold only the other, more often than
  those who asked for something else beside (:mod:`gapfinder.coclick`): a binomial likelihood ratio of synonyms against
  chance. A significant excess that is half of the reads proves the pair.
* **Tags.** Writers set both words as tags of one note more often than chance would. That says little, since tags also
  name what is merely near.

Only words of the same role can stand for each other: words that searchers put into one query (夜用, 纸尿裤) do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc, expit, logit

from gapfinder.coclick import Shared, shared_reads
from gapfinder.demand import Demand
from gapfinder.keywords import is_topic
from gapfinder.neighbours import CHARACTERS, PER_MILLE, Neighbours
from gapfinder.reads import Reads
from gapfinder.tagging import Together, tags_together
from gapfinder.vectors import train_neighbours
from indexer.dictionary import function_words
from indexer.stores.contract import Snapshot

Number = TypeVar("Number", float, npt.NDArray[np.float64])

PROVEN: Final = "proven"
PROPOSED: Final = "proposed"
LEAST_PROBABILITY: Final = 0.2  # a less likely pair is no proposal
MOST_PROPOSED: Final = 0.45  # nor is a pair that nothing proves more likely
MOST_PAIRS: Final = 4  # learned others of a word

_BASE: Final = -6.36  # log-odds of neighbours without anything in common
_COSINE: Final = 3.67
_CHARACTERS: Final = 6.18
_RATES: Final = (0.2, 0.4, 0.6, 0.8)  # share of shared reads among synonyms, each as likely as the others
_BY_CHANCE: Final = 0.05  # share of shared reads by chance, at least
_MOST_CLICKS: Final = 7.0  # log-odds that co-click can add
_SIGNIFICANT: Final = 0.001
_MOST_TAGS: Final = 1.0  # log-odds that tags can add
_LEAST_TAGS: Final = 3  # notes that carry both
_LIKELY: Final = 0.5  # a proven pair is at least that probable
_MOST_REPEATED: Final = 20
_MOST_IN_MANIFEST: Final = 100
_TOGETHER: Final = 0.1  # share of the rarer word's searches that may hold both
_OPPOSITES: Final = (
    *(
        "男女",
        "公母",
        "父母",
        "爸妈",
        "爷奶",
        "老少",
        "大小",
        "高低",
        "长短",
        "粗细",
        "厚薄",
        "浓淡",
        "干油",
        "软硬",
        "冷热",
    ),
    *(
        "黑白",
        "新旧",
        "快慢",
        "早晚",
        "日夜",
        "冬夏",
        "春秋",
        "前后",
        "上下",
        "左右",
        "内外",
        "进出",
        "开关",
        "增减",
        "胖瘦",
    ),
)
_NEGATIONS: Final = "不无没非免未"


@dataclass(frozen=True, slots=True)
class Pair:
    """A word and another that may stand for it.

    Attributes:
        word, other: The two.
        probability: That notes with the other word answer those who ask with the word.
        status: ``proven`` or ``proposed``.
        cosine: Of their vectors, 0 to 1.
        shared, reads: Readers of notes that hold only the other word, of all readers under queries with the word.
        tags: Notes that carry both as tags.
    """

    word: str
    other: str
    probability: float
    status: str
    cosine: float = 0.0
    shared: int = 0
    reads: int = 0
    tags: int = 0


class Synonyms:
    """The learned pairs by word, most probable first."""

    def __init__(self, pairs: Iterable[Pair] = ()) -> None:
        self._of: dict[str, list[Pair]] = {}
        for pair in sorted(pairs, key=lambda pair: (pair.word, -pair.probability, pair.other)):
            self._of.setdefault(pair.word, []).append(pair)

    def of(self, word: str) -> Sequence[Pair]:
        """The others of a word."""
        return self._of.get(word, ())

    def others(self) -> dict[str, list[tuple[str, float]]]:
        """The others of every word with their probabilities, most probable first."""
        return {word: [(pair.other, pair.probability) for pair in pairs] for word, pairs in self._of.items()}

    def as_json(self) -> dict[str, Any]:
        """How many pairs there are, and the proven ones with what proves them, as they stand in a run's manifest."""
        proven = sorted((pair for pair in self if pair.status == PROVEN), key=lambda p: (-p.shared, p.word, p.other))
        pairs = [
            [pair.word, pair.other, pair.probability, pair.shared, pair.reads] for pair in proven[:_MOST_IN_MANIFEST]
        ]
        return {"proven": len(proven), "proposed": len(self) - len(proven), "pairs": pairs}

    def __iter__(self) -> Iterator[Pair]:
        return (pair for pairs in self._of.values() for pair in pairs)

    def __len__(self) -> int:
        return sum(len(pairs) for pairs in self._of.values())


def company(cosine: Number, characters: Number) -> Number:
    """Log-odds of pairs by company alone: cosine of the vectors and share of characters in common, 0 to 1 each."""
    return _BASE + _COSINE * cosine + _CHARACTERS * characters


def co_click(shared: int, reads: int, chance: float) -> float:
    """Log-odds that shared reads add: their binomial likelihood among synonyms against that by chance."""
    least = max(chance, _BY_CHANCE)
    rates = [rate for rate in _RATES if rate > least] or [_RATES[-1]]
    synonyms = np.logaddexp.reduce([_log_binomial(shared, reads, rate) for rate in rates]) - np.log(len(rates))
    return float(np.clip(synonyms - _log_binomial(shared, reads, min(least, _RATES[-1])), -_MOST_CLICKS, _MOST_CLICKS))


def _log_binomial(shared: int, reads: int, rate: float) -> float:
    """Log likelihood without the binomial coefficient, which is the same for all rates."""
    return shared * float(np.log(rate)) + (reads - shared) * float(np.log1p(-rate))


def significant(shared: int, reads: int, chance: float) -> bool:
    """Whether so many shared reads hardly come by chance (binomial tail)."""
    return shared > 0 and float(bdtrc(shared - 1, reads, max(chance, _BY_CHANCE))) < _SIGNIFICANT


def query_neighbours(snapshot: Snapshot, demand: Demand) -> Neighbours:
    """The nearest words of the words of queries, learned from notes and queries; a query counts up to 20 times."""
    queries = demand.queries["terms"].to_pylist()
    weights = np.clip(demand.queries["demand"].to_numpy(), 1, _MOST_REPEATED).tolist()
    return train_neighbours(snapshot, queries, weights, words={word for terms in queries for word in terms})


def learn_synonyms(snapshot: Snapshot, demand: Demand, neighbours: Neighbours, reads: Reads) -> Synonyms:
    """Learn the pairs of words that may stand for each other from a store.

    Args:
        snapshot: Its notes, for texts and tags.
        demand: The canonical queries with their searches.
        neighbours: Nearest words of the words of queries.
        reads: Long reads under the queries.
    """
    passed = function_words()
    counting = [
        tuple(dict.fromkeys(word for word in terms if word not in passed))
        for terms in demand.queries["terms"].to_pylist()
    ]
    searches: Counter[Sequence[str]] = Counter()
    for words, count in zip(counting, demand.queries["searches"].to_pylist(), strict=True):
        searches[words] += count
    named = {word for words in counting for word in words if is_topic(word)}
    neighbours = _promising(neighbours)
    tagged = named.union(neighbours.other)
    return judge_pairs(searches, neighbours, shared_reads(snapshot, counting, reads), tags_together(snapshot, tagged))


def _promising(neighbours: Neighbours) -> Neighbours:
    """The neighbours that tags could make a proposal of; the others need co-click, and company adds little to that."""
    characters = (neighbours.similarity - neighbours.cosine) / CHARACTERS
    least = float(logit(LEAST_PROBABILITY)) - _MOST_TAGS
    return neighbours.rows(np.flatnonzero(company(neighbours.cosine / PER_MILLE, characters) >= least))


def judge_pairs(
    queries: Mapping[Sequence[str], int], neighbours: Neighbours, shared: Shared, tags: Together
) -> Synonyms:
    """The pairs of words that are likely enough.

    Args:
        queries: Searches of each query, by its words that count.
        neighbours: Nearest words of the words of queries.
        shared: What co-click says.
        tags: What tags say.
    """
    clicks = {(word, other): place for place, (word, other) in enumerate(zip(shared.word, shared.other, strict=True))}
    roles = _Roles(queries)
    near = {(word, other): cosine / PER_MILLE for word in roles.words for other, _, cosine in neighbours.of(word)}
    found: dict[str, list[Pair]] = {}
    for word, other in sorted(near.keys() | clicks.keys()):
        pair = _judge(word, other, near.get((word, other), 0.0), _Clicks.of(shared, clicks.get((word, other))), tags)
        if pair is not None and roles.same(word, other):
            found.setdefault(word, []).append(pair)
    return Synonyms(pair for pairs in found.values() for pair in _best(pairs))


def _best(pairs: list[Pair]) -> list[Pair]:
    """The most probable pairs of a word.

    Of pairs whose words have nothing else in common than clicks, only the first of a word without another proof stands:
    the notes that are read in place of the word have many words.
    """
    ranked = sorted(pairs, key=lambda pair: (-pair.probability, -pair.shared, pair.other))
    clicks_alone = [
        pair
        for pair in ranked
        if pair.shared and company(pair.cosine, characters_in_common(pair.word, pair.other)) == _BASE
    ]
    others = [pair for pair in ranked if pair not in clicks_alone]
    if not any(pair.status == PROVEN for pair in others):
        others = sorted([*others, *clicks_alone[:1]], key=lambda pair: (-pair.probability, pair.other))
    return others[:MOST_PAIRS]


@dataclass(frozen=True, slots=True)
class _Clicks:
    """What co-click says of one pair."""

    shared: int = 0
    reads: int = 0
    chance: float = 0.0

    @classmethod
    def of(cls, shared: Shared, place: int | None) -> Self:
        """The row of a pair; nothing when there is none."""
        if place is None:
            return cls()
        return cls(int(shared.shared[place]), int(shared.reads[place]), float(shared.chance[place]))


def _judge(word: str, other: str, cosine: float, clicks: _Clicks, tags: Together) -> Pair | None:
    """A pair with its probability; None where it is no proposal."""
    proven = significant(clicks.shared, clicks.reads, clicks.chance)
    if not (is_topic(word) and is_topic(other)) or (not proven and _is_opposite(word, other)):
        return None
    score = company(cosine, characters_in_common(word, other))
    if clicks.reads:
        score += co_click(clicks.shared, clicks.reads, clicks.chance)
    if (together := tags.of(word, other)) >= _LEAST_TAGS:
        score += min(max(float(np.log(tags.lift(word, other))), 0.0), _MOST_TAGS)
    probability = float(expit(score))
    if probability < LEAST_PROBABILITY:
        return None
    proven = proven and probability >= _LIKELY
    # What is merely proposed never tips the scales by itself.
    probability = round(probability if proven else min(probability, MOST_PROPOSED), 4)
    status = PROVEN if proven else PROPOSED
    return Pair(word, other, probability, status, cosine, clicks.shared, clicks.reads, together)


def characters_in_common(word: str, other: str) -> float:
    """Share of their distinct characters that two words have in common (Dice), 0 to 1."""
    one, two = set(word), set(other)
    return 2 * len(one & two) / (len(one) + len(two))


def _is_opposite(word: str, other: str) -> bool:
    """Whether two words differ by opposites (男宝, 女宝), by a negation (硅油, 无硅油) or in figures (1段, 2段)."""
    one, two = set(word) - set(other), set(other) - set(word)
    if any((letter in one) != (letter in two) for letter in _NEGATIONS):
        return True
    figures = any(letter.isascii() and letter.isdigit() for letter in one | two)
    return figures or any(
        (pair[0] in one and pair[1] in two) or (pair[1] in one and pair[0] in two) for pair in _OPPOSITES
    )


class _Roles:
    """Which words searchers put into one query."""

    def __init__(self, queries: Mapping[Sequence[str], int]) -> None:
        self._searches: Counter[str] = Counter()
        self._holding: dict[str, set[int]] = {}
        self._counts = list(queries.values())
        for number, (words, searches) in enumerate(queries.items()):
            for word in set(words):
                self._searches[word] += searches
                self._holding.setdefault(word, set()).add(number)
        self.words = sorted(self._searches)

    def same(self, word: str, other: str) -> bool:
        """Whether hardly any search holds both words, measured by the rarer one."""
        both = self._holding.get(word, set()) & self._holding.get(other, set())
        rarer = min(self._searches[word] or self._searches[other], self._searches[other] or self._searches[word])
        return sum(self._counts[number] for number in both) <= _TOGETHER * rarer
