from __future__ import annotations

import pandas as pd
import pytest

from generator.model.tables import RESULT_TABLES
from generator.statistics import compute_tables
from tests.factories import make_release
from tests.statistics.random_releases import random_release


def test_every_table_has_its_columns_in_their_order() -> None:
    tables = compute_tables(random_release(3))

    for name, table in RESULT_TABLES.items():
        assert list(getattr(tables, name).columns) == list(table.column_names)


def test_results_stand_in_the_order_of_metric_organisation_breakdown_and_time() -> None:
    release = random_release(3)
    results = compute_tables(release).results
    end = dict(zip(release.directory["periods"]["period"], release.directory["periods"]["end"], strict=True))

    keys = [
        (row["metric_id"], row["organisation_code"], row["breakdown_id"], end[row["period"]])
        for row in results.to_dict("records")
    ]

    assert keys == sorted(keys)
    assert results.index.equals(pd.RangeIndex(len(results)))


@pytest.mark.parametrize("seed", [0, 5])
def test_coded_cells_hold_words_of_their_vocabulary_only(seed: int) -> None:
    tables = compute_tables(random_release(seed))

    for name, table in RESULT_TABLES.items():
        for column in table.columns:
            if column.vocabulary:
                allowed = {*column.vocabulary, *([""] if column.blank else [])}
                assert set(getattr(tables, name)[column.name].unique()) <= allowed, (name, column.name)


def test_keys_are_categoricals_with_sorted_categories() -> None:
    tables = compute_tables(random_release(1))

    for table in (tables.results, tables.comparisons, tables.metric_periods):
        for name in {"metric_id", "organisation_code", "group_code", "breakdown_id", "period"} & {
            *table.columns
        }:
            assert table[name].cat.categories.is_monotonic_increasing, name


def test_a_release_without_observations_has_empty_tables() -> None:
    tables = compute_tables(make_release([]))

    for name, table in RESULT_TABLES.items():
        assert len(getattr(tables, name)) == 0
        assert list(getattr(tables, name).columns) == list(table.column_names)


def test_the_release_is_not_modified() -> None:
    release = random_release(2)
    before = release.observations.copy(deep=True)

    compute_tables(release)

    pd.testing.assert_frame_equal(release.observations, before)
