"""Numbers as people and exports write them: ``1.2万``, ``3k``, ``18,399``, ``10+``, ``<20``, ``12.5%``, ``--``."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_SCALES: Final = {"": 1, "k": 10**3, "千": 10**3, "w": 10**4, "万": 10**4, "m": 10**6, "百万": 10**6, "亿": 10**8}
# 无 and dashes say that there is no figure; ∞ is a division by zero in the source. None of them is a zero.
_NOTHING: Final = frozenset(
    (
        "",
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "/",
        "\\n",
        "无",
        "暂无",
        "未知",
        "∞",
        "-∞",
        "inf",
        "-inf",
        "infinity",
        "-infinity",
    )
) | {"nan", "null", "none", "n/a", "na", "#n/a", "unknown"}
_PLAIN: Final = r"(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d{1,3})?"
_ONE: Final = re.compile(rf"([+-]?)[¥$€£]?({_PLAIN})(百万|[kw万千亿m]?)(%?)(?:元|次|人)?")
_RANGE: Final = re.compile(r"(.*?[\dkw万千亿m%])(?:-|~|至)(.*)")
_MOST: Final = 10.0**300
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it was written.

    Attributes:
        value: The number; of a range its middle (geometric where the lower end is above 0), of an open one its end.
        low: Lower end; equals ``value`` when the figure is exact.
        high: Upper end; None when it is open (``10+``).
    """

    value: float
    low: float
    high: float | None

    @property
    def exact(self) -> bool:
        """Whether the figure is one number and no range."""
        return self.high is not None and self.low == self.high


def parse_figure(text: str) -> Figure | None:
    """The figure written in ``text``; None where it says that there is none (``--``, ``无``, ``∞``, empty).

    Percentages become shares (``12.5%`` is 0.125).

    Raises:
        ValueError: It is not a figure; the message says so in words that may be shown.
    """
    try:
        value = float(text) if text.isascii() and "_" not in text else math.inf  # int("1_0") is no habit of exports
    except ValueError:
        value = math.inf
    if math.isfinite(value):
        return Figure(value, value, value)
    folded = unicodedata.normalize("NFKC", text).strip().lower().replace(" ", "").replace("\u2212", "-")
    if folded in _NOTHING:
        return None
    if folded[:1] in {"<", "≤"} or folded[:2] == "少于":
        high = _one(folded.lstrip("<≤=少于"), text)
        return Figure(high / 2, 0.0, high)
    open_ended = folded.endswith(("+", "以上")) or folded[:1] in {">", "≥"}
    if open_ended:
        low = _one(folded.lstrip(">≥=").removesuffix("以上").rstrip("+"), text)
        return Figure(low, low, None)
    parts = _RANGE.fullmatch(folded.replace("–", "-").replace("—", "-"))
    if parts is not None:
        return _range(_one(parts[1], text), _one(parts[2], text), text)
    value = _one(folded, text)
    return Figure(value, value, value)


def parse_number(text: str) -> float | None:
    """The number written in ``text``, of a censored figure its known end; see :func:`parse_figure`."""
    figure = parse_figure(text)
    return None if figure is None else figure.value


def _range(low: float, high: float, text: str) -> Figure:
    if low > high:
        raise ValueError(f"{text.strip()[:_SHOWN]!r} is a range whose end is below its start")
    middle = math.sqrt(low) * math.sqrt(high) if low > 0 else (low + high) / 2
    return Figure(min(max(middle, low), high), low, high)


def _one(folded: str, text: str) -> float:
    found = _ONE.fullmatch(folded)
    if found is None or not found[2] or not any(map(str.isdigit, found[2])):
        raise ValueError(f"{text.strip()[:_SHOWN]!r} is not a number")
    sign, digits, scale, percent = found.groups()
    # Decimal text is scaled as text where it can be, so that 1.1万 is 11000 and not 11000.000000000002.
    value = float(digits.replace(",", "")) * _SCALES[scale]
    value = round(value, 6) if scale else value
    if percent:
        value = round(value / 100, 12)
    if value > _MOST:
        raise ValueError(f"{text.strip()[:_SHOWN]!r} is too large")
    return -value if sign == "-" else value
