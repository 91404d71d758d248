"""The routes about several runs: what changed between two of them, and one keyword through all."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query

from api import change_models as models
from api.middleware import SLASH
from api.paging import Place, decode, encode
from api.problems import Missing, documented
from api.routes import ALWAYS, KEYED, Books, Keyword, Reader, RunPath

_BETWEEN: Final = "\n"  # between two runs that a cursor names

changes = APIRouter(prefix="/v1")


@changes.get("/gaps/{keyword}/history", tags=["gaps"], responses=documented(*ALWAYS, *KEYED, Missing))
def history(
    keyword: Keyword, asked: Annotated[models.HistoryAsked, Query()], library: Books, _: Reader
) -> models.History:
    """A keyword in all stored runs, oldest first, and whether it moved beyond noise from each to the next."""
    text = keyword.replace(SLASH, "/")
    found = library.history(text)
    question = ["history", text]
    start = 0
    if asked.cursor is not None:
        # A run that was deleted moves the later ones up; the cursor names the last run that was given.
        place = decode(asked.cursor, question)
        start = next((number for number, one in enumerate(found, 1) if one["run"] == place.run), place.start)
    page = found[start : start + asked.limit]
    end = start + len(page)
    return models.History(
        keyword=found[-1]["keyword"],
        total=len(found),
        items=[models.Moment.model_validate(moment) for moment in page],
        next_cursor=encode(Place(page[-1]["run"], end), question) if page and end < len(found) else None,
    )


@changes.get("/analyses/{run}/changes", tags=["analyses"], responses=documented(*ALWAYS, *KEYED, Missing))
def changes_since(
    run: RunPath, asked: Annotated[models.ChangesAsked, Query()], library: Books, _: Reader
) -> models.ChangeList:
    """What opened, closed and moved beyond noise since an earlier run."""
    name = run.replace(SLASH, "/")
    kinds = sorted(set(asked.change))
    question = ["changes", name, asked.since, kinds]
    place = decode(asked.cursor, question) if asked.cursor is not None else None
    before, _between, after = place.run.partition(_BETWEEN) if place else (asked.since, "", name)
    compared = library.compared(before, after)
    found = compared.chosen(kinds)
    start = place.start if place else 0
    page = found[start : start + asked.limit].tolist()
    end = start + len(page)
    runs = _BETWEEN.join((compared.before.run, compared.after.run))
    return models.ChangeList(
        before=compared.before.run,
        after=compared.after.run,
        counts=models.ChangeCounts(**compared.counts),
        caveats=[models.Caveat(code=caveat.code, message=caveat.message) for caveat in compared.caveats],
        total=len(found),
        items=[models.Change.model_validate(compared.at(row)) for row in page],
        next_cursor=encode(Place(runs, end), question) if end < len(found) else None,
    )
