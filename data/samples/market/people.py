"""Who searches and who writes: users with their groups, and creators with their prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from data.samples.market.notes import Note

USERS: Final = 11_000
_LIVES: Final = ("孕妈", "宝妈", "上班族", "学生党")
_LIFE_SHARES: Final = (26, 28, 30, 16)
_TRAITS: Final = {
    "油头": 0.2,
    "细软发": 0.12,
    "长发": 0.2,
    "染发": 0.08,
    "干皮": 0.2,
    "油皮": 0.22,
    "敏感肌": 0.16,
    "黄皮": 0.15,
    "熟龄肌": 0.14,
    "成分党": 0.1,
    "男生": 0.08,
}
_CATEGORY_READERS: Final = {"纸尿裤": (("宝妈", 60), ("孕妈", 30), ("上班族", 10))}
_CITIES: Final = ["上海", "北京", "广州", "深圳", "杭州", "成都", "武汉", "西安", "长沙", "青岛", "苏州", "郑州"]


@dataclass
class People:
    """Users by group."""

    groups: dict[str, list[str]]  # groups of each user
    members: dict[str, list[str]]  # users of each group

    def searcher(self, audience: str, category: str, rng: Random) -> str:
        """Somebody who searches for a keyword: mostly of its audience, otherwise whoever reads the category."""
        if rng.random() < 0.66:
            return rng.choice(self.members[audience])
        if category in _CATEGORY_READERS:
            groups = [group for group, _ in _CATEGORY_READERS[category]]
            weights = [weight for _, weight in _CATEGORY_READERS[category]]
            return rng.choice(self.members[rng.choices(groups, weights)[0]])
        return rng.choice(self.members["everyone"])


def make_people(rng: Random) -> People:
    """All users; men are neither pregnant nor mothers."""
    groups: dict[str, list[str]] = {}
    members: dict[str, list[str]] = {"everyone": []}
    for number in range(USERS):
        user = f"u{number:05d}"
        life = rng.choices(_LIVES, _LIFE_SHARES)[0]
        own = [life] + [
            trait
            for trait, share in _TRAITS.items()
            if rng.random() < share and not (trait == "男生" and life in {"孕妈", "宝妈"})
        ]
        groups[user] = own
        for group in [*own, "everyone"]:
            members.setdefault(group, []).append(user)
    return People(groups, members)


def audience_rows(people: People, rng: Random) -> list[dict[str, Any]]:
    """What the platform knows of its users: six of seven."""
    return [
        {"user_id": user, "groups": "|".join(groups)} for user, groups in people.groups.items() if rng.random() < 0.86
    ]


def creator_rows(notes: Sequence[Note], rng: Random) -> list[dict[str, Any]]:
    """Creators: the authors of advertising and the more diligent of the others."""
    by_author: dict[str, list[Note]] = {}
    for note in notes:
        by_author.setdefault(note.author, []).append(note)
    rows = []
    for author in sorted(by_author):
        own = by_author[author]
        commercial = author[0] in "bc"
        if not commercial and (len(own) < 5 or rng.random() < 0.25):
            continue
        regular = rng.randint(20, 90) if commercial else rng.randint(60, 260)
        business = int(regular * (rng.uniform(0.5, 1.6) if author[0] == "b" else rng.uniform(0.2, 0.6)))
        if not commercial:
            business = rng.randint(0, 8)
        followers = int(9000 * rng.lognormvariate(0, 1.1))
        rows.append(
            {
                "creator_id": author,
                "followers": followers,
                "regular_notes": regular,
                "business_notes": business,
                "price": round(followers * rng.uniform(0.03, 0.09) + 120, -1) if rng.random() < 0.95 else "",
                "tags": "|".join(_fields(own)),
                "audience": _audience(own, rng),
                "median_reads": _median([note.figures["reads"] for note in own]),
                "median_engagement": _median([note.figures["likes"] + note.figures["collects"] for note in own]),
                "city": rng.choice(_CITIES),
            }
        )
    return rows


def _fields(notes: Sequence[Note]) -> list[str]:
    names = {"纸尿裤": "母婴", "洗发水": "洗护", "精华": "护肤", "面膜": "护肤", "": "生活"}
    return list(dict.fromkeys(names[note.category] for note in notes))[:3]


def _audience(notes: Sequence[Note], rng: Random) -> str:
    mother = sum(note.category == "纸尿裤" for note in notes) / len(notes)
    weights = {
        "孕妈": 0.06 + 0.3 * mother,
        "宝妈": 0.12 + 0.5 * mother,
        "上班族": 0.45 - 0.25 * mother,
        "学生党": 0.25 - 0.2 * mother,
    }
    drawn = {group: weight * rng.uniform(0.6, 1.4) for group, weight in weights.items()}
    total = sum(drawn.values()) / 0.92
    return "{" + ",".join(f'"{group}":{value / total:.2f}' for group, value in drawn.items()) + "}"


def _median(values: Sequence[int]) -> int:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
