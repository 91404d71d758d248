"""Rules of this project that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.project.tree import PACKAGES, files_of, lines_of, pyproject, text_of, tracked_files

LONGEST_MODULE = 400  # lines; a module that passes it is two ideas
BINARY = {".parquet", ".xlsx", ".gz", ".zst", ".png", ".ico", ".woff2"}
PYTHON = files_of(".py")
FOREIGN = {Path("data/samples/products.csv")}  # in GB18030, on purpose
TEXTS = [path for path in tracked_files() if path.suffix not in BINARY and path not in FOREIGN]

MACHINE_PATH = re.compile(r"(?<![\w.<])/(?:root|home/\w|Users/\w|work/(?:main|shared)|opt/wheels|tmp/v\b)")
REGISTRY_HOST = re.compile(r"pypi\.org|pythonhosted\.|registry\.npmjs|maven\.org|proxy\.golang", re.IGNORECASE)
NOQA = re.compile(r"#\s*(?:ruff:\s*)?noqa(?P<rest>.*)$")
REASONED_NOQA = re.compile(r"^:\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*\s+(?:-|–|\()\s*\S.{3,}")


@pytest.mark.parametrize("path", files_of(".py", under=(*PACKAGES, "benchmarks", "data")), ids=str)
def test_a_module_is_one_idea(path: Path) -> None:
    assert len(text_of(path).splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_nothing_is_swallowed(path: Path) -> None:
    handlers = [node for node in ast.walk(ast.parse(text_of(path))) if isinstance(node, ast.ExceptHandler)]
    swallowed = [f"{path}:{node.lineno}" for node in handlers if _is_broad(node.type) and _does_nothing(node.body)]
    assert swallowed == [], "an error is dropped in silence"


def _is_broad(caught: ast.expr | None) -> bool:
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(name is None or (isinstance(name, ast.Name) and name.id in _BROAD) for name in names)


_BROAD = {"Exception", "BaseException"}


def _does_nothing(body: list[ast.stmt]) -> bool:
    return all(
        isinstance(statement, ast.Pass | ast.Continue)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in body
    )


def test_middleware_is_pure_asgi() -> None:
    base = "Base" + "HTTPMiddleware"  # it swallows contexts and background tasks
    assert [str(path) for path in PYTHON if base in text_of(path)] == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    named = [
        f"{place}: {line.strip()[:100]}"
        for path in TEXTS
        for place, line in lines_of(path)
        if MACHINE_PATH.search(line) or REGISTRY_HOST.search(line)
    ]
    assert named == []


def test_every_exception_in_the_code_has_a_reason() -> None:
    bare = [
        f"{place}: {line.strip()[:100]}"
        for path in PYTHON
        for place, line in lines_of(path)
        for exception in NOQA.finditer(line)
        if not REASONED_NOQA.match(exception["rest"])
    ]
    assert bare == [], "write the rule and the reason: S608 - the names come from a fixed table"


def test_every_exception_in_the_configuration_has_a_reason() -> None:
    ruff = pyproject()["tool"]["ruff"]["lint"]
    rules = set(ruff["ignore"])
    for ignored in ruff["per-file-ignores"].values():
        rules.update(ignored)
    assert rules
    without = []
    for _, line in lines_of(Path("pyproject.toml")):
        code, _, comment = line.partition("#")
        if any(f'"{rule}"' in code for rule in rules) and not comment.strip():
            without.append(line.strip())
    assert without == []


def test_nothing_is_left_open() -> None:
    marks = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b")
    open_points = [
        place
        for path in files_of(".py", ".js", ".css", ".sql", ".md")
        for place, line in lines_of(path)
        if marks.search(line)
    ]
    assert open_points == []
