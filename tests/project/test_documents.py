"""What the documents say about the project is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project.tree import ROOT, files_of, pyproject, text_of

DOCUMENTS = files_of(".md")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\[[^\]\n]*\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


def anchors_of(text: str) -> set[str]:
    """The anchors that a page gives its headings: lower case, spaces to hyphens, punctuation dropped."""
    headings = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for target in LINK.findall(CODE.sub("", FENCE.sub("", text_of(path)))):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, anchor = target.partition("#")
        aimed = (ROOT / path.parent / place) if place else ROOT / path
        if not aimed.exists() or (anchor and anchor not in anchors_of(aimed.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


def test_changelog_has_this_version() -> None:
    version = pyproject()["project"]["version"]
    headings = re.findall(r"^## \[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?", text_of(Path("CHANGELOG.md")), re.MULTILINE)
    assert headings[0][0] == "Unreleased"
    assert headings[1][0] == version


def test_every_decision_is_in_the_index() -> None:
    index = text_of(Path("docs/decisions/README.md"))
    records = sorted(path.name for path in files_of(".md", under=("docs",)) if path.parent.name == "decisions")
    records.remove("README.md")
    assert records
    assert [name for name in records if f"({name})" not in index] == []


@pytest.mark.parametrize(
    "path",
    [path for path in files_of(".md", under=("docs",)) if re.match(r"\d{4}-", path.name)],
    ids=lambda path: path.stem,
)
def test_a_decision_says_why(path: Path) -> None:
    headings = HEADING.findall(text_of(path))[1:]
    assert headings == ["Context", "Decision", "Consequences"]


def test_licence_is_the_one_named() -> None:
    assert pyproject()["project"]["license"] == "Apache-2.0"
    licence = text_of(Path("LICENSE"))
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
