from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from generator.statistics.intervals import mean_interval, proportion_interval, rate_interval
from tests.statistics.results import compute, result
from tests.statistics.vectors import assert_agrees, read_cases


def test_nought_and_hundred_per_cent_have_intervals_with_exact_ends() -> None:
    """Small practices often score 0% or 100%; arithmetic must not move the end that is the value."""
    sizes = pd.Series(np.arange(1.0, 5000.0))

    none, everyone = proportion_interval(sizes * 0, sizes), proportion_interval(sizes, sizes)

    assert (none["lower"] == 0).all()
    assert (none["upper"] > 0).all()
    assert (everyone["upper"] == 1).all()
    assert (everyone["lower"] < 1).all()


def test_what_cannot_be_gives_no_interval_and_stops_nothing() -> None:
    numerator = pd.Series([5.0, 11.0, -1.0, np.nan, 5.0, 0.0], index=list("abcdef"))
    denominator = pd.Series([10.0, 10.0, 10.0, 10.0, np.nan, 0.0], index=list("abcdef"))

    interval = proportion_interval(numerator, denominator)

    assert interval.index.tolist() == list("abcdef")
    assert interval["lower"].notna().tolist() == [True, False, False, False, False, False]


def test_rates_switch_to_byar_at_ten_events() -> None:
    """The switch is on the number of events, not on the denominator."""
    interval = rate_interval(pd.Series([9.0, 10.0]), pd.Series([1.0, 1.0]))

    assert interval.loc[0, "lower"] == pytest.approx(stats.chi2.ppf(0.025, 18) / 2)
    assert interval.loc[1, "lower"] != pytest.approx(stats.chi2.ppf(0.025, 20) / 2, rel=1e-4)
    assert interval.loc[1, "lower"] == pytest.approx(4.787, abs=0.001)


def test_no_events_have_a_lower_limit_of_nought_and_a_finite_upper_one() -> None:
    interval = rate_interval(pd.Series([0.0]), pd.Series([1000.0]))

    assert interval.loc[0, "lower"] == 0
    assert interval.loc[0, "upper"] == pytest.approx(3.688879 / 1000)


def test_one_measurement_has_a_mean_and_no_interval() -> None:
    interval = mean_interval(pd.Series([5.5, 5.5]), pd.Series([1.0, 0.0]), pd.Series([1.0, 9.0]))

    assert interval["lower"].isna().tolist() == [True, False]
    assert interval.iloc[1].tolist() == [5.5, 5.5]


def test_a_survey_interval_rests_on_its_effective_base() -> None:
    survey = {"numerator": 60, "denominator": 100, "base": 100, "effective_base": 80}

    row = result(compute([survey]))

    expected = proportion_interval(pd.Series([48.0]), pd.Series([80.0])).iloc[0] * 100
    assert row["interval"] == "computed"
    assert (row["lower"], row["upper"]) == pytest.approx((expected["lower"], expected["upper"]))


def test_supplied_limits_stand() -> None:
    supplied = {"value": 41.5, "lower": 40.0, "upper": 43.0, "numerator": 83, "denominator": 200}

    row = result(compute([supplied], {"kind": "standardised", "multiplier": 1}))

    assert (row["value"], row["lower"], row["upper"], row["interval"]) == (41.5, 40.0, 43.0, "supplied")


def test_a_mean_has_a_t_interval() -> None:
    figures = {"value": 7.04, "standard_deviation": 0.230217288664427, "denominator": 5}

    row = result(compute([figures], {"kind": "mean", "multiplier": 1}))

    assert (row["lower"], row["upper"]) == pytest.approx((6.7541474809013, 7.3258525190987))


@pytest.mark.parametrize("kind", ["score", "count", "status", "standardised"])
def test_nothing_is_computed_for_kinds_without_a_method(kind: str) -> None:
    row = result(compute([{"value": 3, "denominator": 40}], {"kind": kind, "multiplier": 1}))

    assert row["value"] == 3
    assert row["interval"] == "none"
    assert row[["lower", "upper"]].isna().all()


@given(counts=st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_contains_the_value(counts: tuple[int, int]) -> None:
    numerator, denominator = (pd.Series([float(count)]) for count in counts)

    proportion = proportion_interval(numerator, denominator).iloc[0]
    rate = rate_interval(numerator, denominator).iloc[0]

    for interval in (proportion, rate):
        assert interval["lower"] - 1e-9 <= counts[0] / counts[1] <= interval["upper"] + 1e-9


@pytest.mark.shared
def test_wilson_reproduces_the_reference_cases() -> None:
    cases, tolerance = read_cases("ci_wilson")
    for case in cases:
        given_ = case["in"]
        numerator, denominator = (_series(given_[name]) for name in ("numerator", "denominator"))
        interval = proportion_interval(numerator, denominator, confidence=given_["confidence"]).iloc[0]
        if "error" in case["expect"]:
            assert interval.isna().all(), case["id"]
        else:
            got = {name: interval[name] * given_.get("multiplier", 1) for name in ("lower", "upper")}
            assert_agrees(case, got, tolerance)


@pytest.mark.shared
def test_rates_reproduce_the_reference_cases() -> None:
    cases, tolerance = read_cases("ci_rate")
    for case in cases:
        given_ = case["in"]
        numerator, denominator = (_series(given_[name]) for name in ("numerator", "denominator"))
        interval = rate_interval(numerator, denominator, confidence=given_["confidence"]).iloc[0]
        if "error" in case["expect"]:
            assert interval.isna().all(), case["id"]
        else:
            got = {name: interval[name] * given_["multiplier"] for name in ("lower", "upper")}
            assert_agrees(case, got, tolerance)


@pytest.mark.shared
def test_standardised_ratios_reproduce_the_reference_cases() -> None:
    """A ratio is observed over expected, with the limits of the observed events."""
    cases, tolerance = read_cases("ci_standardised", "smr")
    for case in cases:
        given_ = case["in"]
        observed, expected = _series(given_["observed"]), _series(given_["expected"])
        interval = rate_interval(observed, expected, confidence=given_["confidence"]).iloc[0]
        assert_agrees(
            case, {name: interval[name] * given_["multiplier"] for name in ("lower", "upper")}, tolerance
        )


@pytest.mark.shared
def test_means_reproduce_the_reference_cases() -> None:
    cases, tolerance = read_cases("ci_mean")
    for case in cases:
        values = np.array(case["in"]["values"], dtype=float)
        deviation = values.std(ddof=1) if len(values) > 1 else math.nan
        interval = mean_interval(
            _series(values.mean()),
            _series(deviation),
            _series(len(values)),
            confidence=case["in"]["confidence"],
        ).iloc[0]
        assert_agrees(case, {name: interval[name] for name in ("lower", "upper")}, tolerance)


def _series(number: float | None) -> pd.Series:
    return pd.Series([np.nan if number is None else float(number)])
