"""Where the tables of a store lie: a directory, or a prefix of an object store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from indexer.errors import UsageError

# An object store that can't be reached is said after half a minute (deltalake would try for three).
REACHING: Final = {"max_retries": "4", "retry_timeout": "30s", "timeout": "20s", "connect_timeout": "5s"}
OBJECT_STORES: Final = ("s3", "s3a", "gs", "gcs", "az", "azure", "adl", "abfs", "abfss")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")
_MISREAD: Final = frozenset("%[]\\\n")
_HINT: Final = "a store is a directory, http(s)://host:9200, or an object-store address such as s3://bucket/prefix"


@dataclass(frozen=True, slots=True)
class Place:
    """The root of a store.

    Attributes:
        url: As the user wrote it.
        root: Absolute path, or address without a slash at its end.
        local: Whether it is a directory of this machine.
    """

    url: str
    root: str
    local: bool

    @property
    def folder(self) -> Path:
        """The directory; only for a local place."""
        assert self.local
        return Path(self.root)

    def table(self, *names: str) -> str:
        """Address of a table below the root; both kinds of place part names by a slash."""
        return "/".join((self.root, *names))


def scheme_of(url: str) -> str:
    """The scheme of an address in lower case; empty for a path."""
    found = _SCHEME.match(url)
    return found[1].lower() if found else ""


def place_of(url: str) -> Place:
    """The place a url names.

    Raises:
        UsageError: It names neither a directory nor an object store.
    """
    scheme = scheme_of(url)
    if not url.strip() or "\0" in url:
        raise UsageError("the store has no address", hint=_HINT)
    if scheme in OBJECT_STORES:
        if not urlsplit(url).netloc:
            raise UsageError(f"{url}: the bucket is missing", hint=_HINT)
        return Place(url, url.rstrip("/"), local=False)
    if scheme == "file":
        parts = urlsplit(url)
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise UsageError(f"{url}: a file address has the form file:///directory", hint=_HINT)
        return _directory(url, Path(unquote(parts.path)))
    if scheme:
        raise UsageError(f"{url}: no store is reached by {scheme}://", hint=_HINT)
    try:
        path = Path(url).expanduser().absolute()
    except RuntimeError as error:  # ~nobody
        raise UsageError(f"{url}: {error}", hint=_HINT) from error
    return _directory(url, path)


def _directory(url: str, path: Path) -> Place:
    unusable = sorted(_MISREAD & set(str(path)))
    if unusable:
        message = f"{url}: the path of a store can't hold {' '.join(unusable)} (Delta Lake reads paths as addresses)"
        raise UsageError(message, hint="name another directory")
    return Place(url, str(path), local=True)


def as_written(uri: str) -> str:
    """The address of a table as people write it: a local one as a path, not as the ``file://`` that deltalake makes."""
    return unquote(urlsplit(uri).path).rstrip("/") if uri.startswith("file://") else uri.rstrip("/")
