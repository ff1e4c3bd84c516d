from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from generator.model.tables import COMPARISONS, METRIC_PERIODS, RESULTS
from generator.statistics import compute_tables
from tests.statistics.oracle import Oracle
from tests.statistics.random_releases import random_release

LATER = {"percentile", "quintile", "outlier", "variation", "assurance", "trend", "change_cause"}
LATER_OF_PERIODS = {
    *("phi", "tau2", "limits_used", "flagged", "flagged_by_chance"),
    *("sii", "sii_lower", "sii_upper"),
}


@pytest.mark.parametrize("seed", range(12))
def test_the_tables_are_those_of_the_slow_rules(seed: int) -> None:
    assert_same_as_oracle(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12, 240))
def test_the_tables_are_those_of_the_slow_rules_for_long(seed: int) -> None:
    assert_same_as_oracle(seed)


def assert_same_as_oracle(seed: int) -> None:
    release = random_release(seed)

    tables, oracle = compute_tables(release), Oracle(release)

    assert_same(tables.results, RESULTS.key, oracle.results, set(RESULTS.column_names) - LATER)
    assert_same(tables.comparisons, COMPARISONS.key, oracle.comparisons, set(COMPARISONS.column_names))
    built = set(METRIC_PERIODS.column_names) - LATER_OF_PERIODS
    assert_same(tables.metric_periods, METRIC_PERIODS.key, oracle.metric_periods, built)


def assert_same(
    table: pd.DataFrame, key: tuple[str, ...], expected: dict[Any, dict[str, Any]], columns: set[str]
) -> None:
    """Assert that a table holds exactly the expected rows, numbers alike to ten digits."""
    rows = {tuple(row[name] for name in key): row for row in table.to_dict("records")}
    assert len(rows) == len(table)
    assert set(rows) == set(expected)
    for place, row in rows.items():
        for name in sorted(columns - set(key)):
            got, wanted = row[name], expected[place][name]
            if isinstance(got, str):
                assert got == wanted, (place, name, row, expected[place])
            else:
                number = np.nan if wanted is None else wanted
                assert np.isclose(got, number, rtol=1e-9, atol=1e-9, equal_nan=True), (
                    place,
                    name,
                    row,
                    expected[place],
                )
