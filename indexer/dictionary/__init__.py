"""The words that are added to the segmenter's own dictionary, and the synonyms the project ships.

A dictionary file has one word a line: ``word [frequency]``, parted by white space; ``#`` starts a comment. Three
sources are put together: the files in this folder (written by this project), the user's product catalogue (brands,
what is new in aliases) and files given by ``--dictionary``. Their hash is kept with the data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Final

from indexer.errors import DataError
from indexer.normalize import normalize

DEFAULT_FREQUENCY: Final = 100_000  # high enough to win against cuts into single characters and common words
LONGEST_WORD: Final = 32
_FILES: Final = ("mother_and_baby.txt", "beauty.txt", "hair.txt", "food.txt", "general.txt")


@dataclass(frozen=True)
class Dictionary:
    """Added words with their frequencies, sorted by word, each word once."""

    words: tuple[tuple[str, int], ...]

    @cached_property
    def hash(self) -> str:
        """First 16 hexadecimal digits of SHA-256 over the words and frequencies."""
        lines = "".join(f"{word}\t{frequency}\n" for word, frequency in self.words)
        return hashlib.sha256(lines.encode()).hexdigest()[:16]

    def extended(self, words: Iterable[tuple[str, int]]) -> Dictionary:
        """This dictionary with further words; a word that is already there takes the new frequency."""
        merged = dict(self.words)
        merged.update(words)
        return Dictionary(tuple(sorted(merged.items())))


def parse_dictionary(text: str, name: str) -> list[tuple[str, int]]:
    """Words of a dictionary file.

    Raises:
        DataError: A line is not ``word [frequency]``; names file and line.
    """
    words = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split("#", 1)[0].split()
        if not parts:
            continue
        word = normalize(parts[0])
        frequency, *more = parts[1:] or [str(DEFAULT_FREQUENCY)]
        if more or not word or len(word) > LONGEST_WORD or not (frequency.isascii() and frequency.isdigit()):
            message = f"{name}:{number}: not a dictionary line: {line.strip()[:80]!r}"
            raise DataError(message, hint="write one word a line, with a frequency behind it if you want: 红屁股 2000")
        words.append((word, min(int(frequency), 10**9)))
    return words


def read_dictionary(path: Path) -> list[tuple[str, int]]:
    """Words of a user's dictionary file (UTF-8, with or without BOM)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: the dictionary can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: the dictionary is not UTF-8", hint="save it as UTF-8") from error
    return parse_dictionary(text, str(path))


@cache
def shipped_dictionary() -> Dictionary:
    """The words that ship with the project."""
    folder = resources.files(__package__)
    return Dictionary(()).extended(
        word for name in _FILES for word in parse_dictionary((folder / name).read_text(encoding="utf-8"), name)
    )


@cache
def shipped_synonyms() -> tuple[tuple[str, ...], ...]:
    """Groups of terms that mean the same (``synonyms.txt``, one group a line, parted by white space)."""
    text = (resources.files(__package__) / "synonyms.txt").read_text(encoding="utf-8")
    lines = (line.split("#", 1)[0].split() for line in text.splitlines())
    return tuple(tuple(normalize(word) for word in group) for group in lines if len(group) > 1)


@cache
def function_words() -> frozenset[str]:
    """Words that say that somebody asks, and never what must be answered (``function_words.txt``, one a line)."""
    text = (resources.files(__package__) / "function_words.txt").read_text(encoding="utf-8")
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return frozenset(normalize(line) for line in lines if line)
