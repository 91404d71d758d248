"""The truth speaks of what is really in the files, and the files show what the truth says."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from indexer.dictionary import shipped_dictionary, shipped_synonyms
from indexer.normalize import normalize
from indexer.segment import Segmenter, query_key
from tests.samples.market_files import FOLDER, keyword, lines, notes, table, truth

SAME_WORDS = {"same", "space", "order", "script", "width"}


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    brands = {row["brand"] for row in table("products.csv", "gb18030")}
    return Segmenter(shipped_dictionary().extended((brand, 100_000) for brand in sorted(brands)))


@pytest.fixture(scope="module")
def terms(segmenter: Segmenter) -> dict[str, set[str]]:
    return {
        note_id: {term for text in (note["title"], note["content"], *note["tags"]) for term in segmenter.terms(text)}
        for note_id, note in notes().items()
    }


def searches() -> list[dict[str, Any]]:
    return [*lines("searches.jsonl.gz"), *table("searches_app.csv")]


def test_there_are_gaps_of_every_kind_and_most_keywords_are_met() -> None:
    kinds = Counter(one["kind"] for one in truth()["keywords"])
    assert dict(sorted(kinds.items())) == truth()["kinds"]
    assert min(kinds[kind] for kind in ("missing", "wording", "weak", "stale", "ads_only")) >= 8
    assert kinds["unsure"] == 5
    assert 150 <= kinds["met"] <= 200


def test_every_id_of_the_truth_exists() -> None:
    listed = [note for one in truth()["keywords"] for note in one["answers"] + one["advertising"]]
    for key in ("undisclosed", "disclosed", "stale", "weak", "undated", "emoji_only", "elsewhere"):
        assert truth()[key]
        listed += truth()[key]
    listed += [note for group in truth()["near_duplicates"] for note in group]
    assert set(listed) <= set(notes())
    users = {row.get("user_id") for row in searches()}
    assert {bot["user_id"] for bot in truth()["bots"]} | set(truth()["bursts"][0]["users"]) <= users


def test_every_search_is_of_a_keyword_or_is_planted_otherwise() -> None:
    variants = [variant for one in truth()["keywords"] for variant in one["variants"]]
    assert len({variant["query"] for variant in variants}) == len(variants)
    rows = searches()
    assert truth()["searches"] == len(rows) - 5  # the bad rows of the app's export
    raw = Counter(row["query"] for row in rows)
    planted = sum(variant["searches"] for variant in variants)
    dust = sum(raw[query] for query in truth()["dust"])
    assert planted + dust + 2400 + 300 == truth()["searches"]


def test_newborn_diapers_is_the_gap_with_most_unmet_searches() -> None:
    first, second = sorted((one["unmet_per_week"] for one in truth()["keywords"]), reverse=True)[:2]
    newborn = keyword("新生儿纸尿裤")
    assert newborn["kind"] == "missing"
    assert newborn["unmet_per_week"] == first > 550 > 10 * second
    groups = {row["user_id"]: row["groups"].split("|") for row in table("audiences.csv")}
    typed = {variant["query"] for variant in newborn["variants"]}
    who = [groups[row["user_id"]] for row in searches() if row["query"] in typed and row.get("user_id") in groups]
    assert sum("孕妈" in own for own in who) / len(who) > 0.6


def test_newborn_diapers_is_cheap() -> None:
    bids = {row["关键词"]: float(row["市场出价"]) for row in table("volumes.csv")}
    assert bids["新生儿纸尿裤"] * 5 < bids["纸尿裤推荐"]
    assert bids["新生儿纸尿裤"] == min(bids.values())


@pytest.mark.parametrize("kind", ["missing", "wording"])
def test_hardly_a_note_holds_the_words_that_are_searched(
    kind: str, terms: dict[str, set[str]], segmenter: Segmenter
) -> None:
    for one in truth()["keywords"]:
        if one["kind"] == kind:
            wanted = set(segmenter.query_terms(one["keyword"]))
            assert sum(wanted <= own for own in terms.values()) <= (2 if kind == "missing" else 0), one["keyword"]
            assert (len(one["answers"]) == 0) == (kind == "missing")


def test_missing_keywords_are_not_all_without_any_match(terms: dict[str, set[str]], segmenter: Segmenter) -> None:
    matching = [
        sum(set(segmenter.query_terms(one["keyword"])) <= own for own in terms.values())
        for one in truth()["keywords"]
        if one["kind"] == "missing"
    ]
    assert 0 in matching
    assert sum(count > 0 for count in matching) >= 8


def test_wording_gaps_are_answered_under_a_shipped_synonym(terms: dict[str, set[str]], segmenter: Segmenter) -> None:
    for one in (one for one in truth()["keywords"] if one["kind"] == "wording"):
        wanted = segmenter.query_terms(one["keyword"])
        options = [
            {word, *(other for group in shipped_synonyms() if word in group for other in group)} for word in wanted
        ]
        found = [note for note in one["answers"] if all(choice & terms[note] for choice in options)]
        assert len(found) >= 8, one["keyword"]


def test_met_keywords_have_recent_organic_answers(terms: dict[str, set[str]], segmenter: Segmenter) -> None:
    for one in (one for one in truth()["keywords"] if one["kind"] == "met"):
        wanted = set(segmenter.query_terms(one["keyword"]))
        assert sum(wanted <= terms[note] for note in one["answers"]) >= 6, one["keyword"]
        assert sum(notes()[note].get("published_at", "") >= "2025-08-24" for note in one["answers"]) >= 6
        assert not set(one["answers"]) & {*truth()["undisclosed"], *truth()["disclosed"]}


def test_the_other_gaps_are_what_they_are_called() -> None:
    for one in truth()["keywords"]:
        answers = [notes()[note] for note in one["answers"]]
        if one["kind"] == "weak":
            assert 3 <= len(answers) <= 6
            assert max(len(note["content"]) for note in answers) < 60
            assert max(note["finish_rate"] for note in answers) < 0.2
        elif one["kind"] == "stale":
            assert len(answers) >= 10
            assert max(note["published_at"] for note in answers) < "2024-08-24"
        elif one["kind"] == "ads_only":
            assert answers == []
            assert len(one["advertising"]) >= 12
        elif one["kind"] == "unsure":
            assert one["searches"] < 30


def test_raw_forms_with_the_same_words_are_cut_alike(segmenter: Segmenter) -> None:
    for one in truth()["keywords"]:
        key = query_key(segmenter.query_terms(one["keyword"]))
        forms = [variant["query"] for variant in one["variants"] if variant["how"] in SAME_WORDS]
        assert {query_key(segmenter.query_terms(form)) for form in forms} == {key}


def test_the_canonical_form_is_searched_most() -> None:
    for one in truth()["keywords"]:
        assert one["variants"][0]["query"] == one["keyword"]


def test_typos_are_one_letter_off_and_rare() -> None:
    found = 0
    for one in truth()["keywords"]:
        for variant in (variant for variant in one["variants"] if variant["how"] == "typo"):
            found += 1
            assert len(variant["query"]) == len(one["keyword"])
            assert sum(a != b for a, b in zip(variant["query"], one["keyword"], strict=True)) == 1
            assert variant["searches"] * 10 <= one["variants"][0]["searches"]
    assert found >= 20


def test_dust_is_never_searched_often_and_makes_no_head_term(segmenter: Segmenter) -> None:
    raw = Counter(normalize(row["query"]) for row in searches())
    assert len(truth()["dust"]) >= 400
    assert max(raw[normalize(query)] for query in truth()["dust"]) <= 2
    words = {term for one in truth()["keywords"] for term in segmenter.query_terms(one["keyword"])}
    generic = set((FOLDER.parents[1] / "indexer/dictionary/generic.txt").read_text(encoding="utf-8").split())
    holding = Counter(term for query in truth()["dust"] for term in set(segmenter.query_terms(query)))
    heads = {term for term, count in holding.items() if count >= 5 and term not in words and term not in generic}
    assert heads == set()


def test_behaviour_follows_the_truth() -> None:
    kinds = {variant["query"]: one["kind"] for one in truth()["keywords"] for variant in one["variants"]}
    recorded: dict[str, list[bool]] = defaultdict(list)
    bot = truth()["bots"][0]["user_id"]
    for row in lines("searches.jsonl.gz"):
        if "results" in row and row["query"] in kinds and row.get("user_id") != bot:
            read = any(one.get("dwell_seconds", 0) >= 30 or one.get("liked") for one in row["results"])
            recorded[kinds[row["query"]]].append(read)
    shares = {kind: sum(own) / len(own) for kind, own in recorded.items()}
    assert 0.72 < shares["met"] < 0.82
    assert 0.1 < shares["missing"] < 0.18
    assert all(0.18 < shares[kind] < 0.4 for kind in ("wording", "weak", "stale", "ads_only"))


def test_four_of_five_searches_have_recorded_results_and_some_are_empty() -> None:
    rows = lines("searches.jsonl.gz")
    recorded = [row["results"] for row in rows if "results" in row]
    assert 0.75 < len(recorded) / truth()["searches"] < 0.85
    assert 500 < sum(results == [] for results in recorded) < 5000
    assert 300 < sum("user_id" not in row for row in rows) < 2000
    assert {one["note_id"] for results in recorded for one in results} <= set(notes())


def test_no_note_is_shown_before_it_was_published() -> None:
    early = 0
    for row in lines("searches.jsonl.gz"):
        for one in row.get("results", []):
            early += notes()[one["note_id"]].get("published_at", "") > row["searched_at"]
    assert early == 0


def test_the_searches_fill_twelve_whole_weeks() -> None:
    days = Counter(row["searched_at"][:10] for row in lines("searches.jsonl.gz"))
    first = datetime.fromisoformat(truth()["first_day"])
    assert sorted(days) == [(first + timedelta(days=day)).strftime("%Y-%m-%d") for day in range(84)]
    assert truth()["end"] == "2026-08-24"


def test_the_launch_points_are_wanted_more_than_offered() -> None:
    points = {one["selling_point"]: one for one in truth()["selling_points"]["纸尿裤"]}
    for point in truth()["launch"]["selling_points"]:
        assert points[point]["demand_share"] > 2 * points[point]["supply_share"], point
    for own in truth()["selling_points"].values():
        assert abs(sum(one["demand_share"] for one in own) - 1) < 0.01


def test_near_duplicates_are_alike_and_by_others() -> None:
    assert len(truth()["near_duplicates"]) == 40
    for group in truth()["near_duplicates"]:
        texts = [notes()[note]["content"] for note in group]
        grams = [{text[place : place + 3] for place in range(len(text) - 2)} for text in texts]
        assert all(len(grams[0] & other) / len(grams[0] | other) > 0.85 for other in grams[1:])


def test_the_share_of_bad_rows_is_far_under_five_percent() -> None:
    bad = sum(row["note_id"].startswith("n9") for row in lines("notes.jsonl.gz"))
    assert bad == 3
    app = table("searches_app.csv")
    wrong = [
        row
        for row in app
        if not row["query"]
        or len(row["query"]) > 256
        or row["searched_at"][:7] not in {"2026-06", "2026-07", "2026-08"}
    ]
    assert len(wrong) == 5 < 0.01 * len(app)


def test_the_products_are_gb18030_and_not_utf8() -> None:
    data = (FOLDER / "products.csv").read_bytes()
    assert "云朵熊" in data.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_other_files_join_the_notes_and_products() -> None:
    products = {row["product_id"] for row in table("products.csv", "gb18030")}
    assert {row["product_id"] for row in table("orders.csv")} <= products
    assert {row["source_note_id"] for row in table("orders.csv")} - {""} <= set(notes())
    assert {row["note_id"] for row in table("comments.csv")} <= set(notes())
    authors = {note["author_id"] for note in notes().values()}
    assert {row["creator_id"] for row in table("creators.csv")} <= authors
