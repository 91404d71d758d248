"""Would a product manager use them? The first selling points of real texts, by terms that were judged.

The texts are no part of the project: their folder is an argument, and nothing of them is kept but single judged terms.
A source is a category within texts of one kind. The grammar of the product finds the needs of all texts of that kind;
the parts of the body or of the thing are learned from the category; needs that too few texts name are dropped, the
others folded, and points ordered by how much more texts of the category name them than the others do: log-odds with an
informative prior, as z (Monroe, Colaresi, Quinn 2008, *Fightin' Words*). A text counts once.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt
import orjson

from benchmarks.market.labelled import has, rows_of, segmenter
from gapfinder.points.body import BodyCounts
from gapfinder.points.company import among_parcels, in_own_name, is_parcel
from gapfinder.points.folding import fold
from gapfinder.points.grammar import Grammar
from gapfinder.texts.words import Texts, Words
from indexer.normalize import normalize

Flags = npt.NDArray[np.bool_]

FIRST: Final = 20
POOLED: Final = 30  # terms of each source that are judged, so that a small change of order changes no judged share
PRIOR: Final = 1_000.0
_ORDER: Final = 2_025  # seed of the order in which terms are judged

_SKIN: Final = "面膜 面霜 乳液 精华 爽肤水 化妆水 洗面奶 洁面 眼霜 护肤 防晒 卸妆 身体乳 护手霜 隔离霜 水乳"
_QUERIES: Final = {
    "护肤": _SKIN,
    "母婴": "婴 宝宝 儿童 孕 纸尿裤 尿不湿 拉拉裤 奶粉 奶瓶 童装 童鞋",
    "家居": "手套 水杯 床垫 窗帘 椅",
}
_NOTES: Final = {
    "面膜": "面膜",
    "防晒": "防晒",
    "口红": "口红",
    "粉底": "粉底",
    "护肤": _SKIN,
    "洁面": "洗面奶 洁面 卸妆",
    "身体": "身体乳 护手霜",
    "彩妆": "口红 唇釉 粉底 气垫 眼影 腮红 遮瑕 眉笔 睫毛 眼线 高光 散粉 彩妆",
}
_REVIEWS: Final = ("洗发水", "衣服", "平板")
# What nobody looked at before the method was as it is.
FRESH: Final = frozenset({"comments 衣服", "comments 平板", "notes 洁面", "notes 身体"})


@dataclass(frozen=True)
class Kind:
    """Texts of one kind, and the categories in them.

    Attributes:
        name: What they are.
        texts: The texts.
        members: Which texts each category holds.
        least: Texts of a category that must name a need.
        things: What texts of each category are about; as the names in a catalogue they are no needs.
    """

    name: str
    texts: Sequence[str]
    members: dict[str, Flags]
    least: int
    things: dict[str, frozenset[str]]

    @cached_property
    def words(self) -> Words:
        """The vocabulary."""
        return Words()

    @cached_property
    def grammar(self) -> Grammar:
        """Finds needs."""
        return Grammar(self.words, segmenter())

    @cached_property
    def joined(self) -> Texts:
        """The texts, cut."""
        cut = segmenter().segment_all(self.texts)
        return self.grammar.join(self.words.lists([line.split(" ") if line else [] for line in cut]))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A selling point of a source."""

    name: str
    score: float
    texts: int
    wordings: tuple[str, ...]


def read_kinds(data: Path) -> list[Kind]:
    """The texts of a folder; a file that is not there is passed over."""
    readers: tuple[tuple[str, Callable[[Path], Kind]], ...] = (
        ("shopping_reviews.tsv", _reviews),
        ("xhs_notes_2018.jsonl", _notes),
        ("ecom_queries.tsv", _queries),
    )
    return [read(data / name) for name, read in readers if (data / name).is_file()]


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file of the folder."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _reviews(path: Path) -> Kind:
    rows = read_rows(path)
    own = {name: np.array([row["cat"] == name for row in rows], bool) for name in _REVIEWS}
    return Kind("comments", [row["review"] or "" for row in rows], own, 8, {name: frozenset([name]) for name in own})


def _notes(path: Path) -> Kind:
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    titles = [str(row["title"] or "") for row in rows]
    texts = []
    for row, title in zip(rows, titles, strict=True):
        content = str(row["content"] or "")
        texts.append(content if content.startswith(title[:10]) else f"{title}\n{content}")
    return Kind("notes", texts, *_families(titles, _NOTES, 3))


def _queries(path: Path) -> Kind:
    texts = [row["query"] or "" for row in read_rows(path)]
    return Kind("queries", texts, *_families(texts, _QUERIES, 2))


def _families(
    texts: Sequence[str], families: dict[str, str], least: int
) -> tuple[dict[str, Flags], int, dict[str, frozenset[str]]]:
    """The members of families, told by words in the texts, and what else a :class:`Kind` wants."""
    things = {name: frozenset(words.split()) for name, words in families.items()}
    own = {
        name: np.array([any(word in text for word in words) for text in texts], bool) for name, words in things.items()
    }
    return own, least, things


def log_odds(own: int, texts: int, others: int, other_texts: int) -> float:
    """How much more often a category names something than the others do, as z.

    Args:
        own: Mentions in the category.
        texts: All mentions in the category.
        others: Mentions in the others.
        other_texts: All mentions in the others.
    """
    prior = PRIOR * (own + others) / (texts + other_texts)
    one = log((own + prior) / (texts + PRIOR - own - prior))
    two = log((others + prior) / (other_texts + PRIOR - others - prior))
    return (one - two) / sqrt(1.0 / (own + prior) + 1.0 / (others + prior))


def ranked(kind: Kind, category: str) -> list[Ranked]:
    """The selling points of a category, the most peculiar first."""
    member, grammar, texts = kind.members[category], kind.grammar, kind.joined
    counts = BodyCounts()
    counts.add(_chosen(texts, member), grammar.roles.grown().role, kind.words)
    names = {normalize(name) for name in (*kind.members, *kind.things[category])}
    grammar.learn(counts.body(kind.words, grammar.roles.grown().role, names))
    phrases = grammar.find(texts)
    holders: dict[int, set[int]] = defaultdict(set)  # texts by need
    said: dict[int, Counter[str]] = defaultdict(Counter)
    parcels: Counter[int] = Counter()  # mentions in the category that stand near a parcel
    near = among_parcels(texts, phrases, kind.words)
    columns = (phrases.text, phrases.place, phrases.length, phrases.core, near)
    for text, place, length, core, parcel in zip(*(column.tolist() for column in columns), strict=True):
        holders[core].add(text)
        if member[text]:
            parcels[core] += parcel
            start = int(texts.start[text]) + place
            said[core]["".join(kind.words.names[word] for word in texts.words[start : start + length].tolist())] += 1
    own = set(np.flatnonzero(member).tolist())
    cores = {core: grammar.wording(core) for core, held in holders.items() if len(held & own) >= kind.least}
    cores = {
        core: wording
        for core, wording in sorted(cores.items(), key=lambda pair: pair[1])
        if wording not in names and not in_own_name(wording, names) and not is_parcel(parcels[core], said[core].total())
    }
    group = fold(list(cores.values()), set(grammar.body)).tolist() if cores else []
    points: dict[int, list[int]] = defaultdict(list)
    for core, number in zip(cores, group, strict=True):
        points[number].append(core)
    own_total = sum(len(held & own) for held in holders.values())
    other_total = sum(len(held - own) for held in holders.values())
    found = []
    for members in points.values():
        held = set().union(*(holders[core] for core in members))
        wordings = sum((said[core] for core in members), Counter[str]())
        listed = sorted(wordings, key=lambda text: (-wordings[text], text))
        score = log_odds(len(held & own), own_total, len(held - own), other_total)
        found.append(Ranked(listed[0], score, len(held & own), tuple(listed)))
    return sorted(found, key=lambda point: (-point.score, point.name))


def _chosen(texts: Texts, rows: Flags) -> Texts:
    """Some of the texts."""
    lengths = np.diff(texts.start)
    start = np.concatenate([[0], np.cumsum(lengths[rows])]).astype(np.int64)
    return Texts(start, texts.words[np.repeat(rows, lengths)])


def lists(data: Path) -> dict[str, tuple[list[Ranked], int]]:
    """The selling points of each source, by its name (``comments 洗发水``), and how many texts it has."""
    return {
        f"{kind.name} {name}": (ranked(kind, name), int(member.sum()))
        for kind in read_kinds(data)
        for name, member in kind.members.items()
    }


def pool(data: Path, out: Path) -> int:
    """Write the terms to judge that were not: those that lead the lists, without ranks, in an order that says nothing.

    Returns:
        How many there are.
    """
    known = {(row["source"], row["term"]) for row in rows_of("points")} if has("points") else set()
    leading = {(source, point.name) for source, (points, _) in lists(data).items() for point in points[:POOLED]}
    terms = sorted(leading - known)
    Random(_ORDER).shuffle(terms)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("source\tterm\n" + "".join(f"{source}\t{term}\n" for source, term in terms), encoding="utf-8")
    return len(terms)


@dataclass(frozen=True, slots=True)
class Useful:
    """What was judged of the first points of a source.

    Attributes:
        useful, judged: Of the first, how many are useful, and how many were judged at all.
        listed: How many of :data:`FIRST` the list holds.
        texts: Texts of the source.
    """

    useful: int
    judged: int
    listed: int
    texts: int

    @property
    def precision(self) -> float:
        """Useful terms over all listed; what was not judged counts as no."""
        return self.useful / self.listed if self.listed else 0.0


def useful(data: Path) -> dict[str, Useful]:
    """How useful the first points of each source are, by the judged terms."""
    judged = {(row["source"], row["term"]): row["useful"] == "yes" for row in rows_of("points")}
    found = {}
    for source, (points, texts) in lists(data).items():
        told = [judged.get((source, point.name)) for point in points[:FIRST]]
        found[source] = Useful(sum(bool(one) for one in told), sum(one is not None for one in told), len(told), texts)
    return found
