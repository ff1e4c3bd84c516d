"""How numbers are printed: halves, zeros, thresholds, units, proportions in words."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.vocabulary import Kind
from generator.rendering.numbers import (
    count_text,
    figure_text,
    in_every,
    raw_text,
    round_half_up,
    value_text,
)
from tests.factories import make_metric

GOLDEN = """
value                 decimals  printed
0                     0         0
-0.0                  0         0
-0.0                  2         0.00
0.5                   0         1
-0.5                  0         -1
1.5                   0         2
2.5                   0         3
12.5                  0         13
13.5                  0         14
-12.5                 0         -13
-0.4                  0         0
-0.04                 1         0.0
-0.05                 1         -0.1
0.05                  1         0.1
0.15                  1         0.2
0.25                  1         0.3
0.35                  1         0.4
0.45                  1         0.5
1.005                 2         1.01
2.675                 2         2.68
-2.675                2         -2.68
0.285                 2         0.29
1.0005                3         1.001
0.00005               4         0.0001
0.000049              4         0.0000
-0.00004              4         0.0000
4.35                  1         4.4
99.95                 1         100.0
99.949                1         99.9
999.5                 0         1,000
9999.95               1         10,000.0
1234567.89            1         1,234,567.9
-1234567.85           1         -1,234,567.9
0.30000000000000004   1         0.3
2.4999999999999996    0         2
2.5000000000000004    0         3
1e-12                 1         0.0
5e-324                0         0
-5e-324               1         0.0
999999999.5           0         1,000,000,000
1000000000.5          0         1,000,000,001
123456789012345.6     0         123,456,789,012,346
1e22                  0         10,000,000,000,000,000,000,000
"""
"""Halves go away from zero, as people round; the shortest decimal that names the float is what is rounded."""


@pytest.mark.parametrize(("value", "decimals", "text"), [line.split() for line in GOLDEN.split("\n")[2:-1]])
def test_halves_go_away_from_zero_and_zero_has_no_sign(value: str, decimals: str, text: str) -> None:
    assert round_half_up(float(value), int(decimals)) == text


@given(st.integers(-(10**6), 10**6), st.integers(0, 4))
def test_every_tie_goes_away_from_zero(steps: int, decimals: int) -> None:
    """A tie is an odd number of half steps; Python's own rounding sends every other one the wrong way."""
    tie = Decimal(2 * steps + 1).scaleb(-decimals) / 2
    expected = tie.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)

    assert round_half_up(float(tie), decimals) == f"{expected if expected else abs(expected):,}"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15), st.integers(0, 4))
def test_a_number_and_its_opposite_are_printed_alike(value: float, decimals: int) -> None:
    text = round_half_up(abs(value), decimals)

    is_nothing = not text.strip("0.,")
    assert round_half_up(-abs(value), decimals) == (text if is_nothing else f"-{text}")


def test_no_way_of_printing_gives_a_negative_zero() -> None:
    metric = make_metric("m1", unit="%", decimals=1)

    printed = [
        *(round_half_up(-0.0, 1), figure_text(-0.04, metric), value_text(-0.0, metric), count_text(-0.0)),
        *(raw_text(-0.0), *in_every(0.0, metric)),
    ]

    assert printed == ["0.0", "0.0", "0.0%", "0", "0", "0", "100"]


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
