"""The way to the server: address, one layer of retries, errors in the project's words, answers that are whole.

The client itself never retries: its layers would multiply. Calls are repeated here, with jitter and an overall
deadline. Each may be: reading, and writing under names and ids that this program decides.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import stamina
from elasticsearch import ApiError, Elasticsearch, OrjsonSerializer, TransportError, UnsupportedProductError
from elasticsearch.exceptions import ConnectionError as UnreachableError
from elasticsearch.exceptions import ConnectionTimeout

from indexer.errors import PartialAnswerError, StoreError, UsageError
from indexer.stores.elastic.names import DEFAULT_PREFIX
from indexer.stores.elastic.room import Room

API_KEY_VARIABLE: Final = "GAPFINDER_ES_API_KEY"
CLIENT_MAJOR: Final = 8
TRANSIENT: Final = (429, 502, 503, 504)
REQUEST_SECONDS: Final = 60.0
DEADLINE_SECONDS: Final = 90.0
_UNAUTHENTICATED: Final = 401
_FORBIDDEN: Final = 403

Answer = Mapping[str, Any]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store lies: the server without its secrets, the prefix of its indices, and who asks."""

    server: str
    prefix: str
    user: str | None = None
    password: str | None = None

    @property
    def shown(self) -> str:
        """The address as it may be shown."""
        return f"{self.server}/{self.prefix}"

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"


def parse_address(url: str) -> Address:
    """The address in ``http(s)://[user:password@]host[:9200][/prefix]``.

    Raises:
        UsageError: It is no such address; the message does not repeat a password.
    """
    hint = "write it like http://localhost:9200 or https://user:password@host:9200/prefix"
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 9200)
    except ValueError:
        raise UsageError("the port of the store's address is not a number", hint=hint) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError("the store's address is not that of a server", hint=hint)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    server = urlunsplit((parts.scheme, f"{host}:{port}", "", "", ""))
    prefix = parts.path.strip("/") or DEFAULT_PREFIX
    user = unquote(parts.username) if parts.username else None
    return Address(server, prefix, user, unquote(parts.password or "") if user else None)


def make_client(address: Address, *, request_seconds: float = REQUEST_SECONDS) -> Elasticsearch:
    """A client that never retries by itself; the API key of the environment wins over user and password."""
    key = os.environ.get(API_KEY_VARIABLE)
    login: dict[str, Any] = {}
    if key:
        login["api_key"] = key
    elif address.user is not None:
        login["basic_auth"] = (address.user, address.password or "")
    return Elasticsearch(
        address.server,
        serializer=OrjsonSerializer(),
        max_retries=0,
        retry_on_timeout=False,
        retry_on_status=(),
        request_timeout=request_seconds,
        http_compress=False,
        **login,
    )


class Connection:
    """A client with the retries and the errors of this store. Safe for several threads.

    Args:
        address: Where the store lies.
        deadline_seconds: How long one call may be repeated, all attempts together.
        request_seconds: How long one attempt may take.
    """

    def __init__(
        self,
        address: Address,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        self.address = address
        self.client = make_client(address, request_seconds=request_seconds)
        self.deadline_seconds = deadline_seconds
        self.room = Room()

    def close(self) -> None:
        """Give back the connections."""
        self.client.close()

    def call(
        self,
        ask: Callable[[Elasticsearch], Result],
        *,
        expect: tuple[type[ApiError], ...] = (),
        deadline: float | None = None,
    ) -> Result:
        """What ``ask`` gets from the client.

        Args:
            ask: One request.
            expect: Errors of the server that mean something to the caller; they pass as they are.
            deadline: Seconds for all attempts, the connection's own by default; 0 for a single one.

        Raises:
            StoreError: In the project's words.
        """
        seconds = self.deadline_seconds if deadline is None else deadline
        try:
            if seconds <= 0:
                return ask(self.client)
            for attempt in stamina.retry_context(
                on=is_transient, attempts=None, timeout=seconds, wait_initial=0.2, wait_max=10.0, wait_jitter=0.5
            ):
                with attempt:
                    return ask(self.client)
        except expect:
            raise
        except (ApiError, TransportError, UnsupportedProductError) as error:
            raise self.translated(error) from error
        raise AssertionError("a retry context ends by a result or an error")

    def translated(self, error: Exception) -> StoreError:
        """The error as a sentence of the project, without secrets."""
        where = self.address.shown
        if isinstance(error, ConnectionTimeout):
            return StoreError(f"{where} did not answer in time", hint="is the server overloaded? try again later")
        if isinstance(error, UnreachableError | TransportError):
            return StoreError(
                f"{where} can't be reached: {_first_line(error)}",
                hint="is Elasticsearch running there? `gapfinder doctor` says more",
            )
        if isinstance(error, UnsupportedProductError):
            return StoreError(f"{where} is not Elasticsearch", hint="check the address of the store")
        if isinstance(error, ApiError):
            return self._refused(error)
        return StoreError(f"{where}: {_first_line(error)}")

    def _refused(self, error: ApiError) -> StoreError:
        where, status, reason = self.address.shown, error.status_code, reason_of(error.body)
        if status == _UNAUTHENTICATED:
            reason = f"it does not let us in ({status})"
            hint = f"check user and password in the address, or the API key in {API_KEY_VARIABLE}"
        elif "media_type_header_exception" in reason:
            reason = f"it is not an Elasticsearch {CLIENT_MAJOR}: {reason}"
            hint = f"this program speaks to Elasticsearch {CLIENT_MAJOR}; use a server of that version"
        elif is_full(reason):
            reason = f"it takes no more writes, a disk of the cluster is nearly full: {reason}"
            hint = "free disk space on the nodes; the block goes away by itself then"
        elif "index_not_found" in reason:
            reason = f"an index of the store is gone: {reason}"
            hint = "another import took the store over, or it was deleted by hand; `gapfinder doctor` says more"
        elif status == _FORBIDDEN:
            reason, hint = f"it does not allow that ({status}): {reason}", "give the user more rights"
        elif status in TRANSIENT:
            reason, hint = f"it is overloaded or not all there ({status}): {reason}", "try again later"
        else:
            reason, hint = f"it refused a request ({status}): {reason}", ""
        return StoreError(f"{where}: {reason}", hint=hint)


def is_full(reason: str) -> bool:
    """Whether the server refuses writes because a disk is nearly full."""
    return "flood-stage" in reason or "read-only-allow-delete" in reason


def is_transient(error: Exception) -> bool:
    """Whether the same request may do better a little later."""
    if isinstance(error, ApiError):
        return error.status_code in TRANSIENT and not is_full(reason_of(error.body))
    return isinstance(error, TransportError)


def whole(answer: Answer, where: str) -> Answer:
    """The answer of a search, checked: from all shards, in time.

    Raises:
        PartialAnswerError: A shard failed or the time was over; such an answer has status 200 and wrong numbers.
    """
    if "error" in answer:
        raise PartialAnswerError(f"{where} could not answer a part of the question: {reason_of(answer)}")
    shards = answer.get("_shards")
    if not isinstance(shards, Mapping) or not isinstance(shards.get("failed"), int) or "timed_out" not in answer:
        raise PartialAnswerError(f"{where} gave an answer that is not one of a search")
    if shards["failed"] or answer["timed_out"]:
        failures = shards.get("failures") or [{}]
        reason = "the time was over" if answer["timed_out"] else reason_of({"error": failures[0].get("reason", {})})
        raise PartialAnswerError(
            f"{where} answered for a part of the data only: {reason}",
            hint="no number is made from such an answer; try again, and give the cluster more memory if it comes back",
        )
    return answer


def reason_of(body: Any) -> str:
    """Why the server refused, on one line."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(error, Mapping):
        causes = error.get("root_cause") or [error]
        cause = causes[0] if isinstance(causes[0], Mapping) else error
        error = f"{cause.get('type', 'error')}: {cause.get('reason', '')}"
    return " ".join(str(error).split())[:500]


def _first_line(error: Exception) -> str:
    return " ".join(str(getattr(error, "message", error)).split())[:300]
