"""``gapfinder calibrate``: learn the content model anew, and say how far it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gapfinder.analysis import calibrate_anew
from gapfinder.answers.learning import FEWEST, FEWEST_ANSWERED
from gapfinder.answers.model import LEARNED
from gapfinder.calibration import Calibration, forget_models
from gapfinder.cli.analyzing import steps
from gapfinder.cli.show import console, print_json, warn
from gapfinder.labels import read_labels
from gapfinder.measuring import Calibrations
from gapfinder.reporting.trust import HELD_OUT
from gapfinder.settings import Settings
from indexer.stores import open_store


def run_calibration(url: str, settings: Settings, labels_file: Path | None, *, as_json: bool) -> None:
    """Learn from the newest snapshot of a store, keep the model, say what it knows and how well."""
    told = None if labels_file is None else read_labels(labels_file)
    with open_store(url) as store, steps() as step:
        models = calibrate_anew(store, settings, labels=told, step=step, warn=warn)
    labels = settings.whole("calibration_labels")
    made = models.beyond(Calibrations())
    if as_json:
        print_json([{**one.as_json(), "calibrated": one.calibrated(labels)} for one in made])
        return
    for one in made:
        _show(one, labels)
    console(errors=True).print("接下来：gapfinder analyze（今后的分析都用这个模型）", style="dim")


def run_forgetting(url: str, *, as_json: bool) -> None:
    """Delete the kept models of a store."""
    with open_store(url) as store:
        forgotten = forget_models(store)
    if as_json:
        print_json([{"forgotten": forgotten}])
        return
    console().print(f"已删除 {forgotten} 个模型；下次分析会重新学习。" if forgotten else "没有保存过模型，无须删除。")


def _show(made: Calibration, labels: int) -> None:
    screen = console()
    basis, lessons = made.basis, made.basis["lessons"]
    learned = made.model.origin == LEARNED
    screen.print(
        f"[bold]{made.model.name}[/bold]" + ("" if basis["embedder"] is None else "（含语义）"), soft_wrap=True
    )
    came = "学自" if learned else "数据太少，沿用随程序附带的模型；看过"
    screen.print(
        f"{came} {basis['snapshot']} 的 {basis['notes']:,} 篇笔记和 {basis['searches']:,} 次搜索，"
        f"{basis['window']['from']} 至 {basis['window']['to']}（不含）",
        soft_wrap=True,
    )
    screen.print(
        f"日志里的搜索词 {lessons['log']:,} 个，由笔记拟出的搜索词 {lessons['made']:,} 个；"
        f"其中结果已知的搜索词 {lessons['outcomes']:,} 个，读过或看后离开的“搜索词–笔记”{lessons['clicked']:,} 对",
        soft_wrap=True,
    )
    screen.print()
    if learned:
        _show_figures(made.model.figures)
    else:
        screen.print(
            f"至少要有 {FEWEST} 个可用的搜索词，其中 {FEWEST_ANSWERED} 个由笔记拟出，才能从您的数据学习。",
            soft_wrap=True,
        )
    screen.print(_verdict(made, labels), style="bold", soft_wrap=True)


def _show_figures(figures: Mapping[str, Any]) -> None:
    """The figures on held-out queries, and how to read them."""
    from rich.table import Table

    table = Table("留出检验", box=None, pad_edge=False, header_style="bold")
    for name in ("搜索词", "AUC", "Brier", "ECE"):
        table.add_column(name, justify="right")
    for test, label in HELD_OUT.items():
        if test in figures:
            one = figures[test]
            values = ("–" if one[name] is None else f"{one[name]:.3f}" for name in ("auc", "brier", "ece"))
            table.add_row(label, f"{one['queries']:,}", *values)
    screen = console()
    screen.print(table)
    screen.print()
    for line in (
        "每五个搜索词留一个不参与学习，只用来检验。",
        "AUC：任取一个没人回答的词和一个有人回答的词，模型把前者排在前面的机会；0.5 等于抛硬币，1 是全对。",
        "Brier：概率与事实之差的平方，越小越好；一律说“一半”是 0.25。",
        "ECE：模型说七成，实际是不是七成；两者平均差多少，0.03 即差 3 个百分点。",
    ):
        screen.print(line, style="dim", soft_wrap=True)
    screen.print()


def _verdict(made: Calibration, labels: int) -> str:
    """Whether probabilities may be taken at their word."""
    outcomes = made.basis["lessons"]["outcomes"]
    if made.calibrated(labels):
        return f"已校准：{outcomes:,} 个搜索词的真实结果参与了学习，概率可以当真。"
    if outcomes < labels:
        return (
            f"尚未校准：结果已知的搜索词有 {outcomes:,} 个，至少要 {labels} 个。概率可以用来排先后，不要当作实际比例。"
        )
    return "尚未校准：没能从您的数据学出模型。概率可以用来排先后，不要当作实际比例。"
