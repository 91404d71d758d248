"""What people say about keywords: whether the notes answer them. A few hundred such labels calibrate a store.

A file of labels is CSV or TSV with the columns ``keyword`` and ``answered`` (1 or 0, yes or no, 是 or 否).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from indexer.errors import DataError, UsageError
from indexer.normalize import normalize

Labels = Mapping[str, bool]  # by normalised keyword: whether its need is answered

_COLUMNS: Final = ("keyword", "answered")
_SAID: Final = {
    **dict.fromkeys(("1", "yes", "y", "true", "是", "有"), True),
    **dict.fromkeys(("0", "no", "n", "false", "否", "无", "没有"), False),
}
_HINT: Final = "write a header keyword,answered and one keyword a line, with 1 (answered) or 0 behind it"


def read_labels(path: Path) -> dict[str, bool]:
    """The labels of a file; a keyword that comes twice keeps its last label.

    Raises:
        UsageError: The file can't be read.
        DataError: It is not a file of labels, or a line holds no label; names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: the labels can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: the labels are not UTF-8", hint="save the file as UTF-8") from error
    lines = text.splitlines()
    delimiter = "\t" if lines and "\t" in lines[0] else ","
    rows = csv.DictReader(lines, delimiter=delimiter, strict=True)
    if not set(_COLUMNS) <= {(name or "").strip() for name in rows.fieldnames or ()}:
        raise DataError(f"{path}:1: there are no columns keyword and answered", hint=_HINT)
    found: dict[str, bool] = {}
    try:
        for row in rows:
            keyword, said = ((row.get(name) or "").strip() for name in _COLUMNS)
            if not keyword and not said:
                continue
            if not keyword or said.lower() not in _SAID:
                raise DataError(
                    f"{path}:{rows.line_num}: {said[:40]!r} does not say whether it is answered", hint=_HINT
                )
            found[normalize(keyword)] = _SAID[said.lower()]
    except csv.Error as error:
        raise DataError(f"{path}:{rows.line_num}: not a row of a table: {error}", hint=_HINT) from error
    if not found:
        raise DataError(f"{path}: there is no label in it", hint=_HINT)
    return found
