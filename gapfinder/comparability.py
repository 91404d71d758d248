"""What differs between two runs beside the data: warnings, because such differences look like changes of the market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from indexer.stores.contract import RunInfo

_CHOICE: Final = ("keywords", "category")  # settings that choose keywords
_PLACE: Final = ("from", "to", "weeks")  # settings that say where the window lies
_SHOWING: Final = ("privacy_floor", "few_searchers")  # settings that change no figure
_MOST_NAMED: Final = 4
_VOLUME: Final = 1.25  # a log that is so many times larger carries every keyword with it


@dataclass(frozen=True, slots=True)
class Caveat:
    """One difference: a code for programs, and a Chinese sentence."""

    code: str
    message: str


def days_of(info: RunInfo) -> tuple[date, date] | None:
    """First day and day after the last of a run's window; None where the run does not say."""
    window = info.manifest.get("window") or {}
    try:
        return date.fromisoformat(window["from"]), date.fromisoformat(window["to"])
    except (KeyError, TypeError, ValueError):
        return None


def shared_days(before: RunInfo, after: RunInfo) -> tuple[date, date] | None:
    """The days that lie in both windows, half-open; None when there are none, or a run does not say."""
    one, other = days_of(before), days_of(after)
    if one is None or other is None:
        return None
    first, end = max(one[0], other[0]), min(one[1], other[1])
    return (first, end) if first < end else None


def same_judge(before: RunInfo, after: RunInfo) -> bool:
    """Whether one fitted model judged the supply of both runs: then both have its errors in common."""
    names = [((info.manifest.get("model") or {}).get("content") or {}).get("name") for info in (before, after)]
    return bool(names[0] == names[1])


def differences(before: RunInfo, after: RunInfo) -> list[Caveat]:
    """What makes two runs hard to compare, most serious first; empty when nothing does."""
    one, other = before.manifest, after.manifest
    found = [
        *_choice(one, other),
        *_settings(one, other),
        *_same(one, other, "segmenter", "segmenter_differs", "分词器或词典不同，关键词的切分可能变了"),
        *_model(one, other),
        *_windows(before, after),
        *_volume(one, other),
    ]
    if before.created_at > after.created_at:
        found.append(Caveat("order_reversed", "作为基准的分析比另一次更新，变化的方向是反的"))
    return found


def _choice(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Caveat]:
    a, b = one.get("settings") or {}, other.get("settings") or {}
    if all(a.get(name) == b.get(name) for name in _CHOICE):
        return []
    return [Caveat("keywords_differ", "两次分析选取关键词的方式不同（关键词清单或品类）")]


def _settings(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Caveat]:
    a, b = one.get("settings") or {}, other.get("settings") or {}
    passed = {*_CHOICE, *_PLACE, *_SHOWING}
    names = [name for name in sorted({*a, *b} - passed) if a.get(name) != b.get(name)]
    if not names:
        return []
    shown = "、".join(names[:_MOST_NAMED]) + ("等" if len(names) > _MOST_NAMED else "")
    return [Caveat("settings_differ", f"两次分析的设置不同：{shown}")]


def _same(one: Mapping[str, Any], other: Mapping[str, Any], name: str, code: str, message: str) -> list[Caveat]:
    return [] if one.get(name) == other.get(name) else [Caveat(code, message)]


def _model(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Caveat]:
    """Whether another version or kind of model made the figures; fitted numbers may differ from run to run."""

    def kind(manifest: Mapping[str, Any]) -> dict[str, Any]:
        model = manifest.get("model") or {}
        kept = {name: value for name, value in model.items() if isinstance(value, str | bool)}
        content = model.get("content") or {}
        return {**kept, "origin": content.get("origin"), "version": (manifest.get("versions") or {}).get("gapfinder")}

    if kind(one) == kind(other):
        return []
    return [Caveat("model_differs", "估计未满足搜索的模型或程序版本不同，数值的变化可能来自模型")]


def _windows(before: RunInfo, after: RunInfo) -> list[Caveat]:
    one, other = days_of(before), days_of(after)
    if one is None or other is None:
        return [Caveat("window_unknown", "有一次分析没有记录时间窗口，按没有重叠处理")]
    lengths = [(end - first).days for first, end in (one, other)]
    if lengths[0] == lengths[1]:
        return []
    return [Caveat("windows_differ", f"时间窗口长度不同（{lengths[0]} 天与 {lengths[1]} 天），均按每周折算")]


def _volume(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Caveat]:
    """A log that grew or shrank as a whole: more users, or another source, rather than other needs."""
    weekly = [_searches_per_week(manifest) for manifest in (one, other)]
    if weekly[0] is None or weekly[1] is None or min(weekly[0], weekly[1]) <= 0:
        return []
    before, after = weekly[0], weekly[1]
    if max(before, after) < _VOLUME * min(before, after):
        return []
    return [
        Caveat(
            "volume_differs",
            f"日志整体的搜索量变了（每周 {before:,.0f} 次变为 {after:,.0f} 次），各关键词会随之增减",
        )
    ]


def _searches_per_week(manifest: Mapping[str, Any]) -> float | None:
    searches = (manifest.get("totals") or {}).get("searches")
    days = (manifest.get("window") or {}).get("days")
    return searches / days * 7 if searches is not None and days else None
