"""Raw fields -> the whole record: segmented text, keys, days, sums and near-duplicate sketches, batches at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer import identity
from indexer.grams import OPENING, all_character_grams
from indexer.normalize import SEPARATOR, normalize_joined
from indexer.records import AD, COMMENT, CONTENT_HASH, NOTE, RECORDS, SEARCH, VOLUME
from indexer.segment import Segmenter, query_key
from indexer.sketch import sketches

LONGEST_QUERY: Final = 256  # characters
_HASHTAG: Final = re.compile(r"#([^#\s\[\]]{1,60})(?:\[话题\]#?)|#([^#\s\[\],，。.!！?？;；:：]{1,30})")
_ENGAGEMENT: Final = ("likes", "collects", "comments", "shares", "follows")
_ZONE: Final = "Asia/Shanghai"

Refused = dict[int, str]


def derive(record: str, raw: pa.Table, segmenter: Segmenter) -> tuple[pa.Table, Refused]:
    """The table of a record with its derived columns and ``content_hash``.

    Args:
        record: The record's name.
        raw: Its raw fields (all of them; a missing id only where it is a derived field).
        segmenter: What cuts the text.

    Returns:
        The full table in the record's schema, without the rows that can't be derived, and those rows' indices in
        ``raw`` with the reason.
    """
    kept, refused = raw, {}
    columns: dict[str, pa.Array] = {}
    keyed = {SEARCH.name: "query", VOLUME.name: "keyword", AD.name: "keyword"}.get(record)
    if keyed is not None:
        cut = cut_queries(_array(raw[keyed]).to_pylist(), segmenter)
        refused = {index: reason for index, (_, _, reason) in enumerate(cut) if reason}
        if refused:
            keep = [index for index in range(len(raw)) if index not in refused]
            kept, cut = raw.take(pa.array(keep, pa.int64())), [cut[index] for index in keep]
        columns |= _search_columns(kept, cut) if record == SEARCH.name else _keyword_columns(cut)
    if record == NOTE.name:
        kept = with_hashtags(kept)
        columns |= _note_columns(kept, segmenter)
    elif record == COMMENT.name:
        texts = pa.array(_cut(_array(kept["text"]), segmenter), pa.string())
        columns["text_terms"] = _lists_of(len(kept), (np.arange(len(kept)), texts))
    elif record in (VOLUME.name, AD.name):
        name = RECORDS[record].id_field
        made = identity.volume_ids if record == VOLUME.name else identity.ad_ids
        columns[name] = _array(kept[name]) if name in kept.column_names else made(kept)
    schema = RECORDS[record].schema
    columns[CONTENT_HASH] = identity.content_hashes(kept, RECORDS[record])
    arrays = [
        columns.get(field.name, kept[field.name] if field.name in kept.column_names else None) for field in schema
    ]
    return pa.table(arrays, schema=schema), refused


def cut_queries(queries: Sequence[str], segmenter: Segmenter) -> list[tuple[str, str, str]]:
    """Of each query its normal form, its terms parted by spaces, and why it can't be taken (empty: it can)."""
    if not queries:
        return []
    distinct = list(dict.fromkeys(queries))
    fits = [query if len(query.strip()) <= LONGEST_QUERY else "" for query in distinct]
    norms = normalize_joined(fits).split(SEPARATOR)
    taken = [norm if len(norm) <= LONGEST_QUERY else "" for norm in norms]
    terms = segmenter.segment_queries(taken)
    known = {query: _cut_query(query, *cut) for query, *cut in zip(distinct, norms, terms, strict=True)}
    return [known[query] for query in queries]


def _cut_query(query: str, norm: str, terms: str) -> tuple[str, str, str]:
    longest = max(len(query.strip()), len(norm))
    if longest > LONGEST_QUERY:
        return "", "", f"a query of {longest:,} characters is longer than {LONGEST_QUERY}"
    return (norm, terms, "") if terms else ("", "", "a query without a word")


def with_hashtags(notes: pa.Table) -> pa.Table:
    """Notes without tags get the #hashtags# of their content."""
    tags, content = _array(notes["tags"]), _array(notes["content"])
    bare = pc.equal(pc.fill_null(pc.list_value_length(tags), 0), 0)
    marked = pc.fill_null(pc.and_(bare, pc.match_substring(content, "#")), False)  # noqa: FBT003 - a value, not a flag
    indices = np.flatnonzero(marked.to_numpy(zero_copy_only=False))
    if not len(indices):
        return notes
    lists = tags.to_pylist()
    for index in indices.tolist():
        found = dict.fromkeys((one or two).strip() for one, two in _HASHTAG.findall(content[index].as_py()))
        lists[index] = [tag for tag in found if tag] or lists[index]
    place = notes.column_names.index("tags")
    return notes.set_column(place, "tags", pa.array(lists, tags.type))


def _note_columns(notes: pa.Table, segmenter: Segmenter) -> dict[str, pa.Array]:
    tags = _array(notes["tags"])
    flat = tags.flatten().dictionary_encode()
    codes = flat.indices.to_numpy()
    tag_terms = segmenter.segment_all(flat.dictionary.to_pylist())
    titles, contents = (_cut(_array(notes[name]), segmenter) for name in ("title", "content"))
    owner = np.repeat(np.arange(len(notes)), pc.fill_null(pc.list_value_length(tags), 0).to_numpy())

    def tagged(distinct: list[str]) -> tuple[npt.NDArray[np.int64], pa.Array]:
        return owner, pa.array(distinct, pa.string()).take(pa.array(codes))

    def of_all(values: list[str]) -> tuple[npt.NDArray[np.int64], pa.Array]:
        return np.arange(len(notes)), pa.array(values, pa.string())

    sums: pa.Array = pa.array(np.zeros(len(notes), np.int64))
    for name in _ENGAGEMENT:
        sums = pc.add(sums, pc.fill_null(_array(notes[name]), 0))
    title, tag = of_all(titles), tagged(tag_terms)
    grams = of_all(all_character_grams(titles)), of_all(all_character_grams(contents, OPENING))
    return {
        "text_terms": _lists_of(len(notes), title, of_all(contents), tag),
        "headline_terms": _lists_of(len(notes), title, tag),
        "gram_terms": _lists_of(len(notes), *grams, tagged(all_character_grams(tag_terms))),
        "published_day": _days(_array(notes["published_at"])),
        "engagement": sums,
        "sketch": pa.array(sketches([f"{title} {content}" for title, content in zip(titles, contents, strict=True)])),
    }


def _lists_of(rows: int, *parts: tuple[npt.NDArray[np.int64], pa.Array]) -> pa.Array:
    """The values that are not empty of each row, part after part, as lists; a part is the rows and the values."""
    values = pa.concat_arrays([values for _, values in parts])
    owner = np.concatenate([owner for owner, _ in parts])
    kept = np.flatnonzero(pc.binary_length(values).to_numpy() > 0)
    order = kept[np.argsort(owner[kept], kind="stable")]
    offsets = np.concatenate(([0], np.cumsum(np.bincount(owner[kept], minlength=rows))))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values.take(pa.array(order)))


def _search_columns(searches: pa.Table, cut: list[tuple[str, str, str]]) -> dict[str, pa.Array]:
    results = _array(searches["results"])
    keys = _keys(cut)
    return {
        "day": _days(_array(searches["searched_at"])),
        "query_norm": pa.array([norm for norm, _, _ in cut], pa.string()),
        "query_terms": pa.array([terms for _, terms, _ in cut], pa.string()),
        "query_key": keys,
        **_result_columns(results),
    }


def _result_columns(results: pa.Array) -> dict[str, pa.Array]:
    known = results.is_valid()
    counts = pc.fill_null(pc.list_value_length(results), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    owner = np.repeat(np.arange(len(results)), counts)
    flat = results.flatten()

    def flags(name: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        column = pc.struct_field(flat, name) if len(flat) else pa.array([], pa.bool_())
        return _to_bool(pc.fill_null(column, False)), _to_bool(column.is_valid())  # noqa: FBT003 - a value, not a flag

    clicked, clicked_known = flags("clicked")
    clicks = np.bincount(owner[clicked], minlength=len(results))
    # A list that says of no result whether it was clicked does not say that none was; an empty one does.
    told = (np.bincount(owner[clicked_known], minlength=len(results)) > 0) | (counts == 0)
    acted = np.zeros(len(results), bool)
    acted_told = counts == 0
    for name in ("liked", "collected", "commented", "shared"):
        yes, said = flags(name)
        acted |= np.bincount(owner[yes], minlength=len(results)) > 0
        acted_told |= np.bincount(owner[said], minlength=len(results)) > 0
    dwell = pc.struct_field(flat, "dwell_seconds") if len(flat) else pa.array([], pa.float64())
    seconds = pc.fill_null(dwell, -1.0).to_numpy(zero_copy_only=False)
    longest = np.full(len(results), -1.0)
    np.maximum.at(longest, owner, seconds)
    valid = _to_bool(known)
    return {
        "result_count": pa.array(counts, pa.int64(), mask=~valid),
        "clicks": pa.array(clicks.astype(np.int64), pa.int64(), mask=~(valid & told)),
        "longest_dwell": pa.array(longest, pa.float64(), mask=longest < 0),
        "acted": pa.array(acted, pa.bool_(), mask=~(valid & acted_told)),
    }


def _keyword_columns(cut: list[tuple[str, str, str]]) -> dict[str, pa.Array]:
    return {"keyword_norm": pa.array([norm for norm, _, _ in cut], pa.string()), "keyword_key": _keys(cut)}


def _keys(cut: list[tuple[str, str, str]]) -> pa.Array:
    known = {terms: query_key(terms.split(" ")) for terms in {terms for _, terms, _ in cut}}
    return pa.array([known[terms] for _, terms, _ in cut], pa.string())


def _cut(column: pa.Array, segmenter: Segmenter) -> list[str]:
    return segmenter.segment_all(pc.fill_null(column, "").to_pylist())


def _days(instants: pa.Array) -> pa.Array:
    local = pc.local_timestamp(instants.cast(pa.timestamp("us", tz=_ZONE)))
    return local.cast(pa.date32(), safe=False)


def _to_bool(column: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = column.to_numpy(zero_copy_only=False).astype(bool)
    return found


def _array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found
