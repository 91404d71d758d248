"""Finds a Java that the server runs on."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

OLDEST: Final = 17
_TRIED: Final = range(OLDEST, 25)  # versions this server was released for; a newer one is taken only when alone
_VERSION: Final = re.compile(r'^JAVA_VERSION="(\d+)', re.MULTILINE)


def find_java() -> Path | None:
    """The home of a JDK 17 or newer: what the environment names, what is on the PATH, what the system has."""
    named = [(home, version) for home in _homes() if (version := _version(home)) is not None and version >= OLDEST]
    known = [home for home, version in named if version in _TRIED]
    return next(iter([*known, *(home for home, _ in named)]), None)


def _homes() -> Iterator[Path]:
    for variable in ("ES_JAVA_HOME", "JAVA_HOME"):
        if os.environ.get(variable):
            yield Path(os.environ[variable])
    java = shutil.which("java")
    if java is not None:
        yield Path(java).resolve().parents[1]
    for folder in ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines"):
        for home in sorted(Path(folder).glob("*")):
            yield home / "Contents/Home" if (home / "Contents/Home").exists() else home


def _version(home: Path) -> int | None:
    try:
        found = _VERSION.search((home / "release").read_text(encoding="utf-8"))
    except OSError:
        return None
    return int(found[1]) if found and (home / "bin/java").exists() else None
