"""The result as files: every figure in JSON, tables and notes in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from benchmarks.market.experiments import Result
from benchmarks.market.table import COLUMNS, short, table

_INTRO: Final = (
    "How well selling points, audiences, comments, titles and queries are understood. Lists are labelled by two "
    "judges, each for themselves ([criteria](../market/criteria.md), [how often they agreed](../market/agreement.md)); "
    "both read alike, so their agreement is an upper bound. Texts are invented. The first lists were looked at while "
    "rules were made; the fresh ones were written after that. The queries of these were looked at, too, and are fresh "
    "no more; their phrases nobody looked at. The third ones were written after all that by one reader who knew the "
    "rules and labelled them twice, the second time in another order; they were looked at after their first run, whose "
    "figures are told in the table. "
    "Before anything was changed by them, categories of queries were right for 0.65 (fresh: 0.73), intents for 0.79 "
    "(0.77), brands of titles for 0.88; folding had a purity of 0.90 with an F1 of 0.71. Real texts are read from a "
    "folder that is no part of the project."
)


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def figures_json(result: Result, machine: Mapping[str, Any]) -> bytes:
    """All figures, for programs."""
    body = {
        "figures": dict(sorted(result.figures.items())),
        "not_measured": result.missing,
        "seconds": result.seconds,
        "machine": machine,
    }
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def page(result: Result, machine: Mapping[str, Any]) -> str:
    """The page for people: the table, what is short and why, and what lies behind."""
    parts = [
        "# market",
        _INTRO,
        markdown(COLUMNS, table(result.figures)),
    ]
    if notes := short(result.figures):
        parts += ["## Not reached", "\n".join(f"- {note}" for note in notes)]
    if result.missing:
        parts += ["## Not measured", "\n".join(f"- {why}" for why in result.missing)]
    for detail in result.details:
        parts += [f"## {detail.title}", markdown(detail.columns, detail.rows)]
    parts.append("Measured on: " + ", ".join(f"{key} {value}" for key, value in machine.items()) + ".")
    return "\n\n".join(parts) + "\n"
