"""``gapfinder mentions``: every note and query that speaks of something, with the very words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from rich.text import Text

from gapfinder.cli.columns import Column, fitted_table
from gapfinder.cli.show import console, plain, print_json_list
from gapfinder.market.mention_rows import NOTES, QUERIES, SIDES
from gapfinder.market.mentioned import Mentioned, StoredMentions
from gapfinder.market.mentions import KINDS
from gapfinder.market.passages import (
    CONTENT,
    QUERY,
    TITLE,
    WHOLE,
    Mark,
    Passage,
    note_passages,
    query_passages,
    run_snapshot,
)
from gapfinder.reporting.mention_files import write_mentions
from gapfinder.reporting.words import LEVEL_LABELS
from gapfinder.runs import find_run
from indexer.errors import UsageError
from indexer.stores import open_store
from indexer.stores.contract import Snapshot

_SOLD: Final = ("brand", "product")
_SHOWN: Final = 10
_CATEGORIES: Final = 5  # in which a name is told apart on a terminal
_TITLE: Final = 24  # characters of a title on a terminal
_FIELDS: Final = {TITLE: "标题", CONTENT: "正文", "brand": "品牌字段", QUERY: "搜索词", WHOLE: "通篇用词"}


def show_mentions(
    url: str,
    run: str,
    name: str,
    *,
    level: str | None,
    category: str | None,
    side: str | None,
    top: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """The notes and queries that speak of something."""
    if level is not None and level not in KINDS:
        raise UsageError(f"there is no level {level!r}", hint="levels: " + ", ".join(KINDS))
    if side is not None and side not in SIDES:
        raise UsageError(f"--in {side!r} is nothing to look in", hint="look in: " + ", ".join(SIDES))
    if out is not None and as_json:
        raise UsageError("--out and --json are two answers", hint="give one of them")
    with open_store(url) as store:
        info = find_run(store, run)
        mentions = StoredMentions(store, info)
        subjects = mentions.find(name, level, category)
        with closing(run_snapshot(store, info)) as snapshot:
            sides = SIDES if side is None else (side,)
            if out is not None or as_json:
                found = (one for own in sides for one in islice(_passages(mentions, snapshot, subjects, own, top), top))
                if out is None:
                    print_json_list(found)
                    return
                written = write_mentions(found, out)
                console(errors=True).print(
                    f"已写入 {written:,} 处提及：{plain(str(out))}。", soft_wrap=True, markup=False
                )
                return
            most = top or _SHOWN
            largest = sorted(subjects, key=_size)
            shown = {own: list(_passages(mentions, snapshot, largest, own, most)) for own in sides}
    _print(subjects, shown)


def _passages(
    mentions: StoredMentions, snapshot: Snapshot, subjects: Sequence[Mentioned], side: str, most: int | None
) -> Iterator[Passage]:
    if side == NOTES:
        return note_passages(mentions, snapshot, subjects, most=most)
    return islice((one for subject in subjects for one in query_passages(mentions, subject)), most)


def _print(subjects: Sequence[Mentioned], shown: dict[str, list[Passage]]) -> None:
    screen = console()
    for level in dict.fromkeys(one["level"] for one in subjects):
        _print_level([one for one in subjects if one["level"] == level])
    for side, columns in ((NOTES, _NOTE_COLUMNS), (QUERIES, _QUERY_COLUMNS)):
        rows = shown.get(side)
        if rows is None:
            continue
        screen.print()
        if not rows:
            screen.print("没有笔记提到。" if side == NOTES else "没有搜索词提到。")
            continue
        screen.print(fitted_table(columns, rows, screen.width))
        total = sum(one["notes"] if side == NOTES else one["queries"] for one in subjects)
        if total > len(rows):
            what = "篇笔记" if side == NOTES else "个搜索词"
            screen.print(
                f"共 {total:,} {what}，显示前 {len(rows):,} {what[0]}；--top 看更多，--out mentions.csv 导出每一处。",
                style="dim",
                soft_wrap=True,
                markup=False,
            )


def _size(one: Mentioned) -> tuple[int, int, int, str]:
    """The most spoken of first, level by level."""
    return KINDS.index(one["level"]), -one["notes"], -one["queries"], one["category"] or ""


def _print_level(subjects: Sequence[Mentioned]) -> None:
    """What is called so on one level, the most spoken of first, in as many categories as have room."""
    screen = console()
    largest = sorted(subjects, key=_size)
    for one in largest[:_CATEGORIES]:
        within = f"（{plain(one['category'] or '不分品类')}）" if one["level"] != "category" else ""
        screen.print(Text.assemble(*_called(one), within, _figures([one])), soft_wrap=True)
    if len(largest) > _CATEGORIES:
        more = f"（共 {len(largest):,} 个品类）"
        screen.print(Text.assemble(*_called(largest[0]), more, _figures(largest)), soft_wrap=True)


def _called(one: Mentioned) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f"{LEVEL_LABELS[one['level']]} ", "dim"), (plain(one["name"]), "bold")


def _figures(subjects: Sequence[Mentioned]) -> str:
    notes, places, queries, asked = (
        sum(one[name] for one in subjects) for name in ("notes", "note_mentions", "queries", "query_mentions")
    )
    return f"：{notes:,} 篇笔记提到 {places:,} 处，{queries:,} 个搜索词提到 {asked:,} 处"


def _snippet(row: Passage) -> Text:
    """The first place, its words marked."""
    mark = row["marks"][0]
    if mark["start"] is None:
        told = "没写全名，按品牌、卖点或归档的产品判断" if row["level"] in _SOLD else "没有直接提到，按通篇用词判断"
        return Text(told, style="dim")
    return Text.assemble(plain(mark["before"]), "【", (plain(mark["words"]), "bold"), "】", plain(mark["after"]))


def _field(mark: Mark) -> str:
    name, _, number = mark["field"].partition(" ")
    return f"标签 {number}" if number else _FIELDS[name]


def _place(row: Passage) -> Text:
    mark = row["marks"][0]
    return Text("–" if mark["start"] is None else f"{mark['start']:,}–{mark['end']:,}")


def _searchers(row: Passage) -> Text:
    return Text("未知" if row["searchers"] is None else f"{row['searchers']:,}")


def _marked(row: Passage) -> Text:
    """A whole query with its words marked."""
    query = row["query"] or ""
    text, at = Text(), 0
    for mark in row["marks"]:
        if mark["start"] is not None and mark["end"] is not None:
            text.append(plain(query[at : mark["start"]]))
            text.append(plain(query[mark["start"] : mark["end"]]), "bold")
            at = mark["end"]
    text.append(plain(query[at:]))
    return text


_NOTE_COLUMNS: Final[tuple[Column[Passage], ...]] = (
    Column("原文", _snippet, justify="left"),
    Column("字段", lambda row: Text(_field(row["marks"][0])), 4, "left"),
    Column("字符", _place, 5),
    Column("共几处", lambda row: Text(f"{len(row['marks']):,}"), 3),
    Column("笔记", lambda row: Text(plain(row["note_id"] or "")), justify="left"),
    Column("标题", lambda row: Text(plain((row["title"] or "–")[:_TITLE])), 1, "left"),
    Column("品类", lambda row: Text(plain(row["category"] or "–")), 2, "left"),
)
_QUERY_COLUMNS: Final[tuple[Column[Passage], ...]] = (
    Column("搜索词", _marked, justify="left"),
    Column("字符", _place, 3),
    Column("搜索", lambda row: Text(f"{row['searches'] or 0:,}")),
    Column("人数", _searchers, 2),
    Column("品类", lambda row: Text(plain(row["category"] or "–")), 1, "left"),
)
