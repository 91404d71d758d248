"""Keyword figures of western tools: Google Keyword Planner, Search Console, Semrush, Ahrefs, Helium 10, Amazon.

Their prices are kept only where the file says that they are in yuan.
"""

from __future__ import annotations

import re
from typing import Final

from indexer.reading.chunks import Chunk
from indexer.reading.formats.format import Format, cells, column, names, targets

_LOW: Final = "top of page bid (low range)"
_HIGH: Final = "top of page bid (high range)"


def _planner_rows(chunk: Chunk) -> Chunk:
    """Keep bids of accounts in yuan only."""
    currencies = cells(chunk, "currency")
    for theirs, ours in ((_LOW, "bid low in yuan"), (_HIGH, "bid high in yuan")):
        if column(chunk, theirs.replace(" ", "")) is not None:
            prices = cells(chunk, theirs.replace(" ", ""))
            chunk.columns[ours] = [
                price if str(currency).strip().upper() == "CNY" else None
                for price, currency in zip(prices, currencies, strict=True)
            ]
    return chunk


KEYWORD_PLANNER: Final = Format(
    "Google Keyword Planner",
    "volume",
    names("Keyword,Currency,Avg. monthly searches"),
    targets(
        "Keyword > keyword\nAvg. monthly searches > volume\nCompetition (indexed value) > competition\n"
        "bid low in yuan > bid_low\nbid high in yuan > bid_high"
    ),
    known=names(
        "Currency,Segmentation,Three month change,YoY change,Competition,Top of page bid (low range),"
        "Top of page bid (high range),Ad impression share,Organic impression share,Organic average position,"
        "In account?,In plan?"
    ),
    constants={"unit": "bucket", "source": "Google Keyword Planner"},
    prepare=_planner_rows,
)
SEARCH_CONSOLE: Final = Format(
    "Google Search Console",
    "volume",
    names("Top queries,Clicks,Impressions,Position"),
    targets("Top queries > keyword\nImpressions > volume"),
    known=names("Clicks,CTR,Position"),
    constants={"unit": "count", "source": "Google Search Console"},
)
SEMRUSH: Final = Format(
    "Semrush",
    "volume",
    names("Keyword,Volume,Keyword Difficulty,Competitive Density"),
    targets("Keyword > keyword\nVolume > volume\nCompetitive Density > competition"),
    known=names("Intent,Trend,Keyword Difficulty,CPC (USD),SERP Features,Number of Results"),
    constants={"unit": "count", "source": "Semrush"},
)
AHREFS: Final = Format(
    "Ahrefs",
    "volume",
    names("Keyword,Difficulty,Volume,CPS"),
    targets("Keyword > keyword\nVolume > volume"),
    known=names(
        "#,Country,Difficulty,CPC,CPS,Parent Keyword,Last Update,SERP Features,Global volume,Traffic potential,"
        "Global traffic potential,First seen,Intents"
    ),
    constants={"unit": "count", "source": "Ahrefs"},
)
HELIUM10: Final = Format(
    "Helium 10",
    "volume",
    names("Keyword Phrase,Search Volume,Competing Products"),
    targets("Keyword Phrase > keyword\nSearch Volume > volume"),
    known=names(
        "ABA Total Click Share,ABA Total Conv. Share,Keyword Sales,Cerebro IQ Score,Search Volume Trend,"
        "H10 PPC Sugg. Bid,"
        "H10 PPC Sugg. Min Bid,H10 PPC Sugg. Max Bid,Sponsored ASINs,Competing Products,CPR,Title Density,"
        "Amazon Recommended,"
        "Sponsored,Organic"
    ),
    constants={"unit": "count", "source": "Helium 10"},
)
BRAND_ANALYTICS: Final = Format(
    "Amazon Brand Analytics",
    "volume",
    names("Search Term,Search Frequency Rank"),
    targets("Search Term > keyword\nSearch Frequency Rank > volume"),
    known=names(
        "Department,"
        + ",".join(
            f"#{n} {name}"
            for n in (1, 2, 3)
            for name in ("Clicked ASIN", "Product Title", "Click Share", "Conversion Share")
        )
    ),
    constants={"unit": "rank", "source": "Amazon Brand Analytics"},
)

MONTH_COLUMN: Final = re.compile(r"searches:[a-z]+\d{4}")  # folded name of Keyword Planner's monthly columns

FORMATS: Final = (KEYWORD_PLANNER, SEARCH_CONSOLE, SEMRUSH, AHREFS, HELIUM10, BRAND_ANALYTICS)
