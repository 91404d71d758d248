"""Products by brand, category and function, against a plain loop over sets."""

from __future__ import annotations

import tracemalloc
from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.market.spu import Claims
from gapfinder.understanding.catalogue import BRAND, PRODUCT, Catalogue, Name

# Names 0 and 1 are brands, 2 to 4 products of the first, 5 and 6 of the second, 7 of nobody.
CATALOGUE = Catalogue(
    (
        Name(BRAND, "a", (), "a"),
        Name(BRAND, "b", (), "b"),
        *(Name(PRODUCT, f"a{n}", (), "a") for n in range(3)),
        *(Name(PRODUCT, f"b{n}", (), "b") for n in range(2)),
        Name(PRODUCT, "c", (), None),
    ),
    (),
)
POINTS = 4

claimed_by = st.dictionaries(st.integers(0, POINTS - 1), st.sets(st.integers(2, 7)).map(sorted))


def pairs_with(least: int, most: int) -> st.SearchStrategy[set[tuple[int, int]]]:
    return st.sets(st.tuples(st.integers(0, 3), st.integers(least, most)))


def columns(pairs: set[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    rows = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def by_hand(
    claimed: dict[int, list[int]],
    spoken: set[tuple[int, int]],
    branded: set[tuple[int, int]],
    named: set[tuple[int, int]],
) -> set[tuple[int, int]]:
    """What the rule of the module says, a text and a brand at a time."""
    brand_of = CATALOGUE.brand_of.tolist()
    found = set()
    for text, brand in branded:
        if any(other == text and brand_of[product] == brand for other, product in named):
            continue
        claims: dict[int, int] = defaultdict(int)
        for other, point in spoken:
            for product in claimed.get(point, ()):
                if other == text and brand_of[product] == brand:
                    claims[product] += 1
        most = max(claims.values(), default=0)
        best = [product for product, times in claims.items() if times == most]
        if len(best) == 1:
            found.add((text, best[0]))
    return found


@given(claimed_by, pairs_with(0, POINTS - 1), pairs_with(0, 1), pairs_with(2, 7))
def test_the_one_product_that_claims_most_of_what_is_spoken_of(
    claimed: dict[int, list[int]],
    spoken: set[tuple[int, int]],
    branded: set[tuple[int, int]],
    named: set[tuple[int, int]],
) -> None:
    claims = Claims.of(claimed, POINTS, CATALOGUE)
    text, product = claims.products_of(columns(spoken), columns(branded), columns(named))
    found = list(zip(text.tolist(), product.tolist(), strict=True))
    assert len(set(found)) == len(found)
    assert set(found) == by_hand(claimed, spoken, branded, named)


def test_a_tie_tells_nothing_and_a_name_tells_more_than_a_claim() -> None:
    claims = Claims.of({0: [2, 3], 1: [2]}, POINTS, CATALOGUE)
    texts = columns({(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)})
    brands = columns({(0, 0), (1, 0), (2, 0)})
    text, product = claims.products_of(texts, brands, columns({(2, 4)}))
    assert (text.tolist(), product.tolist()) == ([0], [2])


def test_texts_that_speak_of_no_point_cost_nothing_and_large_brands_go_in_blocks() -> None:
    products = 500
    names = [Name(BRAND, "b", (), "b"), *(Name(PRODUCT, f"p{n}", (), "b") for n in range(products))]
    claims = Claims.of({point: list(range(1, products + 1)) for point in range(4)}, 5, Catalogue(tuple(names), ()))
    texts = np.arange(10_000, dtype=np.int64)
    branded, nothing = (texts, np.zeros(texts.size, np.int64)), (texts[:0], texts[:0])
    for spoken in (nothing, (texts, np.full(texts.size, 3, np.int64))):
        tracemalloc.start()
        text, _ = claims.products_of(spoken, branded, nothing)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert text.size == 0, "all products claim it alike"
        assert peak < 200e6, "20 million pairs of texts and claims at once would be 700 MB"


def test_a_point_that_thousands_claim_costs_no_more_than_one_that_few_claim() -> None:
    """Facial essence has over 4,200 brands, most of whose products claim the same."""
    brands = 10_000
    names = [*(Name(BRAND, f"b{n}", (), f"b{n}") for n in range(brands))]
    names += [Name(PRODUCT, f"p{n}", (), f"b{n // 2}") for n in range(2 * brands)]
    claimed = {0: list(range(brands, 3 * brands)), 1: list(range(brands, 3 * brands, 2))}
    tracemalloc.start()
    claims = Claims.of(claimed, 2, Catalogue(tuple(names), ()))
    texts = np.arange(20_000, dtype=np.int64)
    spoken = np.repeat(texts, 2), np.tile(np.array([0, 1], np.int64), texts.size)
    text, product = claims.products_of(spoken, (texts, texts % brands), (texts[:0], texts[:0]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (text.tolist(), product.tolist()) == (texts.tolist(), (brands + 2 * (texts % brands)).tolist())
    assert peak < 100e6, "texts x products would be 3 GB"
