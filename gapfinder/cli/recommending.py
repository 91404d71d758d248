"""``gapfinder recommend``: keywords for a launch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.text import Text

from gapfinder.cli.columns import Column, fitted_table
from gapfinder.cli.show import console, plain, print_json
from gapfinder.market.recommend import Market, Recommendation
from gapfinder.market.stored import has_market, read_category_names, read_points, read_together
from gapfinder.results import GAP_KIND_LABELS, Gap
from gapfinder.runs import find_gap, find_run, read_gaps
from indexer.errors import NotFoundError, UsageError
from indexer.importer import store_dictionary
from indexer.normalize import normalize
from indexer.segment import segmenter_of
from indexer.stores import open_store
from indexer.stores.contract import Store

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
    with open_store(url) as store:
        info = find_run(store, run)
        points = read_points(store, info) if has_market(info) else []
        with store.snapshot() as snapshot:
            segmenter = segmenter_of(store_dictionary(snapshot))
            text = _note_text(store, note) if note is not None else ""
        market = Market(list(read_gaps(store, info)), points, segmenter.query_terms)
        if word is not None:
            rows = market.by_word(word)
        elif category is not None:
            rows = market.by_category(*_known(read_category_names(store, info, category), market.gaps))
        elif around is not None:
            together = read_together(store, info, find_gap(market.gaps, around)["keyword"])
            if together is None:
                raise NotFoundError(f"too few people searched anything right before or after {around!r}")
            rows = market.by_session(together)
        else:
            rows = market.by_note(text)
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
    screen.print(f"共 {len(rows):,} 个关键词{more}；{info.run}。", style="dim", markup=False)


def _known(categories: Sequence[str], gaps: Sequence[Gap]) -> Sequence[str]:
    """A category and those below it, if the run has keywords of one."""
    names = sorted({gap["category"] for gap in gaps if gap["category"]})
    if {normalize(name) for name in names}.isdisjoint(map(normalize, categories)):
        raise NotFoundError(f"the run has no category {categories[0]!r}", hint="categories: " + ", ".join(names[:10]))
    return categories


def _note_text(store: Store, note: str) -> str:
    """The text of a note of the store, or of a file."""
    path = Path(note)
    if path.is_file():
        try:
            return path.read_text(encoding="utf-8-sig")[:_LONGEST]
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{note}: the note can't be read as UTF-8 text") from error
    with store.snapshot() as snapshot:
        found = snapshot.by_id("note", [note], ["note_id", "title", "content"]).to_pylist()
    if not found:
        raise NotFoundError(f"there is no note {note!r}", hint="name the id of a note of the store, or a text file")
    return f"{found[0]['title'] or ''} {found[0]['content'] or ''}"


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
