"""``gapfinder serve`` as a process: it listens, answers, logs, stops, and says what is wrong."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest

from api.command import is_loopback, listen
from api.keys import new_key
from indexer.errors import UsageError
from indexer.stores import open_store
from tests.reporting.made_run import made_run, run_rows

PROGRAM = (sys.executable, "-m", "gapfinder", "serve")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("store") / "data")
    run = made_run()
    with open_store(path, create=True) as made:
        made.save_run(run.info, run_rows(run))
    return path


@contextmanager
def _served(*arguments: str) -> Iterator[tuple[str, Queue[str]]]:
    """The address of a running server, and the lines it writes."""
    process = subprocess.Popen(
        [*PROGRAM, "--port", "0", *arguments], stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stderr is not None
    lines: Queue[str] = Queue()

    def read() -> None:
        for line in process.stderr or ():
            lines.put(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        first = lines.get(timeout=60)
        found = re.match(r"http://\S+:\d+/", first)
        assert found, first
        yield found[0], lines
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        reader.join(timeout=30)
        process.stderr.close()


def _get(url: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the server this test started
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - likewise
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_it_serves_the_page_and_the_data_of_a_store(store: str) -> None:
    with _served("--store", store) as (url, lines):
        status, page = _get(url)
        assert status == 200
        assert "搜索缺口报告" in page.decode()
        status, body = _get(url + "v1/gaps?limit=1")
        assert json.loads(body)["items"][0]["keyword"] == "新生儿纸尿裤"
        assert _get(url + "v1/gaps", Host="evil.example")[0] == 421
        logged: list[dict[str, object]] = []
        while len(logged) < 3:
            line = lines.get(timeout=30)
            if line.startswith("{"):
                logged.append(json.loads(line))
    assert [entry["status"] for entry in logged] == [200, 200, 421]


def test_it_asks_for_keys(store: str, tmp_path: Path) -> None:
    key, line = new_key("dashboard", ["read"])
    keys = tmp_path / "keys.txt"
    keys.write_text(line, encoding="utf-8")
    with _served("--store", store, "--keys", str(keys)) as (url, _):
        assert _get(url + "v1/gaps")[0] == 401
        assert _get(url + "v1/gaps", Authorization=f"Bearer {key}")[0] == 200


def _fails(*arguments: str, code: int = 2) -> str:
    done = subprocess.run(
        [*PROGRAM, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    return done.stderr


def test_without_keys_it_stays_on_loopback(store: str) -> None:
    told = _fails("--store", store, "--host", "0.0.0.0")  # noqa: S104 - what must be refused
    assert "loopback only" in told
    assert "--new-key" in told


def test_a_store_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    assert "there is no store" in _fails("--store", str(tmp_path / "nowhere"), "--port", "0", code=4)
    (tmp_path / "notes.txt").write_text("mine")
    assert "is not a store" in _fails("--store", str(tmp_path), "--port", "0", code=4)


def test_a_taken_port_is_said(store: str) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        told = _fails("--store", store, "--port", str(port))
    assert f"can't listen on 127.0.0.1, port {port}" in told
    assert f"--port {port + 1}" in told


def test_it_makes_a_key() -> None:
    done = subprocess.run(
        [*PROGRAM, "--new-key", "dashboard"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    key, line = (part.split(":", 1)[1].strip() for part in done.stdout.strip().splitlines())
    assert key.startswith("gf_")
    assert line.startswith("dashboard read sha256:")


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - what must be refused
        ("::", False),
        ("192.168.1.5", False),
        ("gaps.example.com", False),
    ],
)
def test_what_is_loopback(host: str, *, own: bool) -> None:
    assert is_loopback(host) == own


def test_an_address_of_another_machine_can_not_be_listened_on() -> None:
    with pytest.raises(UsageError, match="can't listen"):
        listen("192.0.2.1", 0)


def test_a_small_answer_is_sent_at_once() -> None:
    """Otherwise it waits for the receipt of the one before, which a client delays by some 40 ms."""

    async def delays(listener: socket.socket) -> int:
        made: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        server = await asyncio.start_server(lambda _, writer: made.put(writer), sock=listener)
        async with server:
            _, client = await asyncio.open_connection(*listener.getsockname())
            served = await made.get()
            kept = served.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for writer in (client, served):
                writer.close()
                await writer.wait_closed()
        return int(kept)

    with listen("127.0.0.1", 0) as listener:
        assert asyncio.run(delays(listener)) != 0
