"""``gapfinder recommend``: keywords for a launch."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.text import Text

from gapfinder.cli.columns import Column, fitted_table
from gapfinder.cli.show import console, plain, print_json
from gapfinder.market.opened import open_market
from gapfinder.market.recommend import Recommendation
from gapfinder.results import GAP_KIND_LABELS
from indexer.errors import UsageError

_SHOWN: Final = 20
_LONGEST: Final = 100_000  # characters of a text file that are read


def show_recommendations(
    url: str,
    run: str,
    *,
    word: str | None,
    category: str | None,
    note: str | None,
    around: str | None,
    top: int | None,
    as_json: bool,
) -> None:
    """Keywords in one of the four ways."""
    if sum(value is not None for value in (word, category, note, around)) != 1:
        raise UsageError(
            "name one of: a word, --category, --note, --around", hint="for example: gapfinder recommend 红屁股"
        )
    text = _file_text(note) if note is not None else None
    with open_market(url, run) as market:
        rows = market.recommend(
            word=word, category=category, note=note if text is None else None, text=text, around=around
        )
        name = market.info.run
    if as_json:
        print_json(rows[:top])
        return
    screen = console()
    if not rows:
        screen.print("没有合适的关键词。")
        return
    shown = rows[: top or _SHOWN]
    screen.print(fitted_table(_COLUMNS, shown, screen.width))
    more = f"，显示前 {len(shown)} 个" if len(rows) > len(shown) else ""
    screen.print(f"共 {len(rows):,} 个关键词{more}；{name}。", style="dim", markup=False)


def _file_text(note: str) -> str | None:
    """The text of a file; None where there is none, so that it names a note of the store."""
    path = Path(note)
    if path.is_dir():
        raise UsageError(f"{note} is a folder", hint="name one text file, or the id of a note of the store")
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            raw = file.read(4 * _LONGEST)
    except OSError as error:
        raise UsageError(f"{note}: the note can't be read: {error.strerror or error}") from error
    for encoding in ("utf-16",) if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)[:_LONGEST]
    raise UsageError(f"{note} is no text", hint="save it as UTF-8, GB18030 or UTF-16")


def _price(row: Recommendation) -> Text:
    return Text("–" if row["cpc"] is None else f"¥{row['cpc']:.2f}")


_COLUMNS: Final[tuple[Column[Recommendation], ...]] = (
    Column("关键词", lambda row: Text(plain(row["keyword"]), style="bold"), justify="left"),
    Column("缺口", lambda row: Text(GAP_KIND_LABELS[row["gap_kind"]]), justify="left"),
    Column("搜索/周", lambda row: Text(f"{row['demand_per_week']:,.0f}"), 8),
    Column("未满足/周", lambda row: Text(f"{row['unmet_per_week']:,.0f}")),
    Column("90% 区间", lambda row: Text(f"{row['unmet_low']:,.0f}–{row['unmet_high']:,.0f}"), 6),
    Column("匹配笔记", lambda row: Text(f"{row['notes_matching']:,}"), 5),
    Column("点击价", _price, 7),
    Column("理由", lambda row: Text(plain(row["reason"].partition("；")[0])), 9, "left"),
)
