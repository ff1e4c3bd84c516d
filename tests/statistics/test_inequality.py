from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import WLS

from generator.statistics.characteristics import find_deprivation
from generator.statistics.inequality import Deprivation, Inequality, add_slopes, add_up_fifths, fit_slopes
from generator.statistics.intervals import proportion_interval, rate_interval
from generator.statistics.keys import Numbers
from tests.factories import Row
from tests.statistics.numbered import Numbered, number_rows, practices
from tests.statistics.specs import read_rules
from tests.statistics.vectors import assert_agrees, read_cases

Counts = tuple[float, float] | None

TEN: dict[int, Counts] = {number: (5 * number, 100) for number in range(1, 11)}
"""Counts of P01 to P10, of which P01 is the most deprived: 5 of 100, 10 of 100 …"""

five_groups = st.lists(
    st.tuples(st.integers(1, 500), st.integers(0, 100), st.integers(1, 20)), min_size=5, max_size=5
)


def test_fifth_1_holds_the_organisations_with_the_highest_deprivation() -> None:
    fifths = _compute(_rows(TEN)).fifths

    assert fifths["fifth"].tolist() == [1, 2, 3, 4, 5]
    assert fifths["organisations"].tolist() == [2] * 5
    assert fifths["numerator"].tolist() == [15, 35, 55, 75, 95]
    assert fifths["denominator"].tolist() == [200] * 5
    assert fifths["value"].tolist() == [7.5, 17.5, 27.5, 37.5, 47.5]


@pytest.mark.parametrize(("kind", "multiplier"), [("proportion", 100), ("rate", 1000), ("ratio", 1)])
def test_the_range_of_a_fifth_is_that_of_its_sums(kind: str, multiplier: float) -> None:
    interval = proportion_interval if kind == "proportion" else rate_interval

    first = _compute(_rows(TEN), {"kind": kind, "multiplier": multiplier}).fifths.iloc[0]

    expected = interval(pd.Series([15.0]), pd.Series([200.0])).iloc[0] * multiplier
    assert (first["lower"], first["upper"]) == (expected["lower"], expected["upper"])
    assert first["value"] == 15 * multiplier / 200


def test_equal_deprivation_shares_a_fifth() -> None:
    deprivation = [30, 30, 30, 8, 7, 6, 5, 4, 3, 2]

    fifths = _compute(_rows(TEN), deprivation=deprivation).fifths

    assert dict(zip(fifths["fifth"], fifths["organisations"], strict=True)) == {1: 3, 2: 1, 3: 2, 4: 2, 5: 2}


def test_what_is_hidden_is_in_no_sum_and_moves_nobody() -> None:
    fifths = _compute(_rows(TEN | {1: None})).fifths

    assert fifths["organisations"].tolist() == [1, 2, 2, 2, 2]
    assert fifths["numerator"].tolist() == [10, 35, 55, 75, 95]


def test_a_fifth_in_which_nobody_shows_counts_has_no_row() -> None:
    result = _compute(_rows(TEN | {1: None, 2: None}))

    assert result.fifths["fifth"].tolist() == [2, 3, 4, 5]
    assert result.slopes.empty


def test_who_has_no_deprivation_and_who_is_closed_are_in_no_fifth() -> None:
    deprivation = [*range(20, 10, -1), math.nan, 5]
    listed = practices(12)
    listed[11] = {**listed[11], "closed_on": "2024-12-31"}
    counts = TEN | {11: (50, 100), 12: (50, 100)}

    fifths = _compute(_rows(counts), deprivation=deprivation, organisations=listed).fifths

    assert fifths["organisations"].tolist() == [2] * 5


def test_a_country_of_four_organisations_has_no_fifths() -> None:
    result = _compute(_rows(dict.fromkeys(range(1, 5), (50, 100))), deprivation=[4, 3, 2, 1])

    assert result.fifths.empty
    assert result.slopes.empty


@pytest.mark.parametrize("kind", ["mean", "standardised", "score", "count", "status"])
def test_kinds_that_are_not_summed_have_no_fifths(kind: str) -> None:
    rows = [{"organisation_code": f"P{number:02d}", "value": number} for number in range(1, 11)]

    assert _compute(rows, {"kind": kind}).fifths.empty


def test_without_deprivation_there_are_no_fifths() -> None:
    numbered = number_rows(_rows(TEN), organisations=practices(10))

    assert _add_up(numbered).fifths.empty


def test_a_survey_rests_on_its_effective_base() -> None:
    """Two practices of 50 effective answers each make Kish's base of the whole, 100."""
    rows = [{**row, "base": 80, "effective_base": 50} for row in _rows(TEN)]

    first = _compute(rows).fifths.iloc[0]

    expected = proportion_interval(pd.Series([7.5]), pd.Series([100.0])).iloc[0] * 100
    assert first["value"] == 7.5
    assert (first["lower"], first["upper"]) == (pytest.approx(expected["lower"]), expected["upper"])


def test_the_slope_runs_from_the_most_to_the_least_deprived() -> None:
    slopes = _compute(_rows(TEN)).slopes

    assert len(slopes) == 1
    slope = slopes.iloc[0]
    assert slope["sii"] == pytest.approx(50)
    assert slope["sii_lower"] < 50 < slope["sii_upper"]


@pytest.mark.parametrize(("hidden", "has_slope"), [(0, True), (1, True), (2, False)])
def test_a_slope_needs_counts_of_80_in_100_of_every_fifth(hidden: int, has_slope: bool) -> None:
    counts: dict[int, Counts] = dict.fromkeys(range(1, 26), (50, 100))
    counts |= dict.fromkeys(range(1, hidden + 1))

    result = _compute(
        _rows(counts), deprivation=[float(-number) for number in counts], organisations=practices(25)
    )

    assert len(result.slopes) == int(has_slope)


def test_organisations_to_which_the_metric_does_not_apply_are_not_missed() -> None:
    rows = _rows(TEN | {1: None})
    rows[0] = {**rows[0], "absence": "not_applicable"}

    assert len(_compute(rows).slopes) == 1


def test_slopes_stand_with_the_country() -> None:
    slopes = pd.DataFrame(
        {"organisation": [7], "breakdown": [0], "period": [3], "sii": 1.0, "sii_lower": 0.5, "sii_upper": 2.0}
    )
    groups = pd.DataFrame({"organisation": [4, 7], "breakdown": [0, 0], "period": [3, 3]})

    described = add_slopes(groups, slopes)

    assert described["sii"].tolist() == pytest.approx([math.nan, 1.0], nan_ok=True)
    assert described["sii_upper"].tolist() == pytest.approx([math.nan, 2.0], nan_ok=True)


@pytest.mark.parametrize("rule", read_rules("inequality"), ids=lambda rule: rule["rule"])
def test_rules_of_inequality(rule: dict[str, str]) -> None:
    value, size = (_row(rule[name].split()) for name in ("values", "denominators"))

    slope = fit_slopes(size, value, np.ones_like(value)).slope[0]

    assert round(slope, 1) == float(rule["slope"])


@given(groups=five_groups)
def test_the_slope_is_that_of_weighted_least_squares(groups: list[tuple[int, int, int]]) -> None:
    size, value, error = (_row(column) for column in zip(*groups, strict=True))

    fitted = fit_slopes(size, value, error)

    share = size[0] / size.sum()
    middle = np.cumsum(share) - share / 2
    expected = WLS(value[0], np.column_stack([np.ones(5), middle]), weights=share).fit().params
    assert [fitted.start[0], fitted.slope[0]] == pytest.approx(expected, abs=1e-6)


@given(groups=five_groups, shift=st.integers(-50, 50), factor=st.sampled_from([0.5, 2.0, 10.0]))
def test_shifting_and_scaling_values_does_the_same_to_the_slope(
    groups: list[tuple[int, int, int]], shift: int, factor: float
) -> None:
    size, value, error = (_row(column) for column in zip(*groups, strict=True))

    as_they_are, moved = (
        fit_slopes(size, value, error),
        fit_slopes(size, value * factor + shift, error * factor),
    )
    turned = fit_slopes(size[:, ::-1], value[:, ::-1], error[:, ::-1])

    assert moved.slope == pytest.approx(as_they_are.slope * factor, abs=1e-9)
    assert moved.error == pytest.approx(as_they_are.error * factor)
    assert turned.slope == pytest.approx(-as_they_are.slope, abs=1e-9)
    assert turned.error == pytest.approx(as_they_are.error)


@settings(max_examples=25)
@given(counts=st.lists(st.integers(0, 100) | st.none(), min_size=10, max_size=10))
def test_the_fifths_add_up_to_the_whole(counts: list[int | None]) -> None:
    shown = [count for count in counts if count is not None]
    rows = _rows(
        {number: None if count is None else (count, 100) for number, count in enumerate(counts, start=1)}
    )

    fifths = _compute(rows).fifths

    assert fifths["numerator"].sum() == sum(shown)
    assert fifths["denominator"].sum() == 100 * len(shown)
    assert fifths["organisations"].sum() == len(shown)


def test_the_range_of_the_slope_is_what_simulation_gives() -> None:
    """The reference implementation draws the values of fifths at random; here the spread follows exactly."""
    size = _row([310, 290, 305, 280, 315])
    value, error = _row([61, 64, 66, 71, 72]), _row([2.7, 2.4, 2.6, 2.2, 2.5])
    draws = np.random.default_rng(20260219).normal(value, error, (200_000, 5))

    slopes = fit_slopes(np.repeat(size, len(draws), axis=0), draws, np.ones_like(draws)).slope

    fitted = fit_slopes(size, value, error)
    simulated = np.quantile(slopes, (0.025, 0.975))
    expected = [fitted.slope[0] + sign * 1.959964 * fitted.error[0] for sign in (-1, 1)]
    assert simulated == pytest.approx(expected, abs=0.05)


@pytest.mark.shared
def test_slopes_reproduce_the_reference_cases() -> None:
    cases, tolerance = read_cases("sii")
    for case in cases:
        size, value = _row(case["in"]["population"]), _row(case["in"]["value"])
        fitted = fit_slopes(size, value, np.ones_like(value))
        start, slope = float(fitted.start[0]), float(fitted.slope[0])
        assert_agrees(case, {"sii": slope, "rii": (start + slope) / start}, tolerance)


def _rows(counts: dict[int, Counts]) -> list[dict[str, Any]]:
    """Return observations of P01, P02 …: counts, or hidden."""
    return [
        {"organisation_code": f"P{number:02d}"}
        | (
            {"absence": "suppressed"}
            if pair is None
            else dict(zip(("numerator", "denominator"), pair, strict=True))
        )
        for number, pair in counts.items()
    ]


def _compute(
    rows: list[dict[str, Any]],
    metric: Row | None = None,
    *,
    deprivation: list[float] | list[int] | None = None,
    organisations: list[Row] | None = None,
) -> Inequality:
    """Return the fifths of these rows; unless given, P01 is the most deprived, then P02 …"""
    deprivation = deprivation or list(range(20, 20 - len(rows), -1))
    context = [
        {
            "organisation_code": f"P{number:02d}",
            "characteristic_id": "imd",
            "period": "2025-q4",
            "value": value,
        }
        for number, value in enumerate(deprivation, start=1)
        if not math.isnan(value)
    ]
    return _add_up(
        number_rows(
            rows,
            metric,
            organisations=organisations or practices(len(rows)),
            characteristics=[
                {"characteristic_id": "imd", "title": "Deprivation", "unit": "score", "role": "deprivation"}
            ],
            context=context,
        )
    )


def _add_up(numbered: Numbered) -> Inequality:
    deprivation = Deprivation(find_deprivation(numbered.directory, numbered.places))
    return add_up_fifths(numbered.rows, numbered.metric, numbered.places, numbered.calendar, deprivation)


def _row(figures: Any) -> Numbers:
    """Return the figures as one case of several groups."""
    return np.array([figures], dtype=np.float64)
