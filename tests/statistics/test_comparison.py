from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from generator.model.vocabulary import Direction, Judgement
from generator.statistics.comparison import compare, judge
from tests.statistics.results import compute
from tests.statistics.specs import number, read_rules
from tests.statistics.vectors import read_cases

PAIRS = [("P1", 60, 100), ("P2", 30, 80), ("P3", 200, 210), ("P4", 90, 120)]


@pytest.mark.parametrize("rule", read_rules("comparison"), ids=lambda rule: rule["rule"])
def test_rules_of_comparison(rule: dict[str, str]) -> None:
    columns = [_series(number(rule[name])) for name in ("lower", "upper", "benchmark")]

    comparison = compare(*columns)

    assert comparison.tolist() == [rule["comparison"]]
    assert judge(comparison, Direction(rule["direction"])).tolist() == [rule["judgement"]]


def test_swapping_the_direction_swaps_the_judgement() -> None:
    higher, lower = (
        compute(_observations(), {"direction": direction}).results
        for direction in ("higher_is_better", "lower_is_better")
    )

    swapped = {Judgement.BETTER: Judgement.WORSE, Judgement.WORSE: Judgement.BETTER}
    assert higher["comparison"].tolist() == lower["comparison"].tolist()
    assert [swapped.get(word, word) for word in higher["judgement"]] == lower["judgement"].tolist()
    assert {"better", "worse", "similar"} <= set(higher["judgement"])


def test_each_shown_result_stands_against_every_benchmark_it_has() -> None:
    tables = compute(_observations(), {"target": 65, "benchmark": "none"})

    kinds = tables.comparisons.groupby("organisation_code", observed=True)["benchmark_kind"].agg(list)

    assert {code: " ".join(words) for code, words in kinds.items()} == {
        **dict.fromkeys(("P1", "P2", "P3", "P4"), "country parent target"),
        **dict.fromkeys(("A1", "A2"), "country target"),
        "C1": "target",
    }


def test_a_hidden_result_is_compared_with_nothing() -> None:
    tables = compute([*_observations()[1:], {"numerator": 3, "denominator": 90}], {"disclosure": "people"})

    assert "P1" not in set(tables.comparisons["organisation_code"])
    hidden = tables.results[tables.results["organisation_code"] == "P1"].iloc[0]
    assert (hidden["comparison"], hidden["judgement"]) == ("not_compared", "not_compared")


@pytest.mark.shared
def test_comparison_reproduces_the_reference_cases() -> None:
    cases, _ = read_cases("benchmark_and_trend", "bench")
    directions = {"high_is_good": Direction.HIGHER_IS_BETTER, "low_is_good": Direction.LOWER_IS_BETTER}
    for case in cases:
        columns = [_series(case["in"][name]) for name in ("lower", "upper", "benchmark")]
        comparison = compare(*columns)
        direction = directions.get(case["in"]["polarity"])
        words = comparison if direction is None else judge(comparison, direction)
        assert words.tolist() == [case["expect"]["outcome"]], case["id"]


def _observations() -> list[dict[str, object]]:
    return [
        {"organisation_code": code, "numerator": count, "denominator": size} for code, count, size in PAIRS
    ]


def _series(figure: float | None) -> pd.Series:
    return pd.Series([np.nan if figure is None else float(figure)])
