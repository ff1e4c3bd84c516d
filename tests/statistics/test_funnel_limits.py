from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.vocabulary import Kind
from generator.statistics.dispersion import scale_of
from generator.statistics.funnels import (
    ALARM,
    ALERT,
    Judged,
    Level,
    adjusted_limits,
    proportion_limits,
    ratio_limits,
    ratio_limits_by_events,
    shmi_limits,
)
from generator.statistics.intervals import proportion_interval, rate_interval
from tests.statistics.funnel_stories import one, one_judged, outliers_of, series_of, side_of
from tests.statistics.vectors import assert_agrees, read_cases

NAMES = {
    "Low (0.001)": "alarm_low",
    "Low (0.025)": "alert_low",
    "Not significant": "none",
    "High (0.025)": "alert_high",
    "High (0.001)": "alarm_high",
}
"""The words of the reference cases."""

centres = st.floats(0.02, 0.98)
sizes = st.integers(1, 5000)
levels = st.sampled_from([ALERT, ALARM])
kinds = st.sampled_from([Kind.PROPORTION, Kind.RATE])
spreads = st.floats(1e-5, 0.05)


@given(size=sizes, centre=centres, level=levels)
def test_on_the_limit_is_not_beyond_it(size: int, centre: float, level: Level) -> None:
    lower, upper = (float(end[0]) for end in proportion_limits(one(size), one(centre), level))

    for limit in (lower, upper):
        assert side_of(one_judged(limit * size, size, centre, None), Kind.PROPORTION, level) == 0


@given(size=sizes, centre=centres, tau2=spreads, level=levels, kind=kinds)
def test_on_the_adjusted_limit_is_not_beyond_it(
    size: int, centre: float, tau2: float, level: Level, kind: Kind
) -> None:
    limits = adjusted_limits(one(size), one(centre), one(tau2), scale_of(kind), level)

    for limit in limits:
        assert side_of(one_judged(float(limit[0]) * size, size, centre, tau2), kind, level) == 0


@given(size=sizes, share=st.floats(0, 1), centre=centres, tau2=spreads, kind=kinds, level=levels)
def test_widening_flags_nobody_new(
    size: int, share: float, centre: float, tau2: float, kind: Kind, level: Level
) -> None:
    count = round(share * size)

    exact, adjusted, wider = (
        side_of(one_judged(count, size, centre, spread), kind, level) for spread in (None, tau2, 2 * tau2)
    )

    assert adjusted in (exact, 0)
    assert wider in (adjusted, 0)


@given(size=sizes, share=st.floats(0, 1), centre=centres, tau2=st.none() | spreads, kind=kinds)
def test_an_alarm_is_an_alert_as_well(
    size: int, share: float, centre: float, tau2: float | None, kind: Kind
) -> None:
    judged = one_judged(round(share * size), size, centre, tau2)

    assert side_of(judged, kind, ALARM) in (side_of(judged, kind, ALERT), 0)


@given(size=sizes, share=st.floats(0, 1), centre=centres, tau2=st.none() | spreads, times=st.integers(2, 50))
def test_the_same_share_of_more_patients_stays_flagged(
    size: int, share: float, centre: float, tau2: float | None, times: int
) -> None:
    count = round(share * size)

    once = side_of(one_judged(count, size, centre, tau2), Kind.PROPORTION, ALERT)
    often = side_of(one_judged(times * count, times * size, centre, tau2), Kind.PROPORTION, ALERT)

    assert once in (often, 0)


@given(size=sizes, share=st.floats(0, 1), centre=centres, tau2=st.none() | spreads, level=levels)
def test_low_in_successes_is_high_in_failures(
    size: int, share: float, centre: float, tau2: float | None, level: Level
) -> None:
    count = round(share * size)

    successes = side_of(one_judged(count, size, centre, tau2), Kind.PROPORTION, level)
    failures = side_of(one_judged(size - count, size, 1 - centre, tau2), Kind.PROPORTION, level)

    assert failures == -successes


@given(size=sizes, share=st.floats(0, 1), centre=centres)
def test_proportions_lie_beyond_their_limits_where_wilsons_interval_misses_the_centre(
    size: int, share: float, centre: float
) -> None:
    count = round(share * size)
    interval = proportion_interval(*(series_of(figure) for figure in (count, size))).iloc[0]

    side = side_of(one_judged(count, size, centre, None), Kind.PROPORTION, ALERT)

    near = min(abs(interval["lower"] - centre), abs(interval["upper"] - centre)) < 1e-6
    assert near or side == int(centre < interval["lower"]) - int(centre > interval["upper"])


@given(events=st.integers(1, 9), level=levels)
def test_lines_drawn_by_expected_events_and_by_events_meet(events: int, level: Level) -> None:
    """And both are where the exact interval of a few events touches the expected number."""
    by_events = ratio_limits_by_events(one(events), level)
    own = rate_interval(series_of(events), series_of(1), confidence=level.confidence).iloc[0]

    for end, limit, touching in zip((0, 1), by_events, ("upper", "lower"), strict=True):
        expected = events / float(limit[0])
        assert expected == pytest.approx(own[touching], rel=1e-7)
        assert float(ratio_limits(one(expected), level)[end][0]) * expected == pytest.approx(events, rel=1e-6)


@pytest.mark.shared
def test_limits_reproduce_the_reference_cases() -> None:
    cases, tolerance = read_cases("funnel_limits")
    assert len(cases) == 23
    for case in cases:
        multiplier = case["in"]["multiplier"]
        got = {}
        for level, name in ((ALERT, "95"), (ALARM, "998")):
            for end, limit in zip(("lower", "upper"), _limits(case["in"], level), strict=True):
                got[f"{end}{name}"] = limit * multiplier
                if case["in"]["statistic"] == "ratio":
                    got[f"{end}{name}_expected_events"] = case["in"]["observed"] / limit
        assert_agrees(case, got, tolerance)


@pytest.mark.shared
def test_outliers_reproduce_the_reference_cases() -> None:
    cases, _ = read_cases("funnel_significance")
    assert len(cases) == 60
    for case in cases:
        expected = case["expect"]["significance"]
        expected = expected if isinstance(expected, list) else [expected]
        judged = _judged_of(case["in"])
        kind = Kind.PROPORTION if case["in"]["statistic"] == "proportion" else Kind.RATE
        words = outliers_of(judged, kind)
        # The site judges no directly standardised rate; the source judges those of ten events or more.
        assert len(words) == len(expected)
        for word, wanted in zip(words, expected, strict=True):
            assert wanted.startswith("Not applicable") or word == NAMES[wanted], case["id"]
        applicable = [not wanted.startswith("Not applicable") for wanted in expected]
        assert applicable == [True] * len(words) or applicable == (judged.numerator >= 10).tolist()


def _judged_of(given_: dict[str, Any]) -> Judged:
    """Return the organisations of a reference case, with their centre."""
    if given_["statistic"] == "proportion":
        return one_judged(given_["numerator"], given_["denominator"], given_["centre"], None)
    if given_["statistic"] == "ratio":
        return one_judged(given_["observed"], given_["expected"], 1.0, None)
    numerator = np.array(given_["numerator"], float)
    if given_["rate_type"] == "dsr":
        denominator = numerator / np.array(given_["rate"], float) * given_["multiplier"]
    else:
        denominator = np.array(given_["denominator"], float)
    centre = np.full(len(numerator), numerator.sum() / np.nansum(denominator))
    return Judged(numerator, denominator, centre, np.full(len(numerator), np.nan))


def _limits(given_: dict[str, Any], level: Level) -> tuple[float, float]:
    """Return the limits of a reference case, as fractions of 1."""
    centre = given_.get("centre", 1.0)
    match given_["statistic"]:
        case "proportion":
            limits = proportion_limits(one(given_["denominator"]), one(centre), level)
            return float(limits[0][0]), float(limits[1][0])
        case "standardised_ratio_unadjusted":
            limits = shmi_limits(one(given_["expected"]), level)
        case _:
            events = given_["events"] if "events" in given_ else given_["observed"]
            limits = ratio_limits_by_events(one(events), level)
    return float(limits[0][0]) * centre, float(limits[1][0]) * centre
