"""Where the demand of a keyword is going, in sentences: of ``gapfinder explain`` and of the page."""

from __future__ import annotations

from datetime import date
from typing import Final

from gapfinder.results import Forecast, Gap, Season, Trend

_DIRECTIONS: Final = {"rising": "上升", "falling": "下降", "flat": "平稳", "unknown": "看不出"}
_WEEKDAYS: Final = "一二三四五六日"
_BUSY: Final = 1.1  # times the mean day


def trend_words(trend: Trend) -> str:
    """The direction with its interval, and which festivals were taken out."""
    said = f"趋势{_DIRECTIONS[trend['direction']]}"
    if trend["change"] is None:
        return said
    festivals = "、".join(trend["festivals"])
    without = f"，已排除{festivals}的影响" if festivals else ""
    return f"{said}（{trend['change']:+.0%}，90% 区间 {trend['low']:+.0%} 至 {trend['high']:+.0%}{without}）"


def outlook_lines(gap: Gap) -> list[str]:
    """Trend, surge, season and forecast, a sentence each; nothing about what was not measured."""
    lines = [trend_words(gap["trend"]), *season_lines(gap)]
    forecast = gap.get("forecast")
    if forecast:
        lines.append("预计今后每周的搜索（90% 区间）：")
        for week in forecast:
            festivals = f"  {'、'.join(week['festivals'])}" if week["festivals"] else ""
            interval = f"{week['low']:,.0f}–{week['high']:,.0f}"
            lines.append(f"  {week_words(week)}  {week['searches']:>9,.0f}  {interval}{festivals}")
    return lines


def season_lines(gap: Gap) -> list[str]:
    """Surge and season, a sentence each."""
    season = gap.get("season")
    seasons = [] if season is None else [_week(season), _year(season), *_festivals(season)]
    return [*_surge(gap["trend"]), *seasons]


def week_words(week: Forecast) -> str:
    """When a coming week begins."""
    return f"{date.fromisoformat(week['start']):%m-%d} 起" if week["start"] else f"第 {week['week']} 周"


def _surge(trend: Trend) -> list[str]:
    surge = trend["surge"]
    if surge is None or not surge["rising_early"]:
        return []
    weeks = "最近一周" if surge["weeks"] == 1 else "最近两周"
    open_to = f"；正值{'、'.join(surge['festivals'])}，历史里没有先例，可能只是节日所致" if surge["festivals"] else ""
    times = f"{surge['ratio']:.1f} 倍（90% 区间 {surge['low']:.1f}–{surge['high']:.1f} 倍{open_to}）"
    return [f"刚开始上升：{weeks}的搜索是平时的 {times}"]


def _week(season: Season) -> str:
    days = season["weekdays"]
    if days is None:
        return "一周之内：" + ("没有明显差别" if season["week"] == "none" else "数据不足，无法判断")
    busy = [place for place, times in enumerate(days) if times >= _BUSY] or [days.index(max(days))]
    return f"一周之内：周{'、周'.join(_WEEKDAYS[place] for place in busy)}搜得最多（最高为日均的 {max(days):.2f} 倍）"


def _year(season: Season) -> str:
    if season["months"] is None:
        none = "没有明显的淡旺季" if season["year"] == "none" else "历史不足两年或搜索太少，无法判断淡旺季"
        return f"一年之中：{none}"
    peaks = "、".join(f"{month} 月" for month in season["peak_months"])
    most = f"旺季在 {peaks}，" if peaks else ""
    return f"一年之中：{most}最高为月均的 {max(season['months']):.2f} 倍；季节解释了 {season['year_share']:.0%} 的波动"


def _festivals(season: Season) -> list[str]:
    lines = []
    for effect in season["festivals"]:
        interval = f"90% 区间 {effect['low']:.1f}–{effect['high']:.1f} 倍，依据 {effect['occurrences']} 次"
        lines.append(f"{effect['festival']}：搜索为平时的 {effect['times']:.1f} 倍（{interval}）")
    return lines
