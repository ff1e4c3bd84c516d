from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import WLS

from generator.model.vocabulary import Trend
from generator.statistics.keys import Numbers
from generator.statistics.periods import version_in_force
from generator.statistics.trend import CHI_SQUARE, add_trend, find_direction, number_series
from tests.factories import Row, make_metric
from tests.statistics.numbered import Numbered, number_rows
from tests.statistics.specs import read_rules
from tests.statistics.vectors import read_cases

YEARS = [
    {"period": str(year), "start": f"{year}-01-01", "end": f"{year}-12-31", "frequency": "year"}
    for year in range(2018, 2026)
]
ANNUAL: Row = {"frequency": "year"}

five_points = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), min_size=5, max_size=5)


@pytest.mark.parametrize("rule", read_rules("trend"), ids=lambda rule: rule["rule"])
def test_rules_of_trend(rule: dict[str, str]) -> None:
    half = float(rule["half_width"])
    rows = [
        {"absence": "not_submitted"}
        if cell == "."
        else {"value": float(cell), "lower": float(cell) - half, "upper": float(cell) + half}
        for cell in rule["values"].split()
    ]

    assert _trend(_annual(rows, {"direction": rule["direction"]})) == rule["trend"]


def test_every_row_looks_back_on_the_five_points_that_end_with_it() -> None:
    values = (70, 60, 62, 64, 66, 68, 60, 66)
    rows = [_point(value) for value in values]

    trends = _trends(_annual(rows))

    assert trends == [*["cannot_be_calculated"] * 4, "no_clear_trend", "improving", *["no_clear_trend"] * 2]


def test_a_metric_that_is_not_annual_has_no_trend() -> None:
    rows = [{"period": f"2024-q{quarter}", **_point(60 + quarter)} for quarter in range(1, 5)]

    assert set(_trends(number_rows(rows))) == {""}


def test_a_missing_year_is_not_bridged() -> None:
    rows = [_point(value) for value in (58, 60, 62, 64, 66, 68)]
    periods = [period for period in YEARS[2:] if period["period"] != "2022"]

    numbered = _annual(rows[:5], periods=periods)

    assert set(_trends(numbered)) == {"cannot_be_calculated"}


def test_organisations_and_breakdowns_are_series_of_their_own() -> None:
    women = {"breakdown_id": "women", "dimension": "sex", "title": "Women", "position": 1}
    rows = [
        {"organisation_code": code, "breakdown_id": group, "period": str(2021 + place), **_point(value)}
        for code, group, values in (
            ("P1", "all", (60, 62, 64, 66, 68)),
            ("P1", "women", (68, 66, 64, 62, 60)),
            ("P2", "all", (64, 64, 64, 64)),
        )
        for place, value in enumerate(values)
    ]
    numbered = number_rows(rows, ANNUAL, periods=YEARS, breakdowns=[women])

    words = _words(numbered)

    assert numbered.by_code(words, "2025") == {"P1": "improving"}
    assert numbered.by_code(words, "2025", "women") == {"P1": "worsening"}
    assert numbered.by_code(words, "2024") == dict.fromkeys(("P1", "P2"), "cannot_be_calculated")


def test_rolling_years_are_taken_twelve_months_apart() -> None:
    """Between them lie quarters whose years overlap with them: those are no points."""
    ends = pd.period_range("2021Q1", "2025Q1", freq="Q")
    periods = [
        {
            "period": str(end),
            "start": (end - 3).start_time.date().isoformat(),
            "end": end.end_time.date().isoformat(),
            "frequency": "rolling_year",
        }
        for end in ends
    ]
    rows = [
        {"period": str(end), **_point(60 + 2 * place / 4 if place % 4 == 0 else 20)}
        for place, end in enumerate(ends)
    ]

    numbered = number_rows(rows, {"frequency": "rolling_year", "rolling": True}, periods=periods)

    assert _trends(numbered)[-1] == "improving"
    assert set(_trends(numbered)[:-1]) == {"cannot_be_calculated"}


def test_years_that_share_days_are_no_points_of_one_trend() -> None:
    periods = [{**period, "start": f"{int(period['period']) - 1}-07-01"} for period in YEARS[3:]]

    numbered = _annual([_point(value) for value in (60, 62, 64, 66, 68)], periods=periods)

    assert _trend(numbered) == "cannot_be_calculated"


def test_the_season_of_an_annual_survey_may_shift_a_little() -> None:
    periods = [
        {**period, "start": f"{period['period']}-01-01", "end": f"{period['period']}-{end}"}
        for period, end in zip(YEARS[3:], ("03-31", "03-31", "04-30", "03-31", "05-31"), strict=True)
    ]

    assert _trend(_annual([_point(value) for value in (60, 62, 64, 66, 68)], periods=periods)) == "improving"


@pytest.mark.parametrize(("breaks", "trend"), [(True, "cannot_be_calculated"), (False, "improving")])
def test_a_trend_never_crosses_a_break_of_the_definition(breaks: bool, trend: str) -> None:
    numbered = _annual([_point(value) for value in (60, 62, 64, 66, 68)])
    versions = [
        make_metric(version="1", valid_to="2022-12-31", **ANNUAL),
        make_metric(version="2", valid_from="2023-01-01", breaks_series=breaks, **ANNUAL),
    ]
    series = number_series(versions, version_in_force(versions, numbered.calendar))

    rows = add_trend(numbered.rows, versions[-1], numbered.calendar, series)

    assert rows["trend"].iloc[-1] == trend


@pytest.mark.parametrize("kind", ["proportion", "rate", "ratio"])
def test_a_count_that_equals_its_denominator_stops_the_test(kind: str) -> None:
    rows = [{"numerator": 1000 * count, "denominator": 5000} for count in (1, 2, 3, 4, 5)]

    full = _annual(rows, {"kind": kind})
    nearly = _annual([*rows[:4], {"numerator": 4990, "denominator": 5000}], {"kind": kind})

    assert (_trend(full), _trend(nearly)) == ("cannot_be_calculated", "improving")


@given(points=five_points)
def test_the_direction_is_that_of_weighted_regressions_one_by_one(points: list[tuple[int, int]]) -> None:
    value, error = (np.array(column, dtype=np.float64) / 5 for column in zip(*points, strict=True))
    year = np.arange(5.0)

    slope, deviation = _regression(year, value, error)
    without = [
        _regression(np.delete(year, place), np.delete(value, place), np.delete(error, place))[0]
        for place in range(5)
    ]

    near_the_limit = abs((slope / deviation) ** 2 - CHI_SQUARE) < 1e-6
    if not near_the_limit and min(abs(number) for number in (slope, *without)) > 1e-9:
        clear = (slope / deviation) ** 2 > CHI_SQUARE and len(set(np.sign([slope, *without]))) == 1
        assert find_direction(value[:, np.newaxis], error[:, np.newaxis])[0] == clear * np.sign(slope)


@given(points=five_points, shift=st.integers(-30, 30), factor=st.sampled_from([0.25, 2.0, 1024.0]))
def test_unit_and_level_are_irrelevant_and_time_turned_round_turns_the_trend(
    points: list[tuple[int, int]], shift: int, factor: float
) -> None:
    value, error = (np.array(column, dtype=np.float64)[:, np.newaxis] for column in zip(*points, strict=True))
    direction = find_direction(value, error)[0]

    assert find_direction((value + shift) * factor, error * factor)[0] == direction
    assert find_direction(-value, error)[0] == -direction
    assert find_direction(value[::-1], error[::-1])[0] == -direction


@pytest.mark.shared
def test_trends_reproduce_the_reference_cases() -> None:
    words = {
        "increasing": Trend.RISING,
        "decreasing_worse": Trend.WORSENING,
        "cannot_be_calculated": Trend.CANNOT_BE_CALCULATED,
    }
    directions = {
        "No judgement": "neutral",
        "High is good": "higher_is_better",
        "Low is good": "lower_is_better",
    }
    cases, _ = read_cases("benchmark_and_trend", "trend")
    for case in cases:
        kind = "proportion" if case["in"]["value_type"] == "Proportion" else "standardised"
        metric = {"kind": kind, "direction": directions[case["in"]["polarity"]]}
        rows = [
            {
                "period": str(point["year"]),
                "numerator": point["count"],
                **{name: point[name] for name in ("denominator", "value", "lower", "upper")},
            }
            for point in case["in"]["points"]
        ]
        assert (
            _trends(number_rows(rows, {**metric, **ANNUAL}, periods=YEARS))[-1]
            == words[case["expect"]["trend"]]
        )


def _point(value: float) -> dict[str, float]:
    return {"value": value, "lower": value - 1, "upper": value + 1}


def _annual(rows: list[Any], metric: Row | None = None, periods: list[Any] | None = None) -> Numbered:
    """Return these rows as the last years of one practice."""
    listed = periods or YEARS[-len(rows) :]
    observations = [{**row, "period": period["period"]} for row, period in zip(rows, listed, strict=True)]
    return number_rows(observations, {**ANNUAL, **(metric or {})}, periods=listed)


def _words(numbered: Numbered) -> pd.Series:
    series = np.zeros(len(numbered.calendar), dtype=np.int64)
    return add_trend(numbered.rows, numbered.metric, numbered.calendar, series)["trend"]


def _trends(numbered: Numbered) -> list[str]:
    return [str(word) for word in _words(numbered)]


def _trend(numbered: Numbered) -> str:
    return _trends(numbered)[-1]


def _regression(year: Numbers, value: Numbers, error: Numbers) -> tuple[float, float]:
    """Return slope and its standard error where the weights are known variances."""
    fitted = WLS(value, np.column_stack([np.ones(len(year)), year]), weights=1 / error**2).fit()
    return float(fitted.params[1]), math.sqrt(fitted.normalized_cov_params[1, 1])
