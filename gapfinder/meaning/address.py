"""Where an embedder is found, as users write it, and how that may be shown: never with a secret.

An embedder is an endpoint that speaks the embeddings protocol of OpenAI (``http(s)://host/v1#model``), or a folder.
"""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from indexer.errors import UsageError

SPEC_VARIABLE: Final = "GAPFINDER_EMBEDDER"
MODEL_VARIABLE: Final = "GAPFINDER_EMBEDDER_MODEL"
KEY_VARIABLE: Final = "GAPFINDER_EMBEDDER_KEY"

_HINT: Final = "write it like http://localhost:8080/v1#bge-m3, or name a folder with a model"
_LONGEST_MODEL: Final = 200
_ROUTE: Final = "/embeddings"


@dataclass(frozen=True, slots=True)
class EndpointAddress:
    """An OpenAI-compatible endpoint.

    Attributes:
        secure: Whether it is reached by TLS.
        host, port: The server.
        target: Path and query of the request.
        model: Model it is asked for.
        shown: The address as it may be shown: without user, password and query.
        user, password: Who asks, by HTTP's own login; None where nobody does.
        key: The API key of the environment.
    """

    secure: bool
    host: str
    port: int
    target: str = field(repr=False)
    model: str
    shown: str
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat."""
        login = self.login
        query = self.target.partition("?")[2]
        return tuple(secret for secret in (self.key, self.password, login, query) if secret)

    @property
    def login(self) -> str | None:
        """User and password as HTTP sends them."""
        return None if self.user is None else b64encode(f"{self.user}:{self.password}".encode()).decode()


def is_endpoint(spec: str) -> bool:
    """Whether an embedder is named by an address rather than a folder."""
    return "://" in spec


def shown_embedder(spec: str) -> str:
    """The embedder as it may be shown: an address without its secrets, a folder by its last name only."""
    if not is_endpoint(spec):
        return Path(spec).expanduser().name or spec
    try:
        parts = urlsplit(spec)
        model = _model(parts)
        return _shown(parts, parts.port) + (f"#{model}" if model else "")
    except ValueError:
        return "an address that is none"


def parse_endpoint(spec: str) -> EndpointAddress:
    """The endpoint in ``http(s)://[user:password@]host[:port]/path[?query][#model]``.

    Raises:
        UsageError: It is no such address, or names no model; the message repeats no secret.
    """
    try:
        parts = urlsplit(spec)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise UsageError("the embedder's address is not that of a server", hint=_HINT) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("the embedder's address is not that of a server", hint=_HINT)
    model = _model(parts)
    if not model:
        raise UsageError(
            f"the embedder {_shown(parts, port)} is named without its model",
            hint=f"write the model behind a #, for example {_shown(parts, port)}#bge-m3, or set {MODEL_VARIABLE}",
        )
    if len(model) > _LONGEST_MODEL or not model.isprintable():
        raise UsageError("the name of the embedder's model is not one", hint=_HINT)
    path = quote(_route(parts) + _ROUTE, safe="/%:@!$&'()*+,;=~-._")
    user = unquote(parts.username) if parts.username else None
    return EndpointAddress(
        secure=parts.scheme == "https",
        host=parts.hostname,
        port=port or (443 if parts.scheme == "https" else 80),
        target=path + (f"?{quote(parts.query, safe='=&%+')}" if parts.query else ""),
        model=model,
        shown=f"{_shown(parts, port)}#{model}",
        user=user,
        password=unquote(parts.password or "") if user else None,
        key=_key(),
    )


def _key() -> str | None:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key.isascii() or not key.isprintable():
        raise UsageError(f"{KEY_VARIABLE} holds what can't be a key")
    return key or None


def _model(parts: SplitResult) -> str:
    return unquote(parts.fragment).strip() or os.environ.get(MODEL_VARIABLE, "").strip()


def _route(parts: SplitResult) -> str:
    return parts.path.rstrip("/").removesuffix(_ROUTE)


def _shown(parts: SplitResult, port: int | None) -> str:
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{_route(parts)}"
