"""The part of docs/data.md that follows from the code: records, exports, settings (``-m tests.docs.data_page``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gapfinder.settings import SETTINGS
from indexer.reading.formats import FORMATS
from indexer.records import RECORDS, Privacy

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "data.md"
BEGIN: Final = "<!-- from the code: begin -->"
END: Final = "<!-- from the code: end -->"


def from_the_code() -> str:
    """The tables as Markdown."""
    return "\n".join([BEGIN, "", *_records(), *_exports(), *_settings(), END])


def _records() -> Iterator[str]:
    yield "## Records"
    for record in RECORDS.values():
        yield from ("", f"### {record.name}", "", "| field | kind | meaning |", "|---|---|---|")
        for field in record.raw_fields:
            needed = " **required**" if field.required else ""
            needed += " (one of these is required)" if field.name in record.one_of else ""
            hashed = ", salted and hashed" if field.privacy is Privacy.HASH else ""
            yield f"| `{field.name}` | {field.kind.value} | {field.help}{hashed}{needed} |"
    yield ""


def _exports() -> Iterator[str]:
    yield from ("## Known exports", "", "| export | becomes |", "|---|---|")
    for form in sorted(FORMATS.values(), key=lambda form: form.name):
        yield f"| {form.name} | {form.record} |"
    yield ""


def _settings() -> Iterator[str]:
    yield from (
        "## Settings of an analysis",
        "",
        "| setting | default | unit | range | meaning |",
        "|---|---|---|---|---|",
    )
    for one in SETTINGS.values():
        yield f"| `{one.name}` | {one.default:g} | {one.unit} | {one.least:g} to {one.most:g} | {one.help} |"
    yield ""


def rewritten(page: str) -> str:
    """The page with the part that follows from the code made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + from_the_code() + after


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
