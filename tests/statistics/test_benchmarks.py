from __future__ import annotations

import numpy as np
import pytest

from tests.factories import ORGANISATIONS
from tests.statistics.results import compute, result

FOUR = [
    {"organisation_code": code, "numerator": count, "denominator": size}
    for code, count, size in (("P1", 60, 100), ("P2", 30, 80), ("P3", 200, 210), ("P4", 90, 120))
]


@pytest.mark.parametrize(
    ("benchmark", "code", "kind", "place", "value"),
    [
        ("country", "P1", "country", "C1", 38000 / 510),
        ("country", "A1", "country", "C1", 38000 / 510),
        ("country", "C1", "none", "", None),
        ("parent", "P1", "parent", "A1", 50),
        ("parent", "A1", "country", "C1", 38000 / 510),
        ("target", "P1", "target", "", 65),
        ("target", "C1", "target", "", 65),
        ("peers", "P1", "peers", "", None),
        ("none", "P1", "none", "", None),
    ],
)
def test_the_metric_says_what_a_result_is_compared_with(
    benchmark: str, code: str, kind: str, place: str, value: float | None
) -> None:
    row = result(compute(FOUR, {"benchmark": benchmark, "target": 65}), code)

    assert (row["benchmark_kind"], row["benchmark_code"]) == (kind, place)
    if value is None:
        assert np.isnan(row["benchmark"])
        assert row["comparison"] == "not_compared"
    else:
        assert row["benchmark"] == pytest.approx(value)
        assert row["comparison"] != "not_compared"


def test_an_organisation_directly_under_the_country_has_no_parent_beside_it() -> None:
    organisations = [
        {**row, "parent_code": "C1"} if row["organisation_code"] == "P1" else row for row in ORGANISATIONS
    ]

    tables = compute(FOUR, {"benchmark": "parent"}, organisations=organisations)

    assert result(tables, "P1")["benchmark_kind"] == "country"
    assert result(tables, "P2")["benchmark_kind"] == "parent"
    kinds = tables.comparisons.loc[tables.comparisons["organisation_code"] == "P1", "benchmark_kind"]
    assert kinds.tolist() == ["country"]


def test_a_hidden_area_is_no_benchmark() -> None:
    rows = [
        {"organisation_code": "P1", "numerator": 2, "denominator": 50},
        {"organisation_code": "P2", "numerator": 0, "denominator": 50},
        *FOUR[2:],
    ]

    row = result(compute(rows, {"benchmark": "parent", "disclosure": "people"}), "P2")

    assert row["value"] == 0
    assert row["benchmark_code"] == "A1"
    assert np.isnan(row["benchmark"])


def test_the_nearest_target_of_the_time_holds() -> None:
    targets = [
        {"metric_id": "m1", "target": 70, "set_by": "the country"},
        {
            "metric_id": "m1",
            "organisation_code": "A1",
            "target": 60,
            "to": "2025-09-30",
            "set_by": "the area",
        },
        {"metric_id": "m1", "organisation_code": "P3", "target": 90, "set_by": "the practice"},
    ]
    rows = [{**row, "period": period} for row in FOUR for period in ("2025-q3", "2025-q4")]

    tables = compute(rows, {"benchmark": "target", "target": 10}, targets=targets)

    assert {
        (code, period): result(tables, code, period)["benchmark"]
        for code in ("P1", "P3", "A1", "C1")
        for period in ("2025-q3", "2025-q4")
    } == {
        ("P1", "2025-q3"): 60,
        ("P1", "2025-q4"): 70,
        ("P3", "2025-q3"): 90,
        ("P3", "2025-q4"): 90,
        ("A1", "2025-q3"): 60,
        ("A1", "2025-q4"): 70,
        ("C1", "2025-q3"): 70,
        ("C1", "2025-q4"): 70,
    }
