"""Rows by number: organisation, breakdown and period as one sorted key, so that rows find each other fast."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]
"""Figures; NaN where there is none."""
Positions = npt.NDArray[np.int64]
"""Places in a table or an index; -1 where there is none."""
Flags = npt.NDArray[np.bool_]

KEY = ("organisation", "breakdown", "period")
"""Columns of numbers that identify a row within one metric: organisations in the order of codes,
breakdowns of ids, periods of time."""
_BITS = 20


def key_of(organisation: Positions, breakdown: Positions, period: Positions) -> Positions:
    """Return one whole number for each key; sorting by it sorts by organisation, breakdown and period."""
    return (organisation << (2 * _BITS)) | (breakdown << _BITS) | period


def keys_of(rows: pd.DataFrame) -> Positions:
    """Return the key of each row."""
    columns = [rows[name].to_numpy(np.int64) for name in KEY]
    # One step after the other asks for the keys of the same rows.
    if not (_latest and all(map(is_same, _latest[0], columns))):
        _latest[:] = [columns, key_of(*columns)]
    return cast(Positions, _latest[1])


def is_same(column: Positions, other: Positions) -> bool:
    """Tell whether two arrays are the same cells of the same memory."""
    return column.__array_interface__["data"] == other.__array_interface__["data"] and (
        column.shape == other.shape and column.strides == other.strides
    )


def split_keys(keys: Positions) -> tuple[Positions, Positions, Positions]:
    """Return organisation, breakdown and period of each key."""
    last = (1 << _BITS) - 1
    return keys >> (2 * _BITS), (keys >> _BITS) & last, keys & last


def find_rows(keys: Positions, wanted: Positions) -> Positions:
    """Return the position of each wanted key among sorted keys, -1 where it is not there."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def take_or_blank(values: Numbers, positions: Positions) -> Numbers:
    """Return the values at these positions, NaN where the position is -1."""
    taken = np.full(len(positions), np.nan)
    found = positions >= 0
    taken[found] = values[positions[found]]
    return taken


_latest: list[Any] = []
"""The key columns that keys were last made for, and the keys. What pandas hands out is never written to."""
