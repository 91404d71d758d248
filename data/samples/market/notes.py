"""All notes of the market: what they are about, how good, how old, how much read, and which keywords they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from data.samples.market.bank import Category, Keyword, Topic, expand
from data.samples.market.writing import (
    Lines,
    Text,
    asks,
    slots_of,
    write_ad,
    write_good,
    write_stale,
    write_unsure,
    write_weak,
)

END: Final = datetime(2026, 8, 24)  # noqa: DTZ001 - all times of the market are Asia/Shanghai
GAPS: Final = ("missing", "wording", "weak", "stale", "ads_only", "unsure")
_UNDISCLOSED_IN_MET: Final = 60
_DISCLOSED_IN_MET: Final = 120
_NOISE: Final = 190
_DUPLICATE_GROUPS: Final = 40
_EMOJI_NOTES: Final = ("😭😭😭", "✨", "🌙🌙", "😂😂😂😂", "🐻🍑", "❤️❤️❤️", "🙏", "😴")
_EDITS: Final = (("真的", "确实"), ("大家", "姐妹们"), ("我家", "俺家"), ("。", "～"), ("但", "不过"), ("了", "啦"))


@dataclass
class Note:
    """One note with its figures and its truth."""

    text: Text
    category: str
    topic: str
    role: str  # good, weak, stale, unsure, ad, disclosed, elsewhere, noise, emoji
    author: str
    published: datetime | None
    figures: dict[str, Any]
    brand: str | None = None
    disclosed: bool | None = False
    note_id: str = ""
    copy_of: int | None = None  # place of the note it repeats
    everything: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.everything = "\n".join((self.text.title, self.text.content, *self.text.tags)).lower()

    def holds(self, words: Sequence[str]) -> bool:
        """Whether the note holds all of the words."""
        return all(word in self.everything for word in words)


class Writer:
    """Writes the notes, and none that would answer a planted gap by accident."""

    def __init__(self, market: Sequence[Category], common: Lines, rng: Random) -> None:
        self.market = market
        self.common = common
        self.rng = rng
        self.notes: list[Note] = []
        self.gaps = [
            keyword
            for category in market
            for topic in category.topics
            for keyword in topic.keywords
            if keyword.kind in GAPS
        ]
        self.brands = {brand: category.name for category in market for brand in category.brands}

    def write(self) -> list[Note]:
        """All notes in random order, with ids."""
        for category in self.market:
            for topic in category.topics:
                self._topic(category, topic)
        self._advertising_in_met()
        self._elsewhere()
        self._noise()
        for emoji in _EMOJI_NOTES:
            self._add(Text(emoji, emoji * 3, []), "", "", "emoji", self._recent())
        self._duplicates()
        return self._numbered()

    def _topic(self, category: Category, topic: Topic) -> None:
        rng, common = self.rng, self.common
        phrases = ["".join(words) for words in topic.phrases]
        for number in range(topic.notes):
            phrase = phrases[number % len(phrases)]
            if topic.kind in {"met", "wording"}:
                self._until_clean(
                    topic, "good", self._age(), lambda phrase=phrase: write_good(category, topic, phrase, common, rng)
                )
            elif topic.kind == "weak":
                self._add(write_weak(category, phrase, common, rng), category.name, topic.name, "weak", self._recent())
            elif topic.kind == "stale":
                published = END - timedelta(days=rng.randint(800, 1480), seconds=rng.randint(0, 86399))
                text = write_stale(category, topic, phrase, common, rng, year=published.year)
                self._add(text, category.name, topic.name, "stale", published)
            elif topic.kind == "unsure":
                text = write_unsure(category, phrase, common, rng)
                self._add(text, category.name, topic.name, "unsure", self._recent())
            else:
                disclosed = number % 3 == 2
                text = write_ad(category, phrase, common, rng, disclosed=disclosed)
                role = "disclosed" if disclosed else "ad"
                self._add(text, category.name, topic.name, role, self._recent())

    def _until_clean(self, topic: Topic, role: str, published: datetime, write: Any) -> None:
        """Keep the first of many drafts that holds no gap's words (a gap of *wording* not even in its own topic)."""
        for _ in range(200):
            draft: Text = write()
            everything = "\n".join((draft.title, draft.content, *draft.tags)).lower()
            if not any(
                all(word in everything for word in gap.words)
                for gap in self.gaps
                if gap.topic != topic.name or gap.kind == "wording"
            ):
                self._add(draft, topic.category, topic.name, role, published)
                return
        raise RuntimeError(f"no clean note for {topic.name}: {draft}")

    def _advertising_in_met(self) -> None:
        rng = self.rng
        topics = [
            (category, topic, named)
            for category in self.market
            for topic in category.topics
            if topic.kind == "met" and (named := [words for words in topic.phrases if self._is_thing(words)])
        ]
        for number in range(_UNDISCLOSED_IN_MET + _DISCLOSED_IN_MET):
            category, topic, named = rng.choice(topics)
            phrase = "".join(rng.choice(named))
            disclosed = number >= _UNDISCLOSED_IN_MET
            self._until_clean(
                topic,
                "disclosed" if disclosed else "ad",
                self._recent(),
                lambda category=category, phrase=phrase, disclosed=disclosed: write_ad(
                    category, phrase, self.common, rng, disclosed=disclosed
                ),
            )

    def _is_thing(self, words: Sequence[str]) -> bool:
        """Whether a phrase names goods of no special brand, as an advert would."""
        return not asks("".join(words)) and words[-1] not in {"推荐", "测评"} and not self.brands.keys() & set(words)

    def _elsewhere(self) -> None:
        for line in self.common["elsewhere"]:
            _, title, content = line.split("|")
            self._add(Text(title, content, []), "", "", "elsewhere", self._recent())

    def _noise(self) -> None:
        rng, lines = self.rng, self.common["noise"]
        for number in range(_NOISE):
            subject, _, body = lines[number % len(lines)].partition("|")
            slots = slots_of(rng.choice(self.market), rng, subject)
            sentences = expand(body, rng, slots).replace("。", "。|").split("|")
            kept = [sentence for sentence in sentences if sentence and rng.random() < 0.85] or sentences[:1]
            title = kept[0].split("，")[0].split("：")[0].rstrip("。？")[:24]
            self._add(Text(title, "".join(kept), [subject]), "", "", "noise", self._age())

    def _duplicates(self) -> None:
        """Groups of two or three notes that differ by a word or two, by other authors, a few days later."""
        rng = self.rng
        good = [place for place, note in enumerate(self.notes) if note.role == "good" and len(note.text.content) > 150]
        for place in rng.sample(good, _DUPLICATE_GROUPS):
            original = self.notes[place]
            for _ in range(rng.choice((1, 1, 1, 2))):
                content = original.text.content
                for old, new in rng.sample(_EDITS, 4):
                    if old in content:
                        content = content.replace(old, new, 1)
                        break
                content += rng.choice(("", "🌸", "！", "（转自己小号）"))
                published = original.published and min(
                    original.published + timedelta(days=rng.randint(1, 30)), END - timedelta(hours=5)
                )
                text = replace(original.text, content=content)
                self._add(text, original.category, original.topic, original.role, published)
                self.notes[-1].copy_of = place
                self.notes[-1].author = f"a{rng.randint(0, 799):04d}"

    def _add(self, text: Text, category: str, topic: str, role: str, published: datetime | None) -> None:
        rng = self.rng
        if role == "ad":
            author, disclosed = f"b{rng.randint(0, 39):03d}", False
        elif role == "disclosed":
            author, disclosed = f"c{rng.randint(0, 69):03d}", True
        else:
            author, disclosed = f"a{rng.randint(0, 799):04d}", False
        whole = text.title + text.content
        named = sorted(
            (brand for brand in self.brands if brand in whole), key=lambda brand: (-whole.count(brand), brand)
        )
        note = Note(text, category, topic, role, author, published, self._figures(role), disclosed=disclosed)
        note.brand = named[0] if named and rng.random() < (0.9 if role in {"ad", "disclosed"} else 0.4) else None
        if not disclosed and rng.random() < 0.06:
            note.disclosed = None
        if role in {"good", "noise"} and rng.random() < 0.012:
            note.published = None
        self.notes.append(note)

    def _figures(self, role: str) -> dict[str, Any]:
        rng = self.rng
        middle, spread, liked, collected, finish = {
            "weak": (60, 0.6, 0.008, 0.002, (0.04, 0.18)),
            "emoji": (30, 0.5, 0.02, 0.0, (0.02, 0.1)),
            "unsure": (300, 0.5, 0.02, 0.01, (0.2, 0.4)),
            "ad": (3500, 0.8, 0.022, 0.009, (0.12, 0.3)),
            "disclosed": (4200, 0.8, 0.025, 0.011, (0.18, 0.36)),
        }.get(role, (2400, 0.9, 0.055, 0.04, (0.42, 0.78)))
        reads = max(5, int(middle * rng.lognormvariate(0, spread)))
        rate = round(rng.uniform(*finish), 3)
        seconds = reads * (4 + 42 * rate) * rng.uniform(0.8, 1.2)
        likes = int(reads * liked * rng.uniform(0.5, 1.7))
        collects = int(reads * collected * rng.uniform(0.4, 1.8))
        impressions = int(reads * rng.uniform(7, 16))
        return {
            "note_type": "video" if rng.random() < 0.24 else "image",
            "impressions": impressions,
            "search_impressions": int(impressions * rng.uniform(0.1, 0.45)),
            "reads": reads,
            "read_seconds": round(seconds),
            "finish_rate": rate,
            "likes": likes,
            "collects": collects,
            "comments": int(reads * liked * rng.uniform(0.05, 0.25)),
            "shares": int(collects * rng.uniform(0.05, 0.3)),
            "follows": int(likes * rng.uniform(0, 0.05)),
            "searches_after_read": int(reads * rng.uniform(0.002, 0.02)),
        }

    def _age(self) -> datetime:
        """Two of three notes are younger than a year, few older than two."""
        days = self.rng.choices(
            (self.rng.randint(3, 360), self.rng.randint(361, 700), self.rng.randint(701, 1000)), (72, 23, 5)
        )[0]
        return END - timedelta(days=days, seconds=self.rng.randint(0, 86399))

    def _recent(self) -> datetime:
        return END - timedelta(days=self.rng.randint(3, 330), seconds=self.rng.randint(0, 86399))

    def _numbered(self) -> list[Note]:
        order = list(range(len(self.notes)))
        self.rng.shuffle(order)
        for number, place in enumerate(order, 1):
            self.notes[place].note_id = f"n{number:05d}"
        return [self.notes[place] for place in order]


def duplicate_groups(notes: Sequence[Note], written: Sequence[Note]) -> list[list[str]]:
    """Ids of the notes that repeat one another, groups and members in order."""
    groups: dict[int, list[str]] = {}
    for note in notes:
        if note.copy_of is not None:
            groups.setdefault(note.copy_of, [written[note.copy_of].note_id]).append(note.note_id)
    return sorted(sorted(group) for group in groups.values())


def answers(keyword: Keyword, notes: Sequence[Note]) -> list[str]:
    """Ids of the notes that truly answer a keyword, whatever their worth; advertising never does."""
    roles = {"good", "weak", "stale", "unsure"}
    head = len(keyword.words) == 1 and keyword.topic.endswith("/choose")
    return sorted(
        note.note_id
        for note in notes
        if note.role in roles
        and note.category == keyword.category
        and (note.topic == keyword.topic or (head and note.role == "good" and note.holds(keyword.words)))
    )
