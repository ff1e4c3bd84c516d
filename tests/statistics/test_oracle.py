"""Every column of every table against the same rules in plain Python, on invented and on real releases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from generator import loading
from generator.importers import import_source
from generator.model.release import ProtectedTables, Publication, Release
from generator.model.tables import COMPARISONS, FIFTHS, METRIC_PERIODS, RESULTS, SPC, Table
from generator.statistics import compute_tables
from generator.statistics.earlier import keep_for_later
from tests.statistics.oracle import Oracle
from tests.statistics.random_releases import random_story

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.parametrize("seed", range(4))
def test_the_tables_are_those_of_the_slow_rules(seed: int) -> None:
    assert_same_as_oracle(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 240))
def test_the_tables_are_those_of_the_slow_rules_for_long(seed: int) -> None:
    assert_same_as_oracle(seed)


def assert_same_as_oracle(seed: int) -> None:
    *before, release = (story := random_story(seed)).releases
    earlier: tuple[Publication, ...] = ()
    for older in before:
        tables = compute_tables(older, earlier=earlier, policy=story.policy, options=story.options)
        earlier += (keep_for_later(older.directory, tables),)

    tables = compute_tables(release, earlier=earlier, policy=story.policy, options=story.options)

    oracle = Oracle(release, tables, earlier=earlier, policy=story.policy, options=story.options)
    assert_all_same(tables, oracle)


@pytest.fixture(scope="module")
def trusts(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return A&E by trust and integrated care board, as the publisher's files have it."""
    files = [_shared("provider", f"england_{who}_accidents_emergency.csv") for who in ("trust", "icb")]
    to = tmp_path_factory.mktemp("ae") / "2025-q3"
    import_source("ae", files, to)
    return loading.read_release(to)[0]


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return England's registers of patients with dementia, four years of all practices."""
    years = [_shared("qof", year) for year in ("2017-18", "2018-19", "2019-20", "2020-21")]
    to = tmp_path_factory.mktemp("qof") / "2020-21"
    import_source("qof", [file for year in years for file in sorted(year.iterdir())], to)
    release = loading.read_release(to)[0]
    rows = release.observations
    dementia = rows[rows["metric_id"] == "dementia-prevalence"].reset_index(drop=True)
    return replace(release, observations=dementia)


@pytest.mark.slow
@pytest.mark.shared
def test_the_trusts_agree_in_every_column(trusts: Release) -> None:
    tables = compute_tables(trusts)

    assert_all_same(tables, Oracle(trusts, tables))


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("disclosure", ["open", "people"])
def test_the_registers_agree_in_every_column(registers: Release, disclosure: str) -> None:
    """As published, and as if small registers had to be hidden."""
    directory = registers.directory
    metrics = directory["metrics"].assign(disclosure=disclosure)
    directory = replace(directory, tables={**directory.tables, "metrics": metrics})
    release = replace(registers, directory=directory)

    tables = compute_tables(release)

    assert_all_same(tables, Oracle(release, tables))


def _shared(*parts: str) -> Path:
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the reference data are not here: {'/'.join(parts)} is missing")
    return path


def assert_all_same(tables: ProtectedTables, oracle: Oracle) -> None:
    """Assert that every table has the oracle's rows, alike in every column, and hides no less or more."""
    assert_same(tables.results, RESULTS, oracle.results)
    assert_same(tables.comparisons, COMPARISONS, oracle.comparisons)
    assert_same(tables.metric_periods, METRIC_PERIODS, oracle.metric_periods)
    assert_same(tables.spc, SPC, oracle.spc)
    assert_same(tables.fifths, FIFTHS, oracle.fifths)
    peers = [[code, peer] for code, peers in sorted(oracle.peers.items()) for peer in peers]
    assert tables.peers.to_numpy().tolist() == peers
    assert oracle.unprotected() == []
    assert oracle.unexplained() == []


def assert_same(table: pd.DataFrame, columns: Table, expected: dict[Any, dict[str, Any]]) -> None:
    """Assert that a table holds exactly the expected rows, numbers alike to nine digits."""
    assert tuple(table.columns) == columns.column_names
    rows = {tuple(row[name] for name in columns.key): row for row in table.to_dict("records")}
    assert len(rows) == len(table)
    assert set(rows) == set(expected)
    for place, row in rows.items():
        for name in columns.column_names:
            if name not in columns.key:
                assert is_same(row[name], expected[place][name]), (
                    columns.name,
                    place,
                    name,
                    row[name],
                    expected[place],
                )


def is_same(got: str | float, wanted: str | float | None) -> bool:
    if isinstance(got, str) or isinstance(wanted, str):
        return got == wanted
    if wanted is None or np.isnan(got):
        return wanted is None and bool(np.isnan(got))
    return abs(got - wanted) <= 1e-9 + 1e-9 * abs(wanted)
