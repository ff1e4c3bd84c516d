"""How checks are written and run: each yields places and reasons, the runner adds the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from generator.errors import ExitStatus, Finding, Severity
from generator.loading.draft import Draft
from generator.model.release import SOURCE_FILE, SOURCE_ROW

Find = Callable[[Draft], Iterator[Finding]]


@dataclass(frozen=True)
class Check:
    """One rule that a release must keep."""

    code: str
    title: str
    """The rule as a statement that holds for a good release."""
    advice: str
    needs: tuple[str, ...]
    """Tables that must have been read whole for the check to mean anything."""
    find: Find
    severity: Severity
    status: ExitStatus = ExitStatus.INPUT
    """What a finding means to the shell, where it is an error."""
    shows_value: bool = True
    """Whether the runner may add the cell's value, which then is shown where that discloses nothing."""


CHECKS: list[Check] = []


def check(
    code: str,
    *,
    title: str,
    advice: str,
    needs: tuple[str, ...] = (),
    severity: Severity = Severity.ERROR,
    status: ExitStatus = ExitStatus.INPUT,
    shows_value: bool = True,
) -> Callable[[Find], Find]:
    """Register a function as a check.

    It yields findings whose file is the name of a table, whose rows are labels of that table's index, and
    which hold place and reason only.
    """

    def register(find: Find) -> Find:
        CHECKS.append(Check(code, title, advice, needs, find, severity, status, shows_value))
        return find

    return register


def run_checks(draft: Draft) -> list[Finding]:
    """Return what the checks find, with code, advice, file, row and value filled in.

    A check is left out where a table that it needs could not be read: what it would find follows from that.
    """
    places = _Places(draft)
    findings: list[Finding] = []
    for rule in CHECKS:
        if draft.broken.isdisjoint(rule.needs):
            findings.extend(places.resolve(rule, rule.find(draft)))
    return findings


class _Places:
    """Turns labels of tables into files, rows and values."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._columns: dict[tuple[str, str], Any] = {}

    def resolve(self, rule: Check, findings: Iterable[Finding]) -> Iterator[Finding]:
        status = rule.status if rule.severity is Severity.ERROR else ExitStatus.FINE
        for finding in findings:
            table, label = finding.file, finding.row
            reason, others = finding.reason, finding.other_rows
            path, row, value = self._draft.path_of(table), None, finding.value
            if label is not None:
                path, row = self._place(table, label)
                if rule.shows_value:
                    value = value or self._value(table, finding.column, label)
                elsewhere = [place for other in others if (place := self._place(table, other))[0] != path]
                others = tuple(
                    place[1] for other in others if (place := self._place(table, other))[0] == path
                )
                reason += "".join(
                    f"; the other is {other_path}, row {other}" for other_path, other in elsewhere
                )
            yield Finding(
                path,
                row,
                finding.column,
                reason,
                value,
                rule.code,
                rule.advice,
                status,
                rule.severity,
                other_rows=others,
            )

    def _place(self, table: str, label: int) -> tuple[str, int]:
        file = int(self._column(table, SOURCE_FILE)[label])
        return self._draft.files[file].path, int(self._column(table, SOURCE_ROW)[label])

    def _value(self, table: str, column: str, label: int) -> str:
        frame = self._draft.given[table]
        if column not in frame.columns:
            return ""
        value = self._column(table, column)[label]
        if value is None or pd.isna(value):
            return ""
        if isinstance(value, float):
            return f"{value:.15g}"
        return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)

    def _column(self, table: str, column: str) -> Any:
        key = (table, column)
        if key not in self._columns:
            frame = self._draft.given[table]
            # Labels of `given` count its rows, so positions and labels are the same.
            self._columns[key] = frame[column].tolist() if len(frame) < _AS_LIST else frame[column].array
        return self._columns[key]


_AS_LIST = 10_000
