"""Queries taken apart: each word is a category, a brand, a need, a crowd, a scene, a price, a question, or the head.

All queries are taken apart together, as arrays of words; what is known of a word is looked up once a word.

The *head* is the thing that a query is about, in its own words: what ends like the name of a thing, with a single
character glued to the word before it (莲花 + 灯), or else its last noun. Where there is none, nothing is guessed.

Intent, the first that fits: ``buy`` (where, for how much), ``problem`` (a trouble that seeks relief), ``choose``
(which one), ``how`` (how to, why, what), ``product`` (a category, brand or thing, and no more), ``other``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from gapfinder.lexicon import words_of
from gapfinder.points.grammar import Grammar
from gapfinder.points.phrases import Phrases
from gapfinder.points.roles import BAD, COMPLAINED, DENY, LACKING, SHORT
from gapfinder.texts.names import Mentions, Names, most_named
from gapfinder.texts.words import Texts, Words
from gapfinder.understanding.catalogue import CATEGORY, Catalogue
from gapfinder.understanding.things import NAMED, stands_apart, suffixes, thingness
from indexer.dictionary import function_words
from indexer.segment import Segmenter

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]

PARTS: Final = (
    "other", "category", "brand", "product", "need", "crowd", "scene", "price", "choose", "how", "trouble", "buy",
    "tail", "head",
)  # fmt: skip
_CODE: Final = {name: code for code, name in enumerate(PARTS)}
MARKERS: Final = {  # classes of words that may be several words long, and the part they are
    "price": "price", "choose": "choose", "how": "how", "trouble": "trouble", "buy": "buy",
    "crowds": "crowd", "scenes": "scene", "tail": "tail",
}  # fmt: skip
INTENTS: Final = ("buy", "problem", "choose", "how", "product", "other")
_NOTHING: Final = -1
_LONGEST_RUN: Final = 3  # characters of a name that the segmenter does not know
_FREE: Final = frozenset(_CODE[name] for name in ("other", "category", "tail"))
_THINGS: Final = frozenset(_CODE[name] for name in ("other", "category"))
_BEFORE_ENDS: Final = frozenset(_CODE[name] for name in ("crowd", "need", "scene"))  # 孕妇 枕, 祛痘 膏
_ASKING: Final = frozenset(_CODE[name] for name in ("how", "trouble"))


@dataclass(frozen=True)
class Understood:
    """Queries taken apart; arrays with one entry a query where nothing else is said.

    Attributes:
        texts: Their words.
        part: Code of :data:`PARTS` of each word.
        category: Number of the category in the catalogue; -1: it names none.
        brand: Number of the brand; -1: none, or an ordinary word that nothing makes a brand.
        product: Number of the product; -1: none.
        head: What it is about where it names no category; empty: it can't be said.
        intent: Place in :data:`INTENTS`.
        phrases: The needs they name.
    """

    texts: Texts
    part: Codes
    category: Ids
    brand: Ids
    product: Ids
    head: list[str]
    intent: Codes
    phrases: Phrases

    def thing(self, words: Words, query: int) -> str:
        """What one query is about, in its own words: its head, or the name of its category."""
        return "".join(self.words(words, query, "head") or self.words(words, query, "category"))

    def words(self, words: Words, query: int, part: str) -> list[str]:
        """The words of one query that are some part of it."""
        where = slice(int(self.texts.start[query]), int(self.texts.start[query + 1]))
        own = zip(self.texts.words[where].tolist(), self.part[where].tolist(), strict=True)
        return [words.names[word] for word, code in own if word >= 0 and code == _CODE[part]]


class Reader:
    """Takes queries apart with the names of a catalogue.

    Args:
        catalogue: Categories, brands and products.
        segmenter: What cut the queries; it cuts the words of the lists alike.
        words: The vocabulary.
        grammar: Finds needs.
    """

    def __init__(self, catalogue: Catalogue, segmenter: Segmenter, words: Words, grammar: Grammar) -> None:
        self.catalogue, self.words, self._grammar = catalogue, words, grammar
        self._names = catalogue.filed(words)
        self._markers = Names.of(
            words,
            [
                (segmenter.query_terms(word), _CODE[part])
                for name, part in MARKERS.items()
                for word in sorted(words_of(name))
            ],
        )
        self._number = {name.name: place for place, name in enumerate(catalogue.names) if name.level == CATEGORY}

    def named_most(self, texts: Texts) -> Ids:
        """The category that each text names most often, of equal ones the first by name; -1: none."""
        named = self._names.find(texts)
        rows = np.flatnonzero(named.name < self.catalogue.tree.own)
        return most_named(named.text[rows], named.name[rows], np.ones(rows.size, np.int64), len(texts))

    def read(self, texts: Texts, raw: Sequence[str]) -> Understood:
        """Take queries apart.

        Args:
            texts: Words of the vocabulary, with the words of the lists whole.
            raw: The queries as they are written; where there is a space, what is asked for stands before it.
        """
        phrases = self._grammar.find(texts)
        part = np.zeros(texts.words.size, np.int8)
        mark = self._markers.find(texts)
        _paint(part, texts, mark, mark.name.astype(np.int8))
        _paint(
            part,
            texts,
            phrases,
            np.full(phrases.text.size, _CODE["need"], np.int8),
            over=("other", "crowd", "tail", "scene"),
        )
        named = self._names.find(texts)
        levels = np.array([_CODE[name.level] for name in self.catalogue.names], np.int8)
        category, product = (self._last(texts, named, levels, level) for level in ("category", "product"))
        heads = self._heads(texts, raw, part, named, levels)
        head = self._head_texts(texts, heads)
        brand, kept = self._brands(texts, named, levels, category, head, part)
        _paint(part, texts, _some(named, kept), levels[named.name[kept]])
        _paint(
            part,
            texts,
            heads,
            np.full(heads.text.size, _CODE["head"], np.int8),
            over=("other", "category", "tail", "crowd", "need", "scene"),
        )
        brand = np.where((brand < 0) & (product >= 0), self.catalogue.brand_of[product], brand).astype(np.int32)
        category = self._by_product(category, product, brand)
        head = ["" if known >= 0 else text for known, text in zip(category.tolist(), head, strict=True)]
        return Understood(
            texts,
            part,
            category,
            brand,
            product,
            head,
            self._intents(texts, part, phrases, category, brand, head),
            phrases,
        )

    def _last(self, texts: Texts, named: Mentions, levels: Codes, level: str) -> Ids:
        """The last name of a level in each query (a head stands behind); -1: none."""
        found = np.full(len(texts), _NOTHING, np.int32)
        rows = np.flatnonzero(levels[named.name] == _CODE[level]) if named.name.size else np.empty(0, np.int64)
        found[named.text[rows]] = named.name[rows]
        return found

    def _by_product(self, category: Ids, product: Ids, brand: Ids) -> Ids:
        """Categories that a product, or a brand that sells in one category only, tells."""
        names = self.catalogue.names
        told = np.array(
            [self._number[name.categories[0]] if len(name.categories) == 1 else _NOTHING for name in names]
            or [_NOTHING],
            np.int32,
        )
        for known in (product, brand):
            category = np.where((category < 0) & (known >= 0), told[np.maximum(known, 0)], category)
        return category.astype(np.int32)

    def _heads(self, texts: Texts, raw: Sequence[str], part: Codes, named: Mentions, levels: Codes) -> Mentions:
        """The words of each query that name the thing it is about where no name of the catalogue does."""
        taken = np.zeros(texts.words.size, np.int8)
        brands = np.flatnonzero(levels[named.name] != _CODE["category"]) if named.name.size else np.empty(0, np.int64)
        sure = brands[[not self.catalogue.names[named.name[row]].ambiguous for row in brands.tolist()]]
        _paint(taken, texts, _some(named, sure), np.ones(sure.size, np.int8))
        whole = np.zeros(texts.words.size, np.int8)  # how long the name of a category is that begins at a word
        rows = np.flatnonzero(levels[named.name] == _CODE["category"]) if named.name.size else np.empty(0, np.int64)
        whole[texts.start[named.text[rows]] + named.place[rows]] = named.length[rows]
        names, words, codes = self.words.names, texts.words.tolist(), part.tolist()
        blocked, whole_at = taken.tolist(), whole.tolist()
        found: list[tuple[int, int, int]] = []
        for query in range(len(texts)):
            start, end = int(texts.start[query]), int(texts.start[query + 1]) - 1
            own = _Words(
                [names[w] for w in words[start:end]], codes[start:end], blocked[start:end], whole_at[start:end]
            )
            best = _best_thing(own, len(raw[query].partition(" ")[0]))
            if best is not None:
                found.append((query, *best))
        columns = np.array(found, np.int32).reshape(-1, 3).T
        return Mentions(columns[0], columns[1], columns[2], np.zeros(columns.shape[1], np.int32))

    def _head_texts(self, texts: Texts, heads: Mentions) -> list[str]:
        names, words = self.words.names, texts.words.tolist()
        found = [""] * len(texts)
        for query, place, length in zip(heads.text.tolist(), heads.place.tolist(), heads.length.tolist(), strict=True):
            start = int(texts.start[query]) + place
            found[query] = "".join(names[word] for word in words[start : start + length])
        return found

    def _brands(
        self, texts: Texts, named: Mentions, levels: Codes, category: Ids, head: Sequence[str], part: Codes
    ) -> tuple[Ids, Ints]:
        """Brand of each query, and the mentions of names that count."""
        found = np.full(len(texts), _NOTHING, np.int32)
        kept = []
        names = self.catalogue.names
        for row in range(named.name.size):
            number, query = int(named.name[row]), int(named.text[row])
            name = names[number]
            if levels[number] == _CODE["brand"]:
                if name.ambiguous and not self._meant(
                    name.categories, int(category[query]), head[query], texts, query, part
                ):
                    continue
                if found[query] < 0:
                    found[query] = number
            kept.append(row)
        return found, np.array(kept, np.int64)

    def _meant(self, sells: Sequence[str], category: int, head: str, texts: Texts, query: int, part: Codes) -> bool:
        """Whether an ordinary word means the brand: the query is about what it sells, or asks for its shop."""
        if category >= 0:
            return self.catalogue.names[category].name in sells
        if any(one in head or (head and head in one) for one in sells):
            return True
        own = part[texts.start[query] : texts.start[query + 1]]
        return bool((own == _CODE["buy"]).any())

    def _intents(
        self, texts: Texts, part: Codes, phrases: Phrases, category: Ids, brand: Ids, head: Sequence[str]
    ) -> Codes:
        query = np.searchsorted(texts.start, np.arange(texts.words.size), side="right") - 1

        def has(name: str) -> Flags:
            found = np.zeros(len(texts), bool)
            found[query[part == _CODE[name]]] = True
            return found

        trouble = self._troubles(texts, phrases)
        thing = (category >= 0) | np.array([bool(text) for text in head], bool)
        intent = np.full(len(texts), INTENTS.index("other"), np.int8)
        for name, fits in (
            ("product", thing | (brand >= 0) | has("need")),
            ("how", has("how")),
            ("choose", has("choose") | (has("price") & thing)),
            ("problem", has("trouble") | trouble),
            ("buy", has("buy")),
        ):
            intent[fits] = INTENTS.index(name)
        return intent

    def _troubles(self, texts: Texts, phrases: Phrases) -> Flags:
        """Which queries complain of something; a word that is a crowd, too (油头), does not alone."""
        found = np.zeros(len(texts), bool)
        at = texts.start[phrases.text] + phrases.place
        crowd = np.array([name in words_of("crowds") for name in self.words.names] or [False], bool)
        who = (phrases.length == 1) & crowd[np.maximum(texts.words[at], 0)]
        found[phrases.text[((phrases.way == COMPLAINED) | (phrases.way == LACKING)) & ~who]] = True
        role = self._grammar.roles.grown().role
        end = np.maximum(texts.start[1:] - 2, 0)  # the word before the end of each query, and the one before it
        word, before = texts.words[end], texts.words[np.maximum(end - 1, 0)]
        denied = (before >= 0) & (role[np.maximum(before, 0)] & DENY != 0)
        short: Flags = (word >= 0) & (role[np.maximum(word, 0)] & (BAD | SHORT) == BAD | SHORT) & ~denied
        return found | short


def _paint(
    part: Codes, texts: Texts, found: Mentions | Phrases, code: Codes, over: Sequence[str] | None = None
) -> None:
    """Write a code over the words of mentions; with ``over`` only where one of these parts stands."""
    first = texts.start[found.text] + found.place
    allowed = None if over is None else np.isin(np.arange(len(PARTS)), [_CODE[name] for name in over])
    for offset in range(int(found.length.max(initial=0))):
        rows = np.flatnonzero(found.length > offset)
        at = first[rows] + offset
        if allowed is not None:
            free = allowed[part[at]]
            rows, at = rows[free], at[free]
        part[at] = code[rows]


def _some(mentions: Mentions, rows: Ints) -> Mentions:
    return Mentions(mentions.text[rows], mentions.place[rows], mentions.length[rows], mentions.name[rows])


class _Words(NamedTuple):
    """The words of one query, with the part that each is so far.

    ``blocked`` marks words of a brand; ``whole`` says how long the name of a category is that begins at a word.
    """

    names: Sequence[str]
    codes: Sequence[int]
    blocked: Sequence[int]
    whole: Sequence[int]

    def ends(self, at: int) -> bool:
        """Whether a single character that ends names of things stands there."""
        return at < len(self.names) and len(self.names[at]) == 1 and self.free(at) and self.names[at] in suffixes()

    def free(self, at: int) -> bool:
        """Whether a word may belong to the name of a thing."""
        return self.codes[at] in _FREE and not self.blocked[at]


def _best_thing(words: _Words, opening: int) -> tuple[int, int] | None:
    """First word and length of the name of a thing among the words of a query; None: there is none.

    What ends like the name of a thing goes before any other noun; of equal ones the last, since properties stand before
    the thing as often. What stands behind a question or behind the first space says how, and names no thing
    where there is one before.

    Args:
        words: The query.
        opening: Characters before its first space.
    """
    best: tuple[int, int, int] | None = None
    at = characters = 0
    while at < len(words.names):
        length, kind = _thing_at(words, at)
        behind = characters >= opening and (best is None or best[0] > 1 or kind < NAMED)
        if best is not None and (behind or words.codes[at] in _ASKING):
            break
        if kind and (best is None or kind >= best[0]):
            best = (kind, at, length)
        characters += sum(len(name) for name in words.names[at : at + length])
        at += length
    return None if best is None else best[1:]


def _thing_at(words: _Words, at: int) -> tuple[int, int]:
    """How many words a thing takes at some place, and how surely it is one: 2, 1, or 0 for not at all."""
    if words.blocked[at]:
        return 1, 0
    if words.whole[at]:
        behind = at + words.whole[at]
        return words.whole[at] + (1 if words.ends(behind) else 0), 2
    if words.codes[at] not in _FREE and words.codes[at] not in _BEFORE_ENDS:
        return 1, 0
    if len(words.names[at]) == 1:
        return _run_at(words, at)
    if words.ends(at + 1):
        return 2, 2
    return 1, thingness(words.names[at]) if words.codes[at] in _THINGS else 0


def _run_at(words: _Words, at: int) -> tuple[int, int]:
    """The same for characters that the segmenter knows no word for: a new name, unless they end like a thing."""
    if stands_apart(words.names[at]):
        return 1, 0
    run = at + 1  # the first may be a crowd (猫 抓 板)
    while (
        run < len(words.names) and len(words.names[run]) == 1 and words.free(run) and not stands_apart(words.names[run])
    ):
        run += 1
    length = run - at
    joins = run < len(words.names) and words.free(run) and words.codes[run] in _THINGS and words.free(at)
    if length == 1 and joins and words.names[at] not in function_words() and thingness(words.names[run]) > 1:
        return 2, 2  # 打 底裤
    if length == 1 or words.names[run - 1] not in suffixes():
        return length, 0
    # What stands before the last characters is a name of its own (牙小白 冲牙器).
    return (length, 2) if length <= _LONGEST_RUN else (length - _LONGEST_RUN, 0)
