"""``gapfinder analyze``: a spinner that says what is being done, then what was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gapfinder.analysis import Analyzed, analyze
from gapfinder.cli.show import console, plain, print_json, warn
from gapfinder.measuring import Step
from gapfinder.reporting.trust import trust_lines
from gapfinder.settings import SETTINGS, Settings
from indexer.errors import UsageError
from indexer.stores import open_store
from indexer.stores.contract import Store


def values_of(pairs: list[str]) -> dict[str, float]:
    """``name=value`` pairs of ``--set``; the names and ranges are checked by :meth:`Settings.of`."""
    values = {}
    for pair in pairs:
        name, sign, value = (part.strip() for part in pair.partition("="))
        if not sign:
            raise UsageError(f"--set {pair!r} is not name=value", hint="for example --set half_life_days=365")
        try:
            values[name] = float(value)
        except ValueError as error:
            raise UsageError(f"--set {name}: {value!r} is not a number") from error
    return values


def list_settings(*, as_json: bool) -> None:
    """All settings with their defaults, units and ranges."""
    if as_json:
        print_json(
            [
                {"name": s.name, "default": s.default, "unit": s.unit, "least": s.least, "most": s.most, "help": s.help}
                for s in SETTINGS.values()
            ]
        )
        return
    from rich.table import Table

    table = Table("setting", "default", "unit", "range", "meaning", box=None, pad_edge=False, header_style="bold")
    for s in SETTINGS.values():
        table.add_row(s.name, f"{s.default:g}", s.unit, f"{s.least:g} – {s.most:g}", s.help)
    console().print(table)


@contextmanager
def steps() -> Iterator[Step]:
    """A spinner on a terminal that names the step at hand; silence in a pipe."""
    screen = console(errors=True)
    if not screen.is_terminal:
        yield lambda _: None
        return
    with screen.status("…") as status:
        yield lambda text: status.update(text + "…")


def analyzed(store: Store, settings: Settings, name: str) -> Analyzed:
    """Analyze with a spinner."""
    with steps() as step:
        return analyze(store, settings, name=name, step=step, warn=warn)


def run_analysis(url: str, settings: Settings, *, name: str, as_json: bool) -> None:
    """Analyze the newest snapshot of a store and say what came out."""
    with open_store(url) as store:
        done = analyzed(store, settings, name)
    answer = done.as_json()
    if as_json:
        print_json([answer])
        return
    screen = console()
    screen.print(f"[bold]{answer['run']}[/bold]", soft_wrap=True)
    screen.print(
        f"{answer['from']} 至 {answer['to']}（不含）：{answer['searches']:,} 次搜索，{answer['notes']:,} 篇笔记，"
        f"{answer['keywords']:,} 个关键词；用时 {answer['seconds']:.1f} 秒（{answer['snapshot']}）",
        soft_wrap=True,
    )
    totals = done.info.manifest["totals"]
    if totals["unmet_high"] > 0:  # head terms alone have no total: a search counts for several of them
        screen.print(
            f"每周未满足的搜索合计约 {totals['unmet_per_week']:,.0f} 次"
            f"（90% 区间 {totals['unmet_low']:,.0f}–{totals['unmet_high']:,.0f}）",
            soft_wrap=True,
        )
    for line in trust_lines(done.info.manifest):
        screen.print(plain(line), soft_wrap=True, markup=False)
    console(errors=True).print("接下来：gapfinder gaps，或 gapfinder report --out report.html", style="dim")
