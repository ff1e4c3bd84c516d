"""Computes small releases and picks rows of what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from generator.model.release import ProtectedTables
from generator.statistics import compute_tables
from tests.factories import Row, make_release


def compute(observations: Iterable[Row], metric: Row | None = None, **release: Any) -> ProtectedTables:
    """Return the tables of these observations of one metric (a quarterly proportion, unless changed)."""
    return compute_tables(make_release(observations, metrics=[metric or {}], **release))


def result(
    tables: ProtectedTables, organisation: str = "P1", period: str = "2025-q4", **key: str
) -> pd.Series:
    """Return the one result of an organisation in a period."""
    return only(tables.results, organisation_code=organisation, period=period, **key)


def group(tables: ProtectedTables, code: str = "C1", period: str = "2025-q4", **key: str) -> pd.Series:
    """Return the one row of METRIC_PERIODS of a group in a period."""
    return only(tables.metric_periods, group_code=code, period=period, **key)


def only(table: pd.DataFrame, **key: str) -> pd.Series:
    """Return the one row that has these cells."""
    rows = table
    for name, word in key.items():
        rows = rows[rows[name] == word]
    assert len(rows) == 1, f"{len(rows)} rows hold {key}"
    return rows.iloc[0]
