"""Names that the catalogue lacks: brands that titles and queries speak of, for a person to accept.

Five signs, from sure to weak:

* two scripts in a title (``Mellow/麦洛 洗发水``): the Chinese side is cut to what all titles with the same Latin side
  share, and where a word of the dictionary begins;
* the same unknown beginning of several titles, before different words;
* queries for a shop or for what a name is (``麦洛旗舰店``, ``麦洛是什么牌子``);
* a name at the beginning of a query right before what the catalogue sells: a Latin one of four letters and more before
  any thing, three characters that make no word before a category, in two queries;
* an unknown beginning of queries before anything else.

All but the last are *sure* enough to be taken for brands where nobody looked; of the last every third is one. Of 120
Latin beginnings in real queries of all kinds 108 were brands.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from gapfinder.lexicon import words_of
from gapfinder.understanding.catalogue import is_ordinary
from gapfinder.understanding.things import is_thing
from indexer.normalize import normalize
from indexer.segment import Segmenter

LEAST_TITLES: Final = 2
LEAST_QUERIES: Final = 2
MOST_EXAMPLES: Final = 3
LONGEST: Final = 5
SHORTEST: Final = 2

_HAN: Final = r"[\u4e00-\u9fff]"
_BRACKETS: Final = re.compile(r"^(?:\s*[【\[（(][^】\])）]*[】\])）])+\s*")
_TWO_SCRIPTS: Final = re.compile(rf"([a-z][a-z0-9'&.\- ]{{1,24}})\s*/\s*({_HAN}{{2,8}})")
_SHOP: Final = re.compile(
    rf"^([a-z]{{3,12}}|{_HAN}{{2,5}}?)(?:的)?(?:官方)?(?:旗舰店|官方店|专卖店|官网)|"
    rf"^([a-z]{{3,12}}|{_HAN}{{2,5}}?)(?:是什么牌子|是什么品牌|是哪个牌子|是哪国的|这个牌子|牌子怎么样|是国货吗)"
)
_LEADS: Final = (
    "官方旗舰店", "旗舰店", "官方正品", "官方", "正品", "正宗", "新品", "专柜", "日本进口", "韩国进口", "德国进口",
    "泰国进口", "原装进口", "进口", "国货", "爆款", "新款", "升级款", "热卖",
)  # fmt: skip
_MOST_WORDS: Final = 3  # that the beginning of a title is made of
_LEAST_LATIN: Final = 4  # letters of a name
_NEW_RUN: Final = 3  # characters of a name that stands before a category
_NO_LATIN: Final = frozenset({
    "wifi", "type", "mini", "nano", "smart", "plus", "love", "cotton", "kitty", "switch", "ipad", "iphone", "macbook",
    "xbox", "icloud", "pubg", "html", "java", "python", "word", "excel", "vlog", "hdmi",
})  # fmt: skip


@dataclass
class Suggestion:
    """A name that may be a brand.

    Attributes:
        name: The name.
        titles, queries: How many titles and distinct queries speak for it.
        searches: Searches of these queries.
        latin: Its Latin side, where titles give one.
        sure: Whether it is taken for a brand until somebody says otherwise.
        examples: Some of the titles and queries.
    """

    name: str
    titles: int = 0
    queries: int = 0
    searches: int = 0
    latin: str = ""
    sure: bool = False
    examples: list[str] = field(default_factory=list)

    def show(self, example: str) -> None:
        """Keep an example."""
        if len(self.examples) < MOST_EXAMPLES and example not in self.examples:
            self.examples.append(example)


def suggest_brands(
    titles: Sequence[str],
    queries: Iterable[tuple[str, int]],
    segmenter: Segmenter,
    known: Collection[str],
    categories: Collection[str] = (),
) -> list[Suggestion]:
    """Names that may be brands, sure ones first, then by titles, searches and name.

    Args:
        titles: Titles of products, or of notes.
        queries: Distinct queries with their searches.
        segmenter: Tells known words from unknown ones.
        known: Brands that are known already.
        categories: What the catalogue sells.
    """
    found: dict[str, Suggestion] = {}
    sold = {normalize(name) for name in categories}
    before_sold: Counter[str] = Counter()  # queries that name a category right behind a name
    taken = {normalize(part) for name in known for part in (name, *name.split("/"))}

    def about(name: str) -> Suggestion:
        return found.setdefault(name, Suggestion(name))

    plain = [normalize(title) for title in titles]
    for name, latin, title in _two_scripts(plain, segmenter):
        one = about(name)
        one.titles += 1
        one.latin, one.sure = latin, True
        one.show(title)
    for name, own in _beginnings(plain, segmenter, set(found)).items():
        one = about(name)
        one.titles = max(one.titles, len(own))
        one.sure |= len(own) >= LEAST_TITLES
        for title in own:
            one.show(title)
    for query, searches in queries:
        text = normalize(query)
        shop = _SHOP.search(text)
        name = _before_a_word(next((group for group in shop.groups() if group), ""), segmenter) if shop else ""
        sure = bool(name) and _is_new(name) and name not in taken
        if not sure:
            terms = segmenter.query_terms(text)
            name = unknown_beginning(terms)
            before_sold[name] += len(name) == _NEW_RUN and _sold_behind(terms, sold)
            sure = before_sold[name] >= LEAST_QUERIES and name not in taken
        if not name:
            name = latin_beginning(terms, sold)
            sure = bool(name) and name not in taken
        if name:
            one = about(name)
            one.queries += 1
            one.searches += searches
            one.sure |= sure
            one.show(query)
    for one in found.values():
        one.sure |= one.titles >= LEAST_QUERIES and one.queries >= 1
    kept = [
        one
        for one in found.values()
        if one.name not in taken and (one.sure or one.titles >= LEAST_QUERIES or one.queries >= LEAST_QUERIES)
    ]
    return sorted(kept, key=lambda one: (not one.sure, -one.titles, -one.searches, one.name))


def unknown_beginning(terms: Sequence[str]) -> str:
    """The unknown name at the beginning of some words: characters in a row that make no word, two to five of them.

    There has to be something behind it, so that a word that was cut by mistake is no name.
    """
    size = 0
    while size < len(terms) and len(terms[size]) == 1 and "\u4e00" <= terms[size] <= "\u9fff":
        size += 1
    name = "".join(terms[:size])
    if not SHORTEST <= len(name) <= LONGEST or size == len(terms) or not _is_new(name):
        return ""
    plain = {
        "不",
        "没",
        "有",
        "的",
        "是",
        "我",
        "你",
        "了",
        "去",
        "和",
        "怎",
        "会",
        "能",
        "吃",
        "用",
        "买",
        "看",
        "做",
        "要",
        "就",
    }
    return "" if plain & set(name) or name[0].isdigit() else name


def _sold_behind(terms: Sequence[str], sold: Collection[str]) -> bool:
    """Whether a category stands right behind the run of single characters that begins a query."""
    size = next((place for place, term in enumerate(terms) if len(term) > 1), len(terms))
    return any("".join(terms[size : size + length]) in sold for length in (1, 2, 3))


def latin_beginning(terms: Sequence[str], sold: Collection[str] = ()) -> str:
    """The Latin name at the beginning of some words, right before what names a thing; empty: there is none."""
    if len(terms) < SHORTEST or not (terms[0].isascii() and terms[0].isalpha()) or terms[0] in _NO_LATIN:
        return ""
    named = any("".join(terms[1 : 1 + length]) in sold for length in (1, 2, 3))
    if len(terms[0]) < _LEAST_LATIN or not (named or any(is_thing(term) for term in terms[1:3])):
        return ""
    return terms[0]


def _is_new(name: str) -> bool:
    """Whether a name is no everyday word and no word of the lists."""
    return not is_ordinary(name) and not any(
        name in words_of(c) for c in ("choose", "how", "buy", "tail", "packing", "trouble")
    )


def _two_scripts(titles: Sequence[str], segmenter: Segmenter) -> list[tuple[str, str, str]]:
    """Names in two scripts: the Chinese side, the Latin side, the title."""
    sides: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for title in titles:
        match = _TWO_SCRIPTS.search(title)
        if match:
            sides[match[1].strip()].append((match[2], title))
    found = []
    for latin, own in sorted(sides.items()):
        shared = _shared([text for text, _ in own]) if len(own) > 1 else ""
        for text, title in own:
            name = _before_a_word(shared or text, segmenter)
            if name:
                found.append((name, latin, title))
    return found


def _shared(texts: Sequence[str]) -> str:
    size = 0
    while all(len(text) > size and text[size] == texts[0][size] for text in texts):
        size += 1
    return texts[0][:size]


def _before_a_word(text: str, segmenter: Segmenter) -> str:
    """The beginning of a text up to the first word of two characters that is not its first; Latin text as it is."""
    if text.isascii():
        return text
    name = ""
    for term in segmenter.terms(text):
        if len(name) >= SHORTEST and len(term) > 1:
            break
        name += term
    return name if SHORTEST <= len(name) <= LONGEST else ""


def _beginnings(titles: Sequence[str], segmenter: Segmenter, known: Collection[str]) -> dict[str, list[str]]:
    """New beginnings of titles that stand before different words, with their titles; of two the longer one.

    Args:
        titles: The titles.
        segmenter: Cuts them.
        known: Names that were found already; what begins with one of them is none of its own.
    """
    own: dict[str, list[str]] = defaultdict(list)
    following: dict[str, Counter[str]] = defaultdict(Counter)
    for title in titles:
        terms = segmenter.terms(without_lead(title))
        name = ""
        for place, term in enumerate(terms[:_MOST_WORDS]):
            name += term
            if SHORTEST <= len(name) < LONGEST and place + 1 < len(terms) and _is_new(name) and not name.isascii():
                own[name].append(title)
                following[name]["".join(terms[place + 1 : place + 3])] += 1
    kept = {
        name: rows
        for name, rows in sorted(own.items())
        if len(rows) >= LEAST_QUERIES and len(following[name]) > 1 and not _holds(name, known)
    }
    longer: dict[str, set[int]] = defaultdict(set)  # of each name, in how many titles the longer ones stand
    for name, rows in kept.items():
        for size in range(SHORTEST, len(name)):
            longer[name[:size]].add(len(rows))
    return {
        name: rows
        for name, rows in kept.items()
        if len(rows) not in longer.get(name, ())
        and not any(len(kept.get(name[:size], ())) > len(rows) for size in range(SHORTEST, len(name)))
    }


def _holds(name: str, known: Collection[str]) -> bool:
    """Whether a known name is a part of another."""
    return any(name[a:b] in known for a in range(len(name)) for b in range(a + 1, len(name) + 1))


def without_lead(title: str) -> str:
    """A title without what stands before its brand: brackets, shops and words of praise."""
    text = _BRACKETS.sub("", title).strip()
    changed = True
    while changed:
        changed = False
        for lead in _LEADS:
            if text.startswith(lead):
                text, changed = text[len(lead) :].strip(), True
    return text
