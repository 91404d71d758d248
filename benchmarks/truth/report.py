"""The result as files: every figure in JSON, tables and plots in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from benchmarks.truth.measures import MEASURES
from benchmarks.truth.planted import BEHAVIOUR, CONTENT, MANY, SHARES, SOME
from benchmarks.truth.rules import OURS, RULES
from benchmarks.truth.table import COLUMNS, ROWS, Goal, Seeds, shown, table, verdict
from benchmarks.truth.unreached import WHY

PLOTS: Final = {
    "truth-auc.svg": "Missing content, ROC AUC by test: ours against the plain way, spread over seeds",
    "truth-planted.svg": "Planted gaps: precision at 5% by share of the answers hidden, for each order",
    "truth-reliability.svg": "Reliability: what was said against what was true, ten bins of equal size",
    "truth-coverage.svg": "Coverage of 90% intervals of unmet searches a week",
}
Cells = Sequence[Sequence[str]]


def markdown(columns: Sequence[str], rows: Cells) -> str:
    """A table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def figures_json(
    seeds: Seeds, curves: Mapping[str, Sequence[Any]], about: Mapping[str, Any], machine: Mapping[str, Any]
) -> bytes:
    """All figures, for programs.

    Args:
        seeds: Figures by name, one value a seed.
        curves: Reliability curves by name, one a seed.
        about: The seeds, seconds by experiment, what could not be run and why.
        machine: What it was measured on.
    """
    body = {"about": about, "figures": dict(sorted(seeds.items())), "curves": curves, "machine": machine}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def page(seeds: Seeds, about: Mapping[str, Any], machine: Mapping[str, Any], plots: Sequence[str]) -> str:
    """The page for people: the table, what was missed and why, the plots drawn, and what lies behind."""
    count = len(about["seeds"])
    intro = (
        "Answers are hidden, searchers simulated, and the product says what is missing. Mean and standard deviation "
        f"of {count} seed{'s' if count != 1 else ''} ({', '.join(map(str, about['seeds']))}); the product is given no "
        "labels unless the row says so. Seeds 1 to 3 and 21 to 30 (other draws of the same data) were looked at while "
        "the recipe was made. How: "
        "[the decision record](../../docs/decisions/0031-truth-is-measured-by-hiding-answers.md)."
    )
    parts = [
        "# truth",
        intro,
        markdown(COLUMNS, table(seeds)),
        *_missed(seeds),
        *_not_run(about),
        *(f"![{text}]({name})" for name, text in PLOTS.items() if name in plots),
        *_details(seeds),
        "Measures: " + "; ".join(f"*{one.name}*: {one.formula}" for one in MEASURES.values()) + ".",
        "Measured on: " + ", ".join(f"{key} {value}" for key, value in machine.items()) + ".",
    ]
    return "\n\n".join(parts) + "\n"


def _missed(seeds: Seeds) -> list[str]:
    """Why a row is not met, and what was tried."""
    lines = [
        f"- *{row.measure}*: {verdict(row, seeds)}. {WHY.get(row.name, '')}".rstrip()
        for row in ROWS
        if "not met" in verdict(row, seeds)
    ]
    return ["## Not reached", "\n".join(lines)] if lines else []


def _not_run(about: Mapping[str, Any]) -> list[str]:
    lines = [f"- {name}: {why}" for name, why in about["not_run"].items()]
    return ["## Not measured", "\n".join(lines)] if lines else []


def _details(seeds: Seeds) -> list[str]:
    parts = ["## Ranking rules side by side"]
    for name, least in (("planted", MANY), ("planted_some", SOME)):
        if f"{name}.keywords" not in seeds:
            continue
        keywords = seeds[f"{name}.keywords"][0]
        for mode, how in ((CONTENT, "content only"), (BEHAVIOUR, "with simulated searchers")):
            words = (
                f"{keywords:.0f} words that {least} or more answered queries hold, one in twenty planted; {how}. "
                "Precision at 5%, and the share of the best possible unmet searches that the same keywords capture:"
            )
            parts += [words, markdown(*_rules(seeds, name, mode))]
    others = _others(seeds)
    if others:
        parts += ["## Beside the table", markdown(("figure", "value"), others)]
    return parts if len(parts) > 1 else []


def _rules(seeds: Seeds, name: str, mode: str) -> tuple[list[str], list[list[str]]]:
    shares = [share for share in SHARES if f"{name}.{mode}/{share}/precision/{OURS}" in seeds]
    columns = ["order", *(f"{what}, {share}% hidden" for what in ("precision", "captured") for share in shares)]
    rows = [
        [
            f"{rule.name}: {rule.formula}",
            *(
                shown(Goal(f"{name}.{mode}/{share}/{what}/{rule.name}"), seeds)
                for what in ("precision", "captured")
                for share in shares
            ),
        ]
        for rule in RULES
        if f"{name}.{mode}/{shares[0]}/precision/{rule.name}" in seeds
    ]
    return columns, rows


def _others(seeds: Seeds) -> list[tuple[str, str]]:
    """Figures that no row asks for, but that say how the rows are to be read."""
    named: list[tuple[str, str]] = [
        ("missing content by the plain count of notes that hold all words, AUC", "missing.count"),
        ("the same for titles and texts, all hidden", "answers.count"),
        ("the same, all but one hidden", "one.count"),
        ("calibration error without any label", "labels.error_without"),
        ("coverage of the intervals of whole queries, with searchers", "behaviour.coverage"),
        ("queries with a word replaced, answer hidden or not: AUC of a run by P(missing)", "reworded.auc"),
        ("the same by unmet probability", "reworded.auc_unmet"),
        ("the same by the plain ratio", "reworded.ratio"),
        ("coverage of the planted gaps of the sample market", "market.coverage"),
        ("sum of their unmet searches against the truth (0: right)", "market.bias"),
    ]
    for name, least in (("planted", MANY), ("planted_some", SOME)):
        for mode in (CONTENT, BEHAVIOUR):
            for share in SHARES:
                words = f"words of {least} or more queries, {mode}, {share}% hidden"
                stem = f"{name}.{mode}/{share}"
                named += [
                    (f"coverage of all keywords: {words}", f"{stem}/coverage/all"),
                    (f"coverage of planted keywords: {words}", f"{stem}/coverage/planted"),
                    (f"sum of unmet searches against the truth (0: right): {words}", f"{stem}/bias"),
                ]
    return [(text, shown(Goal(figure), seeds)) for text, figure in named if figure in seeds]
