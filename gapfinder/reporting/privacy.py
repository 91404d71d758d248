"""What of a run may leave the owner's command line: nothing few people searched, nothing that looks personal.

Rare queries point to people, and some queries hold phone numbers or ids. Reports and HTTP show a run only through
:func:`published`; the owner's own command line shows all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from gapfinder.results import EvidenceNote, Gap
from gapfinder.runs import Run
from gapfinder.settings import SETTINGS
from indexer.stores.contract import RunInfo

QUERIES_HIDDEN: Final = "queries_hidden"
MASK: Final = "〔已隐去〕"

# A separator may stand between digits, so that 138-0013-8000 is seen as well.
_PERSONAL: Final = re.compile(
    r"""
      (?<!\d)(?:\+?86[\s-]?)?1[3-9]\d(?:[\s-]?\d){8}(?!\d)         # mobile number
    | (?<!\d)0\d{2,3}[\s-]?\d{7,8}(?!\d)                           # landline
    | (?<!\d)\d{17}[\dXx](?![\dXx])                                # citizen id
    | \d{9,}                                                       # bank card, QQ, order and account numbers
    | [A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+      # mail address
    | (?:微信号?|薇信|威信|wechat|weixin|wx|vx)\s*[:：]?\s*[A-Za-z][A-Za-z0-9_-]{5,19}  # WeChat id
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Every personal text holds one of these; looking for them first is what makes large runs quick.
_SUSPECT: Final = re.compile(r"[\d@信wWvV](?:(?<=[@信])|(?<=\d)[\s\d-]{7}|(?<=[wWvV])[eExX])")


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """A run as it may be shown to others.

    Attributes:
        info: The run's id, name and manifest.
        gaps: The gaps that may be shown, in their order.
        floor: People below which nothing is shown.
        hidden_keywords: Keywords left out.
        hidden_queries: Evidence queries left out of the keywords that are shown.
    """

    info: RunInfo
    gaps: list[Gap]
    floor: int
    hidden_keywords: int
    hidden_queries: int


def looks_personal(text: str) -> bool:
    """Whether a text holds what looks like a phone number, an id, an account or a mail address."""
    return _SUSPECT.search(text) is not None and _PERSONAL.search(text) is not None


def masked(text: str) -> str:
    """The text with what looks personal replaced by a mark."""
    return _PERSONAL.sub(MASK, text)


def personal_spans(text: str) -> list[tuple[int, int]]:
    """Where what looks personal stands in a text."""
    return [found.span() for found in _PERSONAL.finditer(text)] if _SUSPECT.search(text) else []


def privacy_floor(info: RunInfo) -> int:
    """The number of people below which nothing of this run is shown."""
    settings = info.manifest.get("settings") or {}
    return int(settings.get("privacy_floor", SETTINGS["privacy_floor"].default))


def published(run: Run) -> PublishedRun:
    """The part of a run that reports and HTTP may show."""
    floor = privacy_floor(run.info)
    gaps: list[Gap] = []
    hidden_queries = 0
    for gap in run.gaps:
        if is_few(gap["searchers"], gap["people"], floor) or looks_personal(gap["keyword"]):
            continue
        shown, hidden = _shown(gap, floor)
        gaps.append(shown)
        hidden_queries += hidden
    return PublishedRun(public_info(run.info), gaps, floor, len(run.gaps) - len(gaps), hidden_queries)


def public_info(info: RunInfo) -> RunInfo:
    """The run's description without the keywords its owner may have listed: only how many they are."""
    settings = info.manifest.get("settings")
    if not settings or not isinstance(settings.get("keywords"), list):
        return info
    counted = {**settings, "keywords": len(settings["keywords"])}
    return replace(info, manifest={**info.manifest, "settings": counted})


def is_few(searchers: int | None, people: int | None, floor: int) -> bool:
    """Whether fewer people searched something than may be shown.

    Args:
        searchers: Distinct users; None: users are unknown, and nothing can be told.
        people: Of them those that are no bots; None: an older run did not tell them apart.
        floor: The people it takes.
    """
    known = searchers if people is None else people
    return known is not None and known < floor


def _shown(gap: Gap, floor: int) -> tuple[Gap, int]:
    """The gap without its rare and personal parts, and the number of its queries left out."""
    personal = looks_personal if _SUSPECT.search(_all_text(gap)) else _never
    queries = [
        query
        for query in gap["evidence_queries"]
        if not is_few(query["searchers"], query["people"], floor) and not personal(query["query"])
    ]
    # A variant has no count of people of its own: it is known to be searched by enough when it is among the evidence.
    proven = {query["query"] for query in queries} | {gap["keyword"]}
    variants = [
        variant
        for variant in gap["variants"]
        if not personal(variant["query"]) and (gap["searchers"] is None or variant["query"] in proven)
    ]
    left_out = {query["query"] for query in gap["evidence_queries"]} | {v["query"] for v in gap["variants"]}
    left_out -= {query["query"] for query in queries} | {variant["query"] for variant in variants}
    # The sentence was written from all queries; it must not quote one that is not shown.
    quotes = any(query in gap["reason"] for query in left_out if query and query not in gap["keyword"])
    shown = gap.copy()
    shown["variants"] = variants
    shown["evidence_queries"] = queries
    shown["synonyms"] = [word for word in gap["synonyms"] if not personal(word)]
    shown["reason"] = "" if quotes or personal(gap["reason"]) else gap["reason"]
    if personal is not _never:
        shown["evidence_notes"] = [_note(note) for note in gap["evidence_notes"]]
    if left_out:
        shown["flags"] = [*gap["flags"], QUERIES_HIDDEN]
    return shown, len(left_out)


def _all_text(gap: Gap) -> str:
    """All text of a gap that is looked through."""
    texts = [query["query"] for query in gap["evidence_queries"]]
    texts += [variant["query"] for variant in gap["variants"]]
    texts += gap["synonyms"]
    texts.append(gap["reason"])
    for note in gap["evidence_notes"]:
        texts.append(note["title"])
        texts += note["reasons"]
    return "\n".join(texts)


def _never(_: str) -> bool:
    return False


def _note(note: EvidenceNote) -> EvidenceNote:
    shown = note.copy()
    shown["title"] = masked(note["title"])
    shown["reasons"] = [masked(reason) for reason in note["reasons"]]
    return shown
