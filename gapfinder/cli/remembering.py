"""``gapfinder explain KEYWORD --history``: one keyword through all stored runs."""

from __future__ import annotations

from gapfinder.cli.show import console, plain, print_json
from gapfinder.history import Moment, sparkline, stored_history
from indexer.stores import open_store


def remember(url: str, run: str, keyword: str, *, as_json: bool) -> None:
    """Show a keyword in all runs of a store, oldest first; ``run`` says which run's variants name it."""
    with open_store(url) as store:
        moments = stored_history(store, keyword, run)
    if as_json:
        print_json(moments)
        return
    _show(moments)


def _show(moments: list[Moment]) -> None:
    from gapfinder.cli.change_table import history_table

    screen = console()
    unmet = [moment["unmet_per_week"] for moment in moments]
    first, last = unmet[0], unmet[-1]
    screen.print(
        f"{plain(moments[-1]['keyword'])}  {sparkline(unmet)}  每周未满足 {first:,.0f} → {last:,.0f} 次，"
        f"共 {len(moments)} 次分析",
        soft_wrap=True,
        markup=False,
    )
    screen.print()
    screen.print(history_table(moments, screen.width))
    screen.print()
    screen.print("变化与前一次有此关键词的分析相比，误差之内记为基本不变。", style="dim", soft_wrap=True)
