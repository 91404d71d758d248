"""The market of a stored run for people who write Python: selling points, audiences, brands, keywords for a launch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property

from gapfinder.market.mentioned import StoredMentions
from gapfinder.market.passages import Passage, note_passages, query_passages, run_snapshot
from gapfinder.market.recommend import Market, Recommendation
from gapfinder.market.results import (
    KeywordAudience,
    MarketRow,
    NameSuggestion,
    ProductGap,
    QueryParts,
    SellingPoint,
)
from gapfinder.market.stored import (
    find_market,
    has_market,
    read_audience,
    read_category_names,
    read_market,
    read_parts,
    read_points,
    read_product_gaps,
    read_suggestions,
    read_together,
)
from gapfinder.results import Gap
from gapfinder.runs import LATEST, find_gap, find_run, read_gaps
from indexer.errors import NotFoundError, UsageError
from indexer.importer import store_dictionary
from indexer.normalize import normalize
from indexer.segment import segmenter_of
from indexer.stores import open_store
from indexer.stores.contract import RunInfo, Store


class RunMarket:
    """What a run tells of its market, whole: privacy is with who shows it (:mod:`gapfinder.market.public`).

    Args:
        store: Where the run is.
        info: Which run.
    """

    def __init__(self, store: Store, info: RunInfo) -> None:
        self.store, self.info = store, info

    @cached_property
    def gaps(self) -> list[Gap]:
        """The gaps of the run, in their order."""
        return list(read_gaps(self.store, self.info))

    def selling_points(self, category: str | None = None) -> list[SellingPoint]:
        """Selling points, of one category or of all; errors as of :func:`gapfinder.market.stored.read_points`."""
        return read_points(self.store, self.info, category)

    def audience(self, keyword: str) -> KeywordAudience:
        """Who searches for a keyword more than others do.

        Raises:
            NotFoundError: The run has no market, or no such keyword.
        """
        return read_audience(self.store, self.info, keyword)

    def rows(self, name: str | None = None, level: str | None = None) -> list[MarketRow]:
        """Categories, brands and products: all of a level, or what a name stands for.

        Raises:
            NotFoundError: The run has no market, or nothing of that name.
        """
        if name is None:
            return read_market(self.store, self.info, level)
        return [row for row in find_market(self.store, self.info, name) if level in (None, row["level"])]

    def product_gaps(self, category: str | None = None, product: str | None = None) -> list[ProductGap]:
        """What products leave unanswered; errors as of :func:`gapfinder.market.stored.read_product_gaps`."""
        return read_product_gaps(self.store, self.info, category, product)

    def mentions(self, name: str, level: str | None = None, category: str | None = None) -> Iterator[Passage]:
        """Every note, then every query that speaks of something, with the places of the words, one at a time.

        Raises:
            NotFoundError: Nothing is called so, or the run tells no mentions.
        """
        mentions = StoredMentions(self.store, self.info)
        subjects = mentions.find(name, level, category)
        with closing(run_snapshot(self.store, self.info)) as snapshot:
            yield from note_passages(mentions, snapshot, subjects)
        for subject in subjects:
            yield from query_passages(mentions, subject)

    def parts(self, keyword: str) -> QueryParts | None:
        """A keyword taken apart; None where it is no query of its own."""
        return read_parts(self.store, self.info, keyword)

    def suggestions(self) -> list[NameSuggestion]:
        """Brands and products that the catalogue lacks."""
        return read_suggestions(self.store, self.info)

    def recommend(
        self,
        *,
        word: str | None = None,
        category: str | None = None,
        note: str | None = None,
        text: str | None = None,
        around: str | None = None,
    ) -> list[Recommendation]:
        """Keywords for a launch, in one way.

        Args:
            word: By a seed word.
            category: Those of a category.
            note: By a note of the store: its id.
            text: By the text of a note.
            around: By what people search before and after this keyword.

        Raises:
            UsageError: Not exactly one way is given, or it holds no word.
            NotFoundError: There is no such category, note or keyword, or too few people searched around it.
        """
        if sum(way is not None for way in (word, category, note, text, around)) != 1:
            raise UsageError("name one way to recommend by", hint="word, category, note, text or around")
        points = self.selling_points() if has_market(self.info) else []
        with self.store.snapshot() as snapshot:
            segmenter = segmenter_of(store_dictionary(snapshot))
        market = Market(self.gaps, points, segmenter.query_terms)
        if word is not None:
            return market.by_word(word)
        if category is not None:
            return market.by_category(*self._known(category))
        if around is not None:
            together = read_together(self.store, self.info, find_gap(self.gaps, around)["keyword"])
            if together is None:
                raise NotFoundError(f"too few people searched anything right before or after {around!r}")
            return market.by_session(together)
        return market.by_note(text if text is not None else self._note(note or ""))

    def _known(self, category: str) -> list[str]:
        """A category and those below it, if the run has keywords of one."""
        categories = read_category_names(self.store, self.info, category)
        names = sorted({gap["category"] for gap in self.gaps if gap["category"]})
        if {normalize(name) for name in names}.isdisjoint(map(normalize, categories)):
            raise NotFoundError(f"the run has no category {category!r}", hint="categories: " + ", ".join(names[:10]))
        return categories

    def _note(self, note: str) -> str:
        text = note_text(self.store, note)
        if text is None:
            raise NotFoundError(f"there is no note {note!r}", hint="name the id of a note of the store, or a text file")
        return text


def note_text(store: Store, note_id: str) -> str | None:
    """Title and content of a note of the store, as it is now; None where there is no such note."""
    with store.snapshot() as snapshot:
        found = snapshot.by_id("note", [note_id], ["note_id", "title", "content"]).to_pylist()
    return f"{found[0]['title'] or ''} {found[0]['content'] or ''}" if found else None


@contextmanager
def open_market(url: str, run: str = LATEST) -> Iterator[RunMarket]:
    """The market of a stored run.

    Args:
        url: The store, as ``--store`` takes it.
        run: Its id or name; the newest by default.

    Raises:
        StoreError: There is no such store.
        NotFoundError: There is no such run.
    """
    with open_store(url) as store:
        yield RunMarket(store, find_run(store, run))
