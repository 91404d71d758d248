"""The locks: names, versions and hashes for every supported Python, and no address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project.tree import files_of, pyproject, text_of

LOCKS = files_of(".txt", under=("requirements",))
LAYERS = {"build", "run", "test", "bench", "lock"}
PINNED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[0-9][\w.!+]*)(?P<marker> ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def pins(path: Path) -> dict[str, str]:
    """The versions a lock pins, by name."""
    found = (PINNED.match(line) for line in text_of(path).splitlines())
    return {match["name"]: match["version"] for match in found if match}


def test_there_is_a_lock_for_every_layer() -> None:
    assert {path.stem for path in LOCKS} == LAYERS


@pytest.mark.parametrize("path", LOCKS, ids=str)
def test_a_lock_holds_names_versions_and_hashes_only(path: Path) -> None:
    lines = text_of(path).splitlines()
    strange = [line for line in lines if not PINNED.match(line) and not HASH.match(line)]
    assert strange == []
    assert pins(path)
    assert "://" not in text_of(path)


def test_layers_agree_on_versions() -> None:
    versions: dict[str, str] = {}
    disagreeing = []
    for path in LOCKS:
        for name, version in pins(path).items():
            if versions.setdefault(name, version) != version:
                disagreeing.append(f"{name}: {versions[name]} and {version}")
    assert disagreeing == []


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_what_the_project_asks_for_is_locked(layer: str) -> None:
    groups = pyproject()["dependency-groups"]
    wanted = pyproject()["project"]["dependencies"] if layer == "run" else groups[layer]
    names = {re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    assert names
    assert names - set(pins(Path("requirements") / f"{layer}.txt")) == set()


def test_build_backend_is_the_locked_one() -> None:
    locked = pins(Path("requirements/build.txt"))["hatchling"]
    assert pyproject()["build-system"]["requires"] == [f"hatchling=={locked}"]
