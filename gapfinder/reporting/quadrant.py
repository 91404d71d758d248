"""The demand and supply quadrant as geometry: where each bubble, tick and label lies. The template only draws it.

Demand grows upwards (logarithmic), supply to the right (``log(1 + supply)``, so that no supply at all has a place). The
dividing lines are the medians of the keywords shown. Labels go to the most important keywords, and only where they
cover neither another label nor a bubble already labelled nor the frame.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gapfinder.reporting.words import number
from gapfinder.results import Gap

MOST_LABELS: Final = 16
_LABEL_LENGTH: Final = 12  # characters of a keyword on the chart
_ASCII_WIDTH: Final = 0.56  # of an em
_LEAST_RADIUS: Final = 4.0
_REACH: Final = 1.3  # how far a shape reaches beyond the circle of its area, at most


@dataclass(frozen=True, slots=True)
class Frame:
    """Size of a drawing and of its type, in drawing units."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    font: int
    largest: float  # radius of the largest bubble
    labels: int


WIDE: Final = Frame(1040, 560, 62, 24, 22, 50, 13, 25, MOST_LABELS)
NARROW: Final = Frame(390, 430, 42, 10, 18, 44, 12, 17, 7)


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick: its place along the axis and its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One keyword: ``row`` is its number in the table, ``path`` the outline of its kind's shape."""

    row: int
    kind: str
    x: float
    y: float
    radius: float
    path: str


@dataclass(frozen=True, slots=True)
class Label:
    """A keyword written beside its bubble."""

    row: int
    x: float
    y: float
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Quadrant:
    """The whole drawing; the lowest and most important bubbles come last, so that they lie on top."""

    frame: Frame
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    split_x: float
    split_y: float
    bubbles: list[Bubble]
    labels: list[Label]

    @property
    def bottom(self) -> int:
        """The lower edge of the plot."""
        return self.frame.height - self.frame.bottom

    @property
    def right(self) -> int:
        """The right edge of the plot."""
        return self.frame.width - self.frame.right


@dataclass(frozen=True, slots=True)
class _Axis:
    """A linear map from transformed values to places."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def draw(gaps: Sequence[Gap], frame: Frame) -> Quadrant | None:
    """The quadrant of the gaps in their order of importance; None when there is nothing to draw."""
    if not gaps:
        return None
    demand = [math.log10(max(_week(gap), 0.1)) for gap in gaps]
    supply = [math.log10(1 + max(gap["supply"], 0.0)) for gap in gaps]
    x_axis = _Axis(-0.06 * (max(supply) or 1), max(max(supply) * 1.08, 0.5), frame.left, frame.width - frame.right)
    margin = max(0.12 * (max(demand) - min(demand)), 0.15)
    y_axis = _Axis(min(demand) - margin, max(demand) + margin, frame.height - frame.bottom, frame.top)
    most = max(gap["unmet_per_week"] for gap in gaps) or 1.0
    bubbles = [
        _bubble(row, gap, x_axis.at(x), y_axis.at(y), frame.largest * math.sqrt(gap["unmet_per_week"] / most))
        for row, (gap, x, y) in enumerate(zip(gaps, supply, demand, strict=True))
    ]
    return Quadrant(
        frame,
        [Tick(x_axis.at(math.log10(1 + value)), number(value)) for value in _supply_ticks(max(supply))],
        [Tick(y_axis.at(math.log10(value)), number(value)) for value in _decades(y_axis.low, y_axis.high)],
        x_axis.at(statistics.median(supply)),
        y_axis.at(statistics.median(demand)),
        sorted(bubbles, key=lambda bubble: -bubble.radius),
        _labels(bubbles, gaps, frame),
    )


def shape(kind: str, radius: float) -> str:
    """The outline of a kind's shape around the origin, of about the area of a circle of that radius."""
    r = radius
    polygons = {
        "wording": (4, 0.0, 1.25),
        "weak": (3, 0.0, 1.5),
        "stale": (4, 45.0, 1.25),
        "ads_only": (5, 0.0, 1.15),
        "unsure": (6, 0.0, 1.1),
    }
    if kind not in polygons:
        return f"M{-r:.1f},0a{r:.1f},{r:.1f} 0 1 0 {2 * r:.1f},0a{r:.1f},{r:.1f} 0 1 0 {-2 * r:.1f},0z"
    corners, turn, scale = polygons[kind]
    angles = [math.radians(turn - 90 + 360 * corner / corners) for corner in range(corners)]
    places = [f"{scale * r * math.cos(angle):.1f},{scale * r * math.sin(angle):.1f}" for angle in angles]
    return "M" + "L".join(places) + "z"


def _week(gap: Gap) -> float:
    return gap["demand_per_week"]


def _bubble(row: int, gap: Gap, x: float, y: float, radius: float) -> Bubble:
    size = round(max(radius, _LEAST_RADIUS), 1)
    return Bubble(row, gap["gap_kind"], x, y, size, shape(gap["gap_kind"], size))


def _supply_ticks(most: float) -> list[float]:
    ticks = [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 1_000_000]
    return [tick for tick in ticks if math.log10(1 + tick) <= max(most * 1.08, 0.5)]


def _decades(low: float, high: float) -> list[float]:
    steps = (1, 2, 5) if high - low < 2.2 else (1, 3) if high - low < 3.5 else (1,)  # noqa: PLR2004 - decades shown
    values = [step * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for step in steps]
    return [value for value in values if low <= math.log10(value) <= high]


def text_width(text: str, font: float) -> float:
    """About how wide a text is drawn: Chinese characters are an em, others about half of one."""
    return font * sum(_ASCII_WIDTH if char.isascii() else 1.0 for char in text)


_Box = tuple[float, float, float, float]


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _labels(bubbles: Sequence[Bubble], gaps: Sequence[Gap], frame: Frame) -> list[Label]:
    """Greedy placement in the order of importance: right, left, above or below the bubble, else no label.

    A place that covers no bubble at all is taken first; the most important keywords may cover small ones.
    """
    circles = [_around(bubble) for bubble in bubbles]
    taken: list[_Box] = _name_boxes(frame)
    labels: list[Label] = []
    for bubble in bubbles[: 3 * frame.labels]:
        if len(labels) == frame.labels:
            break
        keyword = gaps[bubble.row]["keyword"]
        text = keyword if len(keyword) <= _LABEL_LENGTH else keyword[: _LABEL_LENGTH - 1] + "…"
        others = [circle for row, circle in enumerate(circles) if row != bubble.row]
        places = [
            (label, box)
            for label, box in _places(bubble, text, frame)
            if _inside(box, frame) and not any(_overlap(box, other) for other in taken)
        ]
        clear = [place for place in places if not any(_overlap(place[1], other) for other in others)]
        chosen = clear or (places if bubble.row < frame.labels // 2 else [])
        if chosen:
            labels.append(chosen[0][0])
            taken += [chosen[0][1], circles[bubble.row]]
    return labels


def _around(bubble: Bubble) -> _Box:
    reach = bubble.radius * _REACH
    return (bubble.x - reach, bubble.y - reach, bubble.x + reach, bubble.y + reach)


def _name_boxes(frame: Frame) -> list[_Box]:
    """Where the names of the four quadrants stand, in the corners of the plot."""
    wide, high = 52, 30
    right, bottom = frame.width - frame.right, frame.height - frame.bottom
    return [
        (left, top, left + wide, top + high)
        for left in (frame.left, right - wide)
        for top in (frame.top, bottom - high)
    ]


def _inside(box: _Box, frame: Frame) -> bool:
    return (
        box[0] >= frame.left
        and box[2] <= frame.width - frame.right
        and box[1] >= frame.top
        and box[3] <= frame.height - frame.bottom
    )


def _places(bubble: Bubble, text: str, frame: Frame) -> list[tuple[Label, _Box]]:
    width, font, gap = text_width(text, frame.font), frame.font, bubble.radius * _REACH + 3
    x, y, row = bubble.x, bubble.y, bubble.row
    spots = (
        ("start", x + gap, y + font * 0.35, x + gap),
        ("end", x - gap, y + font * 0.35, x - gap - width),
        ("middle", x, y - gap, x - width / 2),
        ("middle", x, y + gap + font * 0.8, x - width / 2),
    )
    return [
        (
            Label(row, round(at, 1), round(base, 1), anchor, text),
            (left - 2, base - font, left + width + 2, base + font * 0.3),
        )
        for anchor, at, base, left in spots
    ]
