from __future__ import annotations

import numpy as np
import pytest

from tests.statistics.results import compute, result
from tests.statistics.vectors import assert_agrees, read_cases


@pytest.mark.parametrize(
    ("kind", "multiplier", "figures", "value"),
    [
        ("proportion", 100, {"numerator": 1, "denominator": 3}, 100 / 3),
        ("rate", 1000, {"numerator": 12, "denominator": 4000.5}, 12000 / 4000.5),
        ("ratio", 1, {"numerator": 9, "denominator": 7.5}, 1.2),
        ("count", 1, {"numerator": 12}, 12),
        ("mean", 1, {"numerator": 90, "denominator": 20}, 4.5),
        ("mean", 1, {"numerator": 90, "denominator": 20, "value": 4.4}, 4.4),
        ("proportion", 100, {"numerator": 1, "denominator": 3, "value": 33.3}, 33.3),
        ("status", 1, {"value": 2}, 2),
    ],
)
def test_a_value_follows_from_its_counts_and_a_supplied_one_stands(
    kind: str, multiplier: float, figures: dict[str, float], value: float
) -> None:
    row = result(compute([figures], {"kind": kind, "multiplier": multiplier}))

    assert row["value"] == value
    assert row["absence"] == ""


def test_coverage_is_of_all_patients_the_excluded_ones_among_them() -> None:
    row = result(compute([{"numerator": 57, "denominator": 60, "excluded": 12}]))

    assert row["value"] == 95
    assert row["coverage"] == pytest.approx(79.16666666666667)


def test_coverage_is_blank_where_nothing_is_stated() -> None:
    assert np.isnan(result(compute([{"numerator": 57, "denominator": 60}]))["coverage"])


@pytest.mark.shared
def test_exclusions_reproduce_the_reference_cases() -> None:
    cases, tolerance = read_cases("composite_peers_other", "qof")
    for case in cases:
        counts = {name: case["in"][name] for name in ("numerator", "denominator")}
        row = result(compute([{**counts, "excluded": case["in"]["pca"]}]))
        got = {"achievement_net_of_pca": row["value"], "patients_receiving_intervention": row["coverage"]}
        assert_agrees(case, got, tolerance)
