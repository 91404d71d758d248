"""Finds the commands of a Markdown page and runs them as a reader would: in order, in one folder, one page at a time.

A fence of ``console`` shows commands after ``$ `` and may show what they print; a fence of ``sh`` holds commands only.
What is shown must be printed, line by line and in that order; ``...`` stands for anything, within a line or as a line.
An HTML comment on the line before a fence says what a reader does not see:

- ``<!-- not run: reason -->``: this fence is not run;
- ``<!-- before: command -->``: run this first, for example to bring the file that the text calls the reader's own;
- ``<!-- exit: 3 -->``: its last command ends with this exit code.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

FENCE: Final = re.compile(r"^(?P<indent> *)(?P<mark>```+|~~~+)(?P<language>[\w-]*)[^\n`]*$")
MARKER: Final = re.compile(r"^\s*<!--\s*(?P<word>not run|before|exit):\s*(?P<value>.*?)\s*-->\s*$")
LANGUAGES: Final = {"console", "sh", "bash", "shell"}
ELASTICSEARCH: Final = re.compile(r"https?://[\w.-]+:9200(?P<path>/[\w-]+)?")
SERVED: Final = re.compile(r"(?<=127\.0\.0\.1:)8000\b|(?<=localhost:)8000\b")
SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, where it stands, and what the page promises about it."""

    text: str
    place: str
    shown: tuple[str, ...] = ()
    exit_code: int = 0


@dataclass(slots=True)
class Block:
    """One fence and the markers before it."""

    place: str
    language: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    not_run: str | None = None
    before: list[str] = field(default_factory=list)
    exit_code: int = 0


class WrongPageError(AssertionError):
    """A page promises something that is not so."""


def commands_of(page: str, name: str) -> list[Command]:
    """The commands of a page that are to be run, in order."""
    return [command for block in blocks_of(page, name) if block.not_run is None for command in _commands_in(block)]


def blocks_of(page: str, name: str) -> list[Block]:
    """The fences of a page that hold commands.

    Raises:
        WrongPageError: A fence is not closed, a reason is missing, or a marker has no fence to belong to.
    """
    blocks: list[Block] = []
    markers: list[tuple[str, str, str]] = []
    lines = iter((f"{name}:{number}", line) for number, line in enumerate(page.splitlines(), 1))
    for place, line in lines:
        if marker := MARKER.match(line):
            markers.append((place, marker["word"], marker["value"]))
        elif fence := FENCE.match(line):
            block = Block(place, fence["language"], list(_until_closed(lines, fence, place)))
            if block.language in LANGUAGES:
                blocks.append(_marked(block, markers))
                markers = []
        elif line.strip() and markers:
            break
    if markers:
        raise WrongPageError(f"{markers[0][0]}: this comment does not stand before a fence with commands")
    return blocks


def _until_closed(lines: Iterator[tuple[str, str]], fence: re.Match[str], opened: str) -> Iterator[tuple[str, str]]:
    for place, line in lines:
        if line.strip() == fence["mark"]:
            return
        yield place, line.removeprefix(fence["indent"])
    raise WrongPageError(f"{opened}: this fence is never closed")


def _marked(block: Block, markers: Iterable[tuple[str, str, str]]) -> Block:
    for place, word, value in markers:
        if not value:
            raise WrongPageError(f"{place}: '{word}' says nothing after its colon")
        if word == "not run":
            block.not_run = value
        elif word == "before":
            block.before.append(value)
        else:
            block.exit_code = int(value)
    return block


def _commands_in(block: Block) -> Iterator[Command]:
    yield from (Command(text, block.place) for text in block.before)
    found = list(_shown_commands(block) if block.language == "console" else _plain_commands(block))
    if not found:
        raise WrongPageError(f"{block.place}: this fence holds no command")
    yield from found[:-1]
    yield replace(found[-1], exit_code=block.exit_code)


def _shown_commands(block: Block) -> Iterator[Command]:
    """Commands after ``$ `` (going on in the next line after a backslash), each with the lines that follow it."""
    command: Command | None = None
    goes_on = False
    for place, line in block.lines:
        if goes_on and command:
            command = replace(command, text=command.text.removesuffix("\\") + line.removeprefix("> ").strip())
        elif line.startswith("$ "):
            if command:
                yield command
            command = Command(line.removeprefix("$ ").rstrip(), place)
        elif command:
            command = replace(command, shown=(*command.shown, line.rstrip()))
            continue
        elif line.strip():
            raise WrongPageError(f"{place}: a console fence begins with a command after '$ '")
        goes_on = bool(command) and line.rstrip().endswith("\\")
    if command:
        yield command


def _plain_commands(block: Block) -> Iterator[Command]:
    """Every line that is not empty and not a comment (going on in the next line after a backslash)."""
    text, start = "", ""
    for place, line in block.lines:
        stripped = line.strip()
        if not text and (not stripped or stripped.startswith("#")):
            continue
        start = start or place
        text += stripped.removesuffix("\\")
        if not stripped.endswith("\\"):
            yield Command(text, start)
            text, start = "", ""


class Reader:
    """Somebody who types what a page says, in a folder of their own.

    Args:
        folder: Where the commands run.
        elasticsearch: Gives the address of a real server; asked only when a command names port 9200.
        environment: Environment variables beside the usual ones.
    """

    def __init__(self, folder: Path, elasticsearch: Callable[[], str], **environment: str) -> None:
        self.folder = folder
        self.elasticsearch = elasticsearch
        self.port = _free_port()
        self.prefix = f"docs-{uuid.uuid4().hex[:12]}"  # every page begins with an empty store
        self.servers: list[subprocess.Popen[bytes]] = []
        programs = Path(sys.executable).parent
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GAPFINDER_")},
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "120",
            "LC_ALL": "C.UTF-8",
            **environment,
        }

    def run(self, command: Command) -> str:
        """Run a command and check what the page promises about it; returns what it printed.

        Raises:
            WrongPageError: It ended or printed otherwise than the page says.
        """
        text = self.translated(command.text)
        if re.match(r"gapfinder (?:--store \S+ )?serve\b", text):
            self._serve(text, command.place)
            return ""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=SECONDS,
        )
        if done.returncode != command.exit_code:
            raise WrongPageError(
                f"{command.place}: {text}\nended with {done.returncode}, not {command.exit_code}\n"
                f"{done.stdout}{done.stderr}"
            )
        check_shown(command, done.stdout + done.stderr)
        return done.stdout

    def translated(self, text: str) -> str:
        """The command with the addresses of this machine's servers, and the program as it is found here."""
        text = text.replace(".venv/bin/gapfinder", "gapfinder")
        if ELASTICSEARCH.search(text):
            address = self.elasticsearch()
            text = ELASTICSEARCH.sub(lambda found: address + (found["path"] or f"/{self.prefix}"), text)
        return SERVED.sub(str(self.port), text)

    def _serve(self, text: str, place: str) -> None:
        """Start the server of the page on a free port and wait until it answers."""
        words = [word for word in shlex.split(text) if word != "&"]
        if "--port" in words:
            at = words.index("--port")
            del words[at : at + 2]
        log = self.folder / "serve.log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                [*words, "--port", str(self.port)], cwd=self.folder, env=self.environment, stdout=out, stderr=out
            )
        self.servers.append(server)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and server.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.1)
        raise WrongPageError(f"{place}: {text}\ndoes not answer\n{log.read_text(encoding='utf-8', errors='replace')}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self.servers:
            server.send_signal(signal.SIGTERM)
        for server in self.servers:
            server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def check_shown(command: Command, printed: str) -> None:
    """Check that what the page shows was printed: each line in order, ``...`` (or ``…``) standing for anything.

    Raises:
        WrongPageError: A line was not printed, or not there.
    """
    rest = [" ".join(line.split()) for line in printed.splitlines()]
    for line in command.shown:
        wanted = " ".join(line.split())
        if wanted in {"", "...", "…"}:
            continue
        pattern = re.compile(".*".join(re.escape(part.strip()) for part in re.split(r"\.\.\.|…", wanted)))
        at = next((number for number, given in enumerate(rest) if pattern.search(given)), None)
        if at is None:
            raise WrongPageError(f"{command.place}: {command.text}\ndoes not print: {line}\nbut:\n{printed}")
        rest = rest[at + 1 :]
