from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from generator.model.metric import Metric
from generator.model.vocabulary import ChangeCause
from generator.statistics.absence import FIGURES
from generator.statistics.banding import add_bands
from generator.statistics.causes import THRESHOLDS, add_change_cause
from generator.statistics.comparison import add_comparisons
from generator.statistics.intervals import add_intervals
from generator.statistics.numbering import Numbering, rows_of_results
from generator.statistics.periods import EarlierPeriods
from generator.statistics.values import add_values
from tests.factories import make_metric, make_release
from tests.statistics.results import compute
from tests.statistics.specs import number, read_rules

VERSIONS = [make_metric(version="1"), make_metric(version="2")]
NO_PERIODS = EarlierPeriods(np.array([-1, -1]), np.array([-1, -1]))
ONE_AFTER_THE_OTHER = EarlierPeriods(np.array([-1, 0]), np.array([-1, -1]))


@pytest.mark.parametrize(
    "rule", read_rules("causes"), ids=lambda rule: f"{rule['held_against']}: {rule['rule']}"
)
def test_rules_of_causes(rule: dict[str, str]) -> None:
    then, now = (
        made(rule[when], good=number(rule[f"good_from_{when}"]), benchmark=number(rule[f"benchmark_{when}"]))
        for when in ("then", "now")
    )
    version_then, version_now = (int(rule[f"version_{when}"]) - 1 for when in ("then", "now"))

    if rule["held_against"] == "previous release":
        found = add_change_cause(
            now, VERSIONS, np.array([version_now]), NO_PERIODS, then.assign(version=version_then)
        )
    else:
        rows = pd.concat([then, now.assign(period=1)], ignore_index=True)
        found = add_change_cause(
            rows, VERSIONS, np.array([version_then, version_now]), ONE_AFTER_THE_OTHER, None
        )
        assert found["change_cause"].iloc[0] == ""

    assert found["change_cause"].iloc[-1] == rule["cause"]
    assert moved(then, now, "band") == rule["band"]
    assert moved(then, now, "judgement") == rule["judgement"]


def test_what_the_previous_release_had_is_held_against_it_and_the_rest_against_the_period_before() -> None:
    """A revised old period and a new one stand side by side in one release."""
    then = made("70 of 100")
    rows = pd.concat([made("85 of 100"), made("70 of 100", period=1)], ignore_index=True)
    versions = np.array([0, 0])

    with_earlier = add_change_cause(rows, VERSIONS, versions, ONE_AFTER_THE_OTHER, then.assign(version=0))
    without = add_change_cause(rows, VERSIONS, versions, ONE_AFTER_THE_OTHER, None)
    unrevised = add_change_cause(rows, VERSIONS, versions, ONE_AFTER_THE_OTHER, rows.assign(version=0))

    assert with_earlier["change_cause"].tolist() == ["revised_value", "new_period"]
    assert without["change_cause"].tolist() == ["", "new_period"]
    assert unrevised["change_cause"].tolist() == ["", ""]


def test_a_direction_that_was_turned_is_another_definition() -> None:
    """A publisher should give it another version; the figures alone would suggest something else."""
    lower_is_better = make_metric(version="1", direction="lower_is_better")
    then = made("85 of 100", benchmark=50, metric=VERSIONS[0])
    now = made("85 of 100", benchmark=50, metric=lower_is_better)

    found = add_change_cause(now, [lower_is_better], np.array([0]), NO_PERIODS, then.assign(version=0))

    assert found["change_cause"].tolist() == ["definition"]


def test_a_smallest_denominator_that_was_changed_counts_as_a_threshold() -> None:
    small, large = (make_metric(version="1", minimum_denominator=minimum) for minimum in (50, 200))
    then, now = made("85 of 100", metric=large), made("85 of 100", metric=small)

    found = add_change_cause(now, [small], np.array([0]), NO_PERIODS, then.assign(version=0))

    assert found["change_cause"].tolist() == ["threshold"]


def test_a_neutral_metric_moves_nothing() -> None:
    neutral = make_metric(version="1", direction="neutral")
    then, now = made("85 of 100", benchmark=None, metric=neutral), made("85 of 100", metric=neutral)

    found = add_change_cause(now, [neutral], np.array([0]), NO_PERIODS, then.assign(version=0))

    assert then["judgement"].tolist() != now["judgement"].tolist()
    assert found["change_cause"].tolist() == [""]


def test_rows_of_the_previous_release_take_the_numbers_of_this_one() -> None:
    """Codes, breakdowns, periods and versions that are gone have no number, and their rows go."""
    before = compute(
        [
            {"organisation_code": code, "period": period, "numerator": 60, "denominator": 100}
            for code, period in product(("P1", "P4"), ("2024-q1", "2025-q3", "2025-q4"))
        ],
        {"version": "old"},
    )
    kept = [{"organisation_code": "P1", "name": "Alder Surgery", "kind": "practice"}]
    periods = [
        {"period": "2025-q3", "start": "2025-07-01", "end": "2025-09-30", "frequency": "quarter"},
        {"period": "2025-q4", "start": "2025-10-01", "end": "2025-12-31", "frequency": "quarter"},
    ]
    numbering = Numbering.of(make_release([], organisations=kept, periods=periods))

    rows = rows_of_results(before.results, "m1", numbering)
    unknown = rows_of_results(before.results.iloc[:0], "m1", numbering)

    assert rows[["organisation", "breakdown", "period"]].to_numpy().tolist() == [[0, 0, 0], [0, 0, 1]]
    assert rows["version"].tolist() == [-1, -1]
    assert rows["value"].tolist() == [60, 60]
    assert unknown.empty


@pytest.mark.parametrize("seed", range(20))
def test_every_move_has_a_cause_and_the_cause_agrees_with_a_plain_reading(seed: int) -> None:
    """Random pairs of releases against the questions asked one row at a time."""
    random = np.random.default_rng(seed)
    then, now = (random_rows(random) for _ in range(2))
    versions = random.integers(0, 2, size=2)

    found = add_change_cause(
        now, VERSIONS, np.array([versions[0]]), NO_PERIODS, then.assign(version=versions[1])
    )

    expected = [
        plain_cause(old, new, same_version=versions[0] == versions[1])
        for old, new in zip(then.to_dict("records"), now.to_dict("records"), strict=True)
    ]
    assert found["change_cause"].tolist() == expected
    assert set(expected) >= (
        {"definition", ""} if versions[0] != versions[1] else {"threshold", "benchmark", ""}
    )


def made(
    counts: str,
    *,
    good: float | None = 80.0,
    benchmark: float | None = 77.0,
    period: int = 0,
    metric: Metric = VERSIONS[0],
) -> pd.DataFrame:
    """Return one finished row by number, of counts like `70 of 100`."""
    numerator, _, denominator = counts.partition(" of ")
    hidden = counts == "hidden"
    return finished(
        {
            "organisation": [0],
            "breakdown": [0],
            "period": [period],
            "numerator": [np.nan if hidden else float(numerator)],
            "denominator": [np.nan if hidden else float(denominator)],
            "threshold_good": [np.nan if good is None else good],
            "benchmark": [np.nan if benchmark is None else benchmark],
        },
        metric,
    )


def finished(columns: dict[str, Any], metric: Metric = VERSIONS[0]) -> pd.DataFrame:
    rows = pd.DataFrame(columns)
    blank = [name for name in (*FIGURES, *THRESHOLDS, "benchmark") if name not in rows]
    rows = rows.assign(**dict.fromkeys(blank, np.nan))
    rows = add_intervals(add_values(rows, metric), metric)
    return add_bands(add_comparisons(rows, metric), rows, metric)


def random_rows(random: np.random.Generator, count: int = 60) -> pd.DataFrame:
    denominator = random.choice([50.0, 100.0], size=count)
    return finished(
        {
            "organisation": np.arange(count),
            "breakdown": 0,
            "period": 0,
            "numerator": np.where(
                random.random(count) < 0.1, np.nan, denominator * random.choice([0.5, 0.7, 0.9], size=count)
            ),
            "denominator": denominator,
            "threshold_good": random.choice([np.nan, 60.0, 80.0], size=count),
            "threshold_acceptable": random.choice([np.nan, 40.0, 55.0], size=count),
            "benchmark": random.choice([np.nan, 50.0, 70.0, 90.0], size=count),
        }
    )


def plain_cause(old: dict[Any, Any], new: dict[Any, Any], *, same_version: bool) -> str:
    """Ask the questions of docs/methods/change.md of one row."""
    if np.isnan(old["value"]) or np.isnan(new["value"]):
        return ""
    band_moved = old["band"] != new["band"]
    if not band_moved and old["judgement"] == new["judgement"]:
        return ""
    if not same_version:
        return ChangeCause.DEFINITION
    if band_moved:
        good, acceptable = new["threshold_good"], new["threshold_acceptable"]
        by_threshold = (
            "not_banded"
            if np.isnan(good) and np.isnan(acceptable)
            else "good"
            if old["value"] >= good
            else "acceptable"
            if old["value"] >= acceptable
            else "below_standard"
        )
        return ChangeCause.THRESHOLD if by_threshold == new["band"] else ChangeCause.REVISED_VALUE
    benchmark = new["benchmark"]
    by_benchmark = (
        "not_compared"
        if np.isnan(benchmark)
        else "better"
        if old["lower"] > benchmark
        else "worse"
        if old["upper"] < benchmark
        else "similar"
    )
    return ChangeCause.BENCHMARK if by_benchmark == new["judgement"] else ChangeCause.REVISED_VALUE


def moved(then: pd.DataFrame, now: pd.DataFrame, column: str) -> str:
    before, after = then[column].iloc[0], now[column].iloc[0]
    is_shown = not (np.isnan(then["value"].iloc[0]) or np.isnan(now["value"].iloc[0]))
    return f"{before} to {after}" if is_shown and before != after else ""
