"""A process of its own that writes and is killed before it publishes: ``killed_writer.py URL ROWS``."""

from __future__ import annotations

import os
import signal
import sys

from indexer.stores import open_store
from tests.contract.rows import searches

if __name__ == "__main__":
    with open_store(sys.argv[1]) as store, store.writer(holder="killed", wait_seconds=30) as writer:
        rows = int(sys.argv[2])
        writer.write("search", searches(0, rows, "被杀"))
        writer.existing("search", ["s000000"])  # makes the store put away what it may hold back
        os.kill(os.getpid(), signal.SIGKILL)
