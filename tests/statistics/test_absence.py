from __future__ import annotations

import numpy as np
import pytest

from generator.statistics import compute_tables
from tests.factories import make_release
from tests.statistics.results import compute, group, result
from tests.statistics.specs import number, read_rules


@pytest.mark.parametrize("rule", read_rules("absence"), ids=lambda rule: rule["rule"])
def test_rules_of_absence(rule: dict[str, str]) -> None:
    figures = {name: number(rule[name]) for name in ("numerator", "denominator", "base", "value")}

    tables = compute([{**figures, "absence": rule["stated"]}], {"kind": rule["kind"]})

    row = result(tables)
    assert row["absence"] == rule["absence"]
    assert np.isnan(row["value"]) == bool(rule["absence"])
    assert group(tables)["reported"] == (rule["reported"] == "yes")


def test_missing_rows_are_added_where_the_package_says_what_they_stand_for() -> None:
    one = [{"numerator": 60, "denominator": 100}]

    silent = compute_tables(make_release(one))
    stated = compute_tables(make_release(one, descriptor={"missing_rows": "not_submitted"}))

    assert not silent.results["organisation_code"].isin(["P2", "P3", "P4"]).any()
    assert result(stated, "P3")["absence"] == "not_submitted"
    assert result(stated, "A2")["absence"] == "not_submitted"
    assert group(stated)["reported"] == 1


def test_missing_rows_are_added_for_those_expected_only() -> None:
    organisations = [
        {"organisation_code": "P1", "name": "Alder", "kind": "practice", "parent_code": "C1"},
        {"organisation_code": "P2", "name": "Birch", "kind": "practice", "closed_on": "2025-06-30"},
        {"organisation_code": "P3", "name": "Cedar", "kind": "practice", "opened_on": "2026-01-01"},
        {"organisation_code": "T1", "name": "Trust", "kind": "provider"},
        {"organisation_code": "C1", "name": "Exampleland", "kind": "country"},
    ]
    release = make_release(
        [{"numerator": 60, "denominator": 100}],
        organisations=organisations,
        descriptor={"missing_rows": "not_submitted"},
    )

    results = compute_tables(release).results

    assert results["organisation_code"].tolist() == ["C1", "P1"]


def test_a_row_without_figures_changes_nothing_but_itself() -> None:
    rows = [
        {"organisation_code": code, "numerator": count, "denominator": 100}
        for code, count in (("P1", 60), ("P2", 30), ("P3", 45))
    ]

    without = compute(rows).results
    with_empty = compute([*rows, {"organisation_code": "P4", "absence": "not_submitted"}]).results

    others = with_empty[with_empty["organisation_code"] != "P4"].reset_index(drop=True)
    assert others.drop(columns="organisation_code").equals(without.drop(columns="organisation_code"))


def test_figures_beside_an_absence_are_not_shown() -> None:
    row = result(compute([{"numerator": 60, "denominator": 100, "absence": "withdrawn"}]))

    assert row["absence"] == "withdrawn"
    assert row[["numerator", "denominator", "value"]].isna().all()
