"""Ways to do the same work, timed fairly: each run in a process of its own, turn by turn, the least time counting.

A way is a function that takes the folder of the prepared input, gets ready (imports, compiled kernels, an index that is
to be warm) and gives the work that is timed. The work gives an answer; the digests of all answers have to agree, since
a way that counts something else says nothing about speed.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import orjson

Work = Callable[[], Any]
Way = Callable[[Path], Work]

ROUNDS: Final = 3
_SMALL: Final = 10_000  # bytes of an answer that is given back


class DifferentError(Exception):
    """Two ways did not give the same answer."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a way took.

    Attributes:
        seconds: The least of the rounds.
        ready: Seconds to get ready, likewise.
        peak_mib: Largest resident memory of the process, or of one that it started, whichever is larger.
        digest: Of the answer.
        answer: The answer of the first round, where it is a small one.
    """

    seconds: float
    ready: float
    peak_mib: float
    digest: str
    answer: Any = None


def alternating(ways: Mapping[str, Way], folder: Path, rounds: int = ROUNDS) -> dict[str, Taken]:
    """Run all ways in turn, some rounds long.

    Raises:
        DifferentError: Their answers differ.
    """
    runs = [{name: _in_a_process(way, folder) for name, way in ways.items()} for _ in range(rounds)]
    found = {
        name: Taken(
            seconds=min(run[name].seconds for run in runs),
            ready=min(run[name].ready for run in runs),
            peak_mib=max(run[name].peak_mib for run in runs),
            digest=runs[0][name].digest,
            answer=runs[0][name].answer,
        )
        for name in ways
    }
    answers = {run[name].digest for run in runs for name in ways}
    if len(answers) > 1:
        told = ", ".join(f"{name}: {taken.digest}" for name, taken in found.items())
        raise DifferentError(f"the answers differ: {told}")
    return found


def _in_a_process(way: Way, folder: Path) -> Taken:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(way, folder, there))
    process.start()
    there.close()
    try:
        taken: Taken = here.recv()
    except EOFError as error:
        process.join()
        raise RuntimeError(f"{way!r} ended with {process.exitcode}") from error
    process.join()
    return taken


def _run(way: Way, folder: Path, pipe: Connection) -> None:
    begun = time.perf_counter()
    work = way(folder)
    ready = time.perf_counter()
    answer = work()
    seconds = time.perf_counter() - ready
    told = orjson.dumps(answer)
    digest = blake2b(told, digest_size=8).hexdigest()
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    pipe.send(Taken(seconds, ready - begun, max(_peak_mib(), started), digest, answer if len(told) < _SMALL else None))


def _peak_mib() -> float:
    """Largest resident memory of this process; what getrusage says may be that of the process it was made from."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
