"""The report page: one HTML file that needs nothing else, neither network nor neighbour files.

User text reaches the page through Jinja's autoescape, or as JSON whose ``<``, ``>`` and ``&`` are escaped and which the
script writes with ``textContent`` only. The content security policy admits the page's own style and script by their
hash, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from gapfinder.market.metrics import AUDIENCE_METRICS, MARKET_METRICS, POINT_METRICS
from gapfinder.metrics import METRICS
from gapfinder.reasons import advice_of
from gapfinder.reporting import words
from gapfinder.reporting.beside import Beside
from gapfinder.reporting.market_part import MarketPart
from gapfinder.reporting.market_view import OPEN_CATEGORIES, market_view
from gapfinder.reporting.outlook import season_lines, trend_words, week_words
from gapfinder.reporting.privacy import PublishedRun, published
from gapfinder.reporting.quadrant import shape
from gapfinder.reporting.trust import rank_words
from gapfinder.reporting.view import MOST_EVIDENCE, Page, page
from gapfinder.results import GAP_KIND_LABELS, GAP_KINDS, INTERVAL, VERDICT_LABELS
from gapfinder.runs import Run

_ICON: Final = (
    "data:image/svg+xml;base64,"
    + base64.b64encode(
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#b4432e" stroke-width="2.4">'
        b'<circle cx="10" cy="10" r="6.5"/><path d="M15 15l6 6M7 10h6"/></svg>'
    ).decode()
)
_BADGE_RADIUS: Final = 5.0
# JSON inside HTML: no markup can begin, and no line separator can end a statement.
_ESCAPES: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def render_report(run: Run | PublishedRun, beside: Beside | None = None, market: MarketPart | None = None) -> str:
    """The report of a run as one HTML page; what may not be published is left out first.

    Args:
        run: The run.
        beside: What the store holds beside it, as far as that may be published.
        market: Its market part, as far as that may be published; None where it has none.
    """
    shown = run if isinstance(run, PublishedRun) else published(run)
    view = page(shown, beside)
    text: str = _template().render(
        page=view,
        market=market_view(market, _links(view), shown.floor) if market else None,
        level=INTERVAL,
        policy=content_security_policy(),
        icon=_ICON,
        style=Markup(_asset("report.css")),  # noqa: S704 - the project's own file
        script=Markup(_asset("report.js")),  # noqa: S704 - the project's own file
        data=Markup(json_in_html(view.table_data)),  # noqa: S704 - escaped by json_in_html
        most=MOST_EVIDENCE,
    )
    return text


def _links(view: Page) -> dict[str, str]:
    """Where the gap of each keyword of the table stands: its card, else its row."""
    return {row.gap["keyword"]: f"#{'gap' if row.card else 'row'}-{row.number}" for row in view.rows}


def render_notice(title: str, text: str) -> str:
    """A page that says one thing, in the style of the report."""
    page_: str = _template("notice.html.j2").render(
        title=title,
        text=text,
        policy=content_security_policy(),
        icon=_ICON,
        style=Markup(_asset("report.css")),  # noqa: S704 - the project's own file
    )
    return page_


def json_in_html(value: Any) -> str:
    """JSON text that can stand inside a script element."""
    text = orjson.dumps(value).decode()
    for char, escape in _ESCAPES.items():
        text = text.replace(char, escape)
    return text


@cache
def content_security_policy() -> str:
    """The policy of the page: its own style and script by hash, pictures from data, nothing else."""
    return (
        "default-src 'none'; "
        f"style-src '{_hash(_asset('report.css'))}'; "
        f"script-src '{_hash(_asset('report.js'))}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    # A browser hashes the text between the tags after line ends are made one; the files use \n.
    folder = resources.files("gapfinder.reporting").joinpath("templates")
    return folder.joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _template(name: str = "report.html.j2") -> Any:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(_asset)
    )
    environment.globals.update(
        metrics=METRICS,
        words=words,
        number=words.number,
        percent=words.percent,
        fine=words.fine_percent,
        times=words.times,
        tenth=words.tenth,
        point_metrics=POINT_METRICS,
        audience_metrics=AUDIENCE_METRICS,
        market_metrics=MARKET_METRICS,
        open_categories=OPEN_CATEGORIES,
        signed=words.signed_percent,
        yuan=words.yuan,
        kind_labels=GAP_KIND_LABELS,
        advice=advice_of,
        verdicts=VERDICT_LABELS,
        more=words.signed,
        kinds_words=words.kinds_words,
        rank_words=rank_words,
        season_lines=season_lines,
        trend_words=trend_words,
        week_words=week_words,
        kind_notes=words.KIND_NOTES,
        shapes={kind: shape(kind, _BADGE_RADIUS) for kind in GAP_KINDS},
    )
    return environment.get_template(name)
