"""A small catalogue and what is read with it, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gapfinder.points.grammar import Grammar
from gapfinder.texts.words import Words
from gapfinder.understanding.catalogue import Catalogue
from gapfinder.understanding.parts import INTENTS, PARTS, Reader, Understood
from tests.demand.logs import segmenter

CUTTER = segmenter()


def product(
    number: str, name: str, brand: str | None = None, category: str | None = None, **more: Any
) -> dict[str, Any]:
    return {"product_id": number, "name": name, "brand": brand, "category": category, **more}


PRODUCTS = [
    product("p1", "麦洛氨基酸洗发水", "Mellow/麦洛", "洗发水", selling_points=["去屑", "无硅油"]),
    product("p2", "云朵熊星空拉拉裤", "云朵熊", "纸尿裤", aliases=["星空拉拉裤"], selling_points=["透气"]),
    product("p3", "苹果生姜洗发水", "苹果", "洗发水", selling_points=["去屑"]),
    product("p4", "苹果婴儿湿巾", "苹果", "湿巾"),
]
SYNONYMS = [("纸尿裤", "尿不湿", "尿片")]


def catalogue(products: Sequence[dict[str, Any]] = PRODUCTS, **more: Any) -> Catalogue:
    return Catalogue.of(products, CUTTER, SYNONYMS, **more)


@dataclass(frozen=True)
class Query:
    """One query taken apart, with names for numbers."""

    category: str | None
    brand: str | None
    product: str | None
    head: str
    intent: str
    thing: str
    parts: dict[str, list[str]]
    needs: list[str]


def reader_of(names: Catalogue) -> Reader:
    words = Words()
    return Reader(names, CUTTER, words, Grammar(words, CUTTER))


def read_with(reader: Reader, texts: Sequence[str]) -> Understood:
    """Queries as the segmenter cuts them, taken apart."""
    cut = reader._grammar.join(reader.words.lists([CUTTER.query_terms(text) for text in texts]))
    return reader.read(cut, list(texts))


def queries(*texts: str, names: Catalogue | None = None) -> list[Query]:
    known = names or catalogue()
    reader = reader_of(known)
    read, words, grammar = read_with(reader, texts), reader.words, reader._grammar

    def name(number: int) -> str | None:
        return known.names[number].name if number >= 0 else None

    needs: list[list[str]] = [[] for _ in texts]
    for text, core in zip(read.phrases.text.tolist(), read.phrases.core.tolist(), strict=True):
        needs[text].append(grammar.wording(core))
    return [
        Query(
            name(int(read.category[n])),
            name(int(read.brand[n])),
            name(int(read.product[n])),
            read.head[n],
            INTENTS[read.intent[n]],
            read.thing(words, n),
            {part: found for part in PARTS if (found := read.words(words, n, part))},
            needs[n],
        )
        for n in range(len(texts))
    ]


def query(text: str, names: Catalogue | None = None) -> Query:
    return queries(text, names=names)[0]
