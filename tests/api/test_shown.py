"""A run kept small says the same as the run itself."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.problems import Missing
from api.shown import ShownRun
from gapfinder.orders import ORDERS
from gapfinder.reporting.html import render_report
from gapfinder.reporting.privacy import published
from gapfinder.reporting.view import MOST_MET_ROWS, MOST_ROWS
from gapfinder.results import GAP_KINDS, Gap
from gapfinder.runs import Run
from tests.reporting.made_run import PHONE, RARE, made_gap, made_info, made_run

WORDS = st.sampled_from(["纸尿裤", "尿不湿", "Cream", "防晒", "防晒霜", "A酸", "早c晚a", "x"])


def shown(run: Run) -> ShownRun:
    return ShownRun(run.info, iter(run.gaps))


def many(count: int) -> Run:
    """A run of that many gaps of all kinds."""
    gaps = [made_gap(place, f"词{place}号", GAP_KINDS[place % len(GAP_KINDS)]) for place in range(count)]
    return Run(made_info(), sorted(gaps, key=lambda gap: (-gap["unmet_low"], gap["keyword"])))


def test_all_gaps_come_back_as_they_may_be_shown() -> None:
    run = made_run()
    small, whole = shown(run), published(run)
    assert list(small.gaps()) == whole.gaps
    assert len(small) == len(whole.gaps)
    assert (small.info, small.floor) == (whole.info, whole.floor)
    assert (small.hidden_keywords, small.hidden_queries) == (whole.hidden_keywords, whole.hidden_queries)
    assert not {RARE, PHONE} & {gap["keyword"] for gap in small.gaps()}


def test_a_run_without_gaps_is_shown() -> None:
    small = shown(Run(made_info(), []))
    assert list(small.gaps()) == []
    assert small.chosen("searches", ["weak"], "exact", "a").tolist() == []
    assert small.info.run == "run-1"


@st.composite
def gaps(draw: st.DrawFn) -> list[Gap]:
    """Gaps whose keywords, variants and synonyms are of few words, so that they meet."""
    keywords = draw(st.lists(WORDS, min_size=1, max_size=6, unique=True))
    made = []
    for place, keyword in enumerate(keywords):
        gap = made_gap(
            place, keyword, draw(st.sampled_from(GAP_KINDS)), match=draw(st.sampled_from(["exact", "contains"]))
        )
        people: int | None = draw(st.sampled_from([None, 3, 900]))
        names = draw(st.lists(WORDS, max_size=3))
        gap["searchers"] = people
        gap["variants"] = [{"query": name, "searches": 9, "folded_by": "same"} for name in names]
        gap["evidence_queries"] = [
            {
                "query": name,
                "searches": 9,
                "searchers": people,
                "people": people,
                "satisfied": 1,
                "unsatisfied": 1,
                "unknown": 7,
            }
            for name in names
        ]
        gap["synonyms"] = draw(st.lists(WORDS, max_size=2))
        gap["unmet_probability"] = draw(st.sampled_from([0.2, 0.5, 0.8]))  # ties
        gap["excess_low"] = draw(st.sampled_from([None, -1.0, 0.0, -0.0]))
        gap["demand_supply_ratio"] = draw(st.sampled_from([None, 1.5, 40.0]))
        made.append(gap)
    return made


@given(gaps(), st.sampled_from(sorted(ORDERS)), st.sets(st.sampled_from(GAP_KINDS)), WORDS)
def test_lists_are_those_of_the_whole_run(found: list[Gap], order: str, kinds: set[str], q: str) -> None:
    run = Run(made_info(), found)
    small, whole = shown(run), published(run).gaps
    for chosen, match, text in product([kinds, set()], [None, "exact", "contains"], [None, q, q.upper()]):
        wanted = [
            gap
            for gap in sorted(whole, key=ORDERS[order], reverse=True)
            if (not chosen or gap["gap_kind"] in chosen)
            and (match is None or gap["match"] == match)
            and (text is None or text.lower() in " ".join(texts_of(gap)).lower())
        ]
        assert [small.at(place) for place in small.chosen(order, sorted(chosen), match, text)] == wanted


def texts_of(gap: Gap) -> list[str]:
    return [gap["keyword"], *(variant["query"] for variant in gap["variants"]), *gap["synonyms"]]


@given(gaps(), WORDS)
def test_a_keyword_goes_before_a_variant_and_the_first_variant_before_others(found: list[Gap], text: str) -> None:
    run = Run(made_info(), found)
    small, whole = shown(run), published(run).gaps
    own = [gap for gap in whole if gap["keyword"] == text]
    folded = [gap for gap in whole if gap["match"] == "exact" and text in {v["query"] for v in gap["variants"]}]
    if own or folded:
        assert small.gap(text) == [*own, *folded][0]
    elif text == text.lower():
        with pytest.raises(Missing):
            small.gap(text)


def test_a_head_term_does_not_answer_for_the_queries_it_contains() -> None:
    head = made_gap(1, "纸尿裤", "met", match="contains", searchers=None)
    one, other = (made_gap(place, f"词{place}", "weak", searchers=None) for place in (2, 3))
    head["variants"] = [{"query": query, "searches": 9, "folded_by": "same"} for query in ("防晒", "防晒霜")]
    one["variants"] = other["variants"] = head["variants"][:1]
    small = shown(Run(made_info(), [head, one, other]))
    assert small.gap("防晒")["keyword"] == "词2"
    with pytest.raises(Missing):
        small.gap("防晒霜")


def test_what_a_user_types_is_normalised_where_it_is_not_known_as_it_is() -> None:
    small = shown(made_run())
    assert small.gap("新生兒紙尿褲")["keyword"] == "新生儿纸尿裤"
    assert small.gap("早C晚A 顺序")["keyword"] == "早C晚A 顺序"


def test_the_page_of_a_run_kept_small_is_the_page_of_the_run() -> None:
    run = many((MOST_ROWS + MOST_MET_ROWS) * 3)
    kinds = [gap["gap_kind"] for gap in run.gaps]
    assert kinds.count("met") > MOST_MET_ROWS
    assert len(kinds) - kinds.count("met") > MOST_ROWS
    assert render_report(shown(run).for_page()) == render_report(run)


def test_a_run_saved_again_has_another_key() -> None:
    run = made_run()
    again = Run(replace(run.info, created_at=run.info.created_at.replace(minute=1)), run.gaps)
    assert shown(run).key == shown(made_run()).key
    assert shown(run).key != shown(again).key


def test_a_gap_takes_little_memory_and_no_object_that_the_garbage_collector_visits() -> None:
    few, lots = many(50), many(3_050)
    first = shown(few)  # what is loaded once is loaded
    gc.collect()
    objects = len(gc.get_objects())
    tracemalloc.start()
    small = shown(lots)
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(gc.get_objects()) - objects < 300
    assert taken / len(small) < 3_000  # bytes; as Python objects a gap has some thirty thousand
    assert len(first) == 50
