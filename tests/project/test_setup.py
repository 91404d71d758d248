"""Set-up from nothing: what the scripts say when something is missing, and what the entry points do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project.tree import ROOT, text_of

FILES = ("scripts/environment", "pyproject.toml", "requirements/build.txt", "requirements/run.txt")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with what the environment script reads, and no virtual environment."""
    for name in FILES:
        (tmp_path / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "checkout" / name)
    return tmp_path / "checkout"


def program(folder: Path, name: str, script: str) -> Path:
    """A program made of a shell script."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def run(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/environment", *arguments],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_a_suitable_python_it_says_so(checkout: Path, tmp_path: Path) -> None:
    old = program(tmp_path / "bin", "old-python", "exit 1")
    done = run(checkout, "run", PYTHON=str(old))
    assert done.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert str(old) in done.stderr
    assert not (checkout / ".venv").exists()


def test_without_venv_it_says_what_to_install(checkout: Path, tmp_path: Path) -> None:
    script = 'case "$2" in *ensurepip*) exit 1 ;; *print*) echo 3.12 ;; esac'
    bare = program(tmp_path / "bin", "bare-python", script)
    program(tmp_path / "bin", "apt-get", f'echo "$@" >>{tmp_path}/apt.log')
    done = run(checkout, "run", PYTHON=str(bare), PATH=f"{tmp_path}/bin:{os.environ['PATH']}")
    assert done.returncode == 1
    assert "apt-get install python3.12-venv" in done.stderr
    if os.geteuid() == 0:
        assert "install -y -qq python3.12-venv" in (tmp_path / "apt.log").read_text(encoding="utf-8")


def test_an_unknown_layer_is_refused(checkout: Path) -> None:
    done = run(checkout, "everything")
    assert done.returncode == 2
    assert "run, test, bench, lock" in done.stderr


def test_missing_system_packages_are_installed_or_named(tmp_path: Path) -> None:
    for name in ("sh", "sed", "id"):
        program(tmp_path / "bin", name, f'exec {shutil.which(name)} "$@"')
    for name in ("apt-get", "apt-cache"):
        program(tmp_path / "bin", name, f'echo "$0 $@" >>{tmp_path}/apt.log')
    done = subprocess.run(
        [ROOT / "scripts" / "system-packages"],
        env={"PATH": f"{tmp_path}/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, "nothing of it is there, whatever apt-get said"
    for wanted in ("a JDK 17 or newer", "Maven", "Chromium", "curl", "a Chinese font"):
        assert wanted in done.stderr, wanted
    assert "apt-get install openjdk-17-jdk-headless maven chromium curl" in done.stderr
    if os.geteuid() == 0 and Path("/etc/debian_version").exists():
        asked = (tmp_path / "apt.log").read_text(encoding="utf-8")
        assert re.search(r"apt-get install -y .* openjdk-17-jdk-headless maven chromium", asked)


def test_make_alone_lists_every_target() -> None:
    listing = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    listed = re.findall(r"^  make ([a-z-]+) +\S", listing, re.MULTILINE)
    benches = ["bench", "bench-speed", "bench-truth", "bench-market"]
    assert listed == ["help", "setup", "demo", "test", "lint", *benches, "lock", "clean"]


def test_ci_runs_make_test_and_nothing_weaker() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in text_of(Path(".ci/run")).splitlines() if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "export CI=true", "exec make test"]


def test_make_test_runs_every_check() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    plan = subprocess.run(
        ["make", "--dry-run", "test"], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout
    for command in ("ruff check", "ruff format --check", "mypy", "lint-imports", "install_elasticsearch.py"):
        assert command in plan, command
    assert re.search(r"CI=true .*-m pytest(?! .*(?:-k|-m|--deselect|--ignore)\b)", plan)
