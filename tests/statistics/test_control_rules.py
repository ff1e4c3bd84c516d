from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.methods import TwoOfThree
from generator.statistics.control_charts import MINIMUM_POINTS, measure_limits
from generator.statistics.control_rules import (
    Limits,
    Signal,
    Signs,
    ends_run,
    find_runs,
    find_signals,
    find_trends,
    find_two_of_three,
    mark_members,
    name_assurance,
    name_variation,
    sign_against,
)
from generator.statistics.keys import Numbers
from tests.statistics.slow_control_charts import SERIES, Point, slow_limits, slow_signals
from tests.statistics.specs import read_rules
from tests.statistics.vectors import read_cases

RULES = {
    0: "none",
    Signal.OUTSIDE_LIMITS: "above_limit",
    -Signal.OUTSIDE_LIMITS: "below_limit",
    Signal.TREND: "trend_up",
    -Signal.TREND: "trend_down",
    Signal.TWO_OF_THREE: "two_of_three_high",
    -Signal.TWO_OF_THREE: "two_of_three_low",
    Signal.RUN: "run_above",
    -Signal.RUN: "run_below",
}
BETTER = {"increase": 1, "decrease": -1, "neutral": 0}
ASSURANCE = {
    "consistently_passing": "consistent_pass",
    "consistently_failing": "consistent_fail",
    "hit_and_miss": "inconsistent",
    "": None,
}


@pytest.mark.parametrize("setting", TwoOfThree)
@pytest.mark.parametrize("rule", read_rules("control-charts"), ids=lambda rule: rule["rule"])
def test_rules_of_control_charts(rule: dict[str, str], setting: TwoOfThree) -> None:
    """The mean is 50, the limits are 20 and 80, so that two sigma are at 30 and 70."""
    values = _matrix([None if cell == "?" else float(cell) for cell in rule["points"].split()])
    mean, lower, upper = (np.array([line]) for line in (50.0, 20.0, 80.0))
    limits = Limits(mean, lower, upper, np.array([values.size]))

    signals = find_signals(values, limits, setting)[0]

    marked = rule["marked" if setting is TwoOfThree.MDC_2023 else "marked_before_2023"].replace("?", "·")
    signs = {"·": 0, "▲": 1, "↗": 1, "▼": -1, "↘": -1}
    assert np.sign(signals).tolist() == [signs[mark] for mark in marked.split()]
    assert [mark in "↗↘" for mark in marked.split()] == [abs(signal) == Signal.TREND for signal in signals]


@pytest.mark.shared
def test_reference_cases_of_whole_charts() -> None:
    cases, tolerance = read_cases("spc_xmr")
    assert len(cases) == 25

    for case in cases:
        given_, expected = case["in"], {**case["expect"], **case.get("expect_right", {})}
        values = _segments(given_["values"], given_.get("rebase_at_point"))
        fixed = values[:, : given_.get("fix_after_n")]
        limits = measure_limits(fixed, screen=given_["screen_moving_ranges"])

        for number, segment in enumerate(expected["segments"]):
            near_lower, near_upper = limits.two_sigma
            lines = {"mean": limits.mean, "lower": limits.lower, "upper": limits.upper}
            lines |= {"near_lower": near_lower, "near_upper": near_upper}
            for name in segment.keys() - {"from_point"}:
                assert lines[name][number] == pytest.approx(
                    segment[name], rel=tolerance["rel"], abs=tolerance["abs"]
                ), (case["id"], name)
        if "rule" not in expected:
            continue
        for setting, wanted in (
            (TwoOfThree.BEFORE_2023, expected),
            (TwoOfThree.MDC_2023, {**expected, **case.get("expect_mdc_2023", {})}),
        ):
            got = _describe(values, limits, setting, BETTER[given_["improvement"]], given_["target"])
            assert got == {name: wanted[name] for name in got}, (case["id"], setting)


@pytest.mark.shared
def test_reference_cases_of_single_rules() -> None:
    cases, _ = read_cases("spc_rules")
    assert len(cases) == 18

    for case in cases:
        assert _answer(case["in"]) == case["expect"], case["id"]


def test_the_turning_point_belongs_to_the_trend_that_led_to_it() -> None:
    rise_and_fall = [*range(7), *range(5, -1, -1)]

    trend = find_trends(_matrix(rise_and_fall), np.zeros(1))[0].tolist()
    mirrored = find_trends(-_matrix(rise_and_fall), np.zeros(1))[0].tolist()

    assert trend == [1] * 7 + [-1] * 6
    assert mirrored == [-1] * 7 + [1] * 6


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_floating_noise_is_no_difference(scale: float) -> None:
    """0.1 + 0.2 is not 0.3 in binary arithmetic; a practice that never moved must not light up."""
    values = _matrix([scale * (0.1 + 0.2) if place % 3 else scale * 0.3 for place in range(20)])

    signals = find_signals(values, measure_limits(values))

    assert not signals.any()


def test_a_chart_without_limits_has_no_signals() -> None:
    values = _matrix([1, None, 2, None, 3])

    assert not find_signals(values, measure_limits(values)).any()


@pytest.mark.parametrize(
    ("better", "rise", "fall"),
    [
        (1, "improvement_high", "concern_low"),
        (-1, "concern_high", "improvement_low"),
        (0, "neutral_high", "neutral_low"),
    ],
)
def test_direction_decides_what_a_signal_means(better: int, rise: str, fall: str) -> None:
    assert [_icon(signal, better) for signal in (Signal.RUN, -Signal.TREND, 0)] == [
        rise,
        fall,
        "common_cause",
    ]


@given(series=st.lists(SERIES, min_size=1, max_size=4), before_2023=st.booleans())
def test_charts_agree_with_those_worked_out_point_by_point(
    series: list[list[Point]], before_2023: bool
) -> None:
    setting = TwoOfThree.BEFORE_2023 if before_2023 else TwoOfThree.MDC_2023
    longest = max(map(len, series))
    values = np.vstack([_matrix([*points, *[None] * (longest - len(points))]) for points in series])

    limits = measure_limits(values)
    signals = find_signals(values, limits, setting)

    for number, points in enumerate(series):
        lines = slow_limits(points)
        rules = [RULES[signal] for signal in signals[number, : len(points)].tolist()]
        if lines is None:
            assert np.isnan(limits.lower[number])
            assert set(rules) == {"none"}
        else:
            assert [limits.mean[number], limits.lower[number], limits.upper[number]] == pytest.approx(lines)
            assert rules == slow_signals(points, lines, before_2023=before_2023)


@given(points=SERIES, shift=st.integers(-1000, 1000))
def test_a_constant_added_moves_the_limits_and_leaves_the_signals(points: list[Point], shift: int) -> None:
    values = _matrix(points)
    here, there = measure_limits(values), measure_limits(values + shift)

    for line in ("mean", "lower", "upper"):
        np.testing.assert_allclose(getattr(there, line), getattr(here, line) + shift, atol=1e-9)
    assert find_signals(values, here).tolist() == find_signals(values + shift, there).tolist()


@given(series=st.lists(st.lists(st.integers(0, 12), min_size=9, max_size=9), min_size=2), data=st.data())
def test_the_order_of_series_changes_nothing(series: list[list[int]], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(series))))
    values = np.array(series, dtype=np.float64)

    here, shuffled = (find_signals(charts, measure_limits(charts)) for charts in (values, values[order]))

    assert shuffled.tolist() == here[order].tolist()


@given(points=SERIES)
def test_a_series_turned_over_has_its_signals_turned_over(points: list[Point]) -> None:
    values = _matrix(points)

    upright, turned = (find_signals(side, measure_limits(side)) for side in (values, -values))

    assert upright.tolist() == (-turned).tolist()


@given(signals=st.lists(st.integers(-4, 4), min_size=1))
def test_the_other_direction_swaps_improvement_and_concern(signals: list[int]) -> None:
    swap = {
        "improvement_high": "concern_high",
        "improvement_low": "concern_low",
        "concern_high": "improvement_high",
        "concern_low": "improvement_low",
        "common_cause": "common_cause",
    }

    assert [_icon(signal, -1) for signal in signals] == [swap[_icon(signal, 1)] for signal in signals]


@given(
    target=st.floats(-100, 100),
    mean=st.floats(-100, 100),
    width=st.floats(0, 100),
)
def test_the_other_direction_swaps_passing_and_failing(target: float, mean: float, width: float) -> None:
    swap = {
        "consistently_passing": "consistently_failing",
        "consistently_failing": "consistently_passing",
        "hit_and_miss": "hit_and_miss",
    }

    higher, lower = (_assurance(mean - width, mean + width, target, better) for better in (1, -1))

    assert lower == swap[higher]


def _matrix(points: list[Any]) -> Numbers:
    return np.array([[np.nan if point is None else point for point in points]], dtype=np.float64)


def _segments(points: list[Point], rebase_at: int | None) -> Numbers:
    """Return one row for each segment, with every point in its place."""
    whole = _matrix(points)
    if rebase_at is None:
        return whole
    before = np.arange(whole.size) < rebase_at - 1
    return np.vstack([np.where(before, whole, np.nan), np.where(before, np.nan, whole)])


def _describe(
    values: Numbers, limits: Limits, setting: TwoOfThree, better: int, target: float | None
) -> dict[str, Any]:
    """Return what a chart says in the words of the reference cases; a point stands in one segment only."""
    signals = find_signals(values, limits, setting).sum(axis=0)
    icons = [_icon(signal, better) for signal in signals]
    points = [
        "common" if icon == "common_cause" else icon if better == 0 else icon.partition("_")[0]
        for icon in icons
    ]
    nothing = np.nan if target is None else target
    return {
        "rule": [RULES[signal] for signal in signals.tolist()],
        "point": points,
        "variation_icon": icons[-1],
        "assurance": ASSURANCE[_assurance(limits.lower[-1], limits.upper[-1], nothing, better)],
        "few_points_warning": bool((measure_limits(values).points < MINIMUM_POINTS).any()),
    }


def _icon(signal: int, better: int) -> str:
    yes = np.ones(1, dtype=np.bool_)
    named = name_variation(
        np.array([signal], dtype=np.int8), _signs(better), charted=yes, has_value=yes, has_limits=yes
    )
    return str(named[0])


def _assurance(lower: float, upper: float, target: float, better: int) -> str:
    low, high, wanted = (np.array([number], dtype=np.float64) for number in (lower, upper, target))
    return str(name_assurance(low, high, wanted, _signs(better))[0])


def _signs(*signs: int) -> Signs:
    return np.array(signs, dtype=np.int8)


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a reference case of one rule, in its words."""
    flags = {0: "none", 1: "upper", -1: "lower"}
    match question["rule"]:
        case "seven_on_one_side":
            return {
                "trigger_at": np.abs(ends_run(_signs(*question["side_of_mean"])[np.newaxis], 7))[0].tolist()
            }
        case "seven_point_trend":
            marked = find_trends(_matrix(question["values"]), np.zeros(1))[0]
            return {"trigger_at": (ends_run(marked[np.newaxis], 7)[0]).tolist()}
        case "mark_all_seven":
            return {"member": mark_members(_signs(*question["trigger_at"])[np.newaxis], 7)[0].tolist()}
        case "two_of_three":
            side, beyond = _signs(*question["side_of_mean"]), _signs(*question["beyond_two_sigma"]) != 0
            found = find_two_of_three(side[np.newaxis], beyond[np.newaxis])[0]
            return {"flagged": found.astype(int).tolist()}
        case "outside_limits":
            lower, upper = (np.array([question[name]], dtype=np.float64) for name in ("lower", "upper"))
            signs = sign_against(_matrix(question["values"]), lower, upper, np.zeros(1))
            return {"flag": [flags[sign] for sign in signs[0].tolist()]}
        case "shift":
            centre = np.array([question["centre"]], dtype=np.float64)
            side = sign_against(_matrix(question["values"]), centre, centre, np.zeros(1))
            return {"flag": [flags[sign] for sign in find_runs(side, question["n"])[0].tolist()]}
        case "assurance":
            better = BETTER[question["improvement"]]
            pairs = zip(question["lower"], question["upper"], strict=True)
            named = (_assurance(lower, upper, question["target"], better) for lower, upper in pairs)
            return {"assurance": [ASSURANCE[name] for name in named]}
        case "icon":
            point, better = question["latest_point"], BETTER[question["improvement"]]
            if point in ("improvement", "concern"):
                signal = better if point == "improvement" else -better
            else:
                signal = {"high": 1, "low": -1, "none": 0}[point]
            return {"variation_icon": _icon(signal, better)}
    raise AssertionError(question["rule"])
