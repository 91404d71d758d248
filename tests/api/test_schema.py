"""Whatever is asked, the answer is one that the documentation names."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.app import create_app
from indexer.stores.memory import MemoryStore
from tests.api.made_market import market_store
from tests.api.served import two_runs
from tests.market.spoken import spoken

SCHEMA = schemathesis.openapi.from_asgi("/v1/openapi.json", create_app(two_runs(), hosts=["*"]))
WITH_MARKET = schemathesis.openapi.from_asgi("/v1/openapi.json", create_app(market_store(), hosts=["*"])).include(
    path_regex="selling-points|audiences|market|together"
)
SPOKEN = MemoryStore()
spoken(SPOKEN)
WITH_MENTIONS = schemathesis.openapi.from_asgi("/v1/openapi.json", create_app(SPOKEN, hosts=["*"])).include(
    path_regex="mentions"
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@SCHEMA.parametrize()
@settings(max_examples=25, derandomize=True, deadline=None)
def test_every_answer_is_documented(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(checks=CHECKS)


@WITH_MARKET.parametrize()
@settings(max_examples=25, derandomize=True, deadline=None)
def test_every_answer_about_a_market_is_documented(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(checks=CHECKS)


@WITH_MENTIONS.parametrize()
@settings(max_examples=25, derandomize=True, deadline=None)
def test_every_answer_about_mentions_is_documented(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(checks=CHECKS)
