"""Clicks and events joined to the searches they belong to: a union, so that joining them twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from indexer.records import RESULT_TYPE, SEARCH

_FLAGS: Final = ("clicked", "liked", "collected", "commented", "shared")
_RAW: Final = tuple(field.name for field in SEARCH.raw_fields)


def raw_schema() -> pa.Schema:
    """The raw fields of a search."""
    return pa.schema([SEARCH.schema.field(name) for name in _RAW])


def merge_searches(new: pa.Table, known: pa.Table) -> tuple[pa.Table, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Searches with the results of all rows that name them.

    Args:
        new: Raw rows of searches; a row without query only adds to a search that has one.
        known: The searches of those ids that the store holds.

    Returns:
        The merged searches (raw fields), for each row of ``new`` the place of its search among them, and for each
        search whether it has a query and a time; one that has not is known from events only.
    """
    merged: dict[str, dict[str, Any]] = {row["search_id"]: row for row in known.select(_RAW).to_pylist()}
    touched: dict[str, int] = {}
    places = []
    for row in new.select(_RAW).to_pylist():
        key = row["search_id"]
        places.append(touched.setdefault(key, len(touched)))
        merged[key] = row if key not in merged else _joined(merged[key], row)
    rows = [merged[key] for key in touched]
    for row in rows:
        row["results"] = merge_results(row["results"] or ()) if row["results"] is not None else None
    whole = np.array([row["query"] is not None and row["searched_at"] is not None for row in rows], bool)
    return pa.Table.from_pylist(rows, schema=raw_schema()), np.array(places, np.int64), whole


def _joined(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """The search as the earlier row with a query tells it, with both rows' results."""
    first, second = sorted((one, two), key=_seniority)
    out = {name: first[name] if first[name] is not None else second[name] for name in _RAW}
    if one["results"] is not None or two["results"] is not None:
        out["results"] = [*(one["results"] or ()), *(two["results"] or ())]
    return out


def _seniority(row: Mapping[str, Any]) -> tuple[bool, bool, Any, str]:
    at = row["searched_at"]
    return row["query"] is None, at is None, at.timestamp() if at is not None else 0.0, row["query"] or ""


def merge_results(results: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each note once, with its smallest position, longest dwell and every act told of it; by position, then note."""
    merged: dict[str, dict[str, Any]] = {}
    for result in results:
        known = merged.get(result["note_id"])
        if known is None:
            merged[result["note_id"]] = dict(result)
            continue
        known["position"] = _pick(min, known["position"], result["position"])
        known["dwell_seconds"] = _pick(max, known["dwell_seconds"], result["dwell_seconds"])
        for flag in _FLAGS:
            known[flag] = _pick(max, known[flag], result[flag])
    names = [field.name for field in RESULT_TYPE]
    whole = [{name: result.get(name) for name in names} for result in merged.values()]
    return sorted(whole, key=lambda result: (result["position"] is None, result["position"] or 0, result["note_id"]))


def _pick(choose: Any, one: Any, two: Any) -> Any:
    return one if two is None else two if one is None else choose(one, two)
