"""The committed sample market, read once."""

from __future__ import annotations

import csv
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "data" / "samples"


@cache
def truth() -> dict[str, Any]:
    """What is planted."""
    found: dict[str, Any] = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))
    return found


@cache
def lines(name: str) -> tuple[dict[str, Any], ...]:
    """The rows of a gzipped JSONL file."""
    with gzip.open(FOLDER / name, "rt", encoding="utf-8") as file:
        return tuple(json.loads(line) for line in file)


@cache
def notes() -> dict[str, dict[str, Any]]:
    """The good rows of the notes by id."""
    return {row["note_id"]: row for row in lines("notes.jsonl.gz") if not row["note_id"].startswith("n9")}


@cache
def table(name: str, encoding: str = "utf-8") -> tuple[dict[str, str], ...]:
    """The rows of a CSV file."""
    with (FOLDER / name).open(encoding=encoding, newline="") as file:
        return tuple(csv.DictReader(file))


def keyword(text: str) -> dict[str, Any]:
    """The truth of one keyword."""
    found: dict[str, Any] = next(one for one in truth()["keywords"] if one["keyword"] == text)
    return found
