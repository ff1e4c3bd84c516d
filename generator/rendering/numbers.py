"""How numbers are printed: the only place where a published figure is rounded."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from generator.model.metric import Metric
from generator.model.vocabulary import Kind

_POWERS = (1.0, 10.0, 100.0, 1e3, 1e4, 1e5)
_NEAR_A_HALF = 1e-4
_MOST_OUT_OF = 100_000
"""Shares are said out of this many at most."""
_MOST_MORE = 3
"""What takes more decimals than these to tell apart is printed alike."""
_EXACT = 1e9
"""Below this, a float is known to far more than the last printed digit."""


def round_half_up(value: float, decimals: int) -> str:
    """Return the value with that many decimals and thousands separators; halves go away from zero, no -0.

    The shortest decimal that names the float is what is rounded: 2.675 gives 2.68, as a reader expects.
    """
    scaled = abs(value) * _POWERS[decimals]
    if abs(scaled % 1 - 0.5) > _NEAR_A_HALF and scaled < _EXACT:
        # Far from a half Python's own rounding agrees, at a tenth of the cost; a page has a thousand numbers.
        text = f"{value:,.{decimals}f}"
        return text[1:] if text[0] == "-" and scaled < 0.5 else text
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{rounded:,}"


def figure_text(value: float, metric: Metric, more: int = 0) -> str:
    """Return the value without its unit, with one more decimal where it would else read as a threshold.

    `more` is how many decimals more than the metric's there are in any case.
    """
    if metric.kind is Kind.STATUS:
        return status_text(value, metric)
    decimals = metric.decimals + more
    text = round_half_up(value, decimals)
    for threshold in (metric.threshold_good, metric.threshold_acceptable, metric.target):
        if threshold is not None and value != threshold and text == round_half_up(threshold, decimals):
            return round_half_up(value, decimals + 1)
    return text


def value_text(value: float, metric: Metric, more: int = 0) -> str:
    """Return the value with its unit: 13.9%, 4.2 days, 12 per 1,000 patients. `more` as in figure_text."""
    if metric.kind is Kind.STATUS:
        return status_text(value, metric)
    return with_unit(figure_text(value, metric, more), metric)


def decimals_to_tell_apart(one: float, other: float, metric: Metric) -> int:
    """Return with how many decimals more than the metric's two different values are printed differently."""
    more = 0
    while more < _MOST_MORE and round_half_up(one, metric.decimals + more) == round_half_up(
        other, metric.decimals + more
    ):
        more += 1
    return more


def with_unit(figure: str, metric: Metric) -> str:
    """Return a figure's text followed by the metric's unit."""
    if not metric.unit:
        return figure
    return f"{figure}{metric.unit}" if metric.unit.startswith("%") else f"{figure} {metric.unit}"


def status_text(value: float, metric: Metric) -> str:
    """Return the name of the level: a status is the position of its level, best first, from 1."""
    return metric.levels[int(value) - 1]


def count_text(value: float) -> str:
    """Return a count; expected counts, which are fractions, with one decimal."""
    return round_half_up(value, 0 if float(value).is_integer() else 1)


def in_every(value: float, metric: Metric) -> tuple[str, str]:
    """Return a proportion as two words for 'about A in every B': a count, and 100, 1,000 or more.

    Small shares are said out of more, so that nobody reads 0 in every 100 where there are some, or 100 in
    every 100 where there are exceptions.
    """
    share = value / metric.multiplier
    out_of = 100
    if 0 < share < 1:
        while out_of < _MOST_OUT_OF and (share * out_of < 1.5 or (1 - share) * out_of < 0.5):
            out_of *= 10
    return round_half_up(share * out_of, 0), f"{out_of:,}"


def raw_text(value: float) -> str:
    """Return the number in full, for machines: the shortest text that reads back as the same number."""
    if math.isnan(value):
        return ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
