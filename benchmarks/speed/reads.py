"""Reads over HTTP as a part of the speed benchmark."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from benchmarks.speed.http import BARE, CLIENTS, MOST_RATIO, NOTES, REQUESTS, SEARCHES, measure
from benchmarks.speed.part import Goal, Part


def part(folder: Path, rounds: int) -> Part:
    """Time reads of gaps beside a bare hello."""
    answered = measure(folder, rounds=rounds)
    bare = answered[BARE]
    slowest = max(one.p99_ms for name, one in answered.items() if name != BARE)
    return Part(
        about=f"{CLIENTS} clients that keep their connections, {REQUESTS:,} requests of each kind in a round, on a run "
        f"from {NOTES:,} notes and {SEARCHES:,} searches; ratio: p99 against a bare FastAPI hello.",
        columns=("request", "p50 ms", "p99 ms", "ratio", "answers/s", "bytes"),
        rows=[
            (
                name,
                f"{one.p50_ms:.2f}",
                f"{one.p99_ms:.2f}",
                f"{one.p99_ms / bare.p99_ms:.1f}",
                f"{one.per_second:,.0f}",
                f"{one.body_bytes:,}",
            )
            for name, one in answered.items()
        ],
        goals=(Goal("slowest read against a bare hello, p99", slowest / bare.p99_ms, MOST_RATIO, least=False),),
        figures={name: asdict(one) for name, one in answered.items()},
    )
