from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.numbers import Figure, parse_figure, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("18,399", 18_399),
        ("1,234,567.5", 1_234_567.5),
        ("１２３", 123),
        ("1.2万", 12_000),
        ("1.1万", 11_000),
        ("3.20w", 32_000),
        ("3k", 3_000),
        ("2千", 2_000),
        ("1.5亿", 150_000_000),
        ("12.5%", 0.125),
        ("120%", 1.2),
        ("-3", -3),
        (" 7 ", 7),
        ("¥12.50", 12.5),
        ("3元", 3),
        ("1e3", 1_000),
        ("2.5M", 2_500_000),
    ],
)
def test_numbers_as_people_write_them(text: str, value: float) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["", " ", "-", "--", "—", "无", "∞", "nan", "NaN", "inf", "-inf", "Infinity", "null", "N/A", "＃N/A"]
)
def test_no_figure_is_none_and_never_zero(text: str) -> None:
    assert parse_figure(text) is None


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("10+", Figure(10, 10, None)),
        ("1万+", Figure(10_000, 10_000, None)),
        (">500", Figure(500, 500, None)),
        ("< 20", Figure(10, 0, 20)),
        ("<20", Figure(10, 0, 20)),
        ("≤20", Figure(10, 0, 20)),
        ("10-1000", Figure(100, 10, 1000)),
        ("1k ~ 10k", Figure(math.sqrt(1_000) * math.sqrt(10_000), 1_000, 10_000)),
        ("0-10", Figure(5, 0, 10)),
        ("42", Figure(42, 42, 42)),
    ],
)
def test_censored_figures_keep_their_ends(text: str, figure: Figure) -> None:
    found = parse_figure(text)
    assert found is not None
    assert (found.low, found.high) == (figure.low, figure.high)
    assert found.value == pytest.approx(figure.value)
    assert found.exact == (text == "42")


@pytest.mark.parametrize(
    "text", ["abc", "1.2.3", "十", "1,2", "12,34,567", "3万5", "0x1F", "1_000", "5-3", "--5", "1e999", "多"]
)
def test_what_is_no_number_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|range|large"):
        parse_number(text)


@given(st.integers(0, 10**15))
def test_thousands_do_not_matter(number: int) -> None:
    assert parse_number(f"{number:,}") == number == parse_number(str(number))


@given(st.integers(0, 10**7), st.sampled_from([("万", 10**4), ("w", 10**4), ("k", 10**3), ("亿", 10**8)]))
def test_scales_multiply(hundredths: int, scale: tuple[str, int]) -> None:
    word, factor = scale
    assert parse_number(f"{hundredths / 100:.2f}{word}") == pytest.approx(hundredths / 100 * factor)


@given(st.text(max_size=20))
def test_any_text_is_a_finite_figure_or_none_or_refused(text: str) -> None:
    try:
        figure = parse_figure(text)
    except ValueError as error:
        assert "\n" not in str(error)  # noqa: PT017 - most texts are refused, some are not
        return
    if figure is not None:
        assert math.isfinite(figure.value)
        assert figure.low <= figure.value
        assert figure.high is None or (math.isfinite(figure.high) and figure.value <= figure.high)
