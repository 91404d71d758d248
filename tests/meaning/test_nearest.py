from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapfinder.meaning.embedder import of_length_one
from gapfinder.meaning.nearest import cosines, nearest_notes
from gapfinder.meaning.quantised import inverse_lengths, quantised
from gapfinder.meaning.vectors import Vectors


def vectors(rows: npt.NDArray[np.int8]) -> Vectors:
    ids = pa.array([f"n{number:06d}" for number in range(len(rows))], pa.string())
    return Vectors(ids, rows, inverse_lengths(rows))


def slowly(needs: Vectors, notes: Vectors, most: int, least: int) -> list[tuple[int, int, int]]:
    """The definition, pair by pair, in whole numbers."""
    found = []
    for need in range(len(needs)):
        near = []
        for note in range(len(notes)):
            product = int(np.dot(needs.rows[need].astype(np.int64), notes.rows[note].astype(np.int64)))
            cosine = np.float32(product) * needs.inverse[need] * notes.inverse[note] * np.float32(1000)
            if (whole := int(np.rint(cosine))) >= least:
                near.append((-whole, note))
        found += [(need, note, -cosine) for cosine, note in sorted(near)[:most]]
    return found


@st.composite
def small(draw: st.DrawFn, dimensions: int) -> npt.NDArray[np.int8]:
    """Vectors of few values, so that ties and zeros are frequent."""
    rows = draw(st.integers(0, 40))
    numbers = draw(st.randoms(use_true_random=False))
    values = [[numbers.choice([-100, 0, 0, 1, 100]) for _ in range(dimensions)] for _ in range(rows)]
    return np.array(values, np.int8).reshape(rows, dimensions)


@given(st.data(), st.integers(1, 4), st.integers(1, 6), st.integers(-1000, 900), st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_nearest_notes_are_those_of_the_definition(
    data: st.DataObject, dimensions: int, most: int, least: int, needs_at_once: int, notes_at_once: int
) -> None:
    needs, notes = vectors(data.draw(small(dimensions))), vectors(data.draw(small(dimensions)))
    found = nearest_notes(
        needs, notes, most=most, least=least, needs_at_once=needs_at_once, notes_at_once=notes_at_once
    )
    listed = list(zip(found.need.tolist(), found.note.tolist(), found.cosine.tolist(), strict=True))
    assert listed == slowly(needs, notes, most, least)
    again = cosines(needs, notes, found.need, found.note)
    assert again.tolist() == found.cosine.tolist()


def test_block_sizes_change_nothing() -> None:
    random = np.random.default_rng(1)
    notes = vectors(quantised(random.standard_normal((3000, 64))))
    needs = vectors(quantised(random.standard_normal((300, 64))))
    first = nearest_notes(needs, notes)
    assert first.need.size == 300 * 20
    for size in (1, 7, 64, 299):
        other = nearest_notes(needs, notes, needs_at_once=size, notes_at_once=size * 11)
        assert np.array_equal(first.note, other.note)
        assert np.array_equal(first.cosine, other.cosine)


@pytest.mark.parametrize("dimensions", [1, 3, 768, 1536, 8192])
@pytest.mark.parametrize("shape", ["flat", "normal", "spiked"])
def test_products_are_exact_in_float32(dimensions: int, shape: str) -> None:
    random = np.random.default_rng(dimensions)
    rows = random.standard_normal((20, dimensions))
    if shape == "flat":
        rows = np.sign(rows) + (rows == 0)
    elif shape == "spiked":
        rows[:, 0] = 50.0
    whole = quantised(of_length_one(rows))
    assert np.einsum("ij,ij->i", whole, whole, dtype=np.int64).max() < 4096**2
    fast = whole.astype(np.float32) @ whole.astype(np.float32).T
    assert np.array_equal(fast.astype(np.int64), whole.astype(np.int64) @ whole.astype(np.int64).T)


@pytest.mark.parametrize(("dimensions", "worst", "usual"), [(16, 8.0, 2.0), (384, 3.0, 0.6), (768, 3.0, 0.6)])
def test_rounding_costs_little(dimensions: int, worst: float, usual: float) -> None:
    rows = of_length_one(np.random.default_rng(3).standard_normal((200, dimensions)) + 0.3)
    whole = vectors(quantised(rows))
    need, note = (place.ravel() for place in np.indices((200, 200)))
    found = cosines(whole, whole, need, note)
    true = 1000 * (rows.astype(np.float64) @ rows.T.astype(np.float64)).ravel()
    assert np.abs(found - true).max() < worst
    assert np.sqrt(((found - true) ** 2).mean()) < usual
    assert (found[need == note] == 1000).all()


def test_unknown_notes_and_zero_vectors_have_no_cosine() -> None:
    rows = vectors(np.array([[0, 0], [5, 0]], np.int8))
    need = np.array([0, 1, 1, 1])
    assert cosines(rows, rows, need, np.array([1, 0, 1, -1])).tolist() == [0, 0, 1000, 0]
    nothing = vectors(np.empty((0, 2), np.int8))
    assert nearest_notes(rows, nothing).need.size == nearest_notes(nothing, rows).need.size == 0


def test_vectors_become_length_one_whatever_their_size() -> None:
    found = of_length_one(np.array([[3e300, 4e300], [3e-300, 4e-300], [0.0, 0.0]]))
    assert np.allclose(found, [[0.6, 0.8], [0.6, 0.8], [0.0, 0.0]])
