"""The benchmark of truth: what is hidden, how searchers are simulated, and a small run on a made-up set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
import pytest

from benchmarks.truth.behaviour import (
    ANSWERED,
    WITHOUT,
    few_searches,
    shown_notes,
    simulated,
    skewed_searches,
    unsatisfied_rates,
)
from benchmarks.truth.calibration import with_labels, with_searchers
from benchmarks.truth.data import ANSWERS, Labelled, Note, labelled, read_answers
from benchmarks.truth.experiments import EXPERIMENTS, Sets, measured
from benchmarks.truth.hiding import draw_half, hide_all, hide_all_but_one, unanswered
from benchmarks.truth.market import sample_market
from benchmarks.truth.missing import all_but_one, hidden_answers, near_misses
from benchmarks.truth.planted import SHARES, Planting, planted_gaps, term_keywords
from benchmarks.truth.report import figures_json, page
from benchmarks.truth.rewording import other_words, reworded
from benchmarks.truth.rules import RULES
from benchmarks.truth.store import analyzed, column, once_each, rows_of
from benchmarks.truth.table import MISSED, ROWS, Goal, Row, table, verdict
from benchmarks.truth.unreached import WHY
from tests.benchmarks.made_set import THINGS, WISHES, made_set, write_set


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Labelled:
    return made_set(tmp_path_factory.mktemp("set"))


def test_labels_are_read_and_queries_of_the_same_words_are_one() -> None:
    notes = [Note("a", "一"), Note("b", "二")]
    found = labelled(
        "made", notes, [("敏感肌 面膜", 0, 0), ("面膜敏感肌", 1, 2), ("？？", 1, 2), ("电话13800138000", 1, 1)]
    )
    assert found.queries == ("敏感肌 面膜",)
    assert found.relevant == ((1,),)
    assert found.judged == ({0: 0, 1: 2},)


def test_hiding_takes_exact_duplicates_along(data: Labelled) -> None:
    first = data.answered[0]
    hidden = hide_all(data, [first])
    assert len(hidden) == 2
    assert {data.notes[place].text for place in hidden} == {data.notes[data.relevant[first][0]].text}
    assert unanswered(data, hidden)[first]
    near = [query for query, relevant in enumerate(data.relevant) if not relevant]
    assert unanswered(data, ())[near].all()
    assert not unanswered(data, ())[data.answered].any()


def test_all_but_one_leaves_one_text_in_sight() -> None:
    notes = [Note("a", "一"), Note("b", "二"), Note("c", "二"), Note("d", "三"), Note("e", "四")]
    found = labelled("made", notes, [("面膜", place, 1) for place in range(4)] + [("帐篷", 4, 1)])
    for seed in range(8):
        hidden = hide_all_but_one(found, [0], np.random.default_rng(seed))
        left = {notes[place].text for place in range(4) if place not in hidden}
        assert len(left) == 1
        assert 4 not in hidden


def test_half_is_half_and_seeded() -> None:
    one, again, other = (draw_half(np.random.default_rng(seed), range(40)) for seed in (1, 1, 2))
    assert one == again != other
    assert len(one) == 20


def test_searchers_have_the_stated_means() -> None:
    random = np.random.default_rng(5)
    without = np.arange(40_000) % 2 == 0
    rates = unsatisfied_rates(random, without)
    for which, (left, right) in ((without, WITHOUT), (~without, ANSWERED)):
        mean = left / (left + right)
        assert rates[which].mean() == pytest.approx(mean, abs=0.01)
        assert rates[which].var() == pytest.approx(mean * (1 - mean) / (left + right + 1), rel=0.05)
    counts = few_searches(random, 40_000)
    assert set(counts.tolist()) == {2, 3, 4, 5}
    assert counts.mean() == pytest.approx(3.5, abs=0.02)
    many, expected = skewed_searches(random, 40_000)
    assert many.min() == 1
    assert np.median(many) == 3
    assert many.mean() == pytest.approx(expected.mean(), rel=0.01)


def test_what_is_shown_and_clicked_tells_nothing_about_the_labels(data: Labelled) -> None:
    turned = Labelled(
        data.name,
        data.queries,
        data.terms,
        data.notes,
        tuple({note: 2 - label for note, label in one.items()} for one in data.judged),
    )
    hidden = hide_all(data, data.answered[:10])
    shown = shown_notes(data, hidden)
    assert shown.tolist() == shown_notes(turned, hidden).tolist()
    assert not set(shown.ravel().tolist()) & hidden
    counts = few_searches(np.random.default_rng(1), len(data.queries))
    searches, _ = simulated(np.random.default_rng(2), data, hidden, counts, np.full(len(data.queries), 0.5))
    places = {query: data.notes[note].note_id for query, note in zip(data.queries, shown[:, 0].tolist(), strict=True)}
    clicked = [(one.query, result.note_id) for one in searches for result in one.results or () if result.clicked]
    assert clicked
    assert all(note == places[query] for query, note in clicked)


def test_the_best_note_shown_shares_most_with_the_query(data: Labelled) -> None:
    shown = shown_notes(data, ())
    assert all(shown[query, 0] in data.relevant[query] for query in data.answered)


def test_the_product_derives_the_outcomes_itself(data: Labelled) -> None:
    random = np.random.default_rng(3)
    counts = few_searches(random, len(data.queries))
    searches, unsatisfied = simulated(random, data, (), counts, unsatisfied_rates(random, unanswered(data, ())))
    rows = rows_of(analyzed(data, searches, keywords=data.queries), data.queries)
    assert column(rows, "unsatisfied").tolist() == unsatisfied.tolist()
    assert column(rows, "satisfied").tolist() == (counts - unsatisfied).tolist()
    assert column(rows, "demand").tolist() == counts.tolist()
    assert np.isnan(column(rows, "no such column")).all()


def test_every_query_is_a_row_of_its_own(data: Labelled) -> None:
    run = analyzed(data, once_each(data), keywords=data.queries)
    rows = rows_of(run, data.queries)
    assert [row["keyword"] for row in rows] == list(data.queries)
    assert {row["match"] for row in rows} == {"exact"}
    assert column(rows, "searches").tolist() == [1.0] * len(rows)


def test_hidden_answers_are_found_and_a_run_repeats(data: Labelled) -> None:
    found = hidden_answers(data, 1)
    assert found == hidden_answers(data, 1)
    assert found["ours"] > 0.9
    assert found["count"] > 0.5
    assert near_misses(data, 1)["ours"] > 0.8
    figures, curve = with_searchers(data, 1)
    assert figures["ours"] > 0.75
    assert 0.5 < figures["clicks"] < 1
    assert len(curve) == 10
    labels, _ = with_labels(data, 1, labels=20)
    assert 0 <= labels["error"] < 0.6


def test_thin_supply_is_told_from_plenty(tmp_path: Path) -> None:
    folder = tmp_path / ANSWERS
    folder.mkdir()
    queries = [{"qid": f"q{number}", "query": f"{thing}{WISHES[0]}"} for number, thing in enumerate(THINGS)]
    docs = [
        {"qid": f"q{number}", "title": f"{thing}第{turn}篇", "text": f"{thing}{WISHES[0]}，第{turn}次写它。"}
        for number, thing in enumerate(THINGS)
        for turn in range(4)
    ]
    for name, lines in (("queries", queries), ("docs", docs)):
        (folder / f"{name}.jsonl").write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    found = read_answers(folder)
    assert [len(notes) for notes in found.relevant] == [4] * len(THINGS)
    assert all_but_one(found, 1)["ours"] == 1.0
    assert hidden_answers(found, 1)["ours"] == 1.0


def test_planting_hides_the_stated_share(data: Labelled) -> None:
    terms = term_keywords(data, 4)
    assert {term.word for term in terms} <= {*THINGS, *WISHES}
    assert all(sum(bool(data.relevant[query]) for query in term.queries) >= 4 for term in terms)
    planting = Planting.drawn(np.random.default_rng(1), data, 4)
    assert planting.chosen.sum() == 1
    answers = planting.order[0]
    before: frozenset[int] = frozenset()
    for share in SHARES:
        hidden = planting.hidden(data, share)
        assert len(set(answers) & hidden) == round(len(answers) * share / 100)
        assert before <= hidden
        before = hidden


def test_planted_gaps_are_ranked_by_every_rule(data: Labelled) -> None:
    found = planted_gaps(data, 1, least=4, shares=(100,))
    for mode in ("content", "behaviour"):
        assert found[f"{mode}/100/precision/unmet_probability"] == 1.0
        assert 0 <= found[f"{mode}/100/coverage/all"] <= 1
        named = {name.rsplit("/", 1)[1] for name in found if name.startswith(f"{mode}/100/captured/")}
        assert named >= {rule.name for rule in RULES} - {"excess", "excess_low"}


def test_a_word_is_replaced_by_one_that_no_answer_holds(data: Labelled) -> None:
    equal = {"透气": ["通风"], "便宜": ["值不值得买", "划算"], "去屑": []}
    found = reworded(data, equal, np.random.default_rng(1))
    assert {one.before.replace("透气", "通风").replace("便宜", "划算") for one in found} == {one.after for one in found}
    assert {data.queries[one.query] for one in found} == {one.before for one in found}
    assert len(found) == 2 * len(THINGS)
    figures = other_words(data, equal, 1)
    assert figures["questions"] == len(found)
    assert 0 <= figures["auc"] <= 1


def test_the_table_says_what_is_met_and_by_how_much_not() -> None:
    row = Row("x", "made", (), (Goal("a", "first", least=0.5, better_least=0.7), Goal("b", "second", most=0.1)), "", "")
    assert verdict(row, {}) == MISSED
    assert verdict(row, {"a": [0.6, 0.6], "b": [0.05, 0.05]}) == "met"
    assert verdict(row, {"a": [0.7, 0.9], "b": [0.05, 0.15]}) == "met, and beyond"
    assert verdict(row, {"a": [0.4, 0.5], "b": [0.2, 0.2]}) == "not met: first by 0.050, second by 0.100"
    assert verdict(row, {"a": [0.6]}) == f"{MISSED}: second"
    every = Row("x", "made", (), (Goal("a", "above", least=0.0, every=True),), "", "")
    assert verdict(every, {"a": [0.1, 0.2]}) == "met"
    assert verdict(every, {"a": [0.5, 0.0]}) == "not met: above by less than 0.001"
    assert verdict(every, {"a": [0.5, -0.1]}) == "not met: above by 0.100"


def test_the_table_has_the_rows_that_were_asked_for() -> None:
    assert len(ROWS) == 10
    cells = table({"missing.ours": [0.87, 0.89], "missing.ratio": [0.70, 0.70]})
    assert cells[0][1:] == ("ratio: 0.700 ± 0.000", "0.880 ± 0.014", "0.87", "0.90", "met")
    assert all(cell[-1] == MISSED for cell in cells[1:])


def test_a_run_says_what_it_could_not_measure(tmp_path: Path) -> None:
    write_set(tmp_path)
    figures, curves, about = measured(Sets(tmp_path), [1, 2], ["missing", "answers"])
    assert len(figures["missing.ours"]) == 2
    assert about["not_run"].keys() == {"answers", "one"}
    text = page(figures, about, {"processor": "any"}, [])
    assert text.count("\n| ") >= len(ROWS)
    assert f"the folder of labelled sets holds no {ANSWERS}" in text
    assert orjson.loads(figures_json(figures, curves, about, {}))["figures"] == figures
    rows = {one.row for one in EXPERIMENTS} - {"market", "kinds"}
    _, _, about = measured(Sets(None), [1], sorted(rows))
    assert about["not_run"].keys() >= {one.name for one in EXPERIMENTS if one.row in rows} - {"wording", "reworded"}


def test_the_sample_market_is_measured_too() -> None:
    found = sample_market(1)
    assert found["ours"] > 0.95
    assert found["coverage"] >= 0.9
    assert abs(found["bias"]) < 0.1


def test_reasons_belong_to_rows() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert set(WHY) <= set(names)
