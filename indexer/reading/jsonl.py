"""JSON lines, and JSON files that are one big array: both streamed, an element at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from indexer.errors import DataError
from indexer.reading.chunks import CHUNK_BYTES, CHUNK_ROWS, LONGEST_ROW, Chunk, Rejected
from indexer.reading.compression import Advance, Source
from indexer.reading.encoding import open_utf8

_HEAD_ROWS: Final = 200
_BLOCK: Final = 1 << 18
# What can begin or end a JSON element: whole strings are stepped over, so that brackets in them do not count.
_MARK: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|"|[\[\]{},]', re.DOTALL)
_ARRAY_NAMES: Final = ("data", "list", "items", "rows", "records", "results")


@dataclass(slots=True)
class JsonRows:
    """Rows as JSON text, one object each, not parsed yet."""

    texts: list[bytes]
    lines: npt.NDArray[np.int64]

    def parse(self) -> Chunk:
        """The objects as columns; what is no object is broken."""
        rows: list[dict[str, Any]] = []
        kept: list[int] = []
        broken: list[Rejected] = []
        for index, text in enumerate(self.texts):
            try:
                row = _loaded(text)
            except orjson.JSONDecodeError as error:
                reason = f"not JSON: {error.msg} at character {error.pos + 1}"
                broken.append(Rejected(int(self.lines[index]), reason, text.decode("utf-8", "replace")))
                continue
            if not isinstance(row, dict):
                broken.append(Rejected(int(self.lines[index]), "not a JSON object", row))
                continue
            rows.append(row)
            kept.append(index)
        names = dict.fromkeys(name for row in rows for name in row)
        columns: dict[str, Any] = {name: [row.get(name) for row in rows] for name in names}
        return Chunk(columns, self.lines[kept], broken)


def _loaded(text: bytes) -> Any:
    """The value of a JSON text; ``NaN`` and ``Infinity``, which some writers put there, are no value."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        if b"NaN" not in text and b"Infinity" not in text:
            raise
        try:
            return orjson.loads(orjson.dumps(json.loads(text, parse_constant=lambda _: None)))
        except (ValueError, TypeError, RecursionError):
            pass
        raise


class JsonReader:
    """Reads JSON lines or one JSON array.

    Raises:
        DataError: While reading: an element longer than the limit, or an array that does not end.
    """

    def __init__(self, source: Source, encoding: str, advance: Advance | None = None) -> None:
        self.name = source.name
        self._source = source
        self._encoding = encoding
        self._advance = advance
        with open_utf8(source, encoding) as stream:
            self._array = _array_start(stream)
        self.header = self._names()

    def chunks(self) -> Iterator[JsonRows]:
        """The rows in order."""
        with open_utf8(self._source, self._encoding, self._advance) as stream:
            yield from self._gathered(stream, CHUNK_ROWS)

    def _names(self) -> list[str]:
        with open_utf8(self._source, self._encoding) as stream:
            for rows in self._gathered(stream, _HEAD_ROWS):
                parsed = rows.parse()
                if not parsed.columns and parsed.broken:
                    first = parsed.broken[0]
                    raise DataError(f"{self.name}:{first.line}: no row can be read; the first is {first.reason}")
                return list(parsed.columns)
        return []

    def _gathered(self, stream: BufferedReader, most: int) -> Iterator[JsonRows]:
        texts: list[bytes] = []
        lines: list[int] = []
        size = 0
        for line, text in self._elements(stream):
            texts.append(text)
            lines.append(line)
            size += len(text)
            if len(texts) >= most or size >= CHUNK_BYTES:
                yield JsonRows(texts, np.array(lines, np.int64))
                texts, lines, size = [], [], 0
        if texts:
            yield JsonRows(texts, np.array(lines, np.int64))

    def _elements(self, stream: BufferedReader) -> Iterator[tuple[int, bytes]]:
        if self._array is None:
            yield from _lines(stream, self.name)
        else:
            yield from _array_elements(stream, self.name, self._array)


def _lines(stream: BufferedReader, name: str) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := stream.readline(LONGEST_ROW):
        number += 1
        if len(line) == LONGEST_ROW:
            raise DataError(f"{name}:{number}: the line is longer than {LONGEST_ROW:,} bytes")
        text = line.strip()
        if text:
            yield number, text


def _array_start(stream: BufferedReader) -> int | None:
    """Offset behind the bracket that opens the array of rows; None for JSON lines."""
    head = stream.read(_BLOCK)
    text = head.lstrip()
    if text.startswith(b"["):
        return head.index(b"[") + 1
    first = text.split(b"\n", 1)[0].strip()
    if not text.startswith(b"{") or _whole(first):
        return None
    # One object over many lines: the rows are in the first array under one of the usual names.
    names = b"|".join(name.encode() for name in _ARRAY_NAMES)
    found = re.search(rb'"(?:' + names + rb')"\s*:\s*\[', head)
    return found.end() if found else None


def _whole(text: bytes) -> bool:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return not (isinstance(value, dict) and any(isinstance(value.get(name), list) for name in _ARRAY_NAMES[:1]))


def _array_elements(stream: BufferedReader, name: str, start: int) -> Iterator[tuple[int, bytes]]:
    line = 1 + stream.read(start).count(b"\n")
    buffer = b""
    place = depth = begin = 0
    while True:
        block = stream.read(_BLOCK)
        if not block:
            last = line + buffer.count(b"\n")
            raise DataError(
                f"{name}:{last}: the JSON array does not end: the file is cut off",
                hint="export or copy the file again",
            )
        buffer += block
        while (mark := _MARK.search(buffer, place)) is not None:
            sign = mark[0]
            if sign == b'"':  # a string that has not ended yet
                break
            place = mark.end()
            if sign in b"[{":
                depth += 1
            elif sign in b"]}" and depth > 0:
                depth -= 1
            elif depth == 0 and sign in b",]}":
                text = buffer[begin : mark.start()]
                if text.strip():
                    yield (
                        line + (len(text) - len(text.lstrip()) and text[: -len(text.lstrip())].count(b"\n")),
                        text.strip(),
                    )
                if sign != b",":
                    return
                line += buffer.count(b"\n", begin, place)
                begin = place
        if begin:
            buffer, place, begin = buffer[begin:], place - begin, 0
        if len(buffer) > LONGEST_ROW:
            raise DataError(f"{name}:{line}: the JSON element is longer than {LONGEST_ROW:,} bytes")
