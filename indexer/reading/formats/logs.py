"""Search logs: OpenSearch UBI (queries and events), SogouQ, Qilin."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from indexer.reading.chunks import Chunk
from indexer.reading.formats.format import Format, cells, column, names, targets

SOGOU_COLUMNS: Final = ("访问时间", "用户ID", "[查询词]", "排名", "点击顺序号", "点击URL")
SOGOU_LINE: Final = re.compile(r"[^\t]+\t[^\t]*\t[^\t]*\t\d+[\t ]\d+\t\S.*")
_CLICKS: Final = frozenset(
    ("click", "item_click", "product_click", "result_click", "search_click", "click_through", "select")
)
_SHOWN: Final = frozenset(
    ("impression", "item_impression", "product_impression", "view", "item_view", "product_hover", "hover", "watch")
)
_ACTS: Final = {
    **dict.fromkeys(("like", "upvote", "thumbs_up"), "liked"),
    **dict.fromkeys(
        ("collect", "favorite", "favourite", "save", "add_to_cart", "purchase", "conversion", "bookmark"), "collected"
    ),
    **dict.fromkeys(("comment", "reply"), "commented"),
    "share": "shared",
}
_DWELL: Final = frozenset(("dwell", "dwell_time", "read", "item_dwell", "page_exit", "leave"))


def _as_dict(cell: Any) -> dict[str, Any]:
    """A nested object, whether it came as one or as its JSON text in a cell."""
    if isinstance(cell, str) and cell.lstrip().startswith("{"):
        try:
            cell = orjson.loads(cell)
        except orjson.JSONDecodeError:
            return {}
    return cell if isinstance(cell, dict) else {}


def _ubi_queries(chunk: Chunk) -> Chunk:
    """Hits become results; an empty list counts as "nothing found" only when results were asked for.

    Pages ask for facets with ``size: 0``; such requests have an empty list and say nothing about the supply. Requests
    without words are browsing and are passed over.
    """
    words = cells(chunk, "user_query")
    chunk = chunk.taken([n for n in range(len(chunk)) if not (words[n] is None or str(words[n]).strip() == "")])
    found: list[Any] = []
    attributes, sent = cells(chunk, "query_attributes"), cells(chunk, "query")
    for n, hits in enumerate(cells(chunk, "query_response_hit_ids")):
        listed = _listed(hits)
        if listed is not None and not listed and _asked_for_none(attributes[n], sent[n]):
            listed = None
        found.append(listed)
    chunk.columns["query hits"] = found
    return chunk


def _listed(hits: Any) -> list[Any] | None:
    if hits is None or hits == "":
        return None
    if isinstance(hits, str):
        try:
            hits = orjson.loads(hits)
        except orjson.JSONDecodeError:
            hits = [part.strip() for part in hits.split(",") if part.strip()]
    return hits if isinstance(hits, list) else [hits]


def _asked_for_none(attributes: Any, sent: Any) -> bool:
    if str(_as_dict(attributes).get("size")) == "0":
        return True
    return (
        re.search(r'"size"\s*:\s*0\b', sent if isinstance(sent, str) else str(_as_dict(sent)).replace("'", '"'))
        is not None
    )


def _ubi_events(chunk: Chunk) -> Chunk:
    """One result for each event that says something about one; other events are passed over."""
    actions, attributes = cells(chunk, "action_name"), cells(chunk, "event_attributes")
    query_ids = cells(chunk, "query_id")
    results = [_event_result(action, _as_dict(about)) for action, about in zip(actions, attributes, strict=True)]
    keep = [n for n in range(len(chunk)) if results[n] is not None and query_ids[n] not in (None, "")]
    taken = chunk.taken(keep)
    taken.columns["event result"] = [[results[n]] for n in keep]
    return taken


def _event_result(action: Any, about: dict[str, Any]) -> dict[str, Any] | None:
    target = _as_dict(about.get("object"))
    note = target.get("object_id") or target.get("internal_id") or about.get("object_id")
    name = str(action).strip().lower()
    if note in (None, ""):
        return None
    result: dict[str, Any] = {"note_id": note, "position": _as_dict(about.get("position")).get("ordinal")}
    dwell = about.get("dwell_time") if about.get("dwell_time") is not None else about.get("dwell_seconds")
    if name in _CLICKS:
        result["clicked"] = True
    elif name in _ACTS:
        result[_ACTS[name]] = True
    elif name not in _SHOWN and (name not in _DWELL or dwell is None):
        return None
    if dwell is not None:
        result["dwell_seconds"] = dwell
    return result


UBI_QUERIES: Final = Format(
    "OpenSearch UBI queries",
    "search",
    names("query_id,user_query,client_id"),
    targets(
        "query_id > search_id\nuser_query > query\ntimestamp > searched_at\nclient_id > user_id\n"
        "session_id > session_id\n"
        "query hits > results"
    ),
    known=names("query,query_response_id,query_response_hit_ids,query_attributes,indexes,application,object_id_field"),
    prepare=_ubi_queries,
    merge=True,
)
UBI_EVENTS: Final = Format(
    "OpenSearch UBI events",
    "search",
    names("action_name,query_id,event_attributes"),
    targets(
        "query_id > search_id\ntimestamp > searched_at\nclient_id > user_id\nsession_id > session_id\n"
        "event result > results"
    ),
    known=names("application,action_name,message_type,message,user_query,event_attributes"),
    prepare=_ubi_events,
    merge=True,
)


def _sogou_rows(chunk: Chunk) -> Chunk:
    """A line is a click: one result. The query stands in brackets."""
    urls, ranks = cells(chunk, "点击url"), cells(chunk, "排名")
    chunk.columns["click result"] = [
        [{"note_id": str(url).strip(), "position": rank, "clicked": True}]
        for url, rank in zip(urls, ranks, strict=True)
    ]
    words = cells(chunk, "[查询词]")
    chunk.columns["query words"] = [
        word[1:-1] if isinstance(word, str) and word.startswith("[") and word.endswith("]") else word for word in words
    ]
    return chunk


SOGOU: Final = Format(
    "SogouQ",
    "search",
    names(",".join(SOGOU_COLUMNS)),
    targets("访问时间 > searched_at\n用户ID > user_id\nquery words > query\nclick result > results"),
    known=names("[查询词],排名,点击顺序号,点击URL"),
    prepare=_sogou_rows,
    merge=True,
)


def sogou_cells(cells_of_line: Iterable[str]) -> list[str]:
    """The six fields of a line; rank and order are parted by a space in one of the published files."""
    out: list[str] = []
    for place, cell in enumerate(cells_of_line):
        out.extend(cell.split(" ") if place == 3 and " " in cell else [cell])  # noqa: PLR2004 - the fourth field
    return out


def _qilin_searches(chunk: Chunk) -> Chunk:
    """The time of a search is that of its first impression."""
    found = column(chunk, "search_result_details_with_idx")
    found = column(chunk, "impressions") if found is None else found
    if isinstance(found, pa.Array) and pa.types.is_list(found.type):
        times = pc.struct_field(found.values, "search_timestamp") if pa.types.is_struct(found.type.value_type) else None
        lists = None if times is None else pa.ListArray.from_arrays(found.offsets, times, mask=found.is_null())
        stamps = [None] * len(found) if lists is None else lists.to_pylist()
        chunk.columns["first shown"] = [_earliest(row) for row in stamps]
    else:
        rows = [] if found is None else found
        chunk.columns["first shown"] = [
            _earliest([entry.get("search_timestamp") for entry in row if isinstance(entry, dict)])
            if isinstance(row, list)
            else None
            for row in (rows or [None] * len(chunk))
        ]
    return chunk


def _earliest(stamps: list[Any] | None) -> float | None:
    known = [stamp for stamp in stamps or () if isinstance(stamp, int | float) and stamp == stamp]  # noqa: PLR0124 - not NaN
    return min(known, default=None)


# search_idx is an order of rows in each file, so it can't be an identity across files.
_QILIN_SEARCH: Final = "query > query\nfirst shown > searched_at\nuser_idx > user_id\nsession_idx > session_id\n"
_QILIN_REST: Final = names("source,query_from_type,search_idx,recent_clicked_note_idxs")
QILIN_SEARCHES: Final = Format(
    "Qilin searches",
    "search",
    names("query,user_idx,session_idx,search_result_details_with_idx"),
    targets(_QILIN_SEARCH + "search_result_details_with_idx > results"),
    known=_QILIN_REST,
    prepare=_qilin_searches,
)
QILIN_SEARCHES_JSON: Final = Format(
    "Qilin searches (JSONL)",
    "search",
    names("query,user_idx,session_idx,impressions"),
    targets(_QILIN_SEARCH + "impressions > results"),
    known=_QILIN_REST,
    prepare=_qilin_searches,
)


def _qilin_notes(chunk: Chunk) -> Chunk:
    """Note type 1 is images, 2 is video; commercial_flag is the platform's own filing."""
    kinds = {"1": "image", "2": "video"}
    chunk.columns["kind of note"] = [
        kinds.get(str(cell).removesuffix(".0")) if cell is not None else None for cell in cells(chunk, "note_type")
    ]
    return chunk


QILIN_NOTES: Final = Format(
    "Qilin notes",
    "note",
    names("note_idx,note_title,note_content"),
    targets(
        "note_idx > note_id\nnote_title > title\nnote_content > content\nkind of note > note_type\n"
        "commercial_flag > disclosed\n"
        "imp_num > impressions\nimp_search_num > search_impressions\nclick_num > reads\nview_time > read_seconds\n"
        "like_num > likes\ncollect_num > collects\ncomment_num > comments\nshare_num > shares\nfollow_num > follows"
    ),
    known=names(
        "note_type,video_duration,video_height,video_width,image_num,image_path,content_length,taxonomy1_id,"
        "taxonomy2_id,"
        "taxonomy3_id,imp_rec_num,click_rec_num,click_search_num,screenshot_num,hide_num,rec_like_num,"
        "rec_collect_num,"
        "rec_comment_num,rec_share_num,rec_follow_num,search_like_num,search_collect_num,search_comment_num,"
        "search_share_num,"
        "search_follow_num,accum_like_num,accum_collect_num,accum_comment_num,rec_view_time,search_view_time,"
        "valid_view_times,"
        "full_view_times"
    ),
    prepare=_qilin_notes,
)

FORMATS: Final = (UBI_QUERIES, UBI_EVENTS, SOGOU, QILIN_SEARCHES, QILIN_SEARCHES_JSON, QILIN_NOTES)
