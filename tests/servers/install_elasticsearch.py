"""Puts a real Elasticsearch into ``.tools/`` of the checkout: the one place that names its version.

Maven brings the minimal server build that Elastic publishes to Maven Central. Run it as a script or call
:func:`install`; a second call finds what the first one made, and two at once wait for each other.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

VERSION: Final = "8.19.21"
ARTIFACT: Final = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
COPY_GOAL: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
TOOLS: Final = Path(__file__).resolve().parents[2] / ".tools"
HOME: Final = TOOLS / f"elasticsearch-{VERSION}"
_DONE: Final = ".complete"  # written last: a half-unpacked folder is unpacked again


class InstallError(Exception):
    """The server can't be brought here; the message says what is missing or what Maven said."""


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold a lock between processes while the block runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def installed() -> bool:
    """Whether the whole server is there."""
    return (HOME / _DONE).exists()


def install() -> Path:
    """The folder of the server, brought and unpacked when it is not there yet.

    Raises:
        InstallError: Maven is absent or fails.
    """
    with file_lock(TOOLS / "elasticsearch.lock"):
        if not installed():
            shutil.rmtree(HOME, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
                _unpack(_download(Path(folder)), Path(folder))
    return HOME


def _download(folder: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise InstallError("Maven (mvn) is not on the PATH; on Debian: apt-get install maven")
    command = [maven, "-q", "-B", COPY_GOAL, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archive = folder / f"elasticsearch-{VERSION}.zip"
    if done.returncode != 0 or not archive.exists():
        raise InstallError(f"Maven did not bring {ARTIFACT}:\n{(done.stdout + done.stderr)[-3000:]}")
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as files:
        for member in files.infolist():
            path = Path(files.extract(member, folder))
            mode = member.external_attr >> 16
            if mode and not member.is_dir():
                path.chmod(mode & 0o777)
    unpacked = folder / HOME.name
    (unpacked / _DONE).touch()
    unpacked.chmod(0o755)
    unpacked.replace(HOME)


def main() -> int:
    """Install and say where."""
    try:
        print(install())  # noqa: T201 - a script's answer
    except InstallError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a script's answer
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
