"""An application over a store that holds made runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from fastapi.testclient import TestClient

from api.app import create_app
from api.keys import ApiKey
from gapfinder.runs import Run
from indexer.stores.memory import MemoryStore
from tests.reporting.made_run import made_run, run_rows


def later(run: Run, name: str, minutes: int = 1) -> Run:
    """The same run under another id, made some minutes later."""
    info = replace(run.info, run=name, name=name, created_at=run.info.created_at + timedelta(minutes=minutes))
    return Run(info, run.gaps)


def store_of(*runs: Run) -> MemoryStore:
    """A store that holds these runs."""
    store = MemoryStore()
    for run in runs:
        store.save_run(run.info, run_rows(run))
    return store


def client_of(store: MemoryStore, keys: Sequence[ApiKey] = ()) -> TestClient:
    """A client of an application over the store."""
    return TestClient(create_app(store, keys=keys), base_url="http://localhost", raise_server_exceptions=False)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def one_run() -> MemoryStore:
    """A store with the made run."""
    return store_of(made_run())


def two_runs() -> MemoryStore:
    """A store with the made run and a later one without its first gaps."""
    run = made_run()
    return store_of(run, later(Run(run.info, run.gaps[2:]), "run-2"))
