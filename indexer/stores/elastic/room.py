"""How much is asked of the server at once, and how long to wait when it has no room (429).

As networks do it: a request that found no room halves the number of requests under way, each one that went well lets it
grow a little again. Waits double and are drawn at random, so that several clients don't come back together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import random
from typing import Final

LANES: Final = 4  # requests under way at once, where nothing is refused
WAITS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # seconds before the same is sent again, about


class Room:
    """Places for requests, for all threads of a connection."""

    def __init__(self, most: int = LANES) -> None:
        self._most = most
        self._places = float(most)
        self._busy = 0
        self._turn = threading.Condition()

    @property
    def places(self) -> int:
        """How many requests may be under way now."""
        return int(self._places)

    @contextmanager
    def place(self) -> Iterator[None]:
        """One of the places, once one is free."""
        with self._turn:
            self._turn.wait_for(lambda: self._busy < self.places)
            self._busy += 1
        try:
            yield
        finally:
            with self._turn:
                self._busy -= 1
                self._turn.notify_all()

    def refused(self) -> None:
        """Something found no room."""
        with self._turn:
            self._places = max(1.0, self._places / 2)

    def went_well(self) -> None:
        """All of a request found room."""
        with self._turn:
            self._places = min(float(self._most), self._places + 1 / self._places)
            self._turn.notify_all()


def wait(seconds: float) -> None:
    """Wait about so long: half of it to one and a half times."""
    time.sleep(seconds * (0.5 + random()))  # noqa: S311 - no secret depends on it
