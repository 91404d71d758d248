"""Every command that README and docs show is run, in a folder that holds the sample market and nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.commands import ELASTICSEARCH, Reader, blocks_of, commands_of
from tests.project.tree import ROOT, files_of, text_of
from tests.servers.fixtures import remove_store

PAGES = [path for path in files_of(".md") if path.name != "CHANGELOG.md"]
ELSEWHERE = re.compile(r"^(?:\.venv/bin/|\./)?(?:make|git|cd|sudo|apt-get|python3?|pytest|ruff|mypy|\.ci/run)\b")


def _with_marks(path: Path) -> object:
    commands = commands_of(text_of(path), str(path))
    needs_server = any(ELASTICSEARCH.search(command.text) for command in commands)
    return pytest.param(path, id=str(path), marks=[pytest.mark.elasticsearch] if needs_server else [])


RUNNABLE = [_with_marks(path) for path in PAGES if commands_of(text_of(path), str(path))]


@pytest.mark.parametrize("path", RUNNABLE)
def test_commands_do_what_the_page_says(path: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    shutil.copytree(ROOT / "data" / "samples", tmp_path / "data" / "samples")
    used: list[str] = []

    def server() -> str:
        used.append(request.getfixturevalue("elasticsearch_url"))
        return used[0]

    with Reader(tmp_path, server) as reader:
        for command in commands_of(text_of(path), str(path)):
            reader.run(command)
    if used:
        remove_store(used[0], reader.prefix)


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_only_set_up_and_development_stay_unrun(path: Path) -> None:
    """What a page does not run is a command that other tests are about, or data that the project does not hold."""
    unrun = [block for block in blocks_of(text_of(path), str(path)) if block.not_run is not None]
    strange = [
        f"{place}: {line}"
        for block in unrun
        for place, line in block.lines
        if (
            line.startswith("$ ")
            or (block.language != "console" and line.strip() and not line.lstrip().startswith("#"))
        )
        and not ELSEWHERE.match(line.removeprefix("$ ").strip())
        and "shared/data" not in (block.not_run or "")
    ]
    assert strange == []


def test_readme_shows_commands_that_are_run() -> None:
    assert [command for command in commands_of(text_of(Path("README.md")), "README.md") if "gapfinder" in command.text]
