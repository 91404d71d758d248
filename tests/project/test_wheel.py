"""The wheel, installed beside the packages of requirements/run.txt and nothing else, works away from the checkout."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from tests.project.tree import PACKAGES, ROOT, files_of, pyproject, text_of


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q"]
    done = subprocess.run([*command, "-w", str(folder), str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and, linked from this one, what requirements/run.txt names."""
    environment = tmp_path_factory.mktemp("clean") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    for name in re.findall(r"^([\w.-]+)==", text_of(Path("requirements/run.txt")), re.MULTILINE):
        link(name, site)
    command = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python")]
    subprocess.run([*command, "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True)
    return environment


def link(name: str, site: Path) -> None:
    """Make one installed distribution visible in another ``site-packages``."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return  # a package of another platform
    for top in {Path(file).parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
        target = Path(str(found.locate_file(top)))
        if target.exists() and not (site / top).exists():
            (site / top).symlink_to(target)


def run(environment: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(environment / "bin" / arguments[0]), *arguments[1:]]
    return subprocess.run(
        command, cwd=folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )


def test_wheel_holds_all_packages_and_their_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    missing = [str(path) for path in files_of(*_SUFFIXES, under=PACKAGES) if path.as_posix() not in names]
    assert missing == []
    assert "gapfinder/samples/truth.json" in names
    samples = [path for path in (ROOT / "data" / "samples").iterdir() if path.is_file() and path.suffix != ".py"]
    assert [path.name for path in samples if f"gapfinder/samples/{path.name}" not in names] == []


_SUFFIXES = (".py", ".sql", ".txt", ".html", ".css", ".j2", ".js", ".json", ".svg")


def test_wheel_holds_nothing_else(wheel: Path) -> None:
    version = pyproject()["project"]["version"]
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {*PACKAGES, f"gapfinder-{version}.dist-info"}
    assert [name for name in zipfile.ZipFile(wheel).namelist() if "__pycache__" in name or "/bank/" in name] == []


def test_command_starts_with_run_dependencies_only(installed: Path, tmp_path: Path) -> None:
    absent = run(installed, tmp_path, "python", "-c", "import pytest")
    assert absent.returncode == 1, "the clean environment is not clean"
    done = run(installed, tmp_path, "gapfinder", "--help")
    assert done.returncode == 0, done.stderr
    assert "import" in done.stdout
    assert "serve" in done.stdout


def test_every_module_imports_with_run_dependencies_only(installed: Path, tmp_path: Path) -> None:
    modules = [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in files_of(".py", under=PACKAGES)
        if path.name != "__main__.py"
    ]
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    done = run(installed, tmp_path, "python", "-W", "error", "-c", program, *modules)
    assert done.returncode == 0, done.stderr
