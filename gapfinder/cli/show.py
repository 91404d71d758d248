"""What commands print: tables for people, JSON for programs, one sentence for errors."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable
from textwrap import indent
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from indexer.errors import GapfinderError


def plain(text: str) -> str:
    """User text that is safe on a terminal: control and bidirectional characters are shown as escapes."""
    return "".join(
        character
        if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else f"\\u{ord(character):04x}"
        for character in text
    )


def console(*, errors: bool = False) -> Console:
    """A console on standard output (or standard error): coloured on a terminal, plain text in a pipe."""
    from rich.console import Console

    stream = sys.stderr if errors else sys.stdout
    width = None if stream.isatty() else 120
    return Console(file=stream, highlight=False, soft_wrap=False, emoji=False, width=width)


def print_json(value: Any) -> None:
    """Any JSON value, indented, Chinese as it is."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def print_json_list(values: Iterable[Any]) -> None:
    """A list of JSON values, written as they come."""
    sys.stdout.write("[")
    for number, value in enumerate(values):
        text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write(("," if number else "") + "\n" + indent(text, "  "))
    sys.stdout.write("\n]\n")


def warn(sentence: str) -> None:
    """Something that could not be had, where the command goes on without it."""
    sys.stderr.write(f"warning: {_lines(sentence)}\n")


def complain(error: GapfinderError) -> None:
    """An error as one sentence, and what to do below it."""
    sys.stderr.write(f"error: {_lines(error.message)}\n")
    if error.hint:
        sys.stderr.write(f"  hint: {_lines(error.hint)}\n")


def _lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.splitlines())
