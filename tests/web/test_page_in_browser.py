"""The report in a real Chromium: it renders, obeys its policy, filters, sorts, and needs no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from gapfinder.reporting.export import export_report
from tests.reporting.made_run import MARKUP, made_run

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("GAPFINDER_TEST_CHROMIUM") or next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Seen:
    """What a page said and asked for while it was open."""

    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium: install the system's chromium to test the page in a browser")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    export_report(made_run(), path)
    return path.as_uri()


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


def _open(context: BrowserContext, url: str, seen: Seen) -> Page:
    page = context.new_page()

    def note(request: Request) -> None:
        if not request.url.startswith("data:"):
            seen.requests.append(request.url)

    page.on("console", lambda message: seen.messages.append(message.text))
    page.on("pageerror", lambda error: seen.messages.append(str(error)))
    page.on("request", note)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective))"
    )
    page.goto(url)
    return page


@pytest.fixture
def page(context: BrowserContext, report: str, seen: Seen) -> Page:
    return _open(context, report, seen)


def _shown(page: Page) -> list[str]:
    """The keywords of the visible rows, in their order."""
    found: list[str] = page.evaluate(
        "Array.from(document.querySelectorAll('#table tbody tr')).filter(r => !r.hidden)"
        ".map(r => r.querySelector('.keyword').firstElementChild.textContent)"
    )
    return found


def test_it_renders_without_a_complaint_and_asks_for_nothing(page: Page, report: str, seen: Seen) -> None:
    assert page.title() == "搜索缺口报告 · autumn"
    assert "1,834" in page.inner_text("h1")
    assert page.locator("svg.quadrant.wide").is_visible()
    assert page.locator("svg.quadrant.narrow").is_hidden()
    assert seen.messages == []
    assert seen.requests == [report]


def test_a_hostile_keyword_is_text(page: Page, seen: Seen) -> None:
    assert page.locator("img").count() == 0
    assert MARKUP in _shown(page)
    page.hover(f'svg.quadrant.wide path[aria-label^="{MARKUP}"]', force=True)
    assert page.inner_text("#tip .tip-name") == MARKUP
    assert page.locator("img").count() == 0
    assert seen.messages == []


def test_the_policy_stops_what_does_not_belong_to_the_page(page: Page, seen: Seen) -> None:
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s)"
    )
    assert page.evaluate("window.hacked") is None
    assert any("script-src" in message for message in seen.messages)


def test_kinds_filter_the_table_and_dim_the_chart(page: Page) -> None:
    run = {gap["keyword"]: gap["gap_kind"] for gap in made_run().gaps}
    assert {run[keyword] for keyword in _shown(page)} == set(run.values()) - {"met"}
    page.click('.chips button[data-kind="stale"]')
    assert {run[keyword] for keyword in _shown(page)} == {"stale"}
    assert page.get_attribute('.chips button[data-kind="stale"]', "aria-pressed") == "true"
    bright = page.locator("svg.quadrant.wide .bubbles path:not(.dim)")
    assert bright.count() == len(_shown(page))
    page.click('.chips button[data-kind="met"]')
    assert {run[keyword] for keyword in _shown(page)} == {"met"}


def test_the_search_box_finds_variants_and_says_when_there_is_nothing(page: Page) -> None:
    page.fill("#find", "尿不湿")
    assert set(_shown(page)) >= {"新生儿纸尿裤", "尿不湿 夏天"}
    page.fill("#find", "<B>没有这个词")
    assert _shown(page) == []
    assert page.locator("#none").is_visible()
    page.fill("#find", "")
    assert page.locator("#none").is_hidden()


def test_columns_sort_both_ways(page: Page) -> None:
    gaps = {gap["keyword"]: gap for gap in made_run().gaps}
    head = page.locator('th button[data-sort="unmet_probability"]')
    for direction, sign in (("descending", -1), ("ascending", 1)):
        head.click()
        values = [sign * gaps[keyword]["unmet_probability"] for keyword in _shown(page)]
        assert values == sorted(values)
        assert head.locator("xpath=..").get_attribute("aria-sort") == direction
    page.select_option("#order", "demand_per_week")
    weeks = [gaps[keyword]["demand_per_week"] for keyword in _shown(page)]
    assert weeks == sorted(weeks, reverse=True)
    page.select_option("#order", "demand_supply_ratio")
    assert gaps[_shown(page)[0]]["demand_supply_ratio"] is None
    places = page.locator("#table tbody tr:not([hidden]) .rank").all_inner_texts()
    assert places == [str(number + 1) for number in range(len(places))]


def test_the_chart_can_be_walked_by_keyboard(page: Page) -> None:
    chart = page.locator("svg.quadrant.wide")
    assert chart.locator('path[tabindex="0"]').count() == 1, "one tab stop"
    chart.locator('path[tabindex="0"]').focus()
    first = page.inner_text("#tip .tip-name")
    page.keyboard.press("ArrowRight")
    second = page.inner_text("#tip .tip-name")
    assert first == _shown(page)[0]
    assert second == _shown(page)[1]
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#gap-0'")


def test_a_link_opens_its_card(page: Page) -> None:
    card = page.locator("#gap-7")
    assert card.get_attribute("open") is None
    page.click('#table a[href="#gap-7"]')
    page.wait_for_function("document.getElementById('gap-7').open")
    assert card.locator(".why").first.is_visible()
    texts = card.locator(".steps tr:not(.sum) td.num:not(.share)").all_inner_texts()
    total = float(card.locator(".steps .sum td.num").first.inner_text().replace(",", ""))
    assert sum(float(text.replace(",", "")) for text in texts) == pytest.approx(total, abs=1.0)


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_is_wider_than_the_window(context: BrowserContext, report: str, seen: Seen, width: int) -> None:
    page = _open(context, report, seen)
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate("for (const card of document.querySelectorAll('details')) card.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        "Array.from(document.querySelectorAll('main .panel, main p, main table, main h1, main h2')).filter(e =>"
        " e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
    )
    assert wide == []
    assert page.locator("svg.quadrant.narrow").is_visible() == (width == 390)


def _contrast(page: Page, selector: str) -> float:
    """Contrast of an element's text against the page's or panel's ground (WCAG)."""
    ratio: float = page.evaluate(
        """selector => {
          const element = document.querySelector(selector);
          const parse = text => text.match(/[\\d.]+/g).map(Number);
          let ground = element, colour = [0, 0, 0, 0];
          while (ground && (colour.length > 3 && colour[3] === 0)) {
            colour = parse(getComputedStyle(ground).backgroundColor);
            ground = ground.parentElement;
          }
          const light = rgb => rgb.slice(0, 3).map(v => v / 255)
            .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, place) => sum + v * [0.2126, 0.7152, 0.0722][place], 0);
          const [a, b] = [light(parse(getComputedStyle(element).color)), light(colour)].sort((x, y) => y - x);
          return (a + 0.05) / (b + 0.05);
        }""",
        selector,
    )
    return ratio


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_schemes_can_be_read(browser: Browser, report: str, seen: Seen, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]  # one of two names
    page = _open(context, report, seen)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (max(ground) < 60) == (scheme == "dark")
    for kind in ("missing", "wording", "weak", "stale", "ads_only", "unsure"):
        assert _contrast(page, f"#table .badge.k-{kind}") >= 4.5, kind
    for selector in ("h1 span", ".range", ".heading p", "#table .unmet small", ".note-facts"):
        assert _contrast(page, selector) >= 4.5, selector
    context.close()


def test_without_script_everything_is_there(browser: Browser, report: str, seen: Seen) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = _open(context, report, seen)
    assert page.locator("#table tbody tr").count() == 23
    assert page.locator(".controls").is_hidden()
    context.close()


def test_it_prints(page: Page) -> None:
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".controls").is_hidden()
    assert page.locator("details:not([open])").count() == 0
    page.set_viewport_size({"width": 688, "height": 900})  # what the margins leave of A4
    over = "(e => e.scrollWidth - e.clientWidth)(document.querySelector('.panel.table'))"
    assert page.evaluate(over) <= 0
    assert page.pdf().startswith(b"%PDF")
