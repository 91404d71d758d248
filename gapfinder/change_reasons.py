"""Why a keyword changed between two runs, and the one Chinese sentence that says so.

A change of unmet searches is a change of demand or of what share of it stays unmet. With the mean of both runs as the
common measure the two add up to the whole: ``u2 - u1 = (d2 - d1)(p1 + p2)/2 + (p2 - p1)(d1 + d2)/2``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from gapfinder.changes import REASON_LABELS
from gapfinder.results import GAP_KIND_LABELS, PARTS
from gapfinder.seen import Seen

_CARRIES: Final = 0.25  # share of the whole change from which on something is a reason
_TEN: Final = 10.0


@dataclass(frozen=True, slots=True)
class Cause:
    """What carried a change, in searches a week; all None where nothing changed."""

    by_demand: float | None = None
    by_supply: float | None = None
    part: str | None = None
    part_change: float | None = None
    reasons: list[str] = field(default_factory=list)


def cause_of(before: Seen, after: Seen) -> Cause:
    """What carried the change of a keyword."""
    whole = after.unmet_per_week - before.unmet_per_week
    by_demand = round(
        (after.demand_per_week - before.demand_per_week) * (before.unmet_probability + after.unmet_probability) / 2, 4
    )
    by_supply = round(whole - by_demand, 4)
    part, part_change = _part(before, after, by_supply)
    size = max(abs(by_demand), abs(by_supply), abs(whole))
    reasons = []
    if abs(by_supply) >= _CARRIES * size > 0:
        reasons += _supply_reasons(before, after, part, rises=by_supply > 0)
    if abs(by_demand) >= _CARRIES * size > 0:
        reasons.append("more_searches" if by_demand > 0 else "fewer_searches")
    if abs(by_demand) > abs(by_supply):
        reasons.reverse()
    return Cause(by_demand, by_supply, part, part_change, reasons)


def _part(before: Seen, after: Seen, by_supply: float) -> tuple[str | None, float | None]:
    """The part whose share of the searches moved most in the direction of the whole; the first of equals."""
    weekly = (before.demand_per_week + after.demand_per_week) / 2
    sign = 1.0 if by_supply > 0 else -1.0
    best: tuple[str | None, float] = (None, 0.0)
    for part in (*PARTS, *sorted({*before.parts, *after.parts} - set(PARTS))):
        change = round((_share(after, part) - _share(before, part)) * weekly, 4)
        if sign * change > sign * best[1]:
            best = (part, change)
    return (best[0], best[1]) if best[0] is not None else (None, None)


def _share(seen: Seen, part: str) -> float:
    return seen.parts.get(part, 0.0) / seen.demand_per_week if seen.demand_per_week > 0 else 0.0


def _supply_reasons(before: Seen, after: Seen, part: str | None, *, rises: bool) -> list[str]:
    reasons = ["less_answered" if rises else "better_answered"]
    more = after.notes_matching - before.notes_matching
    if rises and more < 0:
        reasons.insert(0, "fewer_notes")
    if not rises and more > 0:
        reasons.insert(0, "more_notes")
    if part == "behaviour":
        reasons.append("behaviour")
    return reasons


def sentence_of(change: str, before: Seen | None, after: Seen | None, flags: Sequence[str], cause: Cause) -> str:
    """One sentence a strategist can repeat."""
    if before is None or after is None:
        return _one_sided(before, after)
    was, now = _figure(before.unmet_per_week), _figure(after.unmet_per_week)
    if change == "steady":
        return _steady(before, after, flags, was, now)
    way = {
        "opened": f"原来的内容大体够用，现在每周约 {now} 次搜索得不到满足（之前约 {was} 次）",
        "closed": f"缺口已补上：每周未满足的搜索从约 {was} 次变为约 {now} 次",
        "grew": f"每周未满足的搜索从约 {was} 次增加到约 {now} 次",
        "shrank": f"每周未满足的搜索从约 {was} 次减少到约 {now} 次",
    }[change]
    why = "，".join(_told(reason, before, after) for reason in cause.reasons if reason != "behaviour")
    return f"{way}：{why}。" if why else f"{way}。"


def _told(reason: str, before: Seen, after: Seen) -> str:
    label = REASON_LABELS[reason]
    if reason in ("more_searches", "fewer_searches"):
        return f"{label}（每周 {_figure(before.demand_per_week)} → {_figure(after.demand_per_week)} 次）"
    if reason in ("more_notes", "fewer_notes"):
        return f"{label}（{before.notes_matching:,} → {after.notes_matching:,} 篇）"
    return f"{label}（未满足概率 {before.unmet_probability:.0%} → {after.unmet_probability:.0%}）"


def _steady(before: Seen, after: Seen, flags: Sequence[str], was: str, now: str) -> str:
    if "match_changed" in flags:
        return f"匹配方式变了，两次的次数不可比（每周未满足约 {was} 次与约 {now} 次）。"
    figures = f"每周未满足的搜索约 {now} 次" if was == now else f"每周未满足的搜索从约 {was} 次变为约 {now} 次"
    if "borderline" in flags:
        kinds = f"从“{GAP_KIND_LABELS[before.gap_kind]}”变为“{GAP_KIND_LABELS[after.gap_kind]}”"
        return f"{figures}；判断{kinds}，但变化仍在误差之内。"
    if "small" in flags:
        return f"{figures}，变化不大。"
    return f"{figures}，变化在误差之内。" if was != now else f"{figures}，没有明显变化。"


def _one_sided(before: Seen | None, after: Seen | None) -> str:
    if after is not None:
        searches, unmet = _figure(after.demand_per_week), _figure(after.unmet_per_week)
        return f"上次没有这个关键词：现在每周约 {searches} 次搜索，约 {unmet} 次没有得到满足。"
    assert before is not None
    return f"上次每周约 {_figure(before.unmet_per_week)} 次搜索没有得到满足，这次没有进入分析。"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= _TEN or value == round(value) else f"{value:.1f}"
