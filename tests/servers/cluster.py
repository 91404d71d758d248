"""Real Elasticsearch nodes on this machine: each in a private folder, on free ports, stopped with their folder gone."""

from __future__ import annotations

import base64
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

START_SECONDS: Final = 240.0
_POLL_SECONDS: Final = 0.25
_NOBODY: Final = 65534


class ServerError(Exception):
    """A node did not start; the message holds the end of its log."""


@dataclass
class Node:
    """One node: where it is, and the process that runs it (leader of a group of its own)."""

    name: str
    folder: Path
    http_port: int
    transport_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.http_port}"

    def stop(self, seconds: float = 20.0) -> None:
        """Ask it to end, and make it end."""
        self._signal(signal.SIGTERM)
        try:
            if self.process is not None:
                self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return
        if number == signal.SIGKILL:
            self.process.wait(20)

    def log(self, characters: int = 4000) -> str:
        """The end of what it said."""
        path = self.folder / "console.log"
        return path.read_text(encoding="utf-8", errors="replace")[-characters:] if path.exists() else ""


@dataclass
class Cluster:
    """The nodes of one cluster."""

    nodes: list[Node]
    password: str | None = None
    folder: Path = field(default_factory=Path)

    @property
    def url(self) -> str:
        """The address of the first node, with user and password where there is one."""
        return self.with_login(self.nodes[0].url)

    def with_login(self, url: str) -> str:
        """That address with this cluster's user and password."""
        return url if self.password is None else url.replace("http://", f"http://elastic:{self.password}@")

    def health(self) -> dict[str, Any] | None:
        """What the first node that answers says of the cluster; None when none does."""
        for node in self.nodes:
            request = urllib.request.Request(f"{node.url}/_cluster/health?timeout=1s")  # noqa: S310 - our own address
            if self.password is not None:
                login = base64.b64encode(f"elastic:{self.password}".encode()).decode()
                request.add_header("Authorization", f"Basic {login}")
            try:
                with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310 - likewise
                    return dict(json.load(answer))
            except (OSError, urllib.error.HTTPError, ValueError):
                continue
        return None

    def wait(self, seconds: float = START_SECONDS) -> None:
        """Wait until all nodes are there and none of the shards is missing.

        Raises:
            ServerError: A node ended or the time is over.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for node in self.nodes:
                if node.process is not None and node.process.poll() is not None:
                    raise ServerError(f"node {node.name} ended with {node.process.returncode}:\n{node.log()}")
            health = self.health()
            if health and health["number_of_nodes"] == len(self.nodes) and health["status"] == "green":
                return
            time.sleep(_POLL_SECONDS)
        logs = "\n".join(f"--- {node.name}\n{node.log()}" for node in self.nodes)
        raise ServerError(f"Elasticsearch was not ready within {seconds:g} s:\n{logs}")

    def stop(self) -> None:
        """End all nodes and remove what they wrote."""
        for node in self.nodes:
            node.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_cluster(
    home: Path, java: Path, *, nodes: int = 1, heap: str = "768m", password: str | None = None
) -> Cluster:
    """Start nodes and wait until they are ready.

    Args:
        home: Folder of the unpacked server.
        java: Home of a JDK.
        nodes: How many nodes.
        heap: Heap of each, as Java writes sizes.
        password: Password of the user ``elastic``; None: no security.
    """
    folder = Path(tempfile.mkdtemp(prefix="gapfinder-elasticsearch-"))
    cluster = Cluster([], password, folder)
    try:
        ports = free_ports(2 * nodes)
        names = [f"n{number}" for number in range(1, nodes + 1)]
        for name, http_port, transport_port in zip(names, ports[::2], ports[1::2], strict=True):
            cluster.nodes.append(Node(name, folder / name, http_port, transport_port))
        readable = _readable(home, folder)
        _own(folder)  # first of all, so that the server's own tools can enter
        for node in cluster.nodes:
            _prepare(node, cluster, readable, java)
        for node in cluster.nodes:
            _start(node, readable, java, heap)
        cluster.wait()
    except BaseException:
        cluster.stop()
        raise
    return cluster


def free_ports(count: int) -> list[int]:
    """Ports that are free now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _settings(node: Node, cluster: Cluster) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "cluster.name": f"gapfinder-{cluster.nodes[0].http_port}",
        "node.name": node.name,
        "network.host": "127.0.0.1",
        "http.port": node.http_port,
        "transport.port": node.transport_port,
        "path.data": str(node.folder / "data"),
        "path.logs": str(node.folder / "logs"),
        "xpack.security.enabled": cluster.password is not None,
        # A test machine's disk may be nearly full; the flood stage has a test of its own that sets the block by hand.
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }
    if cluster.password is not None:
        settings |= {"xpack.security.http.ssl.enabled": False, "xpack.security.transport.ssl.enabled": False}
    if len(cluster.nodes) == 1:
        return settings | {"discovery.type": "single-node"}
    return settings | {
        "discovery.seed_hosts": [f"127.0.0.1:{other.transport_port}" for other in cluster.nodes],
        "cluster.initial_master_nodes": [other.name for other in cluster.nodes],
    }


def _prepare(node: Node, cluster: Cluster, home: Path, java: Path) -> None:
    shutil.copytree(home / "config", node.folder / "config")
    for name in ("data", "logs", "tmp"):
        (node.folder / name).mkdir()
    # JSON is YAML, and needs no library.
    (node.folder / "config/elasticsearch.yml").write_text(json.dumps(_settings(node, cluster)), encoding="utf-8")
    _own(node.folder)
    if cluster.password is not None:
        _keystore(node, home, java, ["create"])
        _keystore(node, home, java, ["add", "-x", "bootstrap.password"], cluster.password)


def _keystore(node: Node, home: Path, java: Path, words: Sequence[str], answer: str = "") -> None:
    command = [str(home / "bin/elasticsearch-keystore"), *words]
    done = subprocess.run(
        command,
        input=answer.encode(),
        env=_environment(node, java),
        cwd=node.folder,
        capture_output=True,
        check=False,
        **_user(),
    )
    if done.returncode != 0:
        raise ServerError(f"elasticsearch-keystore {words[0]}: {done.stderr.decode(errors='replace')[-2000:]}")


def _start(node: Node, home: Path, java: Path, heap: str) -> None:
    environment = {**_environment(node, java), "ES_JAVA_OPTS": f"-Xms{heap} -Xmx{heap}"}
    with (node.folder / "console.log").open("wb") as log:
        node.process = subprocess.Popen(
            [str(home / "bin/elasticsearch")],
            cwd=node.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **_user(),
        )


def _environment(node: Node, java: Path) -> Mapping[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(node.folder),
        "ES_JAVA_HOME": str(java),
        "ES_PATH_CONF": str(node.folder / "config"),
        "ES_TMPDIR": str(node.folder / "tmp"),
    }


def _user() -> dict[str, Any]:
    """Arguments that make a child run unprivileged: the server refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    uid, gid = _unprivileged()
    return {"user": uid, "group": gid, "extra_groups": []}


def _unprivileged() -> tuple[int, int]:
    # The account every system has for this; making one of our own would leave something behind on the machine.
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return _NOBODY, _NOBODY
    return entry.pw_uid, entry.pw_gid


def _own(folder: Path) -> None:
    if os.geteuid() != 0:
        return
    uid, gid = _unprivileged()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def _readable(home: Path, folder: Path) -> Path:
    """The server's folder, or a copy of it where the unprivileged user can't enter the checkout."""
    if os.geteuid() != 0 or all(path.stat().st_mode & 0o001 for path in (home, *home.parents)):
        return home
    return Path(shutil.copytree(home, folder / "server", symlinks=True))
