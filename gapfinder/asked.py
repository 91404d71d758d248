"""What was asked: the queries of a demand as needs, what each keyword stands for, and its member queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gapfinder.calibration import LogQueries
from gapfinder.demand import Demand
from gapfinder.needs import NeedRules, Needs, Terms, shared_terms
from gapfinder.settings import Settings
from gapfinder.synonyms import Synonyms
from gapfinder.unmet import Members, own_need
from indexer.dictionary import function_words, shipped_synonyms

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Alternative:
    """A need under other words: its number, the words that came in, and how probably it is the same need."""

    need: int
    words: Terms
    probability: float = 1.0


@dataclass(frozen=True)
class Subject:
    """What is known of each keyword before its gap is written: arrays and lists with one entry a keyword.

    Attributes:
        terms: All its terms in order.
        counts: Need whose plain counts are the keyword's (all its terms).
        need: Need whose answers are its evidence.
        alternatives: The same need under other words.
    """

    terms: list[Terms]
    counts: Ints
    need: Ints
    alternatives: list[list[Alternative]]


@dataclass(frozen=True)
class Asked:
    """What was asked.

    Attributes:
        needs: Distinct term lists somebody searched for, or that stand for one under other words.
        subject: What is known of each keyword.
        members: The queries of all keywords with their needs and outcomes.
        alternatives: The same need under other words, for each need of a query.
        need_of: Need of each member query.
    """

    needs: list[Terms]
    subject: Subject
    members: Members
    alternatives: dict[int, list[Alternative]]
    need_of: dict[int, int]

    @property
    def others(self) -> dict[int, Sequence[tuple[int, float]]]:
        """Other needs that each need may stand for, with their probability."""
        return {need: [(other.need, other.probability) for other in found] for need, found in self.alternatives.items()}


def asked_of(demand: Demand, settings: Settings, synonyms: Synonyms) -> Asked:
    """What the queries of a demand ask for."""
    needs, subject, need_of, alternatives = _needs(demand, settings, synonyms)
    return Asked(needs.terms, subject, _members(demand, subject, need_of), alternatives, need_of)


def _needs(
    demand: Demand, settings: Settings, synonyms: Synonyms
) -> tuple[Needs, Subject, dict[int, int], dict[int, list[Alternative]]]:
    """Needs of all keywords and their members.

    Returns:
        The needs; what is known of each keyword; the need of each member query; the other wordings of each need.
    """
    query_terms: list[Terms] = [tuple(terms) for terms in demand.queries.column("terms").to_pylist()]
    shared = shared_terms(query_terms, settings.whole("min_queries"))
    rules = NeedRules(function_words(), shipped_synonyms(), shared, synonyms.others())
    needs = Needs()
    alternatives: dict[int, list[Alternative]] = {}

    def need_of(terms: Terms) -> int:
        number = needs.number(terms)
        if number not in alternatives:
            alternatives[number] = [
                Alternative(needs.number(other), words, same) for other, words, same in rules.alternatives(terms)
            ]
        return number

    terms: list[Terms] = [tuple(t) for t in demand.keywords.column("terms").to_pylist()]
    counts = np.array([needs.number(t) for t in terms], np.int64)
    own = np.array([need_of(rules.of_keyword(t)) for t in terms], np.int64)
    subject = Subject(terms, counts, own, [alternatives[int(number)] for number in own])
    exact = set(demand.exact_queries())
    member_need = {
        query: need_of((rules.of_keyword if query in exact else rules.of_dust)(query_terms[query]))
        for query in sorted(set(demand.members.column("query_id").to_pylist()))
    }
    return needs, subject, member_need, alternatives


def _members(demand: Demand, subject: Subject, member_need: dict[int, int]) -> Members:
    """Members with their needs and outcomes as arrays, by keyword."""
    keyword = demand.members.column("keyword_id").to_numpy()
    query = demand.members.column("query_id").to_numpy()
    columns = {
        name: demand.queries.column(name).to_numpy().astype(np.float64)[query]
        for name in ("demand", "satisfied", "unsatisfied")
    }
    own = np.isin(query, demand.exact_queries())
    return Members(
        keyword=keyword,
        query=query,
        need=np.array([member_need[number] for number in query.tolist()], np.int64),
        head=subject.need[keyword],
        own=np.where(own, 1.0, own_need(columns["demand"])),
        demand=columns["demand"],
        unsatisfied=columns["unsatisfied"],
        known=columns["satisfied"] + columns["unsatisfied"],
    )


def log_queries(demand: Demand, asked: Asked) -> LogQueries:
    """The queries of the log with their needs, for learning: one for each distinct need, outcomes added up."""
    queries = sorted(asked.need_of)
    number = np.array([asked.need_of[query] for query in queries], np.int64)
    distinct, place = np.unique(number, return_inverse=True)  # of some hundred thousand at the most

    def total(name: str) -> npt.NDArray[np.float64]:
        values = demand.queries.column(name).to_numpy().astype(np.float64)[queries]
        return np.bincount(place, values, distinct.size).astype(np.float64)

    norms: list[list[str]] = [[] for _ in distinct]
    at = dict(zip(queries, place.tolist(), strict=True))
    columns = (demand.variants.column(name).to_pylist() for name in ("query_id", "query"))
    for query, text in zip(*columns, strict=True):
        if query in at:
            norms[at[query]].append(text)
    satisfied, unsatisfied = total("satisfied"), total("unsatisfied")
    return LogQueries(
        [asked.needs[one] for one in distinct.tolist()], norms, total("demand"), unsatisfied, satisfied + unsatisfied
    )
