"""What a table is: which record its rows are, and which field each of its columns becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from indexer.errors import UsageError
from indexer.quarantine import printable
from indexer.reading.formats import FORMATS
from indexer.reading.formats.format import Format, Target, Unit
from indexer.reading.formats.levels import is_level
from indexer.reading.formats.native import native_columns
from indexer.reading.formats.western import MONTH_COLUMN
from indexer.reading.personal import PERSONAL, folded_name
from indexer.records import PRODUCT, RECORDS, Record

NATIVE: Final = "native"
_KNOWN: Final = (Target(""),)  # a column that is known and has no place in the record
_SHOWN_COLUMNS: Final = 30
_BY_DAY: Final = ("searched_at",)  # required fields that an option may fill


@dataclass(frozen=True)
class Plan:
    """How the rows of a table become records.

    Attributes:
        record: The record's name.
        form: Name of the known export, or ``native``.
        mapping: What the user said: folded name of a column to our field.
    """

    record: str
    form: str
    mapping: Mapping[str, str] = field(default_factory=dict)

    @property
    def format(self) -> Format | None:
        """The known export; None for a table with native names."""
        return FORMATS.get(self.form)

    @property
    def joins_levels(self) -> bool:
        """Whether levels of a category become one path: in a catalogue, where the user says nothing of categories."""
        return self.record == PRODUCT.name and self.form == NATIVE and "category" not in self.mapping.values()

    def targets(self, name: str) -> tuple[Target, ...] | None:
        """The fields a column becomes: none (empty tuple) when it is known and left out, None when it is unknown."""
        folded = folded_name(name)
        if folded in self.mapping:
            return (Target(self.mapping[folded], self._unit(folded)),)
        found = _known_target(self.format, folded)
        if found is None and folded not in PERSONAL:
            native = native_columns(self.record).get(folded)
            found = None if native is None else (Target(native[0]),)
            if found is None and self.joins_levels and is_level(folded):
                found = (Target("category"),)
        if found is None:
            return () if folded in PERSONAL else None
        return () if found == _KNOWN else found

    def fields(self, header: Sequence[str]) -> set[str]:
        """Fields that some column or constant fills."""
        form = self.format
        filled = {target.field for name in header for target in self.targets(name) or ()}
        if form is not None:
            filled |= set(form.constants) | {target.field for made in form.columns.values() for target in made}
        return filled

    def unknown(self, header: Sequence[str]) -> list[str]:
        """Columns that are not understood."""
        return [name for name in header if self.targets(name) is None]

    def _unit(self, folded: str) -> Unit:
        known = _known_target(self.format, folded)
        return known[0].unit if known else Unit.PLAIN


def _known_target(form: Format | None, folded: str) -> tuple[Target, ...] | None:
    if form is None:
        return None
    if folded in form.columns:
        return tuple(form.columns[folded])
    if folded in form.known or (MONTH_COLUMN.fullmatch(folded) and form.name.startswith("Google")):
        return _KNOWN
    if form.prefixed and "-" in folded:
        *parts, last = folded.split("-")
        for name in (*(f"{part}-{last}" for part in parts), last):
            if name in form.columns:
                return tuple(form.columns[name])
        return _KNOWN if last in form.known else None
    return None


class Recogniser:
    """Recognises headers under what the user said.

    Args:
        record: The record the user named with ``--as``.
        mapping: ``--map``: their column to our field.

    Raises:
        UsageError: There is no such record, or no record has such a field.
    """

    def __init__(self, record: str | None = None, mapping: Mapping[str, str] | None = None) -> None:
        if record is not None and record not in RECORDS:
            raise UsageError(f"there is no record {printable(record)!r}", hint="records: " + ", ".join(RECORDS))
        self.record = record
        self.mapping = {folded_name(theirs): ours.strip() for theirs, ours in (mapping or {}).items()}
        wanted = [record] if record else list(RECORDS)
        for ours in self.mapping.values():
            if not any(ours in _raw(RECORDS[name]) for name in wanted):
                fields = ", ".join(_raw(RECORDS[record])) if record else "see the records in the documentation"
                raise UsageError(f"--map: no field is called {printable(ours)!r}", hint=f"fields: {fields}")

    def score(self, header: Sequence[str]) -> float:
        """How well a row is known as a header; 0 for not at all."""
        return self._best(header)[0]

    def plan(self, header: Sequence[str], name: str) -> Plan:
        """What the rows under a header are.

        Raises:
            UsageError: It can't be told, or a required field has no column; lists the columns found.
        """
        value, plan = self._best(header)
        shown = printable(", ".join(header[:_SHOWN_COLUMNS]) or "none", 600)
        if plan is None or value <= 0:
            wanted = f" as {self.record}" if self.record else ""
            raise UsageError(
                f"{name}: the columns are not recognised{wanted}: {shown}",
                hint="say what the rows are with --as RECORD and what the columns are with --map theirs=ours, "
                "for example: --as search --map 词=query",
            )
        missing = _missing(plan, header)
        if missing:
            raise UsageError(
                f"{name}: no column for {', '.join(missing)} of {plan.record} among: {shown}",
                hint=f"name it with --map theirs={missing[0]}"
                + ("" if self.record else ", or say what the rows are with --as RECORD"),
            )
        return plan

    def _best(self, header: Sequence[str]) -> tuple[float, Plan | None]:
        folded = {folded_name(name) for name in header}
        best: tuple[float, Plan | None] = (0.0, None)
        for form in FORMATS.values():
            if self.record not in (None, form.record) or not _signed(form, folded, self.mapping):
                continue
            plan = Plan(form.record, form.name, self.mapping)
            value = 100.0 + 10 * len(form.signature) + sum(plan.targets(name) is not None for name in header)
            if value > best[0]:
                best = (value, plan)
        if best[1] is not None:
            return best
        for name, record in RECORDS.items():
            if self.record not in (None, name) or any(ours not in _raw(record) for ours in self.mapping.values()):
                continue
            plan = Plan(name, NATIVE, self.mapping)
            value = self._native_value(plan, record, header)
            if value > best[0]:
                best = (value, plan)
        return best

    def _native_value(self, plan: Plan, record: Record, header: Sequence[str]) -> float:
        own = native_columns(record.name)
        value = 0.0
        for name in header:
            folded = folded_name(name)
            if folded in self.mapping:
                value += 1.5
            elif folded in own:
                value += 1.0 if own[folded][1] else 0.8
        if self.record is None and _missing(plan, header):
            return 0.0
        # Of two records that know the same columns the one with fewer fields is meant.
        return value - len(record.raw_fields) / 1000 if value else 0.0


def _signed(form: Format, folded: set[str], mapping: Mapping[str, str]) -> bool:
    if form.prefixed:
        folded = {name.rsplit("-", 1)[-1] for name in folded if "-" in name}
    return form.signature <= folded and not (form.signature & set(mapping))


def _missing(plan: Plan, header: Sequence[str]) -> list[str]:
    record = RECORDS[plan.record]
    filled = plan.fields(header)
    missing = [one.name for one in record.raw_fields if one.required and one.name not in filled | set(_BY_DAY)]
    if plan.format is not None and plan.format.merge:
        missing = []  # an event names its search by id and need not repeat the query
    if record.one_of and not filled & set(record.one_of):
        missing.append(" or ".join(record.one_of))
    return missing


def _raw(record: Record) -> tuple[str, ...]:
    return tuple(one.name for one in record.raw_fields)
