"""Stores: where records and runs are kept. :func:`open_store` opens one by its address."""

from __future__ import annotations

import os
from typing import Final

from indexer.stores.contract import Store

SALT_VARIABLE: Final = "GAPFINDER_SALT"


def open_store(url: str, *, create: bool = False, salt: str | None = None) -> Store:
    """Open the store at an address.

    Args:
        url: A directory or an object-store address (Delta Lake tables), or ``http(s)://host:9200`` (Elasticsearch).
        create: Make the store when there is none.
        salt: Used instead of the store's own salt; the variable ``GAPFINDER_SALT`` when it is not given.

    Raises:
        UsageError: The address names no store that there could be.
        StoreError: There is no store, it can't be reached, or something else lies there.
    """
    salt = salt or os.environ.get(SALT_VARIABLE) or None
    if url.lower().startswith(("http://", "https://")):
        from indexer.stores.elastic.store import ElasticStore  # noqa: PLC0415 - loading takes half a second

        return ElasticStore.open(url, create=create, salt=salt)
    from indexer.stores.delta.store import DeltaStore  # noqa: PLC0415 - likewise

    return DeltaStore.open(url, create=create, salt=salt)
