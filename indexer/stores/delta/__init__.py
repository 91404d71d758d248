"""The embedded store: one Delta Lake table a record, read with Arrow and DuckDB, no server.

``store`` is the marker (salt, schema version), ``manifests`` what was published, ``published`` that
anything was, ``records/*`` the data, ``runs`` and
``run_rows`` the analyses. A directory has the same tables as a prefix of an object store; only the lease differs.
"""

from __future__ import annotations

import os

# Before deltalake is loaded: its engine writes warnings about clouds to stderr, and what fails is raised anyway.
os.environ.setdefault("RUST_LOG", "error")
