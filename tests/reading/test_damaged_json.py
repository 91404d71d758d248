from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import DataError
from indexer.importer import import_files
from indexer.stores.memory import MemoryStore


@pytest.mark.parametrize("text", ['{"a":', "\n\n{,}\n", "[1, 2, 3]"])
def test_a_file_without_any_row_says_where_it_breaks(tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"notes\.jsonl:\d+: no row can be read; the first is not"):
        import_files(MemoryStore(), [tmp_path / "notes.jsonl"], record="note")
