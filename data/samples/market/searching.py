"""The searches: who typed what when, what came up, and whether it helped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from data.samples.market.bank import Keyword
from data.samples.market.notes import END, Note
from data.samples.market.people import People
from data.samples.market.variants import Typing

WEEKS: Final = 12
START: Final = END - timedelta(weeks=WEEKS)
BOT: Final = "u90001"
BOT_KEYWORD: Final = "云朵熊纸尿裤"
BURST_KEYWORD: Final = "贝棉棉拉拉裤"
_BOT_SEARCHES: Final = 2400
_DUST: Final = 520
_SATISFIED: Final = {
    "met": 0.81,
    "missing": 0.13,
    "wording": 0.23,
    "weak": 0.33,
    "stale": 0.33,
    "ads_only": 0.27,
    "unsure": 0.45,
}
_RECORDED: Final = 0.8
_REFORMULATES: Final = 0.38
_TRENDS: Final = {"rising": 0.38, "flat": 0.0, "falling": -0.38}
_HOURS: Final = (3, 2, 1, 1, 1, 2, 4, 6, 8, 9, 9, 9, 11, 10, 8, 8, 8, 8, 9, 12, 15, 17, 16, 9)


@dataclass
class Search:
    """One search; ``keyword`` and ``satisfied`` are the truth behind it."""

    query: str
    at: datetime
    user: str | None
    session: str | None
    results: list[dict[str, Any]] | None
    keyword: Keyword | None
    satisfied: bool | None


@dataclass
class _Pool:
    """What an engine would find for one keyword: notes with all words, then notes with some."""

    exact: list[Note]
    partial: list[Note]
    helpful: set[str] = field(default_factory=set)


class Log:
    """Writes the query log."""

    def __init__(
        self,
        keywords: Sequence[Keyword],
        notes: Sequence[Note],
        helpful: dict[str, list[str]],
        people: People,
        rng: Random,
    ) -> None:
        self.keywords, self.people, self.rng = keywords, people, rng
        self.notes = {note.note_id: note for note in notes}
        self.typing = {keyword.text: Typing(keyword) for keyword in keywords}
        self.pools = {keyword.text: self._pool(keyword, notes, set(helpful[keyword.text])) for keyword in keywords}
        self.met = {
            category: [keyword for keyword in keywords if keyword.category == category and keyword.kind == "met"]
            for category in dict.fromkeys(keyword.category for keyword in keywords)
        }
        self.searches: list[Search] = []
        self.sessions = 0

    def write(self, dust: dict[str, list[str]]) -> list[Search]:
        """All searches, in order of time."""
        for keyword in self.keywords:
            for day in range(WEEKS * 7):
                for _ in range(self._poisson(self._expected(keyword, day))):
                    self._session(keyword, START + timedelta(days=day))
        self._bot()
        self._burst()
        self._dust(dust)
        self.searches.sort(key=lambda search: (search.at, search.query, search.user or ""))
        return self.searches

    def _expected(self, keyword: Keyword, day: int) -> float:
        place = 2 * (day + 0.5) / (WEEKS * 7) - 1
        weekend = 1.18 if (START + timedelta(days=day)).weekday() > 4 else 0.928
        return keyword.per_week / 7 * weekend * (1 + _TRENDS[keyword.trend] * place)

    def _poisson(self, mean: float) -> int:
        """A Poisson draw; above 30 its normal approximation."""
        if mean > 30:
            return max(0, round(self.rng.gauss(mean, math.sqrt(mean))))
        limit, product, count = math.exp(-mean), self.rng.random(), 0
        while product > limit:
            product *= self.rng.random()
            count += 1
        return count

    def _pool(self, keyword: Keyword, notes: Sequence[Note], helpful: set[str]) -> _Pool:
        def worth(note: Note) -> tuple[float, str]:
            figures = note.figures
            return (-math.log1p(figures["likes"] + figures["collects"]) * (0.4 + figures["finish_rate"]), note.note_id)

        exact = sorted((note for note in notes if note.holds(keyword.words)), key=worth)[:40]
        some = [
            note
            for note in notes
            if note.category == keyword.category
            and not note.holds(keyword.words)
            and sum(word in note.everything for word in keyword.words) * 2 >= len(keyword.words)
            and note.note_id not in helpful
        ]
        return _Pool(exact, sorted(some, key=worth)[:60], helpful)

    def _moment(self, day: datetime) -> datetime:
        hour = self.rng.choices(range(24), _HOURS)[0]
        return day + timedelta(hours=hour, minutes=self.rng.randint(0, 59), seconds=self.rng.randint(0, 59))

    def _session(self, keyword: Keyword, day: datetime) -> None:
        """A person searches, and tries again in other words when nothing helps."""
        rng = self.rng
        user: str | None = self.people.searcher(keyword.audience, keyword.category, rng)
        self.sessions += 1
        session: str | None = f"s{self.sessions:06d}"
        if rng.random() < 0.015:
            user = session = None
        at, wanted, again = self._moment(day), keyword, 1.0
        for _ in range(3):
            satisfied = self._search(wanted, at, user, session, again)
            at += timedelta(seconds=rng.randint(18, 260))
            if satisfied or session is None or at >= END or rng.random() > _REFORMULATES:
                return
            if rng.random() < 0.4:
                again = 0.6  # the same need in other letters seldom finds more
            else:
                choices = self.met[keyword.category]
                wanted, again = rng.choices(choices, [one.per_week for one in choices])[0], 1.0

    def _search(self, keyword: Keyword, at: datetime, user: str | None, session: str | None, again: float) -> bool:
        rng = self.rng
        satisfied = rng.random() < _SATISFIED[keyword.kind] * again
        results = None
        if rng.random() < _RECORDED:
            shown = self._shown(keyword, at, satisfied=satisfied)
            results = self._behaviour(shown, keyword, satisfied=satisfied)
        self.searches.append(
            Search(self.typing[keyword.text].type(rng), at, user, session, results, keyword, satisfied)
        )
        return satisfied

    def _shown(self, keyword: Keyword, at: datetime, *, satisfied: bool) -> list[str]:
        """The first results: what holds all words, then what holds some; sometimes nothing at all."""
        rng, pool = self.rng, self.pools[keyword.text]
        exact = [note for note in pool.exact if note.published is None or note.published < at]
        if not satisfied and len(exact) < 3 and rng.random() < 0.2:
            return []
        length = rng.choice((3, 4, 4, 5))
        shown = self._draw(exact, length if len(exact) > 5 else min(len(exact), rng.randint(0, 2)))
        shown += self._draw(
            [note for note in pool.partial if note.published is None or note.published < at], length - len(shown)
        )
        if satisfied and not any(note in pool.helpful for note in shown) and pool.helpful:
            found = [note for note in sorted(pool.helpful) if (self.notes[note].published or START) < at]
            if found:
                shown[-1:] = [rng.choice(found)]
        return shown

    def _draw(self, notes: Sequence[Note], count: int) -> list[str]:
        keyed = sorted(
            (math.log(1 - self.rng.random()) * (place + 4), note.note_id) for place, note in enumerate(notes)
        )
        return [note for _, note in keyed[len(keyed) - count :][::-1]] if count > 0 else []

    def _behaviour(self, shown: Sequence[str], keyword: Keyword, *, satisfied: bool) -> list[dict[str, Any]]:
        rng = self.rng
        rows: list[dict[str, Any]] = [{"note_id": note, "position": place} for place, note in enumerate(shown, 1)]
        if not rows:
            return rows
        helpful = [row for row in rows if row["note_id"] in self.pools[keyword.text].helpful]
        if satisfied:
            row = (
                rng.choices(helpful, [1 / (1 + one["position"]) for one in helpful])[0] if helpful else rng.choice(rows)
            )
            row["clicked"] = True
            if rng.random() < 0.97:
                row["dwell_seconds"] = 31 + int(38 * rng.lognormvariate(0, 0.8))
                for action, share in (("liked", 0.16), ("collected", 0.14), ("commented", 0.02), ("shared", 0.02)):
                    if rng.random() < share:
                        row[action] = True
        elif rng.random() < 0.5:
            for row in rng.sample(rows, min(len(rows), rng.choice((1, 1, 2)))):
                row["clicked"] = True
                row["dwell_seconds"] = rng.randint(2, 22)
        return rows

    def _keyword(self, text: str) -> Keyword:
        return next(keyword for keyword in self.keywords if keyword.text == text)

    def _bot(self) -> None:
        """One user asks for one brand thousands of times on four days and never reads a thing."""
        rng, keyword = self.rng, self._keyword(BOT_KEYWORD)
        for number in range(_BOT_SEARCHES):
            day = START + timedelta(days=(38, 39, 41, 44)[number % 4])
            at = day + timedelta(seconds=rng.randint(3600, 82_000))
            results = None
            if rng.random() < _RECORDED:
                results = [
                    {"note_id": note, "position": place}
                    for place, note in enumerate(self._shown(keyword, at, satisfied=True), 1)
                ]
            self.searches.append(Search(BOT_KEYWORD, at, BOT, f"x{number // 200:03d}", results, None, None))

    def _burst(self) -> None:
        """Sixty fresh accounts push one brand on one evening; what they saw was not recorded."""
        rng = self.rng
        evening = START + timedelta(days=58, hours=20)
        for number in range(300):
            at = evening + timedelta(seconds=rng.randint(0, 6600))
            user = f"u91{number % 60:03d}"
            self.searches.append(Search(BURST_KEYWORD, at, user, f"y{number % 60:03d}", None, None, None))

    def _dust(self, words: dict[str, list[str]]) -> None:
        """Queries that nobody repeats; each odd word occurs in few of them."""
        rng = self.rng
        heads = ["纸尿裤", "洗发水", "精华", "面膜", "拉拉裤", "护发素", "泥膜", "发膜"]
        queries = list(words["alone"])
        odd = words["with_head"] * 3
        rng.shuffle(odd)
        seen = set(queries)
        for number, word in enumerate(odd):
            query = word + heads[number % len(heads)] if rng.random() < 0.6 else heads[number % len(heads)] + word
            if query not in seen and len(queries) < _DUST:
                seen.add(query)
                queries.append(query)
        for query in queries:
            for _ in range(rng.choice((1, 1, 1, 2))):
                user = rng.choice(self.people.members["everyone"])
                self.sessions += 1
                at = self._moment(START + timedelta(days=rng.randint(0, WEEKS * 7 - 1)))
                results: list[dict[str, Any]] | None = [] if rng.random() < 0.6 else None
                self.searches.append(Search(query, at, user, f"s{self.sessions:06d}", results, None, None))
