"""Every error a user may meet, each with the exit code of the command line and a hint that says what to do."""

from __future__ import annotations


class GapfinderError(Exception):
    """Root of all errors of the project.

    Args:
        message: One clear sentence: what is wrong, and where (file and line when there is one).
        hint: What the user can do about it; empty when nothing useful can be said.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(GapfinderError, ValueError):
    """The command or call was used wrongly (exit code 2)."""

    exit_code = 2


class DataError(GapfinderError):
    """The data brought by the user can't be used (exit code 3)."""

    exit_code = 3


class StoreError(GapfinderError):
    """The store can't be reached, is damaged, or answered something that can't be trusted (exit code 4)."""

    exit_code = 4


class StoreBusyError(StoreError):
    """Another writer holds the lease."""


class PartialAnswerError(StoreError):
    """The store answered for a part of the data only; no number is made from such an answer."""


class NotFoundError(GapfinderError, KeyError):
    """A run, keyword or record that was asked for does not exist (exit code 2)."""

    exit_code = 2

    __str__ = GapfinderError.__str__


class EmbedderError(GapfinderError):
    """An embedder can't be reached, or answered something that can't be trusted (exit code 4)."""

    exit_code = 4
