"""API keys: who may ask. Only hashes are configured, comparison takes constant time, wrong keys are rate limited.

A key is 256 random bits, so one round of SHA-256 protects it: there is nothing to guess that a slow hash would slow
down. A key file (or the environment variable itself) holds one key a line: ``name scope[,scope] sha256:hexdigits``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request

from api.problems import Forbidden, TooManyFailures, Unauthenticated
from indexer.errors import UsageError

SCOPES: Final = ("read", "import", "admin")
_PREFIX: Final = "gf_"
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")
_LINE_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A known key: its name, what it may do, and the SHA-256 of its text."""

    name: str
    scopes: frozenset[str]
    digest: bytes

    def allows(self, scope: str) -> bool:
        """Whether the key may do what ``scope`` names; ``admin`` may do everything."""
        return scope in self.scopes or "admin" in self.scopes


def new_key(name: str, scopes: Sequence[str]) -> tuple[str, str]:
    """A fresh key and the line that makes it known.

    Raises:
        UsageError: A scope is unknown, or the name does not fit into the line.
    """
    key = _PREFIX + secrets.token_urlsafe(32)
    line = f"{name} {','.join(scopes)} sha256:{hashlib.sha256(key.encode()).hexdigest()}"
    parse_keys(line, source="the new key")
    return key, line


def load_keys(value: str | None) -> tuple[ApiKey, ...]:
    """The keys of a file, or of a text that holds the lines themselves; none for an empty value.

    Raises:
        UsageError: The file can't be read or holds no key, or a line is not a key.
    """
    if not value or not value.strip():
        return ()
    if "sha256:" in value:
        return parse_keys(value, source="GAPFINDER_API_KEYS")
    path = Path(value.strip())
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: the API keys can't be read", hint="write one key a line, as UTF-8") from error
    keys = parse_keys(text, source=str(path))
    if not keys:
        raise UsageError(f"{path}: there is no API key in it", hint="make one with gapfinder serve --new-key NAME")
    return keys


def parse_keys(text: str, *, source: str) -> tuple[ApiKey, ...]:
    """The keys of a text, one a line (``;`` also ends a line); blank lines and ``#`` comments are passed over."""
    keys: dict[str, ApiKey] = {}
    for number, line in enumerate(re.split(r"[\n;]", text), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        parts = stripped.split()
        digest = _DIGEST.fullmatch(parts[-1].lower())
        scopes = parts[1].split(",") if len(parts) == _LINE_PARTS else []
        # The line is not repeated in the message: somebody may have put the key itself there.
        if digest is None or not scopes or not set(scopes) <= set(SCOPES):
            raise UsageError(
                f"{source}, line {number}: this is no API key",
                hint=f"write: name scope[,scope] sha256:hexdigits; scopes are {', '.join(SCOPES)}",
            )
        if parts[0] in keys:
            raise UsageError(f"{source}, line {number}: the key name {parts[0]!r} is there twice")
        keys[parts[0]] = ApiKey(parts[0], frozenset(scopes), bytes.fromhex(digest[1]))
    return tuple(keys.values())


class Failures:
    """How often an address sent a wrong key lately. Bounded: addresses seen longest ago are forgotten first.

    A right key is let through even from an address that failed: behind a proxy all callers share one address, and keys
    are too long to be guessed anyway. What is limited is the work and the log lines a guesser can cause.
    """

    most = 10
    seconds = 60.0
    addresses = 10_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, address: str) -> float:
        """Note a failure; returns for how many seconds further ones are refused (0: not yet)."""
        now = self._clock()
        with self._lock:
            since, failures = self._seen.pop(address, (now, 0))
            if now - since >= self.seconds:
                since, failures = now, 0
            self._seen[address] = (since, failures + 1)
            if len(self._seen) > self.addresses:
                self._seen.popitem(last=False)
            return since + self.seconds - now if failures >= self.most else 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets requests in: all of them when no keys are configured, else those with a key of the right scope."""

    keys: tuple[ApiKey, ...]
    failures: Failures

    def admit(self, request: Request, scope: str) -> str:
        """The name of the caller's key, empty when none is needed.

        Raises:
            Unauthenticated, TooManyFailures, Forbidden: The request is not let in.
        """
        if not self.keys:
            return ""
        challenge = {"WWW-Authenticate": 'Bearer realm="gapfinder", Basic realm="gapfinder", charset="UTF-8"'}
        offered = offered_key(request)
        if offered is None:
            raise Unauthenticated(
                "the request has no API key",
                hint="send it as Authorization: Bearer KEY, as X-API-Key: KEY, or as the password of a browser",
                headers=challenge,
            )
        key = self._known(offered)
        if key is None:
            wait = self.failures.count(request.client.host if request.client else "")
            if wait > 0:
                raise TooManyFailures(
                    "too many wrong API keys came from this address",
                    hint="wait before the next attempt",
                    headers={"Retry-After": str(math.ceil(wait))},
                )
            raise Unauthenticated("the API key is not known", headers=challenge)
        if not key.allows(scope):
            raise Forbidden(f"the API key {key.name!r} has no scope {scope!r}")
        return key.name

    def _known(self, offered: str) -> ApiKey | None:
        digest = hashlib.sha256(offered.encode("utf-8", "surrogateescape")).digest()
        found = None
        for key in self.keys:  # all of them, so that the time tells nothing
            if hmac.compare_digest(digest, key.digest):
                found = key
        return found


def offered_key(request: Request) -> str | None:
    """The key a request carries: ``Authorization: Bearer``, ``X-API-Key``, or the password of ``Basic`` (browsers)."""
    direct = request.headers.get("x-api-key")
    if direct:
        return direct.strip()
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and rest.strip():
        return rest.strip()
    if kind.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return ""
    return None
