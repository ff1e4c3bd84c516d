"""The tables of all metrics, put together: each metric is written into a stretch laid out for it beforehand.

The memory is shared with the workers, so results are never sent from one process to another, and there is
one copy of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from generator.model.tables import Table
from generator.statistics.keys import Positions
from generator.statistics.numbering import Numbering
from generator.workers import give_back, shared_memory, threaded_map

Cells = npt.NDArray[Any]
NOTE = "note"


@dataclass(frozen=True)
class Written:
    """What one metric has put into its stretch."""

    rows: int
    blank: frozenset[str]
    """Columns of numbers that hold none; nothing was written for them."""
    notes: pd.Series[str] | None
    """The free text of the rows, None where there is none: it has no fixed length."""


@dataclass(frozen=True)
class Assembly:
    """One table of all metrics, while it is filled."""

    table: Table
    numbering: Numbering
    starts: Positions
    """Where the stretch of each metric begins; then where the last one ends."""
    columns: dict[str, Cells]
    """Numbers as they are, words and codes by number."""

    @classmethod
    def of(cls, table: Table, numbering: Numbering, bounds: Sequence[int]) -> Assembly:
        """Return the empty table, with room for at most so many rows of each metric.

        Memory is taken when it is written to: room that stays empty costs nothing.
        """
        starts = np.concatenate([[0], np.cumsum(bounds, dtype=np.int64)])
        return cls(
            table=table,
            numbering=numbering,
            starts=starts,
            columns={
                column.name: shared_memory(int(starts[-1]), numbering.storage(table, column))
                for column in table.columns
                if column.name != NOTE
            },
        )

    def write(self, number: int, metric_id: str, rows: pd.DataFrame) -> Written:
        """Write the rows of a metric, by number, into the stretch of that number."""
        begin, count = int(self.starts[number]), len(rows)
        end = begin + count
        assert end <= self.starts[number + 1], (self.table.name, metric_id)
        blank = set()
        for name, cells in self.columns.items():
            if cells.dtype != np.float64:
                cells[begin:end] = self.numbering.codes(self.table.column(name), metric_id, rows)
            else:
                figures = rows[name].to_numpy(np.float64)
                if np.isnan(figures[:1]).all() and np.isnan(figures).all():
                    blank.add(name)
                else:
                    cells[begin:end] = figures
        notes = rows[NOTE] if NOTE in self.table.column_names and (rows[NOTE] != "").any() else None
        return Written(count, frozenset(blank), notes)

    def finish(self, parts: Sequence[Written], *, workers: int = 1) -> pd.DataFrame:
        """Return the table, from what each metric has written; the assembly must not be used again."""
        rows = sum(part.rows for part in parts)
        filled = [
            name
            for name, cells in self.columns.items()
            if cells.dtype != np.float64 or not all(name in part.blank for part in parts)
        ]
        closed = threaded_map(lambda name: self._close_gaps(name, parts), filled, workers=workers)
        cells_of = dict(zip(filled, closed, strict=True))
        columns: dict[str, Any] = {}
        for column in self.table.columns:
            if column.name == NOTE:
                columns[NOTE] = _join_notes(parts)
            elif column.name not in cells_of:
                # A number for all rows at once: such columns take no memory.
                columns[column.name] = np.broadcast_to(np.float64(np.nan), rows)
            else:
                cells = cells_of[column.name]
                categories = self.numbering.categories(self.table, column)
                columns[column.name] = (
                    cells
                    if categories is None
                    else pd.Categorical.from_codes(cells, categories=categories, validate=False)
                )
        return pd.DataFrame(columns, index=pd.RangeIndex(rows), copy=False)

    def _close_gaps(self, name: str, parts: Sequence[Written]) -> Cells:
        """Return the column with the stretches moved together, and NaN where a metric wrote nothing."""
        cells, end = self.columns[name], 0
        for start, part in zip(self.starts.tolist(), parts, strict=False):
            begin, end = end, end + part.rows
            if name in part.blank:
                cells[begin:end] = np.nan
            elif begin != start:
                cells[begin:end] = cells[start : start + part.rows]
        return give_back(cells, end)


def _join_notes(parts: Sequence[Written]) -> pd.Series[str]:
    if all(part.notes is None for part in parts):
        return _no_text(sum(part.rows for part in parts))
    return pd.concat(
        [_no_text(part.rows) if part.notes is None else part.notes for part in parts], ignore_index=True
    )


def _no_text(rows: int) -> pd.Series[str]:
    """Return a column of empty cells; its memory, all zeros, is never written to and so never taken."""
    offsets = pa.py_buffer(np.zeros(rows + 1, dtype=np.int64))
    return pd.Series(
        pd.array(pa.LargeStringArray.from_buffers(rows, offsets, pa.py_buffer(b"")), dtype="str")
    )
