"""How often the two judges agreed, as a page beside the lists."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.market.labelled import JUDGES, rows_of
from benchmarks.market.measures import Grouped, agreement, b3

PAGE: Final = Path(__file__).with_name("agreement.md")
_QUERY: Final = ("category", "brand", "needs", "crowd", "scene", "price", "intent")
_COLUMNS: Final = {
    "queries": _QUERY,
    "queries_fresh": _QUERY,
    "queries_third": ("category", "brand", "intent"),
    "titles": ("brand",),
    "reviews": ("polarity",),
    "clauses": ("polarity",),
    "comments": ("intent",),
}
_GROUPED: Final = ("variants", "variants_fresh", "variants_third")
_INTRO: Final = (
    "Two judges labelled every item, each for themselves, by [the criteria](criteria.md). Kappa (Cohen 1960) is how "
    "far their agreement is above what chance makes of their labels: 0 is chance, 1 is always."
)
_GROUPS_INTRO: Final = (
    "Groups of phrases are compared by B-cubed (Bagga, Baldwin 1998): the groups of the one judge against those of "
    "the other, whatever they are called."
)


def labelled_alike() -> list[tuple[str, str, int, float, float]]:
    """List, column, items, share labelled alike and Cohen's kappa."""
    found = []
    for name, columns in _COLUMNS.items():
        one, other = ({row["id"]: row for row in rows_of(name, judge)} for judge in JUDGES)
        for column in columns:
            pairs = [(one[item][column], other[item][column]) for item in sorted(one)]
            share, kappa = agreement([pair[0] for pair in pairs], [pair[1] for pair in pairs])
            found.append((name, column, len(pairs), share, kappa))
    return found


def grouped_alike() -> list[tuple[str, int, Grouped]]:
    """List, items and how well the groups of the second judge fit those of the first."""
    found = []
    for name in _GROUPED:
        field = {row["id"]: row["field"] for row in rows_of(name)}
        one, other = (
            {row["id"]: (field[row["id"]], row["group"]) for row in rows_of(name, judge) if row["id"] in field}
            for judge in JUDGES
        )
        found.append((name, len(one), b3(other, one)))
    return found


def write_agreement() -> None:
    """Write the page."""
    lines = [
        "# How often the judges agreed",
        "",
        _INTRO,
        "",
        "| list | column | items | alike | kappa |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {name} | {column} | {items} | {share:.3f} | {kappa:.3f} |"
            for name, column, items, share, kappa in labelled_alike()
        ),
        "",
        _GROUPS_INTRO,
        "",
        "| list | items | precision | recall | F1 |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {name} | {items} | {one.precision:.3f} | {one.recall:.3f} | {one.f1:.3f} |"
            for name, items, one in grouped_alike()
        ),
    ]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
