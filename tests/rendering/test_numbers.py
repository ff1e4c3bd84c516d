"""How numbers are printed: halves, zeros, thresholds, units, proportions in words."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.vocabulary import Kind
from generator.rendering.numbers import (
    count_text,
    date_text,
    figure_text,
    in_every,
    raw_text,
    round_half_up,
    value_text,
)
from tests.factories import make_metric


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (12.5, 0, "13"),
        (13.5, 0, "14"),
        (-12.5, 0, "-13"),
        (2.675, 2, "2.68"),
        (-0.04, 1, "0.0"),
        (0.0, 0, "0"),
        (1234567.89, 1, "1,234,567.9"),
        (1e-12, 1, "0.0"),
        (99.95, 1, "100.0"),
    ],
)
def test_halves_go_away_from_zero_and_zero_has_no_sign(value: float, decimals: int, text: str) -> None:
    assert round_half_up(value, decimals) == text


@given(st.floats(-1e9, 1e9, allow_nan=False), st.integers(0, 4))
def test_a_printed_number_lies_within_half_a_step(value: float, decimals: int) -> None:
    printed = float(round_half_up(value, decimals).replace(",", ""))

    assert abs(printed - value) <= 0.5 * 10**-decimals + abs(value) * 1e-12


def test_a_value_just_below_a_threshold_is_not_printed_as_the_threshold() -> None:
    """A practice at 79.96% that is not in the band 'good' must not read 80.0%."""
    metric = make_metric("m1", threshold_good=80.0, decimals=1)

    assert figure_text(79.96, metric) == "79.96"
    assert figure_text(80.0, metric) == "80.0"
    assert figure_text(80.2, metric) == "80.2"


def test_units_follow_the_figure() -> None:
    assert value_text(13.94, make_metric("m1", unit="%", decimals=1)) == "13.9%"
    assert value_text(4.25, make_metric("m1", unit="days", decimals=1)) == "4.3 days"


def test_a_status_is_printed_as_its_level() -> None:
    metric = make_metric("m1", kind=Kind.STATUS, levels="meets|partly meets|does not meet")

    assert value_text(2.0, metric) == "partly meets"


@pytest.mark.parametrize(
    ("value", "words"),
    [(73.6, ("74", "100")), (0.4, ("4", "1,000")), (1.4, ("14", "1,000")), (1.6, ("2", "100"))],
)
def test_small_proportions_are_said_out_of_a_thousand(value: float, words: tuple[str, str]) -> None:
    assert in_every(value, make_metric("m1", multiplier=100.0)) == words


def test_counts_have_no_decimals_but_expected_counts_have_one() -> None:
    assert count_text(1250.0) == "1,250"
    assert count_text(380.25) == "380.3"


def test_raw_text_reads_back_as_the_same_number() -> None:
    assert raw_text(0.1 + 0.2) == "0.30000000000000004"
    assert raw_text(130.0) == "130"
    assert raw_text(math.nan) == ""


def test_dates_are_said_in_full() -> None:
    assert date_text(date(2026, 5, 14)) == "14 May 2026"
