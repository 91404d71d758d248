from __future__ import annotations

import pytest

from indexer.errors import UsageError
from indexer.stores.elastic.connection import parse_address
from indexer.stores.elastic.names import Names, parts_of


@pytest.mark.parametrize(
    ("url", "server", "prefix", "user", "password"),
    [
        ("http://localhost:9200", "http://localhost:9200", "gapfinder", None, None),
        ("http://localhost", "http://localhost:9200", "gapfinder", None, None),
        ("https://search.example", "https://search.example:443", "gapfinder", None, None),
        ("http://localhost:9200/brand_a/", "http://localhost:9200", "brand_a", None, None),
        ("http://me:p%40ss%2F@host:1/x", "http://host:1", "x", "me", "p@ss/"),
        ("http://[::1]:9200", "http://[::1]:9200", "gapfinder", None, None),
    ],
)
def test_an_address_is_read(url: str, server: str, prefix: str, user: str | None, password: str | None) -> None:
    address = parse_address(url)
    assert (address.server, address.prefix, address.user, address.password) == (server, prefix, user, password)


@pytest.mark.parametrize(
    "url", ["http://", "http://host:port", "ftp://host", "http://host?x=1", "http://me:secret@host:99999"]
)
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(url)
    assert "secret" not in str(caught.value)
    assert "http://localhost:9200" in caught.value.hint


def test_a_password_is_never_shown() -> None:
    address = parse_address("http://me:secret@host:9200/x")
    assert "secret" not in repr(address)
    assert "secret" not in address.shown
    assert "me" not in address.shown.replace("http", "")


@pytest.mark.parametrize("prefix", ["", "A", "-a", "a*", "a,b", "a/b", "_all", "纸尿裤", "a" * 101])
def test_a_prefix_that_could_name_other_indices_is_refused(prefix: str) -> None:
    with pytest.raises(UsageError):
        Names(prefix)


def test_only_names_of_this_store_are_taken_for_its_own() -> None:
    names = Names("brand")
    own = names.index("search", 12, "ab12", "202601")
    assert own == "brand-search-g000012-ab12-202601"
    assert names.generation(own) == ("search", 12, "202601")
    assert names.generation(names.index("note", 1, "ab12")) == ("note", 1, "")
    for other in ("brand-meta", "brand-note", "brand-note-g000001-ab12-202601", "brand2-note-g000001-ab12", "x" + own):
        assert names.generation(other) is None
    assert parts_of(names, [own, "brand-meta"]) == {"202601": own}
