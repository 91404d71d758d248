"""The project's own files, as the tests about the project see them."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("indexer", "gapfinder", "api")
MADE: Final = {".git", ".venv", ".tools", "__pycache__", "build", "dist", "gapfinder-data", "gapfinder-quarantine"}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that belongs to the project, as paths from its root: what git tracks or would track."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        return tuple(sorted(Path(name) for name in names if name and (ROOT / name).is_file()))
    return tuple(sorted(path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file() and not _is_made(path)))


def _is_made(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part in MADE or part.endswith(("_cache", ".egg-info")) for part in parts)


def files_of(*suffixes: str, under: tuple[str, ...] = ()) -> list[Path]:
    """The project's files with one of these suffixes, below one of these folders (default: everywhere)."""
    return [path for path in tracked_files() if path.suffix in suffixes and (not under or (path.parts[0] in under))]


def text_of(path: Path) -> str:
    """The text of a file of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


def lines_of(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a file, each with its place, ``file:line``."""
    for number, line in enumerate(text_of(path).splitlines(), 1):
        yield f"{path}:{number}", line


@cache
def pyproject() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads(text_of(Path("pyproject.toml")))
