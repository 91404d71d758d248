"""The page's text and numbers, without a browser."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.metrics import METRICS
from gapfinder.reporting import words
from gapfinder.reporting.beside import Beside
from gapfinder.reporting.html import json_in_html, render_notice, render_report
from gapfinder.reporting.privacy import published
from gapfinder.reporting.quadrant import NARROW, WIDE, Frame, draw, text_width
from gapfinder.reporting.trust import NO_BACKTEST
from gapfinder.reporting.view import MOST_CARDS, MOST_MET_ROWS, MOST_ROWS, page, steps
from gapfinder.results import GAP_KIND_LABELS, GAP_KINDS, Gap
from gapfinder.runs import Run
from tests.reporting.made_run import MARKUP, made_backtest, made_gap, made_info, made_run


class _Elements(HTMLParser):
    """Tags with their attributes, and the text of the data."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag if dict(attrs).get("id") == "data" else ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.data += data


def _parsed(text: str) -> _Elements:
    elements = _Elements()
    elements.feed(text)
    return elements


def test_the_page_says_the_headline_in_chinese() -> None:
    text = render_report(made_run())
    assert '<html lang="zh-CN">' in text
    assert "1,834" in text
    assert "90% 区间</b> 1,610 – 2,105 次" in text
    assert "2026 年 7 月 1 日 – 2026 年 9 月 22 日" in text, "the last day of a half-open window is inside it"
    assert "搜索次数 ÷ 匹配笔记数" in text
    assert "竞争度" not in text


def test_every_gap_shown_is_one_click_from_its_queries_and_notes() -> None:
    run = published(made_run())
    text = render_report(run)
    elements = _parsed(text)
    gaps = [gap for gap in run.gaps if gap["gap_kind"] != "met"]
    links = {attributes["href"] for tag, attributes in elements.tags if tag == "a" and attributes["href"] != "#gaps"}
    assert links == {f"#gap-{number}" for number in range(len(gaps))}
    assert "个缺口在下面附有" not in text, "all of them have it"
    for gap in gaps:
        for note in gap["evidence_notes"]:
            assert f"编号 {note['note_id']}" in text


def test_the_page_says_how_far_the_list_can_be_trusted() -> None:
    run = made_run()
    text = render_report(run)
    assert "概率尚未校准" in text
    assert NO_BACKTEST in text
    told = render_report(run, Beside(None, made_backtest()))
    assert "仍是缺口的有 45 个（90%，90% 区间 80%–96%）" in told
    assert NO_BACKTEST not in told


def test_what_is_cut_off_and_what_is_a_range_says_so() -> None:
    bucket = {"source": "生意参谋", "unit": "bucket", "volume": 3000.0, "low": 1000.0, "high": 5000.0}
    volumes = [{**bucket, "period_start": None, "period_end": None, "competition": None}]
    flags = ["notes_at_least", "supply_at_least"]
    gap = made_gap(1, "纸尿裤", "weak", notes_matching=220, flags=flags, volumes=volumes)
    text = render_report(Run(made_info(), [gap]))
    assert ">至少 220<" in text
    assert re.search(r"有效供给</dt><dd>至少 \d", text)
    assert "生意参谋：1,000–5,000 区间" in text


def test_the_page_loads_nothing() -> None:
    elements = _parsed(render_report(made_run()))
    links = [
        value
        for _, attributes in elements.tags
        for name, value in attributes.items()
        if name in {"src", "href", "action", "srcset", "data", "poster"} and value
    ]
    assert [link for link in links if not link.startswith(("#", "data:image/svg+xml;base64,"))] == []
    assert "url(" not in render_report(made_run())
    assert [attributes for _, attributes in elements.tags if "style" in attributes] == []
    assert [name for _, attributes in elements.tags for name in attributes if name.startswith("on")] == []


def test_markup_in_a_keyword_stays_text() -> None:
    text = render_report(made_run())
    assert MARKUP not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    elements = _parsed(text)
    assert "img" not in {tag for tag, _ in elements.tags}
    assert MARKUP in {row["keyword"] for row in json.loads(elements.data)}


@given(st.recursive(st.none() | st.text() | st.integers(-(2**53), 2**53), lambda inner: st.lists(inner, max_size=4)))
def test_json_in_html_ends_no_script(value: object) -> None:
    text = json_in_html(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value


def test_the_same_run_gives_the_same_page() -> None:
    assert render_report(made_run()) == render_report(made_run())


def test_a_run_without_gaps_is_a_page_too() -> None:
    text = render_report(Run(made_info(totals={}), []))
    assert "没有可展示的关键词" in text


def test_a_run_without_an_interval_of_its_own_adds_up_exact_keywords() -> None:
    run = made_run()
    shown = page(published(Run(made_info(totals={"searches": 1000}), run.gaps)))
    exact = [gap for gap in published(run).gaps if gap["match"] == "exact"]
    assert not shown.headline.own_interval
    assert shown.headline.unmet == pytest.approx(math.fsum(gap["unmet_per_week"] for gap in exact))
    assert shown.headline.high == pytest.approx(math.fsum(gap["unmet_high"] for gap in exact))


def test_head_terms_alone_have_no_total() -> None:
    gaps = [made_gap(1, "奶粉", "missing", match="contains"), made_gap(2, "口红", "met", match="contains")]
    totals = {"searches": 1000, "unmet_per_week": 0.0, "unmet_low": 0.0, "unmet_high": 0.0}
    text = render_report(Run(made_info(totals=totals), gaps))
    assert "<strong>1</strong><span>个关键词，没有等到像样的内容" in text
    assert "因此不报合计" in text


def test_a_row_says_what_to_do_where_it_stands_and_whether_it_begins_to_rise() -> None:
    gap = made_gap(0, "奶粉", "wording", rank_low=2, rank_high=7)
    text = render_report(Run(made_info(), [gap, made_gap(1, "口红", "missing")]))
    rows = text[text.index("<tbody>") : text.index("</tbody>")]
    assert "改标题、加话题词" in rows
    assert 'data-label="可能名次">2–7</td>' in rows
    assert rows.count("刚开始上升") == 1, "the first of the two"
    card = text[text.index('id="gap-0"') : text.index('id="gap-1"')]
    assert "类型：说法不同 70%、没有内容 5%" in card
    assert "排名在第 2–7 名之间" in card
    assert "刚开始上升：最近两周的搜索是平时的 1.8 倍（90% 区间 1.4–2.3 倍）" in card
    assert "今后四周" in card


def test_a_large_run_is_cut_and_says_so() -> None:
    gaps = [made_gap(number % 40, f"关键词{number}", GAP_KINDS[number % 7]) for number in range(1_000)]
    run = published(Run(made_info(), gaps))
    view = page(run)
    assert len(view.rows) == MOST_ROWS + MOST_MET_ROWS
    assert view.not_listed == 1_000 - len(view.rows)
    assert len(view.cards) == MOST_CARDS
    text = render_report(run)
    assert f"还有 {view.not_listed} 个关键词未列出" in text
    assert f"前 {MOST_CARDS} 个缺口在下面附有搜索词和笔记" in text
    assert len(text) < 2_000_000


def test_cards_and_links_belong_together() -> None:
    elements = _parsed(render_report(made_run()))
    ids = [attributes["id"] for _, attributes in elements.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {attributes["href"] for tag, attributes in elements.tags if tag == "a"}
    assert targets <= {f"#{name}" for name in ids}


@given(st.dictionaries(st.sampled_from(list(words.PART_LABELS)), st.floats(-1e4, 1e4), min_size=1))
def test_the_steps_of_a_decomposition_add_up(parts: dict[str, float]) -> None:
    found = steps(parts, sum(parts.values()))
    small = sum(abs(value) for value in parts.values() if abs(value) < 0.005)
    assert sum(step.per_week for step in found) == pytest.approx(sum(parts.values()), abs=small + 1e-6)
    assert all(step.start >= -0.01 and step.start + step.width <= 100.02 for step in found)


_GAP = st.builds(
    lambda number, keyword, kind, week, supply, unmet: made_gap(
        number, keyword, kind, demand_per_week=week, supply=supply, unmet_per_week=unmet
    ),
    st.integers(0, 30),
    st.text("纸尿裤奶粉abc 12", min_size=1, max_size=30),
    st.sampled_from(GAP_KINDS),
    st.floats(0, 1e6),
    st.just(0.0) | st.floats(0, 1e5),
    st.floats(0, 1e6),
)


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=["wide", "narrow"])
@given(gaps=st.lists(_GAP, min_size=1, max_size=40))
def test_the_quadrant_keeps_to_its_frame_and_its_labels_apart(frame: Frame, gaps: list[Gap]) -> None:
    drawing = draw(gaps, frame)
    assert drawing is not None
    assert len(drawing.bubbles) == len(gaps)
    for bubble in drawing.bubbles:
        assert frame.left <= bubble.x <= drawing.right
        assert frame.top <= bubble.y <= drawing.bottom
    boxes = []
    for label in drawing.labels:
        width = text_width(label.text, frame.font)
        left = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
        boxes.append((left, label.y - frame.font * 0.8, left + width, label.y))
        assert left >= frame.left - 1
        assert left + width <= drawing.right + 1
    for one, other in combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_more_demand_is_higher_and_more_supply_further_right() -> None:
    gaps = [
        made_gap(0, "多", "missing", demand_per_week=500.0, supply=0.0),
        made_gap(1, "少", "met", demand_per_week=5.0, supply=90.0),
    ]
    drawing = draw(gaps, WIDE)
    assert drawing is not None
    first, second = sorted(drawing.bubbles, key=lambda bubble: bubble.row)
    assert first.y < second.y
    assert first.x < second.x
    assert drawing.x_ticks[0].text == "0"


def test_every_column_of_a_gap_declares_itself() -> None:
    assert list(METRICS) == list(Gap.__annotations__)
    for metric in METRICS.values():
        assert metric.label
        assert metric.formula
        assert metric.method
        assert metric.header == f"{metric.name} {metric.label}"
    assert METRICS["unmet_probability"].range == "0 to 1"
    assert METRICS["searches"].range == "from 0"
    assert METRICS["keyword"].range == ""


def test_every_kind_has_its_words() -> None:
    assert set(words.KIND_NOTES) == set(GAP_KINDS) == set(GAP_KIND_LABELS)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.inf, "–"),
        (0.0, "0"),
        (0.1234, "0.12"),
        (0.998, "1.0"),
        (9.87, "9.9"),
        (12.0, "12"),
        (1834.4, "1,834"),
        (123_456.0, "12.3 万"),
        (250_000_000.0, "2.50 亿"),
    ],
)
def test_numbers_as_they_are_read(value: float | None, text: str) -> None:
    assert words.number(value) == text


def test_a_notice_escapes_what_it_says() -> None:
    text = render_notice("<i>", "a & b")
    assert "<i>" not in text
    assert "&lt;i&gt;" in text
    assert "a &amp; b" in text
