"""The phrase bank: topics, keywords and sentences with choices (``{a|b}``) and slots (``<brand>``), as text files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

FOLDER: Final = Path(__file__).resolve().parents[1] / "bank"
CATEGORY_FILES: Final = ("diapers.txt", "shampoo.txt", "essence.txt", "mask.txt")
_CHOICE: Final = re.compile(r"\{([^{}]*)\}")
_SLOT: Final = re.compile(r"<([a-z0-9]+)>")


@dataclass(frozen=True)
class Keyword:
    """A planted keyword: its words in order, what is wrong with its supply, and who searches it how often."""

    words: tuple[str, ...]
    category: str
    topic: str
    kind: str
    per_week: float
    trend: str
    audience: str
    phrasings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The canonical form."""
        return "".join(self.words)


@dataclass
class Topic:
    """One need of a category: the notes written about it and the keywords that ask for it."""

    name: str
    category: str
    kind: str
    notes: int
    keywords: list[Keyword] = field(default_factory=list)
    say: list[tuple[str, ...]] = field(default_factory=list)  # the words its notes use, where not the keywords
    lines: dict[str, list[str]] = field(default_factory=dict)

    @property
    def phrases(self) -> list[tuple[str, ...]]:
        """The phrases its notes are about."""
        return self.say or [keyword.words for keyword in self.keywords]

    @property
    def hashtags(self) -> list[str]:
        """What its notes may carry as tags: their phrases, and how else people ask what they answer."""
        asked = [phrasing for keyword in self.keywords if keyword.kind == "met" for phrasing in keyword.phrasings]
        return ["".join(words) for words in self.phrases] + [phrasing.lower() for phrasing in asked]


@dataclass
class Category:
    """One category with its invented brands, its topics and the lines all its topics share."""

    name: str
    brands: list[str] = field(default_factory=list)
    topics: list[Topic] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=dict)


def expand(line: str, rng: Random, slots: Mapping[str, str]) -> str:
    """One reading of a line: a branch of every choice, inner ones first, and every slot filled."""
    while (found := _CHOICE.search(line)) is not None:
        line = line[: found.start()] + rng.choice(found[1].split("|")) + line[found.end() :]
    return _SLOT.sub(lambda slot: slots[slot[1]], line)


def _keyword(text: str, category: str, topic: str) -> Keyword:
    words, kind, per_week, trend, audience, phrasings = (part.strip() for part in text.split("|"))
    return Keyword(
        tuple(words.split()), category, topic, kind, float(per_week), trend, audience, tuple(phrasings.split())
    )


def read_category(name: str) -> Category:
    """Read one category file."""
    category = Category("")
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        head, _, rest = line.partition(" ")
        if not rest or head == "#":
            continue
        if head == "category":
            category.name = rest
        elif head == "brands":
            category.brands = rest.split()
        elif head == "@":
            topic, kind, notes = rest.split()
            category.topics.append(Topic(f"{name.removesuffix('.txt')}/{topic}", category.name, kind, int(notes)))
        elif head == "kw":
            here = category.topics[-1]
            here.keywords.append(_keyword(rest, category.name, here.name))
        elif head == "say":
            category.topics[-1].say = [tuple(phrase.split()) for phrase in rest.split(";")]
        else:
            owner = category.topics[-1].lines if head in {"p", "f", "t"} else category.lines
            owner.setdefault(head, []).append(rest)
    return category


def read_sections(name: str) -> dict[str, list[str]]:
    """Read a file of ``[section]`` headings with one entry a line."""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            current.append(line)
    return sections


def read_market() -> list[Category]:
    """All categories."""
    return [read_category(name) for name in CATEGORY_FILES]
