"""Everything that is measured, as figures by name and tables of what lies behind them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.market import folded, planted, points, reading, said, sample
from benchmarks.market.labelled import has
from benchmarks.market.points import FIRST

_LABELS: Final = ("lure", "link", "price", "question", "negative", "positive", "other")


@dataclass(frozen=True, slots=True)
class Detail:
    """A table of what lies behind a figure."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass
class Result:
    """What was measured.

    Attributes:
        figures: By name.
        details: Tables.
        missing: What was not measured, and why.
        seconds: By experiment.
    """

    figures: dict[str, float] = field(default_factory=dict)
    details: list[Detail] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def measured(data: Path | None) -> Result:
    """Measure everything.

    Args:
        data: Folder of the real texts; None: what needs them is passed over.
    """
    result = Result()
    experiments: tuple[tuple[str, Callable[[Result, Path | None], None]], ...] = (
        ("sample", _sample),
        ("points", _points),
        ("folding", _folding),
        ("said", _said),
        ("reading", _reading),
        ("planted", _planted),
    )
    for name, run in experiments:
        print(f"{name} ...", flush=True)
        start = time.perf_counter()
        run(result, data)
        result.seconds[name] = round(time.perf_counter() - start, 1)
    return result


def _sample(result: Result, _: Path | None) -> None:
    found = sample.sample_market()
    audiences = found.audiences
    result.figures |= {
        "sample.recall": found.mean("recall"),
        "sample.recall_more": found.mean("recall_more"),
        "sample.demand_off": found.mean("demand_off"),
        "sample.supply_off": found.mean("supply_off"),
        "sample.literal_off": found.mean("literal_off"),
        "audiences.first": audiences.first / max(1, audiences.keywords),
        "audiences.false": audiences.false / max(1, audiences.shown),
        "audiences.false_within": audiences.false_within / max(1, audiences.shown),
    }
    rows = []
    for name, one in found.categories.items():
        result.figures[f"sample.{name}.recall"] = one.recall
        figures = (one.recall, one.recall_more, one.demand_off, one.supply_off, one.literal_off)
        rows.append((name, *(f"{x:.3f}" for x in figures), " ".join(one.missed) or "-"))
    columns = (
        "category", "recall at 10", "at 15", "demand off", "supply off", "in the planted words",
        "not among the first 10",
    )  # fmt: skip
    result.details.append(Detail("The sample market by category", columns, rows))
    result.details.append(
        Detail(
            f"Audiences of the sample market: {audiences.keywords} keywords, {audiences.first} with the right one "
            f"first, {audiences.shown} groups shown, {audiences.false} of them false, {audiences.false_within} even "
            "against the searchers of their category",
            ("keyword", "false group", "lift to expect", "within the category"),
            [(keyword, group, f"{lift:.2f}", f"{within:.2f}") for keyword, group, lift, within in audiences.examples],
        )
    )


def _points(result: Result, data: Path | None) -> None:
    if data is None or not has("points"):
        result.missing.append(
            "useful selling points: "
            + ("no folder of real texts was given" if data is None else "no term was judged yet")
        )
        return
    found = points.useful(data)
    for kind in dict.fromkeys(source.split(" ")[0] for source in found):
        own = {source: one for source, one in found.items() if source.startswith(f"{kind} ") and one.listed}
        for fresh in (False, True):
            precision = [one.precision for source, one in own.items() if (source in points.FRESH) == fresh]
            if precision:
                result.figures[f"points.{kind}{'.fresh' if fresh else ''}"] = sum(precision) / len(precision)
    result.figures |= {f"points.{source}": one.precision for source, one in found.items()}
    listed, judged = (sum(getattr(one, name) for one in found.values()) for name in ("listed", "judged"))
    result.figures["points.not_judged"] = float(listed - judged)
    result.details.append(
        Detail(
            f"Useful selling points by source, of the first {FIRST}; {listed - judged} of {listed} were not judged",
            ("source", "texts", f"listed, up to {FIRST}", "useful", "judged", "share useful"),
            [
                (source, *(str(x) for x in (one.texts, one.listed, one.useful, one.judged)), f"{one.precision:.3f}")
                for source, one in found.items()
            ],
        )
    )


def _folding(result: Result, _: Path | None) -> None:
    rows = []
    for name in ("variants", "variants_fresh", "variants_third"):
        one = folded.folded(name)
        figures = {"purity": one.purity, "precision": one.precision, "recall": one.recall, "f1": one.f1}
        result.figures |= {f"folding.{name}.{key}": value for key, value in figures.items()}
        rows.append((name, *(f"{value:.3f}" for value in figures.values()), str(one.groups)))
    columns = ("list", "purity", "B-cubed precision", "recall", "F1", "groups made")
    result.details.append(Detail("Folding", columns, rows))


def _said(result: Result, data: Path | None) -> None:
    four, two = said.clauses()
    comments = said.comments()
    result.figures |= {
        "said.reviews": said.reviews(),
        "said.clauses": four,
        "said.clauses_two": two,
        "said.macro": comments.macro,
    }
    rows = []
    for label in (label for label in _LABELS if label in comments.by_intent):
        one = comments.by_intent[label]
        result.figures |= {
            f"said.{label}.precision": one.precision,
            f"said.{label}.recall": one.recall,
            f"said.{label}.f1": one.f1,
        }
        rows.append((label, str(one.true), *(f"{value:.3f}" for value in (one.precision, one.recall, one.f1))))
    result.details.append(Detail("What comments want", ("intent", "comments", "precision", "recall", "F1"), rows))
    across = said.across(data) if data is not None else None
    if across is None:
        result.missing.append("reviews learned across categories: no labelled reviews were given")
        return
    result.figures |= {"said.across": across.accuracy, "said.across_lists": across.lists}
    result.details.append(
        Detail(
            f"Real reviews: {across.told:,} of {said.OWN}, learned from {across.learned:,} of other categories",
            ("told by", "accuracy"),
            [("what is shipped", f"{across.lists:.3f}"), ("learned reviews", f"{across.accuracy:.3f}")],
        )
    )


def _reading(result: Result, _: Path | None) -> None:
    result.figures["titles.brand"] = reading.read_titles()
    for name in ("queries", "queries_fresh", "queries_third"):
        one = reading.read_queries(name)
        result.figures |= {
            f"{name}.category": one.category,
            f"{name}.precision": one.brand.precision,
            f"{name}.recall": one.brand.recall,
            f"{name}.intent": one.intent,
        }


def _planted(result: Result, _: Path | None) -> None:
    rows = []
    ways = (
        ("everybody", True, False),
        ("sure", False, False),
        ("by_words", True, True),
        ("by_words_sure", False, True),
    )
    for name, everybody, by_words in ways:
        one = planted.mean_refound(everybody=everybody, by_words=by_words)
        figures = {"precision": one.precision, "recall": one.recall, "f1": one.f1, "told": one.told}
        result.figures |= {f"planted.{name}.{key}": value for key, value in figures.items()}
        who = "everybody" if everybody else "the surer half, as in a run"
        source = "words of the queries" if by_words else "whole queries, as in a run"
        rows.append((source, who, *(f"{value:.3f}" for value in figures.values())))
    columns = ("found from", "who is told a group", "precision", "recall", "F1", "people told")
    result.details.append(Detail("Planted groups", columns, rows))
