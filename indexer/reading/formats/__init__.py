"""Known exports as data, and what a header is recognised as."""

from __future__ import annotations

from typing import Final

from indexer.reading.formats import logs, market, notes, western
from indexer.reading.formats.format import Format

FORMATS: Final[dict[str, Format]] = {
    form.name: form for form in (*market.FORMATS, *notes.FORMATS, *logs.FORMATS, *western.FORMATS)
}
