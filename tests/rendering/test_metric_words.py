"""Worked examples of the sentences of the metric pages, whole, as a reader meets them."""

from __future__ import annotations

from typing import Any

import pytest

from generator.rendering.inequality import Fifth, Inequality, Slope
from generator.rendering.plates import Plate, PlateName, Scale, Summary
from generator.rendering.records import MetricPeriod
from generator.rendering.templates import Templates
from tests.factories import make_metric
from tests.rendering.editions import TEMPLATES

WORDS = Templates(TEMPLATES)
METRIC = make_metric("m1")


def said(macro: str, *values: Any) -> str:
    return WORDS.words("metrics", macro, *values)


def period(flagged: float, by_chance: float, phi: float, limits_used: str) -> MetricPeriod:
    return MetricPeriod(1, 1, 70, 60, 60, phi, 0.01, limits_used, flagged, by_chance)


def plate(*, is_grouped: bool = False, beyond: int = 0) -> Plate:
    summary = Summary(
        60,
        0,
        beyond_high=beyond,
        low="40%",
        high="90%",
        smallest="50",
        largest="2,000",
        is_grouped=is_grouped,
    )
    return Plate(
        PlateName.FUNNEL, "m1", 320, 240, 40, 8, 200, 176, Scale.SIZES, (50, 2000), (40, 90), "", summary
    )


def inequality(slope: tuple[float, float, float] | None) -> Inequality:
    fifths = tuple(Fifth(METRIC, place, 12, 60.0 + place, 59, 70) for place in range(1, 6))
    return Inequality(fifths, Slope(METRIC, *slope) if slope else None)


@pytest.mark.parametrize(
    ("flagged", "title"),
    [
        (0, "None of 60 GP practices lies outside the funnel"),
        (1, "1 of 60 GP practices lies outside the funnel"),
        (6, "6 of 60 GP practices lie outside the funnel"),
    ],
)
def test_the_title_of_a_funnel_is_its_message(flagged: int, title: str) -> None:
    assert said("funnel_title", period(flagged, 3, 1, "exact"), plate(), "GP practices") == title


def test_flags_are_held_against_chance() -> None:
    assert said("funnel_chance", period(6, 2.95, 1, "exact")) == "Chance alone would put about 3 outside."
    assert said("funnel_chance", period(1, 0.7, 1, "exact")) == "Chance alone would put about 0.7 outside."
    assert said("funnel_chance", period(2, 2.95, 1, "exact")).endswith("So nobody need be unusual here.")
    assert said("funnel_chance", period(6, 2.95, 4, "adjusted")) == (
        "Where places differ in the usual way, about 1 in 10 lie outside limits like these."
    )


def test_phi_is_said_in_plain_words() -> None:
    assert said("funnel_spread", period(6, 3, 14.8371, "adjusted"), "GP practices") == (
        "They differ from each other by more than chance explains: φ is 14.8, and chance alone gives about 1."
        " (φ is made of squared distances. The distances themselves are not 14.8 times as large.) "
        "So the limits were made wider by what chance does not explain. "
        "Only those that are unusual even then lie outside."
    )
    assert said("funnel_spread", period(6, 3, 0.912, "exact"), "GP practices") == (
        "They differ from each other no more than chance explains: φ is 0.9, and chance alone gives about 1. "
        "So the limits allow for chance alone."
    )


def test_the_key_of_a_funnel_says_what_its_marks_are() -> None:
    assert said("funnel_key", plate(), "GP practices").startswith("Dots: one for each of the GP practices.")
    grouped = said("funnel_key", plate(is_grouped=True, beyond=2), "GP practices")
    assert grouped.startswith("Hexagons: GP practices, larger where there are more.")
    assert grouped.endswith("2 so far from all others that they stand on the edge.")


@pytest.mark.parametrize(
    ("slope", "title", "sentence"),
    [
        (
            (7.14, 6.0, 8.28),
            "Higher where there is less deprivation",
            "the gap is about 7.1 percentage points (95% interval: 6.0 to 8.3). "
            "Chance alone hardly explains that.",
        ),
        (
            (-7.14, -8.28, -6.0),
            "Higher where there is more deprivation",
            "the gap is about 7.1 percentage points (95% interval: 6.0 to 8.3). "
            "Chance alone hardly explains that.",
        ),
        (
            (1.0, -0.5, 2.5),
            "No clear difference between more and less deprived places",
            "the gap is about 1.0 percentage points (95% interval: -0.5 to 2.5). That could be chance.",
        ),
    ],
)
def test_the_gap_between_fifths_says_whether_it_could_be_chance(
    slope: tuple[float, float, float], title: str, sentence: str
) -> None:
    fifths = inequality(slope)

    assert said("fifths_title", fifths) == title
    assert said("slope_sentence", fifths).endswith(sentence)


def test_without_a_slope_the_fifths_are_still_told() -> None:
    fifths = inequality(None)

    assert said("fifths_sentence", fifths, "GP practices") == (
        "In the fifth of GP practices with the most deprivation around them, it is 61.0%. "
        "In the fifth with the least, it is 65.0%."
    )
    assert "Too few sent in figures" in said("slope_sentence", fifths)


@pytest.mark.parametrize(
    ("tally", "title"),
    [
        ({"better": 5, "worse": 1}, "Of 60 GP practices, 5 are better and 1 worse than Fernmark"),
        ({"better": 3, "worse": 0}, "Of 60 GP practices, 3 are better and none worse than Fernmark"),
        ({"higher": 1, "lower": 2}, "Of 60 GP practices, 1 is higher and 2 lower than Fernmark"),
        ({"similar": 60}, "All 60 GP practices could be alike: none clearly differs from Fernmark"),
        ({}, "60 GP practices, the highest figure on top"),
    ],
)
def test_the_title_of_a_caterpillar_counts_who_differs(tally: dict[str, int], title: str) -> None:
    counts = dict.fromkeys(("better", "similar", "worse", "higher", "lower"), 0) | tally

    assert said("caterpillar_title", counts, 60, "GP practices", "Fernmark") == title
