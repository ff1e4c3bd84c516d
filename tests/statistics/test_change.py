from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from generator.statistics import compute_tables
from generator.statistics.change import difference_interval, exact_p, rates_differ
from tests.factories import make_release
from tests.statistics.results import compute, result
from tests.statistics.vectors import assert_agrees, read_cases

BEFORE = {"period": "2025-q3", "numerator": 300, "denominator": 400}
AFTER = {"period": "2025-q4", "numerator": 340, "denominator": 400}


@pytest.mark.parametrize(
    ("direction", "up", "down"),
    [
        ("higher_is_better", "improved", "worsened"),
        ("lower_is_better", "worsened", "improved"),
        ("neutral", "rose", "fell"),
    ],
)
def test_direction_decides_what_a_clear_movement_means(direction: str, up: str, down: str) -> None:
    back = {**BEFORE, "period": "2025-q4"}, {**AFTER, "period": "2025-q3"}

    assert result(compute([BEFORE, AFTER], {"direction": direction}))["change"] == up
    assert result(compute(back, {"direction": direction}))["change"] == down


def test_a_small_movement_is_no_clear_change() -> None:
    assert result(compute([BEFORE, {**AFTER, "numerator": 305}]))["change"] == "no_clear_change"


def test_the_first_period_has_nothing_to_be_compared_with() -> None:
    tables = compute([BEFORE, AFTER])

    assert result(tables, period="2025-q3")["change"] == ""


def test_a_seasonal_measure_has_changed_since_the_quarter_before_but_not_in_a_year() -> None:
    """High in winter and low in summer, year by year the same."""
    levels = {"2024-q3": 240, "2024-q4": 300, "2025-q1": 340, "2025-q2": 300, "2025-q3": 242, "2025-q4": 304}
    series = [
        {"period": period, "numerator": numerator, "denominator": 400} for period, numerator in levels.items()
    ]

    tables = compute(series)

    told = {period: result(tables, period=period) for period in levels}
    assert [row["change"] for row in told.values()] == ["", *["improved"] * 2, *["worsened"] * 2, "improved"]
    assert [row["change_year"] for row in told.values()] == [*[""] * 4, *["no_clear_change"] * 2]


def test_a_figure_that_stands_still_may_have_changed_in_a_year() -> None:
    still = {**AFTER, "period": "2025-q3"}

    row = result(compute([{**BEFORE, "period": "2024-q4"}, still, AFTER]))

    assert (row["change"], row["change_year"]) == ("no_clear_change", "improved")


def test_a_gap_leaves_the_comparison_with_the_year_before() -> None:
    gap = {"period": "2025-q3", "absence": "not_submitted"}

    bridged = result(compute([{**BEFORE, "period": "2024-q4"}, gap, AFTER]))
    alone = result(compute([{**BEFORE, "period": "2024-q3"}, gap, AFTER]))

    assert (bridged["change"], bridged["change_year"]) == ("not_comparable", "improved")
    assert (alone["change"], alone["change_year"]) == ("not_comparable", "")


def test_months_are_compared_with_those_of_a_year_before_and_years_are_not() -> None:
    months = [
        {"period": f"{year}-12", "start": f"{year}-12-01", "end": f"{year}-12-31", "frequency": "month"}
        for year in (2024, 2025)
    ]
    years = [
        {"period": f"{year}", "start": f"{year}-01-01", "end": f"{year}-12-31", "frequency": "year"}
        for year in (2024, 2025)
    ]

    for periods, since_a_year in ((months, "improved"), (years, "")):
        names = [period["period"] for period in periods]
        rows = [{**row, "period": name} for row, name in zip((BEFORE, AFTER), names, strict=True)]
        tables = compute(rows, {"frequency": periods[0]["frequency"]}, periods=periods)
        told = result(tables, period=names[1])
        assert (told["change"], told["change_year"]) == ("improved", since_a_year)


def test_a_value_hidden_a_year_before_or_now_is_not_compared() -> None:
    small = {"numerator": 3, "denominator": 400}
    then, between = {**BEFORE, "period": "2024-q4"}, {**BEFORE, "period": "2025-q3"}

    then_hidden = result(compute([{**then, **small}, between, AFTER], {"disclosure": "people"}))
    now_hidden = result(compute([then, between, {**AFTER, **small}], {"disclosure": "people"}))

    assert (then_hidden["change"], then_hidden["change_year"]) == ("improved", "not_comparable")
    assert (now_hidden["change"], now_hidden["change_year"]) == ("", "")


def test_a_hidden_value_on_either_side_is_not_compared() -> None:
    small = {"numerator": 3, "denominator": 400}

    earlier_hidden = compute([{**BEFORE, **small}, AFTER], {"disclosure": "people"})
    later_hidden = compute([BEFORE, {**AFTER, **small}], {"disclosure": "people"})

    assert result(earlier_hidden)["change"] == "not_comparable"
    assert result(later_hidden)["change"] == ""


def test_rolling_and_overlapping_periods_are_not_comparable() -> None:
    overlapping = [
        {"period": "2025-q3", "start": "2024-10-01", "end": "2025-09-30", "frequency": "multi_year"},
        {"period": "2025-q4", "start": "2025-01-01", "end": "2025-12-31", "frequency": "multi_year"},
    ]

    rolling = result(compute([{**BEFORE, "period": "2024-q4"}, BEFORE, AFTER], {"rolling": True}))
    assert (rolling["change"], rolling["change_year"]) == ("not_comparable", "not_comparable")
    assert result(compute([BEFORE, AFTER], {"frequency": "multi_year"}, periods=overlapping))["change"] == (
        "not_comparable"
    )


def test_a_new_definition_is_not_compared_with_the_old_one() -> None:
    versions = [
        {"version": "1", "valid_to": "2025-09-30"},
        {"version": "2", "valid_from": "2025-10-01"},
    ]

    tables = compute_tables(make_release([{**BEFORE, "period": "2024-q4"}, BEFORE, AFTER], metrics=versions))

    assert result(tables)["change"] == "not_comparable"
    assert result(tables)["change_year"] == "not_comparable"
    assert result(tables)["version"] == "2"
    assert result(tables, period="2025-q3")["version"] == "1"


def test_figures_without_interval_cannot_be_tested() -> None:
    metric = {"kind": "score", "multiplier": 1}
    scores = [{"period": period, "value": value} for period, value in (("2025-q3", 3), ("2025-q4", 4))]

    assert result(compute(scores, metric))["change"] == "not_comparable"


def test_whole_percentages_without_counts_are_tested_by_their_intervals() -> None:
    earlier = {"period": "2025-q3", "value": 60, "lower": 58, "upper": 62}
    later = {"period": "2025-q4", "value": 66, "lower": 64, "upper": 68}

    assert result(compute([earlier, later]))["change"] == "improved"


counts_of_rates = st.tuples(
    st.integers(0, 400), st.integers(0, 400), st.integers(1, 9_000), st.integers(1, 9_000)
)


@given(counts=counts_of_rates)
def test_the_exact_test_is_that_of_scipy(counts: tuple[int, int, int, int]) -> None:
    first, second, exposure_1, exposure_2 = counts
    both, share = first + second, exposure_1 / (exposure_1 + exposure_2)

    p = exact_p(np.array([float(first)]), np.array([float(both)]), np.array([share]))[0]

    expected = stats.binomtest(first, both, share).pvalue if both else 1.0
    assert p == pytest.approx(expected, rel=1e-7, abs=1e-12)
    differ = rates_differ(*(np.array([float(count)]) for count in (first, exposure_1, second, exposure_2)))
    assert bool(differ[0]) == (expected < 0.01)


def test_the_exact_test_holds_for_large_counts() -> None:
    first, second = np.array([51_000.0, 50_000.0]), np.array([52_000.0, 50_100.0])

    p = exact_p(first, first + second, np.array([0.5, 0.5]))

    expected = [stats.binomtest(int(a), int(a + b), 0.5).pvalue for a, b in zip(first, second, strict=True)]
    assert p == pytest.approx(expected, rel=1e-6)


@given(
    counts=st.tuples(st.integers(1, 500), st.integers(1, 500)).flatmap(
        lambda sizes: st.tuples(
            st.integers(0, sizes[0]), st.just(sizes[0]), st.integers(0, sizes[1]), st.just(sizes[1])
        )
    )
)
def test_the_difference_of_proportions_is_that_of_statsmodels(counts: tuple[int, int, int, int]) -> None:
    count_1, size_1, count_2, size_2 = counts
    earlier, later = (
        pd.DataFrame({"numerator": [float(count)], "denominator": [float(size)]})
        for count, size in ((count_1, size_1), (count_2, size_2))
    )

    interval = difference_interval(earlier, later).iloc[0]

    expected = confint_proportions_2indep(
        count_2, size_2, count_1, size_1, method="newcomb", compare="diff", alpha=0.01
    )
    assert tuple(interval) == pytest.approx(expected, abs=1e-12)


@pytest.mark.shared
def test_change_reproduces_the_reference_cases() -> None:
    cases, tolerance = read_cases("change_and_stability", "change")
    pairs = {case["id"]: (_figures_of(case, "_1"), _figures_of(case, "_2")) for case in cases}
    kinds = {case["id"]: _kind_of(case["id"]) for case in cases}
    observations = [
        {"metric_id": name, "period": period, **row}
        for name, rows in pairs.items()
        for period, row in zip(("2025-q3", "2025-q4"), rows, strict=True)
    ]
    metrics = [
        {
            "metric_id": case["id"],
            "kind": kinds[case["id"]],
            "direction": case["in"]["direction"],
            "multiplier": 1,
        }
        for case in cases
    ]

    tables = compute_tables(make_release(observations, metrics=metrics))

    for case in cases:
        name, rows = case["id"], pairs[case["id"]]
        assert result(tables, metric_id=name)["change"] == case["expect"]["change"], name
        if kinds[name] == "proportion":
            interval = difference_interval(*(pd.DataFrame([row]) for row in rows)).iloc[0]
            got = {f"difference_{end}": interval[end] for end in ("lower", "upper")}
            assert_agrees(case, got, tolerance)
        elif kinds[name] == "rate":
            events, both = rows[0]["numerator"], rows[0]["numerator"] + rows[1]["numerator"]
            share = rows[0]["denominator"] / (rows[0]["denominator"] + rows[1]["denominator"])
            p = exact_p(*(np.array([figure]) for figure in (events, both, share)))[0]
            assert_agrees(case, {"p": p}, tolerance)


def _figures_of(case: dict[str, Any], end: str) -> dict[str, float]:
    return {
        name.removesuffix(end): float(figure) for name, figure in case["in"].items() if name.endswith(end)
    }


def _kind_of(name: str) -> str:
    return {"rate": "rate", "interval": "standardised"}.get(name.split("-")[1], "proportion")
