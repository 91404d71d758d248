"""Keywords for a launch, in the four ways that buyers of search ads know: by note, by category, by word, by session.

Each keyword comes with its searches, supply, gap, price where it is known, and the reason why it is named. The surest
unmet searches come first, in all four.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from gapfinder.market.results import SearchedTogether, SellingPoint
from gapfinder.results import GAP_KIND_LABELS, Gap
from indexer.errors import UsageError
from indexer.normalize import normalize

_BEFORE: Final = "上游"
_AFTER: Final = "下游"


class Recommendation(TypedDict):
    """One keyword with why it is recommended."""

    keyword: str
    category: str | None
    searches: int
    demand_per_week: float
    notes_matching: int
    unmet_per_week: float
    unmet_low: float
    unmet_high: float
    gap_kind: str
    cpc: float | None  # yuan a click, as observed
    bid_low: float | None
    bid_high: float | None
    reason: str


@dataclass(frozen=True)
class Market:
    """What recommendations are made from.

    Args:
        gaps: All gaps of a run.
        points: Its selling points.
        cut: Cuts a text into words as the run's texts are cut.
    """

    gaps: Sequence[Gap]
    points: Sequence[SellingPoint]
    cut: Callable[[str], Sequence[str]]

    def by_category(self, *categories: str) -> list[Recommendation]:
        """The keywords of a category, or of several."""
        wanted = set(map(normalize, categories))
        chosen = [gap for gap in self.gaps if gap["category"] is not None and normalize(gap["category"]) in wanted]
        return _ordered((gap, f"属于“{gap['category']}”") for gap in chosen)

    def by_word(self, word: str) -> list[Recommendation]:
        """Keywords that hold a word, and those that ask for the same selling point in other words.

        Raises:
            UsageError: There is no word in it.
        """
        seed = self.cut(word)
        if not seed:
            raise UsageError(f"{word!r} holds no word to look for")
        reasons = {
            gap["keyword"]: f"包含“{normalize(word)}”"
            for gap in self.gaps
            if all(term in gap["keyword"] for term in seed)
        }
        for point in self.points:
            if normalize(word) in {point["selling_point"], *point["variants"]}:
                for one in point["keywords"]:
                    reasons.setdefault(one["keyword"], f"同样在找“{point['selling_point']}”")
        return self._of(reasons)

    def by_note(self, text: str) -> list[Recommendation]:
        """Keywords that a note answers, by its words, and those that ask for what it offers.

        Raises:
            UsageError: There is no word in the text.
        """
        held = set(self.cut(text))
        if not held:
            raise UsageError("the note holds no word to look for")
        plain, reasons = normalize(text), {}
        letters = set(plain)
        for gap in self.gaps:
            terms = set(self.cut(gap["keyword"])) if may_hold(letters, gap["keyword"]) else set()
            if terms and terms <= held:
                reasons[gap["keyword"]] = "笔记写到了这个词的每一部分"
        categories = {gap["category"] for gap in self.gaps if gap["keyword"] in reasons}
        for point in self.points:
            said = [one for one in (point["selling_point"], *point["variants"]) if one in plain]
            if said and point["category"] in categories:
                for one in point["keywords"]:
                    reasons.setdefault(one["keyword"], f"笔记讲到“{said[0]}”")
        return self._of(reasons)

    def by_session(self, together: SearchedTogether) -> list[Recommendation]:
        """What people searched before and after a keyword."""
        reasons: dict[str, str] = {}
        for where, neighbours in ((_BEFORE, together["before"]), (_AFTER, together["after"])):
            for one in neighbours:
                said = f"{where}：{one['people']:,} 人在同一次搜索里先后搜了它，是偶然的 {one['lift']:,.1f} 倍"
                reasons.setdefault(one["keyword"], said)
        return self._of(reasons)

    def _of(self, reasons: dict[str, str]) -> list[Recommendation]:
        return _ordered((gap, reasons[gap["keyword"]]) for gap in self.gaps if gap["keyword"] in reasons)


def may_hold(letters: Container[str], keyword: str) -> bool:
    """Whether all letters of a keyword are among some; where one is not, no words of the text make the keyword."""
    return all(letter in letters for letter in keyword if letter.isalnum())


def _ordered(chosen: Iterable[tuple[Gap, str]]) -> list[Recommendation]:
    rows = [_row(gap, reason) for gap, reason in chosen if gap["match"] == "exact"]
    return sorted(rows, key=lambda row: (-row["unmet_low"], -row["unmet_per_week"], -row["searches"], row["keyword"]))


def _row(gap: Gap, reason: str) -> Recommendation:
    price = gap["price"]
    cheap = f"，点击价 ¥{price['cpc']:.2f}" if price and price["cpc"] is not None else ""
    unmet = f"每周约 {gap['unmet_per_week']:,.0f} 次未满足（{GAP_KIND_LABELS[gap['gap_kind']]}）{cheap}"
    return Recommendation(
        keyword=gap["keyword"],
        category=gap["category"],
        searches=gap["searches"],
        demand_per_week=gap["demand_per_week"],
        notes_matching=gap["notes_matching"],
        unmet_per_week=gap["unmet_per_week"],
        unmet_low=gap["unmet_low"],
        unmet_high=gap["unmet_high"],
        gap_kind=gap["gap_kind"],
        cpc=price["cpc"] if price else None,
        bid_low=price["bid_low"] if price else None,
        bid_high=price["bid_high"] if price else None,
        reason=f"{reason}；{unmet}",
    )
