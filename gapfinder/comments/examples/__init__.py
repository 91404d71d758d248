"""Labelled examples that ship with the project, written for it."""

from __future__ import annotations

from importlib import resources


def rows_of(name: str) -> list[list[str]]:
    """The rows of a file, without its head."""
    text = (resources.files(__package__) / f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]
