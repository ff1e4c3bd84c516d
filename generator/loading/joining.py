"""Packages joined to a draft, and a proven draft turned into a release."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from generator.loading.checks.expected import rows_standing_for_absence
from generator.loading.draft import Draft
from generator.loading.packages import Reading
from generator.loading.screen import empty_frame
from generator.model.release import SOURCE_FILE, SOURCE_ROW, Descriptor, Directory, Release
from generator.model.tables import INPUT_TABLES, Table


def join(reading: Reading, descriptor: Descriptor | None) -> Draft:
    """Return the tables of all packages joined, in the order of their files."""
    given = {}
    faulty: dict[str, dict[str, NDArray[np.bool_]]] = {}
    for name, table in INPUT_TABLES.items():
        parts = reading.tables.get(name, [])
        frames = [_placed(screened.frame, file, rows) for file, screened, rows in parts]
        given[name] = _joined(table, frames)
        columns = {column for _, screened, _ in parts for column in screened.faulty}
        faulty[name] = {
            column: np.concatenate(
                [screened.faulty.get(column, np.zeros(len(rows), dtype=bool)) for _, screened, rows in parts]
            )
            for column in sorted(columns)
        }
    return Draft(
        given, faulty, frozenset(reading.broken), tuple(reading.files), descriptor, reading.boundaries
    )


def release_of(draft: Draft) -> Release:
    """Return a draft without errors as a release, missing rows written out where `missing_rows` says why."""
    assert draft.descriptor is not None, "a release without a descriptor has errors"
    observations = draft["observations"].reset_index(drop=True)
    if draft.descriptor.missing_rows:
        observations = _joined(
            INPUT_TABLES["observations"],
            [observations, _as_given(rows_standing_for_absence(draft), observations)],
        )
    directory = Directory(
        draft.descriptor,
        {
            name: frame.reset_index(drop=True)
            for name, frame in draft.tables.items()
            if name != "observations"
        },
        dict(draft.boundaries),
    )
    return Release(directory, observations, draft.files)


def _placed(frame: pd.DataFrame, file: int, rows: NDArray[np.int64]) -> pd.DataFrame:
    """Return the table with the place that each row comes from.

    What is the same in all rows takes no memory: the file, and a column of numbers that holds none.
    """
    columns: dict[str, Any] = {}
    for name in frame.columns:
        cells = frame[name].array
        columns[name] = np.broadcast_to(np.float64(np.nan), len(rows)) if _is_blank(cells) else cells
    columns[SOURCE_FILE] = np.broadcast_to(np.int32(file), len(rows))
    columns[SOURCE_ROW] = rows.astype(np.int32)
    return pd.DataFrame(columns, index=frame.index, copy=False)


def _is_blank(cells: Any) -> bool:
    """Tell whether these are numbers of which none is there."""
    return cells.dtype == np.float64 and len(cells) > 0 and bool(np.isnan(cells).all())


def _joined(table: Table, frames: list[pd.DataFrame]) -> pd.DataFrame:
    if not frames:
        return _placed(empty_frame(table), 0, np.array([], dtype=np.int64))
    if len(frames) == 1:
        return frames[0]
    columns = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = pd.Series(union_categoricals(parts, sort_categories=True))
        else:
            columns[name] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)


def _as_given(rows: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the columns and types of observations."""
    columns = {}
    for name in observations.columns:
        dtype = observations[name].dtype
        columns[name] = (
            rows[name].astype("str").astype("category")
            if isinstance(dtype, pd.CategoricalDtype)
            else rows[name].astype(dtype)
        )
    return pd.DataFrame(columns)
