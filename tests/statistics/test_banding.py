from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from generator.model.metric import Metric
from generator.statistics.banding import add_bands, stability_between
from tests.factories import make_metric
from tests.statistics.results import compute, result
from tests.statistics.specs import number, read_rules
from tests.statistics.vectors import assert_agrees, read_cases


@pytest.mark.parametrize("rule", read_rules("bands"), ids=lambda rule: rule["rule"])
def test_rules_of_bands(rule: dict[str, str]) -> None:
    levels = {
        name: number(rule[name]) for name in ("threshold_good", "threshold_acceptable", "minimum_denominator")
    }
    counts = {name: number(rule[name]) for name in ("numerator", "denominator")}

    row = result(compute([counts], {**levels, "direction": rule["direction"]}))

    assert row["band"] == rule["band"]
    assert np.isnan(row["band_stability"]) == (rule["band"] == "not_banded")


@pytest.mark.parametrize("decimals", [0, 1, 2, 3])
@pytest.mark.parametrize("direction", ["higher_is_better", "lower_is_better"])
def test_a_value_on_its_threshold_is_on_the_good_side(decimals: int, direction: str) -> None:
    """0.07 times 100 is not 7 in binary arithmetic; the practice must not pay for that."""
    random = np.random.default_rng(decimals)
    whole = random.integers(1, 10_000, size=5_000).astype(float)
    denominator = random.integers(1, 60_000_000, size=5_000).astype(float)
    thresholds = pd.DataFrame({"threshold_good": whole / 10**decimals, "threshold_acceptable": np.nan})
    better = 1 if direction == "higher_is_better" else -1

    bands = [
        add_bands(_rows(whole * denominator + off, denominator), thresholds, _rate(decimals, direction))[
            "band"
        ]
        for off in (0, better, -better)
    ]

    assert [set(band) for band in bands] == [{"good"}, {"good"}, {"below_standard"}]


def test_the_nearest_threshold_of_the_time_holds() -> None:
    """Own before area before country before the metric's, each for its own time."""
    observations = [
        {"organisation_code": code, "period": period, "numerator": 70, "denominator": 100}
        for code in ("P1", "P2", "P3")
        for period in ("2025-q1", "2025-q4")
    ]
    targets = [
        {"metric_id": "m1", "organisation_code": "P1", "threshold_good": 60, "set_by": "the practice"},
        {
            "metric_id": "m1",
            "organisation_code": "A1",
            "threshold_good": 80,
            "from": "2025-04-01",
            "set_by": "A1",
        },
        {"metric_id": "m1", "threshold_acceptable": 65, "threshold_good": 90, "set_by": "the country"},
        {"metric_id": "m1", "organisation_code": "P2", "target": 50, "set_by": "the practice"},
    ]

    tables = compute(observations, {"threshold_good": 10}, targets=targets)

    bands = {
        (row["organisation_code"], row["period"]): row["band"]
        for row in tables.results.to_dict("records")
        if row["organisation_code"].startswith("P")
    }
    assert bands == {
        ("P1", "2025-q1"): "good",
        ("P1", "2025-q4"): "good",
        ("P2", "2025-q1"): "acceptable",
        ("P2", "2025-q4"): "below_standard",
        ("P3", "2025-q1"): "acceptable",
        ("P3", "2025-q4"): "acceptable",
    }


def test_the_bands_of_one_result_are_together_certain() -> None:
    rows = result(compute([{"numerator": 412, "denominator": 530}])).to_frame().T.infer_objects()
    ends = [-np.inf, 70.0, 75.0, np.inf]

    parts = [
        stability_between(rows, np.array([low]), np.array([high]), make_metric())[0]
        for low, high in pairwise(ends)
    ]

    assert sum(parts) == pytest.approx(1)


@pytest.mark.shared
def test_stability_reproduces_the_reference_cases() -> None:
    cases, tolerance = read_cases("change_and_stability", "band-stability")
    for case in cases:
        given_ = case["in"]
        metric = make_metric(kind=given_["kind"], multiplier=given_["multiplier"])
        counts = {name: float(given_[name]) for name in ("numerator", "denominator")}
        value = counts["numerator"] * metric.multiplier / counts["denominator"]
        nothing = dict.fromkeys(("base", "effective_base", "lower", "upper"), np.nan)
        row = pd.DataFrame([{**counts, **nothing, "value": value}])
        lower, upper = (
            np.array([far if given_[name] is None else given_[name]])
            for name, far in (("band_lower", -np.inf), ("band_upper", np.inf))
        )
        assert_agrees(case, {"band_stability": stability_between(row, lower, upper, metric)[0]}, tolerance)


def _rows(numerator: np.ndarray, denominator: np.ndarray) -> pd.DataFrame:
    counts = {"numerator": numerator, "denominator": denominator}
    return pd.DataFrame({**counts, "value": 1.0, "base": np.nan, "lower": np.nan, "upper": np.nan})


def _rate(decimals: int, direction: str) -> Metric:
    return make_metric(kind="rate", multiplier=10.0**-decimals, direction=direction)
