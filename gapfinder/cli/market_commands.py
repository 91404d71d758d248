"""The commands about the market with their options; what they do stands in modules of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gapfinder.cli.options import DEFAULT_STORE, MOST_ROWS, JsonOption, RunOption, StoreOption, TopOption
from indexer.errors import UsageError


def selling_points(
    category: Annotated[str, typer.Argument(help="A category of the run, with those below it.", show_default=False)],
    run: RunOption = "latest",
    top: TopOption = None,
    searched: Annotated[bool, typer.Option("--searched", help="Only points that somebody asks for.")] = False,
    product: Annotated[
        str | None, typer.Option(help="By keyword, what this product (name, id or brand) leaves unanswered.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """List what people want from a category in their own words, the underserved points first.

    \b
    Demand share: searches that ask for a point; supply share: notes that speak of it; lift: the one over the other.

    \b
    Examples:
      gapfinder selling-points 纸尿裤
      gapfinder selling-points 洗发水 --top 10 --searched
      gapfinder selling-points 纸尿裤 --product 云朵熊云柔纸尿裤
      gapfinder selling-points 纸尿裤 --json | jq '.[0].evidence_queries'
    """
    from gapfinder.cli.selling import show_points, show_product

    if product is not None and searched:
        raise UsageError("--searched does not go with --product", hint="every row of --product is searched for")
    if product is not None:
        show_product(store, run, category, product, top=top, as_json=as_json)
        return
    show_points(store, run, category, top=top, searched=searched, as_json=as_json)


def audience(
    keyword: Annotated[str, typer.Argument(help="A keyword or a selling point of the run.", show_default=False)],
    run: RunOption = "latest",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Say who searches for a keyword (or wants a selling point) more than others do: whom to talk to first.

    \b
    Examples:
      gapfinder audience 新生儿纸尿裤
      gapfinder audience 缓解红屁股
    """
    from gapfinder.cli.selling import show_audience

    show_audience(store, run, keyword, as_json=as_json)


def market(
    name: Annotated[str | None, typer.Argument(help="A category, brand or product.", show_default=False)] = None,
    run: RunOption = "latest",
    level: Annotated[str | None, typer.Option(help="Only category, brand or product.")] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Show brands and products that the catalogue lacks instead.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="With --suggest: write them as a CSV to check and import as products.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Show the market: categories, brands and products with what is searched and what is written.

    \b
    Categories that stand below others (母婴>尿裤湿巾>纸尿裤) are indented and counted in those above them;
    the name of one that stands above shows its branch: what is below it, its brands, its selling points.

    \b
    Examples:
      gapfinder market
      gapfinder market 纸尿裤
      gapfinder market 云朵熊
      gapfinder market --suggest
      gapfinder market --suggest --out names.csv
    """
    from gapfinder.cli.market_views import show_market, show_suggestions

    if out is not None and not suggest:
        raise UsageError("--out belongs to --suggest", hint="gapfinder market --json writes the market itself")
    if suggest and (name is not None or level is not None):
        raise UsageError("--suggest is about all names: give neither a name nor --level")
    if suggest:
        show_suggestions(store, run, out, as_json=as_json)
        return
    show_market(store, run, name, level, as_json=as_json)


def recommend(
    word: Annotated[str | None, typer.Argument(help="A seed word.", show_default=False)] = None,
    category: Annotated[str | None, typer.Option(help="Keywords of this category, and below it, instead.")] = None,
    note: Annotated[str | None, typer.Option(help="Keywords for this note instead: its id, or a text file.")] = None,
    around: Annotated[
        str | None, typer.Option(help="What people searched before and after this keyword instead.")
    ] = None,
    run: RunOption = "latest",
    top: TopOption = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Recommend keywords for a launch: by a word, a category, a note, or what is searched before and after.

    \b
    Examples:
      gapfinder recommend 红屁股
      gapfinder recommend --category 纸尿裤
      gapfinder recommend --note n00012
      gapfinder recommend --around 新生儿纸尿裤
    """
    from gapfinder.cli.recommending import show_recommendations

    show_recommendations(store, run, word=word, category=category, note=note, around=around, top=top, as_json=as_json)


def mentions(
    name: Annotated[
        str, typer.Argument(help="A category, brand, product, selling point, crowd or scene.", show_default=False)
    ],
    category: Annotated[str | None, typer.Option(help="Only in notes and queries of this category.")] = None,
    level: Annotated[
        str | None, typer.Option(help="Only as a point, brand, product, category, crowd or scene.")
    ] = None,
    side: Annotated[str | None, typer.Option("--in", help="Only in notes, or only in queries.")] = None,
    run: RunOption = "latest",
    top: Annotated[
        int | None,
        typer.Option(
            min=1, max=MOST_ROWS, help="At most so many notes and queries; default: 10, all in JSON and files."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write every mention as a row to this .csv, .jsonl or .parquet.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """List every note and query that speaks of something, with the exact place of the words.

    \b
    Start and end count the characters of the note's own field, from 0; --out writes one row for each place.

    \b
    Examples:
      gapfinder mentions 缓解红屁股
      gapfinder mentions 云朵熊 --in notes --top 20
      gapfinder mentions 孕妇 --level crowd --category 洗发水
      gapfinder mentions 纸尿裤 --out mentions.csv
    """
    from gapfinder.cli.mentioning import show_mentions

    show_mentions(store, run, name, level=level, category=category, side=side, top=top, out=out, as_json=as_json)


MARKET_COMMANDS: Final[dict[str, Callable[..., Any]]] = {
    "selling-points": selling_points,
    "audience": audience,
    "market": market,
    "recommend": recommend,
    "mentions": mentions,
}
