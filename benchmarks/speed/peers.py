"""Peers that answer one keyword at a time: tantivy and SQLite's FTS5, over the same segmented notes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, Final

import pyarrow as pa

Terms = Sequence[str]
Statistics = tuple[int, int, int, int, int, int]  # matching, phrase, headline, fresh, engagement, best notes' weight

_HEAP: Final = 256 << 20
_EPOCH: Final = date(1970, 1, 1)


class Tantivy:
    """An index of notes in memory.

    Args:
        batches: Segmented notes.
        threads: That write, and that ask.
    """

    def __init__(self, batches: Iterable[pa.RecordBatch], threads: int = 1) -> None:
        import tantivy  # noqa: PLC0415 - in the process that measures it alone

        self._tantivy, self._threads = tantivy, threads
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field("headline", stored=False, tokenizer_name="whitespace", index_option="basic")
        builder.add_integer_field("day", fast=True)
        builder.add_integer_field("engagement", fast=True)
        self._schema = builder.build()
        index = tantivy.Index(self._schema)
        writer = index.writer(heap_size=_HEAP, num_threads=threads)
        for batch in batches:
            for document in self._documents(batch):
                writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def _documents(self, batch: pa.RecordBatch) -> Iterator[Any]:
        columns = (batch[name].to_pylist() for name in ("text_terms", "headline_terms", "published_day", "engagement"))
        for text, headline, day, engagement in zip(*columns, strict=True):
            document = self._tantivy.Document()
            for value in text:
                document.add_text("text", value)
            for value in headline:
                document.add_text("headline", value)
            document.add_integer("day", (day - _EPOCH).days)
            document.add_integer("engagement", engagement)
            yield document

    def _all(self, field: str, terms: Terms) -> Any:
        query, must = self._tantivy.Query, self._tantivy.Occur.Must
        needed = [(must, query.term_query(self._schema, field, term)) for term in sorted(set(terms))]
        return query.boolean_query(needed)

    def count(self, terms: Terms) -> int:
        """How many notes hold all terms: one query, as the peers of a keyword tool ask it."""
        found: int = self._searcher.search(self._all("text", terms), limit=10, count=True).count
        return found

    def statistics(
        self, terms: Terms, weights: Mapping[str, int], fresh_since: date, floor_per_mille: int, best: int
    ) -> Statistics:
        """What the project gives of a keyword; as few queries as it takes here, which is four."""
        search = self._searcher.search
        since = float((fresh_since - _EPOCH).days)
        wanted = {
            "engagement": {"stats": {"field": "engagement"}},
            "fresh": {"range": {"field": "day", "ranges": [{"from": since}]}},
        }
        told = self._searcher.aggregate(self._all("text", terms), wanted)
        matching = int(told["engagement"]["count"])
        fresh = next(int(part["doc_count"]) for part in told["fresh"]["buckets"] if part.get("from") == since)
        phrase = matching
        if len(terms) > 1:
            phrase = search(self._phrase(terms), limit=1, count=True).count
        headline = search(self._all("headline", terms), limit=1, count=True).count
        least = floor_per_mille * sum(weights.get(term, 0) for term in set(terms))
        scores = [score for score, _ in search(self._weighed(terms, weights), limit=best, count=False).hits]
        listed = sum(round(score) for score in scores if round(score) * 1000 >= least and round(score) > 0)
        return matching, phrase, headline, fresh, int(told["engagement"]["sum"] or 0), listed

    def _phrase(self, terms: Terms) -> Any:
        return self._tantivy.Query.phrase_query(self._schema, "text", list(terms))

    def _weighed(self, terms: Terms, weights: Mapping[str, int]) -> Any:
        query, should = self._tantivy.Query, self._tantivy.Occur.Should
        one = [
            (should, query.const_score_query(query.term_query(self._schema, "text", term), float(weights.get(term, 0))))
            for term in sorted(set(terms))
        ]
        return query.boolean_query(one)

    def counts(self, questions: Sequence[Terms]) -> list[int]:
        """The counts of many keywords, on all threads."""
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(self.count, questions, chunksize=256))

    def all_statistics(
        self, questions: Sequence[Terms], weights: Mapping[str, int], fresh_since: date, floor_per_mille: int, best: int
    ) -> list[Statistics]:
        """The statistics of many keywords, on all threads."""

        def one(terms: Terms) -> Statistics:
            return self.statistics(terms, weights, fresh_since, floor_per_mille, best)

        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(one, questions, chunksize=256))


class Sqlite:
    """SQLite's FTS5; its tokenizer is kept from cutting terms by writing each as one word of code points.

    Args:
        batches: Segmented notes.
    """

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("create virtual table notes using fts5(text, content='', detail=none)")
        texts = (set(" ".join(parts).split(" ")) for batch in batches for parts in batch["text_terms"].to_pylist())
        rows = ((" ".join(map(_word, terms)),) for terms in texts)
        self._connection.executemany("insert into notes(text) values (?)", rows)

    def counts(self, questions: Sequence[Terms]) -> list[int]:
        """How many notes hold all terms of each keyword."""
        count = "select count(*) from notes where notes match ?"
        asked = (" AND ".join(map(_word, sorted(set(terms)))) for terms in questions)
        return [int(self._connection.execute(count, (question,)).fetchone()[0]) for question in asked]


def _word(term: str) -> str:
    return "x" + term.encode().hex()
