"""Makes the sample market: ``python data/samples/generate.py [FOLDER]``. The same seed gives the same bytes."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from data.samples.market import bank, files, people, trade  # noqa: E402 - found once the root is on the path
from data.samples.market.notes import Note, Writer, answers  # noqa: E402 - found once the root is on the path
from data.samples.market.searching import Log, Search  # noqa: E402 - found once the root is on the path
from data.samples.market.truth import truth_of  # noqa: E402 - found once the root is on the path

SEED: Final = 20260824
_AD_HEADER: Final = (
    "keyword", "date", "impressions", "clicks", "cost", "conversions", "revenue", "note_id", "average_position",
)  # fmt: skip
_VOLUME_HEADER: Final = ("词包", "关键词", "推荐理由", "竞争指数", "竞争水平", "月均搜索指数", "市场出价")
_BAD_SEARCHES: Final = (
    ("", "2026-07-02 10:11:12", "u00017", "s990001"),
    ("洗发水推荐", "2026-13-45 25:61:00", "u00018", "s990002"),
    ("面膜", "前天晚上", "u00019", "s990003"),
    ("精华怎么用" * 60, "2026-07-03 09:00:00", "u00020", "s990004"),
    ("纸尿裤尺码", "", "u00021", "s990005"),
)
_BAD_NOTES: Final[tuple[dict[str, Any], ...]] = (
    {"note_id": "n90001", "title": "点赞写成了字", "content": "这一行的点赞数不是数字。", "likes": "很多很多"},
    {"note_id": "n90002", "author_id": "a0001", "likes": 3},
    {
        "note_id": "n90003",
        "title": "日期不存在",
        "content": "这一行的日期不存在。",
        "published_at": "2026-02-31T08:00:00",
    },
)


def note_row(note: Note) -> dict[str, Any]:
    """A note as its JSONL row; what is unknown is left out."""
    row: dict[str, Any] = {
        "note_id": note.note_id,
        "title": note.text.title,
        "content": note.text.content,
        "tags": note.text.tags,
        "author_id": note.author,
    }
    if note.published is not None:
        row["published_at"] = note.published.isoformat()
    if note.disclosed is not None:
        row["disclosed"] = note.disclosed
    if note.brand is not None:
        row["brand"] = note.brand
    return {**row, **note.figures, "updated_at": "2026-08-24T00:00:00"}


def search_row(search: Search) -> dict[str, Any]:
    """A search as its JSONL row; a result list that was not recorded is left out."""
    row: dict[str, Any] = {"query": search.query, "searched_at": search.at.isoformat()}
    if search.user is not None:
        row |= {"user_id": search.user, "session_id": search.session}
    if search.results is not None:
        row["results"] = search.results
    return row


def write_searches(folder: Path, searches: Sequence[Search], rng: Random) -> None:
    """Most searches with their results as JSONL, some without as the app's CSV export with a few bad rows."""
    app = {number for number, one in enumerate(searches) if one.results is None and one.user and rng.random() < 0.12}
    files.write_gzip(
        folder / "searches.jsonl.gz",
        (files.json_line(search_row(one)) for number, one in enumerate(searches) if number not in app),
    )
    rows: list[Sequence[Any]] = [
        (one.query, one.at.strftime("%Y-%m-%d %H:%M:%S"), one.user, one.session)
        for number, one in enumerate(searches)
        if number in app
    ]
    for number, bad in enumerate(_BAD_SEARCHES):
        rows.insert(100 + 150 * number, bad)
    files.write_csv(folder / "searches_app.csv", ("query", "searched_at", "user_id", "session_id"), rows)


def write_market(folder: Path, seed: int = SEED) -> None:
    """All files of the market into a folder."""
    rng = Random(seed)
    market, common = bank.read_market(), bank.read_sections("common.txt")
    keywords = [keyword for category in market for topic in category.topics for keyword in topic.keywords]
    writer = Writer(market, common, rng)
    notes = writer.write()
    users = people.make_people(rng)
    helpful = {keyword.text: answers(keyword, notes) for keyword in keywords}
    log = Log(keywords, notes, helpful, users, rng)
    dust = {name: " ".join(lines).split() for name, lines in bank.read_sections("dust.txt").items()}
    dust["alone"] = [line for lines in bank.read_sections("dust.txt")["alone"] for line in lines.split()]
    searches = log.write(dust)

    rows = [note_row(note) for note in notes]
    for number, bad in enumerate(_BAD_NOTES):
        rows.insert(500 + 700 * number, bad)
    files.write_gzip(folder / "notes.jsonl.gz", (files.json_line(row) for row in rows))
    write_searches(folder, searches, rng)
    files.write_xlsx(folder / "ads.xlsx", _AD_HEADER, trade.ad_rows(keywords, notes, rng))
    files.write_csv(folder / "volumes.csv", _VOLUME_HEADER, trade.volume_rows(keywords, rng))
    files.write_dicts(folder / "creators.csv", people.creator_rows(notes, rng))
    files.write_dicts(folder / "audiences.csv", people.audience_rows(users, rng))
    products = trade.product_rows(market, rng)
    files.write_dicts(folder / "products.csv", products, encoding="gb18030")
    files.write_dicts(folder / "orders.csv", trade.order_rows(products, notes, keywords, rng))
    files.write_dicts(
        folder / "comments.csv", trade.comment_rows(market, notes, users.members["everyone"], common, rng)
    )
    truth = truth_of(market, log, notes, writer.notes, seed)
    lines = json.dumps(truth, ensure_ascii=False, indent=None, separators=(",", ":"))
    for key in truth:
        lines = lines.replace(f',"{key}":', f',\n"{key}":', 1)
    (folder / "truth.json").write_text(lines.replace('},{"keyword"', '},\n{"keyword"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    target.mkdir(parents=True, exist_ok=True)
    write_market(target)
    print(f"written to {target}")
