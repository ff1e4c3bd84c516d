from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.vocabulary import Kind
from generator.statistics.dispersion import (
    ARCSINE,
    LOGARITHM,
    SQUARE_ROOT,
    Scale,
    log_ratio_variance,
    overdispersion,
    scale_of,
    truncate,
    winsorise,
)
from generator.statistics.funnels import ALARM, ALERT, Judged, adjusted_limits, beyond
from generator.statistics.keys import Numbers
from tests.statistics.funnel_stories import Story, outliers_of, tell
from tests.statistics.specs import SPEC, read_rules
from tests.statistics.vectors import assert_agrees, read_cases

PAGE = SPEC.parents[1] / "docs" / "methods" / "outliers.md"
SCALES = {
    "standardised_ratio_log_truncated": LOGARITHM,
    "standardised_ratio_sqrt_winsorised": SQUARE_ROOT,
    "proportion_arcsine_winsorised": ARCSINE,
}
OPEN, PEOPLE = {"disclosure": "open"}, {"disclosure": "people"}


def test_the_worked_example_of_the_methods_page() -> None:
    rules = read_rules("dispersion")
    numerator, denominator = (
        np.array([float(rule[name]) for rule in rules]) for name in ("numerator", "denominator")
    )
    centre = np.full(len(rules), numerator.sum() / denominator.sum())

    z = ARCSINE.scores(numerator / denominator, denominator, centre)
    winsorised = _winsorise(z)
    phi, tau2 = _overdispersion(winsorised, 4 * denominator)

    page = PAGE.read_text(encoding="utf-8")
    assert f"the centre is 1918 ÷ 3140 = {100 * centre[0]:.2f}%" in page
    assert f"φ = {phi:.3f}" in page
    assert f"τ² = {tau2:.6f}" in page
    spread = np.full(len(rules), tau2)
    alert, alarm = (adjusted_limits(denominator, centre, spread, ARCSINE, level) for level in (ALERT, ALARM))
    judged = Judged(numerator, denominator, centre, spread)
    outliers = outliers_of(judged, Kind.PROPORTION)
    by_chance_alone = outliers_of(replace(judged, tau2=np.full(len(rules), np.nan)), Kind.PROPORTION)
    assert [len(rules) - words.count("none") for words in (by_chance_alone, outliers)] == [6, 2]
    assert "Six of the twelve lie beyond exact limits, two beyond the adjusted ones." in page
    columns = {"z": z, "winsorised_z": winsorised}
    percentages = {
        "lower_99.8": alarm[0],
        "lower_95": alert[0],
        "upper_95": alert[1],
        "upper_99.8": alarm[1],
        "value": numerator / denominator,
    }
    for place, rule in enumerate(rules):
        assert {name: f"{column[place]:.3f}" for name, column in columns.items()}.items() <= rule.items()
        assert {
            name: f"{100 * column[place]:.2f}" for name, column in percentages.items()
        }.items() <= rule.items()
        assert rule["outlier"] == outliers[place]


def test_nine_organisations_are_too_few() -> None:
    assert tell(_practices(9)).measure().empty
    assert tell(_practices(10)).measure()["units"].tolist() == [10]


def test_from_fifty_organisations_on_raw_counts_are_measured_to_four_digits() -> None:
    exact = float(tell(_practices(50), OPEN).measure()["phi"].iloc[0])

    from_raw = tell(_practices(50), PEOPLE)
    from_shown = tell(_practices(49), PEOPLE)

    assert from_raw.measure(_blurred(from_raw))["phi"].tolist() == [float(f"{exact:.4g}")]
    blurred = from_shown.measure(_blurred(from_shown))["phi"].iloc[0]
    assert blurred != pytest.approx(float(from_shown.measure()["phi"].iloc[0]), rel=0.01)
    assert blurred == _phi_of(from_shown, _blurred(from_shown))


def test_hidden_results_count_from_fifty_organisations_on() -> None:
    small, large = (tell(_practices(count), PEOPLE) for count in (20, 50))

    assert small.measure(_hidden(small, "P00", "P01"))["units"].tolist() == [18]
    assert small.measure(_hidden(small, *(f"P{number:02d}" for number in range(11)))).empty
    assert large.measure(_hidden(large, "P00", "P01"))["units"].tolist() == [50]


def test_the_centre_is_the_published_value_of_the_country() -> None:
    """A reader can look it up; a figure that the source supplies for the country wins over the sum."""
    practices = _practices(12)
    supplied = {"organisation_code": "C1", "numerator": 700, "denominator": 1000}
    rows = [
        {"organisation_code": code, "numerator": numerator, "denominator": denominator}
        for code, (numerator, denominator) in practices.items()
    ]

    summed = tell(practices).measure()["centre"].iloc[0]

    assert summed == pytest.approx(sum(x for x, _ in practices.values()) / 1200)
    assert tell([*rows, supplied]).measure()["centre"].tolist() == [0.7]
    assert tell([*rows, {"organisation_code": "C1", "absence": "withdrawn"}]).measure().empty


@pytest.mark.parametrize(("count", "kind"), [(0, "proportion"), (100, "proportion"), (0, "rate")])
def test_there_is_no_funnel_where_nothing_varies(count: float, kind: str) -> None:
    story = tell({f"P{number:02d}": (count, 100) for number in range(20)}, {"kind": kind})

    assert story.measure().empty
    assert set(story.outliers().values()) == {""}


def test_alike_organisations_are_not_over_dispersed() -> None:
    story = tell({f"P{number:02d}": (70 + number % 3, 100) for number in range(20)})

    measured = story.measure().iloc[0]

    assert measured["phi"] < 1
    assert (measured["tau2"], measured["limits_used"]) == (0, "exact")


@pytest.mark.parametrize("kind", ["rate", "ratio"])
def test_organisations_without_events_can_be_measured(kind: str) -> None:
    """On a scale of logarithms they could not."""
    counts = {f"P{number:02d}": (4.0 * (number % 5), 40.0) for number in range(30)}

    measured = tell(counts, {"kind": kind, "multiplier": 1}).measure().iloc[0]

    assert measured["units"] == 30
    assert measured["centre"] == pytest.approx(0.2)
    assert 1 < measured["phi"] < 20


def test_each_period_and_group_of_patients_has_its_own_funnel() -> None:
    rows = [
        {
            "organisation_code": f"P{number:02d}",
            "period": period,
            "breakdown_id": breakdown,
            "numerator": 50 + number * (breakdown == "women"),
            "denominator": 100,
        }
        for number in range(12)
        for period in ("2025-q3", "2025-q4")
        for breakdown in ("all", "women")
        if (period, breakdown) != ("2025-q3", "women") or number < 9
    ]

    measured = tell(rows, breakdowns=[{"breakdown_id": "women", "dimension": "sex"}]).measure()

    assert measured["centre"].tolist() == pytest.approx([0.5, 0.5, 0.555])
    assert measured["period"].nunique() == 2
    assert measured["phi"].iloc[2] > 0


def test_kinds_without_counts_and_metrics_of_areas_have_no_funnel() -> None:
    counts = {f"P{number:02d}": (50.0 + number, 100.0) for number in range(12)}

    for metric in ({"kind": "standardised"}, {"kind": "mean"}, {"applies_to": "area"}):
        assert tell(counts, metric).measure().empty


scales = st.sampled_from([ARCSINE, SQUARE_ROOT])
units = st.lists(st.tuples(st.integers(0, 60), st.integers(60, 900)), min_size=10, max_size=30)


@given(scale=scales, counts=units, times=st.integers(2, 9))
def test_ten_times_the_patients_are_ten_times_as_over_dispersed(
    scale: Scale, counts: list[tuple[int, int]], times: int
) -> None:
    """The same shares of more patients can less and less be put down to chance."""
    numerator, denominator = (np.array(column, float) for column in zip(*counts, strict=True))

    once, _ = _measure(scale, numerator, denominator)
    often, _ = _measure(scale, times * numerator, times * denominator)

    assert often == pytest.approx(times * once, rel=1e-9)


@given(counts=units)
def test_failures_are_as_over_dispersed_as_successes(counts: list[tuple[int, int]]) -> None:
    numerator, denominator = (np.array(column, float) for column in zip(*counts, strict=True))

    successes = _measure(ARCSINE, numerator, denominator, centre=0.3)
    failures = _measure(ARCSINE, denominator - numerator, denominator, centre=0.7)

    assert failures == pytest.approx(successes, rel=1e-6, abs=1e-12)


@given(scale=scales, counts=units, seed=st.randoms(use_true_random=False))
def test_the_order_of_organisations_is_irrelevant(
    scale: Scale, counts: list[tuple[int, int]], seed: Any
) -> None:
    shuffled = counts.copy()
    seed.shuffle(shuffled)

    first, second = (np.array(order, float).T for order in (counts, shuffled))

    assert _measure(scale, *first) == pytest.approx(_measure(scale, *second), rel=1e-12)


@given(z=st.lists(st.lists(st.floats(-9, 9), min_size=1, max_size=12), min_size=1, max_size=5))
def test_winsorising_many_groups_is_clipping_each_at_its_percentiles(z: list[list[float]]) -> None:
    cell = np.repeat(np.arange(len(z)), [len(one) for one in z])

    winsorised = winsorise(np.concatenate(z), cell, len(z))

    expected = [np.clip(one, *np.percentile(one, [10, 90])) for one in z]
    assert winsorised.tolist() == pytest.approx(np.concatenate(expected).tolist(), abs=1e-12)


@pytest.mark.parametrize("scale", [ARCSINE, SQUARE_ROOT, LOGARITHM])
def test_the_value_at_a_distance_is_the_inverse_of_the_distance(scale: Scale) -> None:
    value, centre = np.array([0.01, 0.2, 0.7, 0.99]), np.full(4, 0.4)

    assert scale.value(scale.distance(value, centre), centre) == pytest.approx(value)


def test_a_lower_limit_below_nought_is_nought() -> None:
    """Squaring a negative root would turn it into a limit above 0."""
    lower, _ = adjusted_limits(np.array([1.0]), np.array([1.0]), np.array([4.0]), SQUARE_ROOT, ALERT)

    assert lower.tolist() == [0]


@pytest.mark.shared
def test_dispersion_reproduces_the_reference_cases() -> None:
    cases, tolerance = read_cases("overdispersion", "od-test6", "od-dev10", "od-own")
    assert len(cases) == 4
    for case in cases:
        scale, expect = SCALES[case["in"]["model"]], case["expect"]
        numerator, denominator = (np.array(case["in"][name], float) for name in ("numerator", "denominator"))
        centre = np.ones(len(numerator))
        if scale is ARCSINE:
            centre *= numerator.sum() / denominator.sum()

        z = scale.scores(numerator / denominator, denominator, centre)
        share = case["in"]["trim_by"]
        trimmed = truncate(z, share=share) if scale is LOGARITHM else _winsorise(z, share=share)
        phi, tau2 = _overdispersion(trimmed, 1 / scale.variance(denominator, centre))

        assert_agrees(case, {"phi": phi, "tau2": tau2}, tolerance)
        _assert_lists_agree(case, {"z": z, "z_trimmed": trimmed}, tolerance)
        assert (phi > 1) == expect["limits_inflated"]
        alert, alarm = (
            adjusted_limits(denominator, centre, np.full(len(z), tau2), scale, level)
            for level in (ALERT, ALARM)
        )
        if "lower95" in expect:
            got = dict(zip(("lower95", "upper95", "lower998", "upper998"), (*alert, *alarm), strict=True))
            _assert_lists_agree(case, got, tolerance)
        if "outlier_at_99" in expect:
            assert np.abs(beyond(numerator / denominator, *alarm)).tolist() == expect["outlier_at_99"]


@pytest.mark.shared
def test_the_error_of_a_ratio_of_counts_reproduces_the_reference_case() -> None:
    (case,), tolerance = read_cases("overdispersion", "od-ratio-of-counts")
    denominator = np.array(case["in"]["denominator"], float)

    error = np.sqrt(log_ratio_variance(denominator, np.full(3, case["in"]["centre"])))

    _assert_lists_agree(case, {"se": error}, tolerance)


@pytest.mark.shared
def test_flags_reproduce_the_reference_cases() -> None:
    cases, _ = read_cases("overdispersion", "od-outlier-flags")
    assert len(cases) == 2
    for case in cases:
        value = np.array(case["in"]["value"])
        lower, upper = (np.full(len(value), case["in"][name]) for name in ("lower", "upper"))
        assert np.abs(beyond(value, lower, upper)).tolist() == case["expect"]["outlier"], case["id"]


def _practices(count: int) -> dict[str, tuple[float, float]]:
    """Return practices of 100 patients whose shares differ by more than chance."""
    return {f"P{number:02d}": (40.0 + 7 * number % 43, 100.0) for number in range(count)}


def _blurred(story: Story) -> Any:
    """Return the rows as shown after a coarse rounding of the practices' counts."""
    practices = ~story.rows_of("A1", "C1")
    numerator = story.raw["numerator"]
    return story.raw.assign(numerator=numerator.where(~practices, (numerator / 20).round() * 20))


def _hidden(story: Story, *codes: str) -> Any:
    hidden = story.rows_of(*codes)
    absence = story.raw["absence"].mask(hidden, "suppressed")
    return story.raw.assign(numerator=story.raw["numerator"].mask(hidden), absence=absence)


def _phi_of(story: Story, shown: Any) -> Any:
    practices = shown[~story.rows_of("A1", "C1")]
    country = story.raw[story.rows_of("C1")].iloc[0]
    numerator, denominator = (practices[name].to_numpy() for name in ("numerator", "denominator"))
    phi, _ = _measure(
        scale_of(Kind.PROPORTION),
        numerator,
        denominator,
        centre=country["numerator"] / country["denominator"],
    )
    return pytest.approx(phi, rel=1e-12)


def _measure(
    scale: Scale, numerator: Numbers, denominator: Numbers, centre: float | None = None
) -> tuple[float, float]:
    if centre is None:
        centre = max(float(numerator.sum() / denominator.sum()), 0.01)
    centres = np.full(len(numerator), centre)
    z = _winsorise(scale.scores(numerator / denominator, denominator, centres))
    return _overdispersion(z, 1 / scale.variance(denominator, centres))


def _winsorise(z: Numbers, *, share: float = 0.1) -> Numbers:
    return winsorise(z, np.zeros(len(z), dtype=np.int64), 1, share=share)


def _overdispersion(z: Numbers, weight: Numbers) -> tuple[float, float]:
    phi, tau2 = overdispersion(z, weight, np.zeros(len(z), dtype=np.int64), 1)
    return float(phi[0]), float(tau2[0])


def _assert_lists_agree(case: dict[str, Any], got: dict[str, Numbers], tolerance: dict[str, float]) -> None:
    for name, numbers in got.items():
        for place, number in enumerate(numbers):
            one = {**case, "expect": {name: case["expect"][name][place]}}
            assert_agrees(one, {name: number}, tolerance)
