from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from generator.statistics import compute_tables
from generator.statistics.aggregation import SERVES_FROM
from tests.factories import ORGANISATIONS, make_release
from tests.statistics.numbered import practices
from tests.statistics.results import compute, group, result
from tests.statistics.specs import read_rules

FOUR: list[dict[str, Any]] = [
    {"organisation_code": code, "numerator": count, "denominator": size}
    for code, count, size in (("P1", 60, 100), ("P2", 30, 80), ("P3", 200, 210), ("P4", 90, 120))
]
AREAS = {"A1": (90, 180), "A2": (290, 330), "C1": (380, 510)}


def test_counts_are_summed_and_values_are_not_averaged() -> None:
    tables = compute(FOUR)

    for code, (numerator, denominator) in AREAS.items():
        row, described = result(tables, code), group(tables, code)
        assert (row["numerator"], row["denominator"]) == (numerator, denominator)
        assert row["value"] == described["value"] == numerator * 100 / denominator
        assert row["interval"] == "computed"
    assert group(tables)[["reported", "expected"]].tolist() == [4, 4]


def test_the_parts_of_an_open_metric_add_up_to_the_whole() -> None:
    results = compute(FOUR, {"kind": "rate"}).results.set_index("organisation_code")

    for name in ("numerator", "denominator"):
        assert results.loc[["A1", "A2"], name].sum() == results.loc["C1", name]
        assert results.loc[["P1", "P2"], name].sum() == results.loc["A1", name]


@pytest.mark.parametrize("kind", ["mean", "standardised", "score", "count", "status"])
def test_other_kinds_have_no_aggregate(kind: str) -> None:
    rows = [{"organisation_code": code, "value": value} for code, value in (("P1", 1), ("P2", 2), ("P3", 4))]

    tables = compute(rows, {"kind": kind, "multiplier": 1})

    assert set(tables.results["organisation_code"]) == {"P1", "P2", "P3"}
    country = group(tables)
    assert country[["numerator", "denominator", "value"]].isna().all()
    assert (country["reported"], country["expected"]) == (3, 4)


def test_a_supplied_figure_of_an_area_or_country_wins() -> None:
    supplied = {"organisation_code": "C1", "value": 71.0, "lower": 70.0, "upper": 72.0}

    tables = compute([*FOUR, supplied])

    assert result(tables, "C1")["value"] == group(tables)["value"] == 71.0
    assert result(tables, "C1")["interval"] == "supplied"
    assert result(tables, "P1")["benchmark"] == 71.0
    assert group(tables)["reported"] == 4


def test_an_organisation_counts_where_it_belonged_at_the_end_of_the_period() -> None:
    moved = [
        {"organisation_code": "P1", "parent_code": "A1", "to": "2025-08-14"},
        {"organisation_code": "P1", "parent_code": "A2", "from": "2025-08-15"},
    ]
    both = [{**row, "period": period} for row in FOUR for period in ("2025-q2", "2025-q3")]

    tables = compute(both, memberships=moved)

    assert result(tables, "A1", "2025-q2")["denominator"] == 180
    assert result(tables, "A1", "2025-q3")["denominator"] == 80
    assert result(tables, "A2", "2025-q3")["denominator"] == 430
    assert result(tables, "P1", "2025-q3")["benchmark"] == group(tables, "C1", "2025-q3")["value"]


def test_every_tree_has_its_areas_and_counts_an_organisation_once() -> None:
    """P1 is listed both under its area and under the region that holds the area."""
    organisations = [
        *ORGANISATIONS,
        {"organisation_code": "R1", "name": "Region", "kind": "area", "parent_code": "C1"},
        {"organisation_code": "L1", "name": "Town", "kind": "area"},
    ]
    memberships = [
        {"organisation_code": "P1", "parent_code": "A1"},
        {"organisation_code": "P1", "parent_code": "R1"},
        {"organisation_code": "A1", "parent_code": "R1"},
        {"organisation_code": "P1", "parent_code": "L1", "tree": "local"},
        {"organisation_code": "P3", "parent_code": "L1", "tree": "local"},
    ]

    tables = compute(FOUR, organisations=organisations, memberships=memberships)

    denominators = {code: result(tables, code)["denominator"] for code in ("A1", "R1", "L1", "C1")}
    assert denominators == {"A1": 180, "R1": 180, "L1": 310, "C1": 510}


def test_sites_never_count_beside_their_provider() -> None:
    organisations = [
        {"organisation_code": "T1", "name": "Trust", "kind": "provider", "parent_code": "C1"},
        {"organisation_code": "S1", "name": "Site", "kind": "site", "parent_code": "T1"},
        {"organisation_code": "C1", "name": "Exampleland", "kind": "country"},
    ]
    rows = [
        {"organisation_code": "T1", "numerator": 60, "denominator": 100},
        {"organisation_code": "S1", "numerator": 20, "denominator": 40},
    ]

    tables = compute(rows, {"applies_to": "provider"}, organisations=organisations)

    assert group(tables)[["numerator", "denominator", "reported", "expected"]].tolist() == [60, 100, 1, 1]
    assert result(tables, "S1")["value"] == 50


def test_expected_are_those_open_at_the_end_that_provide_the_service() -> None:
    organisations = [
        {"organisation_code": "T1", "name": "One", "kind": "provider"},
        {"organisation_code": "T2", "name": "Two", "kind": "provider", "closed_on": "2025-12-30"},
        {"organisation_code": "T3", "name": "Three", "kind": "provider"},
        {"organisation_code": "T4", "name": "Four", "kind": "provider"},
        {"organisation_code": "C1", "name": "Exampleland", "kind": "country"},
    ]
    provisions = [
        {"organisation_code": code, "service_id": "renal", "to": to}
        for code, to in (("T1", None), ("T2", None), ("T3", "2025-09-30"))
    ]

    tables = compute(
        [{"organisation_code": "T1", "numerator": 60, "denominator": 100}],
        {"applies_to": "provider", "service_id": "renal"},
        organisations=organisations,
        provisions=provisions,
        services=[{"service_id": "renal", "title": "Kidney care", "description": "Care."}],
    )

    assert group(tables)[["reported", "expected"]].tolist() == [1, 1]


def test_an_organisation_that_closed_in_the_period_counts_if_it_reported() -> None:
    closed = [
        {**row, "closed_on": "2025-11-30"} if row["organisation_code"] == "P2" else row
        for row in ORGANISATIONS
    ]

    reported, silent = (compute(rows, organisations=closed) for rows in (FOUR, [FOUR[0], *FOUR[2:]]))

    assert group(reported)[["reported", "expected", "denominator"]].tolist() == [4, 4, 510]
    assert group(silent)[["reported", "expected", "denominator"]].tolist() == [3, 3, 430]


@pytest.mark.parametrize("rule", read_rules("aggregates"), ids=lambda rule: rule["rule"])
def test_rules_of_aggregates(rule: dict[str, str]) -> None:
    """Under 80% reported a total is shown, and is no benchmark."""
    expected, reported = int(rule["expected"]), int(rule["reported"])
    organisations = [{"organisation_code": "C1", "name": "Exampleland", "kind": "country"}] + [
        {"organisation_code": f"P{number:03}", "name": "Practice", "kind": "practice"}
        for number in range(expected)
    ]
    rows = [
        {"organisation_code": f"P{number:03}", "numerator": 60, "denominator": 100}
        if number < reported
        else {"organisation_code": f"P{number:03}", "absence": "not_submitted"}
        for number in range(expected)
    ]

    tables = compute(rows, organisations=organisations)

    assert group(tables)[["reported", "expected"]].tolist() == [reported, expected]
    assert np.isnan(result(tables, "P000")["benchmark"]) == (rule["serves"] == "no")
    assert np.isnan(group(tables)["value"]) == (reported == 0)
    assert SERVES_FROM == 80


def test_breakdowns_are_summed_each_for_itself() -> None:
    rows = [
        {**row, "breakdown_id": breakdown, "numerator": row["numerator"] - less}
        for row in FOUR
        for breakdown, less in (("all", 0), ("women", 20))
    ]
    breakdowns = [{"breakdown_id": "women", "dimension": "sex", "title": "Women", "position": 1}]

    tables = compute(rows, breakdowns=breakdowns)

    assert group(tables, breakdown_id="all")["numerator"] == 380
    assert group(tables, breakdown_id="women")["numerator"] == 300


def test_an_unstated_exclusion_leaves_the_total_of_exclusions_blank() -> None:
    stated = [{**row, "excluded": 10} for row in FOUR]

    whole, partial = compute(stated), compute([*stated[:3], FOUR[3]])

    assert result(whole, "C1")["coverage"] == 380 * 100 / 550
    assert result(partial, "C1")[["excluded", "coverage"]].isna().all()
    assert result(partial, "A1")["excluded"] == 20


def test_the_effective_base_of_a_whole_is_kish_over_all_weights() -> None:
    surveys = [
        {"organisation_code": "P1", "numerator": 50, "denominator": 100, "base": 100, "effective_base": 50},
        {"organisation_code": "P2", "numerator": 50, "denominator": 300, "base": 200, "effective_base": 150},
    ]

    row = result(compute(surveys), "A1")

    assert row["effective_base"] == pytest.approx(400**2 / (100**2 / 50 + 300**2 / 150))
    assert row["base"] == 300


def test_percentiles_are_those_of_the_values_shown() -> None:
    counts = (3, *range(40, 62, 2))
    rows = [
        {"organisation_code": f"P{number:02d}", "numerator": count, "denominator": 120}
        for number, count in enumerate(counts, start=1)
    ]

    tables = compute(rows, {"disclosure": "people"}, organisations=practices(len(rows)))

    results = tables.results[tables.results["organisation_code"].str.startswith("P")]
    shown = results["value"].dropna()
    assert len(shown) == len(rows) - 1
    for percent in (10, 50, 90):
        assert group(tables)[f"p{percent}"] == pytest.approx(np.quantile(shown, percent / 100))


def test_a_total_is_as_settled_as_its_least_settled_part() -> None:
    rows = [
        {**row, "submission": word}
        for row, word in zip(FOUR, ("final", "provisional", "final", "revised"), strict=True)
    ]

    tables = compute(rows)

    assert [result(tables, code)["submission"] for code in ("A1", "A2", "C1")] == [
        "provisional",
        "revised",
        "provisional",
    ]


def test_two_countries_hold_what_the_trees_lead_to() -> None:
    organisations = [
        *ORGANISATIONS,
        {"organisation_code": "C2", "name": "Otherland", "kind": "country"},
        {"organisation_code": "P5", "name": "Elder Surgery", "kind": "practice", "parent_code": "C2"},
    ]
    rows = [*FOUR, {"organisation_code": "P5", "numerator": 10, "denominator": 20}]

    tables = compute(rows, organisations=organisations)

    assert (group(tables, "C1")["denominator"], group(tables, "C2")["denominator"]) == (510, 20)
    assert result(tables, "P5")["benchmark_code"] == "C2"


def test_the_order_of_rows_is_irrelevant() -> None:
    forward, backward = (compute_tables(make_release(rows)) for rows in (FOUR, FOUR[::-1]))

    assert forward.results.equals(backward.results)
    assert forward.metric_periods.equals(backward.metric_periods)
    assert forward.comparisons.equals(backward.comparisons)
