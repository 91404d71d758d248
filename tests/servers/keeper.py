"""A process that starts a cluster, keeps it while its owner lives, and stops it: also when the owner is killed.

    python -m tests.servers.keeper FILE OWNER NODES HEAP [PASSWORD]

``FILE`` appears when the cluster is ready (or could not be started) and goes away when it is stopped.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.servers.cluster import START_SECONDS, ServerError, start_cluster
from tests.servers.install_elasticsearch import InstallError, install
from tests.servers.java import find_java

ROOT: Final = Path(__file__).resolve().parents[2]
_POLL_SECONDS: Final = 0.2
_STOP_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A running cluster: the address and the process group of each node, and the process that keeps them."""

    urls: list[str]
    groups: list[int]
    keeper: int
    password: str | None = None

    def kill_node(self, number: int) -> None:
        """``kill -9`` of one node."""
        os.killpg(self.groups[number], signal.SIGKILL)


def keep(file: Path, owner: int, *, nodes: int = 1, heap: str = "768m", password: str | None = None) -> Kept:
    """Have a cluster started and kept until the process ``owner`` is gone or :func:`release` is called.

    Raises:
        ServerError: It could not be brought or started; the message says why, with the end of its log.
    """
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.servers.keeper", str(file), str(owner), str(nodes), heap, password or ""]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL)
    # Whoever waits for it is this process or, once that is gone, the system.
    threading.Thread(target=process.wait, daemon=True).start()
    deadline = time.monotonic() + 3 * START_SECONDS
    while not file.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return kept(file)


def kept(file: Path) -> Kept:
    """The cluster that a file tells of; ``ServerError`` when it could not be started."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ServerError("the process that was to start Elasticsearch ended without a word") from None
    if "error" in said:
        raise ServerError(said["error"])
    return Kept(**said)


def release(file: Path) -> None:
    """Stop a cluster and wait until it is gone."""
    try:
        keeper = kept(file).keeper
    except ServerError:
        return
    try:
        os.kill(keeper, signal.SIGTERM)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + _STOP_SECONDS
    while file.exists() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


@contextmanager
def kept_cluster(file: Path, *, nodes: int = 1, heap: str = "768m", password: str | None = None) -> Iterator[Kept]:
    """A cluster for the length of a block."""
    cluster = keep(file, os.getpid(), nodes=nodes, heap=heap, password=password)
    try:
        yield cluster
    finally:
        release(file)


def _write(file: Path, said: dict[str, object]) -> None:
    part = file.with_suffix(".part")
    part.write_text(json.dumps(said), encoding="utf-8")
    part.replace(file)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main(words: list[str]) -> None:
    """Start, tell, keep, stop."""
    file, owner, nodes, heap, password = Path(words[0]), int(words[1]), int(words[2]), words[3], words[4] or None
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the owner, which releases us
    java = find_java()
    if java is None:
        _write(file, {"error": "there is no JDK 17 or newer"})
        return
    try:
        cluster = start_cluster(install(), java, nodes=nodes, heap=heap, password=password)
    except (ServerError, InstallError, OSError) as error:
        _write(file, {"error": str(error)})
        return
    try:
        urls = [cluster.with_login(node.url) for node in cluster.nodes]
        groups = [node.process.pid for node in cluster.nodes if node.process is not None]
        _write(file, {"urls": urls, "groups": groups, "keeper": os.getpid(), "password": password})
        while not ended.wait(0.5) and _is_alive(owner):
            pass
    finally:
        cluster.stop()
        file.unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])
