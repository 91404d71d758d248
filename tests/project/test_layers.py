"""Data flows indexer -> gapfinder -> api, imports only the other way, and the command line starts light."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.project.tree import PACKAGES, ROOT, files_of, text_of

HEAVY = ("deltalake", "duckdb", "elasticsearch", "fastapi", "numba", "pyarrow", "scipy", "uvicorn")


def test_imports_point_one_way() -> None:
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["import", "--help"], ["gaps", "--help"]], ids=" ".join)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = f"""
import json, sys
sys.argv = ["gapfinder", *{arguments!r}]
from gapfinder.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
loaded = sorted(name for name in {HEAVY!r} if name in sys.modules)
print("\\n" + json.dumps(loaded))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_of_code_is_a_package(package: str) -> None:
    folders = {path.parent for path in files_of(".py", under=(package,))}
    assert folders
    bare = [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()]
    assert bare == []


def test_indexer_knows_nothing_of_gaps() -> None:
    telling = [str(path) for path in files_of(".py", under=("indexer",)) if "unmet" in text_of(path)]
    assert telling == []
