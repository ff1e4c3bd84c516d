"""The columnar screen: every cell against the contract, on the distinct texts of each column.

The screen is stricter than the Table Schema: what it proves clean, frictionless accepts too (a property test
holds this), and needs no second look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.errors import Finding
from generator.loading.agreement import Agreement
from generator.loading.faults import fault
from generator.loading.reading import TextTable
from generator.loading.rules import Cells, TextFaults, date_of, numbers_of, rules_of
from generator.model.tables import OBSERVATION_KEY, OBSERVATIONS, Column, ColumnType, Table

CATEGORICAL = (*OBSERVATION_KEY, "basis", "submission", "absence")
"""Columns of OBSERVATIONS that hold few distinct texts on many rows."""


@dataclass
class Screened:
    """A file's rows in the types of the contract, and the cells that do not obey it."""

    frame: pd.DataFrame
    """All columns of the table, absent ones filled with what a blank means. A cell that is no number, date or
    boolean is missing; other faulty cells stand as given."""
    findings: list[Finding] = field(default_factory=list)
    faulty: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    """By column, which rows hold a faulty cell; columns without one are absent."""

    @property
    def faulty_rows(self) -> NDArray[np.bool_]:
        """Which rows hold a faulty cell in any column."""
        rows: NDArray[np.bool_] = np.zeros(len(self.frame), dtype=bool)
        for mask in self.faulty.values():
            rows |= mask
        return rows


def screen_table(table: Table, text: TextTable, agreement: Agreement, file: str) -> Screened:
    """Return the table's cells in their types, with a finding for each that the contract forbids."""
    columns: dict[str, Any] = {}
    screened = Screened(pd.DataFrame())
    for column in table.columns:
        given = text.cells.get(column.name)
        if given is None:
            columns[column.name] = _absent_column(table, column, len(text.rows))
            continue
        cells = Cells.of(given, agreement.missing_values)
        faults = TextFaults()
        for rule in rules_of(table, column, agreement.patterns.get(column.name, "")):
            rule(cells, faults)
        columns[column.name] = _typed(table, column, cells, faults)
        if faults.by_text:
            screened.faulty[column.name] = _report(
                cells, faults, text.rows, file, column.name, screened.findings
            )
    screened.frame = pd.DataFrame(columns, copy=False)
    return screened


def empty_frame(table: Table) -> pd.DataFrame:
    """Return the table without rows, in the types of the contract."""
    return pd.DataFrame({column.name: _absent_column(table, column, 0) for column in table.columns})


def _typed(table: Table, column: Column, cells: Cells, faults: TextFaults) -> Any:
    """Return the column in its type, row by row."""
    if column.type in (ColumnType.NUMBER, ColumnType.INTEGER):
        numbers = numbers_of(cells, faults)
        if column.default:
            numbers = np.where(np.isnan(numbers), float(column.default), numbers)
        return numbers[cells.codes]
    texts = cells.texts.to_pylist()
    if column.type is ColumnType.DATE:
        dates = [date_of(text) for text in texts]
        return np.array(dates, dtype="datetime64[s]")[cells.codes]
    if column.type is ColumnType.BOOLEAN:
        words: Mapping[str, Any] = {"true": True, "false": False}
        return pd.array([words.get(text) for text in texts], dtype="boolean").take(cells.codes)
    if column.default:
        texts = [text or column.default for text in texts]
    if _is_categorical(table, column):
        categories = sorted(set(texts))
        place = {text: position for position, text in enumerate(categories)}
        codes = np.array([place[text] for text in texts], dtype=np.int32)[cells.codes]
        return pd.Categorical.from_codes(codes, pd.Index(categories, dtype="str"))
    return pd.array(texts, dtype="str").take(cells.codes)


def _absent_column(table: Table, column: Column, length: int) -> Any:
    if column.type in (ColumnType.NUMBER, ColumnType.INTEGER):
        return np.full(length, float(column.default or "nan"))
    if column.type is ColumnType.DATE:
        return np.full(length, np.datetime64("NaT", "s"))
    if column.type is ColumnType.BOOLEAN:
        return pd.array([None], dtype="boolean").take(np.zeros(length, dtype=int))
    if _is_categorical(table, column):
        categories = pd.Index([column.default], dtype="str")
        return pd.Categorical.from_codes(np.zeros(length, dtype=np.int32), categories)
    return pd.array([column.default], dtype="str").take(np.zeros(length, dtype=int))


def _is_categorical(table: Table, column: Column) -> bool:
    return table.name == OBSERVATIONS.name and column.name in CATEGORICAL


def _report(
    cells: Cells,
    faults: TextFaults,
    rows: NDArray[np.int64],
    file: str,
    name: str,
    findings: list[Finding],
) -> NDArray[np.bool_]:
    """Add a finding for each row that holds a faulty text, and return which rows do."""
    is_faulty = np.zeros(len(cells.texts), dtype=bool)
    is_faulty[list(faults.by_text)] = True
    mask: NDArray[np.bool_] = is_faulty[cells.codes]
    places = np.flatnonzero(mask)
    given = {position: cells.given[position].as_py() for position in faults.by_text}
    for row, position in zip(rows[places].tolist(), cells.codes[places].tolist(), strict=True):
        code, reason = faults.by_text[position]
        value = "" if code == "TXT_UNSAFE_CHAR" else given[position]
        findings.append(fault(code, file, reason, row=row, column=name, value=value))
    return mask
